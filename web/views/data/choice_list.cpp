// A list to choose from, with headings and a line about each choice.
#include <algorithm>

#include "web/toolkit/focus.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/data/data.h"

namespace unroll::data {
namespace {

/// One line of the open list. Returns whether it was clicked.
bool draw_choice(const Choice& choice, int number, bool chosen) {
  const float row = touch_targets() ? 42.0f : 38.0f;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const WithFont small(Face::small);
  ImGui::PushID(number);
  const bool clicked = ImGui::Selectable("##choice", chosen, 0, ImVec2(0, row - 4)) && !ui::drag_scrolling();
  ui::register_widget(choice.id, {choice.title + ", " + choice.about + ", choice", chosen ? "chosen" : ""});
  ui::tip(choice.about.c_str());
  const float room = ImGui::GetItemRectSize().x - 2 * space::s;
  ImGui::PopID();
  const std::string brief =
      ui::shortened(choice.about.substr(0, choice.about.find_first_of(":.")), std::max(room, 40.0f));
  const float top = at.y + (row - 38) / 2;
  draw_text(draw, Face::text, {at.x + space::s, top + 1}, solid(palette().text), choice.title.c_str());
  draw_text(draw, Face::small, {at.x + space::s, top + 18}, solid(palette().dim), brief.c_str());
  return clicked;
}

}  // namespace

int choice_list(const char* id, const char* spoken, const std::string& title, std::span<const Choice> choices,
                int chosen, float width) {
  int clicked = -1;
  ImGui::SetNextItemWidth(width);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::xs, space::xs));
  const float room = ImGui::GetMainViewport()->Size.x - 32;
  ImGui::SetNextWindowSizeConstraints({std::min(360.0f, room), 0}, {std::min(480.0f, room), FLT_MAX});
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const std::string hidden = std::string("##") + id;
  const std::string shown = ui::shortened(title, width - 2 * ImGui::GetStyle().FramePadding.x - 20);
  const bool open = ImGui::BeginCombo(hidden.c_str(), shown.c_str(),
                                      ImGuiComboFlags_NoArrowButton | ImGuiComboFlags_HeightLargest);
  ImGui::PopStyleVar();
  if (!open) ui::add_stop(id, {spoken, title});
  if (open) {
    std::string group;
    for (size_t i = 0; i < choices.size(); ++i) {
      if (choices[i].group != group) {
        group = choices[i].group;
        const ImVec2 head = ImGui::GetCursorScreenPos();
        draw_text(ImGui::GetWindowDrawList(), Face::strong, {head.x + space::s, head.y + 4},
                  solid(palette().dim), group.c_str());
        ImGui::Dummy({1, 20});
      }
      const auto number = static_cast<int>(i);
      if (draw_choice(choices[i], number, number == chosen)) clicked = number;
    }
    ui::scroll_by_drag();
    ImGui::EndCombo();
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 max(min.x + width, min.y + row_height());
  draw->AddRect(min, max, solid(palette().border), corner());
  draw_icon(draw, Icon::down, {max.x - 14, (min.y + max.y) / 2}, solid(palette().dim), 12);
  ui::register_widget(id, min, max);
  return clicked;
}

}  // namespace unroll::data
