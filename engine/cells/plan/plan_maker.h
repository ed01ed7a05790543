// Inside the plan of a cell: makes it. Forward: plan_forward.cpp, backward: plan_backward.cpp.
#pragma once

#include "engine/cells/plan.h"
#include "engine/cells/plan/plan_nodes.h"
#include "engine/cells/plan/plan_program.h"

namespace unroll {

class CellPlanMaker {
 public:
  explicit CellPlanMaker(CellPlan& plan);
  void make();

 private:
  using Node = cell_plan::Node;
  using Leaf = cell_plan::Leaf;
  using Phase = cell_plan::Phase;
  using VectorOp = cell_plan::VectorOp;
  using ProgramText = cell_plan::ProgramText;

  Node& node(int n) { return nodes_[static_cast<size_t>(n)]; }
  int count() const { return static_cast<int>(nodes_.size()); }
  int add_array(const CellArray& array);
  bool is_number(int n) { return n >= 0 && node(n).op == CellOp::number; }
  float number(int n) { return static_cast<float>(node(n).value); }
  /// Of what goes across units, as an instruction has it, and the factor of its sum.
  static float heads(const Node& node) { return static_cast<float>(node.heads); }
  float share(const Node& node) const {
    return node.op == CellOp::mean ? heads(node) / static_cast<float>(plan_.hidden_) : 1;
  }
  int levels(Phase phase) const;
  void add_program(CellPlan::Stage& stage, const ProgramText& text);

  // --- Forward
  void place_states();
  void place_products();
  void place_values();
  void choose_fused();
  void write_forward();
  void emit_node(ProgramText& text, int n);
  /// Writes the operation of a node into `y`, its operands from `value`.
  template <class Value>
  void emit_operation(ProgramText& text, int n, const CellSlot& y, Value value);
  CellSlot number_row(double value);
  CellSlot parameter_row(const CellParameter& parameter);
  CellSlot slot(int n);  ///< where a value stands that is no local of a program

  // --- Backward
  struct Adjoint {
    bool has_slot = false, initialised = false, lazy = false;
    CellSlot slot;
    float k = 1;  // lazy: k·p or, with `two`, k·p·q
    CellSlot p, q;
    bool two = false;
  };
  /// k·p or, with `two`, k·p·q: a gradient that is written down by whoever needs it.
  struct Form {
    float k = 1;
    CellSlot p, q;
    bool two = false;
  };
  void place_gradients();
  void write_backward();
  void write_backward(Phase phase, CellPlan::Stage& stage);
  void drop_faint(ProgramText& text);
  void zero_unused(ProgramText& text);
  void back_products(Phase phase, int level, CellPlan::Stage& stage);
  void differentiate(ProgramText& text, int n);
  Form form_of(int n);
  CellSlot one_slot(ProgramText& text, Form& form);
  void contribute(ProgramText& text, int n, Form form);
  void contribute(ProgramText& text, int n, VectorOp op, const cell_plan::Operands& operands);
  CellSlot value_back(ProgramText& text, int n);
  bool is_row(int n) { return node(n).phase == Phase::once; }
  CellSlot gradient_row();
  void weight_row_gradient(const CellParameter& parameter, const CellSlot& row);

  CellPlan& plan_;
  std::vector<Node> nodes_;
  std::vector<CellSlot> slots_;  // of each node
  std::vector<bool> placed_, free_, fused_;
  std::vector<int> reads_;  // by active and other nodes
  struct Stacked {
    int node, leaf;
  };
  std::vector<std::vector<Stacked>> stacks_;  // of each product: its leaves
  struct Fill {                               // puts the biases where products are added to them
    Phase phase;
    int level;
    ProgramText text;
  };
  std::vector<Fill> fills_;
  std::vector<int> before_;          // of each state: its node, −1
  std::vector<int> gradient_array_;  // of each array with products in it
  std::vector<Adjoint> adjoints_;
  std::vector<CellSlot> again_;  // values computed again in the program that is written
  std::vector<bool> has_again_;
  Phase now_ = Phase::once;
};

}  // namespace unroll
