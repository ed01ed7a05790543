// A cell as a readable PyTorch module, made from its equations: for people who go on elsewhere with a model of theirs.
#pragma once

#include <string>

#include "engine/cells/graph.h"

namespace unroll {

/// What a model is besides its cell.
struct TorchModel {
  int vocabulary = 0, hidden = 0, layers = 1;
  int embedding = 0;  ///< 0 = one-hot input
};

/// The text of a Python file that needs PyTorch 1.13 or later and nothing else. It has the cell's equations as a function of
/// one time step, the model around it, and load(path) for a checkpoint of Unroll; run with a checkpoint and a text it prints
/// the mean loss as `unroll eval --json` does. Whatever a cell's names and comments are, it is valid Python.
std::string pytorch_text(const CellGraph& graph, const TorchModel& model);

}  // namespace unroll
