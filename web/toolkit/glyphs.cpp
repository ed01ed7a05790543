#include "web/toolkit/glyphs.h"

#include <algorithm>
#include <cstdio>

#include "engine/text/text.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/theme.h"

namespace unroll {
namespace {

/// The frame of a symbol that the font lacks: its code point in two rows of hexadecimal digits.
void draw_missing(ImDrawList* draw, ImVec2 min, ImVec2 size, char32_t symbol, ImU32 colour) {
  const float width = std::min(size.x, 13.0f), height = std::min(size.y, 16.0f);
  const ImVec2 a(min.x + (size.x - width) / 2 + 0.5f, min.y + (size.y - height) / 2 + 0.5f);
  draw->AddRect(a, ImVec2(a.x + width - 1, a.y + height - 1), colour, 2.0f);
  char digits[9];
  const int count = std::snprintf(digits, sizeof digits, "%04X", static_cast<unsigned>(symbol));
  const int first = (count + 1) / 2;
  const float digit = 8;
  ImFont* small = font(Face::small);
  for (int row = 0; row < 2; ++row) {
    const char* begin = digits + (row ? first : 0);
    const char* end = digits + (row ? count : first);
    const float text_width = small->CalcTextSizeA(digit, FLT_MAX, 0, begin, end).x;
    draw->AddText(
        small, digit,
        ImVec2(a.x + (width - text_width) / 2 - 0.5f, a.y + 0.5f + static_cast<float>(row) * 7 - 0.5f),
        colour, begin, end);
  }
}

/// A line break: down and to the left. A tab: to the right.
void draw_arrow(ImDrawList* draw, ImVec2 min, ImVec2 size, bool breaks, ImU32 colour) {
  const ImVec2 c(min.x + size.x / 2, min.y + size.y / 2 + (breaks ? 1.0f : 0.0f));
  const float way = breaks ? -1.0f : 1.0f;
  const ImVec2 tip(c.x + 3.5f * way, c.y);
  const ImVec2 shaft[] = {{c.x - 3 * way, breaks ? c.y - 5 : c.y}, {c.x - 3 * way, c.y}, tip};
  draw->AddPolyline(shaft, 3, colour, ImDrawFlags_None, 1.0f);
  const ImVec2 head[] = {{tip.x - 2.5f * way, tip.y - 2.5f}, tip, {tip.x - 2.5f * way, tip.y + 2.5f}};
  draw->AddPolyline(head, 3, colour, ImDrawFlags_None, 1.0f);
}

}  // namespace

float line_height() { return 20.0f; }

void draw_symbol(ImDrawList* draw, ImVec2 min, ImVec2 size, char32_t symbol, Rgb colour, float opacity) {
  if (symbol == U' ') {
    const float width = 6, x = min.x + (size.x - width) / 2, y = min.y + size.y / 2 + 4;
    const ImVec2 mark[] = {{x, y - 3}, {x, y}, {x + width, y}, {x + width, y - 3}};
    draw->AddPolyline(mark, 4, faded(colour, opacity * 0.75f), ImDrawFlags_None, 1.0f);
    return;
  }
  if (symbol == U'\n' || symbol == U'\t')
    return draw_arrow(draw, min, size, symbol == U'\n', faded(colour, opacity * 0.75f));
  if (!has_symbol(symbol)) return draw_missing(draw, min, size, symbol, faded(colour, opacity));
  ImFont* mono = font(Face::mono);
  const float pixel = font_size(Face::mono);
  const float advance = mono->GetCharAdvance(static_cast<ImWchar>(symbol)) * mono->Scale;
  mono->RenderChar(draw, pixel, ImVec2(min.x + (size.x - advance) / 2, min.y + (size.y - pixel) / 2 - 1),
                   faded(colour, opacity), static_cast<ImWchar>(symbol));
}

void draw_symbols(ImDrawList* draw, ImVec2 at, std::u32string_view text, Rgb colour, float opacity,
                  bool marks) {
  const ImVec2 cell(mono_advance(), line_height());
  for (char32_t symbol : text) {
    if (symbol != U' ' || marks) draw_symbol(draw, at, cell, symbol, colour, opacity);
    at.x += cell.x;
  }
}

std::string symbol_name(char32_t symbol) {
  if (symbol == U' ') return "space";
  if (symbol == U'\n') return "newline";
  if (symbol == U'\t') return "tab";
  if (has_symbol(symbol)) return encode_utf8(symbol);
  char name[16];
  std::snprintf(name, sizeof name, "U+%04X", static_cast<unsigned>(symbol));
  return name;
}

std::string quoted_name(char32_t symbol) {
  const std::string name = symbol_name(symbol);
  return to_symbols(name).size() == 1 ? "‘" + name + "’" : name;
}

std::vector<Line> wrap(std::u32string_view text, int columns) {
  std::vector<Line> lines;
  const size_t most = static_cast<size_t>(std::max(columns, 1));
  size_t begin = 0, after_space = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\n') {
      lines.push_back({begin, i});
      begin = after_space = i + 1;
      continue;
    }
    if (i - begin >= most) {
      const size_t end = after_space > begin ? after_space : i;
      lines.push_back({begin, end});
      begin = after_space = end;
    }
    if (text[i] == U' ') after_space = i + 1;
  }
  lines.push_back({begin, text.size()});
  return lines;
}

std::u32string to_symbols(std::string_view utf8) {
  if (auto decoded = decode_utf8(utf8)) return std::move(*decoded);
  std::u32string result;
  for (size_t i = 0; i < utf8.size();) {
    size_t length = 1;
    for (size_t most = 4; most >= 1; --most) {
      if (i + most > utf8.size()) continue;
      const auto one = decode_utf8(utf8.substr(i, most));
      if (one && one->size() == 1) {
        result += *one;
        length = most;
        break;
      }
      if (most == 1) result += U'\uFFFD';
    }
    i += length;
  }
  return result;
}

}  // namespace unroll
