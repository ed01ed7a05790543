#include "web/app.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "engine/text/text.h"
#include "web/session/json_read.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

constexpr double publish_period = 0.15;   // seconds
constexpr size_t probe_characters = 160;  // when the learner gave no text
constexpr size_t most_probed = 4096;      // characters that a lane takes at once (engine/lane/protocol.h)
constexpr size_t longest_remembered =
    200'000;  // bytes of text that could fit into an address when compressed

std::string as_text(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

bool ends_with(const std::string& name, std::string_view end) {
  return name.size() >= end.size() && std::string_view(name).substr(name.size() - end.size()) == end;
}

/// view.probe, or else the beginning of the held-out part.
std::string text_to_probe(const Experiment& experiment) {
  if (const std::string& own = experiment.view.probe; !own.empty()) {
    if (own.size() <= most_probed) return own;
    std::u32string symbols = to_symbols(own);
    if (symbols.size() > most_probed) symbols.resize(most_probed);
    return encode_utf8(symbols);
  }
  // From the start of a line where there is one.
  const std::string& text = experiment.data.text;
  const double held_out = static_cast<double>(text.size()) * (1 - experiment.data.valid);
  size_t begin = std::min(static_cast<size_t>(std::max(held_out, 0.0)), text.size());
  if (text.size() - begin < probe_characters) begin = text.size() - std::min(text.size(), probe_characters);
  if (begin > 0) {
    const size_t line = text.find('\n', begin), word = text.find(' ', begin);
    if (line < begin + 400 && text.size() - line > probe_characters)
      begin = std::min(text.find_first_not_of('\n', line), text.size() - probe_characters);
    else if (word < begin + 40)
      begin = word + 1;
  }
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) ++begin;
  std::u32string symbols = to_symbols(std::string_view(text).substr(begin, 4 * probe_characters));
  if (symbols.size() > probe_characters) symbols.resize(probe_characters);
  return encode_utf8(symbols);
}

}  // namespace

void App::init() {
  ImGuiIO& io = ImGui::GetIO();
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  io.ConfigInputTextCursorBlink = false;  // nothing moves when nothing happens
  io.ConfigWindowsMoveFromTitleBarOnly = true;
  io.IniFilename = nullptr;
  load_examples();
  const auto asked = platform::take_experiment();
  if (asked) open_experiment(*asked);
  if (session.lanes.empty()) {
    Experiment experiment = default_experiment();
    resolve(experiment);
    session.open(experiment, session.example);
  }
}

// --- What is opened -------------------------------------------------------------------------------------------

void App::load_examples() {
  const Json index = Json::parse(as_text(platform::asset("examples/index.json")), nullptr, false);
  if (!index.is_array()) return;
  for (const Json& entry : index)
    examples.push_back({read::text(entry, "id"), read::text(entry, "title"), read::text(entry, "good_for"),
                        read::text(entry, "file")});
}

void App::resolve(Experiment& experiment) {
  session.example.clear();
  if (experiment.data.example.empty()) return;
  const auto found = std::find_if(examples.begin(), examples.end(),
                                  [&](const Example& e) { return e.id == experiment.data.example; });
  if (found == examples.end()) {
    std::string known;
    for (const Example& e : examples) known += (known.empty() ? "" : ", ") + e.id;
    session.report(
        {"data.example", "\"" + experiment.data.example + "\" is not a built-in text", "allowed: " + known});
  } else {
    experiment.data.text = as_text(platform::asset(("examples/" + found->file).c_str()));
    session.example = found->id;
  }
  experiment.data.example.clear();
}

void App::open_experiment(const std::string& json) {
  auto experiment = parse_experiment(json);
  if (!experiment) return session.report(experiment.error());
  resolve(*experiment);
  session.open(std::move(*experiment), session.example);
}

void App::choose_example(size_t index) {
  Experiment chosen;
  chosen.data.example = examples[index].id;
  resolve(chosen);
  session.wanted.data.text = std::move(chosen.data.text);
  session.wanted.view.probe.clear();
  session.wanted.view.prefix.clear();
  session.text_edited();
}

void App::open_file(platform::File file) {
  if (ends_with(file.name, ".safetensors")) return session.open_checkpoint(std::move(file.bytes));
  std::string text = as_text(file.bytes);
  if (ends_with(file.name, ".json")) return open_experiment(text);
  if (text.size() > Limits::text_bytes)
    return session.report({file.name,
                           "the file has " + ui::count_text(static_cast<double>(text.size())) + " bytes",
                           "allowed: texts up to 16 MiB"});
  if (const auto decoded = decode_utf8(text); !decoded)
    return session.report({file.name, decoded.error().text(), "save the file as UTF-8 text"});
  session.wanted.data.text = std::move(text);
  session.example.clear();
  session.wanted.view.probe.clear();
  session.wanted.view.prefix.clear();
  session.text_edited();
}

Experiment App::to_share() const {
  Experiment experiment = session.wanted;
  if (!session.example.empty()) {
    experiment.data.text.clear();
    experiment.data.example = session.example;
  }
  return experiment;
}

void App::update_texts() {
  probe_text_ = text_to_probe(session.wanted);
  for (const auto& lane : session.lanes)
    if (!lane->probe.text.empty()) {
      timeline_text_ = lane->probe.text;
      return;
    }
  timeline_text_ = to_symbols(probe_text_);
}

size_t App::time_step() const {
  const size_t n = timeline_text_.size();
  const bool chosen = looks.column >= 0 && static_cast<size_t>(looks.column) < n;
  const size_t end = std::min(n, looks.visible_end);
  return chosen ? static_cast<size_t>(looks.column) : end - std::min<size_t>(end, 1);
}

// --- Actions --------------------------------------------------------------------------------------------------

void App::act(const std::string& action) {
  if (action == "train") {
    if (session.running())
      session.pause();
    else
      session.train();
  } else if (action == "step") {
    session.step_once();
  } else if (action == "reset") {
    session.reset();
  } else if (action == "new-seed") {
    session.new_seed();
  } else if (action == "theme") {
    session.wanted.view.theme = dark_ ? "light" : "dark";
  } else if (action == "share") {
    platform::set_clipboard(platform::link_to(to_json(to_share())));
    looks.copied_at = platform::seconds();
    platform::wake_in(2.1);
  } else if (action == "help") {
    looks.help_open = !looks.help_open;
  }
}

void App::shortcuts() {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput || platform::field_focused() || io.KeyCtrl || io.KeyAlt || io.KeySuper) return;
  const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(key, false); };
  if (pressed(ImGuiKey_F1) || (io.KeyShift && pressed(ImGuiKey_Slash))) return act("help");
  if (looks.help_open) {
    if (pressed(ImGuiKey_Escape)) looks.help_open = false;
    return;
  }
  const bool popup = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
  if (popup) return;
  // Space presses the focused control, as everywhere, and trains when none has the focus.
  const bool navigating =
      ImGui::GetCurrentContext()->NavId != 0 && !ImGui::GetCurrentContext()->NavDisableHighlight;
  if (pressed(ImGuiKey_Space) && !navigating) act("train");
  if (pressed(ImGuiKey_S)) act("step");
  if (pressed(ImGuiKey_R)) act("reset");
  if (pressed(ImGuiKey_N)) act("new-seed");
  if (pressed(ImGuiKey_T)) act("theme");
}

void App::take_input() {
  while (auto json = platform::take_experiment()) open_experiment(*json);
  while (auto file = platform::take_file()) open_file(std::move(*file));
  while (auto action = platform::take_action()) act(*action);
}

// --- The frame ------------------------------------------------------------------------------------------------

void App::use_current_theme() {
  const std::string& theme = session.wanted.view.theme;
  const bool dark = theme == "dark" || (theme == "auto" && platform::prefers_dark());
  const bool touch = platform::touch_first();
  if (themed_ && dark == dark_ && touch == touch_) return;
  use_theme(dark_ = dark, touch_ = touch);
  themed_ = true;
}

void App::prepare() {
  take_input();
  session.update();
  use_current_theme();
  prepare_fonts(platform::pixel_ratio());
}

bool App::frame() {
  shortcuts();
  draw();
  ui::end_frame();
  publish();
  if (const double due = session.next_due(); due >= 0) platform::wake_in(due);
  return false;
}

void App::draw() {
  const ImGuiViewport* viewport = ImGui::GetMainViewport();
  ImGui::SetNextWindowPos(viewport->Pos);
  ImGui::SetNextWindowSize(viewport->Size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::Begin("unroll", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoBackground |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar(2);
  const bool banner = session.changed() && session.trained();
  const Layout layout = decide_layout({viewport->Size, touch_, banner ? row_height() + 16.0f : 0,
                                       session.wanted.view.hide, session.wanted.view.tab});
  mode = layout.mode;
  update_texts();
  looks.lane = std::min(looks.lane, session.lanes.size() - 1);
  if (is_inside(session.wanted.view.tab)) looks.inside = session.wanted.view.tab;
  draw_header(*this, layout);
  if (banner) draw_banner(*this, layout);
  if (layout.tabs_height > 0) draw_tabs(layout);
  for (size_t i = 0; i < layout.regions.size(); ++i) draw_region(layout.regions[i], i);
  const bool samples_shown =
      std::any_of(layout.regions.begin(), layout.regions.end(), [](const Region& region) {
        return std::find(region.panels.begin(), region.panels.end(), Panel::samples) != region.panels.end();
      });
  session.set_writing(samples_shown);
  ImGui::End();
  draw_problems(*this, layout);
  draw_help(*this);
}

void App::draw_region(const Region& region, size_t index) {
  constexpr void (*panels[])(App&, ImVec2) = {draw_data,    draw_lanes,    draw_training, draw_curves,
                                              draw_samples, draw_timeline, draw_predict,  draw_inside};
  ImGui::SetCursorPos(region.at);
  if (!region.scrolls) {
    panels[static_cast<size_t>(region.panels[0])](*this, region.size);
    return;
  }
  const std::string id = "column" + std::to_string(index) + name(region.panels[0]);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, space::m));
  ImGui::BeginChild(id.c_str(), region.size, ImGuiChildFlags_None, ImGuiWindowFlags_NoScrollbar);
  for (Panel panel : region.panels) {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, space::s));
    panels[static_cast<size_t>(panel)](*this, ImVec2(region.size.x, 0));
    ImGui::PopStyleVar();
  }
  ui::scroll_by_drag();
  // A hint that there is more below.
  if (ImGui::GetScrollMaxY() - ImGui::GetScrollY() > 4) {
    const ImVec2 min = ImGui::GetWindowPos(), max = min + ImGui::GetWindowSize();
    const ImU32 none = faded(palette().page, 0), full = solid(palette().page);
    ImGui::GetWindowDrawList()->AddRectFilledMultiColor(ImVec2(min.x, max.y - 20), max, none, none, full,
                                                        full);
  }
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

void App::draw_tabs(const Layout& layout) {
  const Palette& p = palette();
  const ImVec2 window = ImGui::GetWindowPos();
  const float width = layout.header.x;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const bool bottom = layout.mode == Mode::phone;
  const ImVec2 origin = window + layout.tabs_at;
  if (bottom) {
    draw->AddRectFilled(origin, origin + ImVec2(width, layout.tabs_height), solid(p.card));
    draw->AddLine(origin, origin + ImVec2(width, 0), solid(p.border));
  }
  float x = origin.x;
  ImGui::PushID("tabs");  // the header, in the same window, has a button "step" too
  for (size_t i = 0; i < layout.tabs.size(); ++i) {
    const WithFont face(bottom ? Face::small : Face::text);
    const ImVec2 text = ImGui::CalcTextSize(layout.tabs[i].label);
    const float cell = bottom ? width / static_cast<float>(layout.tabs.size()) : text.x + 2 * space::m;
    const ImVec2 min(x, origin.y), size(cell, layout.tabs_height);
    ImGui::SetCursorScreenPos(min);
    if (ImGui::InvisibleButton(layout.tabs[i].id, size))
      session.wanted.view.tab =
          std::string_view(layout.tabs[i].id) == "inside" ? looks.inside : layout.tabs[i].id;
    ui::register_widget(std::string("tab.") + layout.tabs[i].id);
    const bool on = layout.tab == static_cast<int>(i), hovered = ImGui::IsItemHovered();
    const ImVec2 at(std::round(min.x + (size.x - text.x) / 2), std::round(min.y + (size.y - text.y) / 2));
    draw->AddText(at, solid(on ? p.accent_text : hovered ? p.text : p.dim), layout.tabs[i].label);
    const float edge = bottom ? min.y + 1 : min.y + size.y - 6;
    if (on)
      draw->AddRectFilled(ImVec2(at.x - 2, edge), ImVec2(at.x + text.x + 2, edge + 2), solid(p.accent_text),
                          1);
    ImGui::RenderNavHighlight(ImRect(min, min + size), ImGui::GetItemID());
    x += cell;
  }
  ImGui::PopID();
}

// --- What others see ------------------------------------------------------------------------------------------

void App::publish() {
  const double now = platform::seconds();
  platform::publish_widgets(ui::take_widgets());
  // What is told without delay: where the keyboard is, and that a lane has begun to learn.
  std::string news = ui::focused();
  for (const auto& lane : session.lanes) news += lane->step > 0 ? '+' : '-';
  if (now - published_at_ < publish_period && news == published_news_) {
    // While lanes train, their events bring the next frame.
    if (!session.running()) platform::wake_in(publish_period - (now - published_at_));
    return;
  }
  published_at_ = now;
  published_news_ = news;
  platform::publish_state(state_json(*this));
  const bool resting = !ImGui::IsAnyItemActive();
  if (resting && (remembered_experiment_ != session.wanted || remembered_example_ != session.example)) {
    remembered_experiment_ = session.wanted;
    remembered_example_ = session.example;
    const bool short_enough =
        !session.example.empty() || session.wanted.data.text.size() <= longest_remembered;
    platform::remember_experiment(short_enough ? to_json(to_share()) : "");
  }
  std::string status = session.running() ? "Training" : session.trained() ? "Paused" : "Ready";
  if (session.trained() && !session.running()) status += " at step " + std::to_string(session.step());
  if (!session.problems.empty()) status += ". " + session.problems.back().error.text();
  if (status != announced_) platform::announce(announced_ = status);
}

}  // namespace unroll
