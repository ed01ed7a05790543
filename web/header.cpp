// The bar at the top: name, the training controls, where the training stands, and the page's own buttons; the banner
// below it when edits wait; the cards of problems.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/playground.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

std::string grouped(int64_t value) {  // 12 345 with narrow gaps
  std::string digits = std::to_string(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), " ");
  return digits;
}

/// A little unrolled network: three cells and the arrows between them.
void draw_mark(ImDrawList* draw, ImVec2 centre) {
  const Palette& p = palette();
  for (int i = 0; i < 3; ++i) {
    const ImVec2 at(centre.x + static_cast<float>(i - 1) * 10, centre.y);
    if (i < 2) draw->AddLine(at, ImVec2(at.x + 10, at.y), faded(p.accent_text, 0.55f), 1.5f);
    draw->AddRectFilled(
        ImVec2(at.x - 3.5f, at.y - 3.5f), ImVec2(at.x + 3.5f, at.y + 3.5f),
        i == 2 ? solid(p.accent_text) : solid(mix(p.accent_text, p.page, 0.35f * static_cast<float>(2 - i))),
        2);
  }
}

void header_status(const App& app, ImVec2 at, float width, float height) {
  const Palette& p = palette();
  const Session& session = app.session;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  double epoch = 0, speed = 0;
  for (const auto& lane : session.lanes) {
    epoch = std::max(epoch, lane->epoch);
    speed += lane->chars_per_second;
  }
  char epochs[32];
  std::snprintf(epochs, sizeof epochs, "%.2f", epoch);
  const std::pair<const char*, std::string> facts[] = {
      {"step", grouped(session.step())},
      {"epoch", epochs},
      {"chars/s", ui::count_text(speed)},
      {"seed", std::to_string(session.wanted.train.seed)},
      {"engine", session.lanes.empty() ? "" : session.lanes[0]->isa},
  };
  float x = at.x;
  for (const auto& [label, value] : facts) {
    if (value.empty()) continue;
    const WithFont mono(Face::mono);
    const float value_width =
        std::max(ImGui::CalcTextSize(value.c_str()).x, std::string(label) == "engine" ? 0.0f : 44.0f);
    if (x + value_width > at.x + width) break;
    draw->AddText(ImVec2(x, at.y + height / 2), solid(p.text), value.c_str());
    draw_text(draw, Face::small, ImVec2(x, at.y + height / 2 - 16), solid(p.dim), label);
    x += value_width + space::xl;
  }
}

}  // namespace

void draw_header(App& app, const Layout& layout) {
  using ui::Look;
  const Palette& p = palette();
  Session& session = app.session;
  const bool phone = layout.mode == Mode::phone;
  const float height = layout.header.y, margin = phone ? 8.0f : 16.0f;
  const float button_height = std::max(row_height(), phone ? 40.0f : 32.0f);
  const ImVec2 window = ImGui::GetWindowPos();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  float x = margin;
  const float y = (height - button_height) / 2;

  if (layout.mode == Mode::wide || layout.header.x >= 720) {
    draw_mark(draw, window + ImVec2(x + 14, height / 2 + 1));
    const WithFont title(Face::title);
    const ImVec2 size = ImGui::CalcTextSize("Unroll");
    draw->AddText(window + ImVec2(x + 36, std::round((height - size.y) / 2)), solid(p.text), "Unroll");
    x += 36 + size.x + space::xl;
  }

  const bool running = session.running();
  const bool ready = !session.text_counts().error;
  const ui::ButtonSpec train{.label = running ? "Pause" : "Train",
                             .icon = running ? Icon::pause : Icon::play,
                             .look = Look::primary,
                             .width = 104,
                             .tip = running ? "Pause (Space)" : "Train all lanes (Space)",
                             .enabled = ready || running,
                             .height = button_height};
  ImGui::SetCursorPos({x, y});
  if (ui::button("train", train)) app.act("train");
  x += train.width + space::s;

  struct Tool {
    const char* action;
    const char* label;
    Icon icon;
    const char* tip;
    bool enabled;
  };
  const bool words = layout.header.x >= 1000;
  const Tool tools[] = {
      {"step", "Step", Icon::step, "Train one step, then pause (S)", ready && !running},
      {"reset", "Reset", Icon::reset,
       "Back to step 0 with the same seed: the same weights, the same batches (R)", true},
      {"new-seed", "New seed", Icon::dice, "Back to step 0 with other initial weights (N)", true},
  };
  for (const Tool& tool : tools) {
    ImGui::SetCursorPos({x, y});
    const ui::ButtonSpec spec{.label = words ? tool.label : "",
                              .icon = tool.icon,
                              .look = words ? Look::plain : Look::quiet,
                              .tip = tool.tip,
                              .enabled = tool.enabled,
                              .height = button_height};
    if (ui::button(tool.action, spec)) app.act(tool.action);
    x += ui::button_width(spec) + (phone ? 0 : space::xs);
  }

  const bool copied = platform::seconds() - app.copied_at < 2;
  const Tool page_tools[] = {
      {"theme", "", p.dark ? Icon::sun : Icon::moon, p.dark ? "Light theme (T)" : "Dark theme (T)", true},
      {"share", "", Icon::link, copied ? "Copied" : "Copy a link to this experiment", true},
      {"help", "", Icon::help, "Help and shortcuts (? or F1)", true},
  };
  float right = layout.header.x - margin - static_cast<float>(std::size(page_tools)) * button_height;
  float tool_x = right;
  for (const Tool& tool : page_tools) {
    ImGui::SetCursorPos({tool_x, y});
    tool_x += button_height;
    const ui::ButtonSpec spec{
        .icon = tool.icon, .look = Look::quiet, .tip = tool.tip, .height = button_height};
    if (ui::button(tool.action, spec)) app.act(tool.action);
  }
  if (copied) {
    const WithFont small(Face::small);
    const float text_width = ImGui::CalcTextSize("Link copied").x;
    right -= text_width + space::s;
    draw->AddText(window + ImVec2(right, (height - 15) / 2), solid(p.accent_text), "Link copied");
  }
  x += space::xl;
  if (right - x > 120) header_status(app, window + ImVec2(x, 0), right - x - space::l, height);
}

void draw_banner(App& app, const Layout& layout) {
  const Palette& p = palette();
  Session& session = app.session;
  const float margin = layout.mode == Mode::phone ? 8.0f : layout.mode == Mode::medium ? 12.0f : 16.0f;
  const ImVec2 min = ImGui::GetWindowPos() + ImVec2(margin, layout.banner_y);
  const ImVec2 size(layout.header.x - 2 * margin, row_height() + 8);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(min, min + size, solid(mix(p.card, p.accent, p.dark ? 0.22f : 0.08f)), 8);
  draw->AddRect(min, min + size, faded(p.accent, 0.5f), 8);
  const ui::ButtonSpec restart{
      .label = "Restart", .icon = Icon::reset, .tip = "Begin anew with what is shown"};
  const ui::ButtonSpec undo{.label = "Undo", .tip = "Go back to what the lanes learn"};
  float right = min.x + size.x - 4;
  right -= ui::button_width(restart);
  ImGui::SetCursorScreenPos({right, min.y + 4});
  if (ui::button("restart", restart)) {
    const bool running = session.running();
    session.apply();
    if (running) session.train();
  }
  right -= ui::button_width(undo) + space::xs;
  ImGui::SetCursorScreenPos({right, min.y + 4});
  if (ui::button("undo", undo)) session.undo_changes();
  const char* what = session.text_counts().error
                         ? "This text cannot be learned yet; the lanes still learn the earlier one."
                     : session.text_changed() ? "The text changed; the lanes still learn the earlier one."
                                              : "Settings changed; they take effect with a restart.";
  const char* brief = session.text_changed() ? "The text changed." : "Settings changed.";
  const float space_left = right - min.x - 2 * space::m;
  const char* text = ImGui::CalcTextSize(what).x <= space_left ? what : brief;
  draw->AddText(ImVec2(min.x + space::m, min.y + (size.y - ImGui::GetTextLineHeight()) / 2), solid(p.text),
                text);
}

void draw_problems(App& app, const Layout& layout) {
  auto& problems = app.session.problems;
  if (problems.empty()) return;
  const Palette& p = palette();
  const ImVec2 screen = ImGui::GetMainViewport()->Size;
  const float width = std::min(400.0f, screen.x - 2 * space::l);
  const float bottom = layout.mode == Mode::phone ? layout.tabs_height + space::s : space::l;
  ImGui::SetNextWindowPos({screen.x - space::l, screen.y - bottom}, ImGuiCond_Always, {1, 1});
  ImGui::SetNextWindowSize({width, 0});
  ImGui::PushStyleColor(ImGuiCol_WindowBg, vec4(p.card));
  ImGui::PushStyleColor(ImGuiCol_Border, vec4(mix(p.error, p.card, 0.5f)));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {space::m, space::m});
  ImGui::Begin("problems", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_AlwaysAutoResize);
  ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
  ui::register_widget("problems", ImGui::GetWindowPos(), ImGui::GetWindowPos() + ImGui::GetWindowSize());
  constexpr size_t most = 3;
  size_t dismissed = problems.size();
  const size_t first = problems.size() > most ? problems.size() - most : 0;
  for (size_t i = first; i < problems.size(); ++i) {
    const Problem& problem = problems[i];
    if (i > first) ImGui::Dummy({0, space::xs});
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_icon(ImGui::GetWindowDrawList(), Icon::warning, at + ImVec2(8, 9), solid(p.error));
    const float text_width = ImGui::GetContentRegionAvail().x - 24 - row_height() - space::s;
    ImGui::SetCursorScreenPos(at + ImVec2(24, 0));
    ImGui::BeginGroup();
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + text_width);
    std::string head =
        problem.error.where.empty() ? problem.error.what : problem.error.where + ": " + problem.error.what;
    if (problem.count > 1) head += " (" + std::to_string(problem.count) + " times)";
    ImGui::TextUnformatted(head.c_str());
    ImGui::PopTextWrapPos();
    if (!problem.error.hint.empty()) {
      const WithFont small(Face::small);
      ImGui::PushStyleColor(ImGuiCol_Text, solid(p.dim));
      ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + text_width);
      ImGui::TextUnformatted(problem.error.hint.c_str());
      ImGui::PopTextWrapPos();
      ImGui::PopStyleColor();
    }
    ImGui::EndGroup();
    const ImVec2 after = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({at.x + ImGui::GetContentRegionAvail().x - row_height(), at.y - 4});
    const std::string id = "problem" + std::to_string(i) + ".dismiss";
    const std::string spoken = "Close the message: " + head;
    if (ui::button(id.c_str(), {.icon = Icon::close, .look = ui::Look::quiet, .name = spoken.c_str()}))
      dismissed = i;
    ImGui::SetCursorScreenPos({after.x, std::max(after.y, at.y + row_height())});
    ImGui::Dummy({0, 0});
  }
  if (first > 0) ui::dim(("and " + std::to_string(first) + " earlier").c_str());
  if (dismissed < problems.size()) problems.erase(problems.begin() + static_cast<std::ptrdiff_t>(dismissed));
  ImGui::End();
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor(2);
}

}  // namespace unroll
