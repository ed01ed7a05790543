#include "engine/cells/cell.h"

#include "engine/cells/gru.h"
#include "engine/cells/lstm.h"
#include "engine/cells/rnn.h"

namespace unroll {

const CellTraits& cell_traits(Cell cell) {
  switch (cell) {
    case Cell::rnn:
      return rnn_cell;
    case Cell::lstm:
      return lstm_cell;
    case Cell::gru:
      break;
  }
  return gru_cell;
}

}  // namespace unroll
