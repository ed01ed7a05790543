// Compiled once per instruction set: the compiler's options choose the backend (simd.h), this file fills its table.
#include "engine/kernels/gates.h"
#include "engine/kernels/optimizers.h"
#include "engine/kernels/pack.h"
#include "engine/kernels/program.h"
#include "engine/kernels/softmax.h"
#include "engine/kernels/tables.h"

namespace unroll::kernels {
namespace isa = UNROLL_ISA;

const Kernels UNROLL_TABLE = {
    .name = UNROLL_ISA_NAME,
    .panel = isa::panel,
    .packed_size = isa::packed_size,
    .pack = isa::pack,
    .gemm = isa::gemm,
    .gemm_tn_scratch = isa::gemm_tn_scratch,
    .gemm_tn = isa::gemm_tn,
    .exp = isa::exp_array,
    .tanh = isa::tanh_array,
    .sigmoid = isa::sigmoid_array,
    .add_rows = isa::add_rows,
    .sum_rows = isa::sum_rows,
    .squared_norm = isa::squared_norm,
    .scale = isa::scale,
    .lstm_gates = isa::lstm_gates,
    .lstm_gates_backward = isa::lstm_gates_backward,
    .gru_gates = isa::gru_gates,
    .gru_gates_backward = isa::gru_gates_backward,
    .rnn_tanh_backward = isa::rnn_tanh_backward,
    .rnn_relu = isa::rnn_relu,
    .rnn_relu_backward = isa::rnn_relu_backward,
    .run_program = isa::run_program,
    .softmax_loss = isa::softmax_loss,
    .softmax_loss_gradient = isa::softmax_loss_gradient,
    .adam = isa::adam,
    .rmsprop = isa::rmsprop,
    .sgd = isa::sgd,
};

}  // namespace unroll::kernels
