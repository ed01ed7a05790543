#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "engine/base/ctc.h"
#include "engine/document/experiment.h"
#include "engine/tasks/loss.h"
#include "engine/tasks/task.h"

namespace unroll {
namespace {

/// Makes it empty; the room stays.
void clear(Sequence& sequence) {
  sequence.length = sequence.turn = 0;
  sequence.symbols.clear();
  sequence.reals.clear();
  sequence.classes.clear();
  sequence.values.clear();
  sequence.weights.clear();
  sequence.marks.clear();
  sequence.columns.clear();
}

/// The labels of a string from the first row on, and the weight of its last one (Batch).
void put_string(const Sequence& sequence, size_t b, Batch& batch) {
  const size_t B = static_cast<size_t>(batch.batch), length = static_cast<size_t>(sequence.length),
               labels = std::min(sequence.classes.size(), length);
  for (size_t i = 0; i < labels; ++i) batch.classes[i * B + b] = sequence.classes[i];
  batch.weights[(length - 1) * B + b] = ctc_least_steps(sequence.classes) <= length ? 1.0f : 0.0f;
}

}  // namespace

void gather_sequences(std::span<const Sequence> sequences, const TaskShape& shape, Batch& batch) {
  const size_t B = sequences.size(), I = static_cast<size_t>(shape.inputs),
               O = static_cast<size_t>(shape.targets());
  size_t turn = 0, after = 0;
  for (const Sequence& sequence : sequences) {
    const auto length = static_cast<size_t>(sequence.length);
    assert(length >= 1 && sequence.symbols.size() == (shape.reals ? 0 : length) &&
           sequence.reals.size() == (shape.reals ? length * I : 0) &&
           (sequence.weights.empty() || sequence.weights.size() == length));
    turn = std::max(turn, static_cast<size_t>(sequence.turn));
    after = std::max(after, length - static_cast<size_t>(sequence.turn));
  }
  const size_t T = turn + after;
  bool ragged = false, late = false, weighted = false;
  for (const Sequence& sequence : sequences) {
    ragged |= static_cast<size_t>(sequence.length - sequence.turn) != after;
    late |= static_cast<size_t>(sequence.turn) != turn;
    weighted |= !sequence.weights.empty();
  }
  const bool classes = shape.has_classes(), strings = shape.head == Head::ctc;
  batch.seq_length = static_cast<int>(T);
  batch.batch = static_cast<int>(B);
  batch.restart = true;
  batch.symbols.assign(shape.reals ? 0 : T * B, 0);
  batch.reals.assign(shape.reals ? T * B * I : 0, 0.0f);
  batch.classes.assign(classes ? T * B : 0, 0);
  batch.values.assign(classes ? 0 : T * B * O, 0.0f);
  batch.weights.assign(ragged || late || weighted || strings ? T * B : 0, 0.0f);
  batch.lengths.assign(ragged ? B : 0, 0);
  batch.turn = static_cast<int>(turn);
  batch.starts.assign(late ? B : 0, 0);
  for (size_t b = 0; b < B; ++b) {
    const Sequence& sequence = sequences[b];
    const auto length = static_cast<size_t>(sequence.length),
               shift = turn - static_cast<size_t>(sequence.turn);
    if (ragged) batch.lengths[b] = static_cast<int32_t>(length + shift);
    if (late) batch.starts[b] = static_cast<int32_t>(shift);
    const auto spread = [&](const auto& from, auto& to, size_t width) {
      for (size_t t = 0; t < length && !from.empty(); ++t)
        std::copy_n(from.data() + t * width, width, to.data() + ((t + shift) * B + b) * width);
    };
    spread(sequence.symbols, batch.symbols, 1);
    spread(sequence.reals, batch.reals, I);
    if (strings) {
      put_string(sequence, b, batch);
      continue;
    }
    spread(sequence.classes, batch.classes, 1);
    spread(sequence.values, batch.values, O);
    if (batch.weights.empty()) continue;
    for (size_t t = 0; t < length; ++t)
      batch.weights[(t + shift) * B + b] = sequence.weights.empty() ? 1.0f : sequence.weights[t];
  }
}

namespace {

/// Reads the held-out sequences some at a time: as many as make a batch of about so many rows.
class SequenceScorer final : public Scorer {
 public:
  static constexpr int rows_at_once = 4096, most_at_once = 64;

  explicit SequenceScorer(const SequenceTask& task)
      : task_(&task),
        shape_(task.shape()),
        at_once_(std::clamp(rows_at_once / std::max(task.seq_length(), 1), 1, most_at_once)) {}

  bool advance(Network& network, int rows) override {
    for (int64_t done = 0; next_ < task_->held_out() && done < rows;) {
      sequences_.resize(static_cast<size_t>(std::min<int64_t>(at_once_, task_->held_out() - next_)));
      for (Sequence& sequence : sequences_) sequence = task_->held_out(next_++);
      gather_sequences(sequences_, shape_, batch_);
      judge(network);
      done += int64_t{batch_.seq_length} * batch_.batch;
    }
    return next_ >= task_->held_out();
  }

  Score score() const override {
    const SequenceTask::Measure measure = task_->measure();
    const double nothing = std::numeric_limits<double>::quiet_NaN();
    const auto ratio = [&](double sum, double count) { return count > 0 ? sum / count : nothing; };
    const auto count = static_cast<double>(tally_.count);
    Score score{.name = measure.name,
                .value = ratio(tally_.sum, count),
                .higher_is_better = measure.higher_is_better,
                .unit = measure.unit,
                .loss = ratio(loss_, weight_),
                .count = tally_.count};
    for (const auto& [name, sum] : tally_.others) score.others.emplace_back(name, ratio(sum, count));
    if (measure.curve != nullptr) {
      ScoreCurve& curve = score.curves.emplace_back(ScoreCurve{measure.curve, "lag", {}, {}});
      for (size_t lag = 0; lag < tally_.lag_sum.size(); ++lag) {
        curve.at.push_back(static_cast<double>(lag));
        curve.value.push_back(ratio(tally_.lag_sum[lag], tally_.lag_count[lag]));
      }
    }
    task_->complete(score);
    return score;
  }

 private:
  void judge(Network& network) {
    const std::span<const float> outputs = network.read(batch_), losses = network.losses();
    const size_t B = sequences_.size(), O = static_cast<size_t>(shape_.outputs);
    for (size_t b = 0; b < B; ++b) {
      const Sequence& sequence = sequences_[b];
      outputs_.resize(static_cast<size_t>(sequence.length) * O);
      for (size_t t = 0; t < static_cast<size_t>(sequence.length); ++t) {
        const size_t row = t * B + b;
        std::copy_n(outputs.data() + row * O, O, outputs_.data() + t * O);
        const double weight = batch_.weights.empty() ? 1.0 : static_cast<double>(batch_.weights[row]);
        if (weight == 0) continue;
        const double loss =
            losses.empty() ? row_loss(shape_, batch_, outputs, row) : static_cast<double>(losses[row]);
        loss_ += weight * loss;
        weight_ += weight;
      }
      task_->judge(sequence, outputs_, tally_);
    }
  }

  const SequenceTask* task_;
  TaskShape shape_;
  int at_once_;
  int64_t next_ = 0;
  std::vector<Sequence> sequences_;
  Batch batch_;
  std::vector<float> outputs_;  // (length, O) of one sequence
  Tally tally_;
  double loss_ = 0, weight_ = 0;
};

}  // namespace

namespace {

/// −ln P of the labels of sequence b.
double string_loss(const TaskShape& shape, const Batch& batch, std::span<const float> outputs, size_t b) {
  const auto O = static_cast<size_t>(shape.outputs), B = static_cast<size_t>(batch.batch);
  std::vector<int32_t> labels;
  labels_of(batch, b, labels);
  std::vector<double> logs;
  const size_t steps = length_of(batch, b);
  for (size_t t = 0; t < steps; ++t) {
    const auto said = outputs.subspan((t * B + b) * O, O);
    const auto log_of = [&](int32_t k) {
      return std::log(std::max(static_cast<double>(said[static_cast<size_t>(k)]), 1e-38));
    };
    logs.push_back(log_of(0));
    for (const int32_t label : labels) logs.push_back(log_of(label));
  }
  std::vector<double> room(ctc_room(steps, labels.size()));
  return ctc_loss(labels, logs, room);
}

}  // namespace

double row_loss(const TaskShape& shape, const Batch& batch, std::span<const float> outputs, size_t row) {
  const auto O = static_cast<size_t>(shape.outputs);
  if (shape.head == Head::ctc)
    return string_loss(shape, batch, outputs, row % static_cast<size_t>(batch.batch));
  const std::span<const float> output = outputs.subspan(row * O, O);
  if (shape.head == Head::softmax)
    return -std::log(static_cast<double>(output[static_cast<size_t>(batch.classes[row])]));
  return loss_of_numbers(shape.head, output, &batch.values[row * static_cast<size_t>(shape.targets())]);
}

void Tally::add(double value, int lag) {
  sum += value;
  ++count;
  if (lag < 0) return;
  const auto index = static_cast<size_t>(lag);
  if (index >= lag_sum.size()) {
    lag_sum.resize(index + 1);
    lag_count.resize(index + 1);
  }
  lag_sum[index] += value;
  lag_count[index] += 1;
}

void Tally::add_other(std::string_view name, double value) {
  const auto found = std::ranges::find(others, name, &std::pair<std::string, double>::first);
  if (found != others.end()) {
    found->second += value;
  } else {
    others.emplace_back(name, value);
  }
}

SequenceTask::SequenceTask(const Experiment& experiment, int longest, int64_t held_out)
    : longest_(longest), batch_(experiment.train.batch), held_out_(held_out), seed_(experiment.train.seed) {
  assert(longest >= 1 && held_out >= 0);
}

Random SequenceTask::training_random(int64_t number) const {
  return {seed_, random_stream::task_train, static_cast<uint64_t>(number)};
}

Random SequenceTask::held_out_random(int64_t number) const {
  return {seed_, random_stream::task_held_out, static_cast<uint64_t>(number)};
}

Sequence SequenceTask::training(int64_t number) const {
  Sequence sequence;
  Random random = training_random(number);
  draw(random, sequence);
  return sequence;
}

Sequence SequenceTask::held_out(int64_t index) const {
  Sequence sequence;
  Random random = held_out_random(index);
  draw_held_out(random, sequence);
  return sequence;
}

void SequenceTask::fill(int64_t step, Batch& batch) const {
  // Room that is used again and again: steps allocate nothing. Of the thread, for lanes may share a task.
  static thread_local std::vector<Sequence> drawn;
  const auto size = static_cast<size_t>(batch_);
  if (drawn.size() < size) drawn.resize(size);
  for (size_t b = 0; b < size; ++b) {
    clear(drawn[b]);
    Random random = training_random(step * batch_ + static_cast<int64_t>(b));
    draw(random, drawn[b]);
  }
  const TaskShape shape = this->shape();
  const size_t rows = static_cast<size_t>(longest_) * size, I = static_cast<size_t>(shape.inputs);
  const bool classes = shape.has_classes();
  batch.symbols.reserve(shape.reals ? 0 : rows);
  batch.reals.reserve(shape.reals ? rows * I : 0);
  batch.classes.reserve(classes ? rows : 0);
  batch.values.reserve(classes ? 0 : rows * static_cast<size_t>(shape.targets()));
  batch.weights.reserve(rows);
  batch.lengths.reserve(size);
  batch.starts.reserve(size);
  gather_sequences({drawn.data(), size}, shape, batch);
}

std::unique_ptr<Scorer> SequenceTask::scorer() const {
  return held_out_ > 0 ? std::make_unique<SequenceScorer>(*this) : nullptr;
}

Example SequenceTask::example(int64_t index) const {
  Sequence sequence = held_out(index);
  Example example;
  gather_sequences({&sequence, 1}, shape(), example.batch);
  example.marks = std::move(sequence.marks);
  example.columns = std::move(sequence.columns);
  return example;
}

}  // namespace unroll
