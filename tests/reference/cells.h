// The recurrent cells as a textbook writes them: one sequence, one character at a time, double precision, no
// trick. Forward takes the state before a character and gives the state after it. Backward takes the gradient
// of a loss with respect to the state after, and gives it with respect to everything that went in: input,
// weights, state before. Each of the functions is one application of the chain rule; the equations are in
// engine/cells/*.h.
//
// A variable d_x is ∂L/∂x, of the same shape as x. Gradients of weights are added to, because every time step
// uses the same weights.
#pragma once

#include "engine/document/experiment.h"
#include "tests/reference/linear.h"

namespace unroll::reference {

/// One layer, shapes and order of rows as in torch.nn: (G·H, I), (G·H, H), (G·H), (G·H).
struct LayerWeights {
  Matrix w_ih, w_hh;
  Vector b_ih, b_hh;
};

/// What is carried from character to character. c is empty unless the cell is an lstm.
struct State {
  Vector h, c;
};

/// One time step of one layer, with all that backward needs to look at again.
struct CellStep {
  Vector x;             ///< input
  State before, after;  ///< the character
  Vector gates;         ///< rnn: none · lstm: i f g o, each H long · gru: r z n
  Vector hidden_part;   ///< gru: W_hh h + b_hh
};

/// What comes out of backward beside the gradients of the weights.
struct CellBackward {
  Vector d_x;
  State d_before;
};

CellStep rnn_forward(const LayerWeights&, Nonlinearity, const Vector& x, const State& before);
CellBackward rnn_backward(const LayerWeights&, Nonlinearity, const CellStep&, const State& d_after,
                          LayerWeights& d_weights);

CellStep lstm_forward(const LayerWeights&, const Vector& x, const State& before);
CellBackward lstm_backward(const LayerWeights&, const CellStep&, const State& d_after,
                           LayerWeights& d_weights);

CellStep gru_forward(const LayerWeights&, const Vector& x, const State& before);
CellBackward gru_backward(const LayerWeights&, const CellStep&, const State& d_after,
                          LayerWeights& d_weights);

}  // namespace unroll::reference
