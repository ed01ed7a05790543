// What an experiment says of cells, checked. Internal to the engine's experiment files.
#pragma once

#include "engine/base/json.h"
#include "engine/document/experiment.h"

namespace unroll {

/// "cells" of a document: a list of texts.
Status read_cells(Experiment&, const Json& list);
/// Whether the experiment has a cell of that name, its own or one that ships.
Status check_cell_name(const Experiment&, std::string_view name, const std::string& path);
/// Gives every lane the equations of the cell that it names. Errors as check_cell_name.
Status fill_in_equations(Experiment&);
/// Everything above on a document built in code, and that the hidden sizes fit the cells.
Status check_cells(const Experiment&);

}  // namespace unroll
