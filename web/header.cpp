// The bar at the top: name, the training controls, where the training stands, and the page's own buttons; the card of
// problems.
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
  bool again = !session.trained() && !session.generator();  // the same data come again: there are epochs
  for (const auto& lane : session.lanes) {
    epoch = std::max(epoch, lane->epoch);
    speed += lane->chars_per_second;
    again = again || lane->steps_per_epoch > 0;
  }
  char epochs[32];
  std::snprintf(epochs, sizeof epochs, "%.2f", epoch);
  const std::pair<const char*, std::string> facts[] = {
      {"step", grouped(session.step())},
      {"epoch", again ? epochs : ""},
      {session.reads_text() ? "chars/s" : "inputs/s", ui::count_text(speed)},
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

std::string saving_tip(const App& app) {
  const Keeper& keeper = app.keeper;
  if (keeper.on(app.session.wanted.view) && !keeper.trouble().empty()) return "Save. " + keeper.trouble();
  if (const KeptRecord* mine = keeper.mine(app.session))
    return "Save. Kept " + std::string(platform::keeping_words().where) + ": " + age_text(mine->saved_at) +
           ", " + size_text(mine->bytes);
  return "Save the experiment with its networks, or open one";
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
  const bool done = session.done();
  const bool ready = !session.text_counts().error && !done;
  const std::string why = done ? "Training stops after step " + std::to_string(session.step()) +
                                     " (Training, Stop after). Raise that, or reset"
                          : session.text_counts().error ? "These data cannot be learned yet"
                                                        : "";
  const ui::ButtonSpec train{.label = running ? "Pause" : "Train",
                             .icon = running ? Icon::pause : Icon::play,
                             .look = Look::primary,
                             .width = 104,
                             .tip = running       ? "Pause (Space)"
                                    : why.empty() ? "Train all lanes (Space)"
                                                  : why.c_str(),
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
      {"step", "Step", Icon::step, why.empty() ? "Train one step, then pause (S)" : why.c_str(),
       ready && !running},
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
  const std::string saving = saving_tip(app);
  std::vector<Tool> page_tools = {
      {"undo", "", Icon::undo, "Undo (Ctrl-Z): the last edit, or back to what you left",
       app.edits.can_undo()},
      {"redo", "", Icon::redo, "Redo (Ctrl-Shift-Z)", app.edits.can_redo()},
      {"save", "", Icon::save, saving.c_str(), true},
      {"theme", "", p.dark ? Icon::sun : Icon::moon, p.dark ? "Light theme (T)" : "Dark theme (T)", true},
      {"share", "", Icon::link, copied ? "Copied" : "Copy a link to this experiment", true},
      {"help", "", Icon::help, "Help and shortcuts (? or F1)", true},
  };
  if (platform::shows_lessons())
    page_tools.insert(page_tools.begin(),
                      {"lessons", "", Icon::book, "Lessons: recurrent networks, step by step",
                       app.course.may_choose(session.wanted.view)});
  if (phone)  // the panel of saving has them
    std::erase_if(page_tools, [](const Tool& tool) {
      const std::string_view action = tool.action;
      return action == "undo" || action == "redo" || action == "theme" || action == "lessons";
    });
  float right = layout.header.x - margin - static_cast<float>(page_tools.size()) * button_height;
  float tool_x = right;
  for (const Tool& tool : page_tools) {
    ImGui::SetCursorPos({tool_x, y});
    tool_x += button_height;
    const ui::ButtonSpec spec{.icon = tool.icon,
                              .look = Look::quiet,
                              .tip = tool.tip,
                              .enabled = tool.enabled,
                              .height = button_height};
    if (ui::button(tool.action, spec)) app.act(tool.action);
  }
  if (copied) {
    const WithFont small(Face::small);
    const float text_width = ImGui::CalcTextSize("Link copied").x;
    right -= text_width + space::s;
    draw->AddText(window + ImVec2(right, (height - 15) / 2), solid(p.accent_text), "Link copied");
  }
  x += space::xl;
  if (layout.banner_in_header && has_banner(app)) {
    const float tall = row_height() + 8;
    draw_banner(app, window + ImVec2(x, (height - tall) / 2), {right - x - space::s, tall});
  } else if (right - x > 120) {
    header_status(app, window + ImVec2(x, 0), right - x - space::l, height);
  }
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
  // The newest alone: they must not pile up over what the learner looks at.
  const size_t last = problems.size() - 1;
  const Problem& problem = problems[last];
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_icon(ImGui::GetWindowDrawList(), Icon::warning, at + ImVec2(8, 9), solid(p.error));
  const float text_width = ImGui::GetContentRegionAvail().x - 24 - row_height() - space::s;
  ImGui::SetCursorScreenPos(at + ImVec2(24, 0));
  ImGui::BeginGroup();
  std::string head =
      problem.error.where.empty() ? problem.error.what : problem.error.where + ": " + problem.error.what;
  if (problem.count > 1) head += " (" + std::to_string(problem.count) + " times)";
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + text_width);
  ImGui::TextUnformatted(head.c_str());
  std::string more = problem.error.hint;
  if (last > 0) more += (more.empty() ? "" : " · ") + std::to_string(last) + " earlier";
  if (!more.empty()) {
    const WithFont small(Face::small);
    ImGui::PushStyleColor(ImGuiCol_Text, solid(p.dim));
    ImGui::TextUnformatted(more.c_str());
    ImGui::PopStyleColor();
  }
  ImGui::PopTextWrapPos();
  ImGui::EndGroup();
  const ImVec2 after = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos({at.x + ImGui::GetContentRegionAvail().x - row_height(), at.y - 4});
  const std::string spoken = "Close the message: " + head;
  const bool dismissed =
      ui::button("problem0.dismiss", {.icon = Icon::close, .look = ui::Look::quiet, .name = spoken.c_str()});
  ImGui::SetCursorScreenPos({after.x, std::max(after.y, at.y + row_height())});
  ImGui::Dummy({0, 0});
  if (dismissed) problems.pop_back();
  ImGui::End();
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor(2);
}

}  // namespace unroll
