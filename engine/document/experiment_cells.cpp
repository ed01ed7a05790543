#include "engine/document/experiment_cells.h"

#include <algorithm>
#include <cassert>

#include "engine/base/utf8.h"
#include "engine/cells/language.h"
#include "engine/cells/memory_gates.h"
#include "engine/cells/shipped.h"
#include "engine/document/experiment_fields.h"

namespace unroll {
namespace {

std::string cell_path(size_t n) { return "cells[" + std::to_string(n) + "]"; }

/// Reads a text, or says what the first thing is that is wrong with it.
Result<std::shared_ptr<const CellGraph>> read(std::string_view text, const std::string& path) {
  if (auto graph = graph_of_text(text)) return graph;
  const CellReading reading = read_cell(text);
  const CellProblem& first = reading.problems.front();
  const std::string place =
      "line " + std::to_string(first.place.line) + ", column " + std::to_string(first.place.column);
  return Error{path.empty() ? place : path + ", " + place, first.found, first.allowed};
}

/// What a lane with this cell carries: empty of one that ships.
std::string equations_of(const Experiment& experiment, std::string_view name) {
  const CellSpec* own = shipped_cell(name) ? nullptr : own_cell(experiment, name);
  return own ? own->text : "";
}

Status check_count(size_t count) {
  if (count <= static_cast<size_t>(Limits::cells)) return ok();
  return Error{"cells", "found a list of " + std::to_string(count),
               "allowed: a list of up to " + std::to_string(Limits::cells) + " texts"};
}

/// Whether one's own cell number n has a name for itself; `name` is what its text says.
Status check_own_name(const Experiment& experiment, size_t n, const std::string& name) {
  const CellSpec& cell = experiment.cells[n];
  const auto shipped = shipped_cell(name);
  if (shipped && shipped->text != cell.text)
    return Error{cell_path(n),
                 "its name is " + name + ", as of the cell that ships, and its equations are others",
                 "give it another name"};
  for (size_t other = 0; other < n; ++other)
    if (experiment.cells[other].name == name)
      return Error{cell_path(n), "its name is " + name + ", as of " + cell_path(other),
                   "give it another name"};
  return ok();
}

bool same(const CellInit& a, const CellInit& b) {
  return a.tensor == b.tensor && a.block == b.block && a.kind == b.kind && a.a == b.a && a.b == b.b;
}

/// The lines of a shipped cell that forget_bias takes the place of; else none.
std::vector<CellInit> forget_inits(const LaneSpec& lane, const CellGraph& graph) {
  const CellEquation* forget = graph.equation("f");
  if (!lane.equations.empty() || !forget) return {};
  const auto inits =
      bias_inits(graph, static_cast<int>(forget - graph.equations.data()), CellInit::Kind::number, 1);
  const bool all = std::ranges::all_of(inits, [&](const CellInit& one) {
    return std::ranges::any_of(graph.inits, [&](const CellInit& init) { return same(init, one); });
  });
  return all ? inits : std::vector<CellInit>();
}

/// The name of a shipped cell's twin with relu.
std::string with_relu(std::string_view cell) { return std::string(cell) + "_relu"; }

}  // namespace

const CellSpec* own_cell(const Experiment& experiment, std::string_view name) {
  const auto found = std::ranges::find(experiment.cells, name, &CellSpec::name);
  return found == experiment.cells.end() ? nullptr : &*found;
}

Status read_cells(Experiment& experiment, const Json& list) {
  if (!list.is_array())
    return Error{"cells", found(list), "allowed: a list of texts, each the equations of a cell"};
  if (const Status status = check_count(list.size()); !status) return status;
  for (size_t n = 0; n < list.size(); ++n) {
    if (!list[n].is_string())
      return Error{cell_path(n), found(list[n]), "allowed: a text, the equations of a cell"};
    auto text = clean_utf8(list[n].get<std::string>());
    if (!text) return Error{cell_path(n) + ", " + text.error().where, text.error().what, text.error().hint};
    const auto graph = read(*text, cell_path(n));
    if (!graph) return graph.error();
    experiment.cells.push_back({(*graph)->name, std::move(*text)});
    if (const Status status = check_own_name(experiment, n, (*graph)->name); !status) return status;
  }
  return ok();
}

Status check_cell_name(const Experiment& experiment, std::string_view name, const std::string& path) {
  if (shipped_cell(name) || own_cell(experiment, name)) return ok();
  const auto words = field("lanes", "cell").words;
  std::vector<const char*> names(words.begin(), words.end());
  for (const CellSpec& cell : experiment.cells) names.push_back(cell.name.c_str());
  return Error{path, found(Json(std::string(name))), suggestion(name, names)};
}

Status fill_in_equations(Experiment& experiment) {
  for (size_t n = 0; n < experiment.lanes.size(); ++n) {
    LaneSpec& lane = experiment.lanes[n];
    const Status status = check_cell_name(experiment, lane.cell, "lanes[" + std::to_string(n) + "].cell");
    if (!status) return status;
    lane.equations = equations_of(experiment, lane.cell);
  }
  return ok();
}

Status check_cells(const Experiment& experiment) {
  if (const Status status = check_count(experiment.cells.size()); !status) return status;
  for (size_t n = 0; n < experiment.cells.size(); ++n) {
    const auto graph = read(experiment.cells[n].text, cell_path(n));
    if (!graph) return graph.error();
    if ((*graph)->name != experiment.cells[n].name)
      return Error{cell_path(n),
                   "is called " + experiment.cells[n].name + ", and its text says " + (*graph)->name,
                   "the text's name is the cell's"};
    if (const Status status = check_own_name(experiment, n, (*graph)->name); !status) return status;
  }
  for (size_t n = 0; n < experiment.lanes.size(); ++n) {
    const LaneSpec& lane = experiment.lanes[n];
    const std::string path = "lanes[" + std::to_string(n) + "].";
    if (const Status status = check_cell_name(experiment, lane.cell, path + "cell"); !status) return status;
    if (lane.equations != equations_of(experiment, lane.cell))
      return Error{path + "equations", "are not those of the cell " + lane.cell, "set_cell changes both"};
    if (lane.chrono > 0 && lane.chrono < Limits::chrono_least)
      return Error{path + "chrono", found(Json(lane.chrono)),
                   "allowed: 0, or from " + std::to_string(Limits::chrono_least) + " on"};
    if (lane.chrono > 0 && !can_chrono(lane))
      return Error{path + "chrono", found(Json(lane.chrono)),
                   "the cell " + lane.cell +
                       " has no gate, a sigmoid with a bias, that its memory is multiplied with: allowed: 0"};
    const int multiple = hidden_multiple(*graph_of(lane));
    if (lane.hidden % multiple != 0)
      return Error{path + "hidden", found(Json(lane.hidden)),
                   "the cell " + lane.cell + " has heads: allowed: multiples of " + std::to_string(multiple)};
  }
  return ok();
}

Result<std::string> set_cell(Experiment& experiment, std::string text) {
  auto clean = clean_utf8(std::move(text));
  if (!clean) return clean.error();
  const auto graph = read(*clean, "");
  if (!graph) return graph.error();
  const std::string name = (*graph)->name;
  if (const auto shipped = shipped_cell(name)) {
    if (shipped->text == *clean) return name;
    return Error{"", "its name is " + name + ", as of the cell that ships, and its equations are others",
                 "give it another name"};
  }
  const auto at = std::ranges::find(experiment.cells, name, &CellSpec::name);
  if (at != experiment.cells.end()) {
    at->text = *clean;
  } else if (const Status status = check_count(experiment.cells.size() + 1); !status) {
    return Error{"", "there are " + std::to_string(Limits::cells) + " cells already",
                 "remove one, or give it the name of one"};
  } else {
    experiment.cells.push_back({name, *clean});
  }
  for (LaneSpec& lane : experiment.lanes)
    if (lane.cell == name) {
      lane.equations = *clean;
      if (!can_chrono(lane)) lane.chrono = 0;
    }
  return name;
}

std::shared_ptr<const CellGraph> graph_of(const LaneSpec& lane) {
  if (!lane.equations.empty()) {
    auto graph = graph_of_text(lane.equations);
    assert(graph);
    return graph;
  }
  if (lane.nonlinearity == Nonlinearity::relu)
    if (auto graph = graph_of(with_relu(lane.cell))) return graph;
  auto graph = graph_of(lane.cell);
  assert(graph);
  return graph;
}

std::vector<CellInit> inits_of(const LaneSpec& lane) {
  const auto graph = graph_of(lane);
  std::vector<CellInit> inits = graph->inits;
  const auto is_of = [](const CellInit& line) {
    return [&line](const CellInit& one) { return one.tensor == line.tensor && one.block == line.block; };
  };
  for (const CellInit& line : forget_inits(lane, *graph)) {
    const auto at = std::ranges::find_if(inits, is_of(line));
    if (!lane.forget_bias) {
      inits.erase(at);
    } else if (at->a != 0) {
      at->a = *lane.forget_bias;
    }
  }
  if (lane.chrono > 0)
    for (const CellInit& line : chrono_inits(*graph, lane.chrono)) {
      const auto at = std::ranges::find_if(inits, is_of(line));
      if (at == inits.end())
        inits.push_back(line);
      else
        *at = line;
    }
  if (lane.init != Init::orthogonal) return inits;
  for (size_t tensor = 0; tensor < graph->tensors.size(); ++tensor) {
    if (graph->tensors[tensor].shape != CellTensor::Shape::matrix) continue;
    for (int block = 0; block < graph->tensors[tensor].blocks; ++block) {
      const CellInit line{static_cast<int>(tensor), block, CellInit::Kind::orthogonal};
      if (std::ranges::none_of(inits, is_of(line))) inits.push_back(line);
    }
  }
  return inits;
}

bool has_nonlinearity(const LaneSpec& lane) {
  return lane.equations.empty() && shipped_cell(with_relu(lane.cell)) != nullptr;
}

bool has_forget_bias(const LaneSpec& lane) {
  return lane.chrono == 0 && !forget_inits(lane, *graph_of(lane)).empty();
}

bool can_chrono(const LaneSpec& lane) { return !memory_gates(*graph_of(lane)).empty(); }

int64_t parameter_count(const LaneSpec& lane, const TaskShape& shape) {
  const auto graph = graph_of(lane);
  const int64_t hidden = lane.hidden, embedding = shape.reals ? 0 : lane.embedding;
  int64_t count = embedding * shape.inputs;  // of one stack of layers
  int input = embedding > 0 ? lane.embedding : shape.inputs;
  for (int layer = 0; layer < lane.layers; ++layer) {
    count += static_cast<int64_t>(parameter_count(*graph, lane.hidden, input));
    input = lane.hidden;
  }
  if (shape.encoder) count *= 2;
  if (shape.attention) count += 2 * hidden * hidden;
  return count + static_cast<int64_t>(shape.outputs) * (hidden + 1);
}

int matching_hidden(LaneSpec lane, const TaskShape& shape, int64_t parameters) {
  const int multiple = hidden_multiple(*graph_of(lane));
  const auto count = [&](int multiples) {
    lane.hidden = multiples * multiple;
    return parameter_count(lane, shape);
  };
  int low = 1,
      high = Limits::hidden / multiple;  // the count rises with hidden: find the first that reaches the wish
  while (low < high) {
    const int middle = (low + high) / 2;
    if (count(middle) < parameters) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return multiple * (low > 1 && parameters - count(low - 1) <= count(low) - parameters ? low - 1 : low);
}

}  // namespace unroll
