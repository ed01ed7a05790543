// The cells that come with Unroll, each a file engine/cells/shipped/NAME.cell and a line here, in the order of menus and
// lists. The build makes their texts part of the program (shipped.cmake).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/cells/graph.h"

// rnn_relu is the rnn whose "nonlinearity" is relu: of the same tensors.
#define UNROLL_SHIPPED_CELLS(CELL) \
  CELL(rnn)                        \
  CELL(rnn_relu)                   \
  CELL(lstm)                       \
  CELL(gru)                        \
  CELL(lstm1997)                   \
  CELL(peephole)                   \
  CELL(cifg)                       \
  CELL(lnlstm)                     \
  CELL(gru_before)                 \
  CELL(irnn)                       \
  CELL(indrnn)                     \
  CELL(mingru)                     \
  CELL(minlstm)                    \
  CELL(slstm)                      \
  CELL(mlstm)                      \
  CELL(lru)

namespace unroll {

struct ShippedCell {
  std::string_view name, text;
  std::shared_ptr<const CellGraph> graph;
};

/// All of them.
std::span<const ShippedCell> shipped_cells();
/// Null where none is called so.
const ShippedCell* shipped_cell(std::string_view name);

/// The graph of a shipped cell; null where none is called so.
std::shared_ptr<const CellGraph> graph_of(std::string_view name);
/// The graph of a text, the same object for the same text while a thread's last texts are kept; null where the text has
/// problems (read_cell tells them). A shipped cell's text gives its graph.
std::shared_ptr<const CellGraph> graph_of_text(std::string_view text);

}  // namespace unroll
