// Inside one layer while it reads: what went into the cell, what its gates were, what it kept. The rows of a
// cell, in the order of its equations (engine/cells/*.h), each H values, one a unit:
//   rnn   h_prev x u h
//   lstm  h_prev c_prev x.i x.f x.g x.o u.i u.f u.g u.o i f g o c tanh_c h
//   gru   h_prev x.r x.z x.n u.r u.z u.n r z n h
// x = W_ih x_t + b_ih is what the character says, u = W_hh h_prev + b_hh what the layer remembers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model/intervention_set.h"
#include "engine/model/model.h"

namespace unroll {

struct CellRow {
  enum class Kind { h_before, c_before, x, u, gate, c, tanh_c, h };
  std::string name;
  Kind kind = Kind::h;
  size_t gate = 0;  ///< of x, u and gate: its number in cell_traits(cell).gate_names
};
std::vector<CellRow> cell_rows(std::string_view cell);

/// Reads a text from a zero state, and keeps some rows of some of its characters. With nothing to intervene
/// the rows are what the model computes, bit for bit; only x and u, which it does not keep, are computed once
/// more, in double precision. Under interventions, which must fit the model, everything is that of
/// DoubleModel.
class LayerMeter {
 public:
  enum class Order { by_character, by_row };  ///< the values are (count, R, H) or (R, count, H)

  /// Characters first … first + count − 1 of `ids`, which it copies. The model must outlive it, and its
  /// weights must not change meanwhile.
  LayerMeter(const Model&, std::span<const int32_t> ids, int layer, std::vector<CellRow> rows, size_t first,
             size_t count, Order, InterventionSet = {});
  ~LayerMeter();
  bool advance();  ///< reads 64 characters (one under interventions) or keeps one of them; true when done
  const std::vector<float>& values() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace unroll
