// The commands of the lane protocol as types: parse_command is the only place where a message becomes
// something that a lane does, and it checks everything that can be checked without knowing the lane. Fields
// and ranges: protocol.h.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/document/experiment.h"
#include "engine/lane/protocol.h"
#include "engine/model/sampler.h"

namespace unroll {

struct CommandLimits {
  static constexpr size_t text_characters = 4096;  ///< of a prompt, a prefix, a probed text
  static constexpr size_t example_characters =
      16384;  ///< of a sequence of one's own: 10 s of sound are 13,000
  static constexpr int64_t number = int64_t{1} << 53;
  static constexpr int64_t sample_length = 100'000;
  static constexpr int64_t probe_top = 16;
  static constexpr int64_t horizon_lags = 1000;
  static constexpr int64_t horizon_positions = 64;
  static constexpr size_t horizon_characters = 4096;  ///< of the lane's own text
  static constexpr int64_t checked_samples = 256;
  static constexpr size_t checked_characters = 256;
  static constexpr size_t activation_arrays = 8;
  static constexpr int64_t activation_values = int64_t{1} << 24;
  static constexpr int64_t cell_characters = 64;
  static constexpr size_t name_bytes = 40;
  static constexpr size_t interventions = 64;
  static constexpr size_t units_characters = 8192;  ///< of the lane's own text
  static constexpr size_t unit_values = size_t{1} << 22;
  static constexpr size_t weights = size_t{1} << 22;
  static constexpr size_t initial_weights = size_t{1} << 24;
  static constexpr int64_t forecast_steps = 1000;
  static constexpr int64_t forecast_paths = 200;
  static constexpr size_t strokes_characters = 64;
  static constexpr double write_rate = 2000;
  static constexpr int unheard = 16;  ///< events of training between two `heard`
};

namespace command {

struct Configure {
  Experiment experiment;
  int lane = 0;  ///< an index into experiment.lanes
};
struct Run {
  std::optional<int64_t> until;
};
struct Pause {};
struct Step {
  int64_t count = 1;
};
struct Tune {
  std::optional<double> rate, clip;
};
struct Write {
  bool on = false;
  SamplingOptions options;
  double rate = 60;  ///< characters per second
};
struct Heard {};
struct Rewind {};
struct Sample {
  int64_t id = 0;
  std::u32string prompt;
  int64_t length = 0;
  SamplingOptions options;
  uint64_t seed = 1;
};
struct Predict {
  int64_t id = 0;
  std::u32string prefix;
};
struct Probe {
  int64_t id = 0;
  std::u32string text;
  std::optional<int64_t> example;  ///< instead of the text
  int top = 3;
};
struct Activations {
  int64_t id = 0;
  std::u32string text;
  std::optional<int64_t> example;  ///< instead of the text
  int layer = 0;
  std::vector<std::string> which;  ///< 1 or more equations of the cell
};
struct Cell {
  int64_t id = 0;
  std::u32string text;
  std::optional<int64_t> example;  ///< instead of the text
  int layer = 0;
  int position = 0, count = 1;
};
struct Intervene {
  int64_t id = 0;
  InterventionSet set;
};
struct Flow {
  int64_t id = 0;
  std::u32string text;
  std::optional<int64_t> example;  ///< instead of the text
  int position = 0;
  int lags = 0;  ///< 0 = to the start
};
struct Horizon {
  int64_t id = 0;
  std::optional<std::u32string> text;
  int lags = 200, positions = 64;
};
struct Spectrum {
  int64_t id = 0;
  int layer = 0;
};
struct Units {
  int64_t id = 0;
  std::optional<std::u32string> text;
  int layer = 0;
  std::string which;
  std::optional<std::u32string> pattern;
};
struct Blocks {
  int64_t id = 0;
};
struct BlockHistory {
  int64_t id = 0;
};
struct Weights {
  int64_t id = 0;
  std::string block;
  bool change = false;
};
struct Walk {
  int64_t id = 0;
};
struct GradientCheck {
  int64_t id = 0;
  std::u32string text;
  std::optional<int64_t> example;  ///< instead of the text
  int samples = 32;
  uint64_t seed = 1;
};
struct Baselines {
  int64_t id = 0;
};
struct Example {
  int64_t id = 0;
  int64_t index = 0;
  std::optional<std::u32string> text;  ///< instead of the index
};
struct Series {
  int64_t id = 0;
};
struct Forecast {
  int64_t id = 0;
  int64_t origin = 0;
  int steps = 0;  ///< 0 = as many as the task tells errors for
  int paths = 40;
};
struct Strokes {
  int64_t id = 0;
  std::u32string text;
  double bias = 0;
  uint64_t seed = 1;
};
struct Onnx {
  int64_t id = 0;
};
struct Save {
  int64_t id = 0;
};
struct Load {
  std::vector<uint8_t> file;
  std::string text;  ///< UTF-8; what the file names, where it names a built-in text
};

}  // namespace command

using Command =
    std::variant<command::Configure, command::Run, command::Pause, command::Step, command::Tune,
                 command::Write, command::Heard, command::Rewind, command::Sample, command::Predict,
                 command::Probe, command::Activations, command::Cell, command::Intervene, command::Flow,
                 command::Horizon, command::Spectrum, command::Units, command::Blocks, command::BlockHistory,
                 command::Weights, command::Walk, command::GradientCheck, command::Baselines,
                 command::Example, command::Series, command::Forecast, command::Strokes, command::Save,
                 command::Onnx, command::Load>;

/// The error's `where` is the path of the field: "until", "experiment.lanes[0].hidden".
Result<Command> parse_command(Message message);

}  // namespace unroll
