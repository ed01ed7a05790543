#include "web/toolkit/math_text.h"

#include <algorithm>
#include <functional>

namespace unroll {
namespace {

constexpr float lowered_size = 0.75f, lowered_by = 0.34f;

size_t symbol_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/// Calls `run` for each piece of one height, from left to right.
void for_runs(std::string_view formula, const std::function<void(std::string_view, bool lowered)>& run) {
  while (!formula.empty()) {
    const size_t mark = formula.find('_');
    if (mark > 0) run(formula.substr(0, mark), false);
    if (mark == std::string_view::npos || mark + 1 >= formula.size()) return;
    formula.remove_prefix(mark + 1);
    const size_t close = formula[0] == '{' ? formula.find('}') : std::string_view::npos;
    if (close != std::string_view::npos) {
      run(formula.substr(1, close - 1), true);
      formula.remove_prefix(close + 1);
    } else {
      const size_t bytes = std::min(symbol_bytes(formula[0]), formula.size());
      run(formula.substr(0, bytes), true);
      formula.remove_prefix(bytes);
    }
  }
}

}  // namespace

float math_width(Face face, std::string_view formula) {
  float width = 0;
  for_runs(formula, [&](std::string_view piece, bool lowered) {
    const float size = font_size(face) * (lowered ? lowered_size : 1);
    width += font(face)->CalcTextSizeA(size, FLT_MAX, 0, piece.data(), piece.data() + piece.size()).x;
  });
  return width;
}

void draw_math(ImDrawList* draw, Face face, ImVec2 at, ImU32 colour, std::string_view formula) {
  for_runs(formula, [&](std::string_view piece, bool lowered) {
    const float size = font_size(face) * (lowered ? lowered_size : 1);
    const char *begin = piece.data(), *end = begin + piece.size();
    const ImVec2 where(at.x, at.y + (lowered ? font_size(face) * lowered_by : 0));
    draw->AddText(font(face), size, where, colour, begin, end);
    at.x += font(face)->CalcTextSizeA(size, FLT_MAX, 0, begin, end).x;
  });
}

std::string plain_math(std::string_view formula) {
  std::string plain;
  std::copy_if(formula.begin(), formula.end(), std::back_inserter(plain),
               [](char c) { return c != '{' && c != '}'; });
  return plain;
}

}  // namespace unroll
