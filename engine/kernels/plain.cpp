// The plain table: portable C++, one float at a time. The textbook form of every kernel.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/kernels/tables.h"

namespace unroll::kernels {
namespace {

float logistic(float x) { return 1.0f / (1.0f + std::exp(-x)); }

size_t packed_size(int k, int n) { return static_cast<size_t>(k) * static_cast<size_t>(n); }

void pack(const float* b, int ldb, bool transposed, int k, int n, float* packed) {
  for (ptrdiff_t i = 0; i < k; ++i)
    for (ptrdiff_t j = 0; j < n; ++j) packed[i * n + j] = transposed ? b[j * ldb + i] : b[i * ldb + j];
}

void gemm(const float* a, int lda, const float* packed, float* c, int ldc, int m, int n, int k,
          bool accumulate) {
  for (ptrdiff_t i = 0; i < m; ++i) {
    float* row = c + i * ldc;
    if (!accumulate) std::fill(row, row + n, 0.0f);
    for (ptrdiff_t p = 0; p < k; ++p) {
      const float factor = a[i * lda + p];
      for (ptrdiff_t j = 0; j < n; ++j) row[j] += factor * packed[p * n + j];
    }
  }
}

size_t gemm_tn_scratch(int, int, int) { return 0; }

void gemm_tn(const float* a, int lda, const float* b, int ldb, float* c, int ldc, int m, int n, int k,
             float*) {
  for (ptrdiff_t p = 0; p < k; ++p)
    for (ptrdiff_t i = 0; i < m; ++i) {
      const float factor = a[p * lda + i];
      for (ptrdiff_t j = 0; j < n; ++j) c[i * ldc + j] += factor * b[p * ldb + j];
    }
}

void exp_n(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = std::exp(x[i]);
}
void tanh_n(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = std::tanh(x[i]);
}
void sigmoid_n(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = logistic(x[i]);
}
void add_rows(const float* row, float* x, int ldx, int m, int n) {
  for (ptrdiff_t i = 0; i < m; ++i)
    for (ptrdiff_t j = 0; j < n; ++j) x[i * ldx + j] += row[j];
}
void sum_rows(const float* x, int ldx, float* row, int m, int n) {
  for (ptrdiff_t i = 0; i < m; ++i)
    for (ptrdiff_t j = 0; j < n; ++j) row[j] += x[i * ldx + j];
}
double squared_norm(const float* x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}
void scale(float factor, float* x, size_t n) {
  for (size_t i = 0; i < n; ++i) x[i] *= factor;
}

void lstm_gates(float* z, const float* c_prev, float* c, float* tanh_c, float* h, int batch, int hidden) {
  for (ptrdiff_t b = 0; b < batch; ++b)
    for (ptrdiff_t j = 0; j < hidden; ++j) {
      float* gate = z + 4 * b * hidden + j;
      const float i = logistic(gate[0]), f = logistic(gate[hidden]);
      const float g = std::tanh(gate[2 * hidden]), o = logistic(gate[3 * hidden]);
      const ptrdiff_t u = b * hidden + j;
      c[u] = f * c_prev[u] + i * g;
      tanh_c[u] = std::tanh(c[u]);
      h[u] = o * tanh_c[u];
      gate[0] = i, gate[hidden] = f, gate[2 * hidden] = g, gate[3 * hidden] = o;
    }
}

void lstm_gates_backward(const float* a, const float* c_prev, const float* tanh_c, const float* dh, float* dc,
                         float* dz, int batch, int hidden) {
  for (ptrdiff_t b = 0; b < batch; ++b)
    for (ptrdiff_t j = 0; j < hidden; ++j) {
      const ptrdiff_t u = b * hidden + j, at = 4 * b * hidden + j;
      const float i = a[at], f = a[at + hidden], g = a[at + 2 * hidden], o = a[at + 3 * hidden];
      const float d_c = dc[u] + dh[u] * o * (1 - tanh_c[u] * tanh_c[u]);
      dz[at] = d_c * g * i * (1 - i);
      dz[at + hidden] = d_c * c_prev[u] * f * (1 - f);
      dz[at + 2 * hidden] = d_c * i * (1 - g * g);
      dz[at + 3 * hidden] = dh[u] * tanh_c[u] * o * (1 - o);
      dc[u] = d_c * f;
    }
}

void gru_gates(float* z, const float* u, const float* h_prev, float* h, int batch, int hidden) {
  for (ptrdiff_t b = 0; b < batch; ++b)
    for (ptrdiff_t j = 0; j < hidden; ++j) {
      float* gate = z + 3 * b * hidden + j;
      const float* hid = u + 3 * b * hidden + j;
      const ptrdiff_t at = b * hidden + j;
      const float r = logistic(gate[0] + hid[0]), zz = logistic(gate[hidden] + hid[hidden]);
      const float n = std::tanh(gate[2 * hidden] + r * hid[2 * hidden]);
      h[at] = n + zz * (h_prev[at] - n);
      gate[0] = r, gate[hidden] = zz, gate[2 * hidden] = n;
    }
}

void gru_gates_backward(const float* a, const float* u, const float* h_prev, const float* dh, float* dh_prev,
                        float* dz, float* du, int batch, int hidden) {
  for (ptrdiff_t b = 0; b < batch; ++b)
    for (ptrdiff_t j = 0; j < hidden; ++j) {
      const ptrdiff_t at = b * hidden + j, g = 3 * b * hidden + j;
      const float r = a[g], z = a[g + hidden], n = a[g + 2 * hidden], u_n = u[g + 2 * hidden];
      const float d_n = dh[at] * (1 - z) * (1 - n * n);
      const float d_z = dh[at] * (h_prev[at] - n) * z * (1 - z);
      const float d_r = d_n * u_n * r * (1 - r);
      dz[g] = d_r, dz[g + hidden] = d_z, dz[g + 2 * hidden] = d_n;
      du[g] = d_r, du[g + hidden] = d_z, du[g + 2 * hidden] = d_n * r;
      dh_prev[at] += dh[at] * z;
    }
}

void rnn_tanh_backward(const float* h, const float* dh, float* dz, size_t n) {
  for (size_t i = 0; i < n; ++i) dz[i] = dh[i] * (1 - h[i] * h[i]);
}
void rnn_relu(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = std::max(x[i], 0.0f);
}
void rnn_relu_backward(const float* h, const float* dh, float* dz, size_t n) {
  for (size_t i = 0; i < n; ++i) dz[i] = h[i] > 0 ? dh[i] : 0.0f;
}

void softmax_loss(float* logits, const int32_t* targets, float* losses, int m, int v) {
  for (ptrdiff_t i = 0; i < m; ++i) {
    float* row = logits + i * v;
    const float top = *std::max_element(row, row + v);
    const float target = row[targets[i]] - top;
    float sum = 0;
    for (ptrdiff_t j = 0; j < v; ++j) sum += row[j] = std::exp(row[j] - top);
    losses[i] = std::log(sum) - target;
    for (ptrdiff_t j = 0; j < v; ++j) row[j] /= sum;
  }
}
void softmax_loss_gradient(float* logits, const int32_t* targets, float* losses, float scale_by, int m,
                           int v) {
  softmax_loss(logits, targets, losses, m, v);
  for (ptrdiff_t i = 0; i < m; ++i) {
    logits[i * v + targets[i]] -= 1.0f;
    scale(scale_by, logits + i * v, static_cast<size_t>(v));
  }
}

void adam(const AdamStep& s, const float* gradient, float* mean, float* square, float* weight, size_t n) {
  const float step = s.rate / s.bias1, root = 1.0f / std::sqrt(s.bias2);
  for (size_t i = 0; i < n; ++i) {
    if (s.decoupled) weight[i] *= 1 - s.rate * s.weight_decay;
    const float g = s.gradient_scale * gradient[i] + (s.decoupled ? 0.0f : s.weight_decay * weight[i]);
    mean[i] = s.beta1 * mean[i] + (1 - s.beta1) * g;
    square[i] = s.beta2 * square[i] + (1 - s.beta2) * g * g;
    weight[i] -= step * mean[i] / (std::sqrt(square[i]) * root + s.epsilon);
  }
}
void rmsprop(float rate, float alpha, float epsilon, float weight_decay, float gradient_scale,
             const float* gradient, float* square, float* weight, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float g = gradient_scale * gradient[i] + weight_decay * weight[i];
    square[i] = alpha * square[i] + (1 - alpha) * g * g;
    weight[i] -= rate * g / (std::sqrt(square[i]) + epsilon);
  }
}
void sgd(float rate, float momentum, float weight_decay, float gradient_scale, bool first,
         const float* gradient, float* velocity, float* weight, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float g = gradient_scale * gradient[i] + weight_decay * weight[i];
    velocity[i] = first ? g : momentum * velocity[i] + g;
    weight[i] -= rate * velocity[i];
  }
}

}  // namespace

const Kernels plain_table = {"plain",
                             packed_size,
                             pack,
                             gemm,
                             gemm_tn_scratch,
                             gemm_tn,
                             exp_n,
                             tanh_n,
                             sigmoid_n,
                             add_rows,
                             sum_rows,
                             squared_norm,
                             scale,
                             lstm_gates,
                             lstm_gates_backward,
                             gru_gates,
                             gru_gates_backward,
                             rnn_tanh_backward,
                             rnn_relu,
                             rnn_relu_backward,
                             softmax_loss,
                             softmax_loss_gradient,
                             adam,
                             rmsprop,
                             sgd};

}  // namespace unroll::kernels
