#include "tests/reference/other_cells.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace unroll::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// One layer's weights as a cell reads them: unit j of block k.
struct Weights {
  const CellTensors& tensors;
  const Vector& x;
  const CellStates& before;
  size_t H = before.at("h").size();

  /// Row j of block k of a matrix, times v.
  double times(const char* name, size_t k, size_t j, const Vector& v) const {
    double sum = 0;
    for (size_t i = 0; i < v.size(); ++i) sum += tensors.at(name)[(k * H + j) * v.size() + i] * v[i];
    return sum;
  }
  double one(const char* name, size_t k, size_t j) const { return tensors.at(name)[k * H + j]; }
  const Vector& h() const { return before.at("h"); }
  const Vector& c() const { return before.at("c"); }

  double from_x(size_t k, size_t j) const { return times("weight_ih", k, j, x) + one("bias_ih", k, j); }
  double from_h(size_t k, size_t j) const { return times("weight_hh", k, j, h()) + one("bias_hh", k, j); }
  double both(size_t k, size_t j) const { return from_x(k, j) + from_h(k, j); }
};

/// Hochreiter & Schmidhuber 1997, section 4: what is written stays.
CellStates lstm1997(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j) {
    const double i = sigmoid(w.both(0, j)), g = std::tanh(w.both(1, j)), o = sigmoid(w.both(2, j));
    const double c = w.c()[j] + i * g;
    after["c"][j] = c;
    after["h"][j] = o * std::tanh(c);
  }
  return after;
}

/// Graves 2013 (1308.0850), equations 7 to 11: i and f see the old memory, o the new one.
CellStates peephole(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j) {
    const double old = w.c()[j];
    const double i = sigmoid(w.both(0, j) + w.one("weight_diag_c", 0, j) * old);
    const double f = sigmoid(w.both(1, j) + w.one("weight_diag_c", 1, j) * old);
    const double c = f * old + i * std::tanh(w.both(2, j));
    const double o = sigmoid(w.both(3, j) + w.one("weight_diag_of_c", 0, j) * c);
    after["c"][j] = c;
    after["h"][j] = o * std::tanh(c);
  }
  return after;
}

/// Greff et al. 2015 (1503.04069): i = 1 − f.
CellStates cifg(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j) {
    const double f = sigmoid(w.both(0, j)), g = std::tanh(w.both(1, j)), o = sigmoid(w.both(2, j));
    const double c = f * w.c()[j] + (1 - f) * g;
    after["c"][j] = c;
    after["h"][j] = o * std::tanh(c);
  }
  return after;
}

/// Ba, Kiros & Hinton 2016 (1607.06450), equations 3 and 4: block k of gains and shifts.
Vector normalised(const Weights& w, size_t k, const Vector& a) {
  double mean = 0, variance = 0;
  for (const double one : a) mean += one / static_cast<double>(w.H);
  for (const double one : a) variance += std::pow(one - mean, 2) / static_cast<double>(w.H);
  Vector result(w.H);
  for (size_t j = 0; j < w.H; ++j)
    result[j] =
        w.one("weight_norm", k, j) * (a[j] - mean) / std::sqrt(variance + 1e-5) + w.one("bias_norm", k, j);
  return result;
}

/// The same, equations 20 to 22, with each gate normalised for itself.
CellStates lnlstm(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  Vector gates[4];
  for (size_t k = 0; k < 4; ++k) {
    Vector of_x(w.H), of_h(w.H);
    for (size_t j = 0; j < w.H; ++j) {
      of_x[j] = w.times("weight_ih", k, j, x);
      of_h[j] = w.times("weight_hh", k, j, w.h());
    }
    gates[k] = sum(normalised(w, 2 * k, of_x), normalised(w, 2 * k + 1, of_h));
    for (size_t j = 0; j < w.H; ++j) gates[k][j] += w.one("bias", k, j);
  }
  for (size_t j = 0; j < w.H; ++j)
    after["c"][j] = sigmoid(gates[1][j]) * w.c()[j] + sigmoid(gates[0][j]) * std::tanh(gates[2][j]);
  const Vector shown = normalised(w, 8, after["c"]);
  for (size_t j = 0; j < w.H; ++j) after["h"][j] = sigmoid(gates[3][j]) * std::tanh(shown[j]);
  return after;
}

/// Cho et al. 2014 (1406.1078): the reset acts before the product.
CellStates gru_before(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  Vector reset(w.H);
  for (size_t j = 0; j < w.H; ++j)
    reset[j] = sigmoid(w.from_x(0, j) + w.times("weight_hh", 0, j, w.h())) * w.h()[j];
  for (size_t j = 0; j < w.H; ++j) {
    const double z = sigmoid(w.from_x(1, j) + w.times("weight_hh", 1, j, w.h()));
    const double n = std::tanh(w.from_x(2, j) + w.times("weight_in_n", 0, j, reset));
    after["h"][j] = (1 - z) * n + z * w.h()[j];
  }
  return after;
}

/// Le, Jaitly & Hinton 2015 (1504.00941).
CellStates irnn(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j) after["h"][j] = std::max(w.both(0, j), 0.0);
  return after;
}

/// Li et al. 2018 (1803.04831).
CellStates indrnn(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j)
    after["h"][j] = std::max(w.from_x(0, j) + w.one("weight_diag_h", 0, j) * w.h()[j], 0.0);
  return after;
}

/// Feng et al. 2024 (2410.01201), section 3.1.
CellStates mingru(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j) {
    const double z = sigmoid(w.from_x(0, j));
    after["h"][j] = (1 - z) * w.h()[j] + z * w.from_x(1, j);
  }
  return after;
}

/// The same, section 3.2: gates made to add up to 1.
CellStates minlstm(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j) {
    const double f = sigmoid(w.from_x(0, j)), i = sigmoid(w.from_x(1, j));
    after["h"][j] = f / (f + i) * w.h()[j] + i / (f + i) * w.from_x(2, j);
  }
  return after;
}

/// Beck et al. 2024 (2405.04517), equations 8 to 17, with the stabiliser m, a sigmoid forget gate and 4 heads.
CellStates slstm(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  constexpr size_t heads = 4;
  const size_t D = w.H / heads;  // units of a head: they see only each other
  const auto sum = [&](size_t k, size_t j) {
    double recurrent = 0;
    for (size_t i = 0; i < D; ++i)
      recurrent += tensors.at("weight_heads4_hh")[(k * w.H + j) * D + i] * w.h()[j / D * D + i];
    return w.from_x(k, j) + recurrent;
  };
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j) {
    const double log_i = sum(0, j), log_f = std::log(sigmoid(sum(1, j)));
    const bool is_first = before.at("n")[j] == 0;
    const double m = is_first ? log_i : std::max(log_i, before.at("m")[j] + log_f);
    const double i = std::exp(log_i - m), f = is_first ? 0 : std::exp(before.at("m")[j] + log_f - m);
    after["m"][j] = m;
    after["c"][j] = f * w.c()[j] + i * std::tanh(sum(2, j));
    after["n"][j] = f * before.at("n")[j] + i;
    after["h"][j] = sigmoid(sum(3, j)) * after["c"][j] / after["n"][j];
  }
  return after;
}

/// Beck et al. 2024 (2405.04517), equations 19 to 27, as they stand there, without stabiliser: what is carried is divided
/// by exp(m) afterwards. Number (j, k) of the matrix lies at k H + j.
CellStates mlstm(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  const Weights w{tensors, x, before};
  const double size = std::sqrt(static_cast<double>(w.H)), scale = std::exp(before.at("m")[0]);
  Vector q(w.H), k(w.H), v(w.H);
  double log_i = 0, pre_f = 0;
  for (size_t j = 0; j < w.H; ++j) {
    q[j] = w.from_x(0, j);
    k[j] = w.times("weight_ih", 1, j, x) / size + w.one("bias", 0, j);
    v[j] = w.times("weight_ih", 2, j, x) + w.one("bias_ih", 1, j);
  }
  for (size_t j = 0; j < w.H; ++j) {
    const auto gate = [&](size_t which) {
      return w.one("weight_diag_of_q", which, j) * q[j] + w.one("weight_diag_of_k", which, j) * k[j] +
             w.one("weight_diag_of_v", which, j) * v[j] +
             w.one("bias", 1 + which, j) / static_cast<double>(w.H);
    };
    log_i += gate(0), pre_f += gate(1);
  }
  const double i = std::exp(log_i), f = sigmoid(pre_f);
  const double m = std::max(log_i, std::log(f) + before.at("m")[0]);
  CellStates after = before;
  double nq = 0;
  for (size_t j = 0; j < w.H; ++j) {
    const double n = f * before.at("n")[j] * scale + i * k[j];
    nq += n * q[j];
    after["n"][j] = n / std::exp(m);
    after["m"][j] = m;
  }
  for (size_t j = 0; j < w.H; ++j) {
    double read = 0;
    for (size_t column = 0; column < w.H; ++column) {
      const double c = f * before.at("c")[column * w.H + j] * scale + i * v[j] * k[column];
      read += c * q[column];
      after["c"][column * w.H + j] = c / std::exp(m);
    }
    const double o = sigmoid(w.times("weight_ih", 3, j, x) + w.one("bias_ih", 2, j));
    after["h"][j] = o * read / std::max(std::abs(nq), 1.0);
  }
  return after;
}

/// Orvieto et al. 2023 (2303.06349), section 3, in complex numbers: s = λ s + γ B x, y = Re(C s) + D x, and the gated
/// linear unit behind it. B = B₀ + i B₁; C's imaginary part is stored with its sign turned.
CellStates lru(const CellTensors& tensors, const Vector& x, const CellStates& before) {
  using Complex = std::complex<double>;
  const Weights w{tensors, x, before};
  CellStates after = before;
  for (size_t j = 0; j < w.H; ++j) {
    const Complex lambda = std::exp(Complex(-std::exp(w.one("bias", 0, j)), std::exp(w.one("bias", 1, j))));
    const double gamma = std::sqrt(1 - std::norm(lambda));
    const Complex input(w.times("weight_ih", 0, j, x), w.times("weight_ih", 1, j, x));
    const Complex s = lambda * Complex(before.at("re")[j], before.at("im")[j]) + gamma * input;
    after["re"][j] = s.real();
    after["im"][j] = s.imag();
  }
  Vector y(w.H);
  for (size_t j = 0; j < w.H; ++j)
    y[j] = w.times("weight_of_re", 0, j, after["re"]) + w.times("weight_of_im", 0, j, after["im"]) +
           w.times("weight_ih", 2, j, x);
  const auto of_y = [&](size_t k, size_t j) {
    return w.times("weight_of_y", k, j, y) + w.one("bias_of_y", k, j);
  };
  for (size_t j = 0; j < w.H; ++j) after["h"][j] = of_y(0, j) * sigmoid(of_y(1, j));
  return after;
}

}  // namespace

const std::map<std::string, CellStepFunction>& other_cells() {
  static const std::map<std::string, CellStepFunction> cells = {
      {"lstm1997", lstm1997},     {"peephole", peephole}, {"cifg", cifg},     {"lnlstm", lnlstm},
      {"gru_before", gru_before}, {"irnn", irnn},         {"indrnn", indrnn}, {"mingru", mingru},
      {"minlstm", minlstm},       {"slstm", slstm},       {"mlstm", mlstm},   {"lru", lru},
  };
  return cells;
}

}  // namespace unroll::reference
