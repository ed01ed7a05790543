#include "engine/probes/cell_check.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/random.h"
#include "engine/cells/double_cell.h"

namespace unroll {
namespace {

constexpr double norm_epsilon = 1e-5;  // as in CellOp::norm

/// Derivative of an operation of one operand, of which `value` is the result.
double slope(CellOp op, double a, double value) {
  switch (op) {
    case CellOp::copy:
      return 1;
    case CellOp::negate:
      return -1;
    case CellOp::sigmoid:
      return value * (1 - value);
    case CellOp::tanh:
      return 1 - value * value;
    case CellOp::relu:
      return a > 0 ? 1 : 0;
    case CellOp::exp:
      return value;
    case CellOp::log:
      return 1 / a;
    case CellOp::softplus:
      return 1 / (1 + std::exp(-a));
    case CellOp::abs:
      return a < 0 ? -1 : 1;
    case CellOp::sqrt:
      return 1 / (2 * value);
    case CellOp::sin:
      return std::cos(a);
    case CellOp::cos:
      return -std::sin(a);
    default:
      return std::nan("");
  }
}

class Work {
 public:
  Work(const std::shared_ptr<const CellGraph>& graph, int hidden, int input, int steps)
      : graph_(*graph),
        H_(static_cast<size_t>(hidden)),
        I_(static_cast<size_t>(input)),
        T_(static_cast<size_t>(steps)),
        cell_(graph, hidden, input),
        offsets_(tensor_offsets(*graph, hidden, input)),
        parameters_(static_cast<size_t>(parameter_count(*graph, hidden, input))),
        x_(T_ * I_),
        weights_(T_ * H_) {
    for (const CellNode& node : graph->nodes)
      places_.push_back(size_), size_ += H_ * static_cast<size_t>(columns_of(node, hidden));
    nodes_.resize(T_ * size_);
    const double scale = 1 / std::sqrt(static_cast<double>(H_));
    for (double& value : parameters_) value = scale * random_.normal();
    for (std::vector<double>* all : {&x_, &weights_})
      for (double& value : *all) value = random_.normal();
  }

  CellCheck check(int samples) {
    forward(true);
    CellCheck result;
    result.not_finite = not_finite();
    if (!result.not_finite.empty() || parameters_.empty()) return result;
    gradients_.assign(parameters_.size(), 0);
    backward();
    double between = 0, derivatives = 0, differences = 0;
    for (const size_t at : tried(samples)) {
      const double difference = finite_difference(at), derivative = gradients_[at];
      between += (derivative - difference) * (derivative - difference);
      derivatives += derivative * derivative;
      differences += difference * difference;
      ++result.parameters;
    }
    const double sum = std::sqrt(derivatives) + std::sqrt(differences);
    result.error = sum > 0 ? std::sqrt(between) / sum : 0;
    return result;
  }

 private:
  /// The loss: Σ weights ∘ h over all steps. `keep`: the value of every node.
  double forward(bool keep) {
    cell_.reset();
    double loss = 0;
    for (size_t t = 0; t < T_; ++t) {
      cell_.step(parameters_.data(), {.x = &x_[t * I_]});
      const auto h = cell_.h();
      for (size_t j = 0; j < H_; ++j) loss += weights_[t * H_ + j] * h[j];
      if (!keep) continue;
      for (size_t n = 0; n < graph_.nodes.size(); ++n)
        std::ranges::copy(cell_.node(static_cast<int>(n)), value(t, static_cast<int>(n)));
    }
    return loss;
  }

  size_t size_of(const CellNode& node) const {
    return H_ * static_cast<size_t>(columns_of(node, static_cast<int>(H_)));
  }
  bool is_matrix(int node) const { return node >= 0 && graph_.nodes[static_cast<size_t>(node)].matrix; }
  double* value(size_t t, int node) { return &nodes_[t * size_ + places_[static_cast<size_t>(node)]]; }

  std::string not_finite() {
    for (size_t t = 0; t < T_; ++t)
      for (size_t n = 0; n < graph_.nodes.size(); ++n) {
        const CellNode& node = graph_.nodes[n];
        const double* values = value(t, static_cast<int>(n));
        if (node.op == CellOp::input ||
            std::all_of(values, values + size_of(node), [](double v) { return std::isfinite(v); }))
          continue;
        const int equation = node.op == CellOp::before
                                 ? graph_.states[static_cast<size_t>(node.state)].equation
                                 : node.equation;
        return graph_.equations[static_cast<size_t>(equation)].name;
      }
    return "";
  }

  /// At least one parameter of every block, and in all as many as asked for.
  std::vector<size_t> tried(int samples) {
    std::vector<std::pair<size_t, size_t>> blocks;  // offset, size
    for (size_t n = 0; n < graph_.tensors.size(); ++n) {
      const CellTensor& tensor = graph_.tensors[n];
      const size_t size = static_cast<size_t>(tensor.block_size(static_cast<int>(H_), static_cast<int>(I_)));
      for (int block = 0; block < tensor.blocks; ++block)
        blocks.push_back({offsets_[n] + static_cast<size_t>(block) * size, size});
    }
    std::vector<size_t> list;
    for (size_t n = 0; n < std::max(blocks.size(), static_cast<size_t>(samples)); ++n) {
      const auto& [offset, size] = blocks[n % blocks.size()];
      list.push_back(offset + random_.below(static_cast<uint32_t>(size)));
    }
    return list;
  }

  double finite_difference(size_t at) {
    const double original = parameters_[at], epsilon = 1e-5;
    parameters_[at] = original + epsilon;
    const double upper = forward(false);
    parameters_[at] = original - epsilon;
    const double lower = forward(false);
    parameters_[at] = original;
    return (upper - lower) / (2 * epsilon);
  }

  size_t start(const CellParameter& at) const {
    const CellTensor& tensor = graph_.tensors[static_cast<size_t>(at.tensor)];
    return offsets_[static_cast<size_t>(at.tensor)] +
           static_cast<size_t>(at.block) *
               static_cast<size_t>(tensor.block_size(static_cast<int>(H_), static_cast<int>(I_)));
  }

  /// The step's gradient of each node, from that of its value to those of its operands.
  void backward() {
    std::vector<std::vector<double>> after, before;  // by state
    for (const CellState& state : graph_.states)
      after.emplace_back(H_ * static_cast<size_t>(state.columns(static_cast<int>(H_))));
    for (size_t t = T_; t-- > 0;) {
      d_.assign(size_, 0);
      before = after;
      for (std::vector<double>& state : before) std::ranges::fill(state, 0.0);
      for (size_t s = 0; s < graph_.states.size(); ++s) {
        double* d = gradient(graph_.equations[static_cast<size_t>(graph_.states[s].equation)].node);
        for (size_t j = 0; j < after[s].size(); ++j) {
          d[j] += after[s][j];
          if (static_cast<int>(s) == graph_.output) d[j] += weights_[t * H_ + j];
        }
      }
      for (size_t n = graph_.nodes.size(); n-- > 0;) {
        const CellNode& node = graph_.nodes[n];
        const double* d = gradient(static_cast<int>(n));
        if (node.op == CellOp::before)
          for (size_t j = 0; j < size_of(node); ++j) before[static_cast<size_t>(node.state)][j] += d[j];
        else
          node_backward(node, t, static_cast<int>(n), d);
      }
      std::swap(after, before);
    }
  }

  double* gradient(int node) { return &d_[places_[static_cast<size_t>(node)]]; }

  void node_backward(const CellNode& node, size_t t, int number, const double* d) {
    double* da = node.a < 0 ? nullptr : gradient(node.a);
    double* db = node.b < 0 ? nullptr : gradient(node.b);
    const double *a = node.a < 0 ? nullptr : value(t, node.a), *b = node.b < 0 ? nullptr : value(t, node.b),
                 *y = value(t, number);
    double* weight = node.weight.tensor < 0 ? nullptr : &gradients_[start(node.weight)];
    double* bias = node.bias.tensor < 0 ? nullptr : &gradients_[start(node.bias)];
    switch (node.op) {
      case CellOp::input:
      case CellOp::number:
      case CellOp::before:
        return;
      case CellOp::linear:
        return linear_backward(node, t, d, weight, bias);
      case CellOp::norm:
        return norm_backward(node, a, d, da, weight, bias);
      case CellOp::sum:
      case CellOp::mean:
      case CellOp::times:
        return across_backward(node, a, b, d, da, db);
      default:
        break;
    }
    if (node.matrix) return matrix_backward(node, a, b, d, da, db);
    for (size_t j = 0; j < H_; ++j) switch (node.op) {
        case CellOp::vector:
          weight[j] += d[j];
          break;
        case CellOp::scaled:
          weight[j] += d[j] * a[j];
          da[j] += d[j] * parameters_[start(node.weight) + j];
          break;
        case CellOp::add:
          da[j] += d[j], db[j] += d[j];
          break;
        case CellOp::subtract:
          da[j] += d[j], db[j] -= d[j];
          break;
        case CellOp::multiply:
          da[j] += d[j] * b[j], db[j] += d[j] * a[j];
          break;
        case CellOp::divide:
          da[j] += d[j] / b[j], db[j] -= d[j] * a[j] / (b[j] * b[j]);
          break;
        case CellOp::max:
          (a[j] >= b[j] ? da : db)[j] += d[j];
          break;
        case CellOp::min:
          (a[j] <= b[j] ? da : db)[j] += d[j];
          break;
        default:
          da[j] += d[j] * slope(node.op, a[j], y[j]);
      }
  }

  void across_backward(const CellNode& node, const double* a, const double* b, const double* d, double* da,
                       double* db) {
    const size_t units = H_ / static_cast<size_t>(node.heads);
    const double factor = node.op == CellOp::mean ? 1 / static_cast<double>(units) : 1;
    for (size_t j = 0; j < H_; ++j)
      for (size_t c = 0, first = j / units * units; c < units; ++c) {
        if (node.op != CellOp::times) {
          da[first + c] += factor * d[j];
          continue;
        }
        da[c * H_ + j] += d[j] * b[first + c];
        db[first + c] += d[j] * a[c * H_ + j];
      }
  }

  /// f * c[t-1] + outer(v, k), node by node.
  void matrix_backward(const CellNode& node, const double* a, const double* b, const double* d, double* da,
                       double* db) {
    const size_t units = H_ / static_cast<size_t>(node.heads);
    for (size_t c = 0; c < units; ++c)
      for (size_t j = 0; j < H_; ++j) {
        const size_t i = c * H_ + j, other = j / units * units + c;
        const size_t at_a = is_matrix(node.a) ? i : j, at_b = is_matrix(node.b) ? i : j;
        if (node.op == CellOp::outer)
          da[j] += d[i] * b[other], db[other] += d[i] * a[j];
        else if (node.op == CellOp::multiply)
          da[at_a] += d[i] * b[at_b], db[at_b] += d[i] * a[at_a];
        else
          da[i] += d[i], db[i] += d[i];
      }
  }

  void linear_backward(const CellNode& node, size_t t, const double* d, double* weight, double* bias) {
    const bool of_input = graph_.nodes[static_cast<size_t>(node.a)].op == CellOp::input;
    const size_t heads = static_cast<size_t>(graph_.tensors[static_cast<size_t>(node.weight.tensor)].heads),
                 rows = H_ / heads, columns = of_input ? I_ : rows;
    const double* w = &parameters_[start(node.weight)];
    for (size_t i = 0; i < H_; ++i) {
      const size_t first = of_input ? 0 : i / rows * rows;  // of the operand, for this row's head
      const double* a = of_input ? &x_[t * I_] : value(t, node.a) + first;
      for (size_t j = 0; j < columns; ++j) {
        weight[i * columns + j] += d[i] * a[j];
        if (!of_input) gradient(node.a)[first + j] += d[i] * w[i * columns + j];
      }
      if (bias) bias[i] += d[i];
    }
  }

  /// Ba et al. 2016: with n = (a − µ)/σ the gradient by a is (g − mean(g) − n · mean(g ∘ n))/σ for g that by n.
  void norm_backward(const CellNode& node, const double* a, const double* d, double* da, double* weight,
                     double* bias) {
    const double count = static_cast<double>(H_), *w = &parameters_[start(node.weight)];
    double mean = 0, variance = 0, mean_g = 0, mean_gn = 0;
    for (size_t j = 0; j < H_; ++j) mean += a[j] / count;
    for (size_t j = 0; j < H_; ++j) variance += (a[j] - mean) * (a[j] - mean) / count;
    const double sigma = std::sqrt(variance + norm_epsilon);
    for (size_t j = 0; j < H_; ++j) {
      const double n = (a[j] - mean) / sigma;
      weight[j] += d[j] * n;
      bias[j] += d[j];
      mean_g += d[j] * w[j] / count;
      mean_gn += d[j] * w[j] * n / count;
    }
    for (size_t j = 0; j < H_; ++j) da[j] += (d[j] * w[j] - mean_g - (a[j] - mean) / sigma * mean_gn) / sigma;
  }

  const CellGraph& graph_;
  size_t H_, I_, T_;
  DoubleCell cell_;
  std::vector<size_t> offsets_;
  Random random_{1};
  std::vector<double> parameters_, x_, weights_;  // weights_: of the loss, (T, H)
  std::vector<size_t> places_;                    // of each node within a step
  size_t size_ = 0;                               // of all nodes of a step
  std::vector<double> nodes_;                     // (T, size_)
  std::vector<double> gradients_, d_;             // of the parameters; of a step's nodes
};

}  // namespace

CellCheck check_derivatives(const std::shared_ptr<const CellGraph>& graph, int hidden, int input, int steps,
                            int samples) {
  return Work(graph, hidden, input, steps).check(samples);
}

}  // namespace unroll
