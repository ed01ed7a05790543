#include "engine/cells/plan/plan_program.h"

namespace unroll::cell_plan {

uint16_t ProgramText::place(const CellSlot& slot) {
  size_t i = 0;
  for (; i < places_.size(); ++i) {
    const CellSlot& known = places_[i];
    if (known.array == slot.array && known.column == slot.column && known.shift == slot.shift) break;
  }
  if (i == places_.size()) places_.push_back(slot);
  return static_cast<uint16_t>(i);
}

void ProgramText::emit(VectorOp op, const CellSlot& y, const Operands& operands) {
  VectorInstruction now{.op = op, .add = operands.add, .k = operands.k, .l = operands.l};
  std::vector<uint16_t> used;
  const auto put = [&](const CellSlot* slot, uint16_t& number, bool is_used = true) {
    number = place(slot ? *slot : y);
    if (slot && is_used) used.push_back(number);
  };
  put(&y, now.y), put(operands.a, now.a), put(operands.b, now.b), put(operands.c, now.c),
      put(operands.d, now.d);
  code_.push_back(now), used_.push_back(std::move(used));
}

int ProgramText::finish(std::vector<VectorInstruction>& code, std::vector<CellSlot>& places,
                        bool& whole_rows) const {
  code = code_, places = places_, whole_rows = false;
  for (const VectorInstruction& now : code) whole_rows |= kernels::works_on_whole_rows(now.op);
  std::vector<size_t> last(places.size(), 0);
  for (size_t i = 0; i < used_.size(); ++i)
    for (const uint16_t number : used_[i]) last[number] = i;
  // A buffer is free again with the instruction that reads it last, which may write its result there if it goes through its
  // operands one by one.
  // In the text itself a local is −1 − its number, so all of them are found by their first instruction.
  std::vector<size_t> busy_until;
  std::vector<bool> given(places.size(), false);
  for (size_t i = 0; i < code.size(); ++i) {
    const uint16_t y = code[i].y;
    if (places_[y].array >= 0 || given[y]) continue;
    size_t buffer = 0;
    const size_t needed = kernels::works_on_whole_rows(code[i].op) && i > 0 ? i - 1 : i;
    while (buffer < busy_until.size() && busy_until[buffer] > needed) ++buffer;
    if (buffer == busy_until.size()) busy_until.push_back(0);
    busy_until[buffer] = last[y];
    given[y] = true;
    places[y].array = -1 - static_cast<int>(buffer);
  }
  return static_cast<int>(busy_until.size());
}

}  // namespace unroll::cell_plan
