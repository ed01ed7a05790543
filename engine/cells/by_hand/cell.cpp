#include "engine/cells/by_hand/cell.h"

#include "engine/cells/by_hand/gru.h"
#include "engine/cells/by_hand/lstm.h"
#include "engine/cells/by_hand/rnn.h"

namespace unroll {

const CellTraits* traits_of(std::string_view cell) {
  for (const CellTraits* traits : {&rnn_cell, &lstm_cell, &gru_cell})
    if (cell == traits->name) return traits;
  return nullptr;
}

}  // namespace unroll
