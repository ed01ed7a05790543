// Layer 1, kernels: everything hot, on raw pointers and strides. Allocates nothing, knows no model.
//
// One source is compiled once per instruction set (plain C++, AVX2, AVX-512, NEON, wasm SIMD128, wasm relaxed
// SIMD); each compilation fills one `Kernels` table. Native binaries choose at run time, wasm binaries hold
// one table beside the plain one. All matrices are row-major float32; `ld…` is the distance between rows in
// floats. No pointer may alias another unless said so. Sizes may be any number ≥ 1: tails are handled inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/rows.h"
#include "engine/kernels/vector_program.h"

namespace unroll::kernels {

/// Numbers of the optimizer's vector loop. Formulas: torch.optim documentation of each class.
struct AdamStep {
  float rate, beta1, beta2, epsilon, weight_decay;
  float bias1, bias2;    ///< 1 − beta1^t, 1 − beta2^t
  bool decoupled;        ///< AdamW
  float gradient_scale;  ///< multiplies the gradient first: clipping by global norm without a pass of its own
};

struct Kernels {
  const char* name;  ///< "plain", "avx2", "avx512", "neon", "wasm-simd", "wasm-relaxed"

  // --- Matrix products. A weight matrix is packed once per optimizer step and then used T times.
  // ---------------

  /// Columns that lie together: those of a packed (K × N) matrix from j on, a multiple of this, begin at its float j·K, and so
  /// many of them, or all the rest, are a packed matrix themselves.
  int panel;
  /// Floats needed by a packed (K × N) matrix.
  size_t (*packed_size)(int k, int n);
  /// Packs B (K × N, row stride ldb) or, with `transposed`, Bᵀ given as (N × K, row stride ldb).
  void (*pack)(const float* b, int ldb, bool transposed, int k, int n, float* packed);
  /// C (M × N) = A (M × K) · B, plus C itself when `accumulate`.
  void (*gemm)(const float* a, int lda, const float* packed, float* c, int ldc, int m, int n, int k,
               bool accumulate);
  /// C (M × N) += Aᵀ · B with A (K × M), B (K × N): weight gradients, K = T·B. Of A and B these K rows, in groups of at most
  /// 256. `scratch` holds at least gemm_tn_scratch(m, n, k) floats.
  size_t (*gemm_tn_scratch)(int m, int n, int k);
  void (*gemm_tn)(const float* a, int lda, const float* b, int ldb, float* c, int ldc, int m, int n, Rows k,
                  float* scratch);

  // --- Element-wise
  // ----------------------------------------------------------------------------------------------

  void (*exp)(const float* x, float* y, size_t n);                       ///< y may be x
  void (*tanh)(const float* x, float* y, size_t n);                      ///< y may be x
  void (*sigmoid)(const float* x, float* y, size_t n);                   ///< y may be x
  void (*add_rows)(const float* row, float* x, int ldx, int m, int n);   ///< each of m rows of x += row
  void (*sum_rows)(const float* x, int ldx, float* row, Rows m, int n);  ///< row += sum over m rows of x
  double (*squared_norm)(const float* x, size_t n);  ///< Σ x², accumulated so that it cannot lose small terms
  void (*scale)(float factor, float* x, size_t n);

  // --- Fused gate passes, one time step, `batch` rows. See engine/cells/by_hand for the equations. Of the H = `hidden` units
  // of a row the first `units` from where each array is given: H, or those of one member of a team.
  // --------------------

  /// z (B × 4H): pre-activations in, activations i f g o out. c_prev, c, tanh_c, h: (B × H).
  void (*lstm_gates)(float* z, const float* c_prev, float* c, float* tanh_c, float* h, int batch, int hidden,
                     int units);
  /// dz (B × 4H) from activations `a`; dh (B × H) is the whole gradient of h; dc (B × H) in: of c from the
  /// future, out: of c_prev.
  void (*lstm_gates_backward)(const float* a, const float* c_prev, const float* tanh_c, const float* dh,
                              float* dc, float* dz, int batch, int hidden, int units);
  /// z (B × 3H): input part of r z n in, activations r z n out. u (B × 3H): hidden part (W_hh h + b_hh); its
  /// n third is kept by the caller for the backward pass. h = (1 − z) n + z h_prev.
  void (*gru_gates)(float* z, const float* u, const float* h_prev, float* h, int batch, int hidden,
                    int units);
  /// From activations a = (r z n) and u: dz (B × 3H), gradient of the input part; du (B × 3H), of the hidden
  /// part; dh (B × H) is the whole gradient of h; its direct share is added to h_prev's: dh_prev += dh · z.
  void (*gru_gates_backward)(const float* a, const float* u, const float* h_prev, const float* dh,
                             float* dh_prev, float* dz, float* du, int batch, int hidden, int units);
  void (*rnn_tanh_backward)(const float* h, const float* dh, float* dz, size_t n);  ///< dz = dh (1 − h²)
  void (*rnn_relu)(const float* x, float* y, size_t n);                             ///< y may be x
  void (*rnn_relu_backward)(const float* h, const float* dh, float* dz, size_t n);  ///< dz = dh where h > 0

  // --- Programs of element-wise operations, see vector_program.h

  /// Runs it over `rows` rows of n floats.
  void (*run_program)(const VectorProgram& program, const VectorPlace* places, int rows, int n);

  // --- Output layer
  // -------------------------------------------------------------------------------------------------

  /// Rows of logits (M × V, stride V) become softmax probabilities; losses[m] = −log p[target], in nats.
  void (*softmax_loss)(float* logits, const int32_t* targets, float* losses, int m, int v);
  /// The same, and the rows become the gradient (p − onehot) · scale of the summed loss.
  void (*softmax_loss_gradient)(float* logits, const int32_t* targets, float* losses, float scale, int m,
                                int v);

  // --- Optimizers: one flat loop over all parameters
  // ------------------------------------------------------------------

  void (*adam)(const AdamStep& step, const float* gradient, float* mean, float* square, float* weight,
               size_t n);
  void (*rmsprop)(float rate, float alpha, float epsilon, float weight_decay, float gradient_scale,
                  const float* gradient, float* square, float* weight, size_t n);
  void (*sgd)(float rate, float momentum, float weight_decay, float gradient_scale, bool first,
              const float* gradient, float* velocity, float* weight,
              size_t n);  ///< velocity = gradient at the first step, as torch.optim.SGD
};

/// The best table for this machine; or what `force` named. Chosen once, at first use.
const Kernels& best();
/// All tables that run on this machine, best first; the last is "plain".
std::span<const Kernels* const> available();
/// Makes best() return the named table; false when it is not available. For tests, benchmarks and --isa.
bool force(const char* name);

}  // namespace unroll::kernels
