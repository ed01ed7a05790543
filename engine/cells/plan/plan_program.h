// Inside the plan of a cell: a vector program while it is written. Values that only the program itself needs are local:
// they get numbers as they come, and buffers when all is written.
#pragma once

#include <vector>

#include "engine/cells/plan.h"

namespace unroll::cell_plan {

using kernels::VectorInstruction;
using kernels::VectorOp;

/// Operands of an instruction; those that it does not have are null.
struct Operands {
  const CellSlot *a = nullptr, *b = nullptr, *c = nullptr, *d = nullptr;
  float k = 1, l = 0;
  bool add = false;
};

class ProgramText {
 public:
  bool empty() const { return code_.empty(); }
  /// A local value.
  CellSlot local() { return {.array = -1 - locals_++}; }
  void emit(VectorOp op, const CellSlot& y, const Operands& operands);

  /// The code, and its places, in which buffer k stands as array −1 − k. Returns how many of these it needs.
  int finish(std::vector<VectorInstruction>& code, std::vector<CellSlot>& places, bool& whole_rows) const;

 private:
  uint16_t place(const CellSlot& slot);

  std::vector<VectorInstruction> code_;
  std::vector<std::vector<uint16_t>> used_;  // places of each instruction
  std::vector<CellSlot> places_;
  int locals_ = 0;
};

}  // namespace unroll::cell_plan
