// The keyboard's focus. Tab walks through the controls of all cards in the order in which they are drawn, scrolls to
// them, and goes no further than the ends, so that it can leave the canvas for the page around it. (Dear ImGui's own
// Tab goes round within one card for ever; it never gets that key. Arrows, Enter and Escape are its own.)
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

namespace unroll::ui {

/// What a screen reader says of a control.
struct Spoken {
  std::string text;        ///< what it is and does: "Train, button"; said when it gets the focus
  std::string state = {};  ///< "128", "on", "open": after that, and alone when it changes under the focus
  bool field = false;      ///< the platform's field, which speaks for itself while it has the keyboard
};
/// The last item is a control that Tab stops at; it draws its own highlight (ImGui::RenderNavHighlight).
void add_stop(std::string_view name, Spoken);
/// Controls drawn while it lives belong together: "LSTM 128". Said when the focus comes to the first of them.
class SpokenGroup {
 public:
  explicit SpokenGroup(std::string_view title);
  ~SpokenGroup();
  SpokenGroup(const SpokenGroup&) = delete;
  SpokenGroup& operator=(const SpokenGroup&) = delete;
};
/// After BeginChild: what stands in it is there even while it is scrolled out of sight, so that Tab gets to it.
void keep_unseen_items();
void end_stops();  ///< all controls of the frame are drawn

// --- Between two frames

/// To the next (1) or the previous control (−1). False at the ends: the focus goes elsewhere. While a menu or a dialog
/// is open Tab stays in it and goes round; Escape closes it.
bool walk(int direction);
/// The focus comes from elsewhere: to the first control (1) or the last one (−1).
void walk_in(int direction);
/// The focus is at this control from now on, if there is one of that name; it may be a field that got the keyboard.
void focus_named(std::string_view name);

// --- Anywhere

/// Name of the control with the focus, while it is shown; else empty.
std::string focused();
bool focus_is_field();  ///< … and it is a field: Space and letters are not for it until it has the keyboard
/// What to say now of the control with the focus, while it is shown; empty when nothing is new since the last call, or
/// when it is a field that has the keyboard and so speaks for itself.
std::string take_spoken(bool field_has_keyboard);
bool walked_to(ImGuiID item);  ///< whether Tab has just come to it; says so once
/// The last item has the focus from now on.
void focus_item();
/// Also: it is scrolled to, and `walked_to`.
void bring_item();

}  // namespace unroll::ui
