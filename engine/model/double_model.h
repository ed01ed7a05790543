// The forward pass once more: naive, in double precision, one row at a time (engine/cells/double_cell.h). It shares
// nothing with the engine's own passes but the equations and the layout of the parameters, so it can check them
// (gradient_check.h); and it lets a person reach into the cell (intervention_set.h). It holds a copy of the parameters.
#pragma once

#include <string>
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
  /// Row t of a batch of one; rows before its turn by the encoder, whose states the row at the turn begins with.
  const std::vector<double>& read_row(const BatchView&, size_t t);
  /// Of the class that follows, by the last read(): nats. Of a linear head: of its numbers.
  double loss(int32_t next) const;
  double loss(std::span<const float> values) const;
  /// Of row t, which was read last. Of Head::ctc that of the whole batch of one in its last row, else 0.
  double row_loss(const BatchView&, size_t t) const;
  std::vector<double> probabilities() const;  ///< (O)
  /// Of attention, the weights in the last row over each row of the source; empty without, and in a row of the source.
  const std::vector<double>& attention() const { return weights_; }

  /// What the last read() computed in one layer, interventions included.
  const DoubleCell& layer(int index) const {
    return (encodes_ ? encoder_ : main_).layers[static_cast<size_t>(index)];
  }

 private:
  double intervened(size_t layer, int equation, size_t unit, double before, double computed) const;
  double log_sum() const;
  double string_loss(const BatchView&) const;
  struct Stack {
    std::vector<DoubleCell> layers;
    size_t embedding = 0;
  };
  Stack stack_of(const Model&, const std::string& module, const char* embedding) const;
  /// From now on this one reads; the main stack goes on from where the encoder is.
  void turn_to(bool encoder);
  const std::vector<double>& read(CellInput);
  const double* attended(const double* h);

  LaneSpec spec_;
  TaskShape shape_;
  size_t O_, H_;
  uint64_t version_ = 0;  // of the model that the parameters were taken from
  std::vector<double> parameters_, logits_, input_;
  Stack main_, encoder_;
  bool encodes_ = false;                       // the encoder read the last row
  std::vector<double> source_;                 // (S, H) with attention: its outputs
  std::vector<double> logs_;                   // (T, O) of Head::ctc: ln of the probabilities so far
  std::vector<double> weights_, pair_, read_;  // (S), (2H) [c, h] and (H), with attention
  size_t decoder_ = 0, decoder_bias_ = 0, attention_ = 0;
  struct Imposed {
    Intervention what;
    int equation;  // of the cell; −1: every state
  };
  std::vector<std::vector<Imposed>> imposed_;  // by layer
  int64_t place_ = 0;                          // number of the character that is read
};

}  // namespace unroll
