// Rows of settings: a label with its help, and a stepper or a choice.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "web/toolkit/focus.h"
#include "web/toolkit/ui.h"

namespace unroll::ui {
namespace {

/// A stepper whose number is being typed.
struct Typing {
  ImGuiID id = 0;
  char text[32] = "";
  bool fresh = false;
};
Typing typing;

double stepped(double value, const NumberSpec& spec, int by) {
  const double slack = std::abs(value) * 1e-9 + 1e-12;
  for (; by > 0; --by) {
    const auto next =
        std::find_if(spec.ladder.begin(), spec.ladder.end(), [&](double v) { return v > value + slack; });
    value = next != spec.ladder.end() ? *next : spec.integer ? value + 1 : value;
  }
  for (; by < 0; ++by) {
    const auto next =
        std::find_if(spec.ladder.rbegin(), spec.ladder.rend(), [&](double v) { return v < value - slack; });
    value = next != spec.ladder.rend() ? *next : spec.integer ? value - 1 : value;
  }
  return std::clamp(value, spec.minimum, spec.maximum);
}

std::string shown(double value, const NumberSpec& spec) {
  if (value == 0 && spec.zero) return spec.zero;
  return number_text(value, spec.integer) + spec.unit;
}

/// − or + at one end of a stepper.
int end_button(const char* id, const char* part, Icon icon, ImVec2 min, ImVec2 size, int by) {
  const Palette& p = palette();
  ImGui::SetCursorScreenPos(min);
  ImGui::PushButtonRepeat(true);
  const bool pressed = ImGui::InvisibleButton(part, size) && !drag_scrolling();
  ImGui::PopButtonRepeat();
  register_widget(std::string(id) + "." + part);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) draw->AddRectFilled(min, min + size, faded(p.text, 0.07f), corner());
  draw_icon(draw, icon, min + size * 0.5f, solid(hovered ? p.text : p.dim), 14);
  ImGui::RenderNavHighlight(ImRect(min, min + size), ImGui::GetItemID());
  return pressed ? by : 0;
}

/// Typing a number into the stepper's middle. Returns true when it was entered.
bool type_number(const char* id, double& value, const NumberSpec& spec, ImVec2 min, ImVec2 size) {
  ImGui::SetCursorScreenPos(min);
  ImGui::SetNextItemWidth(size.x);
  if (typing.fresh) ImGui::SetKeyboardFocusHere();
  const WithFont mono(Face::mono);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(space::xs, (size.y - ImGui::GetFontSize()) / 2));
  const bool entered =
      ImGui::InputText("##typed", typing.text, sizeof typing.text,
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll |
                           ImGuiInputTextFlags_CharsScientific);
  ImGui::PopStyleVar();
  register_widget(std::string(id) + ".value");
  const bool left = ImGui::IsItemDeactivated() || (!typing.fresh && !ImGui::IsItemActive());
  typing.fresh = false;
  if (!entered && !left) return false;
  typing.id = 0;
  char* end = nullptr;
  const double typed = std::strtod(typing.text, &end);
  if (end == typing.text || !std::isfinite(typed)) return false;
  value = std::clamp(spec.integer ? std::round(typed) : typed, spec.minimum, spec.maximum);
  return true;
}

}  // namespace

bool number_field(const char* id, double& value, const NumberSpec& spec, float width) {
  const Palette& p = palette();
  const float height = row_height();
  const ImVec2 min = ImGui::GetCursorScreenPos(), max = min + ImVec2(width, height);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const double before = value;
  ImGui::PushID(id);
  ImGui::BeginGroup();
  draw->AddRectFilled(min, max, solid(p.inset), corner());
  draw->AddRect(min, max, solid(p.border), corner());
  int by = end_button(id, "minus", Icon::minus, min, ImVec2(height, height), -1);
  const ImVec2 middle_min = min + ImVec2(height, 0), middle_size(width - 2 * height, height);
  const ImGuiID middle = ImGui::GetID("value");
  if (typing.id == middle) {
    type_number(id, value, spec, middle_min, middle_size);
  } else {
    ImGui::SetCursorScreenPos(middle_min);
    const bool clicked = ImGui::InvisibleButton("value", middle_size);
    register_widget(std::string(id) + ".value");
    const bool hovered = ImGui::IsItemHovered(), held = ImGui::IsItemActive();
    if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
    if (hovered || held) draw->AddRectFilled(middle_min, middle_min + middle_size, faded(p.text, 0.04f));
    if (held && !drag_scrolling()) {  // 12 units sideways are one rung
      const float drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 4).x;
      if (std::abs(drag) >= 12) {
        by += static_cast<int>(drag / 12);
        ImGui::ResetMouseDragDelta();
      }
    }
    const bool was_drag = ImGui::GetIO().MouseDragMaxDistanceSqr[0] > 16;
    const bool by_key = ImGui::GetIO().NavVisible && ImGui::IsItemFocused();
    if (clicked && (by_key || !was_drag) && !touch_targets()) {
      typing.id = middle;
      typing.fresh = true;
      // The press that begins must not end it when it lasts.
      ImGui::SetKeyOwner(ImGuiKey_Enter, middle, ImGuiInputFlags_LockUntilRelease);
      std::snprintf(typing.text, sizeof typing.text, "%s", number_text(value, spec.integer).c_str());
    }
    const WithFont mono(Face::mono);
    const std::string text = shown(value, spec);
    const ImVec2 text_size = ImGui::CalcTextSize(text.c_str());
    draw->AddText(ImVec2(std::round(middle_min.x + (middle_size.x - text_size.x) / 2),
                         std::round(middle_min.y + (height - text_size.y) / 2)),
                  solid(p.text), text.c_str());
    ImGui::RenderNavHighlight(ImRect(middle_min, middle_min + middle_size), ImGui::GetItemID());
  }
  by += end_button(id, "plus", Icon::plus, ImVec2(max.x - height, min.y), ImVec2(height, height), 1);
  if (by) value = stepped(value, spec, by);
  ImGui::SetCursorScreenPos(min);
  ImGui::Dummy(ImVec2(width, height));
  ImGui::EndGroup();
  ImGui::PopID();
  register_widget(id);
  return value != before;
}

namespace {

/// The label on the left; the cursor afterwards stands where the control of `width` begins.
void row_label(const char* text, const char* help, float control_width) {
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float available = content_width();
  const ImVec2 size(available - control_width - space::s, row_height());
  ImGui::Dummy(size);
  if (help) tip(help);
  ImGui::GetWindowDrawList()->AddText(ImVec2(start.x, start.y + (size.y - ImGui::GetTextLineHeight()) / 2),
                                      solid(palette().text), shortened(text, size.x).c_str());
  ImGui::SetCursorScreenPos(ImVec2(start.x + available - control_width, start.y));
}

float control_width() { return std::min(touch_targets() ? 176.0f : 132.0f, content_width() * 0.56f); }

}  // namespace

bool number_row(const char* id, const char* text, const char* help, double& value, const NumberSpec& spec) {
  const float width = control_width();
  row_label(text, help, width);
  return number_field(id, value, spec, width);
}

bool choice_row(const char* id, const char* text, const char* help, std::span<const char* const> words,
                int& chosen) {
  const float width = control_width();
  row_label(text, help, width);
  ImGui::SetNextItemWidth(width);
  const std::string hidden = std::string("##") + id;
  bool changed = false;
  const ImVec2 min = ImGui::GetCursorScreenPos(), max = min + ImVec2(width, row_height());
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::xs, space::xs));
  const bool open =
      ImGui::BeginCombo(hidden.c_str(), words[static_cast<size_t>(chosen)], ImGuiComboFlags_NoArrowButton);
  ImGui::PopStyleVar();
  if (!open) add_stop(id);
  if (open) {
    for (size_t i = 0; i < words.size(); ++i) {
      if (ImGui::Selectable(words[i], chosen == static_cast<int>(i), 0, ImVec2(0, row_height() - 6)) &&
          chosen != static_cast<int>(i)) {
        chosen = static_cast<int>(i);
        changed = true;
      }
      register_widget(std::string(id) + "." + words[i]);
    }
    ImGui::EndCombo();
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRect(min, max, solid(palette().border), corner());
  draw_icon(draw, Icon::down, ImVec2(max.x - 14, (min.y + max.y) / 2), solid(palette().dim), 12);
  register_widget(id, min, max);
  return changed;
}

}  // namespace unroll::ui
