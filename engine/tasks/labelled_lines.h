// Sentences with a label from a text of lines: one's own, or those that ship. A line is LABEL, a tab and the sentence, or the
// sentence, a tab and LABEL, or two columns of CSV in either order; which of them is recognised and told. A sentence to a
// line, or in CSV to a row, whose quoted columns may hold commas, line breaks and "" for a quotation mark.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

struct LabelledSentence {
  std::string text;
  int label = 0;  ///< number in LabelledLines::labels
};

struct LabelledLines {
  std::vector<LabelledSentence> sentences;
  /// The two words of the labels: the better one is 1 where it can be told (1, pos, positive, good, +, true, yes …), else in
  /// the order of the alphabet.
  std::string labels[2];
  /// From lines that say how good or bad a word is: #word, a tab, the word, a tab, a whole number. For a baseline.
  std::map<std::string, int, std::less<>> word_list;
  std::string
      told;  ///< what was recognised, for people: "2,979 sentences, the label first, then a tab: 0 or 1"
};

/// Errors name the line: no tab or comma, an empty sentence, a third label.
Result<LabelledLines> read_labelled_lines(std::string_view text);

std::string lower_case(std::string_view utf8);

/// Lower case; letters, digits and _, with an apostrophe inside ("don't"); everything else parts words.
std::vector<std::string> words_of(std::string_view sentence);

}  // namespace unroll
