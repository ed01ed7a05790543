// Plans of the cells whose loops are written by hand (cell.h): the same arrays and weights as of any plan, around these loops.
#include <algorithm>
#include <cassert>

#include "engine/cells/plan.h"

namespace unroll {

using Role = CellArray::Role;
using Entries = CellArray::Entries;

void CellPlan::make_by_hand(const CellTraits& traits, bool relu) {
  traits_ = &traits, relu_ = relu;
  const int G = traits.gates;
  const auto add = [&](const CellArray& array) {
    arrays_.push_back(array);
    return static_cast<int>(arrays_.size()) - 1;
  };
  const auto tensor = [&](const char* name) {
    const auto found = std::ranges::find(graph_->tensors, name, &CellTensor::name);
    assert(found != graph_->tensors.end() && found->blocks == G);
    return static_cast<int>(found - graph_->tensors.begin());
  };
  const int b_ih = tensor("bias_ih"), b_hh = tensor("bias_hh");
  input_tensor_ = tensor("weight_ih"), input_blocks_ = G;
  const int z = add({.entries = Entries::steps, .width = G});
  for (size_t s = 0; s < graph_->states.size(); ++s) states_.push_back(add({.entries = Entries::states}));
  input_bias_ = add({.role = Role::layer, .entries = Entries::row, .width = G});
  input_gradient_ = add({.role = Role::backward, .width = G});
  hidden_gradient_ = input_gradient_;
  if (traits.has_c) kept_ = add({.entries = Entries::steps});
  if (traits.has_hidden_part) {
    kept_ = add({.entries = Entries::steps, .width = G});
    hidden_bias_ =
        add({.role = Role::parameter, .entries = Entries::row, .width = G, .parameter = {b_hh, 0}});
    hidden_gradient_ = add({.role = Role::backward, .width = G});
  }
  for (int s = 0; s < static_cast<int>(graph_->states.size()); ++s) {
    const bool is_output = s == graph_->output;
    state_gradients_.push_back(
        add({.role = Role::backward, .entries = is_output ? Entries::states : Entries::step}));
    zeroed_.push_back(false);
  }
  const size_t h = static_cast<size_t>(graph_->output);
  products_.push_back({.weight = {tensor("weight_hh"), 0},
                       .blocks = G,
                       .operand = {.array = states_[h]},
                       .to = {.array = traits.has_hidden_part ? kept_ : z},
                       .operand_gradient = {.array = state_gradients_[h]},
                       .gradient = {.array = hidden_gradient_},
                       .of_state = true});
  for (int gate = 0; gate < G; ++gate) {
    input_biases_.push_back({gate, {b_ih, gate}});
    if (traits.has_hidden_part)
      row_gradients_.push_back({{b_hh, gate}, {.array = hidden_gradient_, .column = gate}, true});
    else
      input_biases_.push_back({gate, {b_hh, gate}});
  }
  for (const InputBias& bias : input_biases_)
    bias_rows_.push_back({{.array = input_bias_, .column = bias.column}, bias.parameter});
  for (const CellEquation& equation : graph_->equations) {
    const auto gate = std::ranges::find(traits.gate_names, equation.name);
    assert(equation.state >= 0 || gate != traits.gate_names.end());
    if (equation.state >= 0)
      values_.push_back({.array = states_[static_cast<size_t>(equation.state)], .shift = 1});
    else
      values_.push_back({.array = z, .column = static_cast<int>(gate - traits.gate_names.begin())});
  }
}

LoopPass CellPlan::loop_pass(const CellPass& pass) const {
  const auto at = [&](int array) { return pass.forward->arrays[static_cast<size_t>(array)].data(); };
  const int c = traits_->has_c ? states_[static_cast<size_t>(1 - graph_->output)] : -1;
  return {.batch = pass.batch,
          .hidden = hidden_,
          .z = at(0),
          .h = at(states_[static_cast<size_t>(graph_->output)]),
          .c = c < 0 ? nullptr : at(c),
          .tanh_c = traits_->has_c ? at(kept_) : nullptr,
          .u = traits_->has_hidden_part ? at(kept_) : nullptr};
}

LoopWeights CellPlan::loop_weights(const CellPass& pass) const {
  const CellWeights& weights = *pass.weights;
  return {.w_hh = weights.forward_[0].data.data(),
          .w_hh_backward = weights.backward_[0].data.data(),
          .b_hh = hidden_bias_ < 0 ? nullptr : weights.bases_[static_cast<size_t>(hidden_bias_)],
          .relu = relu_};
}

namespace {

/// How a team shares a loop: so many bands of streams, in each so many parts of the units.
struct Grid {
  int bands = 1, parts = 1;
};

/// Cycles for one vector of weights that so many rows are multiplied with: few rows wait for the
/// weights, from the second-level cache or from beyond; many do two multiply-adds a cycle. Measured (NOTES.md of the kernels).
double cycles_of(int rows, bool is_near) {
  constexpr double far = 6;
  const double near = rows == 1 ? 1.3 : rows <= 3 ? 1.1 * rows : std::max(2.3, 0.53 * rows);
  return is_near ? near : std::max(near, far);
}

/// The grid in which the slowest member takes least time. Who shares streams with others waits for them once a step.
Grid grid_of(const kernels::Kernels& k, int members, int batch, int hidden, int gates) {
  constexpr double near_bytes = 1 << 19, wait = 3000;
  const int panels = hidden % k.panel == 0 ? hidden / k.panel : 1;
  const auto up = [](int a, int b) { return (a + b - 1) / b; };
  const double vectors = 2.0 * gates * hidden / k.panel;  // of the weights of a unit
  Grid best;
  double least = 0;
  for (int parts = 1; parts <= std::min(members, panels); ++parts) {
    const int bands = std::min(members / parts, batch);
    const double units = up(panels, parts) * hidden / panels, bytes = units * gates * hidden * sizeof(float);
    const double time =
        units * vectors * cycles_of(up(batch, bands), bytes <= near_bytes) + (parts > 1 ? wait : 0);
    if (parts == 1 || time < least) best = {bands, parts}, least = time;
  }
  return best;
}

}  // namespace

LoopShare CellPlan::share(const kernels::Kernels& k, Team& team, int batch, int member) const {
  const Grid grid = traits_ ? grid_of(k, team.size(), batch, hidden_, traits_->gates)
                            : Grid{.bands = std::min(team.size(), batch), .parts = 1};
  const int band = member / grid.parts, part = member % grid.parts;
  if (band >= grid.bands) return {0, 0, 0, 0};
  const int panels = hidden_ % k.panel == 0 ? hidden_ / k.panel : 1, panel = hidden_ / panels;
  const auto cut = [](int all, int i, int n) { return all * i / n; };
  const int stream = cut(batch, band, grid.bands), unit = cut(panels, part, grid.parts) * panel;
  return {.first_stream = stream,
          .streams = cut(batch, band + 1, grid.bands) - stream,
          .first_unit = unit,
          .units = cut(panels, part + 1, grid.parts) * panel - unit,
          .team = &team,
          .group = band,
          .members = grid.parts};
}

void CellPlan::forward_by_hand(const CellPass& pass, int first, int last) const {
  each_share(*pass.kernels, pass.team, pass.batch, last - first, [&](const LoopShare& share) {
    traits_->forward(*pass.kernels, loop_weights(pass), loop_pass(pass), share, first, last);
  });
}

void CellPlan::backward_by_hand(const CellPass& pass, int first, int last, bool whole) const {
  const kernels::Kernels& k = *pass.kernels;
  CellScratch& scratch = *pass.scratch;
  float *dz = input_gradient(scratch),
        *du = scratch.memory.arrays[static_cast<size_t>(hidden_gradient_)].data();
  float* dh = state_gradient(scratch, graph_->output, 0, pass.batch);
  float* dc = traits_->has_c ? state_gradient(scratch, 1 - graph_->output, 0, pass.batch) : nullptr;
  const LoopWeights weights = loop_weights(pass);
  each_share(*pass.kernels, pass.team, pass.batch, last - first, [&](const LoopShare& share) {
    traits_->backward(k, weights, loop_pass(pass), {.dh = dh, .dc = dc, .dz = dz, .du = du}, share, first,
                      last);
  });
  const int H = hidden_, width = traits_->gates * H;
  if (whole && first == 0) k.gemm(du, width, weights.w_hh_backward, dh, H, pass.batch, H, width, true);
}

}  // namespace unroll
