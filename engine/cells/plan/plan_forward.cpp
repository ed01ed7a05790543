// The forward half of a plan: where every value stands, and the programs and products that compute it.
#include <algorithm>
#include <cassert>
#include <numeric>
#include <tuple>

#include "engine/cells/plan/plan_maker.h"

namespace unroll {

using cell_plan::Operands;
using Role = CellArray::Role;
using Entries = CellArray::Entries;

CellPlanMaker::CellPlanMaker(CellPlan& plan)
    : plan_(plan), nodes_(cell_plan::make_nodes(*plan.graph_)), slots_(nodes_.size()) {
  const size_t size = nodes_.size();
  placed_.resize(size), free_.resize(size), fused_.resize(size), reads_.resize(size);
  for (const Node& node : nodes_) {
    cell_plan::each_operand(node, [&](int n) { ++reads_[static_cast<size_t>(n)]; });
    for (const Leaf& leaf : node.leaves)
      if (leaf.operand >= 0) ++reads_[static_cast<size_t>(leaf.operand)];
  }
}

void CellPlanMaker::make() {
  place_states();
  place_products();
  place_values();
  choose_fused();
  place_gradients();
  // Local buffers stand behind all other arrays; how many there are is known when all programs are written.
  write_forward();
  write_backward();
  for (CellPlan::Program& program : plan_.programs_) {
    for (CellSlot& place : program.places)
      if (place.array < 0) place.array = static_cast<int>(plan_.arrays_.size()) - 1 - place.array;
    plan_.most_places_ = std::max(plan_.most_places_, program.places.size());
  }
  for (int i = 0; i < plan_.locals_; ++i)
    plan_.arrays_.push_back({.role = Role::local, .entries = Entries::step});
}

int CellPlanMaker::add_array(const CellArray& array) {
  plan_.arrays_.push_back(array);
  return static_cast<int>(plan_.arrays_.size()) - 1;
}

int CellPlanMaker::levels(Phase phase) const {
  int levels = 0;
  for (const Node& node : nodes_) {
    if (node.phase == phase) levels = std::max(levels, node.level + 1);
    for (const Leaf& leaf : node.leaves)
      if (leaf.phase == phase) levels = std::max(levels, leaf.level + 1);
  }
  return levels;
}

void CellPlanMaker::add_program(CellPlan::Stage& stage, const ProgramText& text) {
  if (text.empty()) return;
  CellPlan::Program& program = plan_.programs_.emplace_back();
  plan_.locals_ = std::max(plan_.locals_, text.finish(program.code, program.places, program.whole_rows));
  stage.push_back({CellPlan::Action::Kind::program, static_cast<int>(plan_.programs_.size()) - 1});
}

// --- Where values stand

void CellPlanMaker::place_states() {
  const CellGraph& graph = *plan_.graph_;
  for (size_t t = 0; t < graph.tensors.size(); ++t)
    if (graph.tensors[t].shape == CellTensor::Shape::matrix_of_input) {
      assert(plan_.input_tensor_ < 0);
      plan_.input_tensor_ = static_cast<int>(t), plan_.input_blocks_ = graph.tensors[t].blocks;
    }
  const int z = add_array({.entries = Entries::steps, .width = std::max(plan_.input_blocks_, 1)});
  assert(z == 0);
  (void)z;
  before_.assign(graph.states.size(), -1);
  for (const CellState& state : graph.states)
    plan_.states_.push_back(add_array({.entries = Entries::states, .width = state.columns(plan_.hidden_)}));
  for (int n = 0; n < count(); ++n) {
    Node& now = node(n);
    const auto put = [&](const CellSlot& slot) {
      slots_[static_cast<size_t>(n)] = slot, placed_[static_cast<size_t>(n)] = true;
    };
    if (now.op == CellOp::before) {
      put({.array = plan_.states_[static_cast<size_t>(now.state)]});
      before_[static_cast<size_t>(now.state)] = n;
    } else if (now.op == CellOp::number) {
      put(number_row(now.value));
    } else if (now.op == CellOp::vector) {
      put(parameter_row(now.weight));
    } else if (now.sets >= 0) {
      put({.array = plan_.states_[static_cast<size_t>(now.sets)], .shift = 1});
    } else if (now.phase == Phase::once) {
      put({.array = add_array({.role = Role::layer, .entries = Entries::row})});
    }
  }
}

CellSlot CellPlanMaker::number_row(double value) {
  for (size_t i = 0; i < plan_.arrays_.size(); ++i) {
    const CellArray& array = plan_.arrays_[i];
    if (array.role == Role::layer && array.is_number && array.value == value)
      return {.array = static_cast<int>(i)};
  }
  return {.array =
              add_array({.role = Role::layer, .entries = Entries::row, .is_number = true, .value = value})};
}

CellSlot CellPlanMaker::parameter_row(const CellParameter& parameter) {
  for (size_t i = 0; i < plan_.arrays_.size(); ++i) {
    const CellArray& array = plan_.arrays_[i];
    if (array.role == Role::parameter && array.parameter.tensor == parameter.tensor &&
        array.parameter.block == parameter.block)
      return {.array = static_cast<int>(i)};
  }
  return {.array = add_array({.role = Role::parameter, .entries = Entries::row, .parameter = parameter})};
}

/// Gives every `linear` node its block of the input part or of an array of its own, and stacks the products.
void CellPlanMaker::place_products() {
  plan_.input_bias_ =
      add_array({.role = Role::layer, .entries = Entries::row, .width = std::max(plan_.input_blocks_, 1)});
  struct Own {
    int node;
    std::tuple<Phase, int, int, int, int> key;  // of its first product: phase, level, operand, tensor, block
  };
  std::vector<Own> own;
  for (int n = 0; n < count(); ++n) {
    Node& now = node(n);
    if (now.op != CellOp::linear) continue;
    placed_[static_cast<size_t>(n)] = true;
    if (now.reads_input()) {
      const int column = now.leaves[0].weight.block;
      slots_[static_cast<size_t>(n)] = {.array = 0, .column = column};
      for (const CellParameter& bias : now.biases) plan_.input_biases_.push_back({column, bias});
      continue;
    }
    const auto key = [](const Leaf& leaf) {
      return std::tuple(leaf.phase, leaf.level, leaf.operand, leaf.weight.tensor, leaf.weight.block);
    };
    std::ranges::sort(now.leaves, {}, key);
    own.push_back({n, key(now.leaves[0])});
  }
  std::ranges::sort(own, {}, &Own::key);
  struct Filled {  // an array of products, and the row of biases with which it begins
    int array, bias;
    Phase phase;
    int level;
  };
  std::vector<Filled> filled;
  std::vector<int> bias_of;  // of each array
  for (size_t i = 0; i < own.size();) {
    const auto same = [&](size_t j) {
      return std::get<0>(own[j].key) == std::get<0>(own[i].key) &&
             std::get<1>(own[j].key) == std::get<1>(own[i].key) &&
             std::get<2>(own[j].key) == std::get<2>(own[i].key);
    };
    size_t end = i;
    bool has_bias = false;
    for (; end < own.size() && same(end); ++end) has_bias |= !node(own[end].node).biases.empty();
    const int width = static_cast<int>(end - i),
              array = add_array({.entries = Entries::steps, .width = width});
    int row = -1;
    if (has_bias) row = add_array({.role = Role::layer, .entries = Entries::row, .width = width});
    bias_of.resize(plan_.arrays_.size(), -1);
    bias_of[static_cast<size_t>(array)] = row;
    if (has_bias) filled.push_back({array, row, std::get<0>(own[i].key), std::get<1>(own[i].key)});
    for (size_t j = i; j < end; ++j) {
      const int column = static_cast<int>(j - i);
      slots_[static_cast<size_t>(own[j].node)] = {.array = array, .column = column};
      for (const CellParameter& bias : node(own[j].node).biases)
        plan_.bias_rows_.push_back({{.array = row, .column = column}, bias});
    }
    i = end;
  }
  for (const CellPlan::InputBias& bias : plan_.input_biases_)
    plan_.bias_rows_.push_back({{.array = plan_.input_bias_, .column = bias.column}, bias.parameter});

  struct Term {
    int node, leaf;
    bool accumulate;
  };
  std::vector<Term> terms;
  for (int n = 0; n < count(); ++n) {
    const Node& now = node(n);
    for (size_t i = 0; i < now.leaves.size(); ++i) {
      if (now.leaves[i].operand < 0) continue;
      const int array = slots_[static_cast<size_t>(n)].array;
      const bool sets = !now.reads_input() && i == 0 && bias_of[static_cast<size_t>(array)] < 0;
      terms.push_back({n, static_cast<int>(i), !sets});
    }
  }
  const auto leaf_of = [&](const Term& term) -> const Leaf& {
    return node(term.node).leaves[static_cast<size_t>(term.leaf)];
  };
  const auto slot_of = [&](const Term& term) { return slots_[static_cast<size_t>(term.node)]; };
  std::ranges::sort(terms, {}, [&](const Term& term) {
    const Leaf& leaf = leaf_of(term);
    return std::tuple(leaf.phase, leaf.level, term.accumulate, leaf.operand, leaf.weight.tensor,
                      leaf.weight.block);
  });
  const auto heads_of = [&](const Leaf& leaf) {
    return plan_.graph_->tensors[static_cast<size_t>(leaf.weight.tensor)].heads;
  };
  for (size_t i = 0; i < terms.size();) {
    const Leaf& first = leaf_of(terms[i]);
    const auto follows = [&](size_t j) {
      const Leaf& leaf = leaf_of(terms[j]);
      const int distance = static_cast<int>(j - i);
      return leaf.phase == first.phase && leaf.level == first.level && leaf.back == first.back &&
             terms[j].accumulate == terms[i].accumulate && leaf.operand == first.operand &&
             leaf.weight.tensor == first.weight.tensor &&
             leaf.weight.block == first.weight.block + distance &&
             slot_of(terms[j]).array == slot_of(terms[i]).array &&
             slot_of(terms[j]).column == slot_of(terms[i]).column + distance &&
             node(terms[j].node).active == node(terms[i].node).active;
    };
    size_t end = i + 1;
    while (end < terms.size() && follows(end)) ++end;
    const bool of_state = node(first.operand).op == CellOp::before;
    plan_.products_.push_back({.weight = first.weight,
                               .blocks = static_cast<int>(end - i),
                               .heads = heads_of(first),
                               .operand = {},
                               .to = slot_of(terms[i]),
                               .operand_gradient = {},
                               .gradient = {},
                               .of_state = of_state,
                               .accumulate = terms[i].accumulate,
                               .active = node(terms[i].node).active});
    std::vector<Stacked>& stack = stacks_.emplace_back();
    for (; i < end; ++i) stack.push_back({terms[i].node, terms[i].leaf});
  }
  // Arrays whose products begin with a bias are filled in the stage and at the level of their first product.
  for (const Filled& fill : filled) {
    ProgramText text;
    for (int column = 0; column < plan_.arrays_[static_cast<size_t>(fill.array)].width; ++column) {
      const CellSlot row{.array = fill.bias, .column = column};
      text.emit(VectorOp::scale, {.array = fill.array, .column = column}, {.a = &row});
    }
    fills_.push_back({fill.phase, fill.level, text});
  }
}

/// Everything else: kept values in the blocks of products that nobody reads any more, or in arrays of their own.
void CellPlanMaker::place_values() {
  for (int n = 0; n < count(); ++n) {
    const size_t at = static_cast<size_t>(n);
    Node& now = node(n);
    if (now.op == CellOp::linear) {
      free_[at] = !now.kept && reads_[at] == 1;
      continue;
    }
    if (placed_[at]) continue;
    const auto give_in_place = [&](int operand) {
      const size_t from = static_cast<size_t>(operand);
      if (placed_[at] || !free_[from] || now.op == CellOp::norm || now.op == CellOp::times) return;
      slots_[at] = slots_[from], placed_[at] = true;
      free_[from] = false, free_[at] = !now.kept && reads_[at] == 1;
    };
    const bool is_sum =
        now.op == CellOp::add && (node(now.a).op == CellOp::linear || free_[static_cast<size_t>(now.a)]);
    if (now.kept || is_sum) cell_plan::each_operand(now, give_in_place);
    if (placed_[at] || !now.kept) continue;
    slots_[at] = {.array = add_array({.entries = Entries::steps})}, placed_[at] = true;
  }
  for (Node& now : nodes_)
    if (now.equation >= 0) {
      plan_.values_.resize(plan_.graph_->equations.size());
      plan_.values_[static_cast<size_t>(now.equation)] = slots_[static_cast<size_t>(&now - nodes_.data())];
    }
  for (size_t i = 0; i < plan_.products_.size(); ++i) {
    const Stacked& first = stacks_[i][0];
    plan_.products_[i].operand =
        slots_[static_cast<size_t>(node(first.node).leaves[static_cast<size_t>(first.leaf)].operand)];
  }
}

/// Products of two values that only a sum reads are computed with it.
void CellPlanMaker::choose_fused() {
  for (int n = 0; n < count(); ++n) {
    const Node& now = node(n);
    if (now.op != CellOp::add && now.op != CellOp::subtract) continue;
    const auto can = [&](int operand, int other) {
      const size_t at = static_cast<size_t>(operand);
      const Node& read = node(operand);
      return (read.op == CellOp::multiply || read.op == CellOp::scaled) && !read.kept && !placed_[at] &&
             reads_[at] == 1 && read.phase == now.phase && read.level == now.level && !is_number(other) &&
             (read.op == CellOp::scaled || (!is_number(read.a) && !is_number(read.b)));
    };
    if (can(now.b, now.a))
      fused_[static_cast<size_t>(now.b)] = true;
    else if (now.op == CellOp::add && can(now.a, now.b))
      fused_[static_cast<size_t>(now.a)] = true;
  }
}

// --- Programs

CellSlot CellPlanMaker::slot(int n) {
  assert(placed_[static_cast<size_t>(n)]);
  return slots_[static_cast<size_t>(n)];
}

template <class Value>
void CellPlanMaker::emit_operation(ProgramText& text, int n, const CellSlot& y, Value value) {
  const Node& now = node(n);
  const auto one = [&](VectorOp op, float k = 1, float l = 0) {
    const CellSlot a = value(now.a);
    text.emit(op, y, {.a = &a, .k = k, .l = l});
  };
  const auto one_of = [&](int operand, VectorOp op, float k, float l = 0) {
    const CellSlot a = value(operand);
    text.emit(op, y, {.a = &a, .k = k, .l = l});
  };
  const auto two = [&](VectorOp op) {
    const CellSlot a = value(now.a), b = value(now.b);
    text.emit(op, y, {.a = &a, .b = &b});
  };
  /// c + k·(the product that `operand` is)
  const auto fused = [&](int operand, int other, float k) {
    const Node& read = node(operand);
    const CellSlot c = value(other), a = value(read.a),
                   b = read.op == CellOp::scaled ? parameter_row(read.weight) : value(read.b);
    text.emit(VectorOp::fma, y, {.a = &a, .b = &b, .c = &c, .k = k});
  };
  const auto is_fused = [&](int operand) { return fused_[static_cast<size_t>(operand)]; };
  switch (now.op) {
    case CellOp::add:
      if (is_number(now.b)) return one_of(now.a, VectorOp::affine, 1, number(now.b));
      if (is_number(now.a)) return one_of(now.b, VectorOp::affine, 1, number(now.a));
      if (is_fused(now.b)) return fused(now.b, now.a, 1);
      if (is_fused(now.a)) return fused(now.a, now.b, 1);
      return two(VectorOp::sum);
    case CellOp::subtract:
      if (is_number(now.b)) return one_of(now.a, VectorOp::affine, 1, -number(now.b));
      if (is_number(now.a)) return one_of(now.b, VectorOp::affine, -1, number(now.a));
      if (is_fused(now.b)) return fused(now.b, now.a, -1);
      return two(VectorOp::subtract);
    case CellOp::multiply:
      if (is_number(now.b)) return one_of(now.a, VectorOp::scale, number(now.b));
      if (is_number(now.a)) return one_of(now.b, VectorOp::scale, number(now.a));
      return two(VectorOp::product);
    case CellOp::divide:
      return two(VectorOp::divide);
    case CellOp::max:
      return two(VectorOp::max);
    case CellOp::min:
      return two(VectorOp::min);
    case CellOp::copy:
      return one(VectorOp::scale);
    case CellOp::negate:
      return one(VectorOp::scale, -1);
    case CellOp::scaled: {
      const CellSlot a = value(now.a), b = parameter_row(now.weight);
      return text.emit(VectorOp::product, y, {.a = &a, .b = &b});
    }
    case CellOp::norm: {
      const CellSlot a = value(now.a), gain = parameter_row(now.weight), shift = parameter_row(now.bias);
      return text.emit(VectorOp::norm, y, {.a = &a, .b = &gain, .c = &shift});
    }
    case CellOp::sum:
    case CellOp::mean:
      return one(VectorOp::unit_sum, share(now), heads(now));
    case CellOp::outer: {
      const CellSlot keep = value(now.a), past = value(now.b), v = value(now.c), key = value(now.d);
      return text.emit(VectorOp::matrix_write, y,
                       {.a = &past, .b = &keep, .c = &v, .d = &key, .l = heads(now)});
    }
    case CellOp::times: {
      const CellSlot a = value(now.a), b = value(now.b);
      return text.emit(VectorOp::matrix_times, y, {.a = &a, .b = &b, .l = heads(now)});
    }
    case CellOp::sigmoid:
      return one(VectorOp::sigmoid);
    case CellOp::tanh:
      return one(VectorOp::tanh);
    case CellOp::relu:
      return one(VectorOp::relu);
    case CellOp::exp:
      return one(VectorOp::exp);
    case CellOp::log:
      return one(VectorOp::log);
    case CellOp::softplus:
      return one(VectorOp::softplus);
    case CellOp::abs:
      return one(VectorOp::abs);
    case CellOp::sqrt:
      return one(VectorOp::sqrt);
    case CellOp::sin:
      return one(VectorOp::sin);
    case CellOp::cos:
      return one(VectorOp::cos);
    case CellOp::input:
    case CellOp::number:
    case CellOp::before:
    case CellOp::linear:
    case CellOp::vector:
      break;  // nothing to compute
  }
}

void CellPlanMaker::emit_node(ProgramText& text, int n) {
  const size_t at = static_cast<size_t>(n);
  if (fused_[at]) return;
  if (!placed_[at]) again_[at] = text.local(), has_again_[at] = true;
  const CellSlot y = has_again_[at] ? again_[at] : slots_[at];
  emit_operation(text, n, y, [&](int m) {
    const size_t from = static_cast<size_t>(m);
    return has_again_[from] ? again_[from] : slot(m);
  });
}

void CellPlanMaker::write_forward() {
  for (const Phase phase : {Phase::once, Phase::ahead, Phase::loop, Phase::behind}) {
    CellPlan::Stage& stage = plan_.forward_[static_cast<size_t>(phase)];
    for (int level = 0; level < levels(phase); ++level) {
      for (const Fill& fill : fills_)
        if (fill.phase == phase && fill.level == level) add_program(stage, fill.text);
      for (size_t i = 0; i < stacks_.size(); ++i) {
        const Leaf& leaf = node(stacks_[i][0].node).leaves[static_cast<size_t>(stacks_[i][0].leaf)];
        if (leaf.phase == phase && leaf.level == level)
          stage.push_back({CellPlan::Action::Kind::product, static_cast<int>(i)});
      }
      ProgramText text;
      again_.assign(nodes_.size(), {}), has_again_.assign(nodes_.size(), false);
      for (int n = 0; n < count(); ++n)
        if (node(n).phase == phase && node(n).level == level) emit_node(text, n);
      add_program(stage, text);
    }
  }
}

CellSlot CellPlanMaker::value_back(ProgramText& text, int n) {
  const size_t at = static_cast<size_t>(n);
  const Node& now = node(n);
  if (placed_[at] && (now.kept || now.phase == Phase::once || now.op == CellOp::before || now.sets >= 0))
    return slots_[at];
  if (has_again_[at]) return again_[at];
  assert(cell_plan::is_cheap(now.op));
  // Operands first: they may need locals of their own.
  const auto value = [&](int m) { return value_back(text, m); };
  const auto fused = fused_;
  fused_.assign(fused_.size(), false);
  const CellSlot y = text.local();
  emit_operation(text, n, y, value);
  fused_ = fused;
  again_[at] = y, has_again_[at] = true;
  return y;
}

}  // namespace unroll
