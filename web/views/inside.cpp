// The views into the running models: one of five, chosen by the tabs above (wide) or by the words at its top.
#include <array>

#include "web/app.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {

void draw_inside(App& app, ImVec2 size) {
  constexpr void (*views[])(App&, ImVec2) = {draw_memory, draw_cell, draw_gates, draw_weights, draw_one_step};
  std::string& tab = app.session.wanted.view.tab;
  int chosen = 0;
  std::array<const char*, std::size(inside_tabs)> words{};
  for (size_t i = 0; i < words.size(); ++i) {
    words[i] = inside_tabs[i].label;
    if (tab == inside_tabs[i].id) chosen = static_cast<int>(i);
  }
  if (app.mode != Mode::wide) {
    const float left = ImGui::GetCursorPosX();
    if (ui::segmented("inside", words, chosen, size.x)) tab = inside_tabs[chosen].id;
    ImGui::SetCursorPosX(left);
    if (size.y > 0) size.y -= row_height() + ImGui::GetStyle().ItemSpacing.y;
  }
  views[chosen](app, size);
}

}  // namespace unroll
