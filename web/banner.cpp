// What waits for the learner's word: edits that need a restart, trained lanes that were left, and a checkpoint whose text
// is another one. None of it moves anything else.
#include <imgui_internal.h>

#include <algorithm>

#include "web/playground.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

bool edits_wait(const Session& session) { return session.changed() && session.trained(); }

/// A figure without the bar is no place to come back to: the page around it decides what stands there.
bool tells_left(const App& app) { return app.session.offers_left() && !app.hides(header_panel); }

/// A button at the right end of what is free, which then begins left of it.
bool button_at_end(const char* id, const ui::ButtonSpec& spec, float& right, float y) {
  right -= ui::button_width(spec);
  ImGui::SetCursorScreenPos({right, y});
  const bool pressed = ui::button(id, spec);
  right -= space::xs;
  return pressed;
}

/// The first of the wordings that fits.
void draw_fitting(ImDrawList* draw, ImVec2 at, float width, std::initializer_list<std::string> wordings) {
  const WithFont face(Face::text);
  std::string shown;
  for (const std::string& wording : wordings) {
    shown = wording;
    if (ImGui::CalcTextSize(wording.c_str()).x <= width) break;
  }
  shown = ui::shortened(shown, width);
  draw->AddText({at.x, at.y - ImGui::GetTextLineHeight() / 2}, solid(palette().text), shown.c_str());
}

/// What was kept and can be gone on with; until something else has been trained for a while.
const KeptRecord* offered(const App& app) {
  constexpr double still_said = 30;  // seconds of training
  for (const auto& lane : app.session.lanes)
    if (lane->seconds > still_said) return nullptr;
  return app.keeper.offered(app.session);
}

void draw_offer(App& app, const KeptRecord& record, ImVec2 text_at, float right, float button_y) {
  const bool away = button_at_end(
      "kept.later", {.icon = Icon::close, .look = ui::Look::quiet, .tip = "Not now. It stays under Save"},
      right, button_y);
  const bool go_on = button_at_end(
      "kept.go-on",
      {.label = "Go on", .icon = Icon::play, .tip = "Open it as it was left, with what it learned"}, right,
      button_y);
  const std::string what = record_title(record), when = age_text(record.saved_at);
  draw_fitting(ImGui::GetWindowDrawList(), text_at, right - text_at.x,
               {"Saved " + std::string(platform::keeping_words().where) + " " + when + ": " + what + ".",
                "Saved " + when + ": " + what + ".",
                "Saved " + when + ": step " + std::to_string(record.step) + loss_text(record) + ".",
                "Saved " + when + ": step " + std::to_string(record.step) + ".", "Saved " + when + "."});
  const std::string id = record.id;
  if (away) app.keeper.put_off(id);
  if (go_on) app.keeper.go_on(id);
}

}  // namespace

bool has_banner(const App& app) {
  return edits_wait(app.session) || tells_left(app) || offered(app) != nullptr;
}

void draw_banner(App& app, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  Session& session = app.session;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 text_at(min.x + space::m, min.y + size.y / 2);
  float right = min.x + size.x - 4;
  const float button_y = min.y + (size.y - row_height()) / 2;
  if (!has_banner(app)) {  // the strip is kept free
    draw_text(draw, Face::small, text_at - ImVec2(0, 8), solid(p.dim),
              session.trained() ? "The lanes learn what is shown."
                                : "Until the first step, changes take effect at once.");
    return;
  }
  draw->AddRectFilled(min, min + size, solid(mix(p.card, p.accent, p.dark ? 0.22f : 0.08f)), 8);
  draw->AddRect(min, min + size, faded(p.accent, 0.5f), 8);
  ui::register_widget("banner", min, min + size);
  if (edits_wait(session)) {
    const ui::ButtonSpec restart{
        .label = "Restart", .icon = Icon::reset, .tip = "Begin anew with what is shown"};
    const ui::ButtonSpec undo{.label = "Undo", .tip = "Go back to what the lanes learn"};
    if (button_at_end("restart", restart, right, button_y)) {
      const bool running = session.running();
      session.apply();
      if (running) session.train();
    }
    if (button_at_end("undo-changes", undo, right, button_y)) session.undo_changes();
    const float room = right - text_at.x;
    if (session.text_counts().error)
      draw_fitting(draw, text_at, room,
                   {"This text cannot be learned yet; the lanes still learn the earlier one.",
                    "This text cannot be learned yet.", "Not learnable yet."});
    else if (session.data_changed())
      draw_fitting(
          draw, text_at, room,
          {"The data changed; the lanes still learn the earlier ones.", "The data changed.", "Changed."});
    else
      draw_fitting(draw, text_at, room,
                   {"Settings changed; they take effect with a restart.", "Settings changed.", "Changed."});
    return;
  }
  if (!tells_left(app)) {
    if (const KeptRecord* record = offered(app)) draw_offer(app, *record, text_at, right, button_y);
    return;
  }
  if (button_at_end("let-go", {.icon = Icon::close, .look = ui::Look::quiet, .tip = "Do not keep them"},
                    right, button_y))
    return session.let_go();
  const std::string left = session.left();
  const bool back = button_at_end("left.come-back",
                                  {.label = "Go back",
                                   .icon = Icon::back,
                                   .tip = "Everything as it was; what is here now is kept in exchange"},
                                  right, button_y);
  draw_fitting(
      draw, text_at, right - text_at.x,
      {"You left " + left + ". They are kept for a while.", "You left " + left + ".", "Trained lanes left."});
  if (back) session.come_back();
}

void draw_arrival(App& app) {
  Session& session = app.session;
  if (!session.arrival || !session.arrival->asks) return;
  const Palette& p = palette();
  const LaneView& lane = *session.arrival->lane;
  const Experiment& theirs = session.arrival->experiment;
  const ImVec2 screen = ImGui::GetMainViewport()->Size;
  if (!ImGui::IsPopupOpen("arrival")) ImGui::OpenPopup("arrival");
  ImGui::SetNextWindowPos(screen * 0.5f, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize({std::min(460.0f, screen.x - 16), 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::xl, space::l));
  const bool open =
      ImGui::BeginPopupModal("arrival", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove);
  ImGui::PopStyleVar();
  if (!open) return;
  ImGui::PushTextWrapPos(0);
  ui::label("This lane learned another text", p.text, Face::title);
  const std::string name =
      theirs.lanes[0].name.empty() ? cell_and_size(theirs.lanes[0]) : theirs.lanes[0].name;
  const Generator* generator = generator_of(theirs.data);
  const std::string text =
      generator ? std::string("the endless text “") + generator->title + "”, which is not the text here."
                : ui::count_text(static_cast<double>(lane.train_characters + lane.valid_characters)) +
                      " characters that are not the text here.";
  ui::label((session.arrival->file + " holds " + name + " at step " + std::to_string(lane.step) +
             ", trained on " + text)
                .c_str(),
            p.text);
  ImGui::PopTextWrapPos();
  const float width = ui::content_width();
  const auto choice = [&](const char* id, const char* label, const char* meaning, ui::Look look) {
    ImGui::Dummy({0, space::xs});
    const bool chosen = ui::button(id, {.label = label, .look = look, .width = width});
    ui::dim(meaning);
    return chosen;
  };
  std::optional<Session::Join> how;
  if (choice("arrival.keep", "Keep my text",
             "The lane comes beside mine and goes on with its own text. Losses on different texts cannot be "
             "compared.",
             ui::Look::primary))
    how = Session::Join::keep_mine;
  if (choice("arrival.use", "Use this lane's text",
             "Its text and settings become everybody's; my lanes begin anew on it. Trained ones can be had "
             "back.",
             ui::Look::plain))
    how = Session::Join::use_its_text;
  const bool away = choice("arrival.cancel", "Do not open it", "Nothing changes.", ui::Look::plain) ||
                    ImGui::IsKeyPressed(ImGuiKey_Escape, false);
  if (how) session.join(*how);
  if (away) session.turn_away();
  if (how || away) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

}  // namespace unroll
