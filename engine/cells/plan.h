// How a cell is run: its graph (graph.h), made once into lists of matrix products and vector programs
// (engine/kernels/vector_program.h), forward and backward. A plan is immutable and shared; it owns no memory of a pass.
// May use engine/base and engine/kernels.
//
// Sizes: T time steps, B batch, H hidden_size, Gx blocks of H rows in the weights of x. The products of all blocks with x
// and every bias that can be added to them are the input part, z (T, B, Gx·H), which the caller puts into array 0 before
// forward and whose gradient it finds in input_gradient() after backward. From it a pass goes on in phases: what depends on
// no state, for all rows together; the loop over time, in each step one product for each matrix and state, which adds to z
// where the equations say lin(x) + lin(h[t-1]), and short programs over what lies in the cache; what no step reads, for all
// rows again. Backward is derived node by node and goes the other way; the gradients of matrices are one product each after
// the loop. A pass allocates nothing.
//
// A team (engine/base/team.h) divides a pass by streams; a loop by hand also by units where the weights are large or the
// streams few; what waits for no step by time; weight gradients by their rows.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/array.h"
#include "engine/base/team.h"
#include "engine/cells/by_hand/cell.h"
#include "engine/cells/graph.h"
#include "engine/kernels/kernels.h"

namespace unroll {

/// An array of a pass, (entries, B, width·H), or a part of it `column` blocks from its left.
struct CellArray {
  enum class Role : uint8_t {
    forward,    ///< of each layer; written forward, read backward and by probes
    backward,   ///< gradients; layers may use the same, one after the other
    layer,      ///< one row of what follows from the parameters alone
    parameter,  ///< one row: a block of a vector
    local       ///< a buffer of max(vector_block, H) floats
  };
  enum class Entries : uint8_t {
    steps,        ///< T
    states,       ///< T + 1: entry t is before step t, entry t + 1 after it
    alternating,  ///< 2: what is of entry t stands in t mod 2
    step,         ///< 1, used anew in every step
    row           ///< 1 of one row, whatever B
  };
  Role role = Role::forward;
  Entries entries = Entries::steps;
  int width = 1;
  CellParameter parameter = {};  ///< of a parameter
  bool is_number = false;        ///< a row of the layer with `value` in every place
  double value = 0;
};
struct CellSlot {
  int array = 0;
  int column = 0;
  int shift = 0;  ///< 1: entry t + 1 where step t is meant
};

class CellPlan;

/// Memory of arrays of one or two roles, for passes of at most T steps.
struct CellMemory {
  std::vector<FloatArray> arrays;  ///< by the number of the array; empty where it is of another role
  void allocate(const CellPlan& plan, std::initializer_list<CellArray::Role> roles, int steps, int batch);
};

/// The parameters of one layer in the forms that passes read. Made anew, as far as they are asked for, when `version` is
/// another one than at the last time.
class CellWeights {
 public:
  CellWeights(std::shared_ptr<const CellPlan> plan, const kernels::Kernels& kernels);

  /// `tensors`: the parameters, by the number of the tensor in the graph.
  void follow(std::span<const float* const> tensors, uint64_t version, bool backward, Team* team = nullptr);
  /// The bias of the input part, (Gx·H).
  const float* input_bias() const;

 private:
  friend class CellPlan;
  struct Copy {
    uint64_t version = 0;
    FloatArray data;
  };
  std::shared_ptr<const CellPlan> plan_;
  const kernels::Kernels* kernels_;
  uint64_t version_ = 0;
  CellMemory rows_;  // of the role `layer`
  std::vector<const float*> tensors_;
  std::vector<Copy> forward_, backward_;  // packed, by the number of the product
  std::vector<float*> bases_;
  std::vector<kernels::VectorPlace> places_;
};

/// Who sums gradients: all of a team together (null: one alone), or one of its members while the others sum other streams'.
struct Summing {
  Team* team = nullptr;
  int member = 0;
};

/// What a pass over one layer works on. All of it is the caller's; the same `scratch` may serve all layers.
struct CellScratch {
  CellMemory memory;          ///< backward and local arrays
  std::vector<float*> bases;  ///< where each array begins, in this pass
  std::vector<kernels::VectorPlace> places;
  /// The same of each further member of a team, with buffers of its own.
  struct Member {
    CellMemory memory;
    std::vector<float*> bases;
    std::vector<kernels::VectorPlace> places;
  };
  std::vector<Member> members;
  std::vector<FloatArray> products;  ///< of gemm_tn, by member
  /// Those of whoever sums.
  std::span<FloatArray> products_of(const Summing& who) {
    return who.team ? std::span(products) : std::span(products).subspan(static_cast<size_t>(who.member), 1);
  }
  void allocate(const CellPlan& plan, int steps, int batch, bool backward);
  /// Room for a team of so many.
  void allocate_members(const CellPlan& plan, int members);
};
struct CellPass {
  const kernels::Kernels* kernels = nullptr;
  int batch = 0;
  CellMemory* forward = nullptr;
  CellScratch* scratch = nullptr;
  CellWeights* weights = nullptr;
  Team* team = nullptr;  ///< scratch has room for it
};

/// A value of every step, read-only: row t·B + b begins at data + (t·B + b)·stride.
struct CellValue {
  const float* data = nullptr;
  ptrdiff_t stride = 0;  ///< 0: the same in every row
};

class CellPlan {
 public:
  /// The graph must have passed the checks of language.h, and `hidden` be a multiple of all its heads. The loops of rnn,
  /// lstm and gru are those written by hand (cell.h), unless all shall be `derived` from the equations.
  CellPlan(std::shared_ptr<const CellGraph> graph, int hidden, bool derived = false);

  const CellGraph& graph() const { return *graph_; }
  int hidden() const { return hidden_; }
  bool is_by_hand() const { return traits_; }
  std::span<const CellArray> arrays() const { return arrays_; }

  // --- The input part
  int input_blocks() const { return input_blocks_; }  ///< Gx
  int input_tensor() const { return input_tensor_; }  ///< of the graph, all of its blocks in order; −1: none
  struct InputBias {
    int column;
    CellParameter parameter;
  };
  /// Which biases are added to which blocks; its gradient is the sum of the block's over all rows.
  std::span<const InputBias> input_biases() const { return input_biases_; }

  /// Steps first … last − 1. Entry 0 of the states must be there for first = 0, the input part for these steps.
  void forward(const CellPass&, int first, int last) const;
  /// Steps last − 1 … first. Before the call for the last steps: begin_backward. The gradient of the output state must be
  /// complete from above for entries first + 1 … last, in entry 0 it must be 0. Stops short of entry 0 unless `whole`:
  /// truncated backpropagation does not need that gradient.
  void begin_backward(const CellPass&, int steps) const;
  void backward(const CellPass&, int first, int last, bool whole = false) const;
  /// After backward through steps first … last − 1: adds the gradients of all tensors to `gradients`, by their numbers, but
  /// not those of the input tensor and of input_biases(). Steps that other weights have read are a part of their own: before
  /// going back through these, begin_weights. Of these streams, where the plan knows theirs apart (sums_by_stream), else of all.
  void weight_gradients(const CellPass&, int first, int last, int first_stream, int streams, const Summing&,
                        std::span<float* const> gradients) const;
  /// Whether weight_gradients can be asked for some streams: not where the loops themselves sum over all of them.
  bool sums_by_stream() const { return gradient_rows_.empty() && backward_[once].empty(); }
  void begin_weights(const CellPass&) const;

  /// What a member of a team does of the loops over a batch; without streams: nothing. Who writes what a loop reads, or reads
  /// what it writes, does best to share it alike: then it is in the member's own caches.
  LoopShare share(const kernels::Kernels&, Team&, int batch, int member) const;
  /// body(share) for each member that has one; without a team, or for a single step, once for all.
  template <class Body>
  void each_share(const kernels::Kernels& kernels, Team* team, int batch, int steps, const Body& body) const {
    if (!team || team->size() == 1 || steps <= 1) return body(LoopShare{0, batch, 0, hidden_});
    team->run([&](int member) {
      const LoopShare own = share(kernels, *team, batch, member);
      if (own.streams > 0) body(own);
    });
  }

  /// Whether no two members have the same streams.
  bool shares_streams(const kernels::Kernels& kernels, Team* team, int batch) const {
    return !team || team->size() == 1 || share(kernels, *team, batch, 0).members == 1;
  }
  /// body(first, rows) for stretches of rows t·B + b: those of a member's own streams, or where streams are shared as many for
  /// each.
  template <class Body>
  void each_rows(const kernels::Kernels& kernels, Team* team, int batch, int steps, const Body& body) const {
    if (!shares_streams(kernels, team, batch))
      return divide(team, ptrdiff_t{steps} * batch, 16, [&](ptrdiff_t first, ptrdiff_t last, int) {
        body(first, static_cast<int>(last - first));
      });
    each_share(kernels, team, batch, steps, [&](const LoopShare& own) {
      if (own.streams == batch) return body(ptrdiff_t{0}, steps * batch);
      for (ptrdiff_t t = 0; t < steps; ++t) body(t * batch + own.first_stream, own.streams);
    });
  }

  // --- Where things are
  float* input_part(CellMemory& forward) const { return forward.arrays[0].data(); }
  /// Floats of a state of one stream: H, of a matrix H · H / heads, as graph.h lays it out.
  int state_size(int state) const {
    return arrays_[static_cast<size_t>(states_[static_cast<size_t>(state)])].width * hidden_;
  }
  float* state(CellMemory& forward, int state) const;  ///< (T + 1, B, state_size)
  const float* state(const CellMemory& forward, int state) const;
  float* input_gradient(CellScratch& scratch) const;
  /// The gradient of a state, as arrays()[state_gradient(s)] says.
  int state_gradient(int state) const { return state_gradients_[static_cast<size_t>(state)]; }
  /// The gradient of a state after (entry t + 1) or before (entry t) step t, (B, state_size).
  float* state_gradient(CellScratch& scratch, int state, int entry, int batch) const;
  CellValue value(const CellMemory& forward, const CellWeights& weights, int equation, int batch) const;

  /// Floats of one row of T·B, of all arrays of a role that have one for each step.
  uint64_t row_floats(CellArray::Role role) const;

 private:
  friend class CellWeights;
  friend struct CellScratch;
  friend class CellPlanMaker;

  struct Program {
    std::vector<kernels::VectorInstruction> code;
    std::vector<CellSlot> places;
    bool whole_rows = false;
  };
  /// Blocks of one matrix times one operand, added to blocks that lie side by side.
  struct Product {
    CellParameter weight;  ///< the first block
    int blocks = 1;
    int heads = 1;
    CellSlot operand, to, operand_gradient, gradient;
    bool of_state = false;   ///< the operand is a state before the step
    bool accumulate = true;  ///< forward
    bool accumulate_back = true;
    bool active = true;
  };
  struct Piece {  ///< one matrix product of a Product
    int n, k;
    ptrdiff_t weight, operand, to;  ///< offsets
  };
  struct Action {
    enum class Kind : uint8_t { program, product, product_back } kind = Kind::program;
    int index = 0;
  };
  struct RowGradient {  ///< what is added to a block of a vector at the end
    CellParameter parameter;
    CellSlot sum;          ///< one row, or
    bool of_rows = false;  ///< the sum over all rows of it
  };
  using Stage = std::vector<Action>;
  enum { once, ahead, loop, behind, stages };

  void make_by_hand(const CellTraits& traits, bool relu);
  void forward_by_hand(const CellPass&, int first, int last) const;
  void backward_by_hand(const CellPass&, int first, int last, bool whole) const;
  LoopPass loop_pass(const CellPass&) const;
  LoopWeights loop_weights(const CellPass&) const;

  struct Context;
  Context context(const CellPass&, int member) const;
  bool has_steps_apart(const Stage&) const;
  void run_rows(const Stage&, const CellPass&, int first, int last, bool divided) const;
  template <class Body>
  void share_steps(const CellPass&, int steps, bool divided, Body body) const;
  void run(const Stage&, Context&, int t, ptrdiff_t rows) const;
  void run_program(const Program&, Context&, int t, ptrdiff_t rows) const;
  int pieces(const Product&) const;
  Piece piece(const Product&, int number) const;

  std::shared_ptr<const CellGraph> graph_;
  int hidden_ = 0;
  int input_blocks_ = 0, input_tensor_ = -1;
  std::vector<InputBias> input_biases_;
  std::vector<CellArray> arrays_;
  std::vector<Program> programs_;
  std::vector<Product> products_;
  Stage forward_[stages], backward_[stages];
  bool forward_divides_[stages] = {}, backward_divides_[stages] = {};
  std::vector<int> first_piece_;               // of each product: its place among all packed copies
  std::vector<CellSlot> values_;               // of each equation
  std::vector<int> states_, state_gradients_;  // arrays, by state
  std::vector<bool> zeroed_;  // states whose gradient is 0 before anything is added, in every entry
  struct BiasRow {
    CellSlot row;
    CellParameter parameter;
  };
  std::vector<BiasRow> bias_rows_;  // what is added to which row of the role `layer`
  std::vector<RowGradient> row_gradients_;
  std::vector<int> gradient_rows_;  // backward arrays that begin at 0
  int input_gradient_ = -1, input_bias_ = -1;
  size_t most_places_ = 0;
  int locals_ = 0;

  // Of a loop by hand: what it keeps beside input part and states, and its hidden part.
  const CellTraits* traits_ = nullptr;
  bool relu_ = false;
  int kept_ = -1, hidden_bias_ = -1, hidden_gradient_ = -1;
};

}  // namespace unroll
