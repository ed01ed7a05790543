// Words of the language and of its messages.
#include <algorithm>
#include <array>

#include "engine/cells/language/syntax.h"

namespace unroll::cell_syntax {
namespace {

constexpr std::string_view own_words[] = {"cell", "state", "init", "bound", "in",    "x",   "t",
                                          "lin",  "mat",   "diag", "bias",  "heads", "norm"};
constexpr std::string_view init_words[] = {"uniform",    "normal",      "identity",
                                           "orthogonal", "log_uniform", "chrono"};

std::string in_small_letters(std::string_view word) {
  std::string small(word);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small;
}

/// How many letters must be put in, left out, changed or swapped with the next: Levenshtein's distance, with swaps.
/// Capitals are as good as small ones.
size_t distance(std::string_view first, std::string_view second) {
  const std::string a = in_small_letters(first), b = in_small_letters(second);
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<CellOp> function_of(std::string_view word) {
  for (int op = 0; op <= static_cast<int>(CellOp::cos); ++op) {
    const CellOp one = static_cast<CellOp>(op);
    const bool is_written_so = kind_of(one) == CellOpKind::of_one || kind_of(one) == CellOpKind::across ||
                               one == CellOp::max || one == CellOp::min;
    if (is_written_so && one != CellOp::copy && one != CellOp::negate && word == name(one)) return one;
  }
  return std::nullopt;
}

bool is_reserved(std::string_view word) {
  return function_of(word) || std::ranges::count(own_words, word) > 0 ||
         std::ranges::count(init_words, word) > 0;
}

std::vector<std::string> function_words() {
  std::vector<std::string> words = {"lin", "mat", "diag", "norm", "heads"};
  for (int op = 0; op <= static_cast<int>(CellOp::cos); ++op)
    if (const char* word = name(static_cast<CellOp>(op)); function_of(word)) words.push_back(word);
  return words;
}

std::string nearest(std::string_view word, const std::vector<std::string>& words) {
  if (word.size() > 2 * CellLimits::name) return "";
  const std::string* best = nullptr;
  // Of one letter only the other case is near, of up to three what is one letter off, else two.
  size_t smallest = word.size() == 1 ? 1 : word.size() < 4 ? 2 : 3;
  for (const std::string& one : words) {
    const size_t apart = distance(word, one);
    if (apart < smallest) smallest = apart, best = &one;
  }
  return best ? "did you mean " + *best + "?" : "";
}

std::string listed(const std::vector<std::string>& words, const char* last) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace unroll::cell_syntax

namespace unroll {

bool can_name_equation(std::string_view word) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !word.empty() && word.size() <= static_cast<size_t>(CellLimits::name) && is_letter(word[0]) &&
         std::ranges::all_of(word, fits) && !cell_syntax::is_reserved(word);
}

}  // namespace unroll
