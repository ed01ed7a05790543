#include "web/toolkit/unicode.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace unroll::unicode {
namespace {

struct Range {
  char32_t first, last;
};

bool within(std::span<const Range> ranges, char32_t symbol) {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), symbol,
                                      [](char32_t s, const Range& range) { return s < range.first; });
  return after != ranges.begin() && symbol <= std::prev(after)->last;
}

// Categories Mn, Me and Mc; gaps of unassigned code points are closed. Made with Python's unicodedata.
constexpr Range marks[] = {
    {0x300, 0x36f},     {0x483, 0x489},     {0x591, 0x5bd},     {0x5bf, 0x5bf},     {0x5c1, 0x5c2},
    {0x5c4, 0x5c5},     {0x5c7, 0x5c7},     {0x610, 0x61a},     {0x64b, 0x65f},     {0x670, 0x670},
    {0x6d6, 0x6dc},     {0x6df, 0x6e4},     {0x6e7, 0x6e8},     {0x6ea, 0x6ed},     {0x711, 0x711},
    {0x730, 0x74a},     {0x7a6, 0x7b0},     {0x7eb, 0x7f3},     {0x7fd, 0x7fd},     {0x816, 0x819},
    {0x81b, 0x823},     {0x825, 0x827},     {0x829, 0x82d},     {0x859, 0x85b},     {0x898, 0x89f},
    {0x8ca, 0x8e1},     {0x8e3, 0x903},     {0x93a, 0x93c},     {0x93e, 0x94f},     {0x951, 0x957},
    {0x962, 0x963},     {0x981, 0x983},     {0x9bc, 0x9bc},     {0x9be, 0x9cd},     {0x9d7, 0x9d7},
    {0x9e2, 0x9e3},     {0x9fe, 0xa03},     {0xa3c, 0xa51},     {0xa70, 0xa71},     {0xa75, 0xa75},
    {0xa81, 0xa83},     {0xabc, 0xabc},     {0xabe, 0xacd},     {0xae2, 0xae3},     {0xafa, 0xb03},
    {0xb3c, 0xb3c},     {0xb3e, 0xb57},     {0xb62, 0xb63},     {0xb82, 0xb82},     {0xbbe, 0xbcd},
    {0xbd7, 0xbd7},     {0xc00, 0xc04},     {0xc3c, 0xc3c},     {0xc3e, 0xc56},     {0xc62, 0xc63},
    {0xc81, 0xc83},     {0xcbc, 0xcbc},     {0xcbe, 0xcd6},     {0xce2, 0xce3},     {0xd00, 0xd03},
    {0xd3b, 0xd3c},     {0xd3e, 0xd4d},     {0xd57, 0xd57},     {0xd62, 0xd63},     {0xd81, 0xd83},
    {0xdca, 0xddf},     {0xdf2, 0xdf3},     {0xe31, 0xe31},     {0xe34, 0xe3a},     {0xe47, 0xe4e},
    {0xeb1, 0xeb1},     {0xeb4, 0xebc},     {0xec8, 0xecd},     {0xf18, 0xf19},     {0xf35, 0xf35},
    {0xf37, 0xf37},     {0xf39, 0xf39},     {0xf3e, 0xf3f},     {0xf71, 0xf84},     {0xf86, 0xf87},
    {0xf8d, 0xfbc},     {0xfc6, 0xfc6},     {0x102b, 0x103e},   {0x1056, 0x1059},   {0x105e, 0x1060},
    {0x1062, 0x1064},   {0x1067, 0x106d},   {0x1071, 0x1074},   {0x1082, 0x108d},   {0x108f, 0x108f},
    {0x109a, 0x109d},   {0x135d, 0x135f},   {0x1712, 0x1715},   {0x1732, 0x1734},   {0x1752, 0x1753},
    {0x1772, 0x1773},   {0x17b4, 0x17d3},   {0x17dd, 0x17dd},   {0x180b, 0x180d},   {0x180f, 0x180f},
    {0x1885, 0x1886},   {0x18a9, 0x18a9},   {0x1920, 0x193b},   {0x1a17, 0x1a1b},   {0x1a55, 0x1a7f},
    {0x1ab0, 0x1b04},   {0x1b34, 0x1b44},   {0x1b6b, 0x1b73},   {0x1b80, 0x1b82},   {0x1ba1, 0x1bad},
    {0x1be6, 0x1bf3},   {0x1c24, 0x1c37},   {0x1cd0, 0x1cd2},   {0x1cd4, 0x1ce8},   {0x1ced, 0x1ced},
    {0x1cf4, 0x1cf4},   {0x1cf7, 0x1cf9},   {0x1dc0, 0x1dff},   {0x20d0, 0x20f0},   {0x2cef, 0x2cf1},
    {0x2d7f, 0x2d7f},   {0x2de0, 0x2dff},   {0x302a, 0x302f},   {0x3099, 0x309a},   {0xa66f, 0xa672},
    {0xa674, 0xa67d},   {0xa69e, 0xa69f},   {0xa6f0, 0xa6f1},   {0xa802, 0xa802},   {0xa806, 0xa806},
    {0xa80b, 0xa80b},   {0xa823, 0xa827},   {0xa82c, 0xa82c},   {0xa880, 0xa881},   {0xa8b4, 0xa8c5},
    {0xa8e0, 0xa8f1},   {0xa8ff, 0xa8ff},   {0xa926, 0xa92d},   {0xa947, 0xa953},   {0xa980, 0xa983},
    {0xa9b3, 0xa9c0},   {0xa9e5, 0xa9e5},   {0xaa29, 0xaa36},   {0xaa43, 0xaa43},   {0xaa4c, 0xaa4d},
    {0xaa7b, 0xaa7d},   {0xaab0, 0xaab0},   {0xaab2, 0xaab4},   {0xaab7, 0xaab8},   {0xaabe, 0xaabf},
    {0xaac1, 0xaac1},   {0xaaeb, 0xaaef},   {0xaaf5, 0xaaf6},   {0xabe3, 0xabea},   {0xabec, 0xabed},
    {0xfb1e, 0xfb1e},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},   {0x101fd, 0x101fd}, {0x102e0, 0x102e0},
    {0x10376, 0x1037a}, {0x10a01, 0x10a0f}, {0x10a38, 0x10a3f}, {0x10ae5, 0x10ae6}, {0x10d24, 0x10d27},
    {0x10eab, 0x10eac}, {0x10f46, 0x10f50}, {0x10f82, 0x10f85}, {0x11000, 0x11002}, {0x11038, 0x11046},
    {0x11070, 0x11070}, {0x11073, 0x11074}, {0x1107f, 0x11082}, {0x110b0, 0x110ba}, {0x110c2, 0x110c2},
    {0x11100, 0x11102}, {0x11127, 0x11134}, {0x11145, 0x11146}, {0x11173, 0x11173}, {0x11180, 0x11182},
    {0x111b3, 0x111c0}, {0x111c9, 0x111cc}, {0x111ce, 0x111cf}, {0x1122c, 0x11237}, {0x1123e, 0x1123e},
    {0x112df, 0x112ea}, {0x11300, 0x11303}, {0x1133b, 0x1133c}, {0x1133e, 0x1134d}, {0x11357, 0x11357},
    {0x11362, 0x11374}, {0x11435, 0x11446}, {0x1145e, 0x1145e}, {0x114b0, 0x114c3}, {0x115af, 0x115c0},
    {0x115dc, 0x115dd}, {0x11630, 0x11640}, {0x116ab, 0x116b7}, {0x1171d, 0x1172b}, {0x1182c, 0x1183a},
    {0x11930, 0x1193e}, {0x11940, 0x11940}, {0x11942, 0x11943}, {0x119d1, 0x119e0}, {0x119e4, 0x119e4},
    {0x11a01, 0x11a0a}, {0x11a33, 0x11a39}, {0x11a3b, 0x11a3e}, {0x11a47, 0x11a47}, {0x11a51, 0x11a5b},
    {0x11a8a, 0x11a99}, {0x11c2f, 0x11c3f}, {0x11c92, 0x11cb6}, {0x11d31, 0x11d45}, {0x11d47, 0x11d47},
    {0x11d8a, 0x11d97}, {0x11ef3, 0x11ef6}, {0x16af0, 0x16af4}, {0x16b30, 0x16b36}, {0x16f4f, 0x16f4f},
    {0x16f51, 0x16f92}, {0x16fe4, 0x16ff1}, {0x1bc9d, 0x1bc9e}, {0x1cf00, 0x1cf46}, {0x1d165, 0x1d169},
    {0x1d16d, 0x1d172}, {0x1d17b, 0x1d182}, {0x1d185, 0x1d18b}, {0x1d1aa, 0x1d1ad}, {0x1d242, 0x1d244},
    {0x1da00, 0x1da36}, {0x1da3b, 0x1da6c}, {0x1da75, 0x1da75}, {0x1da84, 0x1da84}, {0x1da9b, 0x1daaf},
    {0x1e000, 0x1e02a}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae}, {0x1e2ec, 0x1e2ef}, {0x1e8d0, 0x1e8d6},
    {0x1e944, 0x1e94a}};

// Cursive scripts: Arabic, Syriac, N'Ko, Mandaic, Mongolian, Phags-pa, Arabic's presentation forms, Manichaean,
// Psalter Pahlavi, Hanifi Rohingya, Sogdian, Chorasmian, Adlam. Their digits and marks are not letters.
constexpr Range cursive[] = {
    {0x620, 0x64a},     {0x66e, 0x6d3},     {0x6d5, 0x6d5},     {0x6ee, 0x6ef},     {0x6fa, 0x6fc},
    {0x6ff, 0x6ff},     {0x710, 0x72f},     {0x74d, 0x77f},     {0x7ca, 0x7ea},     {0x840, 0x858},
    {0x860, 0x887},     {0x889, 0x88f},     {0x8a0, 0x8c9},     {0x1807, 0x1807},   {0x180a, 0x180a},
    {0x1820, 0x18aa},   {0xa840, 0xa873},   {0xfb50, 0xfd3d},   {0xfe70, 0xfefc},   {0x10ac0, 0x10ae4},
    {0x10b80, 0x10b91}, {0x10d00, 0x10d23}, {0x10f30, 0x10f54}, {0x10f70, 0x10fc4}, {0x1e900, 0x1e943}};

constexpr Range unseen[] = {{0xad, 0xad},      {0x34f, 0x34f},   {0x61c, 0x61c},     {0x115f, 0x1160},
                            {0x17b4, 0x17b5},  {0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},
                            {0x2060, 0x206f},  {0x3164, 0x3164}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
                            {0xffa0, 0xffa0},  {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
                            {0xe0000, 0xe0fff}};

constexpr char32_t no_joiner = 0x200c, joiner = 0x200d;

bool extends(char32_t s) {
  return is_mark(s) || s == no_joiner || s == joiner || s == 0xe33 || s == 0xeb3 ||
         (s >= 0xfe00 && s <= 0xfe0f) || (s >= 0x1f3fb && s <= 0x1f3ff) || (s >= 0xe0020 && s <= 0xe007f) ||
         (s >= 0xe0100 && s <= 0xe01ef);
}

bool pictographic(char32_t s) {
  return s == 0xa9 || s == 0xae || s == 0x203c || s == 0x2049 || s == 0x2122 || s == 0x2139 ||
         (s >= 0x2190 && s <= 0x2bff) || s == 0x3030 || s == 0x303d || s == 0x3297 || s == 0x3299 ||
         (s >= 0x1f000 && s <= 0x1faff && !(s >= 0x1f1e6 && s <= 0x1f1ff));
}

bool regional(char32_t s) { return s >= 0x1f1e6 && s <= 0x1f1ff; }

/// Signs that tie the next consonant of the same script (a block of 128 code points) to the letter before them.
bool ties(char32_t s) {
  constexpr char32_t signs[] = {0x94d, 0x9cd, 0xa4d, 0xacd,  0xb4d, 0xc4d,
                                0xccd, 0xd4d, 0xdca, 0x1039, 0x17d2};
  return std::find(std::begin(signs), std::end(signs), s) != std::end(signs);
}

enum class Jamo { none, leading, vowel, trailing, syllable_open, syllable_closed };
Jamo jamo(char32_t s) {
  if ((s >= 0x1100 && s <= 0x115f) || (s >= 0xa960 && s <= 0xa97c)) return Jamo::leading;
  if ((s >= 0x1160 && s <= 0x11a7) || (s >= 0xd7b0 && s <= 0xd7c6)) return Jamo::vowel;
  if ((s >= 0x11a8 && s <= 0x11ff) || (s >= 0xd7cb && s <= 0xd7fb)) return Jamo::trailing;
  if (s >= 0xac00 && s <= 0xd7a3) return (s - 0xac00) % 28 == 0 ? Jamo::syllable_open : Jamo::syllable_closed;
  return Jamo::none;
}

bool one_syllable(Jamo before, Jamo after) {
  switch (before) {
    case Jamo::leading:
      return after != Jamo::none && after != Jamo::trailing;
    case Jamo::vowel:
    case Jamo::syllable_open:
      return after == Jamo::vowel || after == Jamo::trailing;
    case Jamo::trailing:
    case Jamo::syllable_closed:
      return after == Jamo::trailing;
    case Jamo::none:
      break;
  }
  return false;
}

// --- Directions -------------------------------------------------------------------------------------------------

/// The bidirectional classes of UAX #9 that are told apart here.
enum class Class : uint8_t {
  left,
  right,
  arabic,
  digit,
  arabic_digit,
  plus,
  separator,
  currency,
  mark,
  neutral
};

// Hebrew, Arabic, Syriac, Thaana, N'Ko, Samaritan, Mandaic and what lies between; presentation forms; the ancient and
// the newer scripts of the supplementary plane.
constexpr Range from_right[] = {{0x590, 0x8ff},   {0x200f, 0x200f},   {0xfb1d, 0xfdff},
                                {0xfe70, 0xfefe}, {0x10800, 0x10fff}, {0x1e800, 0x1efff}};
// Neither letters nor digits: punctuation, symbols, signs, emoji.
constexpr Range neutral[] = {
    {0x0, 0x2f},        {0x3a, 0x40},      {0x5b, 0x60},     {0x7b, 0xa9},     {0xab, 0xb4},
    {0xb6, 0xb9},       {0xbb, 0xbf},      {0xd7, 0xd7},     {0xf7, 0xf7},     {0x2b9, 0x2ba},
    {0x2c2, 0x2cf},     {0x2d2, 0x2df},    {0x37e, 0x37e},   {0x2000, 0x200d}, {0x2010, 0x206f},
    {0x207a, 0x207e},   {0x208a, 0x208e},  {0x20a0, 0x20cf}, {0x2100, 0x2101}, {0x2190, 0x2335},
    {0x237b, 0x2394},   {0x2396, 0x249b},  {0x24ea, 0x26ab}, {0x26ad, 0x27ff}, {0x2900, 0x2bff},
    {0x2e00, 0x3004},   {0x3008, 0x3020},  {0x3030, 0x3030}, {0x3036, 0x3037}, {0x303d, 0x303f},
    {0xfd3e, 0xfd4f},   {0xfe10, 0xfe6f},  {0xff01, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65},
    {0x1f000, 0x1f10c}, {0x1f300, 0x1faff}};

bool one_of(std::u32string_view list, char32_t s) { return list.find(s) != list.npos; }

Class class_of(char32_t s) {
  if (is_mark(s)) return Class::mark;
  if ((s >= U'0' && s <= U'9') || (s >= 0x6f0 && s <= 0x6f9) || (s >= 0xff10 && s <= 0xff19))
    return Class::digit;
  if ((s >= 0x660 && s <= 0x669) || s == 0x66b || s == 0x66c || (s >= 0x600 && s <= 0x605) || s == 0x6dd)
    return Class::arabic_digit;
  if (one_of(U"+-−", s)) return Class::plus;
  if (one_of(U",.:/\u00a0\u060c", s)) return Class::separator;
  if (one_of(U"#$%¢£¤¥°±€‰\u066a", s)) return Class::currency;
  if (one_of(U"\u0606\u0607\u060e\u060f\u06de\u06e9\u07f6\u07f7\u07f8\u07f9", s)) return Class::neutral;
  if (within(from_right, s)) {
    const bool arabic =
        (s >= 0x600 && s <= 0x7bf) || (s >= 0x860 && s <= 0x8ff) || (s >= 0xfb50 && s <= 0xfefe);
    return s >= 0xfd3e && s <= 0xfd4f ? Class::neutral : arabic ? Class::arabic : Class::right;
  }
  return within(neutral, s) ? Class::neutral : Class::left;
}

/// Rules W1 to W7: what a digit, a sign or a mark counts as beside its neighbours.
void resolve_weak(std::vector<Class>& classes, Class base) {
  const size_t n = classes.size();
  Class before = base, letter = base;
  for (size_t i = 0; i < n; ++i) {
    Class& c = classes[i];
    if (c == Class::mark) c = before;
    before = c;
    if (c == Class::left || c == Class::right || c == Class::arabic) letter = c;
    if (c == Class::digit && letter == Class::arabic) c = Class::arabic_digit;
  }
  for (Class& c : classes)
    if (c == Class::arabic) c = Class::right;
  for (size_t i = 1; i + 1 < n; ++i) {  // 1+1, 1,000
    const Class a = classes[i - 1], b = classes[i + 1];
    if (classes[i] == Class::plus && a == Class::digit && b == Class::digit) classes[i] = Class::digit;
    if (classes[i] == Class::separator && a == b && (a == Class::digit || a == Class::arabic_digit))
      classes[i] = a;
  }
  for (size_t i = 0; i < n;) {  // 100 %
    if (classes[i] != Class::currency) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < n && classes[end] == Class::currency) ++end;
    const bool number =
        (i > 0 && classes[i - 1] == Class::digit) || (end < n && classes[end] == Class::digit);
    for (; i < end; ++i) classes[i] = number ? Class::digit : Class::neutral;
  }
  letter = base;
  for (Class& c : classes) {
    if (c == Class::plus || c == Class::separator) c = Class::neutral;
    if (c == Class::left || c == Class::right) letter = c;
    if (c == Class::digit && letter == Class::left) c = Class::left;
  }
}

/// Rules N1 and N2: what stands between two letters of one direction goes with them, else with the paragraph.
void resolve_neutral(std::vector<Class>& classes, Class base) {
  const auto side = [](Class c) { return c == Class::left ? Class::left : Class::right; };
  Class before = base;
  for (size_t i = 0; i < classes.size();) {
    if (classes[i] != Class::neutral) {
      before = side(classes[i++]);
      continue;
    }
    size_t end = i;
    while (end < classes.size() && classes[end] == Class::neutral) ++end;
    const Class after = end < classes.size() ? side(classes[end]) : base;
    for (; i < end; ++i) classes[i] = before == after ? before : base;
  }
}

}  // namespace

bool is_mark(char32_t symbol) { return symbol >= 0x300 && within(marks, symbol); }
bool joins(char32_t symbol) { return symbol >= 0x620 && within(cursive, symbol); }
bool invisible(char32_t symbol) { return symbol >= 0xad && within(unseen, symbol); }

size_t cluster_end(std::u32string_view text, size_t begin) {
  size_t i = begin;
  if (i >= text.size()) return i;
  const char32_t first = text[i++];
  if (first < 0x20 || first == 0x7f) return i;
  if (regional(first) && i < text.size() && regional(text[i])) ++i;
  for (char32_t before = first; i < text.size(); before = text[i++]) {
    const char32_t next = text[i];
    if (extends(next) || one_syllable(jamo(before), jamo(next))) continue;
    if (before == joiner && pictographic(first) && pictographic(next)) continue;
    const char32_t tie = (before == joiner || before == no_joiner) && i >= 2 ? text[i - 2] : before;
    if (i - 1 > begin && ties(tie) && before != no_joiner && next >> 7 == tie >> 7 &&
        next >> 7 == first >> 7 && !within(neutral, next))
      continue;
    break;
  }
  return i;
}

bool right_to_left(std::u32string_view paragraph) {
  for (char32_t symbol : paragraph) {
    const Class c = class_of(symbol);
    if (c == Class::left) return false;
    if (c == Class::right || c == Class::arabic) return true;
  }
  return false;
}

std::vector<uint8_t> levels(std::u32string_view paragraph, bool rtl) {
  std::vector<Class> classes;
  classes.reserve(paragraph.size());
  for (char32_t symbol : paragraph) classes.push_back(class_of(symbol));
  const Class base = rtl ? Class::right : Class::left;
  resolve_weak(classes, base);
  resolve_neutral(classes, base);
  std::vector<uint8_t> result;
  result.reserve(classes.size());
  for (Class c : classes) {  // rules I1 and I2
    const bool number = c == Class::digit || c == Class::arabic_digit;
    result.push_back(number ? 2 : c == Class::right ? 1 : rtl ? 2 : 0);
  }
  return result;
}

std::vector<size_t> visual_order(const std::vector<uint8_t>& levels) {
  std::vector<size_t> order(levels.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const uint8_t highest = levels.empty() ? uint8_t{0} : *std::max_element(levels.begin(), levels.end());
  for (uint8_t level = highest; level >= 1; --level)  // rule L2
    for (size_t i = 0; i < levels.size(); ++i) {
      if (levels[i] < level) continue;
      size_t end = i;
      while (end < levels.size() && levels[end] >= level) ++end;
      std::reverse(order.begin() + static_cast<std::ptrdiff_t>(i),
                   order.begin() + static_cast<std::ptrdiff_t>(end));
      i = end;
    }
  return order;
}

char32_t mirrored(char32_t symbol) {
  constexpr std::u32string_view pairs = U"()[]{}<>«»‹›≤≥⟨⟩";
  const size_t at = pairs.find(symbol);
  return at == pairs.npos ? symbol : pairs[at ^ 1];
}

}  // namespace unroll::unicode
