// One layer of any cell, one stream, one step at a time, in double precision: a walk over the nodes of its graph (graph.h).
// Naive on purpose: the passes that train are checked against it, probes read from it what a cell computes, and
// interventions reach into it while it does.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/cells/graph.h"

namespace unroll {

/// x_t: a vector, or the number of the one that is 1 in a one-hot vector.
struct CellInput {
  const double* x = nullptr;
  ptrdiff_t hot = -1;  ///< ≥ 0: x is not read
};

class DoubleCell {
 public:
  /// What an intervention does: called for every unit of every equation when it is computed, of a matrix for every number of
  /// the unit's row, and what it gives back is the value from there on. `before` is the value one step before; in the first step that of the state, or `computed`.
  using Hook = std::function<double(int equation, size_t unit, double before, double computed)>;

  /// Where each tensor begins among the parameters that step() gets; by default one after the other.
  DoubleCell(std::shared_ptr<const CellGraph> graph, int hidden, int input, std::vector<size_t> offsets = {});

  const CellGraph& graph() const { return *graph_; }
  size_t hidden() const { return H_; }

  void reset();  ///< first values of all states, no step taken
  void step(const double* parameters, CellInput input, const Hook& hook = {});

  // Of the last step; (H) each, of a matrix (columns, H): see graph.h.
  std::span<const double> node(int index) const;  ///< of the input: nothing sensible
  std::span<const double> value(int equation) const;
  std::span<const double> value(std::string_view equation) const;  ///< of a name that is there
  std::span<const double> before(int state) const;                 ///< the state when the step began
  std::span<const double> state(int index) const;
  std::span<double> state(int index);  ///< also to set it before the next step
  std::span<const double> h() const { return state(graph_->output); }

 private:
  void compute(const CellNode& node, const double* parameters, const CellInput& input, double* result);

  std::shared_ptr<const CellGraph> graph_;
  size_t H_, I_;
  std::vector<size_t> offsets_;                     // by tensor
  std::vector<int> equation_of_;                    // by node: whose whole right side it is, or −1
  std::vector<size_t> node_places_, state_places_;  // where each begins, and behind them the size of all
  std::vector<double> values_;                      // of all nodes
  std::vector<double> before_, now_;                // of all states
  std::vector<double> zeros_;                       // (H) the bias of a product without one
  bool stepped_ = false;
};

}  // namespace unroll
