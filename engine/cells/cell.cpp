#include "engine/cells/cell.h"

#include "engine/cells/gru.h"
#include "engine/cells/lstm.h"
#include "engine/cells/rnn.h"

namespace unroll {

const CellTraits* traits_of(std::string_view cell) {
  for (const CellTraits* traits : {&rnn_cell, &lstm_cell, &gru_cell})
    if (cell == traits->name) return traits;
  return nullptr;
}

}  // namespace unroll
