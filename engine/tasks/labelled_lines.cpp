#include "engine/tasks/labelled_lines.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include "engine/base/utf8.h"
#include "engine/tasks/lines.h"
#include "engine/text/text_class.h"

namespace unroll {
namespace {

/// A line, or a row of CSV, split in both ways: [0] with the label first, [1] with the label last.
struct Row {
  size_t line = 0;  ///< from 1
  std::string label[2], sentence[2];
};

constexpr const char* formats =
    "a line is LABEL, a tab and the sentence, or the sentence, a tab and LABEL, or the same with a comma "
    "(then a "
    "sentence with commas stands in \"quotes\")";

Result<std::vector<Row>> rows_with_tabs(std::string_view text) {
  std::vector<Row> rows;
  std::optional<Error> error;
  for_each_line(text, [&](std::string_view row, size_t line) {
    if (trimmed(row).empty()) return true;
    const size_t first = row.find('\t'), last = row.rfind('\t');
    if (first == std::string_view::npos) {
      error = at_line(line, "has no tab, but others have", formats);
      return false;
    }
    rows.push_back(
        {line,
         {std::string(trimmed(row.substr(0, first))), std::string(trimmed(row.substr(last + 1)))},
         {std::string(trimmed(row.substr(first + 1))), std::string(trimmed(row.substr(0, last)))}});
    return true;
  });
  if (error) return *error;
  return rows;
}

/// RFC 4180; more commas than one are the sentence's.
Result<std::vector<Row>> rows_with_commas(std::string_view text, char comma) {
  std::vector<Row> rows;
  size_t line = 1, at = 0;
  while (at < text.size()) {
    const size_t begins_in = line;
    std::vector<std::string> columns(1);
    bool quoted = false;
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (c == '\n') ++line;
      if (quoted) {
        if (c != '"') {
          columns.back() += c;
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          columns.back() += text[++at];
        } else {
          quoted = false;
        }
      } else if (c == '"' && trimmed(columns.back()).empty()) {
        quoted = true;
        columns.back().clear();
      } else if (c == comma) {
        columns.emplace_back();
      } else if (c == '\n') {
        ++at;
        break;
      } else {
        columns.back() += c;
      }
    }
    if (quoted) return at_line(begins_in, "a quotation mark is not closed", "close it with \"");
    if (columns.size() == 1 && trimmed(columns[0]).empty()) continue;
    if (columns.size() < 2) return at_line(begins_in, "has one column", formats);
    const auto joined = [&](size_t begin, size_t end) {
      std::string sentence = columns[begin];
      for (size_t i = begin + 1; i < end; ++i) sentence += comma + columns[i];
      return std::string(trimmed(sentence));
    };
    const size_t n = columns.size();
    rows.push_back({begins_in,
                    {std::string(trimmed(columns.front())), std::string(trimmed(columns.back()))},
                    {joined(1, n), joined(0, n - 1)}});
  }
  return rows;
}

/// Takes the lines of the word list out of a text; what is left keeps its line numbers.
std::string without_word_list(std::string_view text, std::map<std::string, int, std::less<>>& list) {
  constexpr std::string_view mark = "#word\t";
  std::string rest;
  for_each_line(text, [&](std::string_view line, size_t) {
    const size_t tab = line.rfind('\t');
    if (line.starts_with(mark) && tab > mark.size()) {
      list[std::string(line.substr(mark.size(), tab - mark.size()))] =
          std::atoi(std::string(line.substr(tab + 1)).c_str());
    } else {
      rest += line;
    }
    rest += '\n';
    return true;
  });
  return rest;
}

/// The different labels of one way to split; none where there are more than `most`.
std::vector<std::string> labels_of(const std::vector<Row>& rows, size_t column, size_t most) {
  std::map<std::string, int> seen;
  for (const Row& row : rows) {
    ++seen[row.label[column]];
    if (seen.size() > most) return {};
  }
  std::vector<std::string> words;
  for (const auto& [word, count] : seen) words.push_back(word);
  return words;
}

/// 1: the better label, 0: the worse one.
std::optional<int> meaning(std::string_view label) {
  constexpr std::string_view good[] = {"1", "+", "pos", "positive", "good", "true", "yes", "+1", "up"};
  constexpr std::string_view bad[] = {"0", "-", "-1", "neg", "negative", "bad", "false", "no", "down"};
  const std::string word = lower_case(label);
  if (std::ranges::find(good, word) != std::end(good)) return 1;
  if (std::ranges::find(bad, word) != std::end(bad)) return 0;
  return std::nullopt;
}

}  // namespace

Result<LabelledLines> read_labelled_lines(std::string_view given) {
  LabelledLines lines;
  const std::string text = without_word_list(given, lines.word_list);
  const bool tabs = text.find('\t') != std::string::npos;
  const bool commas = text.find(',') != std::string::npos;
  const char comma = !commas && text.find(';') != std::string::npos ? ';' : ',';
  auto read = tabs ? rows_with_tabs(text) : rows_with_commas(text, comma);
  if (!read) return read.error();
  std::vector<Row>& rows = *read;
  if (rows.empty()) return Error{"", "there is no sentence", formats};

  // The label is in the column that has two different words; a first row that belongs to neither is the header.
  size_t column = 2;
  bool header = false;
  for (const size_t tried : {size_t{0}, size_t{1}}) {
    const std::vector<std::string> labels = labels_of(rows, tried, 2);
    // Two sentences are two different words as well: then the ones that sound like labels.
    if (labels.size() == 2 && (column == 2 || (meaning(labels[0]) && meaning(labels[1])))) column = tried;
  }
  if (column == 2 && rows.size() > 2) {
    const std::vector<Row> below(rows.begin() + 1, rows.end());
    for (const size_t tried : {size_t{0}, size_t{1}}) {
      if (column < 2 || labels_of(below, tried, 2).size() != 2) continue;
      column = tried;
      header = true;
    }
  }
  if (column == 2) {
    // The third label, where the first two can be told, else that there are none.
    for (const size_t tried : {size_t{0}, size_t{1}}) {
      std::vector<std::string> labels;
      for (const Row& row : rows) {
        const std::string& label = row.label[tried];
        if (std::ranges::find(labels, label) != labels.end()) continue;
        if (labels.size() == 2 && labels_of(rows, tried, 20).size() > 2)
          return at_line(row.line, "a third label, " + quotation(label),
                         "there are two: " + quotation(labels[0]) + " and " + quotation(labels[1]));
        labels.push_back(label);
      }
    }
    return Error{"", "two labels cannot be told from the sentences", formats};
  }
  if (header) rows.erase(rows.begin());

  std::vector<std::string> labels = labels_of(rows, column, 2);
  const auto first = meaning(labels[0]), second = meaning(labels[1]);
  if (first == 1 && second != 1) std::swap(labels[0], labels[1]);
  if (!first && second == 0) std::swap(labels[0], labels[1]);
  lines.labels[0] = labels[0];
  lines.labels[1] = labels[1];
  for (Row& row : rows) {
    std::string& sentence = row.sentence[column];
    if (sentence.empty()) return at_line(row.line, "has a label but no sentence", formats);
    lines.sentences.push_back({std::move(sentence), row.label[column] == labels[1] ? 1 : 0});
  }
  lines.told = std::to_string(lines.sentences.size()) + " sentences, " +
               (column == 0 ? "the label first, then a " : "the label last, after a ") +
               (tabs           ? "tab"
                : comma == ';' ? "semicolon"
                               : "comma") +
               ": " + quotation(labels[0]) + " or " + quotation(labels[1]) +
               (header ? "; the first line is a header" : "");
  return lines;
}

std::string lower_case(std::string_view utf8) {
  auto text = decode_utf8_exact(utf8);
  if (!text) return std::string(utf8);
  for (char32_t& symbol : *text)
    if (is_upper_case(symbol) && !is_between(symbol, 0x400, 0x40F)) symbol += 32;  // Ѐ to Џ lie elsewhere
  return encode_utf8(*text);
}

std::vector<std::string> words_of(std::string_view sentence) {
  std::vector<std::string> words;
  const auto text = decode_utf8_exact(lower_case(sentence));
  if (!text) return words;
  const auto is_apostrophe = [](char32_t c) { return c == U'\'' || c == U'’'; };
  const auto at = [&](size_t i) { return i < text->size() ? (*text)[i] : U' '; };
  std::u32string word;
  for (size_t i = 0; i <= text->size(); ++i) {
    const char32_t symbol = at(i);
    if (is_word_character(symbol)) {
      word += symbol;
    } else if (!word.empty() && is_apostrophe(symbol) && is_word_character(at(i + 1)) &&
               word.find(U'\'') == std::u32string::npos) {
      word += U'\'';
    } else if (!word.empty()) {
      words.push_back(encode_utf8(word));
      word.clear();
    }
  }
  return words;
}

}  // namespace unroll
