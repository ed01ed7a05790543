// Inside one layer while it reads: everything that the equations of its cell compute, a row for each operation that has a
// name (engine/cells/node_names.h), H values of the units. So of the lstm
//   h_prev c_prev x.i u.i i … o c tanh_c h
// where x.i = W_ih x_t + b_ih is what the character says, u.i = W_hh h_prev + b_hh what the layer remembers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model/intervention_set.h"
#include "engine/model/model.h"

namespace unroll {

struct CellRow {
  std::string name;
  int node = 0;       ///< of the graph
  int equation = -1;  ///< whose value it is, or −1: something on the way to one
};
/// All of them: the states before the character, and then in the order of computation.
std::vector<CellRow> cell_rows(const CellGraph&);

/// Reads a text from a zero state, and keeps some rows of some of its characters. With nothing to intervene
/// equations and states are what the model computes, bit for bit; what is on the way to them, which it does not keep, is
/// computed once more from its states, in double precision. Under interventions, which must fit the model, everything is that of
/// DoubleModel.
class LayerMeter {
 public:
  enum class Order { by_character, by_row };  ///< the values are (count, R, H) or (R, count, H)

  /// Characters first … first + count − 1 of `ids`, which it copies. The model must outlive it, and its
  /// weights must not change meanwhile.
  LayerMeter(const Model&, std::span<const int32_t> ids, int layer, std::vector<CellRow> rows, size_t first,
             size_t count, Order, InterventionSet = {});
  /// The same of a sequence, a batch of one without its targets.
  LayerMeter(const Model&, Batch sequence, int layer, std::vector<CellRow> rows, size_t first, size_t count,
             Order, InterventionSet = {});
  ~LayerMeter();
  bool advance();  ///< reads 64 characters (one under interventions) or keeps one of them; true when done
  const std::vector<float>& values() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace unroll
