#include "tests/reference/model.h"

#include <cmath>

namespace unroll::reference {
namespace {

CellStep cell_forward(const Model& model, size_t layer, const Vector& x, const State& before) {
  const LayerWeights& weights = model.layers[layer];
  if (model.cell == "rnn") return rnn_forward(weights, model.nonlinearity, x, before);
  if (model.cell == "lstm") return lstm_forward(weights, x, before);
  return gru_forward(weights, x, before);
}

CellBackward cell_backward(const Model& model, size_t layer, const CellStep& step, const State& d_after,
                           Model& gradients) {
  const LayerWeights& weights = model.layers[layer];
  LayerWeights& d_weights = gradients.layers[layer];
  if (model.cell == "rnn") return rnn_backward(weights, model.nonlinearity, step, d_after, d_weights);
  if (model.cell == "lstm") return lstm_backward(weights, step, d_after, d_weights);
  return gru_backward(weights, step, d_after, d_weights);
}

Vector input_vector(const Model& model, int32_t character) {
  const size_t id = static_cast<size_t>(character);
  if (model.embedding.rows == 0) {
    Vector one_hot(model.vocabulary());
    one_hot[id] = 1;
    return one_hot;
  }
  Vector row(model.embedding.cols);
  for (size_t j = 0; j < row.size(); ++j) row[j] = model.embedding(id, j);
  return row;
}

Vector softmax(Vector logits) {
  double largest = logits[0], total = 0;
  for (const double logit : logits) largest = std::fmax(largest, logit);
  for (double& logit : logits) total += logit = std::exp(logit - largest);
  for (double& logit : logits) logit /= total;
  return logits;
}

Vector multiply(Vector x, const Vector& factors) {
  for (size_t i = 0; i < x.size(); ++i) x[i] *= factors[i];
  return x;
}

}  // namespace

Model make_model(const LaneSpec& spec, size_t vocabulary) {
  const size_t hidden = static_cast<size_t>(spec.hidden), embedding = static_cast<size_t>(spec.embedding);
  const size_t gates = spec.cell == "lstm" ? 4 : spec.cell == "gru" ? 3 : 1;
  Model model;
  model.cell = spec.cell;
  model.nonlinearity = spec.nonlinearity;
  if (embedding > 0) model.embedding = Matrix(vocabulary, embedding);
  for (int l = 0; l < spec.layers; ++l) {
    const size_t width = l > 0 ? hidden : embedding > 0 ? embedding : vocabulary;
    model.layers.push_back({.w_ih = Matrix(gates * hidden, width),
                            .w_hh = Matrix(gates * hidden, hidden),
                            .b_ih = Vector(gates * hidden),
                            .b_hh = Vector(gates * hidden)});
  }
  model.decoder = Matrix(vocabulary, hidden);
  model.decoder_bias = Vector(vocabulary);
  return model;
}

std::vector<NamedTensor> tensors(Model& model) {
  std::vector<NamedTensor> list;
  if (model.embedding.rows > 0) list.push_back({"embedding.weight", &model.embedding.values});
  for (size_t l = 0; l < model.layers.size(); ++l) {
    LayerWeights& layer = model.layers[l];
    const std::string tail = "_l" + std::to_string(l);
    list.push_back({"rnn.weight_ih" + tail, &layer.w_ih.values});
    list.push_back({"rnn.weight_hh" + tail, &layer.w_hh.values});
    list.push_back({"rnn.bias_ih" + tail, &layer.b_ih});
    list.push_back({"rnn.bias_hh" + tail, &layer.b_hh});
  }
  list.push_back({"decoder.weight", &model.decoder.values});
  list.push_back({"decoder.bias", &model.decoder_bias});
  return list;
}

std::vector<State> zero_state(const Model& model) {
  const Vector zeros(model.hidden());
  return std::vector<State>(model.layers.size(),
                            State{.h = zeros, .c = model.cell == "lstm" ? zeros : Vector()});
}

std::vector<State> SequencePass::last() const {
  std::vector<State> states;
  for (const CellStep& step : steps.back()) states.push_back(step.after);
  return states;
}

SequencePass forward(const Model& model, std::span<const int32_t> inputs, std::span<const int32_t> targets,
                     const std::vector<State>& start, const std::vector<std::vector<Vector>>& masks) {
  SequencePass pass;
  pass.inputs.assign(inputs.begin(), inputs.end());
  pass.targets.assign(targets.begin(), targets.end());
  pass.masks = masks;
  std::vector<State> state = start;
  for (size_t t = 0; t < inputs.size(); ++t) {
    Vector x = input_vector(model, inputs[t]);
    std::vector<CellStep>& steps = pass.steps.emplace_back();
    for (size_t l = 0; l < model.layers.size(); ++l) {
      if (l > 0 && !masks.empty()) x = multiply(x, masks[l - 1][t]);
      steps.push_back(cell_forward(model, l, x, state[l]));
      state[l] = steps.back().after;
      x = state[l].h;
    }
    pass.probabilities.push_back(softmax(sum(times(model.decoder, x), model.decoder_bias)));
    pass.losses.push_back(-std::log(pass.probabilities.back()[static_cast<size_t>(targets[t])]));
  }
  return pass;
}

SequenceFlow backward(const Model& model, const SequencePass& pass, const Vector& weight, Model& gradients) {
  const size_t T = pass.inputs.size(), L = model.layers.size();
  SequenceFlow flow;
  flow.d_state.resize(T);
  flow.d_input.resize(T);
  std::vector<State> from_future =
      zero_state(model);  // gradient of the state after t by way of what follows t
  for (size_t t = T; t-- > 0;) {
    // Softmax and cross-entropy together: ∂loss/∂logits = p − one-hot(target).
    Vector d_logits = pass.probabilities[t];
    d_logits[static_cast<size_t>(pass.targets[t])] -= 1;
    for (double& value : d_logits) value *= weight[t];
    add_outer(gradients.decoder, d_logits, pass.steps[t].back().after.h);
    add(gradients.decoder_bias, d_logits);

    Vector from_above = transposed_times(model.decoder, d_logits);
    flow.d_state[t].resize(L);
    for (size_t l = L; l-- > 0;) {
      const CellStep& step = pass.steps[t][l];
      const State d_after{.h = sum(from_future[l].h, from_above), .c = from_future[l].c};
      const CellBackward back = cell_backward(model, l, step, d_after, gradients);
      flow.d_state[t][l] = d_after;
      if (model.cell == "lstm") {  // c is also seen through h of its own character: h = o · tanh(c)
        const size_t H = model.hidden();
        for (size_t j = 0; j < H; ++j) {
          const double o = step.gates[3 * H + j], tanh_c = std::tanh(step.after.c[j]);
          flow.d_state[t][l].c[j] += d_after.h[j] * o * (1 - tanh_c * tanh_c);
        }
      }
      from_future[l] = back.d_before;
      from_above = back.d_x;
      if (l > 0 && !pass.masks.empty()) from_above = multiply(from_above, pass.masks[l - 1][t]);
    }
    flow.d_input[t] = from_above;
    if (model.embedding.rows > 0)
      for (size_t j = 0; j < from_above.size(); ++j)
        gradients.embedding(static_cast<size_t>(pass.inputs[t]), j) += from_above[j];
  }
  return flow;
}

}  // namespace unroll::reference
