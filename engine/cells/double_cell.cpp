#include "engine/cells/double_cell.h"

#include <algorithm>
#include <cmath>

#include "engine/base/affine.h"

namespace unroll {
namespace {

constexpr double norm_epsilon = 1e-5;

/// weight ∘ (a − µ)/√(σ² + ε) + bias
void normalise(const double* weight, const double* bias, const double* a, size_t H, double* result) {
  double mean = 0, variance = 0;
  for (size_t j = 0; j < H; ++j) mean += a[j] / static_cast<double>(H);
  for (size_t j = 0; j < H; ++j) variance += (a[j] - mean) * (a[j] - mean) / static_cast<double>(H);
  const double scale = 1 / std::sqrt(variance + norm_epsilon);
  for (size_t j = 0; j < H; ++j) result[j] = weight[j] * ((a[j] - mean) * scale) + bias[j];
}

}  // namespace

DoubleCell::DoubleCell(std::shared_ptr<const CellGraph> graph, int hidden, int input,
                       std::vector<size_t> offsets)
    : graph_(std::move(graph)),
      H_(static_cast<size_t>(hidden)),
      I_(static_cast<size_t>(input)),
      offsets_(offsets.empty() ? tensor_offsets(*graph_, hidden, input) : std::move(offsets)),
      equation_of_(graph_->nodes.size(), -1),
      zeros_(H_) {
  size_t at = 0;
  const auto add = [&](std::vector<size_t>& places, int columns) {
    places.push_back(at), at += static_cast<size_t>(columns) * H_;
  };
  for (const CellNode& node : graph_->nodes) add(node_places_, columns_of(node, hidden));
  node_places_.push_back(at);
  values_.resize(at), at = 0;
  for (const CellState& state : graph_->states) add(state_places_, state.columns(hidden));
  state_places_.push_back(at);
  before_.resize(at), now_.resize(at);
  for (size_t i = 0; i < graph_->equations.size(); ++i)
    equation_of_[static_cast<size_t>(graph_->equations[i].node)] = static_cast<int>(i);
  reset();
}

void DoubleCell::reset() {
  for (size_t s = 0; s < graph_->states.size(); ++s)
    std::ranges::fill(state(static_cast<int>(s)), graph_->states[s].initial);
  before_ = now_;
  stepped_ = false;
}

void DoubleCell::step(const double* parameters, CellInput input, const Hook& hook) {
  before_ = now_;
  std::vector<double> old;
  for (size_t i = 0; i < graph_->nodes.size(); ++i) {
    double* result = &values_[node_places_[i]];
    const size_t size = node_places_[i + 1] - node_places_[i];
    const int equation = equation_of_[i];
    if (equation < 0 || !hook) {
      compute(graph_->nodes[i], parameters, input, result);
      continue;
    }
    const int state = graph_->equations[static_cast<size_t>(equation)].state;
    const double* past = state >= 0 ? before(state).data() : result;
    old.assign(past, past + size);
    compute(graph_->nodes[i], parameters, input, result);
    for (size_t j = 0; j < size; ++j)
      result[j] = hook(equation, j % H_, state >= 0 || stepped_ ? old[j] : result[j], result[j]);
  }
  for (size_t s = 0; s < graph_->states.size(); ++s)
    std::ranges::copy(value(graph_->states[s].equation), state(static_cast<int>(s)).begin());
  stepped_ = true;
}

void DoubleCell::compute(const CellNode& node, const double* parameters, const CellInput& input,
                         double* result) {
  const auto block = [&](const CellParameter& at) {
    const size_t tensor = static_cast<size_t>(at.tensor);
    const uint64_t size = graph_->tensors[tensor].block_size(static_cast<int>(H_), static_cast<int>(I_));
    return parameters + offsets_[tensor] + static_cast<size_t>(at.block) * static_cast<size_t>(size);
  };
  const auto value_of = [&](int operand) {
    return operand < 0 ? nullptr : &values_[node_places_[static_cast<size_t>(operand)]];
  };
  const double *a = value_of(node.a), *b = value_of(node.b);
  const size_t units = H_ / static_cast<size_t>(node.heads);  // of a head
  switch (node.op) {
    case CellOp::input:
      break;
    case CellOp::number:
      std::fill_n(result, H_, node.value);
      break;
    case CellOp::before:
      std::ranges::copy(before(node.state), result);
      break;
    case CellOp::linear: {
      const double* weight = block(node.weight);
      const double* bias = node.bias.tensor < 0 ? zeros_.data() : block(node.bias);
      if (graph_->nodes[static_cast<size_t>(node.a)].op == CellOp::input) {
        if (input.hot >= 0) {
          affine_one_hot(weight, bias, H_, I_, static_cast<size_t>(input.hot), result);
        } else {
          affine(weight, bias, H_, I_, input.x, result);
        }
        break;
      }
      const size_t heads =
          static_cast<size_t>(graph_->tensors[static_cast<size_t>(node.weight.tensor)].heads);
      const size_t D = H_ / heads;
      for (size_t head = 0; head < heads; ++head)
        affine(weight + head * D * D, bias + head * D, D, D, a + head * D, result + head * D);
      break;
    }
    case CellOp::vector:
      std::copy_n(block(node.weight), H_, result);
      break;
    case CellOp::scaled: {
      const double* weight = block(node.weight);
      for (size_t j = 0; j < H_; ++j) result[j] = weight[j] * a[j];
      break;
    }
    case CellOp::norm:
      normalise(block(node.weight), block(node.bias), a, H_, result);
      break;
    case CellOp::sum:
    case CellOp::mean:
      for (size_t first = 0; first < H_; first += units) {
        double sum = 0;
        for (size_t j = 0; j < units; ++j) sum += a[first + j];
        std::fill_n(result + first, units, node.op == CellOp::mean ? sum / static_cast<double>(units) : sum);
      }
      break;
    case CellOp::outer:
      for (size_t c = 0; c < units; ++c)
        for (size_t j = 0; j < H_; ++j) result[c * H_ + j] = a[j] * b[j / units * units + c];
      break;
    case CellOp::times:
      std::fill_n(result, H_, 0.0);
      for (size_t c = 0; c < units; ++c)
        for (size_t j = 0; j < H_; ++j) result[j] += a[c * H_ + j] * b[j / units * units + c];
      break;
    default: {
      const auto is_matrix = [&](int operand) {
        return operand >= 0 && graph_->nodes[static_cast<size_t>(operand)].matrix;
      };
      const bool a_matrix = is_matrix(node.a), b_matrix = is_matrix(node.b);
      const size_t columns = static_cast<size_t>(columns_of(node, static_cast<int>(H_)));
      for (size_t c = 0; c < columns; ++c)
        for (size_t j = 0; j < H_; ++j) {
          const size_t i = c * H_ + j;
          result[i] = apply(node.op, a[a_matrix ? i : j], b ? b[b_matrix ? i : j] : 0);
        }
    }
  }
}

std::span<const double> DoubleCell::node(int index) const {
  const size_t i = static_cast<size_t>(index);
  return {&values_[node_places_[i]], node_places_[i + 1] - node_places_[i]};
}
std::span<const double> DoubleCell::value(int equation) const {
  return node(graph_->equations[static_cast<size_t>(equation)].node);
}
std::span<const double> DoubleCell::value(std::string_view equation) const {
  return node(graph_->equation(equation)->node);
}
std::span<const double> DoubleCell::before(int state) const {
  const size_t s = static_cast<size_t>(state);
  return {&before_[state_places_[s]], state_places_[s + 1] - state_places_[s]};
}
std::span<const double> DoubleCell::state(int index) const {
  const size_t s = static_cast<size_t>(index);
  return {&now_[state_places_[s]], state_places_[s + 1] - state_places_[s]};
}
std::span<double> DoubleCell::state(int index) {
  const size_t s = static_cast<size_t>(index);
  return {&now_[state_places_[s]], state_places_[s + 1] - state_places_[s]};
}

}  // namespace unroll
