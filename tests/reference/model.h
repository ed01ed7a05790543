// A whole character model, naive and in double precision: the oracle that the engine is tested against, and
// the place to read how it works. Each sequence of the batch runs alone:
//   x_t = one-hot vector of the character (or its embedding) → layer 0 → layer 1 → … → logits = W h + b
//   loss_t = −log softmax(logits)[next character]
// Backward walks the same way back: through the characters from the last to the first, and at each through
// the layers from the top to the bottom (Werbos 1990, "Backpropagation through time").
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tests/reference/cells.h"

namespace unroll::reference {

/// The parameters; the same type holds their gradients.
struct Model {
  std::string cell = "lstm";
  Nonlinearity nonlinearity = Nonlinearity::tanh;
  Matrix embedding;  ///< (V, E); without rows when the input is one-hot
  std::vector<LayerWeights> layers;
  Matrix decoder;       ///< (V, H)
  Vector decoder_bias;  ///< (V)

  size_t hidden() const { return decoder.cols; }
  size_t vocabulary() const { return decoder.rows; }
};

/// A model of the right shapes, all zero.
Model make_model(const LaneSpec& spec, size_t vocabulary);

/// One parameter tensor under PyTorch's name.
struct NamedTensor {
  std::string name;
  Vector* values;
};
/// All of them, in the order of torch's state_dict.
std::vector<NamedTensor> tensors(Model&);

/// A pass over one sequence: T characters in, T predictions out.
struct SequencePass {
  std::vector<int32_t> inputs, targets;
  std::vector<std::vector<CellStep>> steps;  ///< [t][layer]
  std::vector<Vector> probabilities;         ///< [t]
  std::vector<double> losses;                ///< [t], nats
  std::vector<std::vector<Vector>> masks;    ///< [layer − 1][t]
  std::vector<State> last() const;           ///< the state after the last character, by layer
};

/// `masks`: dropout's factors for the input of the layers above the first, [layer − 1][t], H each; none = no
/// dropout.
SequencePass forward(const Model&, std::span<const int32_t> inputs, std::span<const int32_t> targets,
                     const std::vector<State>& start, const std::vector<std::vector<Vector>>& masks = {});

/// Gradients of Σ_t weight[t] · loss_t on the way back, where probes want to look.
struct SequenceFlow {
  std::vector<std::vector<State>> d_state;  ///< [t][layer] whole gradient of h and c after character t
  std::vector<Vector> d_input;              ///< [t] of x_t, the one-hot vector or embedding
};

/// Adds the gradients of Σ_t weight[t] · loss_t to `gradients`.
SequenceFlow backward(const Model&, const SequencePass&, const Vector& weight, Model& gradients);

/// Zero state of every layer.
std::vector<State> zero_state(const Model&);

}  // namespace unroll::reference
