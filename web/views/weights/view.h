// What the view "Weights" shows of the chosen lane and block, made from the lane's answers. Draws nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "web/session/session.h"
#include "web/toolkit/heatmap.h"
#include "web/views/weights/block_curve.h"

namespace unroll {

/// A parameter block of a lane: its shape, and what rows and columns mean.
struct BlockShape {
  std::string name;  ///< PyTorch's
  size_t rows = 0, columns = 1;
  /// As it is drawn: a bias is one row a gate, or one row.
  size_t drawn_rows() const { return columns == 1 ? (bands > 1 ? bands : 1) : rows; }
  size_t drawn_columns() const { return columns == 1 ? rows / drawn_rows() : columns; }
  size_t bands = 1;  ///< blocks of the cell's equations that follow each other from row to row
  int layer = -1;    ///< −1: none of the recurrent layers
  std::vector<std::string> band_names = {};  ///< of a recurrent layer: the equation that each is of
};
/// Of a layer's input.
inline bool is_input(const BlockShape& block) { return block.name.find(".weight_ih") != std::string::npos; }
inline bool is_attention(const BlockShape& block) { return block.name == "attention.weight"; }
/// All blocks of a lane in PyTorch's order, as it was configured.
std::vector<BlockShape> block_shapes(const LaneView&);
/// How many of a layer's (H, H) blocks the spectrum is of.
size_t recurrent_blocks(const LaneSpec&);

/// "gate f of unit 12 from ‘e’": a place in the matrix as it is drawn.
std::string place_name(const LaneView&, const BlockShape&, size_t row, size_t column);
/// Names for the rows and the columns of a table; of the block as PyTorch has it.
std::string row_name(const LaneView&, const BlockShape&, size_t row);
std::string column_name(const LaneView&, const BlockShape&, size_t column);

/// Counts of values in bins of equal width from −reach to reach.
struct Histogram {
  static constexpr size_t bins = 49;  ///< odd, so that 0 is in the middle of one
  double reach = 0;
  std::array<int64_t, bins> counts{};
  size_t bin_of(double value) const;
  double edge(size_t bin) const { return reach * (2.0 * static_cast<double>(bin) / bins - 1.0); }
};

/// What was made of one answer to `weights`.
struct MatrixFacts {
  int64_t version = -1, initial_version = -1;  ///< of the answer; how often `initial` was looked up anew
  float scale = 1;                             ///< end of the colours: 99.5% of the magnitudes are within it
  double largest = 0, mean = 0, deviation = 0;
  size_t count = 0;
  Histogram histogram;
  std::optional<Histogram> initial;  ///< of the weights at step 0, on the same axis
};

/// The weights that a lane began with, found out once for each block: now less the change since then.
struct InitialWeights {
  std::string key;  ///< lane and block that it is about
  std::vector<float> values;
  int64_t version = 0;
};

/// State of the view.
struct WeightsState {
  std::string block = "rnn.weight_hh_l0";
  bool change = false;  ///< since step 0, instead of the weights
  MatrixFacts facts;
  InitialWeights initial;
  Heatmap picture;
  std::optional<CurvePoint> pointed;  ///< the point of the block's curve under the pointer
};

/// Asks for what the view needs and keeps the facts in step with the answers; call it in every frame that shows it.
void update_weights(WeightsState&, Session&, size_t lane);
/// The chosen block of a lane: view.block where the lane has it, else the first recurrent weight.
BlockShape chosen_block(const WeightsState&, const LaneView&);
/// The values that are shown; null before the first answer for this block.
const Answer* shown_matrix(const WeightsState&, const Session&, size_t lane);

/// Of the lane's last gradient check.
struct CheckSample {
  std::string block;
  int64_t index;
  double backward, difference;
};
struct CheckFacts {
  int64_t step = 0;
  double error = 0;
  std::vector<CheckSample> samples;
  static constexpr double allowed = 1e-3;
};
std::optional<CheckFacts> gradient_check_of(const Session&, size_t lane);
void check_gradient(Session&, size_t lane, const Probed&, const std::u32string& text);

}  // namespace unroll
