// Inside the plan of a cell: its graph once more, as it is run. Every product W a is a leaf of a `linear` node, which
// gathers all products, biases and vectors of one sum; adding one product more to such a sum is free, for a matrix
// product can add to what is there.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/cells/graph.h"

namespace unroll::cell_plan {

/// When a node is computed. Backward goes through them the other way round.
enum class Phase : uint8_t {
  once,   ///< from parameters alone: whenever they have changed, one row of H
  ahead,  ///< from the input alone: before the loop, all T·B rows together
  loop,   ///< what the next step reads
  behind  ///< what no step reads: after the loop, all rows together
};

/// A product with a matrix, one term of the sum of a `linear` node.
struct Leaf {
  int operand = -1;  ///< a node, or −1: x, whose products the caller has in the input part
  CellParameter weight = {};
  Phase phase = Phase::ahead;
  int level = 0;  ///< it is done before the program of this level, and on the way back
  int back = 0;   ///< after the program of that level, −1: before all programs of the phase
};

struct Node {
  /// `outer` is the whole of a matrix' equation: diag(a) · matrix b + c dᵀ.
  CellOp op = CellOp::number;
  int a = -1, b = -1, c = -1, d = -1;
  int state = -1;    ///< `before`: whose
  int heads = 1;     ///< of what goes across units
  double value = 0;  ///< of `number`
  CellParameter weight = {}, bias = {};
  int equation = -1;                       ///< whose value it is
  int sets = -1;                           ///< the state that it sets
  std::vector<Leaf> leaves = {};           ///< of `linear`
  std::vector<CellParameter> biases = {};  ///< of `linear`: everything that is added to each row

  Phase phase = Phase::once;
  int level = 0;        ///< programs of a phase run level by level, products in between
  bool active = false;  ///< some state depends on it
  bool kept = false;    ///< stays in memory after its program
  int uses = 0;         ///< operands that it is, of active nodes
  bool across = false;  ///< read by another phase, another level or a product

  bool reads_input() const { return !leaves.empty() && leaves[0].operand < 0; }
};

/// Operands of a node that are nodes.
template <class Body>
void each_operand(const Node& node, Body body) {
  if (node.a >= 0) body(node.a);
  if (node.b >= 0) body(node.b);
  if (node.c >= 0) body(node.c);
  if (node.d >= 0) body(node.d);
}

/// The nodes in an order in which operands come first.
std::vector<Node> make_nodes(const CellGraph& graph);

/// Whether the way back may compute it again instead of having kept it.
bool is_cheap(CellOp op);

}  // namespace unroll::cell_plan
