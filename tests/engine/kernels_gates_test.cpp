// The fused passes (gates, softmax, optimizers) of every table against their formulas in double precision. The
// formulas are those of torch.nn.LSTM, GRU and RNN and of torch.optim.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/kernels/kernels.h"

namespace unroll {
namespace {

using kernels::Kernels;

/// Every value is a few products and sums of numbers below 4 and of activations that are right within 8 ulp: 32 ulp of 4.
constexpr double tolerance = 32 * 0x1p-22;

using Doubles = std::vector<double>;

std::vector<float> random_floats(Random& random, size_t n, float lo, float hi) {
  std::vector<float> values(n);
  for (float& v : values) v = random.uniform(lo, hi);
  return values;
}

double worst_difference(const std::vector<float>& got, const Doubles& right) {
  REQUIRE(got.size() == right.size());
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(static_cast<double>(got[i]) - right[i]);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double at(const std::vector<float>& x, size_t i) { return static_cast<double>(x[i]); }

template <class Body>
void each_table(Body body) {
  for (const Kernels* table : kernels::available()) {
    INFO("table ", std::string(table->name));
    body(*table);
  }
}

/// Calls body(table, batch, hidden) with sizes that are whole vectors, parts of vectors, and both.
template <class Body>
void each_table_and_size(Body body) {
  each_table([&](const Kernels& k) {
    for (size_t batch : {1, 3})
      for (size_t hidden : {1, 2, 3, 4, 5, 7, 8, 16, 21, 35}) {
        INFO("batch ", batch, " hidden ", hidden);
        body(k, batch, hidden);
      }
  });
}

/// Calls body(first unit, batch, hidden, units) once for all units, or where there are several rows for two parts of them.
template <class Body>
void each_part(size_t B, size_t H, Body body) {
  const int batch = static_cast<int>(B), hidden = static_cast<int>(H), split = batch > 1 ? hidden / 2 : 0;
  if (split > 0) body(0, batch, hidden, split);
  body(split, batch, hidden, hidden - split);
}

}  // namespace

TEST_CASE("lstm gates forward and backward") {
  each_table_and_size([](const Kernels& k, size_t B, size_t H) {
    Random random(10);
    auto z = random_floats(random, 4 * B * H, -4, 4);
    const auto c_prev = random_floats(random, B * H, -2, 2), dh = random_floats(random, B * H, -1, 1);
    const auto dc_in = random_floats(random, B * H, -1, 1);
    std::vector<float> c(B * H), tanh_c(B * H), h(B * H), dz(4 * B * H), dc = dc_in;
    Doubles a_right(4 * B * H), c_right(B * H), t_right(B * H), h_right(B * H), dz_right(4 * B * H),
        dc_right(B * H);
    for (size_t b = 0; b < B; ++b)
      for (size_t j = 0; j < H; ++j) {
        const size_t u = b * H + j, g0 = 4 * b * H + j;
        const double i = sigmoid(at(z, g0)), f = sigmoid(at(z, g0 + H)), g = std::tanh(at(z, g0 + 2 * H));
        const double o = sigmoid(at(z, g0 + 3 * H)), cell = f * at(c_prev, u) + i * g, t = std::tanh(cell);
        a_right[g0] = i, a_right[g0 + H] = f, a_right[g0 + 2 * H] = g, a_right[g0 + 3 * H] = o;
        c_right[u] = cell, t_right[u] = t, h_right[u] = o * t;
        const double d_c = at(dc_in, u) + at(dh, u) * o * (1 - t * t);
        dz_right[g0] = d_c * g * i * (1 - i), dz_right[g0 + H] = d_c * at(c_prev, u) * f * (1 - f);
        dz_right[g0 + 2 * H] = d_c * i * (1 - g * g), dz_right[g0 + 3 * H] = at(dh, u) * t * o * (1 - o);
        dc_right[u] = d_c * f;
      }
    each_part(B, H, [&](ptrdiff_t at, int batch, int hidden, int units) {
      k.lstm_gates(&z[0] + at, &c_prev[0] + at, &c[0] + at, &tanh_c[0] + at, &h[0] + at, batch, hidden,
                   units);
      k.lstm_gates_backward(&z[0] + at, &c_prev[0] + at, &tanh_c[0] + at, &dh[0] + at, &dc[0] + at,
                            &dz[0] + at, batch, hidden, units);
    });
    CHECK(worst_difference(z, a_right) <= tolerance);
    CHECK(worst_difference(c, c_right) <= tolerance);
    CHECK(worst_difference(tanh_c, t_right) <= tolerance);
    CHECK(worst_difference(h, h_right) <= tolerance);
    CHECK(worst_difference(dz, dz_right) <= tolerance);
    CHECK(worst_difference(dc, dc_right) <= tolerance);
  });
}

TEST_CASE("gru gates forward and backward") {
  each_table_and_size([](const Kernels& k, size_t B, size_t H) {
    Random random(11);
    auto z = random_floats(random, 3 * B * H, -3, 3);
    const auto u = random_floats(random, 3 * B * H, -2, 2), h_prev = random_floats(random, B * H, -1, 1);
    const auto dh = random_floats(random, B * H, -1, 1), dh_prev_in = random_floats(random, B * H, -1, 1);
    std::vector<float> h(B * H), dz(3 * B * H), du(3 * B * H), dh_prev = dh_prev_in;
    Doubles a_right(3 * B * H), h_right(B * H), dz_right(3 * B * H), du_right(3 * B * H),
        dh_prev_right(B * H);
    for (size_t b = 0; b < B; ++b)
      for (size_t j = 0; j < H; ++j) {
        const size_t s = b * H + j, g0 = 3 * b * H + j;
        const double r = sigmoid(at(z, g0) + at(u, g0)), keep = sigmoid(at(z, g0 + H) + at(u, g0 + H));
        const double n = std::tanh(at(z, g0 + 2 * H) + r * at(u, g0 + 2 * H));
        a_right[g0] = r, a_right[g0 + H] = keep, a_right[g0 + 2 * H] = n;
        h_right[s] = (1 - keep) * n + keep * at(h_prev, s);
        const double d_n = at(dh, s) * (1 - keep) * (1 - n * n);
        const double d_keep = at(dh, s) * (at(h_prev, s) - n) * keep * (1 - keep);
        const double d_r = d_n * at(u, g0 + 2 * H) * r * (1 - r);
        dz_right[g0] = du_right[g0] = d_r, dz_right[g0 + H] = du_right[g0 + H] = d_keep;
        dz_right[g0 + 2 * H] = d_n, du_right[g0 + 2 * H] = d_n * r;
        dh_prev_right[s] = at(dh_prev_in, s) + at(dh, s) * keep;
      }
    each_part(B, H, [&](ptrdiff_t at, int batch, int hidden, int units) {
      k.gru_gates(&z[0] + at, &u[0] + at, &h_prev[0] + at, &h[0] + at, batch, hidden, units);
      k.gru_gates_backward(&z[0] + at, &u[0] + at, &h_prev[0] + at, &dh[0] + at, &dh_prev[0] + at,
                           &dz[0] + at, &du[0] + at, batch, hidden, units);
    });
    CHECK(worst_difference(z, a_right) <= tolerance);
    CHECK(worst_difference(h, h_right) <= tolerance);
    CHECK(worst_difference(dz, dz_right) <= tolerance);
    CHECK(worst_difference(du, du_right) <= tolerance);
    CHECK(worst_difference(dh_prev, dh_prev_right) <= tolerance);
  });
}

TEST_CASE("rnn nonlinearities and their gradients") {
  each_table([](const Kernels& k) {
    Random random(12);
    for (size_t n : {1, 3, 4, 15, 16, 50}) {
      INFO("n ", n);
      auto x = random_floats(random, n, -1, 1);
      const auto dh = random_floats(random, n, -2, 2);
      x[n / 2] = 0;
      std::vector<float> relu(n), d_relu(n), d_tanh(n);
      Doubles relu_right(n), d_relu_right(n), d_tanh_right(n);
      for (size_t i = 0; i < n; ++i) {
        relu_right[i] = std::max(at(x, i), 0.0), d_relu_right[i] = x[i] > 0 ? at(dh, i) : 0.0;
        d_tanh_right[i] = at(dh, i) * (1 - at(x, i) * at(x, i));
      }
      k.rnn_relu(x.data(), relu.data(), n);
      k.rnn_relu_backward(x.data(), dh.data(), d_relu.data(), n);
      k.rnn_tanh_backward(x.data(), dh.data(), d_tanh.data(), n);
      CHECK(worst_difference(relu, relu_right) == 0.0);
      CHECK(worst_difference(d_relu, d_relu_right) == 0.0);
      CHECK(worst_difference(d_tanh, d_tanh_right) <= tolerance);
    }
  });
}

TEST_CASE("Gradients below 2^-100 end in every cell's way back instead of becoming subnormal") {
  each_table_and_size([](const Kernels& k, size_t batch, size_t hidden) {
    Random random(14);
    const size_t n = batch * hidden;
    const int B = static_cast<int>(batch), H = static_cast<int>(hidden);
    const auto gates = random_floats(random, 4 * n, 0.1f, 0.9f), state = random_floats(random, n, 0.1f, 0.9f);
    const std::vector<float> dh(n, -1e-31f);
    const std::vector<float> none(4 * n);
    std::vector<float> dz(4 * n, 1.0f), du(3 * n, 1.0f), dc(n, 1e-31f), d_before(n);
    k.lstm_gates_backward(gates.data(), state.data(), state.data(), dh.data(), dc.data(), dz.data(), B, H, H);
    CHECK(dz == none);
    CHECK(dc == d_before);
    dz.resize(3 * n);
    k.gru_gates_backward(gates.data(), gates.data(), state.data(), dh.data(), d_before.data(), dz.data(),
                         du.data(), B, H, H);
    CHECK(std::ranges::all_of(dz, [](float d) { return d == 0; }));
    CHECK(std::ranges::all_of(du, [](float d) { return d == 0; }));
    CHECK(std::ranges::all_of(d_before, [](float d) { return d == 0; }));
    for (const auto backward : {k.rnn_tanh_backward, k.rnn_relu_backward}) {
      dz.assign(n, 1.0f);
      backward(state.data(), dh.data(), dz.data(), n);
      CHECK(std::ranges::all_of(dz, [](float d) { return d == 0; }));
    }
  });
}

TEST_CASE("softmax, its loss and the gradient of the loss") {
  each_table([](const Kernels& k) {
    Random random(13);
    for (size_t V : {1, 2, 5, 16, 65, 300})
      for (float spread : {1.0f, 60.0f}) {
        INFO("V ", V, " spread ", spread);
        constexpr size_t M = 3;
        constexpr float scale = 0.25f;
        auto logits = random_floats(random, M * V, -spread, spread);
        auto gradient = logits;
        std::vector<int32_t> targets;
        for (size_t i = 0; i < M; ++i)
          targets.push_back(static_cast<int32_t>(random.below(static_cast<uint32_t>(V))));
        Doubles p_right(M * V), d_right(M * V), loss_right(M);
        for (size_t i = 0; i < M; ++i) {
          double total = 0;
          for (size_t j = 0; j < V; ++j) total += std::exp(at(logits, i * V + j));
          for (size_t j = 0; j < V; ++j) {
            const bool target = static_cast<int32_t>(j) == targets[i];
            p_right[i * V + j] = std::exp(at(logits, i * V + j)) / total;
            d_right[i * V + j] = (p_right[i * V + j] - (target ? 1.0 : 0.0)) * static_cast<double>(scale);
            if (target) loss_right[i] = std::log(total) - at(logits, i * V + j);
          }
        }
        std::vector<float> losses(M), same_losses(M);
        k.softmax_loss(logits.data(), targets.data(), losses.data(), M, static_cast<int>(V));
        k.softmax_loss_gradient(gradient.data(), targets.data(), same_losses.data(), scale, M,
                                static_cast<int>(V));
        // exp of a difference that is rounded: relative error spread · ε in p, absolute in the loss.
        const double bound = tolerance + static_cast<double>(4 * spread) * 0x1p-24;
        CHECK(worst_difference(logits, p_right) <= bound);
        CHECK(worst_difference(gradient, d_right) <= bound);
        CHECK(worst_difference(losses, loss_right) <= bound);
        CHECK(losses == same_losses);
      }
    // The smallest probabilities are positive or zero, never NaN; a NaN anywhere makes the loss NaN.
    std::vector<float> far = {0.0f, -1000.0f, -INFINITY}, loss(1);
    const std::vector<int32_t> target = {1};
    k.softmax_loss(far.data(), target.data(), loss.data(), 1, 3);
    CHECK(far[0] == doctest::Approx(1.0));
    CHECK(far[1] <= 2e-38f);
    CHECK(far[2] <= 2e-38f);
    CHECK(loss[0] == doctest::Approx(1000.0));
    for (size_t place : {size_t{0}, size_t{3}, size_t{16}}) {
      std::vector<float> bad(17, 0.5f);
      bad[place] = NAN;
      k.softmax_loss(bad.data(), target.data(), loss.data(), 1, 17);
      CHECK(std::isnan(loss[0]));
    }
  });
}

TEST_CASE("optimizers take three steps as torch.optim writes them") {
  each_table([](const Kernels& k) {
    for (size_t n : {1, 3, 16, 37})
      for (float decay : {0.0f, 0.1f})
        for (bool decoupled : {false, true}) {
          INFO("n ", n, " weight_decay ", decay, " decoupled ", decoupled);
          Random random(14);
          constexpr float rate = 0.01f, clip = 0.5f;
          const auto start = random_floats(random, n, -1, 1);
          std::vector<float> w_adam = start, w_rms = start, w_sgd = start;
          std::vector<float> mean(n), square(n), rms_square(n), velocity(n);
          Doubles adam(start.begin(), start.end()), rms = adam, sgd = adam, m(n), v(n), r(n), s(n);
          for (int t = 1; t <= 3; ++t) {
            auto gradient = random_floats(random, n, -2, 2);
            gradient[0] = 0;
            const double bias1 = 1 - std::pow(0.9, t), bias2 = 1 - std::pow(0.999, t);
            for (size_t i = 0; i < n; ++i) {
              const double raw = at(gradient, i) * 0.5, d = static_cast<double>(decay), a = 0.01;
              if (decoupled) adam[i] -= a * d * adam[i];
              const double g = raw + (decoupled ? 0.0 : d * adam[i]);
              m[i] = 0.9 * m[i] + 0.1 * g, v[i] = 0.999 * v[i] + 0.001 * g * g;
              adam[i] -= a * (m[i] / bias1) / (std::sqrt(v[i] / bias2) + 1e-8);
              const double g_rms = raw + d * rms[i], g_sgd = raw + d * sgd[i];
              r[i] = 0.99 * r[i] + 0.01 * g_rms * g_rms, rms[i] -= a * g_rms / (std::sqrt(r[i]) + 1e-8);
              s[i] = t == 1 ? g_sgd : 0.8 * s[i] + g_sgd, sgd[i] -= a * s[i];
            }
            const kernels::AdamStep step = {.rate = rate,
                                            .beta1 = 0.9f,
                                            .beta2 = 0.999f,
                                            .epsilon = 1e-8f,
                                            .weight_decay = decay,
                                            .bias1 = static_cast<float>(bias1),
                                            .bias2 = static_cast<float>(bias2),
                                            .decoupled = decoupled,
                                            .gradient_scale = clip};
            k.adam(step, gradient.data(), mean.data(), square.data(), w_adam.data(), n);
            k.rmsprop(rate, 0.99f, 1e-8f, decay, clip, gradient.data(), rms_square.data(), w_rms.data(), n);
            k.sgd(rate, 0.8f, decay, clip, t == 1, gradient.data(), velocity.data(), w_sgd.data(), n);
          }
          CHECK(worst_difference(w_adam, adam) <= tolerance);
          CHECK(worst_difference(mean, m) <= tolerance);
          CHECK(worst_difference(square, v) <= tolerance);
          CHECK(worst_difference(w_rms, rms) <= tolerance);
          CHECK(worst_difference(w_sgd, sgd) <= tolerance);
        }
  });
}

}  // namespace unroll
