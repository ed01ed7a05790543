// The gradient through time. One forward pass over the text as a batch of 1; then one backward pass in which
// each row of a batch is the loss at one position. All rows go back in step, each from its own place in the
// text: row m stands at character position[m] − 1 − k while lag k is measured. So activations are copied row
// by row, and the way back is the cell's own, one step at a time.
#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/model/parts.h"
#include "engine/probes/probe.h"

namespace unroll {
namespace {

constexpr size_t piece_length = 64;  // characters of the forward pass at once

float norm(const float* x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return static_cast<float>(std::sqrt(sum));
}

/// One layer on the way back: the activations of one step for every row, and the gradients. M rows.
struct FlowLayer {
  FloatArray gates, u;  // (M, G·H)
  FloatArray h, c;      // (2, M, H): before and after the step
  FloatArray tanh_c;    // (M, H)
  FloatArray dh;        // (2, M, H): of the state before and after the step
  FloatArray dc;  // (M, H): of c after the step by way of the future; once the step is done, of c before it
  FloatArray dz, du;  // (M, G·H)
};

}  // namespace

class GradientFlowMeter::Flow {
 public:
  Flow(const Model& model, std::span<const int32_t> ids, std::span<const int> positions, int lags)
      : model_(model), m_(model.parts()), order_(positions.size()), results_(positions.size()) {
    for (size_t p = 0; p < positions.size(); ++p) {
      assert(positions[p] >= 1 && static_cast<size_t>(positions[p]) < ids.size());
      GradientFlow& flow = results_[p];
      flow.position = positions[p];
      flow.lags = lags > 0 ? std::min(lags, positions[p]) : positions[p];
      const size_t K = static_cast<size_t>(flow.lags);
      flow.h.resize(m_.layers.size() * K);
      flow.c.resize(m_.cell->has_c ? m_.layers.size() * K : 0);
      flow.input.resize(K);
    }
    for (size_t p = 0; p < order_.size(); ++p) {  // by insertion: they are few
      size_t at = p;
      for (; at > 0 && results_[order_[at - 1]].lags < results_[p].lags; --at) order_[at] = order_[at - 1];
      order_[at] = p;
    }
    const auto read = ids.first(static_cast<size_t>(std::ranges::max(positions)) + 1);
    ids_.assign(read.begin(), read.end());
    active_ = rows();
    allocate();
  }

  /// A piece of the way forward, or one lag of the way back. True when done.
  bool advance() {
    if (forward_ < length()) {
      forward();
      return false;
    }
    while (active_ > 0 && row(active_ - 1).lags <= lag_) --active_;
    if (active_ == 0) return true;
    step(lag_++, active_);
    return false;
  }
  const std::vector<GradientFlow>& result() const { return results_; }

 private:
  int rows() const { return static_cast<int>(order_.size()); }
  GradientFlow& row(int m) { return results_[order_[static_cast<size_t>(m)]]; }
  /// The character whose step row m is at.
  size_t place(int m, int lag) { return static_cast<size_t>(row(m).position - 1 - lag); }
  size_t hidden() const { return static_cast<size_t>(m_.spec.hidden); }

  /// Inputs of the forward pass: all characters but the last target.
  size_t length() const { return ids_.size() - 1; }

  void forward() {
    const size_t first = forward_, count = std::min(piece_length, length() - first), H = hidden(),
                 width = static_cast<size_t>(m_.gate_width()), V = static_cast<size_t>(m_.vocabulary);
    const std::span<const int32_t> ids = ids_;
    model_.forward(*workspace_, ids.subspan(first, count), ids.subspan(first + 1, count), state_);
    const auto keep = [](const FloatArray& from, size_t skipped, FloatArray& to, size_t at, size_t size) {
      if (!to.empty()) std::copy_n(&from[skipped], size, &to[at]);
    };
    for (size_t l = 0; l < kept_.size(); ++l) {
      const LayerBuffers& found = workspace_->parts().layers[l];
      keep(found.z, 0, kept_[l].z, first * width, count * width);
      keep(found.u, 0, kept_[l].u, first * width, count * width);
      keep(found.h, H, kept_[l].h, (first + 1) * H, count * H);
      keep(found.c, H, kept_[l].c, (first + 1) * H, count * H);
      keep(found.tanh_c, 0, kept_[l].tanh_c, first * H, count * H);
    }
    std::copy_n(workspace_->probabilities().begin(), count * V, &probabilities_[first * V]);
    forward_ += count;
  }

  void allocate() {
    const size_t M = order_.size(), H = hidden(), width = static_cast<size_t>(m_.gate_width()), T = length();
    workspace_ = model_.make_workspace(static_cast<int>(std::min(T, piece_length)), 1);
    state_ = model_.make_state(1);
    probabilities_.resize(T * static_cast<size_t>(m_.vocabulary));
    kept_.resize(m_.layers.size());
    for (LayerBuffers& kept : kept_) {
      kept.z.resize(T * width);
      kept.h.resize((T + 1) * H);
      kept.u.resize(m_.cell->has_hidden_part ? T * width : 0);
      kept.c.resize(m_.cell->has_c ? (T + 1) * H : 0);
      kept.tanh_c.resize(m_.cell->has_c ? T * H : 0);
    }
    layers_.resize(m_.layers.size());
    for (FlowLayer& layer : layers_) {
      layer.gates.resize(M * width);
      layer.h.resize(2 * M * H);
      layer.dh.resize(2 * M * H);
      layer.dz.resize(M * width);
      if (m_.cell->has_hidden_part) {
        layer.u.resize(M * width);
        layer.du.resize(M * width);
      }
      if (!m_.cell->has_c) continue;
      layer.c.resize(2 * M * H);
      layer.tanh_c.resize(M * H);
      layer.dc.resize(M * H);
    }
    d_logits_.resize(static_cast<size_t>(m_.vocabulary));
    d_input_.resize(M * static_cast<size_t>(m_.layers[0].input));
  }

  /// The activations of layer l, of each row at its own place.
  LoopPass activations(size_t l, int lag, int active) {
    const LayerBuffers& found = kept_[l];
    FlowLayer& layer = layers_[l];
    const size_t H = hidden(), width = static_cast<size_t>(m_.gate_width());
    for (int m = 0; m < active; ++m) {
      const size_t t = place(m, lag), at = static_cast<size_t>(m), after = static_cast<size_t>(active) + at;
      std::copy_n(&found.z[t * width], width, &layer.gates[at * width]);
      std::copy_n(&found.h[t * H], H, &layer.h[at * H]);
      std::copy_n(&found.h[(t + 1) * H], H, &layer.h[after * H]);
      if (m_.cell->has_hidden_part) std::copy_n(&found.u[t * width], width, &layer.u[at * width]);
      if (!m_.cell->has_c) continue;
      std::copy_n(&found.c[t * H], H, &layer.c[at * H]);
      std::copy_n(&found.c[(t + 1) * H], H, &layer.c[after * H]);
      std::copy_n(&found.tanh_c[t * H], H, &layer.tanh_c[at * H]);
    }
    return {.batch = active,
            .hidden = m_.spec.hidden,
            .z = layer.gates.data(),
            .h = layer.h.data(),
            .c = layer.c.data(),
            .tanh_c = layer.tanh_c.data(),
            .u = layer.u.data()};
  }

  /// Where all begins: the gradient of each loss with respect to the state that it is predicted from.
  void start_from_losses() {
    const size_t H = hidden(), V = static_cast<size_t>(m_.vocabulary);
    const float* decoder = &m_.parameters[m_.decoder_weight];
    for (int m = 0; m < rows(); ++m) {
      const size_t t = place(m, 0);
      std::copy_n(&probabilities_[t * V], V, d_logits_.begin());
      d_logits_[static_cast<size_t>(ids_[t + 1])] -= 1;
      float* dh = &layers_.back().dh[static_cast<size_t>(rows() + m) * H];
      for (size_t v = 0; v < V; ++v)
        for (size_t j = 0; j < H; ++j) dh[j] += d_logits_[v] * decoder[v * H + j];
    }
  }

  /// Records the gradients at one lag, and goes on to those of the state before. The rows are in the order of
  /// their lags, so those that are done leave at the end.
  void step(int lag, int active) {
    const kernels::Kernels& k = *m_.kernels;
    const int H = m_.spec.hidden, width = static_cast<int>(m_.gate_width()), input = m_.layers[0].input;
    const ptrdiff_t entry = ptrdiff_t{active} * H;
    for (FlowLayer& layer : layers_) {  // what the last step left at the front is now of the state after
      if (lag > 0) std::copy_n(layer.dh.begin(), entry, layer.dh.begin() + entry);
      std::fill_n(layer.dh.begin(), entry, 0.0f);
    }
    if (lag == 0) start_from_losses();
    for (size_t l = layers_.size(); l-- > 0;) {
      FlowLayer& layer = layers_[l];
      const LoopPass pass = activations(l, lag, active);
      const LoopWeights weights = m_.cell_weights(static_cast<int>(l), true);
      const float* to_input = m_.packed(m_.layers[l].ih_backward);
      float *dz = layer.dz.data(), *du = m_.cell->has_hidden_part ? layer.du.data() : dz;
      record_state(l, lag, active);
      m_.cell->backward(k, weights, pass, {.dh = layer.dh.data(), .dc = layer.dc.data(), .dz = dz, .du = du},
                        0, 1);
      k.gemm(du, width, weights.w_hh_backward, layer.dh.data(), H, active, H, width, true);
      if (l > 0)
        k.gemm(dz, width, to_input, layers_[l - 1].dh.data() + entry, H, active, H, width, true);
      else
        k.gemm(dz, width, to_input, d_input_.data(), input, active, input, width, false);
    }
    for (int m = 0; m < active; ++m)
      row(m).input[static_cast<size_t>(lag)] =
          norm(&d_input_[static_cast<size_t>(ptrdiff_t{m} * input)], static_cast<size_t>(input));
  }

  /// Norms of the whole gradients of layer l's h and c after the step.
  void record_state(size_t l, int lag, int active) {
    const FlowLayer& layer = layers_[l];
    const size_t H = hidden();
    for (int m = 0; m < active; ++m) {
      GradientFlow& flow = row(m);
      const size_t at = l * static_cast<size_t>(flow.lags) + static_cast<size_t>(lag),
                   state = static_cast<size_t>(m) * H;
      const float* dh = &layer.dh[static_cast<size_t>(active) * H + state];
      flow.h[at] = norm(dh, H);
      if (!m_.cell->has_c) continue;
      const float *o = &layer.gates[4 * state + 3 * H], *tanh_c = &layer.tanh_c[state],
                  *dc = &layer.dc[state];
      double sum = 0;
      for (size_t j = 0; j < H; ++j) {
        const double whole = dc[j] + dh[j] * o[j] * (1 - tanh_c[j] * tanh_c[j]);
        sum += whole * whole;
      }
      flow.c[at] = static_cast<float>(std::sqrt(sum));
    }
  }

  const Model& model_;
  ModelParts& m_;
  std::vector<int32_t> ids_;
  std::vector<size_t> order_;  // of the results: the rows, those with the most lags first
  std::vector<GradientFlow> results_;
  size_t forward_ = 0;        // characters read
  int lag_ = 0, active_ = 0;  // the next lag, and how many rows go that far
  std::unique_ptr<Workspace> workspace_;
  RecurrentState state_;
  std::vector<LayerBuffers> kept_;  // activations of the whole text
  FloatArray probabilities_;        // (T, V)
  std::vector<FlowLayer> layers_;
  std::vector<float> d_logits_;  // (V)
  FloatArray d_input_;           // (M, I)
};

GradientFlowMeter::GradientFlowMeter(const Model& model, std::span<const int32_t> ids,
                                     std::span<const int> positions, int lags)
    : flow_(std::make_unique<Flow>(model, ids, positions, lags)) {}
GradientFlowMeter::~GradientFlowMeter() = default;

uint64_t GradientFlowMeter::bytes(const Model& model, size_t characters, size_t positions) {
  const ModelParts& m = model.parts();
  const uint64_t H = static_cast<uint64_t>(m.spec.hidden), width = static_cast<uint64_t>(m.gate_width()),
                 input = static_cast<uint64_t>(m.layers[0].input),
                 vocabulary = static_cast<uint64_t>(m.vocabulary);
  const uint64_t kept = m.layers.size() * (2 * width + 3 * H) + vocabulary,
                 row = m.layers.size() * (4 * width + 8 * H) + input;
  return sizeof(float) * (characters * kept + positions * row);
}

bool GradientFlowMeter::advance() { return flow_->advance(); }
const std::vector<GradientFlow>& GradientFlowMeter::result() const { return flow_->result(); }

std::vector<GradientFlow> probe_gradient_flow(const Model& model, std::span<const int32_t> ids,
                                              std::span<const int> positions, int lags) {
  if (positions.empty()) return {};
  GradientFlowMeter meter(model, ids, positions, lags);
  while (!meter.advance()) continue;
  return meter.result();
}

MemoryHorizonMeter::MemoryHorizonMeter(const Model& model, std::span<const int32_t> ids, int lags,
                                       int positions) {
  if (ids.size() < 2) return;
  const int length = static_cast<int>(ids.size());
  lags_ = std::clamp(lags, 1, length - 1);
  const int room = length - lags_;  // positions lags … length − 1 see all lags
  positions_ = std::clamp(positions, 1, room);
  std::vector<int> where;
  for (int i = 0; i < positions_; ++i)
    where.push_back(lags_ + static_cast<int>(static_cast<int64_t>(i) * room / positions_));
  flow_ = std::make_unique<GradientFlowMeter>(model, ids, where, lags_);
}

bool MemoryHorizonMeter::advance() { return !flow_ || flow_->advance(); }

MemoryHorizon MemoryHorizonMeter::result() const {
  MemoryHorizon horizon;
  if (!flow_) return horizon;
  horizon.positions = positions_;
  std::vector<double> sums(static_cast<size_t>(lags_));
  for (const GradientFlow& flow : flow_->result()) {
    const std::vector<float>& norms = flow.c.empty() ? flow.h : flow.c;
    for (size_t k = 0; k < sums.size(); ++k) {
      double squares = 0;
      for (size_t at = k; at < norms.size(); at += sums.size())
        squares += static_cast<double>(norms[at]) * norms[at];
      sums[k] += std::sqrt(squares);
    }
  }
  for (const double sum : sums) horizon.influence.push_back(sums[0] > 0 ? sum / sums[0] : 0.0);
  find_horizon(horizon);
  return horizon;
}

MemoryHorizon probe_memory_horizon(const Model& model, std::span<const int32_t> ids, int lags,
                                   int positions) {
  MemoryHorizonMeter meter(model, ids, lags, positions);
  while (!meter.advance()) continue;
  return meter.result();
}

}  // namespace unroll
