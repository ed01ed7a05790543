// The forward pass once more: naive, in double precision, one character at a time. It shares nothing with the
// engine's own passes but the layout of the parameters, so it can check them (gradient_check.h); and it lets
// a person reach into the cell (intervention.h). It holds a copy of the parameters. Equations:
// engine/cells/*.h.
#pragma once

#include <vector>

#include "engine/intervention.h"
#include "engine/model.h"

namespace unroll {

class DoubleModel {
 public:
  /// The interventions must fit the model (check_interventions).
  explicit DoubleModel(const Model&, InterventionSet = {});

  std::vector<double>& parameters() { return parameters_; }  ///< as long as the model's, in its order
  void reset();                                              ///< zero state, no character read

  /// Reads a character; the logits (V) of the one that follows.
  const std::vector<double>& read(int32_t character);
  /// Of the character that follows, by the last read(): nats.
  double loss(int32_t next) const;
  std::vector<double> probabilities() const;  ///< (V)

  const std::vector<double>& h(int layer) const { return layers_[static_cast<size_t>(layer)].h; }
  const std::vector<double>& c(int layer) const { return layers_[static_cast<size_t>(layer)].c; }

 private:
  struct Layer {
    size_t input, w_ih, w_hh, b_ih, b_hh;
    std::vector<double> h, c;
  };
  enum class Value { gate, c, h };

  std::vector<double> affine(size_t w, size_t b, size_t rows, const std::vector<double>& x) const;
  void read(Layer& layer, int index, const std::vector<double>& x, ptrdiff_t hot);
  double intervened(Value what, int layer, size_t unit, int gate, double computed, double before) const;
  double log_sum() const;

  LaneSpec spec_;
  size_t V_, H_, G_;
  std::vector<double> parameters_, logits_;
  std::vector<Layer> layers_;
  size_t embedding_ = 0, decoder_ = 0, decoder_bias_ = 0;
  InterventionSet interventions_;
  int64_t place_ = 0;  // number of the character that is read
};

}  // namespace unroll
