#include "engine/gradient_check.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace unroll {
namespace {

constexpr double operations_at_once = 2e6;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// The model in double precision, one character at a time; nothing is shared with the engine's own passes but
/// the layout of the parameters.
class DoubleModel {
 public:
  explicit DoubleModel(const Model& model)
      : spec_(model.spec()),
        V_(static_cast<size_t>(model.vocabulary())),
        H_(static_cast<size_t>(spec_.hidden)),
        G_(spec_.cell == Cell::lstm  ? 4
           : spec_.cell == Cell::gru ? 3
                                     : 1),
        parameters_(model.parameters().begin(), model.parameters().end()) {
    for (int l = 0; l < spec_.layers; ++l) {
      const std::string tail = "_l" + std::to_string(l);
      const ParameterBlock& w_ih = model.block("rnn.weight_ih" + tail);
      layers_.push_back({.input = static_cast<size_t>(w_ih.cols),
                         .w_ih = w_ih.offset,
                         .w_hh = model.block("rnn.weight_hh" + tail).offset,
                         .b_ih = model.block("rnn.bias_ih" + tail).offset,
                         .b_hh = model.block("rnn.bias_hh" + tail).offset,
                         .h = {},
                         .c = {}});
    }
    if (spec_.embedding > 0) embedding_ = model.block("embedding.weight").offset;
    decoder_ = model.block("decoder.weight").offset;
    decoder_bias_ = model.block("decoder.bias").offset;
  }

  std::vector<double>& parameters() { return parameters_; }

  void reset() {
    for (Layer& layer : layers_) layer.h.assign(H_, 0.0), layer.c.assign(H_, 0.0);
  }

  /// Reads a character; the loss of the one that follows, in nats.
  double loss(int32_t character, int32_t next) {
    const size_t id = static_cast<size_t>(character);
    std::vector<double> x;
    if (spec_.embedding > 0) {
      const double* row = &parameters_[embedding_ + id * static_cast<size_t>(spec_.embedding)];
      x.assign(row, row + spec_.embedding);
    } else {
      x.assign(V_, 0.0);
      x[id] = 1;
    }
    for (Layer& layer : layers_) {
      read(layer, x, spec_.embedding == 0 && &layer == &layers_[0] ? static_cast<ptrdiff_t>(id) : -1);
      x = layer.h;
    }
    const std::vector<double> logits = affine(decoder_, decoder_bias_, V_, x);
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const double logit : logits) sum += std::exp(logit - largest);
    return largest + std::log(sum) - logits[static_cast<size_t>(next)];
  }

 private:
  struct Layer {
    size_t input, w_ih, w_hh, b_ih, b_hh;
    std::vector<double> h, c;
  };

  /// W x + b with `rows` rows.
  std::vector<double> affine(size_t w, size_t b, size_t rows, const std::vector<double>& x) const {
    std::vector<double> y(rows);
    for (size_t row = 0; row < rows; ++row) {
      double sum = parameters_[b + row];
      for (size_t col = 0; col < x.size(); ++col) sum += parameters_[w + row * x.size() + col] * x[col];
      y[row] = sum;
    }
    return y;
  }

  /// One step of a layer (equations: engine/cells/*.h). `hot`: the only element of x that is 1, or −1.
  void read(Layer& layer, const std::vector<double>& x, ptrdiff_t hot) {
    std::vector<double> v;
    if (hot < 0) {
      v = affine(layer.w_ih, layer.b_ih, G_ * H_, x);
    } else {  // one column of W_ih
      v.resize(G_ * H_);
      for (size_t row = 0; row < v.size(); ++row)
        v[row] = parameters_[layer.b_ih + row] +
                 parameters_[layer.w_ih + row * layer.input + static_cast<size_t>(hot)];
    }
    const std::vector<double> u = affine(layer.w_hh, layer.b_hh, G_ * H_, layer.h);
    const size_t H = H_;
    for (size_t j = 0; j < H; ++j) {
      double& h = layer.h[j];
      if (spec_.cell == Cell::lstm) {
        const double i = sigmoid(v[j] + u[j]), f = sigmoid(v[H + j] + u[H + j]),
                     g = std::tanh(v[2 * H + j] + u[2 * H + j]), o = sigmoid(v[3 * H + j] + u[3 * H + j]);
        layer.c[j] = f * layer.c[j] + i * g;
        h = o * std::tanh(layer.c[j]);
      } else if (spec_.cell == Cell::gru) {
        const double r = sigmoid(v[j] + u[j]), z = sigmoid(v[H + j] + u[H + j]),
                     n = std::tanh(v[2 * H + j] + r * u[2 * H + j]);
        h = (1 - z) * n + z * h;
      } else {
        const double a = v[j] + u[j];
        h = spec_.nonlinearity == Nonlinearity::relu ? std::max(a, 0.0) : std::tanh(a);
      }
    }
  }

  LaneSpec spec_;
  size_t V_, H_, G_;
  std::vector<double> parameters_;
  std::vector<Layer> layers_;
  size_t embedding_ = 0, decoder_ = 0, decoder_bias_ = 0;
};

}  // namespace

class GradientCheck::Work {
 public:
  Work(const Model& model, std::span<const int32_t> ids, int samples, uint64_t seed)
      : doubles_(model), ids_(ids.begin(), ids.end()), samples_(static_cast<size_t>(samples)) {
    assert(ids.size() >= 2 && static_cast<int64_t>(model.parameters().size()) <= most_parameters);
    choose(model, seed);
    run_backward(model);
    const double operations = static_cast<double>(model.parameters().size());
    at_once_ = static_cast<size_t>(std::max(1.0, operations_at_once / operations));
    begin_pass();
  }

  bool advance() {
    if (sample_ == samples_.size()) return true;
    const size_t last = std::min(place_ + at_once_, ids_.size() - 1);
    for (; place_ < last; ++place_) sum_ += doubles_.loss(ids_[place_], ids_[place_ + 1]);
    if (place_ == ids_.size() - 1) end_pass();
    return sample_ == samples_.size();
  }

  const std::vector<GradientSample>& samples() const { return samples_; }

 private:
  void choose(const Model& model, uint64_t seed) {
    Random random(seed);
    const std::vector<ParameterBlock>& blocks = model.blocks();
    for (size_t n = 0; n < samples_.size(); ++n) {
      const size_t b = n % blocks.size();
      const ParameterBlock& block = blocks[b];
      samples_[n].block = static_cast<int>(b);
      const size_t row = random.below(static_cast<uint32_t>(block.rows)),
                   cols = static_cast<size_t>(std::max(block.cols, 1)),
                   col = random.below(static_cast<uint32_t>(cols)),
                   read = static_cast<size_t>(ids_[random.below(static_cast<uint32_t>(ids_.size() - 1))]);
      const bool is_embedding = block.name == "embedding.weight";
      const bool is_one_hot = model.spec().embedding == 0 && block.name == "rnn.weight_ih_l0";
      samples_[n].index = (is_embedding ? read : row) * cols + (is_one_hot ? read : col);
      offsets_.push_back(block.offset + samples_[n].index);
    }
  }

  /// On a copy, because a backward pass overwrites the gradients of its model.
  void run_backward(const Model& model) {
    LaneSpec spec = model.spec();
    spec.dropout = 0;
    spec.init = Init::uniform;  // drawn only to be overwritten
    Result<Model> copy = Model::create(spec, model.vocabulary(), 0);
    assert(copy);
    std::ranges::copy(model.parameters(), copy->parameters().begin());
    copy->parameters_changed();
    const int length = static_cast<int>(ids_.size()) - 1;
    const auto workspace = copy->make_workspace(length, 1);
    RecurrentState state = copy->make_state(1);
    Random unused(0);
    const std::span<const int32_t> ids = ids_;
    copy->forward_backward(*workspace, ids.first(ids.size() - 1), ids.subspan(1), state, unused);
    for (size_t n = 0; n < samples_.size(); ++n)
      samples_[n].backward = static_cast<double>(copy->gradients()[offsets_[n]]);
  }

  /// The step away from a parameter: rounding gives an error of about 1e-16/ε, the third derivative one of
  /// ε².
  double epsilon() const { return 1e-5 * std::max(1.0, std::abs(original_)); }

  void begin_pass() {
    if (sample_ == samples_.size()) return;
    double& parameter = doubles_.parameters()[offsets_[sample_]];
    if (!is_second_) original_ = parameter;
    parameter = original_ + (is_second_ ? -1 : 1) * epsilon();
    doubles_.reset();
    place_ = 0;
    sum_ = 0;
  }

  void end_pass() {
    const double loss = sum_ / static_cast<double>(ids_.size() - 1);
    if (is_second_) {
      samples_[sample_].difference = (upper_ - loss) / (2 * epsilon());
      doubles_.parameters()[offsets_[sample_]] = original_;
      ++sample_;
    } else {
      upper_ = loss;
    }
    is_second_ = !is_second_;
    begin_pass();
  }

  DoubleModel doubles_;
  std::vector<int32_t> ids_;
  std::vector<GradientSample> samples_;
  std::vector<size_t> offsets_;  // of the samples in the parameters
  size_t at_once_ = 1;           // characters of one advance()
  size_t sample_ = 0, place_ = 0;
  bool is_second_ = false;  // the pass with −ε
  double original_ = 0, upper_ = 0, sum_ = 0;
};

GradientCheck::GradientCheck(const Model& model, std::span<const int32_t> ids, int samples, uint64_t seed)
    : work_(std::make_unique<Work>(model, ids, samples, seed)) {}
GradientCheck::~GradientCheck() = default;
bool GradientCheck::advance() { return work_->advance(); }
const std::vector<GradientSample>& GradientCheck::samples() const { return work_->samples(); }

double GradientCheck::error() const {
  double between = 0, backward = 0, difference = 0;
  for (const GradientSample& sample : samples()) {
    between += (sample.backward - sample.difference) * (sample.backward - sample.difference);
    backward += sample.backward * sample.backward;
    difference += sample.difference * sample.difference;
  }
  const double sum = std::sqrt(backward) + std::sqrt(difference);
  return sum > 0 ? std::sqrt(between) / sum : 0.0;
}

}  // namespace unroll
