#include "web/toolkit/glyphs.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "engine/text/text.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/glyph_atlas.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/unicode.h"

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

/// A name or a number, small enough for the cell; two words stand below each other where there is room.
void draw_named(ImDrawList* draw, ImVec2 min, ImVec2 size, const std::string& name, ImU32 colour) {
  ImFont* small = font(Face::small);
  constexpr float least = 7;
  const size_t space = name.find(' ');
  const bool two = space != std::string::npos && size.y >= 2 * least;
  const std::string lines[] = {two ? name.substr(0, space) : name, two ? name.substr(space + 1) : ""};
  const float row = size.y / (two ? 2.0f : 1.0f);
  for (int i = 0; i < (two ? 2 : 1); ++i) {
    const std::string& line = lines[i];
    float pixel = std::min(font_size(Face::small), row);
    float width = small->CalcTextSizeA(pixel, FLT_MAX, 0, line.c_str()).x;
    if (width > size.x) {
      pixel = std::max(least, pixel * size.x / width);
      width = small->CalcTextSizeA(pixel, FLT_MAX, 0, line.c_str()).x;
    }
    const ImVec2 at(min.x + std::max((size.x - width) / 2, 0.0f),
                    min.y + row * static_cast<float>(i) + (row - pixel) / 2);
    const ImVec4 clip(min.x, min.y, min.x + size.x, min.y + size.y);
    draw->AddText(small, pixel, at, colour, line.c_str(), nullptr, 0, &clip);
  }
}

// --- Pieces of a line -------------------------------------------------------------------------------------------

constexpr char32_t dotted_circle = 0x25cc, joiner = 0x200d;
constexpr float box_width = 14;      // of the frame of a symbol that no font has
constexpr size_t longest_word = 24;  // code points of a cursive script that are drawn as one

/// Visible by itself; the rest is drawn as a frame with its code point.
bool drawable(char32_t symbol) {
  return symbol > 0x20 && !(symbol >= 0x7f && symbol <= 0xa0) && !unicode::invisible(symbol) &&
         !(symbol >= 0xd800 && symbol <= 0xf8ff) && (symbol & 0xfffe) != 0xfffe;
}

bool in_face(Face face, char32_t symbol) {
  return drawable(symbol) && symbol <= 0xffff && !unicode::is_mark(symbol) &&
         font(face)->FindGlyphNoFallback(static_cast<ImWchar>(symbol)) != nullptr;
}

/// The face of ours that draws the symbol in a text of this face.
std::optional<Face> face_with(Face face, char32_t symbol) {
  if (in_face(face, symbol)) return face;
  if (in_face(Face::mono, symbol)) return Face::mono;
  return std::nullopt;
}

float advance_of(Face face, char32_t symbol) {
  const ImFont* drawn = font(face);
  return drawn->GetCharAdvance(static_cast<ImWchar>(symbol)) * drawn->Scale;
}

/// From the top of the line to its baseline.
float baseline(Face face) { return font(face)->Ascent * font(face)->Scale; }

/// Letters like those of our own face in its size, others a little larger: their details are finer.
float em_of(std::u32string_view text) {
  const bool like_ours = text[0] < 0x530 || (text[0] >= 0x1e00 && text[0] < 0x2000);
  return like_ours || text[0] == dotted_circle ? 12.12f
                                               : 14.0f;  // the em of the monospaced face is 16 / 1.32
}

/// The end of what is drawn as one from `begin` on: a cluster, or a word of a cursive script.
size_t piece_end(std::u32string_view text, size_t begin) {
  size_t end = unicode::cluster_end(text, begin);
  if (!unicode::joins(text[begin])) return end;
  while (end < text.size() && end - begin < longest_word && unicode::joins(text[end]))
    end = unicode::cluster_end(text, end);
  return end;
}

/// What the platform draws for a piece: where a word was cut, its letters still join.
std::u32string to_draw(std::u32string_view text, size_t begin, size_t end) {
  std::u32string shown(text.substr(begin, end - begin));
  if (unicode::is_mark(shown[0])) shown.insert(shown.begin(), dotted_circle);
  if (!unicode::joins(shown[0])) return shown;
  if (begin > 0 && unicode::joins(text[begin - 1])) shown.insert(shown.begin(), joiner);
  if (end < text.size() && unicode::joins(text[end])) shown += joiner;
  return shown;
}

/// Some font has it; or it is not known yet.
bool visible(char32_t symbol) {
  if (!drawable(symbol) || unicode::is_mark(symbol)) return false;
  if (in_face(Face::mono, symbol)) return true;
  const std::u32string text(1, symbol);
  const AtlasGlyph* glyph = atlas_glyph(text, em_of(text));
  return !glyph || !glyph->missing;
}

Piece next_piece(std::u32string_view text, size_t begin, Face face) {
  Piece piece{.begin = begin, .end = piece_end(text, begin)};
  const char32_t first = text[begin];
  if (piece.end - begin == 1) {
    const auto own = face_with(face, first);
    piece.width = own             ? advance_of(*own, first)
                  : first == U' ' ? advance_of(face, U' ')
                  : first < 0x20  ? mono_advance()
                                  : box_width;
    if (own || !drawable(first)) return piece;
  }
  std::u32string shown = to_draw(text, begin, piece.end);
  const AtlasGlyph* glyph = atlas_glyph(shown, em_of(shown));
  if (glyph && glyph->missing) {  // box by box
    piece.end = begin + 1;
    piece.width = box_width;
  } else {
    piece.width = glyph ? std::max(glyph->advance, 1.0f) : em_of(shown);
  }
  return piece;
}

/// Scripts that are written without spaces between words: a line may break beside each character.
bool breaks_anywhere(char32_t s) {
  return (s >= 0x2e80 && s < 0xa4d0) || (s >= 0xf900 && s < 0xfb00) || (s >= 0xff00 && s < 0xff66) ||
         (s >= 0x20000 && s < 0x40000);
}

/// The pieces of a line in the order of the eye, with their places.
void order_pieces(TextLine& line, std::u32string_view paragraph, size_t paragraph_begin,
                  const std::vector<uint8_t>& levels) {
  if (!levels.empty()) {
    std::vector<uint8_t> each;
    for (const Piece& piece : line.pieces) each.push_back(levels[piece.begin - paragraph_begin]);
    for (size_t i = each.size(); i-- > 0 && paragraph[line.pieces[i].begin - paragraph_begin] == U' ';)
      each[i] = line.from_right ? 1 : 0;  // spaces at the end stay there
    std::vector<Piece> ordered;
    for (size_t index : unicode::visual_order(each)) {
      ordered.push_back(line.pieces[index]);
      ordered.back().from_right = each[index] % 2 == 1;
    }
    line.pieces = std::move(ordered);
  }
  for (Piece& piece : line.pieces) {
    piece.x = line.width;
    line.width += piece.width;
  }
}

void lay_out_paragraph(std::vector<TextLine>& lines, std::u32string_view text, size_t begin, size_t end,
                       float width, Face face) {
  const std::u32string_view paragraph = text.substr(begin, end - begin);
  const bool plain = std::all_of(paragraph.begin(), paragraph.end(), [](char32_t s) { return s < 0x590; });
  const bool from_right = !plain && unicode::right_to_left(paragraph);
  const std::vector<uint8_t> levels = plain ? std::vector<uint8_t>() : unicode::levels(paragraph, from_right);
  TextLine line{.begin = begin, .from_right = from_right};
  float filled = 0;
  size_t breakable = 0;  // pieces up to the last place where the line may break
  const auto finish = [&](size_t pieces) {
    TextLine rest{.from_right = from_right};
    rest.pieces.assign(line.pieces.begin() + static_cast<std::ptrdiff_t>(pieces), line.pieces.end());
    line.pieces.resize(pieces);
    line.end = pieces > 0 ? line.pieces.back().end : line.begin;
    rest.begin = line.end;
    order_pieces(line, paragraph, begin, levels);
    lines.push_back(std::move(line));
    line = std::move(rest);
    filled = 0;
    breakable = 0;
    for (const Piece& piece : line.pieces) filled += piece.width;
  };
  for (size_t i = begin; i < end;) {
    const Piece piece = next_piece(text.substr(0, end), i, face);
    const bool space = text[i] == U' ';
    while (!line.pieces.empty() && filled + piece.width > width + 0.01f) {
      if (!space && breaks_anywhere(text[i])) breakable = line.pieces.size();
      finish(breakable > 0 ? breakable : line.pieces.size());
    }
    line.pieces.push_back(piece);
    filled += piece.width;
    if (space || breaks_anywhere(text[i])) breakable = line.pieces.size();
    i = piece.end;
  }
  finish(line.pieces.size());
}

}  // namespace

float line_height() { return 20.0f; }

float symbols_width(std::u32string_view symbols, float least, float most) {
  float width = least;
  for (const char32_t symbol : symbols) {
    if (!is_named(symbol)) continue;
    const std::string name = symbol_text(symbol);
    const size_t space = std::min(name.find(' '), name.size());  // two lines
    for (const std::string& line : {name.substr(0, space), name.substr(std::min(space + 1, name.size()))})
      width = std::max(width, text_size(Face::small, line.c_str()).x + 6);
  }
  return std::min(width, std::max(least, most));
}

void draw_symbol(ImDrawList* draw, ImVec2 min, ImVec2 size, char32_t symbol, Rgb colour, float opacity) {
  if (is_named(symbol)) return draw_named(draw, min, size, symbol_text(symbol), faded(colour, opacity));
  if (symbol == U' ') {
    const float width = 6, x = min.x + (size.x - width) / 2, y = min.y + size.y / 2 + 4;
    const ImVec2 mark[] = {{x, y - 3}, {x, y}, {x + width, y}, {x + width, y - 3}};
    draw->AddPolyline(mark, 4, faded(colour, opacity * 0.75f), ImDrawFlags_None, 1.0f);
    return;
  }
  if (symbol == U'\n' || symbol == U'\t')
    return draw_arrow(draw, min, size, symbol == U'\n', faded(colour, opacity * 0.75f));
  ImFont* mono = font(Face::mono);
  const float pixel = font_size(Face::mono), top = min.y + (size.y - pixel) / 2 - 1;
  if (in_face(Face::mono, symbol)) {
    const float advance = advance_of(Face::mono, symbol);
    return mono->RenderChar(draw, pixel, ImVec2(min.x + (size.x - advance) / 2, top), faded(colour, opacity),
                            static_cast<ImWchar>(symbol));
  }
  if (!drawable(symbol)) return draw_missing(draw, min, size, symbol, faded(colour, opacity));
  const std::u32string shown =
      unicode::is_mark(symbol) ? std::u32string{dotted_circle, symbol} : std::u32string(1, symbol);
  const AtlasGlyph* glyph = atlas_glyph(shown, em_of(shown));
  if (!glyph) return;
  if (glyph->missing) return draw_missing(draw, min, size, symbol, faded(colour, opacity));
  const float scale = glyph->size.x > size.x ? size.x / glyph->size.x : 1;
  const float x = min.x + (size.x - glyph->size.x * scale) / 2 - glyph->offset.x * scale;
  const float y = top + baseline(Face::mono) - (1 - scale) * 4;
  draw_glyph(draw, *glyph, {x, y}, colour, opacity, scale);
}

std::vector<TextLine> lay_out(std::u32string_view text, float width, Face face) {
  std::vector<TextLine> lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(U'\n', begin), text.size());
    lay_out_paragraph(lines, text, begin, end, width, face);
    begin = end + 1;
  }
  return lines;
}

void draw_piece(ImDrawList* draw, ImVec2 at, std::u32string_view text, const Piece& piece, Rgb colour,
                float opacity, Face face) {
  const std::u32string_view shown = text.substr(piece.begin, piece.end - piece.begin);
  const float tall = face == Face::mono ? line_height() : font_size(face);
  at.x += piece.x;
  const float top = at.y + (face == Face::mono ? 1.0f : 0.0f);
  if (shown.size() == 1) {
    if (shown[0] == U' ') return;
    const char32_t symbol = piece.from_right ? unicode::mirrored(shown[0]) : shown[0];
    if (const auto own = face_with(face, symbol)) {
      // On the line's baseline, whichever face has it.
      font(*own)->RenderChar(draw, font_size(*own), {at.x, top + baseline(face) - baseline(*own)},
                             faded(colour, opacity), static_cast<ImWchar>(symbol));
      return;
    }
    if (!drawable(symbol)) return draw_symbol(draw, at, {piece.width, tall}, symbol, colour, opacity);
  }
  const std::u32string drawn = to_draw(text, piece.begin, piece.end);
  const AtlasGlyph* glyph = atlas_glyph(drawn, em_of(drawn));
  if (!glyph) return;
  if (glyph->missing) return draw_missing(draw, at, {piece.width, tall}, shown[0], faded(colour, opacity));
  draw_glyph(draw, *glyph, {at.x, top + baseline(face)}, colour, opacity);
}

void draw_line(ImDrawList* draw, ImVec2 at, float room, std::u32string_view text, const TextLine& line,
               Rgb colour, float opacity, Face face) {
  at.x += line.indent(room);
  for (const Piece& piece : line.pieces) draw_piece(draw, at, text, piece, colour, opacity, face);
}

std::string symbol_name(char32_t symbol) {
  if (is_named(symbol)) return symbol_text(symbol);
  if (symbol == U' ') return "space";
  if (symbol == U'\n') return "newline";
  if (symbol == U'\t') return "tab";
  if (visible(symbol)) return encode_utf8(symbol);
  char name[16];
  std::snprintf(name, sizeof name, "U+%04X", static_cast<unsigned>(symbol));
  return name;
}

std::string quoted_name(char32_t symbol) {
  const std::string name = symbol_name(symbol);
  return to_symbols(name).size() == 1 ? "‘" + name + "’" : name;
}

std::u32string to_symbols(std::string_view utf8) {
  if (auto decoded = decode_utf8_exact(utf8)) return std::move(*decoded);
  std::u32string result;
  for (size_t i = 0; i < utf8.size();) {
    size_t length = 1;
    for (size_t most = 4; most >= 1; --most) {
      if (i + most > utf8.size()) continue;
      const auto one = decode_utf8_exact(utf8.substr(i, most));
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
