// The widgets that all panels are made of: cards, buttons, fields, choices, tool tips; the register of where each
// widget stands (for tests and the page's API); scrolling by finger. On top of Dear ImGui, in the theme's look.
// An `id` is stable and unique on the screen ("train", "lane1.hidden"): it is ImGui's id and the register's name.
#pragma once

#include <imgui.h>

#include <span>
#include <string>
#include <string_view>

#include "web/toolkit/focus.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/icons.h"
#include "web/toolkit/numbers.h"
#include "web/toolkit/theme.h"

namespace unroll::ui {

// --- The register ---------------------------------------------------------------------------------------------

/// Remembers the last item under a name; what is clipped away entirely is left out. Tab stops at it (web/toolkit/focus.h),
/// and a screen reader says what it is.
void register_widget(std::string_view id, Spoken);
/// The same for what is no control, or one for pointers only.
void register_widget(std::string_view id, ImVec2 min, ImVec2 max);
/// {id: [x, y, width, height]} of the frame, and starts the next one.
std::string take_widgets();

// --- Cards ----------------------------------------------------------------------------------------------------

/// A rounded surface with a title. Height 0 fits the content. Always pair with end_card.
void begin_card(const char* id, const char* title, ImVec2 size, bool scrolls = false);
void end_card();
/// Within a scrolling window, after its content: a shade and an arrow at its lower edge while there is more below.
void hint_below();
/// Puts the cursor at the right end of the title row, left of earlier tools, for an item of this width.
void next_tool(float width);
/// Back to the content, below the title row.
void end_tools();
/// Width left for content from the cursor on.
float content_width();

/// Marks numbers or texts that a lane made under interventions, beside its name: with the word where there is `room`.
void intervened_mark(ImDrawList*, ImVec2 at, float room);

// --- Buttons --------------------------------------------------------------------------------------------------

enum class Look { plain, primary, quiet };
struct ButtonSpec {
  const char* label = "";  ///< empty: icon only
  Icon icon = Icon::none;
  Look look = Look::plain;
  float width = 0;  ///< 0 = as wide as the content
  const char* tip = nullptr;
  bool enabled = true;
  float height = 0;             ///< 0 = row_height()
  const char* name = nullptr;   ///< for screen readers; null: the label, or the tip where there is none
  const char* state = nullptr;  ///< for screen readers: "open", "on"
};
float button_width(const ButtonSpec&);
bool button(const char* id, const ButtonSpec&);

/// A button of the title row (next_tool) that opens a menu below itself, or above where there is more room. Returns
/// whether the menu is open; then end it with ImGui::EndPopup.
bool begin_menu(const char* id, const ButtonSpec&, float padding = space::m);

/// One of a few words in a row of equal segments.
bool segmented(const char* id, std::span<const char* const> words, int& chosen, float width,
               const char* tip = nullptr);
float segmented_width(std::span<const char* const> words);

// --- Rows of settings: label on the left, control on the right ------------------------------------------------

bool number_row(const char* id, const char* label, const char* help, double& value, const NumberSpec&);
/// `notes`: a line beside each word in the open list.
bool choice_row(const char* id, const char* label, const char* help, std::span<const char* const> words,
                int& chosen, std::span<const char* const> notes = {});
/// The stepper alone, `width` wide. What is entered and cannot be taken is said beside it.
bool number_field(const char* id, const char* label, double& value, const NumberSpec&, float width);

/// A line of text that folds and unfolds what follows. Returns whether it is open.
bool fold(const char* id, const char* label, bool& open);

// --- Text -----------------------------------------------------------------------------------------------------

void label(const char* text, Rgb colour, Face face = Face::text);
void dim(const char* text);       ///< small secondary text, wrapped
void tip(const char* text);       ///< tool tip of the last item
void tip_text(const char* text);  ///< tool tip now
/// Text cut with "…" where it would be wider.
std::string shortened(const std::string& text, float width);

/// Something that screen readers say with the next frame, for what only the eye sees otherwise.
void say(const std::string& sentence);
std::string take_said();

/// Call at the end of a window that may scroll: dragging with a finger scrolls it, without momentum. Of windows in each
/// other the innermost one that can move in the finger's direction does, so one that shows all it has, or stands at its
/// end, is in nobody's way.
void scroll_by_drag(bool horizontal = false);
/// The last item keeps a finger that went down on it: while that stays there, nothing scrolls.
void keep_drag();
/// True while a drag scrolls, so that what is under the finger must not react to its release.
bool drag_scrolling();
void end_frame();

}  // namespace unroll::ui
