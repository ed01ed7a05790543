// Dates as people write them (series_time.h): a text is cut into numbers, words and marks, and each form says which of
// these it is made of.
#include <algorithm>
#include <array>

#include "engine/tasks/series_time.h"
#include "engine/text/text_class.h"

namespace unroll {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool in_word(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// A number with so many digits, a month or another word, or a mark.
struct Piece {
  enum class Kind { number, month, word, mark } kind;
  int value = 0;  ///< the number; of a month 1 … 12; of a word its first letter (small); the mark
  int digits = 0;
};

/// English and German names, by their first three letters; ä as UTF-8.
int month_of(std::string_view word) {
  static constexpr std::pair<std::string_view, int> names[] = {
      {"jan", 1},  {"feb", 2},  {"mar", 3},  {"m\xc3\xa4r", 3}, {"apr", 4}, {"may", 5},
      {"mai", 5},  {"jun", 6},  {"jul", 7},  {"aug", 8},        {"sep", 9}, {"oct", 10},
      {"okt", 10}, {"nov", 11}, {"dec", 12}, {"dez", 12}};
  std::string small;
  for (const char c : word) small += lower(c);
  for (const auto& [name, month] : names)
    if (small.starts_with(name)) return month;
  return 0;
}

/// At most 24 pieces; more, or a number of more than 9 digits, is no date.
struct Pieces {
  std::array<Piece, 24> list;
  size_t count = 0;

  static std::optional<Pieces> of(std::string_view text) {
    Pieces pieces;
    for (size_t i = 0; i < text.size();) {
      if (pieces.count == pieces.list.size()) return std::nullopt;
      Piece& piece = pieces.list[pieces.count++];
      size_t end = i;
      if (is_digit(text[i])) {
        piece = {Piece::Kind::number, 0, 0};
        for (; end < text.size() && is_digit(text[end]); ++end) {
          if (++piece.digits > 9) return std::nullopt;
          piece.value = piece.value * 10 + (text[end] - '0');
        }
      } else if (in_word(text[i])) {
        while (end < text.size() && in_word(text[end])) ++end;
        const std::string_view word = text.substr(i, end - i);
        const int month = word.size() >= 3 ? month_of(word) : 0;
        piece = month ? Piece{Piece::Kind::month, month, 0} : Piece{Piece::Kind::word, lower(text[i]), 0};
      } else {
        piece = {Piece::Kind::mark, text[i], 0};
        ++end;
      }
      i = end;
    }
    return pieces;
  }
  bool is(size_t i, Piece::Kind kind) const { return i < count && list[i].kind == kind; }
  bool mark(size_t i, char c) const { return is(i, Piece::Kind::mark) && list[i].value == c; }
  bool word(size_t i, char first) const { return is(i, Piece::Kind::word) && list[i].value == first; }
  /// The position after any of these marks, if one is there; several blanks count as one.
  size_t after(size_t i, std::string_view marks) const {
    size_t next = i;
    while (is(next, Piece::Kind::mark) && marks.find(static_cast<char>(list[next].value)) != marks.npos) {
      ++next;
      if (next - i == 3) break;
    }
    return next;
  }
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// A time of day from piece i to the end, with a zone that is read and left out of account; −1 where it is none.
int64_t time_at(const Pieces& p, size_t i) {
  using Kind = Piece::Kind;
  if (!p.is(i, Kind::number) || p.list[i].digits > 2 || !p.mark(i + 1, ':') || !p.is(i + 2, Kind::number))
    return -1;
  int64_t hour = p.list[i].value;
  const int minute = p.list[i + 2].value;
  int second = 0;
  i += 3;
  if (p.mark(i, ':') && p.is(i + 1, Kind::number)) {
    second = p.list[i + 1].value;
    i += 2;
    if ((p.mark(i, '.') || p.mark(i, ',')) && p.is(i + 1, Kind::number)) i += 2;  // parts of a second
  }
  i = p.after(i, " ");
  if (p.word(i, 'a') || p.word(i, 'p')) {
    if (hour < 1 || hour > 12) return -1;
    hour = hour % 12 + (p.word(i, 'p') ? 12 : 0);
    i = p.after(i + 1, " .");
    if (p.word(i, 'm')) i = p.after(i + 1, ".");
  }
  if (p.word(i, 'z') || p.word(i, 'u')) {
    ++i;
  } else if (p.mark(i, '+') || p.mark(i, '-')) {
    if (!p.is(i + 1, Kind::number)) return -1;
    i += 2;
    if (p.mark(i, ':') && p.is(i + 1, Kind::number)) i += 2;
  }
  if (i != p.count || minute > 59 || second > 60 || hour > 24 || (hour == 24 && (minute || second)))
    return -1;
  return hour * 3600 + minute * 60 + std::min(second, 59);
}

int full_year(const Piece& piece) {
  if (piece.digits == 4) return piece.value;
  return piece.digits == 2 ? piece.value + (piece.value >= 70 ? 1900 : 2000) : -1;
}

std::optional<Moment> moment(int year, int month, int day, int64_t seconds = 0) {
  if (!is_date(year, month, day) || seconds < 0) return std::nullopt;
  return days_from_civil(year, month, day) * 86400 + seconds;
}

/// Three parts of a day in the order of the form, and a time of day behind.
std::optional<Moment> read_day(const Pieces& p, DateForm form) {
  using Kind = Piece::Kind;
  size_t i = 0;
  Piece parts[3];
  if (form == DateForm::ymd && p.is(0, Kind::number) && p.list[0].digits == 8) {
    const int whole = p.list[0].value;
    parts[0] = {Kind::number, whole / 10000, 4};
    parts[1] = {Kind::number, whole / 100 % 100, 2};
    parts[2] = {Kind::number, whole % 100, 2};
    i = 1;
  } else {
    for (int part = 0; part < 3; ++part) {
      if (part > 0) {
        const size_t next = p.after(i, part == 2 && form == DateForm::mdy ? ",-/. " : "-/. ");
        if (next == i) return std::nullopt;
        i = next;
      }
      if (!p.is(i, Kind::number) && !p.is(i, Kind::month)) return std::nullopt;
      parts[part] = p.list[i++];
    }
  }
  int64_t seconds = 0;
  if (i < p.count) {
    size_t next = p.after(i, " ,");
    if (next == i && p.word(i, 't')) next = i + 1;
    if (next == i) return std::nullopt;
    seconds = time_at(p, next);
  }
  static constexpr int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {2, 0, 1}};  // where year, month and day stand
  const auto& order = orders[form == DateForm::ymd ? 0 : form == DateForm::dmy ? 1 : 2];
  const Piece &year = parts[order[0]], &month = parts[order[1]], &day = parts[order[2]];
  if (year.kind != Kind::number || day.kind != Kind::number || day.digits > 2 || month.digits > 2)
    return std::nullopt;
  if (form == DateForm::ymd && year.digits != 4) return std::nullopt;
  return moment(full_year(year), month.value, day.value, seconds);
}

std::optional<Moment> read_month(const Pieces& p, DateForm form) {
  using Kind = Piece::Kind;
  size_t i = p.after(1, "-/. ");
  if (form == DateForm::ym && i == 1 && p.word(1, 'm')) i = 2;
  if (i == 1 && !p.is(0, Kind::month) && !p.is(1, Kind::month)) return std::nullopt;
  if (p.count != i + 1) return std::nullopt;
  const Piece &year = p.list[form == DateForm::ym ? 0 : i], &month = p.list[form == DateForm::ym ? i : 0];
  if (year.kind != Kind::number ||
      (month.kind == Kind::number ? month.digits > 2 || year.digits != 4 : month.kind != Kind::month))
    return std::nullopt;
  return moment(full_year(year), month.value, 1);
}

std::optional<Moment> read_quarter(const Pieces& p) {
  using Kind = Piece::Kind;
  const bool first = p.word(0, 'q');  // Q1 2024
  size_t at = first ? 0 : p.after(1, "-/. ");
  if (!p.word(at, 'q') || !p.is(at + 1, Kind::number)) return std::nullopt;
  const int quarter = p.list[at + 1].value;
  const size_t year = first ? p.after(2, "-/. ") : 0;
  if (!p.is(year, Kind::number) || p.list[year].digits != 4 || quarter < 1 || quarter > 4)
    return std::nullopt;
  if (p.count != (first ? year : at + 1) + 1) return std::nullopt;
  return moment(p.list[year].value, quarter * 3 - 2, 1);
}

}  // namespace

const char* title(DateForm form) {
  static constexpr const char* titles[] = {
      "no dates",   "year-month-day", "day.month.year",   "month/day/year",
      "year-month", "month/year",     "year and quarter", "year"};
  return titles[static_cast<size_t>(form)];
}

std::optional<Moment> read_date(std::string_view text, DateForm form) {
  text = trimmed(text);
  if (text.empty() || text.size() > 40) return std::nullopt;
  const auto pieces = Pieces::of(text);
  if (!pieces) return std::nullopt;
  switch (form) {
    case DateForm::none:
      return std::nullopt;
    case DateForm::ymd:
    case DateForm::dmy:
    case DateForm::mdy:
      return read_day(*pieces, form);
    case DateForm::ym:
    case DateForm::my:
      return read_month(*pieces, form);
    case DateForm::quarter:
      return read_quarter(*pieces);
    case DateForm::year:
      if (pieces->count != 1 || pieces->list[0].digits != 4) return std::nullopt;
      return moment(pieces->list[0].value, 1, 1);
  }
  return std::nullopt;
}

std::optional<int64_t> read_time_of_day(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.size() > 40) return std::nullopt;
  const auto pieces = Pieces::of(text);
  const int64_t seconds = pieces ? time_at(*pieces, 0) : -1;
  return seconds < 0 ? std::nullopt : std::optional(seconds);
}

}  // namespace unroll
