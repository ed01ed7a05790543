// The font atlas: Inter for the interface, JetBrains Mono for text and numbers, rasterised at the device pixel ratio.
// The monospaced face holds every symbol that the experiment's texts use and the font has; it grows when a new one
// appears (the atlas is rebuilt before the next frame).
#pragma once

#include <imgui.h>

#include <string_view>

#include "web/toolkit/colour.h"

namespace unroll {

enum class Face { text, strong, small, title, mono, count };

ImFont* font(Face);
float font_size(Face);  ///< line height in layout units; the em is smaller, see fonts.cpp

// What the face lacks of these texts (they may quote the learner's) is drawn as web/toolkit/glyphs.h does.
ImVec2 text_size(Face, const char* text);
/// With `wrap` > 0 lines are broken at that width.
void draw_text(ImDrawList*, Face, ImVec2 at, ImU32 colour, const char* text, float wrap = 0);
/// As ImGui's next item, broken at `wrap` (0: not).
void write(Face, Rgb colour, const char* text, float wrap = 0);

/// Rebuilds the atlas when the pixel ratio changed or symbols were asked for. Only before ImGui::NewFrame.
void prepare_fonts(float pixel_ratio);

/// Asks for symbols of the monospaced face, and where they are of Latin-1 for those of all faces; they are there from the next
/// frame on, as far as the font has them.
void need_symbols(std::u32string_view);
/// The same of a text of any length, as far as Latin-1. Returns whether that is there, or will be from the next frame on.
bool need_latin(std::string_view utf8);

/// Width of a character of the monospaced face, a whole number of device pixels.
float mono_advance();

/// Switches the face for the scope's ImGui text.
class WithFont {
 public:
  explicit WithFont(Face face) { ImGui::PushFont(font(face)); }
  ~WithFont() { ImGui::PopFont(); }
  WithFont(const WithFont&) = delete;
  WithFont& operator=(const WithFont&) = delete;
};

}  // namespace unroll
