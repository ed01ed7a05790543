// The keyboard's focus. Tab walks through the controls of all cards in the order in which they are drawn, scrolls to
// them, and goes no further than the ends, so that it can leave the canvas for the page around it. (Dear ImGui's own
// Tab goes round within one card for ever; it never gets that key. Arrows, Enter and Escape are its own.)
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

namespace unroll::ui {

/// The last item is a control that Tab stops at; it draws its own highlight (ImGui::RenderNavHighlight).
void add_stop(std::string_view name);
/// After BeginChild: what stands in it is there even while it is scrolled out of sight, so that Tab gets to it.
void keep_unseen_items();
void end_stops();  ///< all controls of the frame are drawn

// --- Between two frames

/// To the next (1) or the previous control (−1). False at the ends: the focus goes elsewhere. While a menu or a dialog
/// is open Tab stays in it and goes round; Escape closes it.
bool walk(int direction);
/// The focus comes from elsewhere: to the first control (1) or the last one (−1).
void walk_in(int direction);

// --- Anywhere

/// Name of the control with the focus, while it is shown; else empty.
std::string focused();
bool walked_to(ImGuiID item);  ///< whether Tab has just come to it; says so once
/// The last item has the focus from now on.
void focus_item();

}  // namespace unroll::ui
