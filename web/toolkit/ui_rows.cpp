// Rows of settings: a label with its help, and a stepper or a choice.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "web/platform/platform.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/ui.h"

namespace unroll::ui {
namespace {

/// Why a value is not what was entered: shown below its field for a while, or until somebody goes on.
struct Note {
  std::string id, text;
  double until = 0;
};
Note note;
constexpr double note_seconds = 6;

void draw_note(const char* id, ImVec2 min, ImVec2 max) {
  if (note.id != id) return;
  if (platform::seconds() > note.until || ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
    note.id.clear();
    return;
  }
  const Palette& p = palette();
  const ImVec2 screen = ImGui::GetMainViewport()->Size, text = text_size(Face::text, note.text.c_str());
  const ImVec2 size = text + ImVec2(2 * space::m, 2 * space::s);
  const bool below = max.y + 4 + size.y <= screen.y;
  const ImVec2 at(std::clamp(max.x - size.x, 4.0f, std::max(screen.x - size.x - 4, 4.0f)),
                  below ? max.y + 4 : min.y - 4 - size.y);
  ImDrawList* draw = ImGui::GetForegroundDrawList();
  draw->AddRectFilled(at, at + size, solid(p.card), corner());
  draw->AddRect(at, at + size, solid(p.warning), corner(), 0, 1.5f);
  draw_text(draw, Face::text, at + ImVec2(space::m, space::s), solid(p.text), note.text.c_str());
  register_widget(std::string(id) + ".note", at, at + size);
}

/// − or + at one end of a stepper.
int end_button(const char* id, const char* part, Icon icon, ImVec2 min, ImVec2 size, int by, Spoken spoken) {
  const Palette& p = palette();
  ImGui::SetCursorScreenPos(min);
  ImGui::PushButtonRepeat(true);
  const bool pressed = ImGui::InvisibleButton(part, size) && !drag_scrolling();
  ImGui::PopButtonRepeat();
  register_widget(std::string(id) + "." + part, std::move(spoken));
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) draw->AddRectFilled(min, min + size, faded(p.text, 0.07f), corner());
  draw_icon(draw, icon, min + size * 0.5f, solid(hovered ? p.text : p.dim), 14);
  ImGui::RenderNavHighlight(ImRect(min, min + size), ImGui::GetItemID());
  return pressed ? by : 0;
}

}  // namespace

bool number_field(const char* id, const char* label, double& value, const NumberSpec& spec, float width) {
  const Palette& p = palette();
  const float height = row_height();
  const ImVec2 min = ImGui::GetCursorScreenPos(), max = min + ImVec2(width, height);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const double before = value;
  const std::string shown = shown_number(value, spec), typed = typed_number(value, spec),
                    range = range_text(spec), name = std::string(id) + ".value";
  ImGui::PushID(id);
  ImGui::BeginGroup();
  draw->AddRectFilled(min, max, solid(p.inset), corner());
  draw->AddRect(min, max, solid(p.border), corner());
  const ImVec2 end(height, height);
  int by = end_button(id, "minus", Icon::minus, min, end, -1, {std::string(label) + ", less, button", shown});
  const ImVec2 middle_min = min + ImVec2(height, 0), middle_size(width - 2 * height, height);
  ImGui::SetCursorScreenPos(middle_min);
  const platform::NumberEdit edit = platform::number_field({.id = name.c_str(),
                                                            .label = label,
                                                            .range = range.c_str(),
                                                            .width = middle_size.x,
                                                            .height = height,
                                                            .integer = spec.integer,
                                                            .minimum = spec.minimum,
                                                            .maximum = spec.maximum,
                                                            .value = value,
                                                            .typed = typed.c_str(),
                                                            .shown = shown.c_str()});
  register_widget(name, {std::string(label) + ", number field", shown, true});
  if (!edit.typing) {
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
    tip(range.c_str());
    const WithFont mono(Face::mono);
    const ImVec2 text_size = ImGui::CalcTextSize(shown.c_str());
    draw->AddText(ImVec2(std::round(middle_min.x + (middle_size.x - text_size.x) / 2),
                         std::round(middle_min.y + (height - text_size.y) / 2)),
                  solid(p.text), shown.c_str());
  }
  by += end_button(id, "plus", Icon::plus, ImVec2(max.x - height, min.y), end, 1,
                   {std::string(label) + ", more, button", shown});
  if (edit.typed) {
    const Entered entered = enter_number(*edit.typed, value, spec);
    value = entered.value;
    note = {entered.note.empty() ? "" : id, entered.note, platform::seconds() + note_seconds};
    if (!entered.note.empty()) {
      say(std::string(label) + ": " + entered.note);
      platform::wake_in(note_seconds + 0.05);
    }
  }
  by += edit.steps;
  if (by) value = stepped(value, spec, by);
  draw_note(id, min, max);
  ImGui::SetCursorScreenPos(min);
  ImGui::Dummy(ImVec2(width, height));
  ImGui::EndGroup();
  ImGui::PopID();
  register_widget(id, min, max);
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
  return number_field(id, text, value, spec, width);
}

bool choice_row(const char* id, const char* text, const char* help, std::span<const char* const> words,
                int& chosen, std::span<const char* const> notes) {
  const float width = control_width();
  row_label(text, help, width);
  ImGui::SetNextItemWidth(width);
  const std::string hidden = std::string("##") + id;
  bool changed = false;
  const ImVec2 min = ImGui::GetCursorScreenPos(), max = min + ImVec2(width, row_height());
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::xs, space::xs));
  const float screen = ImGui::GetMainViewport()->Size.x, wide = std::min(420.0f, screen - 2 * space::l);
  float names = 0;
  for (const char* word : words) names = std::max(names, ImGui::CalcTextSize(word).x);
  if (!notes.empty())
    ImGui::SetNextWindowSizeConstraints({wide, 0}, {wide, ImGui::GetMainViewport()->Size.y * 0.6f});
  const bool open =
      ImGui::BeginCombo(hidden.c_str(), words[static_cast<size_t>(chosen)], ImGuiComboFlags_NoArrowButton);
  ImGui::PopStyleVar();
  if (!open) add_stop(id, {std::string(text) + ", list", words[static_cast<size_t>(chosen)]});
  if (open) {
    for (size_t i = 0; i < words.size(); ++i) {
      if (ImGui::Selectable(words[i], chosen == static_cast<int>(i), 0, ImVec2(0, row_height() - 6)) &&
          chosen != static_cast<int>(i)) {
        chosen = static_cast<int>(i);
        changed = true;
      }
      const std::string note = i < notes.size() ? notes[i] : "";
      if (!note.empty()) {
        const ImVec2 at =
            ImGui::GetItemRectMin() + ImVec2(names + space::l, (ImGui::GetItemRectSize().y - 15) / 2);
        draw_text(ImGui::GetWindowDrawList(), Face::small, at, solid(palette().dim),
                  shortened(note, ImGui::GetItemRectMax().x - at.x).c_str());
      }
      register_widget(std::string(id) + "." + words[i],
                      {std::string(words[i]) + (note.empty() ? "" : ", " + note) + ", choice",
                       chosen == static_cast<int>(i) ? "chosen" : ""});
    }
    if (!notes.empty()) scroll_by_drag();
    ImGui::EndCombo();
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRect(min, max, solid(palette().border), corner());
  draw_icon(draw, Icon::down, ImVec2(max.x - 14, (min.y + max.y) / 2), solid(palette().dim), 12);
  register_widget(id, min, max);
  return changed;
}

}  // namespace unroll::ui
