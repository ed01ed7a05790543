#include "engine/cells/plan.h"

#include <algorithm>
#include <cassert>

#include "engine/cells/plan/plan_maker.h"
#include "engine/cells/shipped.h"
#include "engine/cells/team_kernels.h"

namespace unroll {

using Role = CellArray::Role;
using Entries = CellArray::Entries;

CellPlan::CellPlan(std::shared_ptr<const CellGraph> graph, int hidden, bool derived)
    : graph_(std::move(graph)), hidden_(hidden) {
  const bool is_relu = graph_of("rnn_relu") == graph_;
  if (const CellTraits* traits = is_relu ? traits_of("rnn") : traits_of(graph_->name);
      traits && !derived && (is_relu || graph_of(graph_->name) == graph_))
    make_by_hand(*traits, is_relu);
  else
    CellPlanMaker(*this).make();
  int pieces_so_far = 0;
  for (const Product& product : products_) {
    first_piece_.push_back(pieces_so_far);
    pieces_so_far += pieces(product);
  }
  first_piece_.push_back(pieces_so_far);
  for (int stage = 0; stage < stages; ++stage) {
    forward_divides_[stage] = has_steps_apart(forward_[stage]);
    // Rows of gradients are sums over all streams and steps, in one order: whoever has such goes back alone.
    backward_divides_[stage] = gradient_rows_.empty() && has_steps_apart(backward_[stage]);
  }
}

/// Whether no step of a stage writes what another one reads or writes: states are entries of two steps.
bool CellPlan::has_steps_apart(const Stage& stage) const {
  std::vector<CellSlot> written, used;
  for (const Action& action : stage) {
    const size_t index = static_cast<size_t>(action.index);
    if (action.kind == Action::Kind::program) {
      const Program& program = programs_[index];
      used.insert(used.end(), program.places.begin(), program.places.end());
      for (const kernels::VectorInstruction& now : program.code) written.push_back(program.places[now.y]);
    } else {
      const Product& product = products_[index];
      const bool back = action.kind == Action::Kind::product_back;
      written.push_back(back ? product.operand_gradient : product.to);
      used.insert(used.end(), {product.operand, product.to, product.operand_gradient, product.gradient});
    }
  }
  return std::ranges::none_of(written, [&](const CellSlot& to) {
    return arrays_[static_cast<size_t>(to.array)].entries == Entries::states &&
           std::ranges::any_of(
               used, [&](const CellSlot& slot) { return slot.array == to.array && slot.shift != to.shift; });
  });
}

// --- Memory

void CellMemory::allocate(const CellPlan& plan, std::initializer_list<Role> roles, int steps, int batch) {
  const size_t T = static_cast<size_t>(steps), B = static_cast<size_t>(batch),
               H = static_cast<size_t>(plan.hidden());
  arrays.resize(plan.arrays().size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    const CellArray& array = plan.arrays()[i];
    if (std::ranges::find(roles, array.role) == roles.end()) continue;
    size_t rows = 1;
    switch (array.entries) {
      case Entries::steps:
        rows = T * B;
        break;
      case Entries::states:
        rows = (T + 1) * B;
        break;
      case Entries::alternating:
        rows = 2 * B;
        break;
      case Entries::step:
        rows = B;
        break;
      case Entries::row:
        break;
    }
    const size_t size = array.role == Role::local ? std::max(H, size_t{kernels::vector_block})
                                                  : rows * static_cast<size_t>(array.width) * H;
    if (arrays[i].size() < size) arrays[i].resize(size);
  }
}

void CellScratch::allocate(const CellPlan& plan, int steps, int batch, bool backward) {
  if (backward)
    memory.allocate(plan, {Role::backward, Role::local}, steps, batch);
  else
    memory.allocate(plan, {Role::local}, steps, batch);
  bases.resize(std::max(bases.size(), plan.arrays().size()));
  places.resize(std::max(places.size(), plan.most_places_));
  if (products.empty()) products.resize(1);
}

void CellScratch::allocate_members(const CellPlan& plan, int count) {
  const size_t members_beside = static_cast<size_t>(count - 1);
  for (size_t i = members.size(); i < members_beside; ++i) {
    Member& member = members.emplace_back();
    member.memory.allocate(plan, {Role::local}, 0, 0);
    member.bases.resize(plan.arrays().size());
    member.places.resize(plan.most_places_);
  }
  if (products.size() < static_cast<size_t>(count)) products.resize(static_cast<size_t>(count));
}

uint64_t CellPlan::row_floats(Role role) const {
  uint64_t blocks = 0;
  for (const CellArray& array : arrays_)
    if (array.role == role && (array.entries == Entries::steps || array.entries == Entries::states))
      blocks += static_cast<uint64_t>(array.width);
  return blocks * static_cast<uint64_t>(hidden_);
}

// --- Weights

int CellPlan::pieces(const Product& product) const {
  return product.heads == 1 ? 1 : product.blocks * product.heads;
}

CellPlan::Piece CellPlan::piece(const Product& product, int number) const {
  const int H = hidden_, block = product.weight.block;
  if (product.heads == 1) return {product.blocks * H, H, ptrdiff_t{block} * H * H, 0, 0};
  const int size = H / product.heads, head = number % product.heads, of = number / product.heads;
  return {size, size, (ptrdiff_t{block + of} * H + ptrdiff_t{head} * size) * size, ptrdiff_t{head} * size,
          ptrdiff_t{of} * H + ptrdiff_t{head} * size};
}

CellWeights::CellWeights(std::shared_ptr<const CellPlan> plan, const kernels::Kernels& kernels)
    : plan_(std::move(plan)),
      kernels_(&kernels),
      tensors_(plan_->graph().tensors.size()),
      forward_(static_cast<size_t>(plan_->first_piece_.back())),
      backward_(forward_.size()) {
  rows_.allocate(*plan_, {Role::layer, Role::local}, 1, 1);
  for (size_t i = 0; i < plan_->arrays_.size(); ++i)
    if (plan_->arrays_[i].is_number)
      std::ranges::fill(rows_.arrays[i], static_cast<float>(plan_->arrays_[i].value));
  bases_.resize(plan_->arrays_.size());
  places_.resize(plan_->most_places_);
}

const float* CellWeights::input_bias() const {
  return rows_.arrays[static_cast<size_t>(plan_->input_bias_)].data();
}

namespace {

const float* block_of(std::span<const float* const> tensors, const CellParameter& parameter, int hidden) {
  return tensors[static_cast<size_t>(parameter.tensor)] + ptrdiff_t{parameter.block} * hidden;
}

}  // namespace

struct CellPlan::Context {
  const kernels::Kernels& kernels;
  int batch;
  float** bases;
  kernels::VectorPlace* places;
  const CellWeights& weights;
  ptrdiff_t stream = 0;   ///< the first of those that are worked on
  bool to_states = true;  ///< products also give the gradients of the states before the step

  ptrdiff_t stride(const CellPlan& plan, const CellSlot& slot) const {
    const CellArray& array = plan.arrays_[static_cast<size_t>(slot.array)];
    return array.entries == Entries::row ? 0 : ptrdiff_t{array.width} * plan.hidden_;
  }
  float* at(const CellPlan& plan, const CellSlot& slot, int t) const {
    const CellArray& array = plan.arrays_[static_cast<size_t>(slot.array)];
    ptrdiff_t entry = 0;
    if (array.entries == Entries::steps || array.entries == Entries::states)
      entry = t + slot.shift;
    else if (array.entries == Entries::alternating)
      entry = (t + slot.shift) & 1;
    const bool has_rows = array.entries != Entries::row && array.role != Role::local;
    const ptrdiff_t row = has_rows ? entry * batch + stream : 0;
    return bases[slot.array] + (row * array.width + slot.column) * plan.hidden_;
  }
};

void CellWeights::follow(std::span<const float* const> tensors, uint64_t version, bool backward, Team* team) {
  const CellPlan& plan = *plan_;
  const int H = plan.hidden_;
  const auto pack = [&](std::vector<Copy>& copies, bool back) {
    for (size_t p = 0; p < plan.products_.size(); ++p) {
      const CellPlan::Product& product = plan.products_[p];
      for (int i = 0; i < plan.pieces(product); ++i) {
        Copy& copy = copies[static_cast<size_t>(plan.first_piece_[p] + i)];
        if (copy.version == version) continue;
        const CellPlan::Piece piece = plan.piece(product, i);
        const float* weight = tensors[static_cast<size_t>(product.weight.tensor)] + piece.weight;
        const int k = back ? piece.n : piece.k, n = back ? piece.k : piece.n;
        copy.data.resize(kernels_->packed_size(k, n));
        team_pack(*kernels_, team, weight, piece.k, !back, k, n, copy.data.data());
        copy.version = version;
      }
    }
  };
  if (backward) pack(backward_, true);
  if (version_ == version) return;
  version_ = version;
  pack(forward_, false);
  std::ranges::copy(tensors, tensors_.begin());
  for (const CellPlan::BiasRow& bias : plan.bias_rows_)
    std::fill_n(&rows_.arrays[static_cast<size_t>(bias.row.array)][static_cast<size_t>(bias.row.column * H)],
                H, 0.0f);
  for (const CellPlan::BiasRow& bias : plan.bias_rows_) {
    float* row = &rows_.arrays[static_cast<size_t>(bias.row.array)][static_cast<size_t>(bias.row.column * H)];
    kernels_->add_rows(block_of(tensors, bias.parameter, H), row, H, 1, H);
  }
  for (size_t i = 0; i < bases_.size(); ++i) {
    const CellArray& array = plan.arrays_[i];
    bases_[i] = array.role == Role::parameter ? const_cast<float*>(block_of(tensors, array.parameter, H))
                                              : rows_.arrays[i].data();
  }
  CellPlan::Context context{*kernels_, 1, bases_.data(), places_.data(), *this};
  plan.run(plan.forward_[CellPlan::once], context, 0, 1);
}

// --- Passes

void CellPlan::run_program(const Program& program, Context& c, int t, ptrdiff_t rows) const {
  for (size_t i = 0; i < program.places.size(); ++i) {
    const CellSlot& slot = program.places[i];
    c.places[i] = {c.at(*this, slot, t), c.stride(*this, slot),
                   arrays_[static_cast<size_t>(slot.array)].role == Role::local};
  }
  c.kernels.run_program({program.code.data(), static_cast<int>(program.code.size()), program.whole_rows},
                        c.places, static_cast<int>(rows), hidden_);
}

void CellPlan::run(const Stage& stage, Context& c, int t, ptrdiff_t rows) const {
  const int M = static_cast<int>(rows);
  for (const Action& action : stage) {
    if (action.kind == Action::Kind::program) {
      run_program(programs_[static_cast<size_t>(action.index)], c, t, rows);
      continue;
    }
    const Product& product = products_[static_cast<size_t>(action.index)];
    const bool back = action.kind == Action::Kind::product_back;
    if (back && product.of_state && !c.to_states) continue;
    const CellSlot &from = back ? product.gradient : product.operand,
                   &to = back ? product.operand_gradient : product.to;
    const float* a = c.at(*this, from, t);
    float* y = c.at(*this, to, t);
    const int lda = static_cast<int>(c.stride(*this, from)), ldy = static_cast<int>(c.stride(*this, to));
    const size_t first = static_cast<size_t>(first_piece_[static_cast<size_t>(action.index)]);
    for (int i = 0; i < pieces(product); ++i) {
      const Piece piece = this->piece(product, i);
      const size_t copy = first + static_cast<size_t>(i);
      if (!back) {
        c.kernels.gemm(a + piece.operand, lda, c.weights.forward_[copy].data.data(), y + piece.to, ldy, M,
                       piece.n, piece.k, product.accumulate);
      } else {
        // Several blocks of one head add to the same gradient.
        const bool add = product.accumulate_back || (product.heads > 1 && i >= product.heads);
        c.kernels.gemm(a + piece.to, lda, c.weights.backward_[copy].data.data(), y + piece.operand, ldy, M,
                       piece.k, piece.n, add);
      }
    }
  }
}

namespace {

void find_bases(const CellPlan& plan, const CellPass& pass, const std::vector<float*>& of_weights,
                const CellMemory& locals, std::vector<float*>& bases) {
  const auto of = [](const CellMemory& memory, size_t i) {
    return i < memory.arrays.size() ? const_cast<float*>(memory.arrays[i].data()) : nullptr;
  };
  for (size_t i = 0; i < plan.arrays().size(); ++i) {
    float*& base = bases[i];
    switch (plan.arrays()[i].role) {
      case Role::forward:
        base = pass.forward->arrays[i].data();
        break;
      case Role::backward:
        base = of(pass.scratch->memory, i);
        break;
      case Role::local:
        base = of(locals, i);
        break;
      case Role::layer:
      case Role::parameter:
        base = of_weights[i];
        break;
    }
  }
}

}  // namespace

CellPlan::Context CellPlan::context(const CellPass& pass, int member) const {
  CellScratch& scratch = *pass.scratch;
  CellScratch::Member* own = member > 0 ? &scratch.members[static_cast<size_t>(member - 1)] : nullptr;
  std::vector<float*>& bases = own ? own->bases : scratch.bases;
  find_bases(*this, pass, pass.weights->bases_, own ? own->memory : scratch.memory, bases);
  return {*pass.kernels, pass.batch, bases.data(), own ? own->places.data() : scratch.places.data(),
          *pass.weights};
}

/// A stage over all rows of steps first … last − 1, which do not wait for each other.
void CellPlan::run_rows(const Stage& stage, const CellPass& pass, int first, int last, bool divided) const {
  if (stage.empty()) return;
  divide(divided ? pass.team : nullptr, last - first, 1, [&](ptrdiff_t from, ptrdiff_t to, int member) {
    Context c = context(pass, member);
    run(stage, c, first + static_cast<int>(from), (to - from) * pass.batch);
  });
}

/// body(context, streams) for the streams of each member, which are a group of its own: they have all units.
template <class Body>
void CellPlan::share_steps(const CellPass& pass, int steps, bool divided, Body body) const {
  each_share(*pass.kernels, divided ? pass.team : nullptr, pass.batch, steps, [&](const LoopShare& share) {
    Context c = context(pass, share.group);
    c.stream = share.first_stream;
    body(c, ptrdiff_t{share.streams});
  });
}

void CellPlan::forward(const CellPass& pass, int first, int last) const {
  if (traits_) return forward_by_hand(pass, first, last);
  run_rows(forward_[ahead], pass, first, last, forward_divides_[ahead]);
  if (!forward_[loop].empty())
    share_steps(pass, last - first, true, [&](Context& c, ptrdiff_t streams) {
      for (int t = first; t < last; ++t) run(forward_[loop], c, t, streams);
    });
  run_rows(forward_[behind], pass, first, last, forward_divides_[behind]);
}

void CellPlan::begin_weights(const CellPass& pass) const {
  for (const int row : gradient_rows_)
    std::ranges::fill(pass.scratch->memory.arrays[static_cast<size_t>(row)], 0.0f);
}

void CellPlan::begin_backward(const CellPass& pass, int steps) const {
  begin_weights(pass);
  for (size_t s = 0; s < state_gradients_.size(); ++s) {
    const size_t array = static_cast<size_t>(state_gradients_[s]);
    const ptrdiff_t size = ptrdiff_t{pass.batch} * state_size(static_cast<int>(s));
    if (arrays_[array].entries != Entries::states || zeroed_[s])
      std::fill_n(state_gradient(*pass.scratch, static_cast<int>(s), steps, pass.batch), size, 0.0f);
  }
}

void CellPlan::backward(const CellPass& pass, int first, int last, bool whole) const {
  if (traits_) return backward_by_hand(pass, first, last, whole);
  const ptrdiff_t rows = ptrdiff_t{last - first} * pass.batch;
  for (size_t s = 0; s < state_gradients_.size(); ++s)
    if (zeroed_[s])
      std::fill_n(state_gradient(*pass.scratch, static_cast<int>(s), first, pass.batch),
                  rows * state_size(static_cast<int>(s)), 0.0f);
  // All at once: a product that reads the state before the first step gives that gradient whether it is asked for or not.
  run_rows(backward_[behind], pass, first, last, backward_divides_[behind]);
  if (!backward_[loop].empty())
    share_steps(pass, last - first, gradient_rows_.empty(), [&](Context& c, ptrdiff_t streams) {
      for (int t = last - 1; t >= first; --t) {
        c.to_states = whole || t > 0;
        run(backward_[loop], c, t, streams);
      }
    });
  run_rows(backward_[ahead], pass, first, last, backward_divides_[ahead]);
}

void CellPlan::weight_gradients(const CellPass& pass, int first, int last, int first_stream, int streams,
                                const Summing& who, std::span<float* const> gradients) const {
  assert(sums_by_stream() || (streams == pass.batch && who.member == 0));
  Context c = context(pass, who.member);
  c.stream = first_stream;
  const kernels::Kernels& k = *pass.kernels;
  const int H = hidden_;
  const kernels::Rows rows((last - first) * streams, streams, pass.batch);
  for (const Product& product : products_) {
    if (!product.active) continue;
    float* const gradient = gradients[static_cast<size_t>(product.weight.tensor)];
    const int ldd = static_cast<int>(c.stride(*this, product.gradient)),
              ldx = static_cast<int>(c.stride(*this, product.operand));
    const float *d = c.at(*this, product.gradient, first), *x = c.at(*this, product.operand, first);
    for (int i = 0; i < pieces(product); ++i) {
      const Piece piece = this->piece(product, i);
      team_gemm_tn(k, who.team, pass.scratch->products_of(who), d + piece.to, ldd, x + piece.operand, ldx,
                   gradient + piece.weight, piece.k, piece.n, piece.k, rows);
    }
  }
  run(backward_[once], c, 0, 1);
  for (const RowGradient& one : row_gradients_) {
    float* to = gradients[static_cast<size_t>(one.parameter.tensor)] + ptrdiff_t{one.parameter.block} * H;
    const float* sum = c.at(*this, one.sum, first);
    if (one.of_rows)
      team_sum_rows(k, who.team, sum, static_cast<int>(c.stride(*this, one.sum)), to, rows, H);
    else
      k.add_rows(sum, to, H, 1, H);
  }
}

// --- Where things are

float* CellPlan::state(CellMemory& forward, int state) const {
  return forward.arrays[static_cast<size_t>(states_[static_cast<size_t>(state)])].data();
}
const float* CellPlan::state(const CellMemory& forward, int state) const {
  return forward.arrays[static_cast<size_t>(states_[static_cast<size_t>(state)])].data();
}
float* CellPlan::input_gradient(CellScratch& scratch) const {
  return scratch.memory.arrays[static_cast<size_t>(input_gradient_)].data();
}
float* CellPlan::state_gradient(CellScratch& scratch, int state, int entry, int batch) const {
  const size_t array = static_cast<size_t>(state_gradient(state));
  const Entries entries = arrays_[array].entries;
  const ptrdiff_t at = entries == Entries::alternating ? entry & 1 : entries == Entries::step ? 0 : entry;
  return scratch.memory.arrays[array].data() + at * batch * state_size(state);
}
CellValue CellPlan::value(const CellMemory& forward, const CellWeights& weights, int equation,
                          int batch) const {
  const CellSlot& slot = values_[static_cast<size_t>(equation)];
  const CellArray& array = arrays_[static_cast<size_t>(slot.array)];
  if (array.role != Role::forward)
    return {weights.bases_[static_cast<size_t>(slot.array)] + ptrdiff_t{slot.column} * hidden_, 0};
  const ptrdiff_t stride = ptrdiff_t{array.width} * hidden_;
  return {forward.arrays[static_cast<size_t>(slot.array)].data() + slot.shift * batch * stride +
              ptrdiff_t{slot.column} * hidden_,
          stride};
}

}  // namespace unroll
