#include "web/playground.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "web/toolkit/focus.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/glyph_atlas.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

constexpr double publish_period = 0.15;  // seconds

/// While it is there, and if the experiment locks that panel, nothing that is drawn can be changed. It looks as ever.
class Locked {
 public:
  Locked(const App& app, const char* panel) : locks_(app.locks(panel)) {
    if (!locks_) return;
    ImGui::PushStyleVar(ImGuiStyleVar_DisabledAlpha, 1);
    ImGui::BeginDisabled();
  }
  ~Locked() {
    if (!locks_) return;
    ImGui::EndDisabled();
    ImGui::PopStyleVar();
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  const bool locks_;
};

}  // namespace

void Playground::init() {
  ImGuiIO& io = ImGui::GetIO();
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  io.ConfigInputTextCursorBlink = false;  // nothing moves when nothing happens
  io.ConfigWindowsMoveFromTitleBarOnly = true;
  io.IniFilename = nullptr;
  const auto inside =
      std::find_if(views_.begin(), views_.end(), [](const auto& view) { return view->room == Room::inside; });
  if (inside != views_.end()) inside_ = (*inside)->name;
  app_.load_examples();
  const auto asked = platform::take_experiment();
  came_bare_ = !asked && platform::shows_lessons();
  if (asked) app_.open_experiment(*asked);
  if (app_.session.lanes.empty()) app_.open_default();
}

void Playground::shortcuts() {
  const ImGuiIO& io = ImGui::GetIO();
  if (app_.locks(header_panel)) return;
  if (io.WantTextInput || platform::field_focused() || io.KeyAlt) return;  // fields have an undo of their own
  const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(key, false); };
  if (io.KeyCtrl || io.KeySuper) {
    if (app_.help_open || app_.session.arrival) return;
    if (ImGui::IsKeyPressed(ImGuiKey_Z)) app_.act(io.KeyShift ? "redo" : "undo");
    if (ImGui::IsKeyPressed(ImGuiKey_Y)) app_.act("redo");
    return;
  }
  if (pressed(ImGuiKey_F1) || (io.KeyShift && pressed(ImGuiKey_Slash))) return app_.act("help");
  if (app_.help_open) {
    if (pressed(ImGuiKey_Escape)) app_.help_open = false;
    return;
  }
  const bool popup = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
  if (popup) return;
  // Space presses the focused control, as everywhere, and trains when none has the focus.
  const bool navigating = ImGui::GetCurrentContext()->NavId != 0 &&
                          !ImGui::GetCurrentContext()->NavDisableHighlight && !ui::focus_is_field();
  if (pressed(ImGuiKey_Space) && !navigating) app_.act("train");
  if (pressed(ImGuiKey_S)) app_.act("step");
  if (pressed(ImGuiKey_R)) app_.act("reset");
  if (pressed(ImGuiKey_N)) app_.act("new-seed");
  if (pressed(ImGuiKey_T)) app_.act("theme");
}

void Playground::take_input() {
  app_.take_data();
  while (auto json = platform::take_experiment()) app_.open_experiment(*json);
  while (auto file = platform::take_file()) {
    if (app_.locks("data"))
      app_.session.report({file->name, "this figure keeps to its own data", "open it in Unroll itself"},
                          "file");
    else
      app_.open_file(std::move(*file));
  }
  while (auto action = platform::take_action()) {
    if (action->starts_with('{'))
      obey(*action);
    else if (!app_.locks(header_panel))
      app_.act(*action);
  }
}

// --- The frame ------------------------------------------------------------------------------------------------

void Playground::use_current_theme() {
  const std::string& theme = app_.session.wanted.view.theme;
  const bool dark = theme == "dark" || (theme == "auto" && platform::prefers_dark());
  const bool touch = platform::touch_first();
  if (themed_ && dark == dark_ && touch == touch_) return;
  use_theme(dark_ = dark, touch_ = touch);
  themed_ = true;
}

void Playground::prepare() {
  take_input();
  app_.session.update();
  app_.keeper.update(app_.session);
  guide();
  use_current_theme();
  prepare_fonts(platform::pixel_ratio());
  prepare_glyphs(platform::pixel_ratio());
}

bool Playground::frame() {
  shortcuts();
  draw();
  ui::end_frame();
  speak();
  publish();
  if (const double due = app_.session.next_due(); due >= 0) platform::wake_in(due);
  if (const double due = app_.keeper.next_due(app_.session); due >= 0) platform::wake_in(due);
  if (app_.saving_open) platform::wake_in(1);  // it says how long ago
  return false;
}

void Playground::draw() {
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
  const LayoutInput input{app_,
                          views_,
                          viewport->Size,
                          touch_,
                          has_banner(app_),
                          row_height() + 16.0f,
                          app_.session.wanted.view.tab};
  const Layout layout = decide_layout(input);
  app_.mode = layout.mode;
  if (is_inside(views_, app_.session.wanted.view.tab)) inside_ = app_.session.wanted.view.tab;
  if (layout.header.y > 0) {
    const Locked locked(app_, header_panel);
    draw_header(app_, layout);
  }
  if (layout.banner_size.y > 0)
    draw_banner(app_, ImGui::GetWindowPos() + layout.banner_at, layout.banner_size);
  app_.update();  // … of the lanes that are there now
  if (layout.tabs_height > 0) draw_tabs(layout);
  for (size_t i = 0; i < layout.regions.size(); ++i) draw_region(layout.regions[i], i);
  for (const auto& view : views_) view->shown(app_, layout.shows(*view));
  wanted_height_ = wanted_height(input, [this](const Region& region) {
    const auto found = columns_.find(region.views[0]->name);
    return found == columns_.end() ? 400.0f : found->second;
  });
  ImGui::End();
  draw_problems(app_, layout);
  draw_saving(app_, layout);
  draw_arrival(app_);
  draw_help(app_, views_);
}

void Playground::draw_region(const Region& region, size_t index) {
  ImGui::SetCursorPos(region.at);
  if (!region.scrolls) {
    draw_view(*region.views[0], region.size);
    return;
  }
  const std::string id = "column" + std::to_string(index) + region.views[0]->name;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, space::m));
  ImGui::BeginChild(id.c_str(), region.size, ImGuiChildFlags_None, ImGuiWindowFlags_NoScrollbar);
  for (View* view : region.views) {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, space::s));
    draw_view(*view, {region.size.x, 0});
    ImGui::PopStyleVar();
  }
  const float left = ImGui::GetCursorScreenPos().x, end = ImGui::GetCurrentWindowRead()->DC.CursorMaxPos.y;
  float& column = columns_[region.views[0]->name];
  column = end - ImGui::GetCurrentWindowRead()->DC.CursorStartPos.y;
  for (const View* view : region.views) column -= view->stretched();
  ui::register_widget("column.end", {left, end - 4}, {left + region.size.x, end});
  ui::scroll_by_drag();
  ui::hint_below();
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

/// Above a view of the room `inside` stands the choice among them, unless the tabs are that choice.
void Playground::draw_view(View& view, ImVec2 size) {
  if (view.room == Room::inside && app_.mode != Mode::wide) {
    std::vector<const View*> views;
    std::vector<const char*> words;
    int chosen = 0;
    for (const auto& each : views_) {
      if (each->room != Room::inside || app_.hides(each->name)) continue;
      if (each.get() == &view) chosen = static_cast<int>(views.size());
      views.push_back(each.get());
      words.push_back(each->about.label);
    }
    const float left = ImGui::GetCursorPosX();
    if (views.size() > 1) {
      if (ui::segmented("inside", words, chosen, size.x))
        app_.session.wanted.view.tab = views[static_cast<size_t>(chosen)]->name;
      ImGui::SetCursorPosX(left);
      if (size.y > 0) size.y -= row_height() + ImGui::GetStyle().ItemSpacing.y;
    }
  }
  const Locked locked(app_, view.name);
  view.draw(app_, size);
}

void Playground::draw_tabs(const Layout& layout) {
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
      app_.session.wanted.view.tab =
          std::string_view(layout.tabs[i].id) == "inside" ? inside_ : layout.tabs[i].id;
    const bool on = layout.tab == static_cast<int>(i);
    ui::register_widget(std::string("tab.") + layout.tabs[i].id,
                        {std::string(layout.tabs[i].label) + ", tab", on ? "chosen" : "not chosen"});
    const bool hovered = ImGui::IsItemHovered();
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

void Playground::publish() {
  const double now = platform::seconds();
  platform::publish_widgets(ui::take_widgets());
  // What is told without delay: where the keyboard is, and that a lane has begun to learn.
  std::string news = ui::focused();
  for (const auto& lane : app_.session.lanes) news += lane->step > 0 ? '+' : '-';
  Json host = obeyed();
  host["height"] = wanted_height_;
  const ViewSpec& view = app_.session.wanted.view;
  news += std::to_string(obeyed_) + " " + view.lesson + std::to_string(view.lesson_step) +
          std::to_string(app_.course.version()) + (app_.lessons_listed ? "l" : "") +
          (app_.welcoming ? "w" : "");
  if (now - published_at_ < publish_period && news == published_news_ && host["answers"].empty()) {
    // While lanes train, their events bring the next frame.
    if (!app_.session.running()) platform::wake_in(publish_period - (now - published_at_));
    return;
  }
  published_at_ = now;
  published_news_ = news;
  const bool resting = !ImGui::IsAnyItemActive();
  int64_t lanes = app_.session.generation();
  for (const auto& lane : app_.session.lanes) lanes = lanes * 1'000'003 + lane->interventions_version;
  if (resting && (std::exchange(noted_, lanes) != lanes || remembered_experiment_ != app_.session.wanted)) {
    app_.note_edits();
    platform::wake_in(0);  // Undo is drawn as it is now
  }
  Json state = state_json(app_, views_, std::move(host));
  if (!arranging_) app_.course.see(view, state);
  state["lesson"] = app_.course.shown(view);
  state["lessons"] = app_.lessons_listed ? app_.course.list() : Json();
  state["welcome"] = app_.welcoming;
  // Texts of ours are valid UTF-8; should a stray byte come through, it is replaced, not thrown about.
  platform::publish_state(state.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (resting &&
      (std::exchange(app_.address_is_wrong, false) || remembered_experiment_ != app_.session.wanted ||
       remembered_example_ != app_.session.example)) {
    remembered_experiment_ = app_.session.wanted;
    remembered_example_ = app_.session.example;
    const bool short_enough =
        !app_.session.example.empty() || app_.session.wanted.data.text.size() <= longest_kept;
    platform::remember_experiment(short_enough ? to_json(app_.to_share()) : "");
  }
}

}  // namespace unroll
