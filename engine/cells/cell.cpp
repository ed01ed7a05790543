#include "engine/cells/cell.h"

#include <cassert>

#include "engine/cells/gru.h"
#include "engine/cells/lstm.h"
#include "engine/cells/rnn.h"

namespace unroll {

const CellTraits* traits_of(std::string_view cell) {
  for (const CellTraits* traits : {&rnn_cell, &lstm_cell, &gru_cell})
    if (cell == traits->name) return traits;
  return nullptr;
}

const CellTraits& cell_traits(std::string_view cell) {
  const CellTraits* traits = traits_of(cell);
  assert(traits);
  return *traits;
}

}  // namespace unroll
