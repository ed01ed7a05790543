// Judges networks on a series, one step ahead and running freely, and draws fans (series_task.h).
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/base/gaussian.h"
#include "engine/base/random.h"
#include "engine/tasks/series_task.h"

namespace unroll {

namespace {

/// A network running on from several origins at once: it reads what stands before each, then its own answers. What all
/// have before them is read once where they have the same origin.
class FreeRun {
 public:
  /// `noise`: deviation of what is added to the answers of all origins but the first; negative: what the network itself
  /// tells, else that of the errors before the origins.
  FreeRun(const SeriesTask& task, std::span<const int64_t> origins, int horizon, double noise, uint64_t seed)
      : task_(&task),
        origins_(origins.begin(), origins.end()),
        horizon_(static_cast<size_t>(horizon)),
        noise_(noise),
        own_deviation_(noise < 0 && task.plan().deviation),
        each_(static_cast<size_t>(task.shape().outputs)),
        random_(seed, random_stream::samples) {
    // All of the same length, so that all are at their origins at once.
    const int64_t first = *std::ranges::min_element(origins_);
    context_ = std::min(series_context, first - task.coding().first_step() + 1);
    ahead_.resize(origins_.size());
    alike_ = std::ranges::count(origins_, first) == static_cast<std::ptrdiff_t>(origins_.size());
  }

  /// About so many rows; true when done.
  bool advance(Network& network, int64_t rows) {
    for (int64_t done = 0; !finished() && done < rows;) {
      const auto B = static_cast<int64_t>(width());
      const int64_t length =
          read_ < context_
              ? std::min({int64_t{64}, context_ - read_, std::max<int64_t>((rows - done) / B, 1)})
              : 1;
      read_ < context_ ? fill_context(length) : fill_ahead();
      const std::span<const float> answers = network.read(batch_);
      if (read_ < context_) {
        add_errors(answers, length);
        read_ += length;
        if (read_ == context_ && noise_ < 0) noise_ = errors_ > 0 ? std::sqrt(squares_ / errors_) : 0;
      }
      if (read_ == context_) take(answers.last(width() * each_));
      if (read_ == context_ && width() < origins_.size()) {
        network.repeat(static_cast<int>(origins_.size()));
        is_ahead_ = true;
      }
      done += length * B;
    }
    return finished();
  }

  /// (origins, horizon)
  const std::vector<std::vector<double>>& values() const { return ahead_; }
  double noise() const { return noise_; }

 private:
  bool finished() const { return ahead_[0].size() == horizon_; }
  /// Sequences that are read at the moment.
  size_t width() const { return alike_ && !is_ahead_ ? 1 : origins_.size(); }

  void size_batch(int64_t length) {
    batch_.seq_length = static_cast<int>(length);
    batch_.batch = static_cast<int>(width());
    batch_.reals.resize(static_cast<size_t>(length) * width() * task_->width());
  }

  std::span<float> row(size_t t, size_t b) {
    return std::span(batch_.reals).subspan((t * width() + b) * task_->width(), task_->width());
  }

  void fill_context(int64_t length) {
    size_batch(length);
    batch_.restart = read_ == 0;
    for (size_t b = 0; b < width(); ++b)
      for (int64_t t = 0; t < length; ++t)
        std::ranges::copy(task_->row(step(b, t)), row(static_cast<size_t>(t), b).begin());
  }

  int64_t step(size_t b, int64_t t) const { return origins_[b] - context_ + 1 + read_ + t; }

  void fill_ahead() {
    size_batch(1);
    batch_.restart = false;
    // Of other columns nobody knows what comes: they stay as they were, and are marked as missing.
    std::vector<uint8_t> missing(task_->series().columns.size(), 1);
    missing[0] = 0;
    for (size_t b = 0; b < origins_.size(); ++b)
      task_->coding().encode(origins_[b] + static_cast<int64_t>(ahead_[b].size()), reader(b), missing,
                             row(0, b));
  }

  SeriesReader reader(size_t b) const {
    return [this, b](size_t column, int64_t t) {
      const int64_t origin = origins_[b];
      if (t <= origin) return task_->carried(column, t);
      return column == 0 ? ahead_[b][static_cast<size_t>(t - origin - 1)] : task_->carried(column, origin);
    };
  }

  void add_errors(std::span<const float> answers, int64_t length) {
    for (int64_t t = 0; t < length; ++t) {
      if (2 * (read_ + t) < context_) continue;  // the states are still finding their way
      for (size_t b = 0; b < width(); ++b) {
        const int64_t at = step(b, t);
        if (at >= origins_[b] || task_->weight(at) == 0) continue;
        const size_t row = static_cast<size_t>(t) * width() + b;
        const double error =
            static_cast<double>(answers[row * each_]) - static_cast<double>(task_->target(at));
        squares_ += error * error;
        errors_ += 1;
      }
    }
  }

  void take(std::span<const float> answers) {
    for (size_t b = 0; b < origins_.size(); ++b) {
      const float* told = &answers[answers.size() == each_ ? 0 : b * each_];
      double answer = static_cast<double>(told[0]);
      const double noise =
          own_deviation_ ? std::exp(clamped_log_deviation(static_cast<double>(told[1]))) : noise_;
      if (b > 0 && noise > 0) answer += noise * random_.normal();
      const int64_t t = origins_[b] + static_cast<int64_t>(ahead_[b].size());
      ahead_[b].push_back(task_->coding().decode(t, answer, reader(b)));
    }
  }

  const SeriesTask* task_;
  std::vector<int64_t> origins_;
  size_t horizon_;
  double noise_;
  bool own_deviation_;
  size_t each_;  // numbers of an answer
  Random random_;
  bool alike_ = false, is_ahead_ = false;
  int64_t context_ = 0, read_ = 0;  // steps before the origins, and how many of them were read
  double squares_ = 0, errors_ = 0;
  std::vector<std::vector<double>> ahead_;
  Batch batch_;
};

class SeriesScorer final : public Scorer {
 public:
  explicit SeriesScorer(const SeriesTask& task)
      : task_(&task),
        origins_(task.origins()),
        next_(std::max(task.coding().first_step(), task.train() - 1 - series_context)) {
    if (!origins_.empty()) ahead_.emplace(task, origins_, task.horizon(), 0, 0);
    first_ = next_;
  }

  bool advance(Network& network, int rows) override {
    int64_t done = 0;
    while (next_ < task_->length() - 1 && done < rows) done += one_step(network, rows - done);
    if (next_ < task_->length() - 1) return false;
    return !ahead_ || (done < rows ? ahead_->advance(network, rows - done) : false);
  }

  Score score() const override {
    const ForecastErrors errors = errors_.errors(task_->mase_scale());
    Score score{.name = "MAE",
                .value = errors.mae,
                .higher_is_better = false,
                .unit = unit_of(task_->series()),
                .loss = count_ > 0 ? loss_ / count_ : std::numeric_limits<double>::quiet_NaN(),
                .count = errors.count};
    score.others = {{"RMSE", errors.rmse},
                    {"sMAPE", errors.smape},
                    {"MASE", errors.mase},
                    {"copy", copy_meter(values_, last_, forecasts_)}};
    if (task_->plan().deviation && count_ > 0) score.others.emplace_back("inside 80%", inside_ / count_);
    if (!ahead_) return score;
    const std::vector<double>& values = task_->series().columns[0];
    ScoreCurve mae{"MAE", "horizon", {}, {}}, rmse{"RMSE", "horizon", {}, {}},
        mase{"MASE", "horizon", {}, {}};
    for (size_t h = 0; h < static_cast<size_t>(task_->horizon()); ++h) {
      ErrorSum sum;
      for (size_t b = 0; b < origins_.size(); ++b)
        sum.add(values[static_cast<size_t>(origins_[b]) + 1 + h], ahead_->values()[b][h]);
      const ForecastErrors at = sum.errors(task_->mase_scale());
      for (const auto& [curve, value] : {std::pair{&mae, at.mae}, {&rmse, at.rmse}, {&mase, at.mase}}) {
        curve->at.push_back(static_cast<double>(h + 1));
        curve->value.push_back(value);
      }
    }
    score.curves = {std::move(mae), std::move(rmse), std::move(mase)};
    return score;
  }

 private:
  /// Reads some steps and judges those behind which a held-out value stands.
  int64_t one_step(Network& network, int64_t rows) {
    const int64_t length = std::clamp<int64_t>(rows, 1, std::min<int64_t>(256, task_->length() - 1 - next_));
    const auto T = static_cast<size_t>(length);
    batch_.seq_length = static_cast<int>(length);
    batch_.batch = 1;
    batch_.restart = next_ == first_;
    batch_.reals.resize(T * task_->width());
    batch_.values.resize(T);
    for (size_t t = 0; t < T; ++t) {
      const int64_t step = next_ + static_cast<int64_t>(t);
      std::ranges::copy(task_->row(step),
                        batch_.reals.begin() + static_cast<std::ptrdiff_t>(t * task_->width()));
      batch_.values[t] = task_->target(step);
    }
    const std::span<const float> answers = network.read(batch_), losses = network.losses();
    const std::vector<double> forecasts = task_->forecasts(next_, answers);
    const auto each = static_cast<size_t>(task_->shape().outputs);
    for (size_t t = 0; t < T; ++t) {
      const int64_t step = next_ + static_cast<int64_t>(t);
      if (step + 1 < task_->train() || task_->weight(step) == 0) continue;
      values_.push_back(task_->series().columns[0][static_cast<size_t>(step + 1)]);
      last_.push_back(task_->carried(0, step));
      forecasts_.push_back(forecasts[t]);
      errors_.add(values_.back(), forecasts[t]);
      loss_ += losses.empty() ? row_loss(task_->shape(), batch_, answers, t) : static_cast<double>(losses[t]);
      count_ += 1;
      if (task_->plan().deviation) inside_ += is_inside(&answers[t * each], task_->target(step));
    }
    next_ += length;
    return length;
  }

  /// Whether a target lies in the middle 80% of what was foretold.
  static bool is_inside(const float* answer, float target) {
    constexpr double width = 1.2815515655446004;  // deviations of a normal distribution
    const double deviation = std::exp(clamped_log_deviation(static_cast<double>(answer[1])));
    return std::abs(static_cast<double>(target) - static_cast<double>(answer[0])) <= width * deviation;
  }

  const SeriesTask* task_;
  std::vector<int64_t> origins_;
  int64_t next_, first_ = 0;  // steps
  Batch batch_;
  ErrorSum errors_;
  std::vector<double> values_, last_, forecasts_;  // held out, one step ahead
  double loss_ = 0, count_ = 0, inside_ = 0;
  std::optional<FreeRun> ahead_;
};

double quantile(std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

std::unique_ptr<Scorer> SeriesTask::scorer() const {
  return train() < length() ? std::make_unique<SeriesScorer>(*this) : nullptr;
}

std::vector<std::vector<double>> SeriesTask::run_freely(Network& network, std::span<const int64_t> origins,
                                                        int horizon) const {
  FreeRun run(*this, origins, horizon, 0, 0);
  while (!run.advance(network, 1 << 20)) {
  }
  return run.values();
}

struct SeriesFanRun::Parts {
  int64_t origin;
  FreeRun run;
};

SeriesFanRun::SeriesFanRun(const SeriesTask& task, int64_t origin, int horizon, int paths)
    : parts_(new Parts{origin, FreeRun(task, std::vector<int64_t>(static_cast<size_t>(paths) + 1, origin),
                                       horizon, -1, task.plan().seed)}) {}

SeriesFanRun::~SeriesFanRun() = default;

bool SeriesFanRun::advance(Network& network, int64_t rows) { return parts_->run.advance(network, rows); }

SeriesFan SeriesFanRun::fan() const {
  const FreeRun& run = parts_->run;
  const auto& paths = run.values();
  SeriesFan fan{parts_->origin, paths[0], {}, {}, {}, run.noise()};
  for (size_t h = 0; h < paths[0].size(); ++h) {
    std::vector<double> at;
    for (size_t b = 1; b < paths.size(); ++b) at.push_back(paths[b][h]);
    if (at.empty()) at.push_back(fan.forecast[h]);
    std::ranges::sort(at);
    fan.p10.push_back(quantile(at, 0.1));
    fan.p50.push_back(quantile(at, 0.5));
    fan.p90.push_back(quantile(at, 0.9));
  }
  return fan;
}

SeriesFan SeriesTask::fan(Network& network, int64_t origin, int horizon, int paths) const {
  SeriesFanRun run(*this, origin, horizon, paths);
  while (!run.advance(network, 1 << 20)) {
  }
  return run.fan();
}

}  // namespace unroll
