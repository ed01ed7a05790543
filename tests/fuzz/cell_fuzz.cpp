// What anybody can type as a cell (engine/cells/language.h): whatever it is, it is read or told, and what is read can be
// printed, counted, read again, stepped through and trained, and both agree.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/cells/double_cell.h"
#include "engine/cells/language.h"
#include "engine/cells/memory_gates.h"
#include "engine/cells/node_names.h"
#include "engine/cells/plan.h"
#include "engine/cells/pytorch.h"
#include "engine/cells/shipped.h"
#include "engine/cells/value_range.h"
#include "tests/fuzz/fuzz.h"

namespace unroll::fuzz {

namespace {

void check_graph(const CellGraph& graph) {
  const int nodes = static_cast<int>(graph.nodes.size());
  std::vector<int> blocks(graph.tensors.size());
  require(nodes > 0 && nodes <= 2 * CellLimits::nodes);
  for (int i = 0; i < nodes; ++i) {
    const CellNode& node = graph.nodes[static_cast<size_t>(i)];
    require(node.a < i && node.b < i);
    require((node.a >= 0) ==
            (kind_of(node.op) == CellOpKind::of_one || kind_of(node.op) == CellOpKind::of_two ||
             kind_of(node.op) == CellOpKind::across ||
             (kind_of(node.op) == CellOpKind::with_parameters && node.op != CellOp::vector)));
    require((node.b >= 0) == has_two_operands(node.op));
    require(node.heads >= 1 && node.heads <= CellLimits::heads);
    require(node.op != CellOp::number || std::abs(node.value) <= CellLimits::number);
    for (const int operand : {node.a, node.b}) {
      if (operand < 0) continue;
      const CellOp read = graph.nodes[static_cast<size_t>(operand)].op;
      require(read != CellOp::input || node.op == CellOp::linear);
      require(read != CellOp::number || kind_of(node.op) != CellOpKind::with_parameters);
      const bool reads_matrix = graph.nodes[static_cast<size_t>(operand)].matrix;
      require(!reads_matrix || node.matrix || (node.op == CellOp::times && operand == node.a));
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

/// What is told of a cell without running it.
void describe(const CellGraph& graph) {
  for (const CellEquation& equation : graph.equations) {
    const ValueRange range = value_range(graph, equation.node);
    require(!(range.low > range.high));
  }
  require(node_names(graph).size() == graph.nodes.size());
  for (const CellInit& init : chrono_inits(graph, 100)) {
    require(init.kind == CellInit::Kind::chrono || init.kind == CellInit::Kind::number);
    require(init.tensor >= 0 && init.block < graph.tensors[static_cast<size_t>(init.tensor)].blocks);
  }
  require(!pytorch_text(graph, {.vocabulary = 2, .hidden = hidden_multiple(graph)}).empty());
}

constexpr int steps = 2, batch = 2;

/// Both ways through the plan, for two streams that read the same; values of the first step beside those of DoubleCell.
void run(const std::shared_ptr<const CellGraph>& graph, int hidden) {
  const size_t H = static_cast<size_t>(hidden),
               size = static_cast<size_t>(parameter_count(*graph, hidden, 2));
  std::vector<float> parameters(size), gradients(size);
  for (size_t i = 0; i < size; ++i) parameters[i] = 0.3f * std::sin(static_cast<float>(i));
  const std::vector<double> wide(parameters.begin(), parameters.end());
  std::vector<const float*> tensors;
  std::vector<float*> d_tensors;
  for (size_t at = 0; const CellTensor& tensor : graph->tensors) {
    tensors.push_back(parameters.data() + at), d_tensors.push_back(gradients.data() + at);
    at += static_cast<size_t>(tensor.size(hidden, 2));
  }
  const auto plan = std::make_shared<CellPlan>(graph, hidden, true);
  CellWeights weights(plan, kernels::best());
  weights.follow(tensors, 1, true);
  CellMemory forward;
  CellScratch scratch;
  forward.allocate(*plan, {CellArray::Role::forward}, steps, batch);
  scratch.allocate(*plan, steps, batch, true);
  const CellPass pass = {&kernels::best(), batch, &forward, &scratch, &weights};
  for (size_t s = 0; s < graph->states.size(); ++s)
    std::fill_n(plan->state(forward, static_cast<int>(s)), batch * plan->state_size(static_cast<int>(s)),
                static_cast<float>(graph->states[s].initial));
  const size_t width = static_cast<size_t>(plan->input_blocks()) * H;
  for (size_t row = 0; row < steps * batch; ++row)  // the one-hot input 0, then 1
    for (size_t j = 0; j < width; ++j)
      plan->input_part(forward)[row * width + j] =
          weights.input_bias()[j] + tensors[static_cast<size_t>(plan->input_tensor())][j * 2 + row / batch];
  plan->forward(pass, 0, steps);

  DoubleCell cell(graph, hidden, 2);
  cell.step(wide.data(), {nullptr, 0});
  bool tame = true;  // no large numbers, no division by small ones, on the way: floats and doubles agree
  for (size_t n = 0; n < graph->nodes.size(); ++n) {
    if (graph->nodes[n].op == CellOp::input) continue;
    for (const double value : cell.node(static_cast<int>(n))) tame &= std::abs(value) < 30;
    if (graph->nodes[n].op == CellOp::divide || graph->nodes[n].op == CellOp::log ||
        graph->nodes[n].op == CellOp::sqrt)
      for (const double value :
           cell.node(graph->nodes[n].op == CellOp::divide ? graph->nodes[n].b : graph->nodes[n].a))
        tame &= value > 0.1 || value < -0.1;
    tame &= graph->nodes[n].op != CellOp::norm;  // of equal numbers
  }
  for (size_t e = 0; e < graph->equations.size(); ++e) {
    const CellValue value = plan->value(forward, weights, static_cast<int>(e), batch);
    const size_t numbers = cell.value(static_cast<int>(e)).size();
    for (size_t j = 0; tame && j < batch * numbers; ++j) {
      const double right = cell.value(static_cast<int>(e))[j % numbers];
      const float found =
          value
              .data[static_cast<ptrdiff_t>(j / numbers) * value.stride + static_cast<ptrdiff_t>(j % numbers)];
      require(std::abs(static_cast<double>(found) - right) < 1e-2 * (1 + std::abs(right)));
    }
  }
  cell.step(wide.data(), {nullptr, 1});

  plan->begin_backward(pass, steps);
  float* dh = plan->state_gradient(scratch, graph->output, 0, batch);
  std::fill_n(dh, batch * H, 0.0f);
  std::fill_n(dh + batch * H, steps * batch * H, 1.0f);
  plan->backward(pass, 0, steps, true);
  plan->weight_gradients(pass, 0, steps, 0, pass.batch, {}, d_tensors);
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const ShippedCell& cell : shipped_cells()) all.emplace_back(cell.text);
  return all;
}

void try_input(std::string_view text) {
  if (text.size() > 4096) return;
  const CellReading reading = read_cell(text);
  require((reading.graph == nullptr) == !reading.problems.empty());
  require(reading.problems.size() <= static_cast<size_t>(CellLimits::problems));
  for (const CellProblem& problem : reading.problems) {
    require(problem.place.line >= 1 && problem.place.column >= 1 && problem.place.length >= 1);
    require(!problem.found.empty() && !problem.allowed.empty() && problem.text().size() < 2000);
  }
  if (!reading.graph) return;
  check_graph(*reading.graph);
  describe(*reading.graph);
  require(read_cell(reading.graph->text).graph != nullptr);
  const int hidden = hidden_multiple(*reading.graph);
  if (hidden > 48) return;
  run(reading.graph, hidden);
}

}  // namespace unroll::fuzz
