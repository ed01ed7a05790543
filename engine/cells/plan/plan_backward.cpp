// The backward half of a plan: the gradient (adjoint) of every node, from those of the nodes that read it. Where a gradient
// has one reader in the same program, it is not written down but handed on as a product of at most two values, which most
// operations of the way back take as they are: σ's needs k·p·q·s(1 − s), one instruction.
#include <algorithm>
#include <cassert>

#include "engine/cells/plan/plan_maker.h"

namespace unroll {

using cell_plan::Operands;
using Role = CellArray::Role;
using Entries = CellArray::Entries;

// --- Where gradients stand

CellSlot CellPlanMaker::gradient_row() {
  const int array = add_array({.role = Role::backward, .entries = Entries::row});
  plan_.gradient_rows_.push_back(array);
  return {.array = array};
}

void CellPlanMaker::weight_row_gradient(const CellParameter& parameter, const CellSlot& row) {
  plan_.row_gradients_.push_back({parameter, row, false});
}

void CellPlanMaker::place_gradients() {
  adjoints_.assign(nodes_.size(), {});
  const size_t arrays = plan_.arrays_.size();
  gradient_array_.assign(arrays, -1);
  // Of products: an array beside each.
  for (int n = 0; n < count(); ++n) {
    if (node(n).op != CellOp::linear) continue;
    const int array = slot(n).array;
    int& gradient = gradient_array_[static_cast<size_t>(array)];
    if (gradient < 0)
      gradient =
          add_array({.role = Role::backward, .width = plan_.arrays_[static_cast<size_t>(array)].width});
  }
  if (gradient_array_[0] < 0)
    gradient_array_[0] = add_array({.role = Role::backward, .width = plan_.arrays_[0].width});
  plan_.input_gradient_ = gradient_array_[0];

  // Of states: of all entries where more than the loop adds to it, else of two.
  const CellGraph& graph = *plan_.graph_;
  std::vector<bool> whole(graph.states.size());
  whole[static_cast<size_t>(graph.output)] = true;
  for (size_t s = 0; s < whole.size(); ++s)
    if (before_[s] < 0 || node(before_[s]).uses == 0) whole[s] = true;
  const auto state_of = [&](int n) { return node(n).op == CellOp::before ? node(n).state : node(n).sets; };
  for (Node& now : nodes_) {
    if (now.sets >= 0 && now.phase != Phase::loop) whole[static_cast<size_t>(now.sets)] = true;
    const auto read = [&](int m, Phase phase) {
      if (state_of(m) >= 0 && phase != Phase::loop) whole[static_cast<size_t>(state_of(m))] = true;
    };
    cell_plan::each_operand(now, [&](int m) { read(m, now.phase); });
    for (const Leaf& leaf : now.leaves)
      if (leaf.operand >= 0) read(leaf.operand, leaf.phase);
  }
  for (size_t s = 0; s < whole.size(); ++s) {
    plan_.state_gradients_.push_back(add_array({.role = Role::backward,
                                                .entries = whole[s] ? Entries::states : Entries::alternating,
                                                .width = graph.states[s].columns(plan_.hidden_)}));
    plan_.zeroed_.push_back(whole[s] && static_cast<int>(s) != graph.output);
  }

  for (int n = 0; n < count(); ++n) {
    Node& now = node(n);
    Adjoint& adjoint = adjoints_[static_cast<size_t>(n)];
    const auto put = [&](const CellSlot& slot, bool initialised) {
      adjoint.has_slot = true, adjoint.initialised = initialised, adjoint.slot = slot;
    };
    if (now.op == CellOp::before || now.sets >= 0) {
      const size_t s = static_cast<size_t>(state_of(n));
      put({.array = plan_.state_gradients_[s], .shift = now.sets >= 0 ? 1 : 0}, now.sets >= 0 || whole[s]);
    } else if (now.op == CellOp::linear) {
      put({.array = gradient_array_[static_cast<size_t>(slot(n).array)], .column = slot(n).column}, false);
      if (!now.reads_input() && now.active)
        for (const CellParameter& bias : now.biases)
          plan_.row_gradients_.push_back({bias, adjoint.slot, true});
    } else if (now.op == CellOp::number) {
      continue;
    } else if (now.phase == Phase::once) {
      if (!now.active) continue;
      put(gradient_row(), true);
      if (now.op == CellOp::vector) weight_row_gradient(now.weight, adjoint.slot);
    } else if (now.across) {
      // Where a block of the input part is read by one function alone, both gradients may stand in one place.
      const bool in_place = now.phase == Phase::ahead && now.a >= 0 && now.b < 0 &&
                            node(now.a).op == CellOp::linear && node(now.a).uses == 1 &&
                            now.op != CellOp::norm && now.op != CellOp::scaled && now.op != CellOp::sum &&
                            now.op != CellOp::mean;
      if (in_place) {
        put({.array = gradient_array_[static_cast<size_t>(slot(now.a).array)], .column = slot(now.a).column},
            false);
        continue;
      }
      bool in_loop = now.phase == Phase::loop;
      for (const Node& reader : nodes_) {
        cell_plan::each_operand(reader, [&](int m) { in_loop &= m != n || reader.phase == Phase::loop; });
        for (const Leaf& leaf : reader.leaves) in_loop &= leaf.operand != n || leaf.phase == Phase::loop;
      }
      // A product's gradient of its operand goes over all rows where the product does.
      put({.array = add_array({.role = Role::backward, .entries = in_loop ? Entries::step : Entries::steps})},
          false);
    }
  }
  for (size_t i = 0; i < plan_.products_.size(); ++i) {
    CellPlan::Product& product = plan_.products_[i];
    const Leaf& leaf = node(stacks_[i][0].node).leaves[static_cast<size_t>(stacks_[i][0].leaf)];
    product.gradient = {.array = gradient_array_[static_cast<size_t>(product.to.array)],
                        .column = product.to.column};
    product.operand_gradient = adjoints_[static_cast<size_t>(leaf.operand)].slot;
  }
}

// --- Programs

void CellPlanMaker::write_backward() {
  write_backward(Phase::behind, plan_.backward_[CellPlan::behind]);
  write_backward(Phase::loop, plan_.backward_[CellPlan::loop]);
  write_backward(Phase::ahead, plan_.backward_[CellPlan::ahead]);
  write_backward(Phase::once, plan_.backward_[CellPlan::once]);
}

void CellPlanMaker::write_backward(Phase phase, CellPlan::Stage& stage) {
  now_ = phase;
  back_products(phase, -1, stage);
  for (int level = levels(phase) - 1; level >= 0; --level) {
    ProgramText text;
    if (phase == Phase::loop && level == levels(phase) - 1) drop_faint(text);
    again_.assign(nodes_.size(), {}), has_again_.assign(nodes_.size(), false);
    for (int n = count() - 1; n >= 0; --n)
      if (node(n).phase == phase && node(n).level == level) differentiate(text, n);
    if (phase == Phase::ahead && level == 0) zero_unused(text);
    add_program(stage, text);
    back_products(phase, level, stage);
  }
}

/// What a step hands to the one before: see drop_faint in engine/kernels/math.h.
void CellPlanMaker::drop_faint(ProgramText& text) {
  for (int n = 0; n < count(); ++n) {
    const Adjoint& adjoint = adjoints_[static_cast<size_t>(n)];
    if (node(n).sets < 0 || node(n).phase != Phase::loop ||
        plan_.graph_->states[static_cast<size_t>(node(n).sets)].heads != 0)
      continue;
    text.emit(VectorOp::drop_faint, adjoint.slot, {.a = &adjoint.slot});
  }
}

/// Blocks of the input part on which no state depends have no gradient.
void CellPlanMaker::zero_unused(ProgramText& text) {
  for (int n = 0; n < count(); ++n)
    if (node(n).op == CellOp::linear && node(n).reads_input() &&
        !adjoints_[static_cast<size_t>(n)].initialised)
      text.emit(VectorOp::fill, adjoints_[static_cast<size_t>(n)].slot, {});
}

void CellPlanMaker::back_products(Phase phase, int level, CellPlan::Stage& stage) {
  for (size_t i = 0; i < stacks_.size(); ++i) {
    CellPlan::Product& product = plan_.products_[i];
    const Leaf& leaf = node(stacks_[i][0].node).leaves[static_cast<size_t>(stacks_[i][0].leaf)];
    if (leaf.phase != phase || leaf.back != level || !product.active) continue;
    Adjoint& adjoint = adjoints_[static_cast<size_t>(leaf.operand)];
    product.accumulate_back = adjoint.initialised;
    adjoint.initialised = true;
    stage.push_back({CellPlan::Action::Kind::product_back, static_cast<int>(i)});
  }
}

/// The gradient of a node, all of whose readers are done.
CellPlanMaker::Form CellPlanMaker::form_of(int n) {
  const Adjoint& adjoint = adjoints_[static_cast<size_t>(n)];
  if (adjoint.lazy) return {adjoint.k, adjoint.p, adjoint.q, adjoint.two};
  assert(adjoint.has_slot && adjoint.initialised);
  return {1, adjoint.slot, {}, false};
}

/// Makes a form of one value out of it.
CellSlot CellPlanMaker::one_slot(ProgramText& text, Form& form) {
  if (form.two) {
    const CellSlot product = text.local();
    text.emit(VectorOp::product, product, {.a = &form.p, .b = &form.q});
    form.p = product, form.two = false;
  }
  return form.p;
}

void CellPlanMaker::contribute(ProgramText& text, int n, Form form) {
  if (is_number(n) || !node(n).active) return;
  Adjoint& adjoint = adjoints_[static_cast<size_t>(n)];
  if (is_row(n) && now_ != Phase::once) {
    text.emit(form.two ? VectorOp::row_product : VectorOp::row_sum, adjoint.slot,
              {.a = &form.p, .b = form.two ? &form.q : nullptr, .k = form.k});
    return;
  }
  if (!adjoint.has_slot && node(n).uses == 1) {
    adjoint.lazy = true, adjoint.k = form.k, adjoint.p = form.p, adjoint.q = form.q, adjoint.two = form.two;
    return;
  }
  contribute(text, n, form.two ? VectorOp::product : VectorOp::scale,
             {.a = &form.p, .b = form.two ? &form.q : nullptr, .k = form.k});
}

/// Sets or adds the result of an operation.
void CellPlanMaker::contribute(ProgramText& text, int n, VectorOp op, const Operands& operands) {
  if (is_number(n) || !node(n).active) return;
  Adjoint& adjoint = adjoints_[static_cast<size_t>(n)];
  Operands with = operands;
  if (is_row(n) && now_ != Phase::once) {
    const CellSlot value = text.local();
    text.emit(op, value, with);
    text.emit(VectorOp::row_sum, adjoint.slot, {.a = &value});
    return;
  }
  if (!adjoint.has_slot) adjoint.has_slot = true, adjoint.slot = text.local();
  with.add = adjoint.initialised;
  text.emit(op, adjoint.slot, with);
  adjoint.initialised = true;
}

void CellPlanMaker::differentiate(ProgramText& text, int n) {
  const Node& now = node(n);
  if (!now.active || now.op == CellOp::before || now.op == CellOp::number || now.op == CellOp::vector ||
      now.op == CellOp::linear)
    return;
  Form form = form_of(n);
  const auto negative = [](Form other) {
    other.k = -other.k;
    return other;
  };
  const auto value = [&](int m) { return value_back(text, m); };
  /// a gets form · factor
  const auto times = [&](int a, const CellSlot& factor, float k = 1) {
    if (is_number(a)) return;
    const CellSlot p = one_slot(text, form);
    contribute(text, a, {form.k * k, p, factor, true});
  };
  /// The derivative of a function, of its value or operand `at`.
  const auto through = [&](VectorOp with_one, VectorOp with_two, const CellSlot& at) {
    if (form.two)
      contribute(text, now.a, with_two, {.a = &form.p, .b = &form.q, .c = &at, .k = form.k});
    else
      contribute(text, now.a, with_one, {.a = &form.p, .b = &at, .k = form.k});
  };
  switch (now.op) {
    case CellOp::add:
      contribute(text, now.a, form), contribute(text, now.b, form);
      break;
    case CellOp::subtract:
      contribute(text, now.a, form), contribute(text, now.b, negative(form));
      break;
    case CellOp::multiply:
      if (is_number(now.a) || is_number(now.b)) {
        const bool first = is_number(now.a);
        form.k *= number(first ? now.a : now.b);
        contribute(text, first ? now.b : now.a, form);
        break;
      }
      if (form.two) one_slot(text, form);
      times(now.a, value(now.b)), times(now.b, value(now.a));
      break;
    case CellOp::divide: {
      const CellSlot b = value(now.b), y = value(n), p = one_slot(text, form);
      contribute(text, now.a, VectorOp::divide, {.a = &p, .b = &b, .k = form.k});
      if (is_number(now.b)) break;
      const CellSlot whole = text.local();
      text.emit(VectorOp::product, whole, {.a = &p, .b = &y});
      contribute(text, now.b, VectorOp::divide, {.a = &whole, .b = &b, .k = -form.k});
      break;
    }
    case CellOp::max:
    case CellOp::min: {
      const int more = now.op == CellOp::max ? now.a : now.b, less = now.op == CellOp::max ? now.b : now.a;
      const CellSlot x = value(more), y = value(less), p = one_slot(text, form), difference = text.local();
      text.emit(VectorOp::subtract, difference, {.a = &x, .b = &y});
      // Of two that are equal the second has it, so that max(a, 0) is relu(a).
      contribute(text, now.a, VectorOp::positive, {.a = &p, .b = &difference, .k = form.k});
      contribute(text, now.b, VectorOp::elsewhere, {.a = &p, .b = &difference, .k = form.k});
      break;
    }
    case CellOp::copy:
      contribute(text, now.a, form);
      break;
    case CellOp::negate:
      contribute(text, now.a, negative(form));
      break;
    case CellOp::sigmoid:
      through(VectorOp::sigmoid_back, VectorOp::sigmoid_back2, value(n));
      break;
    case CellOp::tanh:
      through(VectorOp::tanh_back, VectorOp::tanh_back2, value(n));
      break;
    case CellOp::relu:
      through(VectorOp::positive, VectorOp::positive2, value(n));
      break;
    case CellOp::exp:
      times(now.a, value(n));
      break;
    case CellOp::log: {
      const CellSlot a = value(now.a), p = one_slot(text, form);
      contribute(text, now.a, VectorOp::divide, {.a = &p, .b = &a, .k = form.k});
      break;
    }
    case CellOp::sqrt: {
      const CellSlot y = value(n), p = one_slot(text, form);
      contribute(text, now.a, VectorOp::divide, {.a = &p, .b = &y, .k = form.k / 2});
      break;
    }
    case CellOp::softplus:
    case CellOp::sin:
    case CellOp::cos: {
      const CellSlot a = value(now.a), slope = text.local();
      const bool is_cos = now.op == CellOp::cos;
      text.emit(now.op == CellOp::softplus ? VectorOp::sigmoid
                : is_cos                   ? VectorOp::sin
                                           : VectorOp::cos,
                slope, {.a = &a});
      times(now.a, slope, is_cos ? -1.0f : 1.0f);
      break;
    }
    case CellOp::abs: {
      const CellSlot a = value(now.a), p = one_slot(text, form);
      contribute(text, now.a, VectorOp::sign, {.a = &p, .b = &a, .k = form.k});
      break;
    }
    case CellOp::scaled: {
      const CellSlot weight = parameter_row(now.weight), a = value(now.a), p = one_slot(text, form);
      const CellSlot row = gradient_row();
      weight_row_gradient(now.weight, row);
      if (now_ == Phase::once)
        text.emit(VectorOp::product, row, {.a = &p, .b = &a, .k = form.k, .add = true});
      else
        text.emit(VectorOp::row_product, row, {.a = &p, .b = &a, .k = form.k});
      times(now.a, weight);
      break;
    }
    case CellOp::norm: {
      CellSlot p = one_slot(text, form);
      if (form.k != 1) {
        const CellSlot scaled = text.local();
        text.emit(VectorOp::scale, scaled, {.a = &p, .k = form.k});
        p = scaled;
      }
      const CellSlot a = value(now.a), gain = parameter_row(now.weight), d_gain = gradient_row(),
                     d_shift = gradient_row();
      weight_row_gradient(now.weight, d_gain), weight_row_gradient(now.bias, d_shift);
      contribute(text, now.a, VectorOp::norm_back, {.a = &a, .b = &gain, .c = &p, .d = &d_gain});
      text.emit(VectorOp::row_sum, d_shift, {.a = &p});
      break;
    }
    case CellOp::sum:
    case CellOp::mean: {
      const CellSlot p = one_slot(text, form);
      contribute(text, now.a, VectorOp::unit_sum, {.a = &p, .k = form.k * share(now), .l = heads(now)});
      break;
    }
    case CellOp::times: {
      const CellSlot matrix = value(now.a), b = value(now.b), p = one_slot(text, form);
      contribute(text, now.a, VectorOp::matrix_outer, {.a = &p, .b = &b, .k = form.k, .l = heads(now)});
      contribute(text, now.b, VectorOp::matrix_times_back,
                 {.a = &matrix, .b = &p, .k = form.k, .l = heads(now)});
      break;
    }
    case CellOp::outer: {
      const CellSlot keep = value(now.a), past = value(now.b), v = value(now.c), key = value(now.d);
      const CellSlot d = form.p;  // a matrix stands in its state's gradient
      contribute(text, now.a, VectorOp::matrix_dots, {.a = &d, .b = &past, .l = heads(now)});
      contribute(text, now.c, VectorOp::matrix_times, {.a = &d, .b = &key, .l = heads(now)});
      contribute(text, now.d, VectorOp::matrix_times_back, {.a = &d, .b = &v, .l = heads(now)});
      contribute(text, now.b, VectorOp::matrix_scale, {.a = &d, .b = &keep, .l = heads(now)});
      break;
    }
    case CellOp::input:
    case CellOp::number:
    case CellOp::before:
    case CellOp::linear:
    case CellOp::vector:
      break;
  }
}

}  // namespace unroll
