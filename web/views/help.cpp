// The help: what one sees, what the settings mean, and the shortcuts, over everything else.
#include <imgui_internal.h>

#include <algorithm>

#include "web/app.h"
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

void draw_help(App& app) {
  if (!app.looks.help_open) return;
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
    app.looks.help_open = false;
  ImGui::BeginChild("help.text", {0, 0}, ImGuiChildFlags_None, ImGuiWindowFlags_None);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, 6));
  paragraph(
      "Small recurrent networks learn your text here, on your machine: each reads one character after the "
      "other and "
      "guesses the next. Nothing leaves this page. Every number comes from the running models.");
  heading("Panels");
  entry("Text",
        "What is learned. The last part is held out: the lanes never train on it, and are tested on it.");
  entry("Lanes",
        "One model each. All see the same text in the same batches, with the same seed, so the race is fair. "
        "Match size gives a lane as many parameters as the other.");
  entry(
      "Loss",
      "How surprised a lane is per character: lower is better, 0 is certain. Faint: each step's batch. Line: "
      "smoothed over about 50 steps. Dots: the held-out text. Dashed: what simple counting reaches.");
  entry("Baselines",
        "uniform: every character as likely. unigram: by its frequency. bigram: given the one before. "
        "n-gram: the best of longer contexts. Below the bigram, a lane has learned more than pairs.");
  entry("Samples", "What each lane writes at this moment. Temperature: lower is safer, higher is bolder.");
  entry("What comes next",
        "Type a beginning; the bars are each lane's probabilities of the next character. A click "
        "appends it. Continue lets each lane write on.");
  entry("Timeline",
        "A text the lanes read, one column a character. Colour: how surprised a lane was by it. Below: its "
        "three best guesses before it saw the character; a frame marks the right one.");
  entry("Cell",
        "The inside of a lane's cell while it reads the chosen character, with the numbers of one unit: blue "
        "is above "
        "zero, orange below, thicker is more. Point at a part for its formula. Intervene clamps gates and "
        "silences "
        "units, and says what that does to the loss; training never sees it.");
  heading("Shortcuts");
  entry("Space", "train or pause", Face::mono);
  entry("S", "one step", Face::mono);
  entry("R", "reset: back to step 0 with the same seed", Face::mono);
  entry("N", "new seed", Face::mono);
  entry(", and .", "previous and next character of the timeline", Face::mono);
  entry("[ and ]", "previous and next unit of the cell", Face::mono);
  entry("P", "in the cell: read on through the text, or stop", Face::mono);
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
    app.looks.help_open = false;
  if (!app.looks.help_open) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

}  // namespace unroll
