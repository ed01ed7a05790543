// Below the picture of a walk: buttons, the bar with the four phases and the speed.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/one_step/one_step.h"

namespace unroll {
namespace {

/// The bar with the four phases: a press or a drag goes there.
void draw_playhead(OneStep& one, const Moments& moments, float width) {
  const Palette& p = palette();
  const float height = row_height();
  const ImVec2 min = ImGui::GetCursorScreenPos();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  // Widths: as many moments as a phase has, but room for its name.
  float widths[4], total = 0;
  constexpr float gap = 2;
  for (size_t i = 0; i < 4; ++i) {
    const Phase phase = static_cast<Phase>(i);
    const float least = text_size(Face::small, phase_names[i]).x + 12;
    const float share =
        static_cast<float>(moments.end(phase) - moments.begin(phase)) / static_cast<float>(moments.count());
    widths[i] = std::max(least, (width - 3 * gap) * share);
    total += widths[i];
  }
  const float over = total - (width - 3 * gap);  // forward and backward, the long ones, give way
  const float flexible = widths[0] + widths[2];
  for (size_t i : {size_t{0}, size_t{2}}) widths[i] -= over * widths[i] / flexible;

  ImGui::InvisibleButton("one_step.scrub", {width, height});
  ui::register_widget(
      "one_step.scrub",
      {"Moment of the step", std::string(phase_names[static_cast<size_t>(moments.phase(one.moment))]) + ", " +
                                 std::to_string(one.moment + 1) + " of " + std::to_string(moments.count())});
  // The last move and the release can come in one frame.
  const bool held = (ImGui::IsItemActive() && ImGui::IsMouseDown(ImGuiMouseButton_Left)) ||
                    (ImGui::IsItemDeactivated() && ImGui::IsMouseReleased(ImGuiMouseButton_Left));
  float x = min.x;
  for (size_t i = 0; i < 4; ++i) {
    const Phase phase = static_cast<Phase>(i);
    const size_t begin = moments.begin(phase), count = moments.end(phase) - begin;
    const bool on = moments.phase(one.moment) == phase, past = one.moment >= begin + count;
    const ImVec2 a(x, min.y), b(x + widths[i], min.y + height);
    draw->AddRectFilled(a, b, solid(p.inset), corner());
    float fill = past ? 1.0f : 0.0f;
    if (on) fill = static_cast<float>(one.moment - begin + 1) / static_cast<float>(count);
    if (fill > 0)
      draw->AddRectFilled(a, {a.x + widths[i] * fill, b.y},
                          faded(p.accent, on ? (p.dark ? 0.55f : 0.28f) : (p.dark ? 0.3f : 0.14f)), corner());
    draw->AddRect(a, b, solid(on ? p.accent_text : p.border), corner());
    const ImVec2 text = text_size(Face::small, phase_names[i]);
    draw_text(draw, Face::small,
              {std::round(a.x + (widths[i] - text.x) / 2), std::round(a.y + (height - text.y) / 2)},
              solid(on ? p.text : p.dim), phase_names[i]);
    const float pointer = ImGui::GetIO().MousePos.x;
    if (held && (pointer >= a.x || i == 0) && (pointer < b.x + gap || i == 3)) {
      const float share = std::clamp((pointer - a.x) / widths[i], 0.0f, 0.9999f);
      go_to_moment(one, begin + static_cast<size_t>(share * static_cast<float>(count)));
    }
    x += widths[i] + gap;
  }
  ImGui::RenderNavHighlight(ImRect(min, min + ImVec2(width, height)), ImGui::GetItemID());
}

}  // namespace

void draw_transport(OneStep& one, const Moments& moments, bool narrow) {
  using ui::Look;
  if (moments.count() == 0) return ImGui::Dummy({0, row_height()});  // nothing to move through yet
  const bool at_end = one.moment + 1 >= moments.count();
  constexpr const char* speeds[] = {"slow", "normal", "fast"};
  const float speed_width = ui::segmented_width(speeds), buttons = 3 * row_height() + 2 * space::xs;
  const float width = ui::content_width();
  if (narrow) draw_playhead(one, moments, width);
  if (ui::button("one_step.back", {.icon = Icon::back, .tip = "One moment back", .enabled = one.moment > 0}))
    go_to_moment(one, one.moment - 1);
  ImGui::SameLine(0, space::xs);
  if (ui::button("one_step.play", {.icon = one.playing ? Icon::pause : Icon::play,
                                   .tip = one.playing ? "Stop here"
                                          : at_end    ? "Play again"
                                                      : "Play"})) {
    one.playing = !one.playing;
    if (one.playing && at_end) one.moment = 0;
    one.due = platform::seconds();
  }
  ImGui::SameLine(0, space::xs);
  if (ui::button("one_step.next", {.icon = Icon::step, .tip = "One moment on", .enabled = !at_end}))
    go_to_moment(one, one.moment + 1);
  ImGui::SameLine(0, space::s);
  if (!narrow) {
    draw_playhead(one, moments, width - buttons - speed_width - 2 * space::s);
    ImGui::SameLine(0, space::s);
  }
  ui::segmented("one_step.speed", speeds, one.speed, speed_width, "How fast it plays");
}

}  // namespace unroll
