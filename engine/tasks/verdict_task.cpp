#include "engine/tasks/verdict_task.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/base/utf8.h"
#include "engine/tasks/labelled_lines.h"

namespace unroll {

Interval wilson_interval(double share, int64_t count) {
  constexpr double z = 1.959963984540054;
  const auto n = static_cast<double>(count);
  const double middle = share + z * z / (2 * n),
               half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return {(middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)};
}

VerdictTask::VerdictTask(const Experiment& experiment, int longest, int64_t held_out, Symbols symbols,
                         Verdict verdict, std::array<std::string, 2> labels)
    : SequenceTask(experiment, longest, held_out),
      kind_(symbols),
      verdict_(verdict),
      labels_(std::move(labels)),
      symbols_{unknown_symbol} {}

void VerdictTask::set_symbols(std::vector<std::string> known) {
  std::ranges::sort(known);
  symbols_.resize(1);
  for (std::string& symbol : known)
    if (symbol != unknown_symbol && symbol != symbols_.back()) symbols_.push_back(std::move(symbol));
}

int32_t VerdictTask::id(std::string_view symbol) const {
  const auto found = std::lower_bound(symbols_.begin() + 1, symbols_.end(), symbol);
  return found != symbols_.end() && *found == symbol ? static_cast<int32_t>(found - symbols_.begin()) : 0;
}

std::vector<std::string> VerdictTask::split(std::span<const std::string> words) const {
  if (kind_ == Symbols::words) return {words.begin(), words.end()};
  std::vector<std::string> characters;
  for (const std::string& word : words) {
    if (!characters.empty()) characters.emplace_back(" ");
    const std::u32string text = *decode_utf8_exact(word);
    for (const char32_t symbol : text) characters.push_back(encode_utf8(symbol));
  }
  return characters;
}

TaskShape VerdictTask::shape() const {
  return {.inputs = static_cast<int>(symbols_.size()), .reals = false, .outputs = 2, .head = Head::softmax};
}

SequenceTask::Measure VerdictTask::measure() const {
  return {.name = "accuracy", .higher_is_better = true, .unit = "%", .curve = lag_curve()};
}

void VerdictTask::set_label(Sequence& sequence, int label) const {
  const size_t length = sequence.symbols.size();
  assert(length > 0);
  sequence.length = static_cast<int>(length);
  sequence.classes.assign(length, label);
  const bool mean = verdict_ == Verdict::mean;
  sequence.weights.assign(length, mean ? 1.0f / static_cast<float>(length) : 0.0f);
  if (!mean) sequence.weights.back() = 1.0f;
}

double VerdictTask::verdict(std::span<const float> outputs) const {
  if (verdict_ == Verdict::end) return static_cast<double>(outputs.back());
  double sum = 0;
  for (size_t at = 1; at < outputs.size(); at += 2) sum += static_cast<double>(outputs[at]);
  return sum / static_cast<double>(outputs.size() / 2);
}

void VerdictTask::judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const {
  const int label = sequence.classes.back(), told = verdict(outputs) > 0.5 ? 1 : 0;
  tally.add(label == told ? 1 : 0, lag(sequence));
  for (size_t is = 0; is < 2; ++is)
    for (size_t said = 0; said < 2; ++said)
      tally.add_other(labels_[is] + (is == said ? ", seen as such" : ", taken for " + labels_[said]),
                      static_cast<size_t>(label) == is && static_cast<size_t>(told) == said ? 1 : 0);
}

void VerdictTask::complete(Score& score) const {
  if (score.count == 0) return;
  const Interval interval = wilson_interval(score.value, score.count);
  score.others.insert(score.others.begin(),
                      {{"at least, with 95%", interval.low}, {"at most, with 95%", interval.high}});
}

std::optional<Example> VerdictTask::own_example(std::string_view text) const {
  Example example;
  example.columns = split(words_of(text));
  if (example.columns.empty()) return std::nullopt;
  example.columns.resize(std::min(example.columns.size(), static_cast<size_t>(seq_length())));
  std::vector<int32_t> ids;
  for (const std::string& symbol : example.columns) ids.push_back(id(symbol));
  example.batch = symbols_alone(ids);
  return example;
}

Json VerdictTask::stored() const { return {{"symbols", symbols_}, {"labels", {labels_[0], labels_[1]}}}; }

}  // namespace unroll
