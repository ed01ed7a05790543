// What the trainer sees of any task: one batch of sequences. Sizes: T seq_length, B batch, I width of a real input, O width
// of the output. Rows of every (T, B, …) array are t·B + b.
#pragma once

#include <cstdint>
#include <vector>

namespace unroll {

/// What the last layer's output becomes, and the loss that compares it with the target; nats but for `linear`.
enum class Head {
  softmax,  ///< probabilities of O classes; cross-entropy
  linear    ///< O numbers; squared error, the mean over the O numbers of a row
};

/// What goes in and what comes out of a network for some task. Language modelling: {V, false, V, softmax}.
struct TaskShape {
  int inputs = 0;  ///< number of symbols; I where the input is real
  bool reals =
      false;        ///< the input is I numbers instead of a symbol; the lane's `embedding` has no effect then
  int outputs = 0;  ///< O
  Head head = Head::softmax;

  bool operator==(const TaskShape&) const = default;
};

/// The loss of a batch is the mean of its rows' losses, weighted with `weights`. Nothing sees what stands past a
/// sequence's length: its state stays as it was at the end, bit for bit, and its weights there are 0.
struct Batch {
  int seq_length = 0, batch = 0;
  std::vector<int32_t>
      symbols;  ///< (T, B) inputs, each below TaskShape::inputs (past the end: any that is); or …
  std::vector<float> reals;      ///< (T, B, I) inputs
  std::vector<int32_t> classes;  ///< (T, B) targets of a softmax; or …
  std::vector<float> values;     ///< (T, B, O) targets of a linear head
  std::vector<float> weights;    ///< (T, B), 0 or more, not all 0; empty: 1 everywhere
  std::vector<int32_t> lengths;  ///< (B) from 1 to T; empty: T each
  bool restart = true;  ///< the states before it are those before anything was read; else they are carried on
};

}  // namespace unroll
