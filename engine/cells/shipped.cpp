#include "engine/cells/shipped.h"

#include <algorithm>
#include <vector>

#include "engine/cells/language.h"

namespace unroll {

namespace shipped_text {
#define DECLARE(name) extern const char* const name;
UNROLL_SHIPPED_CELLS(DECLARE)
#undef DECLARE
}  // namespace shipped_text

std::span<const ShippedCell> shipped_cells() {
  static const std::vector<ShippedCell> cells = [] {
    std::vector<ShippedCell> all;
#define ADD(name) all.push_back({#name, shipped_text::name, read_cell(shipped_text::name).graph});
    UNROLL_SHIPPED_CELLS(ADD)
#undef ADD
    return all;
  }();
  return cells;
}

const ShippedCell* shipped_cell(std::string_view name) {
  const auto cells = shipped_cells();
  const auto found = std::ranges::find(cells, name, &ShippedCell::name);
  return found == cells.end() ? nullptr : &*found;
}

std::shared_ptr<const CellGraph> graph_of(std::string_view name) {
  const ShippedCell* cell = shipped_cell(name);
  return cell ? cell->graph : nullptr;
}

std::shared_ptr<const CellGraph> graph_of_text(std::string_view text) {
  for (const ShippedCell& cell : shipped_cells())
    if (cell.text == text) return cell.graph;
  constexpr size_t kept = 32;
  thread_local std::vector<std::shared_ptr<const CellGraph>> last;
  const auto found = std::ranges::find_if(last, [&](const auto& graph) { return graph->text == text; });
  if (found != last.end()) return *found;
  const auto graph = read_cell(text).graph;
  if (!graph) return nullptr;
  if (last.size() == kept) last.erase(last.begin());
  last.push_back(graph);
  return graph;
}

}  // namespace unroll
