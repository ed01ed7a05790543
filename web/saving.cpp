// The panel of saving: the whole experiment as a file, what is kept in this browser for the next visit, and forgetting it.
#include <imgui_internal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "web/playground.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

/// The losses as a line, without axes: to recognise it by.
void draw_curve(ImDrawList* draw, const std::vector<float>& losses, ImVec2 min, ImVec2 size, ImU32 colour) {
  float low = INFINITY, high = -INFINITY;
  for (const float loss : losses) {
    if (!std::isfinite(loss)) continue;
    low = std::min(low, loss);
    high = std::max(high, loss);
  }
  if (losses.size() < 2 || !(high > low)) return;
  for (size_t i = 0; i < losses.size(); ++i) {
    if (!std::isfinite(losses[i])) continue;
    const float x = static_cast<float>(i) / static_cast<float>(losses.size() - 1),
                y = (high - losses[i]) / (high - low);
    draw->PathLineTo({min.x + x * size.x, min.y + y * size.y});
  }
  draw->PathStroke(colour, ImDrawFlags_None, 1.4f);
}

void wrapped(const char* text, Rgb colour) {
  ImGui::PushTextWrapPos(0);
  ui::label(text, colour);
  ImGui::PopTextWrapPos();
}

/// One of what is kept: its curve, what it is, and what can be done with it.
void draw_record(App& app, const KeptRecord& record) {
  const Palette& p = palette();
  Keeper& keeper = app.keeper;
  const std::string id = "kept." + record.id;
  const bool here = record.id == app.session.record();
  ImGui::Dummy({0, space::xs});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ui::content_width(), picture = 44, button = row_height();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw_curve(draw, record.curve, at + ImVec2(0, 4), {picture - 8, button - 4}, solid(p.accent_text));
  const ui::ButtonSpec go_on{.label = "Go on", .tip = "Open it as it was left", .enabled = !record.taken};
  const float tools = 2 * button + (here ? 0 : ui::button_width(go_on) + space::xs);
  const float room = width - picture - tools - space::xs;
  const std::string what = "Step " + std::to_string(record.step) + loss_text(record) + " · " + record.lanes;
  const std::string when = (here           ? "this one · "
                            : record.taken ? "in another tab · "
                                           : "") +
                           age_text(record.saved_at) + " · " + size_text(record.bytes);
  draw->AddText(at + ImVec2(picture, 0), solid(p.text), ui::shortened(what, room).c_str());
  draw_text(draw, Face::small, at + ImVec2(picture, 17), solid(p.dim), when.c_str(), room);
  ui::register_widget(id, at, at + ImVec2(width - tools, button + 4));
  float x = at.x + width - tools;
  if (!here) {
    ImGui::SetCursorScreenPos({x, at.y});
    if (ui::button((id + ".go-on").c_str(), go_on)) {
      keeper.go_on(record.id);
      app.saving_open = false;
    }
    x += ui::button_width(go_on) + space::xs;
  }
  ImGui::SetCursorScreenPos({x, at.y});
  if (ui::button((id + ".export").c_str(),
                 {.icon = Icon::save, .look = ui::Look::quiet, .tip = "Save it as a file"}))
    keeper.export_file(record);
  ImGui::SetCursorScreenPos({x + button, at.y});
  if (ui::button((id + ".forget").c_str(),
                 {.icon = Icon::close, .look = ui::Look::quiet, .tip = "Forget it"}))
    keeper.forget(record.id);
  ImGui::SetCursorScreenPos({at.x, at.y + button + space::xs});
  ImGui::Dummy({0, 0});
}

void draw_kept(App& app) {
  const Palette& p = palette();
  Keeper& keeper = app.keeper;
  const ViewSpec& view = app.session.wanted.view;
  ImGui::Dummy({0, space::m});
  const platform::KeepingWords& told = platform::keeping_words();
  const std::string where = told.where;
  ui::label(("Kept " + where).c_str(), p.text, Face::strong);
  const char* words[] = {"On", "Off"};
  int chosen = keeper.switched_on() ? 0 : 1;
  if (ui::segmented("keeping", words, chosen, ui::content_width(),
                    ("keep what the networks learn " + where + ", for what ends it unasked").c_str()))
    keeper.switch_to(chosen == 0);
  if (keeper.on(view) && !keeper.trouble().empty())
    wrapped(keeper.trouble().c_str(), p.error);
  else if (const KeptRecord* mine = keeper.mine(app.session); keeper.on(view) && mine)
    ui::dim(("Saved " + where + " " + age_text(mine->saved_at) + ", " + size_text(mine->bytes) +
             ". It is offered when you come back." + told.warning)
                .c_str());
  else if (keeper.on(view))
    ui::dim(("While the networks learn, the experiment is saved " + where +
             " every 20 seconds, and offered when you come back.")
                .c_str());
  else if (keeper.switched_on())
    ui::dim(
        "Nothing is saved here: the page is a part of another one, or its experiment says so (view.keep).");
  else
    ui::dim(
        ("Nothing is saved " + where + ": " + told.end + " takes what the networks have learned.").c_str());
  if (keeper.records().empty()) return;
  const std::vector<KeptRecord> records = keeper.records();
  for (const KeptRecord& record : records) draw_record(app, record);
  ImGui::Dummy({0, space::xs});
  const std::string all = "Forget everything that is saved (" + size_text(keeper.bytes()) + ")";
  if (ui::button("kept.forget-all", {.label = all.c_str(), .width = ui::content_width()})) keeper.forget("");
}

}  // namespace

std::string age_text(double saved_at) {
  using namespace std::chrono;
  const double now = duration<double>(system_clock::now().time_since_epoch()).count();
  const double age = std::max(0.0, now - saved_at);
  const auto text = [&](double unit, const char* word) {
    return std::to_string(static_cast<int64_t>(std::min(age / unit, 1e6))) + " " + word + " ago";
  };
  if (age < 2) return "just now";
  if (age < 100) return text(1, "s");
  if (age < 100 * 60) return text(60, "min");
  if (age < 36 * 3600) return text(3600, "h");
  return text(24 * 3600, "days");
}

std::string size_text(uint64_t bytes) {
  char text[32];
  const double size = static_cast<double>(bytes);
  if (bytes < 1'000'000)
    std::snprintf(text, sizeof text, "%.0f kB", std::ceil(size / 1e3));
  else
    std::snprintf(text, sizeof text, "%.1f MB", size / 1e6);
  return text;
}

std::string loss_text(const KeptRecord& record) {
  if (!std::isfinite(record.loss)) return "";
  char text[40];
  std::snprintf(text, sizeof text, record.squared ? ", squared error %.4g" : ", loss %.3f", record.loss);
  return text;
}

std::string record_title(const KeptRecord& record) {
  return record.lanes + " at step " + std::to_string(record.step) + loss_text(record);
}

void draw_saving(App& app, const Layout& layout) {
  if (!app.saving_open) return;
  const Palette& p = palette();
  const ImVec2 screen = ImGui::GetMainViewport()->Size;
  if (!ImGui::IsPopupOpen("saving")) ImGui::OpenPopup("saving");
  const float width = std::min(400.0f, screen.x - 16);
  ImGui::SetNextWindowPos({screen.x - space::s, layout.header.y}, ImGuiCond_Always, {1, 0});
  ImGui::SetNextWindowSize({width, 0});
  ImGui::SetNextWindowSizeConstraints({width, 0}, {width, screen.y - layout.header.y - space::s});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::l, space::m));
  const bool open = ImGui::BeginPopup("saving", ImGuiWindowFlags_NoMove);
  ImGui::PopStyleVar();
  if (!open) {
    app.saving_open = false;  // a click beside it
    return;
  }
  ui::register_widget("saving", ImGui::GetWindowPos(), ImGui::GetWindowPos() + ImGui::GetWindowSize());
  const float full = ui::content_width();
  if (layout.mode == Mode::phone) {  // there is no room for them in the header
    const float third = (full - 2 * space::xs) / 3;
    const auto tool = [&](const char* id, const char* label, Icon icon, bool enabled) {
      if (ui::button(id, {.label = label, .icon = icon, .width = third, .enabled = enabled})) app.act(id);
    };
    tool("undo", "Undo", Icon::undo, app.edits.can_undo());
    ImGui::SameLine(0, space::xs);
    tool("redo", "Redo", Icon::redo, app.edits.can_redo());
    ImGui::SameLine(0, space::xs);
    tool("theme", p.dark ? "Light" : "Dark", p.dark ? Icon::sun : Icon::moon, true);
    if (platform::shows_lessons() &&
        ui::button("lessons", {.label = "Lessons",
                               .icon = Icon::book,
                               .width = full,
                               .enabled = app.course.may_choose(app.session.wanted.view)})) {
      app.act("lessons");
      app.saving_open = false;
    }
    ImGui::Dummy({0, space::s});
  }
  ui::label("As a file", p.text, Face::strong);
  if (ui::button("save-file", {.label = app.keeper.saves_file() ? "Saving…" : "Save the experiment",
                               .icon = Icon::save,
                               .look = ui::Look::primary,
                               .width = full,
                               .enabled = !app.keeper.saves_file()}))
    app.keeper.save_file(app.session);
  if (platform::can_open_files() &&
      ui::button("open-any", {.label = "Open a file", .icon = Icon::file, .width = full}))
    platform::open_file();
  ui::dim(
      "Everything, with what the networks have learned: a .unroll file, for this page, the desktop program "
      "and the "
      "command line. A file is opened by dropping it here, too.");
  if (app.keeper.possible()) draw_kept(app);
  ui::scroll_by_drag();
  if (ImGui::IsKeyPressed(ImGuiKey_Escape, false)) app.saving_open = false;
  if (!app.saving_open) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

}  // namespace unroll
