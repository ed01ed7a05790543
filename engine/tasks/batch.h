// What the trainer sees of any task: one batch of sequences. Sizes: T seq_length, B batch, I width of a real input, O width
// of the output. Rows of every (T, B, …) array are t·B + b.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace unroll {

/// What the last layer's output becomes, and the loss that compares it with the target; nats but for `linear`.
enum class Head {
  softmax,   ///< probabilities of O classes; cross-entropy
  linear,    ///< O numbers; squared error, the mean over the O numbers of a row
  gaussian,  ///< O/2 means, then O/2 logarithms of deviations; −ln of the normal density (engine/base/gaussian.h), the mean
             ///< over the O/2 numbers of a row
  ctc,  ///< probabilities of O classes, class 0 the blank; −ln P of the string of labels of a whole sequence
        ///< (engine/base/ctc.h), the loss of its last row
  mixture  ///< O % 6 logits, then O / 6 normal densities of a point; −ln of their mixture (engine/base/mixture.h)
};

inline constexpr const char* head_words[] = {"softmax", "linear", "gaussian", "ctc", "mixture"};

/// What goes in and what comes out of a network for some task. Language modelling: {V, false, V, softmax}.
struct TaskShape {
  int inputs = 0;  ///< number of symbols; I where the input is real
  bool reals =
      false;        ///< the input is I numbers instead of a symbol; the lane's `embedding` has no effect then
  int outputs = 0;  ///< O
  Head head = Head::softmax;
  bool encoder = false;    ///< what stands before Batch::turn is read by layers of their own
  bool attention = false;  ///< … and what follows looks back at it: engine/model/attention.h

  /// What comes out are probabilities of classes, and targets are such; else both are numbers.
  bool has_classes() const { return head == Head::softmax || head == Head::ctc; }
  /// Numbers that a row's target has, where it is no class.
  int targets() const {
    return head == Head::gaussian ? outputs / 2 : head == Head::mixture ? 2 + outputs % 6 : outputs;
  }

  bool operator==(const TaskShape&) const = default;
};

/// Of V symbols the next one from those before.
inline TaskShape language_shape(int symbols) {
  return {.inputs = symbols, .reals = false, .outputs = symbols, .head = Head::softmax};
}

/// The loss of a batch is the mean of its rows' losses, weighted with `weights`. Nothing sees what stands past a
/// sequence's length: its state stays as it was at the end, bit for bit, and its weights there are 0. Nor what stands before
/// its start, where the state stays the first one. With an encoder a sequence is a source and a target: all targets of a
/// batch begin in row `turn`, so shorter sources start later; rows of a source have weight 0.
///
/// Of Head::ctc a sequence has a string of labels, which says nothing of where they are: they stand in the first rows of
/// `classes`, then 0. Its weight stands in its last row, all others are 0, so with weights of 1 the loss of a batch is the mean
/// of −ln P(labels) over its strings. One that no path can say (fewer steps than ctc_least_steps) has weight 0: it is left out.
struct Batch {
  int seq_length = 0, batch = 0;
  std::vector<int32_t>
      symbols;  ///< (T, B) inputs, each below TaskShape::inputs (past the end: any that is); or …
  std::vector<float> reals;      ///< (T, B, I) inputs
  std::vector<int32_t> classes;  ///< (T, B) targets of a softmax, or labels of Head::ctc; or …
  std::vector<float> values;     ///< (T, B, TaskShape::targets()) targets where there are no classes
  std::vector<float> weights;    ///< (T, B), 0 or more, not all 0; empty: 1 everywhere
  std::vector<int32_t> lengths;  ///< (B) from 1 to T, where each ends; empty: T each
  int turn = 0;                  ///< rows before it are a source, for the encoder; 0 … T
  std::vector<int32_t> starts;   ///< (B) below turn, where each source starts; empty: 0 each
  bool restart = true;  ///< the states before it are those before anything was read; else they are carried on

  /// Without those past a sequence's length, or before its start.
  int64_t read_rows() const {
    const auto ends = lengths.empty() ? int64_t{seq_length} * batch
                                      : std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
    return ends - std::accumulate(starts.begin(), starts.end(), int64_t{0});
  }
};

/// The same arrays, wherever they are.
struct BatchView {
  int seq_length = 0, batch = 0;
  std::span<const int32_t> symbols;
  std::span<const float> reals;
  std::span<const int32_t> classes;
  std::span<const float> values;
  std::span<const float> weights;
  std::span<const int32_t> lengths;
  int turn = 0;
  std::span<const int32_t> starts;

  BatchView() = default;
  BatchView(const Batch& b)  // NOLINT: implicit by intent
      : seq_length(b.seq_length),
        batch(b.batch),
        symbols(b.symbols),
        reals(b.reals),
        classes(b.classes),
        values(b.values),
        weights(b.weights),
        lengths(b.lengths),
        turn(b.turn),
        starts(b.starts) {}
  /// Language modelling: each symbol's target is the one that follows it.
  BatchView(int batch_size, std::span<const int32_t> inputs, std::span<const int32_t> targets)
      : seq_length(static_cast<int>(inputs.size()) / batch_size),
        batch(batch_size),
        symbols(inputs),
        classes(targets) {}
  size_t rows() const { return static_cast<size_t>(seq_length) * static_cast<size_t>(batch); }
};

/// Whether the batch says what is right.
inline bool has_targets_for(const TaskShape& shape, const BatchView& batch) {
  return shape.has_classes() ? !batch.classes.empty() : !batch.values.empty();
}
/// The labels of sequence b of a batch for Head::ctc, into `labels`.
inline void labels_of(const BatchView& batch, size_t b, std::vector<int32_t>& labels) {
  labels.clear();
  for (size_t row = b; row < batch.classes.size() && batch.classes[row] != 0;
       row += static_cast<size_t>(batch.batch))
    labels.push_back(batch.classes[row]);
}
/// Where it ends.
inline size_t length_of(const BatchView& batch, size_t b) {
  return static_cast<size_t>(batch.lengths.empty() ? batch.seq_length : batch.lengths[b]);
}
/// How many of its sequences are left out: no path says their labels.
inline int left_out(const BatchView& batch) {
  int count = 0;
  for (size_t b = 0, B = static_cast<size_t>(batch.batch); b < B; ++b)
    count += batch.weights[(length_of(batch, b) - 1) * B + b] == 0 ? 1 : 0;
  return count;
}

/// Symbols to read, a batch of one.
inline Batch symbols_alone(std::span<const int32_t> symbols) {
  Batch batch;
  batch.seq_length = static_cast<int>(symbols.size());
  batch.batch = 1;
  batch.symbols.assign(symbols.begin(), symbols.end());
  return batch;
}
/// Language modelling of 2 symbols or more: each but the last is read, and the next one is its target.
inline Batch sequence_of(std::span<const int32_t> ids) {
  Batch batch = symbols_alone(ids.first(ids.size() - 1));
  batch.classes.assign(ids.begin() + 1, ids.end());
  return batch;
}
/// Rows first … first + count − 1 of a batch of one, with their targets where there are any.
inline BatchView part_of(const BatchView& whole, size_t first, size_t count) {
  const auto part = [&](const auto& values) {
    const size_t width = values.size() / whole.rows();
    return values.subspan(first * width, count * width);
  };
  BatchView view;
  view.seq_length = static_cast<int>(count);
  view.batch = 1;
  view.symbols = part(whole.symbols);
  view.reals = part(whole.reals);
  view.classes = part(whole.classes);
  view.values = part(whole.values);
  view.weights = part(whole.weights);
  view.turn = std::clamp(whole.turn - static_cast<int>(first), 0, view.seq_length);
  return view;
}

}  // namespace unroll
