// What tasks share whose targets are strings of labels without places (Head::ctc), class 0 the blank: how one is judged, and in
// the end the edits a string become edits a label. Read is the likeliest string that a beam of prefixes finds. Used by words
// and strings.
#pragma once

#include <algorithm>
#include <string>

#include "engine/base/ctc.h"
#include "engine/tasks/edit_distance.h"
#include "engine/tasks/task.h"

namespace unroll::label_strings {

inline constexpr const char* labels_each = "labels";  // until complete()
inline constexpr const char* along_error = "error along the likeliest path";

/// `whole`: what strings are called, "words".
inline void judge(const Sequence& sequence, std::span<const float> outputs, size_t classes,
                  const std::string& whole, Tally& tally) {
  const std::vector<int32_t> read = ctc_decoded(outputs, classes), along = ctc_greedy(outputs, classes);
  tally.add(edit_distance(read, sequence.classes));
  tally.add_other(whole + " right", read == sequence.classes ? 1 : 0);
  tally.add_other(whole + " right along the likeliest path", along == sequence.classes ? 1 : 0);
  tally.add_other(along_error, edit_distance(along, sequence.classes));
  double blank = 0;
  for (size_t row = 0; row < outputs.size(); row += classes) blank += static_cast<double>(outputs[row]);
  tally.add_other("blank", blank / sequence.length);
  tally.add_other(labels_each, static_cast<double>(sequence.classes.size()));
}

inline void complete(Score& score) {
  const auto labels = std::ranges::find(score.others, labels_each, &std::pair<std::string, double>::first);
  if (labels == score.others.end()) return;
  const double each = labels->second;
  score.others.erase(labels);
  score.value /= each;
  for (auto& [name, value] : score.others)
    if (name == along_error) value /= each;
}

}  // namespace unroll::label_strings
