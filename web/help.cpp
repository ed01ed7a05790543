// The help: what one sees, what the settings mean, and the shortcuts, over everything else.
#include <imgui_internal.h>

#include <algorithm>

#include "web/playground.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

void heading(const char* text) {
  ImGui::Dummy({0, space::s});
  ui::label(text, palette().text, Face::strong);
}

void paragraph(const char* text) {
  ImGui::PushTextWrapPos(0);
  ui::label(text, palette().text);
  ImGui::PopTextWrapPos();
}

/// A term and what it means, the meaning wrapped beside it.
void entry(const char* term, const char* meaning, Face face = Face::text) {
  const float left = std::min(150.0f, ui::content_width() * 0.36f);
  const float x = ImGui::GetCursorPosX();
  ui::label(term, palette().accent_text, face);
  ImGui::SameLine();
  ImGui::SetCursorPosX(x + left);
  ImGui::BeginGroup();
  paragraph(meaning);
  ImGui::EndGroup();
}

void settings(const char* section) {
  for (const Field& field : fields())
    if (std::string_view(field.section) == section) {
      std::string meaning = field.help;
      if (field.type != FieldType::text) meaning += " · " + allowed(field);
      entry(field.name, meaning.c_str(), Face::mono);
    }
}

}  // namespace

void draw_help(App& app, const Views& views) {
  if (!app.help_open) return;
  const Palette& p = palette();
  const ImVec2 screen = ImGui::GetMainViewport()->Size;
  ImGui::OpenPopup("help");
  const bool phone = screen.x < 600;
  const ImVec2 size(std::min(720.0f, screen.x - (phone ? 16 : 48)),
                    std::min(640.0f, screen.y - (phone ? 16 : 48)));
  ImGui::SetNextWindowPos(screen * 0.5f, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::xl, space::l));
  const bool open =
      ImGui::BeginPopupModal("help", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove);
  ImGui::PopStyleVar();
  if (!open) return;
  ui::register_widget("help.window", ImGui::GetWindowPos(), ImGui::GetWindowPos() + size);
  ui::label("What you see", p.text, Face::title);
  ImGui::SameLine();
  ImGui::SetCursorPosX(size.x - space::xl - row_height());
  if (ui::button("help.close", {.icon = Icon::close, .look = ui::Look::quiet, .tip = "Close (Esc)"}))
    app.help_open = false;
  ImGui::BeginChild("help.text", {0, 0}, ImGuiChildFlags_None, ImGuiWindowFlags_None);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, 6));
  paragraph(
      "Small recurrent networks learn your text here, on your machine: each reads one character after the "
      "other and "
      "guesses the next. Nothing leaves this page. Every number comes from the running models.");
  if (platform::shows_lessons() && app.course.may_choose(app.session.wanted.view) &&
      ui::button("help.lessons", {.label = "Lessons, step by step", .icon = Icon::book})) {
    app.help_open = false;
    app.lessons_listed = true;
  }
  heading("Panels");
  for (const auto& view : views)
    for (const HelpLine& line : view->about.help) entry(line.term, line.meaning);
  heading("Shortcuts");
  entry("Space", "train or pause", Face::mono);
  entry("S", "one step", Face::mono);
  entry("R", "reset: back to step 0 with the same seed", Face::mono);
  entry("N", "new seed", Face::mono);
  for (const auto& view : views)
    for (const HelpLine& line : view->about.keys) entry(line.term, line.meaning, Face::mono);
  entry("Ctrl-Z", "undo: the last edit, or back to what was left, with its networks; Ctrl-Shift-Z: redo",
        Face::mono);
  entry("T", "light or dark", Face::mono);
  entry("? or F1", "this help", Face::mono);
  entry("Tab, arrows",
        "move between the controls; Enter presses one. Tab goes on to the page behind the last one, and at "
        "once after Esc",
        Face::mono);
  paragraph(
      "A number: click to type it, drag sideways or use − and + to step. The timeline: drag to pan, Ctrl and "
      "the "
      "wheel to zoom.");
  heading("Training");
  settings("train");
  heading("Lane");
  settings("lanes");
  ImGui::Dummy({0, space::l});
  ImGui::PopStyleVar();
  ui::scroll_by_drag();
  ImGui::EndChild();
  if (ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !ImGui::IsWindowHovered(ImGuiHoveredFlags_AnyWindow))
    app.help_open = false;
  if (!app.help_open) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

}  // namespace unroll
