// Flags for the fields of an experiment, made from the engine's table of fields: --hidden, --seq-length, …
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/document/experiment.h"

namespace unroll::cli {

/// A cell as a flag gives it: its name, or FILE.cell, whose text becomes one of the experiment's own cells. Gives the name,
/// which may be that of no cell: set_field tells.
Result<std::string> cell_of(Experiment&, const std::string& given);

class ExperimentFlags {
 public:
  /// Adds a flag for every field of "data" but the text, of "train", and of a lane but its own rate, which
  /// --rate stands for; but none for the fields in `without`.
  explicit ExperimentFlags(CLI::App&, const std::vector<const Field*>& without = {});

  /// Sets what was given, in lane `lane`.
  Status apply(Experiment&, size_t lane) const;

  bool give(const Field&) const;
  /// The file that --cell names, a cell of one's own; empty when it names none.
  std::string cell_file() const;

  /// A remark on each flag given that changes nothing in any of these lanes: "--dropout has no effect: …".
  std::vector<std::string> remarks(const TrainSpec&, std::span<const LaneSpec> lanes) const;

  /// The first flag given that is none of the fields of "train" in `names`; empty when there is none.
  std::string first_beside(const std::vector<std::string>& names) const;

 private:
  std::map<const Field*, std::string> given_;
};

}  // namespace unroll::cli
