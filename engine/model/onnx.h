// A trained network as an ONNX file (https://github.com/onnx/onnx: onnx.proto and Operators.md; opset 17, IR version 8), for
// programs that only use it. Sizes: T characters and B streams, both left open; V symbols, I numbers, O outputs, L layers, H hidden.
//   inputs    ids (T, B) int64, or x (T, B, I) where the input is real; and every state of the cell by its name before the first
//             character, (L, B, H), of a matrix (L, B, H, H / heads)
//   outputs   logits (T, B, O), or values (T, B, O) of a linear head; and every state by its name with _after, as it went in
//   metadata  vocabulary (the symbols in the order of their ids), or input_names and output_names (JSON lists), where there are such; task,
//             task_stored (JSON), cell (its equations), initial_states (JSON: what states are before anything was read), steps
// rnn, lstm and gru are the operators RNN, LSTM and GRU (linear_before_reset = 1), every other cell is a Scan over its equations.
// docs/onnx.md says it for people.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/model.h"
#include "engine/tasks/task.h"

namespace unroll {

/// `characters`: of a network of text, else null; `task`: of every other.
struct OnnxOrigin {
  const Vocabulary* characters = nullptr;
  const Task* task = nullptr;
  int64_t steps = 0;
};
/// Takes a few times the parameters' memory for a moment. (Limits::parameters keeps it far below the 2 GiB of the format.)
std::vector<uint8_t> onnx_file(const Model&, const OnnxOrigin&);

}  // namespace unroll
