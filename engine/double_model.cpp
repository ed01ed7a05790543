#include "engine/double_model.h"

#include <algorithm>
#include <cmath>

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
      parameters_(model.parameters().begin(), model.parameters().end()),
      interventions_(std::move(interventions)) {
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
  reset();
}

void DoubleModel::reset() {
  for (Layer& layer : layers_) layer.h.assign(H_, 0.0), layer.c.assign(H_, 0.0);
  place_ = 0;
}

const std::vector<double>& DoubleModel::read(int32_t character) {
  const size_t id = static_cast<size_t>(character);
  const bool one_hot = spec_.embedding == 0;
  std::vector<double> x;
  if (!one_hot) {
    const double* row = &parameters_[embedding_ + id * static_cast<size_t>(spec_.embedding)];
    x.assign(row, row + spec_.embedding);
  }
  for (size_t l = 0; l < layers_.size(); ++l) {
    read(layers_[l], static_cast<int>(l), x, one_hot && l == 0 ? static_cast<ptrdiff_t>(id) : -1);
    x = layers_[l].h;
  }
  logits_ = affine(decoder_, decoder_bias_, V_, x);
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

/// W x + b with `rows` rows.
std::vector<double> DoubleModel::affine(size_t w, size_t b, size_t rows, const std::vector<double>& x) const {
  std::vector<double> y(rows);
  for (size_t row = 0; row < rows; ++row) {
    double sum = parameters_[b + row];
    for (size_t col = 0; col < x.size(); ++col) sum += parameters_[w + row * x.size() + col] * x[col];
    y[row] = sum;
  }
  return y;
}

/// One step of a layer. `hot`: the character whose one-hot vector is the input, or −1 and the input is x.
void DoubleModel::read(Layer& layer, int index, const std::vector<double>& x, ptrdiff_t hot) {
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
    double &h = layer.h[j], &c = layer.c[j];
    const double h_before = h, c_before = c;
    const auto gate = [&](int number, double computed) {
      return intervened(Value::gate, index, j, number, computed, computed);
    };
    if (spec_.cell == Cell::lstm) {
      const double i = gate(0, sigmoid(v[j] + u[j])), f = gate(1, sigmoid(v[H + j] + u[H + j])),
                   g = gate(2, std::tanh(v[2 * H + j] + u[2 * H + j])),
                   o = gate(3, sigmoid(v[3 * H + j] + u[3 * H + j]));
      c = intervened(Value::c, index, j, 0, f * c_before + i * g, c_before);
      h = o * std::tanh(c);
    } else if (spec_.cell == Cell::gru) {
      const double r = gate(0, sigmoid(v[j] + u[j])), z = gate(1, sigmoid(v[H + j] + u[H + j])),
                   n = gate(2, std::tanh(v[2 * H + j] + r * u[2 * H + j]));
      h = (1 - z) * n + z * h_before;
    } else {
      const double a = v[j] + u[j];
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
