// The forward pass once more: naive, in double precision, one character at a time. It shares nothing with the
// engine's own passes but the layout of the parameters, so it can check them (gradient_check.h); and it lets
// a person reach into the cell (intervention_set.h). It holds a copy of the parameters. Equations:
// engine/cells/*.h.
#pragma once

#include <vector>

#include "engine/model/intervention_set.h"
#include "engine/model/model.h"

namespace unroll {

class DoubleModel {
 public:
  /// The interventions must fit the model (check_interventions).
  explicit DoubleModel(const Model&, InterventionSet = {});

  std::vector<double>& parameters() { return parameters_; }  ///< as long as the model's, in its order
  /// Takes the model's parameters anew, if they changed since; the state stays.
  void follow(const Model&);
  void reset();  ///< zero state, no character read

  /// Reads a character; the logits (V) of the one that follows.
  const std::vector<double>& read(int32_t character);
  /// Of the character that follows, by the last read(): nats.
  double loss(int32_t next) const;
  std::vector<double> probabilities() const;  ///< (V)

  /// What the last read() computed in one layer, interventions included. G gates, H hidden units.
  struct Reading {
    std::vector<double> h_before, c_before;  ///< (H) the state before the character
    std::vector<double> x, u;                ///< (G·H) W_ih x_t + b_ih and W_hh h_{t−1} + b_hh
    std::vector<double> gates;               ///< (G·H) i f g o, r z n; rnn: x + u
    std::vector<double> h, c;                ///< (H) the state after it; c is 0 unless the cell is an lstm
  };
  const Reading& layer(int index) const { return layers_[static_cast<size_t>(index)].reading; }
  const std::vector<double>& h(int index) const { return layer(index).h; }
  const std::vector<double>& c(int index) const { return layer(index).c; }

 private:
  struct Layer {
    size_t input, w_ih, w_hh, b_ih, b_hh;
    Reading reading;
  };
  enum class Value { gate, c, h };

  void read(Layer& layer, int index, const double* x, ptrdiff_t hot);
  double intervened(Value what, int layer, size_t unit, int gate, double computed, double before) const;
  double log_sum() const;

  LaneSpec spec_;
  size_t V_, H_, G_;
  uint64_t version_ = 0;  // of the model that the parameters were taken from
  std::vector<double> parameters_, logits_;
  std::vector<Layer> layers_;
  size_t embedding_ = 0, decoder_ = 0, decoder_bias_ = 0;
  InterventionSet interventions_;
  int64_t place_ = 0;  // number of the character that is read
};

}  // namespace unroll
