// The forward pass once more: naive, in double precision, one row at a time (engine/cells/double_cell.h). It shares
// nothing with the engine's own passes but the equations and the layout of the parameters, so it can check them
// (gradient_check.h); and it lets a person reach into the cell (intervention_set.h). It holds a copy of the parameters.
#pragma once

#include <vector>

#include "engine/cells/double_cell.h"
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

  /// Reads a symbol, or the I numbers of a real input; the logits (O), or the numbers of a linear head.
  const std::vector<double>& read(int32_t symbol);
  const std::vector<double>& read(std::span<const float> input);
  /// Row t of a batch of one.
  const std::vector<double>& read_row(const BatchView&, size_t t);
  /// Of the class that follows, by the last read(): nats. Of a linear head: of its numbers.
  double loss(int32_t next) const;
  double loss(std::span<const float> values) const;
  double row_loss(const BatchView&, size_t t) const;
  std::vector<double> probabilities() const;  ///< (O)

  /// What the last read() computed in one layer, interventions included.
  const DoubleCell& layer(int index) const { return layers_[static_cast<size_t>(index)]; }

 private:
  double intervened(size_t layer, int equation, size_t unit, double before, double computed) const;
  double log_sum() const;
  const std::vector<double>& read(CellInput);

  LaneSpec spec_;
  TaskShape shape_;
  size_t O_, H_;
  uint64_t version_ = 0;  // of the model that the parameters were taken from
  std::vector<double> parameters_, logits_, input_;
  std::vector<DoubleCell> layers_;
  size_t embedding_ = 0, decoder_ = 0, decoder_bias_ = 0;
  struct Imposed {
    Intervention what;
    int equation;  // of the cell; −1: every state
  };
  std::vector<std::vector<Imposed>> imposed_;  // by layer
  int64_t place_ = 0;                          // number of the character that is read
};

}  // namespace unroll
