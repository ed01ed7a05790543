#include "engine/model/double_model.h"

#include <algorithm>
#include <cmath>

#include "engine/base/affine.h"
#include "engine/cells/cell.h"

namespace unroll {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

DoubleModel::DoubleModel(const Model& model, InterventionSet interventions)
    : spec_(model.spec()),
      V_(static_cast<size_t>(model.vocabulary())),
      H_(static_cast<size_t>(spec_.hidden)),
      G_(static_cast<size_t>(cell_traits(spec_.cell).gates)),
      logits_(V_),
      interventions_(std::move(interventions)) {
  for (int l = 0; l < spec_.layers; ++l) {
    const std::string tail = "_l" + std::to_string(l);
    const ParameterBlock& w_ih = model.block("rnn.weight_ih" + tail);
    layers_.push_back({.input = static_cast<size_t>(w_ih.cols),
                       .w_ih = w_ih.offset,
                       .w_hh = model.block("rnn.weight_hh" + tail).offset,
                       .b_ih = model.block("rnn.bias_ih" + tail).offset,
                       .b_hh = model.block("rnn.bias_hh" + tail).offset,
                       .reading = {}});
    Reading& reading = layers_.back().reading;
    for (std::vector<double>* wide : {&reading.x, &reading.u, &reading.gates}) wide->resize(G_ * H_);
  }
  if (spec_.embedding > 0) embedding_ = model.block("embedding.weight").offset;
  decoder_ = model.block("decoder.weight").offset;
  decoder_bias_ = model.block("decoder.bias").offset;
  follow(model);
  reset();
}

void DoubleModel::follow(const Model& model) {
  if (version_ == model.version()) return;
  version_ = model.version();
  parameters_.assign(model.parameters().begin(), model.parameters().end());
}

void DoubleModel::reset() {
  for (Layer& layer : layers_) layer.reading.h.assign(H_, 0.0), layer.reading.c.assign(H_, 0.0);
  place_ = 0;
}

const std::vector<double>& DoubleModel::read(int32_t character) {
  const ptrdiff_t id = character, E = spec_.embedding;
  const double* x = &parameters_[embedding_] + id * E;  // of the embedding, if there is one
  for (size_t l = 0; l < layers_.size(); ++l) {
    read(layers_[l], static_cast<int>(l), x, E == 0 && l == 0 ? id : -1);
    x = layers_[l].reading.h.data();
  }
  affine(&parameters_[decoder_], &parameters_[decoder_bias_], V_, H_, x, logits_.data());
  ++place_;
  return logits_;
}

double DoubleModel::log_sum() const {
  const double largest = *std::max_element(logits_.begin(), logits_.end());
  double sum = 0;
  for (const double logit : logits_) sum += std::exp(logit - largest);
  return largest + std::log(sum);
}

double DoubleModel::loss(int32_t next) const { return log_sum() - logits_[static_cast<size_t>(next)]; }

std::vector<double> DoubleModel::probabilities() const {
  const double all = log_sum();
  std::vector<double> p(logits_);
  for (double& value : p) value = std::exp(value - all);
  return p;
}

/// One step of a layer. `hot`: the character whose one-hot vector is the input, or −1 and the input is x.
void DoubleModel::read(Layer& layer, int index, const double* x, ptrdiff_t hot) {
  Reading& now = layer.reading;
  now.h_before = now.h;
  now.c_before = now.c;
  const double *p = parameters_.data(), *w_ih = p + layer.w_ih, *b_ih = p + layer.b_ih;
  if (hot < 0) {
    affine(w_ih, b_ih, G_ * H_, layer.input, x, now.x.data());
  } else {
    affine_one_hot(w_ih, b_ih, G_ * H_, layer.input, static_cast<size_t>(hot), now.x.data());
  }
  affine(p + layer.w_hh, p + layer.b_hh, G_ * H_, H_, now.h_before.data(), now.u.data());
  const std::vector<double>&v = now.x, &u = now.u;
  const size_t H = H_;
  for (size_t j = 0; j < H; ++j) {
    double &h = now.h[j], &c = now.c[j];
    const double h_before = h, c_before = c;
    const auto gate = [&](int number, double computed) {
      return now.gates[static_cast<size_t>(number) * H + j] =
                 intervened(Value::gate, index, j, number, computed, computed);
    };
    if (spec_.cell == "lstm") {
      const double i = gate(0, sigmoid(v[j] + u[j])), f = gate(1, sigmoid(v[H + j] + u[H + j])),
                   g = gate(2, std::tanh(v[2 * H + j] + u[2 * H + j])),
                   o = gate(3, sigmoid(v[3 * H + j] + u[3 * H + j]));
      c = intervened(Value::c, index, j, 0, f * c_before + i * g, c_before);
      h = o * std::tanh(c);
    } else if (spec_.cell == "gru") {
      const double r = gate(0, sigmoid(v[j] + u[j])), z = gate(1, sigmoid(v[H + j] + u[H + j])),
                   n = gate(2, std::tanh(v[2 * H + j] + r * u[2 * H + j]));
      h = (1 - z) * n + z * h_before;
    } else {
      const double a = now.gates[j] = v[j] + u[j];
      h = spec_.nonlinearity == Nonlinearity::relu ? std::max(a, 0.0) : std::tanh(a);
    }
    h = intervened(Value::h, index, j, 0, h, h_before);
  }
}

/// What a value is after the interventions on it. `before`: h or c before the character.
double DoubleModel::intervened(Value what, int layer, size_t unit, int gate, double computed,
                               double before) const {
  using Kind = Intervention::Kind;
  double value = computed;
  for (const Intervention& one : interventions_) {
    if (one.layer != layer || (one.unit >= 0 && static_cast<size_t>(one.unit) != unit) ||
        place_ < one.first || place_ > one.last)
      continue;
    if (what == Value::gate) {
      if (one.kind == Kind::clamp_gate && one.gate == gate) value = one.value;
    } else if (one.kind == Kind::ablate) {
      value = 0;
    } else if (one.kind == Kind::freeze) {
      value = before;
    } else if (one.kind == Kind::set_c && what == Value::c) {
      value = one.value;
    }
  }
  return value;
}

}  // namespace unroll
