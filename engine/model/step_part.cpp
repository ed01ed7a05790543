#include "engine/model/step_part.h"

#include <algorithm>

#include "engine/model/parts.h"

namespace unroll {
namespace {

/// Of an array with as many values for each of `batch` streams, over and over: those of some.
template <class Values>
Values columns(const Values& all, int batch, size_t width, int first, int count) {
  Values part;
  const size_t whole = static_cast<size_t>(batch) * width, begin = static_cast<size_t>(first) * width,
               size = static_cast<size_t>(count) * width;
  if (all.empty()) return part;
  part.reserve(all.size() / whole * size);
  for (size_t row = 0; row < all.size(); row += whole) {
    const auto from = all.begin() + static_cast<ptrdiff_t>(row + begin);
    part.insert(part.end(), from, from + static_cast<ptrdiff_t>(size));
  }
  return part;
}

/// Values of a state in one layer and stream.
size_t width_of(const RecurrentState& state, size_t s, int layers) {
  return state.states[s].size() / static_cast<size_t>(layers) / static_cast<size_t>(state.batch);
}

}  // namespace

void compute_part(Model& model, Workspace& workspace, const PartInput& input, PartOutput& output) {
  Random dropout(0);
  dropout.restore(input.dropout);
  output.state = input.state;
  FloatArray& gradients = model.parts().gradients;
  std::swap(gradients, output.gradients);
  model.forward_backward(workspace, input.batch, output.state, dropout, input.place);
  std::swap(gradients, output.gradients);
  const std::span<const float> losses = workspace.losses();
  output.losses.assign(losses.begin(), losses.end());
  output.dropout = dropout.state();
}

Batch streams_of(const Batch& batch, int first, int count) {
  const auto rows = static_cast<size_t>(batch.seq_length) * static_cast<size_t>(batch.batch);
  const auto cut = [&](const auto& values) {
    return columns(values, batch.batch, values.size() / rows, first, count);
  };
  Batch part;
  part.seq_length = batch.seq_length, part.batch = count;
  part.symbols = cut(batch.symbols), part.reals = cut(batch.reals);
  part.classes = cut(batch.classes), part.values = cut(batch.values), part.weights = cut(batch.weights);
  part.lengths = columns(batch.lengths, batch.batch, 1, first, count);
  part.starts = columns(batch.starts, batch.batch, 1, first, count);
  part.turn = batch.turn, part.restart = batch.restart;
  return part;
}

RecurrentState streams_of(const RecurrentState& whole, int layers, int first, int count) {
  RecurrentState part{.batch = count, .states = {}};
  for (size_t s = 0; s < whole.states.size(); ++s)
    part.states.push_back(columns(whole.states[s], whole.batch, width_of(whole, s, layers), first, count));
  return part;
}

void put_streams(const RecurrentState& part, int layers, int first, RecurrentState& whole) {
  for (size_t s = 0; s < whole.states.size(); ++s) {
    const auto width = static_cast<ptrdiff_t>(width_of(whole, s, layers)), size = width * part.batch,
               row = width * whole.batch, begin = width * first;
    for (int l = 0; l < layers; ++l)
      std::copy_n(part.states[s].begin() + l * size, size, whole.states[s].begin() + l * row + begin);
  }
}

}  // namespace unroll
