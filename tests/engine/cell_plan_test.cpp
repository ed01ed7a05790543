// The plan of a cell, in float32 and in batches, against the cell in double precision, one stream at a time: values of every
// equation, and gradients of every tensor, of the input and of the first states against central differences.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/cells/double_cell.h"
#include "engine/cells/language.h"
#include "engine/cells/plan.h"
#include "engine/cells/shipped.h"
#include "tests/engine/engine_fixture.h"

using namespace unroll;

namespace {

using Doubles = std::vector<double>;

/// One layer with its parameters, an input, first states, and a loss: Σ weight · h over all steps.
struct Layer {
  std::shared_ptr<const CellGraph> graph;
  int H, I, T, B;
  std::vector<size_t> offsets;    // of the tensors
  std::vector<float> parameters;  // all tensors, one after the other
  std::vector<float> x;           // (T, B, I)
  std::vector<float> first;       // of each state (B, size), one after the other
  std::vector<float> weight;      // (T, B, H) of h in the loss

  Layer(std::shared_ptr<const CellGraph> cell, int hidden, int input, int steps, int batch, uint64_t seed)
      : graph(std::move(cell)), H(hidden), I(input), T(steps), B(batch) {
    Random random(seed);
    size_t size = 0;
    for (const CellTensor& tensor : graph->tensors) {
      offsets.push_back(size);
      size += static_cast<size_t>(tensor.size(H, I));
    }
    const float spread = 0.6f;
    const auto fill = [&](std::vector<float>& values, size_t n, float bound) {
      values.resize(n);
      for (float& value : values) value = random.uniform(-bound, bound);
    };
    fill(parameters, size, spread);
    fill(x, static_cast<size_t>(T * B * I), 1);
    fill(first, state_at(graph->states.size()), 0.5f);
    // Beside what the file says of a state's first value, so that divisions by it stay sound.
    for (size_t s = 0; s < graph->states.size(); ++s)
      if (graph->states[s].initial < -1e6)
        for (size_t i = state_at(s); i < state_at(s + 1); ++i) first[i] -= 1;
    fill(weight, static_cast<size_t>(T * B * H), 1);
  }

  Doubles wide() const {
    Doubles all(parameters.begin(), parameters.end());
    all.insert(all.end(), x.begin(), x.end());
    all.insert(all.end(), first.begin(), first.end());
    return all;
  }
  /// Numbers of a state of one stream, and where it begins in `first`.
  size_t state_size(size_t s) const { return static_cast<size_t>(H * graph->states[s].columns(H)); }
  size_t state_at(size_t s) const {
    size_t at = 0;
    for (size_t before = 0; before < s; ++before) at += static_cast<size_t>(B) * state_size(before);
    return at;
  }
  size_t x_at() const { return parameters.size(); }
  size_t first_at() const { return parameters.size() + x.size(); }

  /// The loss for parameters, input and first states in one row; `see` gets the cell after every step.
  template <class See>
  double loss(const Doubles& all, See see) const {
    double sum = 0;
    const size_t size = static_cast<size_t>(H), streams = static_cast<size_t>(B);
    for (size_t b = 0; b < streams; ++b) {
      DoubleCell cell(graph, H, I, offsets);
      for (size_t s = 0; s < graph->states.size(); ++s)
        std::copy_n(&all[first_at() + state_at(s) + b * state_size(s)], state_size(s),
                    cell.state(static_cast<int>(s)).begin());
      for (size_t t = 0; t < static_cast<size_t>(T); ++t) {
        const size_t row = t * streams + b;
        cell.step(all.data(), {.x = &all[x_at() + row * static_cast<size_t>(I)]});
        for (size_t j = 0; j < size; ++j) sum += static_cast<double>(weight[row * size + j]) * cell.h()[j];
        see(t, b, cell);
      }
    }
    return sum;
  }
  double loss(const Doubles& all) const {
    return loss(all, [](size_t, size_t, const DoubleCell&) {});
  }
};

/// The same by the plan.
struct Planned {
  const Layer& layer;
  std::shared_ptr<const CellPlan> plan;
  const kernels::Kernels& k = kernels::best();
  CellMemory forward;
  CellScratch scratch;
  CellWeights weights;
  CellPass pass;
  std::vector<float> gradients;  // parameters, input, first states: as Layer::wide()

  Planned(const Layer& one, bool derived)
      : layer(one), plan(std::make_shared<CellPlan>(one.graph, one.H, derived)), weights(plan, k) {
    forward.allocate(*plan, {CellArray::Role::forward}, layer.T, layer.B);
    scratch.allocate(*plan, layer.T, layer.B, true);
    pass = {.kernels = &k, .batch = layer.B, .forward = &forward, .scratch = &scratch, .weights = &weights};
    std::vector<const float*> tensors;
    for (const size_t offset : layer.offsets) tensors.push_back(&layer.parameters[offset]);
    weights.follow(tensors, 1, true);
  }

  void run_forward() {
    const int H = layer.H, I = layer.I, B = layer.B, rows = layer.T * B, width = plan->input_blocks() * H;
    for (size_t s = 0; s < layer.graph->states.size(); ++s)
      std::copy_n(&layer.first[layer.state_at(s)], layer.state_at(s + 1) - layer.state_at(s),
                  plan->state(forward, static_cast<int>(s)));
    float* z = plan->input_part(forward);
    const float* w = plan->input_tensor() < 0
                         ? nullptr
                         : &layer.parameters[layer.offsets[static_cast<size_t>(plan->input_tensor())]];
    for (int row = 0; row < rows; ++row)
      for (int j = 0; j < width; ++j) {
        double sum = static_cast<double>(weights.input_bias()[j]);
        for (int i = 0; i < I; ++i)
          sum += static_cast<double>(w[j * I + i]) *
                 static_cast<double>(layer.x[static_cast<size_t>(row * I + i)]);
        z[row * width + j] = static_cast<float>(sum);
      }
  }
  void run() {
    run_forward();
    plan->forward(pass, 0, layer.T);
  }
  /// In pieces of so many steps.
  void run_backward(int piece) {
    const int H = layer.H, I = layer.I, B = layer.B, T = layer.T, rows = T * B,
              width = plan->input_blocks() * H;
    const size_t size = static_cast<size_t>(B * H);
    gradients.assign(layer.parameters.size() + layer.x.size() + layer.first.size(), 0.0f);
    plan->begin_backward(pass, T);
    float* dh = plan->state_gradient(scratch, layer.graph->output, 0, B);
    std::fill_n(dh, size, 0.0f);
    std::copy(layer.weight.begin(), layer.weight.end(), dh + size);
    for (int last = T; last > 0; last -= std::min(piece, last))
      plan->backward(pass, std::max(last - piece, 0), last, true);
    std::vector<float*> tensors;
    for (const size_t offset : layer.offsets) tensors.push_back(&gradients[offset]);
    plan->weight_gradients(pass, 0, T, 0, B, {}, tensors);
    const float* dz = plan->input_gradient(scratch);
    if (plan->input_tensor() >= 0) {
      const size_t at = layer.offsets[static_cast<size_t>(plan->input_tensor())];
      for (int j = 0; j < width; ++j)
        for (int i = 0; i < I; ++i) {
          double sum = 0;
          for (int row = 0; row < rows; ++row)
            sum += static_cast<double>(dz[row * width + j]) *
                   static_cast<double>(layer.x[static_cast<size_t>(row * I + i)]);
          gradients[at + static_cast<size_t>(j * I + i)] = static_cast<float>(sum);
        }
      for (int row = 0; row < rows; ++row)
        for (int i = 0; i < I; ++i) {
          double sum = 0;
          for (int j = 0; j < width; ++j)
            sum += static_cast<double>(dz[row * width + j]) *
                   static_cast<double>(layer.parameters[at + static_cast<size_t>(j * I + i)]);
          gradients[layer.x_at() + static_cast<size_t>(row * I + i)] = static_cast<float>(sum);
        }
    }
    for (const CellPlan::InputBias& bias : plan->input_biases())
      for (int j = 0; j < H; ++j) {
        double sum = 0;
        for (int row = 0; row < rows; ++row)
          sum += static_cast<double>(dz[row * width + bias.column * H + j]);
        gradients[layer.offsets[static_cast<size_t>(bias.parameter.tensor)] +
                  static_cast<size_t>(bias.parameter.block * H + j)] += static_cast<float>(sum);
      }
    for (size_t s = 0; s < layer.graph->states.size(); ++s)
      std::copy_n(plan->state_gradient(scratch, static_cast<int>(s), 0, B),
                  layer.state_at(s + 1) - layer.state_at(s),
                  &gradients[layer.first_at() + layer.state_at(s)]);
  }
};

/// Where a number of Layer::wide() stands, for messages.
std::string place_of(const Layer& layer, size_t at) {
  if (at >= layer.first_at()) return "first state, place " + std::to_string(at - layer.first_at());
  if (at >= layer.x_at()) return "input, place " + std::to_string(at - layer.x_at());
  size_t tensor = layer.offsets.size() - 1;
  while (layer.offsets[tensor] > at) --tensor;
  return layer.graph->tensors[tensor].name + ", place " + std::to_string(at - layer.offsets[tensor]);
}

/// Operations on the longest path through the pass, as in engine_fixture.h, with as many more as the equations have.
double path_length(const Layer& layer) {
  return 2.0 * layer.T * (layer.H + layer.I + static_cast<double>(layer.graph->nodes.size()));
}

/// `every`: each so-many-th number is looked at in the gradients.
void check(const Layer& layer, size_t every, int piece, bool derived = true) {
  Planned planned(layer, derived);
  planned.run();
  const Doubles all = layer.wide();
  const size_t streams = static_cast<size_t>(layer.B);
  const double operations = path_length(layer);
  double worst = 0, largest = 1;
  std::string where;
  layer.loss(all, [&](size_t t, size_t b, const DoubleCell& cell) {
    for (size_t e = 0; e < layer.graph->equations.size(); ++e) {
      const CellValue found =
          planned.plan->value(planned.forward, planned.weights, static_cast<int>(e), layer.B);
      const float* row = found.data + static_cast<ptrdiff_t>(t * streams + b) * found.stride;
      for (size_t j = 0; j < cell.value(static_cast<int>(e)).size(); ++j) {
        const double right = cell.value(static_cast<int>(e))[j];
        const double error = std::abs(static_cast<double>(row[j]) - right);
        largest = std::max(largest, std::abs(right));
        if (!(error <= worst))
          worst = error, where = layer.graph->equations[e].name + " of step " + std::to_string(t);
      }
    }
  });
  CAPTURE(where);
  CHECK(worst <= testing::tolerance(operations, largest));

  planned.run_backward(piece);
  double worst_gradient = 0, largest_gradient = 0;
  std::string what;
  for (size_t at = 0; at < all.size(); at += every) {
    Doubles moved = all;
    const double step = 1e-5;
    moved[at] = all[at] + step;
    const double above = layer.loss(moved);
    moved[at] = all[at] - step;
    const double right = (above - layer.loss(moved)) / (2 * step);
    const double error = std::abs(static_cast<double>(planned.gradients[at]) - right);
    largest_gradient = std::max(largest_gradient, std::abs(right));
    if (!(error <= worst_gradient)) worst_gradient = error, what = place_of(layer, at);
  }
  CAPTURE(what);
  CHECK(largest_gradient > 0);
  CHECK(worst_gradient <=
        testing::tolerance(operations, std::max(1.0, largest_gradient)) + 1e-6 * largest_gradient);
}

std::shared_ptr<const CellGraph> cell_of(const std::string& text) {
  const CellReading reading = read_cell(text);
  for (const CellProblem& problem : reading.problems) FAIL_CHECK(problem.text());
  return reading.graph;
}

}  // namespace

TEST_CASE("Plan: every shipped cell has the values and gradients of its equations in double precision") {
  testing::for_every_instruction_set([] {
    for (const ShippedCell& cell : shipped_cells()) {
      CAPTURE(std::string(cell.name));
      const int unit = hidden_multiple(*cell.graph);
      check(Layer(cell.graph, unit * (unit > 1 ? 2 : 7), 3, 5, 3, 11), 3, 5);
      check(Layer(cell.graph, unit * (unit > 1 ? 5 : 19), 2, 4, 1, 12), 17, 2);
      check(Layer(cell.graph, unit > 1 ? unit : 2, 2, 3, 6, 13), 1, 1);
    }
  });
}

TEST_CASE("Plan: so do the loops that are written by hand") {
  testing::for_every_instruction_set([] {
    for (const char* name : {"rnn", "rnn_relu", "lstm", "gru"}) {
      CAPTURE(std::string(name));
      CHECK(CellPlan(graph_of(name), 8).is_by_hand());
      CHECK_FALSE(CellPlan(graph_of(name), 8, true).is_by_hand());
      check(Layer(graph_of(name), 7, 3, 5, 3, 11), 1, 5, false);
      check(Layer(graph_of(name), 19, 2, 4, 1, 12), 5, 2, false);
    }
    CHECK_FALSE(CellPlan(graph_of("peephole"), 8).is_by_hand());
  });
}

TEST_CASE("Plan: what may be written beside the shipped cells") {
  const struct {
    const char *what, *equations;
  } cells[] = {
      {"a linear cell: a state that is a sum of products", "state h\nh = lin(x) + mat(h[t-1])"},
      {"a state that is one product", "state h\nh = lin(x)"},
      {"a product that two equations read",
       "state h\na = lin(x)\nb = lin(h[t-1])\nh = tanh(a + b) + sigmoid(a - b)"},
      {"two products of the input, and one subtracted",
       "state h\nh = tanh(lin(x) + lin(x) * lin(h[t-1]) - mat(x) - mat(h[t-1]))"},
      {"a product of a product, before the loop and in it",
       "state h\na = lin(relu(lin(x)))\nh = tanh(a + lin(tanh(lin(h[t-1]) + lin(tanh(a)))))"},
      {"a product of this step's memory",
       "state c, h\nc = 0.5 * c[t-1] + tanh(lin(x))\nh = tanh(lin(c) + lin(h[t-1]) + bias)"},
      {"a state read late", "state c, h\nc = tanh(lin(x)) + 0.5 * c[t-1]\nh = lin(c[t-1]) * sigmoid(lin(c))"},
      {"parameters alone",
       "state c, h\nk = sigmoid(bias)\nc = k * c[t-1] + max(k, lin(x)) + diag(k)\nh = tanh(c / (2 - k)) - "
       "lin(k)"},
      {"a state that is a parameter", "state c, h\nc = bias\nh = tanh(lin(x) + c * h[t-1] + c[t-1])"},
      {"every function",
       "state h\na = lin(x) + lin(h[t-1])\nb = exp(-abs(a)) + softplus(a) + sqrt(1 + a * a)\n"
       "h = sin(b) * cos(a) + log(b) / (3 + min(a, b) - max(a, -b)) - -relu(a)"},
      {"norms of products and states",
       "state c, h\nc = tanh(norm(lin(x) + mat(h[t-1])) + norm(c[t-1]) * 2)\nh = norm(c) - 1"},
      {"heads", "state h\nh = tanh(lin(x) + heads(2, mat(h[t-1])) * sigmoid(heads(2, mat(h[t-1]))))"},
      {"numbers", "state h\nh = (2 * lin(x) - 1) / 4 + (1 - h[t-1]) * 0.5 + 3 / (4 + h[t-1] * h[t-1])"},
      {"the same value twice in a product", "state h\na = tanh(lin(x) + lin(h[t-1]))\nh = a * a - a"},
      {"vectors in a sum without products", "state h\nh = tanh(bias + h[t-1] * bias) + mat(x)"},
      {"a matrix without a gate, read before it is written",
       "state c, h\nc = outer(tanh(lin(x)), lin(h[t-1])) + c[t-1]\nh = tanh(times(c[t-1], lin(x)) + lin(x))"},
      {"a matrix in heads, kept by a number and written with one vector on both sides",
       "state c, h\nv = tanh(lin(x) + lin(h[t-1]))\nc = c[t-1] * 0.9 + heads(2, outer(v, v))\n"
       "h = heads(2, times(c, v)) - heads(2, mean(v * h[t-1]))"},
      {"a matrix of parameters, and sums of them",
       "state c, h\nk = exp(bias)\nc = sigmoid(bias) * c[t-1] + outer(k, bias)\n"
       "h = tanh(times(c, k) / sum(k) + sum(lin(x)) * mean(bias)) + times(c, h[t-1]) / sum(1)"},
      {"two readers of one matrix, and of the one before",
       "state c, h\nq = lin(x)\nc = sigmoid(lin(x)) * c[t-1] + outer(lin(x), q)\n"
       "h = tanh(times(c, q) + times(c, h[t-1]) * times(c[t-1], q))"},
      {"a chain of states",
       "state a, b, h\na = tanh(lin(x))\nb = tanh(lin(a[t-1]))\nh = tanh(lin(b[t-1]) + lin(a))"},
  };
  for (const auto& cell : cells) {
    CAPTURE(std::string(cell.what));
    const auto graph = cell_of(std::string("cell mine\n") + cell.equations + "\n");
    if (!graph) continue;
    check(Layer(graph, 6, 3, 5, 3, 21), 1, 5);
    check(Layer(graph, 10, 2, 4, 1, 22), 3, 1);
  }
}
