// Element-wise kernels: activations, the fused gate passes of each cell, sums over rows. The equations are those of
// engine/cells/*.h; each pass reads and writes every array once.
#pragma once

#include "engine/kernels/math.h"
#include "engine/kernels/rows.h"

namespace unroll::kernels::UNROLL_ISA {

UNROLL_NOINLINE static void exp_array(const float* x, float* y, size_t n) {
  for_vectors(static_cast<ptrdiff_t>(n),
              [=](ptrdiff_t j, int w) UNROLL_ALWAYS { store_n(y + j, vexp(load_n(x + j, w)), w); });
}
UNROLL_NOINLINE static void tanh_array(const float* x, float* y, size_t n) {
  for_vectors(static_cast<ptrdiff_t>(n),
              [=](ptrdiff_t j, int w) UNROLL_ALWAYS { store_n(y + j, vtanh(load_n(x + j, w)), w); });
}
UNROLL_NOINLINE static void sigmoid_array(const float* x, float* y, size_t n) {
  for_vectors(static_cast<ptrdiff_t>(n),
              [=](ptrdiff_t j, int w) UNROLL_ALWAYS { store_n(y + j, vsigmoid(load_n(x + j, w)), w); });
}

UNROLL_NOINLINE static void add_rows(const float* row, float* x, int ldx, int m, int n) {
  for (ptrdiff_t i = 0; i < m; ++i) {
    float* to = x + i * ldx;
    for_vectors(n, [=](ptrdiff_t j, int w)
                       UNROLL_ALWAYS { store_n(to + j, load_n(to + j, w) + load_n(row + j, w), w); });
  }
}
/// Four rows at a time: the sum is read and written a quarter as often.
UNROLL_NOINLINE static void sum_rows(const float* x, int ldx, float* row, Rows m, int n) {
  ptrdiff_t i = 0;
  for (; i + 4 <= m.count; i += 4) {
    const float *a = x + m[i] * ldx, *b = x + m[i + 1] * ldx, *c = x + m[i + 2] * ldx,
                *d = x + m[i + 3] * ldx;
    for_vectors(n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F four = (load_n(a + j, w) + load_n(b + j, w)) + (load_n(c + j, w) + load_n(d + j, w));
      store_n(row + j, load_n(row + j, w) + four, w);
    });
  }
  for (; i < m.count; ++i) add_rows(x + m[i] * ldx, row, n, 1, n);
}

/// Blocks of 64 vectors are summed in float, the blocks in double: the error stays below 1e-5 of the sum however
/// long it is.
UNROLL_NOINLINE static double squared_norm(const float* x, size_t n) {
  double total = 0;
  constexpr size_t block = 64 * W;
  for (size_t at = 0; at < n; at += block) {
    const size_t count = n - at < block ? n - at : block;
    F even = zero(), odd = zero();
    size_t j = 0;
    for (; j + 2 * W <= count; j += 2 * W) {
      const F a = load(x + at + j), b = load(x + at + j + W);
      even = fma(a, a, even), odd = fma(b, b, odd);
    }
    for_vectors(static_cast<ptrdiff_t>(count - j), [&](ptrdiff_t i, int w) UNROLL_ALWAYS {
      const F a = load_n(x + at + j + i, w);
      even = fma(a, a, even);
    });
    total += static_cast<double>(sum(even + odd));
  }
  return total;
}

UNROLL_NOINLINE static void scale(float factor, float* x, size_t n) {
  for_vectors(static_cast<ptrdiff_t>(n),
              [=](ptrdiff_t j, int w) UNROLL_ALWAYS { store_n(x + j, set(factor) * load_n(x + j, w), w); });
}

/// In four short loops: one with all of it needs more constants than there are registers.
UNROLL_NOINLINE static void lstm_gates(float* z, const float* c_prev, float* c, float* tanh_c, float* h,
                                       int batch, int hidden, int units) {
  const ptrdiff_t H = hidden, n = units;
  const auto sigmoid = [](float* x, ptrdiff_t count) UNROLL_ALWAYS {
    for_vectors(count,
                [=](ptrdiff_t j, int w) UNROLL_ALWAYS { store_n(x + j, vsigmoid(load_n(x + j, w)), w); });
  };
  for (ptrdiff_t b = 0; b < batch; ++b, z += 4 * H, c_prev += H, c += H, tanh_c += H, h += H) {
    if (n == H) {
      sigmoid(z, 2 * H);
    } else {
      sigmoid(z, n);
      sigmoid(z + H, n);
    }
    sigmoid(z + 3 * H, n);
    for_vectors(n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F g = vtanh(load_n(z + 2 * H + j, w));
      store_n(z + 2 * H + j, g, w);
      store_n(c + j, fma(load_n(z + j, w), g, load_n(z + H + j, w) * load_n(c_prev + j, w)), w);
    });
    for_vectors(n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F squashed = vtanh(load_n(c + j, w));
      store_n(tanh_c + j, squashed, w), store_n(h + j, load_n(z + 3 * H + j, w) * squashed, w);
    });
  }
}

UNROLL_NOINLINE static void lstm_gates_backward(const float* a, const float* c_prev, const float* tanh_c,
                                                const float* dh, float* dc, float* dz, int batch, int hidden,
                                                int units) {
  const ptrdiff_t H = hidden;
  for (ptrdiff_t b = 0; b < batch; ++b, a += 4 * H, dz += 4 * H, c_prev += H, tanh_c += H, dh += H, dc += H)
    for_vectors(units, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F i = load_n(a + j, w), f = load_n(a + H + j, w), g = load_n(a + 2 * H + j, w);
      const F o = load_n(a + 3 * H + j, w), squashed = load_n(tanh_c + j, w),
              d_h = drop_faint(load_n(dh + j, w));
      const F d_h_o = d_h * o;
      const F d_c = drop_faint(load_n(dc + j, w)) + nfma(squashed * squashed, d_h_o, d_h_o);
      const F d_c_i = d_c * i, d_c_f = d_c * f, d_i = d_c_i * g, d_f = d_c_f * load_n(c_prev + j, w);
      const F d_o = d_h_o * squashed;
      store_n(dz + j, nfma(d_i, i, d_i), w), store_n(dz + H + j, nfma(d_f, f, d_f), w);
      store_n(dz + 2 * H + j, nfma(d_c_i, g * g, d_c_i), w), store_n(dz + 3 * H + j, nfma(d_o, o, d_o), w);
      store_n(dc + j, d_c_f, w);
    });
}

UNROLL_NOINLINE static void gru_gates(float* z, const float* u, const float* h_prev, float* h, int batch,
                                      int hidden, int units) {
  const ptrdiff_t H = hidden, n = units;
  for (ptrdiff_t b = 0; b < batch; ++b, z += 3 * H, u += 3 * H, h_prev += H, h += H) {
    const auto sigmoid = [=](ptrdiff_t from, ptrdiff_t count) UNROLL_ALWAYS {
      for_vectors(count, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
        store_n(z + from + j, vsigmoid(load_n(z + from + j, w) + load_n(u + from + j, w)), w);
      });
    };
    if (n == H) {
      sigmoid(0, 2 * H);
    } else {
      sigmoid(0, n);
      sigmoid(H, n);
    }
    for_vectors(n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F fresh = vtanh(fma(load_n(z + j, w), load_n(u + 2 * H + j, w), load_n(z + 2 * H + j, w)));
      store_n(z + 2 * H + j, fresh, w);
      store_n(h + j, fma(load_n(z + H + j, w), load_n(h_prev + j, w) - fresh, fresh), w);
    });
  }
}

UNROLL_NOINLINE static void gru_gates_backward(const float* a, const float* u, const float* h_prev,
                                               const float* dh, float* dh_prev, float* dz, float* du,
                                               int batch, int hidden, int units) {
  const ptrdiff_t H = hidden;
  for (ptrdiff_t b = 0; b < batch;
       ++b, a += 3 * H, u += 3 * H, dz += 3 * H, du += 3 * H, h_prev += H, dh += H, dh_prev += H)
    for_vectors(units, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F reset = load_n(a + j, w), keep = load_n(a + H + j, w), fresh = load_n(a + 2 * H + j, w);
      const F d_h = drop_faint(load_n(dh + j, w)), d_h_keep = d_h * keep, d_fresh = d_h - d_h_keep;
      const F d_n = nfma(d_fresh, fresh * fresh, d_fresh);
      const F d_z = (d_h_keep - d_h_keep * keep) * (load_n(h_prev + j, w) - fresh);
      const F d_n_reset = d_n * reset, d_r = (d_n_reset - d_n_reset * reset) * load_n(u + 2 * H + j, w);
      store_n(dz + j, d_r, w), store_n(dz + H + j, d_z, w), store_n(dz + 2 * H + j, d_n, w);
      store_n(du + j, d_r, w), store_n(du + H + j, d_z, w), store_n(du + 2 * H + j, d_n_reset, w);
      store_n(dh_prev + j, load_n(dh_prev + j, w) + d_h_keep, w);
    });
}

UNROLL_NOINLINE static void rnn_tanh_backward(const float* h, const float* dh, float* dz, size_t n) {
  for_vectors(static_cast<ptrdiff_t>(n), [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
    const F value = load_n(h + j, w), d_h = drop_faint(load_n(dh + j, w));
    store_n(dz + j, nfma(value * value, d_h, d_h), w);
  });
}
UNROLL_NOINLINE static void rnn_relu(const float* x, float* y, size_t n) {
  for_vectors(static_cast<ptrdiff_t>(n),
              [=](ptrdiff_t j, int w) UNROLL_ALWAYS { store_n(y + j, max(load_n(x + j, w), zero()), w); });
}
UNROLL_NOINLINE static void rnn_relu_backward(const float* h, const float* dh, float* dz, size_t n) {
  for_vectors(static_cast<ptrdiff_t>(n), [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
    store_n(dz + j, where_positive(load_n(h + j, w), drop_faint(load_n(dh + j, w))), w);
  });
}

}  // namespace unroll::kernels::UNROLL_ISA
