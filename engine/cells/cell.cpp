#include "engine/cells/cell.h"

#include <cassert>

#include "engine/cells/gru.h"
#include "engine/cells/lstm.h"
#include "engine/cells/rnn.h"

namespace unroll {

const CellTraits& cell_traits(std::string_view cell) {
  if (cell == "rnn") return rnn_cell;
  if (cell == "lstm") return lstm_cell;
  assert(cell == "gru");
  return gru_cell;
}

}  // namespace unroll
