// The gradient through time. One forward pass over the text as a batch of 1; then one backward pass in which
// each row of a batch is the loss at one position. All rows go back in step, each from its own place in the
// text: row m stands at character position[m] − 1 − k while lag k is measured. So activations are copied row
// by row, and the way back is that of the cell's plan, one step at a time. Where an encoder read the beginning, rows at the
// same lag may need the weights of either, so each goes alone.
#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/base/ctc.h"
#include "engine/base/gaussian.h"
#include "engine/base/mixture.h"
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

/// One layer on the way back. M rows.
struct FlowLayer {
  CellMemory activations;  // of one step, each row at its own place
  std::vector<FloatArray>
      before;  // (M, size) for each state: its gradient before the step that was done last
};

}  // namespace

class GradientFlowMeter::Flow {
 public:
  Flow(const Model& model, Batch sequence, std::span<const int> positions, int lags)
      : model_(model),
        m_(model.parts()),
        sequence_(std::move(sequence)),
        length_(m_.shape.head == Head::ctc ? static_cast<size_t>(sequence_.seq_length)
                                           : static_cast<size_t>(std::ranges::max(positions))),
        order_(positions.size()),
        results_(positions.size()) {
    assert(sequence_.batch == 1 && length_ <= static_cast<size_t>(sequence_.seq_length));
    assert(!m_.shape.encoder || positions.size() == 1);
    for (size_t p = 0; p < positions.size(); ++p) {
      assert(positions[p] >= 1);
      GradientFlow& flow = results_[p];
      flow.position = positions[p];
      flow.lags = lags > 0 ? std::min(lags, positions[p]) : positions[p];
      const size_t K = static_cast<size_t>(flow.lags);
      flow.states.assign(m_.graph->states.size(), std::vector<float>(m_.main.layers.size() * K));
      flow.input.resize(K);
    }
    for (size_t p = 0; p < order_.size(); ++p) {  // by insertion: they are few
      size_t at = p;
      for (; at > 0 && results_[order_[at - 1]].lags < results_[p].lags; --at) order_[at] = order_[at - 1];
      order_[at] = p;
    }
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
  size_t output() const { return static_cast<size_t>(m_.graph->output); }

  /// Rows of the forward pass.
  size_t length() const { return length_; }

  void forward() {
    const size_t first = forward_, count = std::min(piece_length, length() - first),
                 O = static_cast<size_t>(m_.shape.outputs);
    BatchView part = part_of(sequence_, first, count);
    part.classes = {};  // the losses are not asked for
    part.values = {};
    model_.forward(*workspace_, part, state_);
    for (size_t l = 0; l < kept_.size(); ++l) {
      const CellMemory& found = workspace_->parts().layers[l].cell;
      each_array([&](size_t i, size_t width, size_t skipped) {
        std::copy_n(&found.arrays[i][skipped * width], count * width,
                    &kept_[l].arrays[i][(first + skipped) * width]);
      });
    }
    std::copy_n(workspace_->outputs().begin(), count * O, &outputs_[first * O]);
    forward_ += count;
  }

  /// body(number, floats of an entry, 1 for states) for each array of activations.
  template <class Body>
  void each_array(Body body) const {
    for (size_t i = 0; i < plan_->arrays().size(); ++i) {
      const CellArray& array = plan_->arrays()[i];
      if (array.role == CellArray::Role::forward)
        body(i, static_cast<size_t>(array.width) * hidden(),
             array.entries == CellArray::Entries::states ? 1u : 0u);
    }
  }

  void allocate() {
    const int M = rows(), T = static_cast<int>(length());
    workspace_ = make_workspace_for(m_, std::min(T, static_cast<int>(piece_length)), 1, Passes::derived);
    state_ = model_.make_state(1);
    outputs_.resize(length() * static_cast<size_t>(m_.shape.outputs));
    kept_.resize(m_.main.layers.size()), layers_.resize(kept_.size());
    for (CellMemory& kept : kept_) kept.allocate(*plan_, {CellArray::Role::forward}, T, 1);
    // The states before the first character, which all passes begin with.
    for (CellMemory& kept : kept_)
      for (size_t s = 0; s < state_.states.size(); ++s)
        std::fill_n(plan_->state(kept, static_cast<int>(s)), model_.state_size(s), state_.states[s][0]);
    for (FlowLayer& layer : layers_) {
      layer.activations.allocate(*plan_, {CellArray::Role::forward}, 1, M);
      for (size_t s = 0; s < state_.states.size(); ++s)
        layer.before.emplace_back(static_cast<size_t>(M) * model_.state_size(s));
    }
    scratch_.allocate(*plan_, 1, M, true);
    from_above_.resize(static_cast<size_t>(M) * hidden());
    d_logits_.resize(static_cast<size_t>(m_.shape.outputs));
    d_input_.resize(static_cast<size_t>(M) * static_cast<size_t>(m_.main.layers[0].input));
  }

  /// Puts the activations of layer l together, of each row at its own place.
  void gather(size_t l, int lag, int active) {
    const size_t M = static_cast<size_t>(active);
    each_array([&](size_t i, size_t width, size_t extra) {
      const FloatArray& from = kept_[l].arrays[i];
      FloatArray& to = layers_[l].activations.arrays[i];
      for (size_t m = 0; m < M; ++m)
        for (size_t entry = 0; entry <= extra; ++entry)
          std::copy_n(&from[(place(static_cast<int>(m), lag) + entry) * width], width,
                      &to[(entry * M + m) * width]);
    });
  }

  /// Where all begins: the gradient of each loss with respect to the state that it is predicted from.
  void start_from_losses() {
    const size_t H = hidden(), O = static_cast<size_t>(m_.shape.outputs);
    const float* decoder = &m_.parameters[m_.decoder_weight];
    if (m_.shape.head == Head::ctc) less_posteriors();
    for (int m = 0; m < rows(); ++m) {
      const size_t t = place(m, 0);
      std::copy_n(&outputs_[t * O], O, d_logits_.begin());
      if (m_.shape.head == Head::softmax)
        d_logits_[static_cast<size_t>(sequence_.classes[t])] -= 1;
      else if (m_.shape.head == Head::gaussian)
        gaussian_gradient(d_logits_.data(), &sequence_.values[t * O / 2], O / 2, 1);
      else if (m_.shape.head == Head::mixture)
        mixture_gradient(d_logits_.data(), &sequence_.values[t * static_cast<size_t>(m_.shape.targets())], O,
                         1);
      else if (m_.shape.head == Head::linear)
        for (size_t o = 0; o < O; ++o)
          d_logits_[o] = 2 * (d_logits_[o] - sequence_.values[t * O + o]) / static_cast<float>(O);
      float* dh = &from_above_[static_cast<size_t>(m) * H];
      for (size_t o = 0; o < O; ++o)
        for (size_t j = 0; j < H; ++j) dh[j] += d_logits_[o] * decoder[o * H + j];
      if (m_.shape.attention && t >= static_cast<size_t>(sequence_.turn)) through_attention(t, dh);
    }
  }

  /// Of Head::ctc what is said becomes the gradient of the string's loss, which enters in every row.
  void less_posteriors() {
    const size_t T = length(), O = static_cast<size_t>(m_.shape.outputs);
    std::vector<int32_t> labels;
    labels_of(sequence_, 0, labels);
    std::vector<double> logs, room(ctc_room(T, labels.size()));
    const auto each = [&](const auto& take) {
      for (size_t t = 0; t < T; ++t) {
        take(outputs_[t * O]);
        for (const int32_t label : labels) take(outputs_[t * O + static_cast<size_t>(label)]);
      }
    };
    each([&](float p) { logs.push_back(std::log(std::max(static_cast<double>(p), 1e-38))); });
    ctc_posteriors(labels, logs, room);
    size_t next = 0;
    each([&](float& p) { p -= static_cast<float>(logs[next++]); });
  }

  /// From the gradient of what the output layer reads in row t to that of the state there, in its place, and to those of
  /// the encoder's outputs (attention.h).
  void through_attention(size_t t, float* d_read) {
    const size_t H = hidden(), S = static_cast<size_t>(sequence_.turn);
    const float* states = plan_->state(kept_.back(), m_.graph->output) + H;  // after each row
    const float *h = states + t * H, *weight = &m_.parameters[m_.attention_weight];
    const auto dot = [H](const float* a, const float* b) {
      double sum = 0;
      for (size_t j = 0; j < H; ++j) sum += static_cast<double>(a[j]) * static_cast<double>(b[j]);
      return sum;
    };
    std::vector<double> a(S), pair(2 * H), d_pair(2 * H), d_a(S);
    double sum = 0, mean = 0;
    for (size_t s = 0; s < S; ++s) a[s] = dot(states + s * H, h);
    const double largest = S > 0 ? *std::ranges::max_element(a) : 0;
    for (double& one : a) sum += one = std::exp(one - largest);
    for (size_t s = 0; s < S; ++s) {
      a[s] /= sum;
      for (size_t j = 0; j < H; ++j) pair[j] += a[s] * static_cast<double>(states[s * H + j]);
    }
    std::copy_n(h, H, &pair[H]);
    for (size_t i = 0; i < H; ++i) {
      const float* row = weight + i * 2 * H;
      double read = 0;
      for (size_t j = 0; j < 2 * H; ++j) read += static_cast<double>(row[j]) * pair[j];
      read = std::tanh(read);
      const double d = static_cast<double>(d_read[i]) * (1 - read * read);
      for (size_t j = 0; j < 2 * H; ++j) d_pair[j] += d * static_cast<double>(row[j]);
    }
    for (size_t s = 0; s < S; ++s) {
      for (size_t j = 0; j < H; ++j) d_a[s] += d_pair[j] * static_cast<double>(states[s * H + j]);
      mean += a[s] * d_a[s];
    }
    d_source_.assign(S * H, 0.0f);
    for (size_t s = 0; s < S; ++s) {
      const double d_score = a[s] * (d_a[s] - mean);
      for (size_t j = 0; j < H; ++j) {
        d_source_[s * H + j] = static_cast<float>(a[s] * d_pair[j] + d_score * static_cast<double>(h[j]));
        d_pair[H + j] += d_score * static_cast<double>(states[s * H + j]);
      }
    }
    for (size_t j = 0; j < H; ++j) d_read[j] = static_cast<float>(d_pair[H + j]);
  }

  /// Records the gradients at one lag, and goes on to those of the state before. The rows are in the order of
  /// their lags, so those that are done leave at the end.
  void step(int lag, int active) {
    const kernels::Kernels& k = *m_.kernels;
    const int H = m_.spec.hidden, width = static_cast<int>(m_.input_width()), input = m_.main.layers[0].input;
    const size_t turn = static_cast<size_t>(sequence_.turn);
    const bool encoded = place(0, lag) < turn;
    Stack& stack = encoded ? m_.encoder : m_.main;
    const ptrdiff_t entry = ptrdiff_t{active} * H;
    std::ranges::fill(from_above_, 0.0f);
    std::ranges::fill(d_input_, 0.0f);
    if (lag == 0) start_from_losses();
    if (encoded && !d_source_.empty()) {
      const float* d = &d_source_[place(0, lag) * hidden()];
      for (size_t j = 0; j < hidden(); ++j) from_above_[j] += d[j];
    }
    for (size_t l = layers_.size(); l-- > 0;) {
      FlowLayer& layer = layers_[l];
      gather(l, lag, active);
      CellWeights& weights = m_.cell_weights(stack, static_cast<int>(l), true, Passes::derived);
      const CellPass pass = {.kernels = &k,
                             .batch = active,
                             .forward = &layer.activations,
                             .scratch = &scratch_,
                             .weights = &weights};
      plan_->begin_backward(pass, 1);
      for (size_t s = 0; s < layer.before.size(); ++s)
        std::copy_n(layer.before[s].data(), entry_of(s, active), gradient(s, 1, active));
      float* dh = gradient(output(), 1, active);
      for (ptrdiff_t j = 0; j < entry; ++j) dh[j] += from_above_[static_cast<size_t>(j)];
      std::fill_n(gradient(output(), 0, active), entry, 0.0f);
      plan_->backward(pass, 0, 1, true);
      record_state(l, lag, active);
      for (size_t s = 0; s < layer.before.size(); ++s)
        std::copy_n(gradient(s, 0, active), entry_of(s, active), layer.before[s].data());
      if (width == 0) continue;
      float* to = l > 0 ? from_above_.data() : d_input_.data();
      const int size = l > 0 ? H : input;
      k.gemm(plan_->input_gradient(scratch_), width, m_.packed(stack.layers[l].ih_backward), to, size, active,
             size, width, false);
    }
    for (int m = 0; m < active; ++m)
      row(m).input[static_cast<size_t>(lag)] =
          norm(&d_input_[static_cast<size_t>(ptrdiff_t{m} * input)], static_cast<size_t>(input));
  }

  size_t entry_of(size_t state, int active) const {
    return static_cast<size_t>(active) * model_.state_size(state);
  }
  float* gradient(size_t state, int entry, int active) {
    return plan_->state_gradient(scratch_, static_cast<int>(state), entry, active);
  }

  /// Norms of the whole gradients of layer l's states after the step.
  void record_state(size_t l, int lag, int active) {
    for (int m = 0; m < active; ++m) {
      GradientFlow& flow = row(m);
      const size_t at = l * static_cast<size_t>(flow.lags) + static_cast<size_t>(lag);
      for (size_t s = 0; s < flow.states.size(); ++s) {
        const size_t size = model_.state_size(s);
        flow.states[s][at] = norm(gradient(s, 1, active) + static_cast<size_t>(m) * size, size);
      }
    }
  }

  const Model& model_;
  ModelParts& m_;
  std::shared_ptr<const CellPlan> plan_ = m_.plan_of(Passes::derived);
  Batch sequence_;
  size_t length_;
  std::vector<size_t> order_;  // of the results: the rows, those with the most lags first
  std::vector<GradientFlow> results_;
  size_t forward_ = 0;        // characters read
  int lag_ = 0, active_ = 0;  // the next lag, and how many rows go that far
  std::unique_ptr<Workspace> workspace_;
  RecurrentState state_;
  std::vector<CellMemory> kept_;  // activations of the whole text
  FloatArray outputs_;            // (T, O)
  std::vector<FlowLayer> layers_;
  CellScratch scratch_;
  FloatArray from_above_;  // (M, H) gradient of the output state by way of the layer above, or of the losses
  std::vector<float> d_logits_;  // (O)
  FloatArray d_input_;           // (M, I)
  std::vector<float> d_source_;  // (S, H) with attention: of the loss with respect to the encoder's outputs
};

GradientFlowMeter::GradientFlowMeter(const Model& model, std::span<const int32_t> ids,
                                     std::span<const int> positions, int lags)
    : GradientFlowMeter(model, sequence_of(ids), positions, lags) {}
GradientFlowMeter::GradientFlowMeter(const Model& model, Batch sequence, std::span<const int> positions,
                                     int lags) {
  const size_t together = model.shape().encoder ? 1 : positions.size();
  for (size_t first = 0; first < positions.size(); first += together)
    flows_.push_back(std::make_unique<Flow>(model, sequence, positions.subspan(first, together), lags));
}
GradientFlowMeter::~GradientFlowMeter() = default;

uint64_t GradientFlowMeter::bytes(const Model& model, size_t characters, size_t positions) {
  ModelParts& m = model.parts();
  const CellPlan& plan = *m.plan_of(Passes::derived);
  const uint64_t H = static_cast<uint64_t>(m.spec.hidden),
                 input = static_cast<uint64_t>(m.main.layers[0].input),
                 outputs = static_cast<uint64_t>(m.shape.outputs), layers = m.main.layers.size(),
                 forward = plan.row_floats(CellArray::Role::forward);
  uint64_t states = 0;
  for (size_t s = 0; s < m.graph->states.size(); ++s) states += model.state_size(s);
  const uint64_t kept = layers * forward + outputs, row = layers * (2 * forward + states) +
                                                          2 * plan.row_floats(CellArray::Role::backward) + H +
                                                          input;
  return sizeof(float) * (characters * kept + positions * row);
}

bool GradientFlowMeter::advance() {
  if (flows_.empty()) return true;
  if (!flows_.front()->advance()) return false;
  const std::vector<GradientFlow>& done = flows_.front()->result();
  result_.insert(result_.end(), done.begin(), done.end());
  flows_.erase(flows_.begin());
  return flows_.empty();
}

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
    const std::vector<float>& norms = flow.states.front();
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
