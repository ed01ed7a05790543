// libFuzzer on what anybody can type as a cell (engine/cells/language.h): whatever it is, it is read or told, and what is
// read can be printed, counted, read again and stepped through. tests/fuzz/README.md says how to run it.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "engine/cells/double_cell.h"
#include "engine/cells/language.h"

using namespace unroll;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_graph(const CellGraph& graph) {
  const int nodes = static_cast<int>(graph.nodes.size());
  std::vector<int> blocks(graph.tensors.size());
  require(nodes > 0 && nodes <= 2 * CellLimits::nodes);
  for (int i = 0; i < nodes; ++i) {
    const CellNode& node = graph.nodes[static_cast<size_t>(i)];
    require(node.a < i && node.b < i);
    require((node.a >= 0) ==
            (kind_of(node.op) == CellOpKind::of_one || kind_of(node.op) == CellOpKind::of_two ||
             (kind_of(node.op) == CellOpKind::with_parameters && node.op != CellOp::vector)));
    require((node.b >= 0) == (kind_of(node.op) == CellOpKind::of_two));
    require(node.op != CellOp::number || std::abs(node.value) <= CellLimits::number);
    for (const int operand : {node.a, node.b}) {
      if (operand < 0) continue;
      const CellOp read = graph.nodes[static_cast<size_t>(operand)].op;
      require(read != CellOp::input || node.op == CellOp::linear);
      require(read != CellOp::number || kind_of(node.op) != CellOpKind::with_parameters);
    }
    for (const CellParameter& parameter : {node.weight, node.bias}) {
      if (parameter.tensor < 0) continue;
      require(parameter.block < graph.tensors[static_cast<size_t>(parameter.tensor)].blocks);
      ++blocks[static_cast<size_t>(parameter.tensor)];
    }
  }
  std::vector<bool> taken(graph.nodes.size());
  for (const CellEquation& equation : graph.equations) {
    require(equation.node >= 0 && equation.node < nodes && !taken[static_cast<size_t>(equation.node)]);
    taken[static_cast<size_t>(equation.node)] = true;
    require(!expression(graph, equation.node).empty());
  }
  for (const CellState& state : graph.states)
    require(graph.nodes[static_cast<size_t>(graph.equations[static_cast<size_t>(state.equation)].node)].op !=
            CellOp::number);
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    require(graph.tensors[i].blocks == blocks[i]);  // each block belongs to one node
    for (size_t j = 0; j < i; ++j) require(graph.tensors[i].name != graph.tensors[j].name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const CellReading reading = read_cell(text);
  require((reading.graph == nullptr) == !reading.problems.empty());
  require(reading.problems.size() <= static_cast<size_t>(CellLimits::problems));
  for (const CellProblem& problem : reading.problems) {
    require(problem.place.line >= 1 && problem.place.column >= 1 && problem.place.length >= 1);
    require(!problem.found.empty() && !problem.allowed.empty() && problem.text().size() < 2000);
  }
  if (!reading.graph) return 0;
  check_graph(*reading.graph);
  require(read_cell(reading.graph->text).graph != nullptr);
  const int hidden = hidden_multiple(*reading.graph);
  if (hidden > 48) return 0;
  const std::vector<double> parameters(static_cast<size_t>(parameter_count(*reading.graph, hidden, 2)), 0.1);
  DoubleCell cell(reading.graph, hidden, 2);
  for (const ptrdiff_t hot : {0, 1}) cell.step(parameters.data(), {nullptr, hot});
  return 0;
}
