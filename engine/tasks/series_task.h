// A time series as a task: one step ahead is trained, any number of steps ahead is the network running freely on its own
// answers, through the same read(). Everything that is told is in the series' own units. Held out is the end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/tasks/series_coding.h"
#include "engine/tasks/series_csv.h"
#include "engine/tasks/series_errors.h"
#include "engine/tasks/task.h"

namespace unroll {

/// How a training step takes its stretches of the series.
enum class SeriesTraining {
  streams,  ///< `batch` parts of the training part, read from beginning to end again and again, the states carried on
  windows  ///< `batch` stretches that begin anywhere, from states of their own
};

struct SeriesPlan {
  Series series;
  SeriesCoding coding;
  size_t train = 0;  ///< values of the training part; the rest is held out
  SeriesTraining training = SeriesTraining::streams;
  int batch = 1, seq_length = 1;  ///< wished
  int horizon = 1;                ///< steps ahead that are told
  /// The network tells its own deviation beside each value (Head::gaussian).
  bool deviation = false;
  uint64_t seed = 1;
};

/// Several ways on from one origin, as a fan is drawn.
struct SeriesFan {
  int64_t origin;                     ///< the last value that was known
  std::vector<double> forecast;       ///< of the steps origin + 1, …: without noise
  std::vector<double> p10, p50, p90;  ///< quantiles of the paths with noise
  double
      noise;  ///< deviation of the answers' errors before the origin; what the paths were given, where the network
              ///< does not tell its own
};

class SeriesTask final : public Task {
 public:
  explicit SeriesTask(SeriesPlan);

  const TaskKind& kind() const override;
  TaskShape shape() const override;
  int seq_length() const override { return seq_length_; }
  int batch() const override { return batch_; }
  int64_t steps_per_epoch() const override;
  void fill(int64_t step, Batch&) const override;
  std::unique_ptr<Scorer> scorer() const override;
  int64_t scored_rows() const override;
  std::vector<Baseline> baselines() const override;
  /// A stretch of at most 128 steps around the place where the held-out part begins; the next ones follow it.
  Example example(int64_t index) const override;
  std::vector<float> meaning(int64_t index, std::span<const float> answers) const override;
  const SeriesTask* as_series() const override { return this; }
  std::vector<std::string> input_names() const override { return {}; }
  std::vector<std::string> output_names() const override { return {}; }
  Json stored() const override { return {{"series", plan_.coding.stored()}}; }

  // --- What the views of series draw ----------------------------------------------------------------------------------

  const Series& series() const { return plan_.series; }
  const SeriesCoding& coding() const { return plan_.coding; }
  int64_t length() const { return static_cast<int64_t>(plan_.series.length()); }
  int64_t train() const { return static_cast<int64_t>(plan_.train); }
  int horizon() const { return plan_.horizon; }
  /// The step of an example's first column.
  int64_t example_start(int64_t index) const;
  /// One step ahead: what the answers (each of shape().outputs numbers, the first of which counts) of the steps first,
  /// first + 1, … mean, of the values behind them.
  std::vector<double> forecasts(int64_t first, std::span<const float> answers) const;
  /// The origins, oldest first, from which errors by horizon are measured: 24 or fewer, each with `horizon` held-out values
  /// behind it. Empty where the held-out part is shorter.
  std::vector<int64_t> origins() const;
  /// Forecasts from origins that have context: (origins, horizon).
  std::vector<std::vector<double>> run_freely(Network&, std::span<const int64_t> origins, int horizon) const;
  /// With so many paths with noise; at any origin from first_origin() to the last value.
  SeriesFan fan(Network&, int64_t origin, int horizon, int paths) const;
  int64_t first_origin() const { return plan_.coding.first_step() + 3; }
  /// The scale of MASE: last season's where there is a season, else the last value's.
  double mase_scale() const { return mase_scale_; }

  // --- For the scorer -------------------------------------------------------------------------------------------------

  const SeriesPlan& plan() const { return plan_; }
  size_t width() const { return static_cast<size_t>(plan_.coding.inputs()); }
  /// The row of step t, and its target with weight 1, or weight 0 where the value behind it is missing.
  std::span<const float> row(int64_t t) const;
  float target(int64_t t) const { return targets_[index(t)]; }
  float weight(int64_t t) const { return weights_[index(t)]; }
  /// Value t of a column, gaps carried from before.
  double carried(size_t column, int64_t t) const { return carried_[column][static_cast<size_t>(t)]; }

 private:
  size_t index(int64_t t) const { return static_cast<size_t>(t - plan_.coding.first_step()); }
  int64_t training_rows() const;
  void put(Batch&, size_t t, size_t b, int64_t step) const;

  SeriesPlan plan_;
  int batch_ = 1, seq_length_ = 1;
  int64_t stream_length_ = 1, chunks_ = 1;    // of streams: rows each, training steps for one reading
  std::vector<std::vector<double>> carried_;  // of the columns, without gaps
  std::vector<float> rows_, targets_,
      weights_;  // from first_step() to the last value; the last one has no target
  double mase_scale_;
};

/// A fan in pieces, so that a lane can answer meanwhile.
class SeriesFanRun {
 public:
  SeriesFanRun(const SeriesTask&, int64_t origin, int horizon, int paths);
  ~SeriesFanRun();
  bool advance(Network&, int64_t rows);  ///< about so many rows; true when done
  SeriesFan fan() const;                 ///< when done

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// How many steps before an origin, or the held-out part, a network reads to get into its states.
inline constexpr int64_t series_context = 1024;

/// A table of one's own as a series: `column` is the predicted one ("": the first with numbers), `inputs` further ones, names
/// or numbers with commas between ("all": every other column of numbers). Errors say line and column of what is no number.
Result<Series> series_of_table(const CsvTable&, std::string_view column, std::string_view inputs);

}  // namespace unroll
