#include "engine/tasks/series_task.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/base/random.h"

namespace unroll {

SeriesTask::SeriesTask(SeriesPlan plan) : plan_(std::move(plan)) {
  const Series& series = plan_.series;
  const SeriesCoding& coding = plan_.coding;
  for (const auto& column : series.columns) carried_.push_back(filled(column));
  const SeriesReader read = [this](size_t c, int64_t t) { return carried(c, t); };
  const auto count = static_cast<size_t>(length() - coding.first_step());
  rows_.resize(count * width());
  targets_.assign(count, 0.0f);
  weights_.assign(count, 0.0f);
  std::vector<uint8_t> missing(series.columns.size());
  for (int64_t t = coding.first_step(); t < length(); ++t) {
    for (size_t c = 0; c < missing.size(); ++c)
      missing[c] = std::isnan(series.columns[c][static_cast<size_t>(t)]);
    coding.encode(t, read, missing, std::span(rows_).subspan(index(t) * width(), width()));
    if (t + 1 == length()) break;
    const double value = series.columns[0][static_cast<size_t>(t + 1)];
    if (std::isnan(value)) continue;
    targets_[index(t)] = static_cast<float>(coding.target(t, value, read));
    weights_[index(t)] = 1;
  }
  const int64_t season = series.seasons.empty() ? 1 : std::lround(series.seasons.back());
  const std::span<const double> train(series.columns[0].data(), plan_.train);
  mase_scale_ = unroll::mase_scale(train, 2 * season <= this->train() ? season : 1);

  // Streams of at least two stretches each; a short series is one. All rows are used: the last stretch may be shorter.
  const int64_t rows = training_rows();
  if (plan_.training == SeriesTraining::streams) {
    batch_ = static_cast<int>(std::clamp<int64_t>(rows / (2 * plan_.seq_length), 1, plan_.batch));
    stream_length_ = (rows + batch_ - 1) / batch_;
    chunks_ = (stream_length_ + plan_.seq_length - 1) / plan_.seq_length;
    seq_length_ = static_cast<int>((stream_length_ + chunks_ - 1) / chunks_);
  } else {
    seq_length_ = static_cast<int>(std::min<int64_t>(plan_.seq_length, rows));
    batch_ = static_cast<int>(std::min<int64_t>(plan_.batch, rows - seq_length_ + 1));
  }
}

int64_t SeriesTask::training_rows() const { return train() - 1 - plan_.coding.first_step(); }

TaskShape SeriesTask::shape() const {
  return {.inputs = plan_.coding.inputs(),
          .reals = true,
          .outputs = plan_.deviation ? 2 : 1,
          .head = plan_.deviation ? Head::gaussian : Head::linear};
}

int64_t SeriesTask::steps_per_epoch() const {
  return plan_.training == SeriesTraining::streams ? chunks_ : 0;
}

std::span<const float> SeriesTask::row(int64_t t) const {
  return std::span(rows_).subspan(index(t) * width(), width());
}

void SeriesTask::put(Batch& batch, size_t t, size_t b, int64_t step) const {
  const size_t at = t * static_cast<size_t>(batch.batch) + b;
  std::ranges::copy(row(step), batch.reals.begin() + static_cast<std::ptrdiff_t>(at * width()));
  batch.values[at] = target(step);
  batch.weights[at] = weight(step);
}

void SeriesTask::fill(int64_t step, Batch& batch) const {
  const auto T = static_cast<size_t>(seq_length_), B = static_cast<size_t>(batch_);
  batch.seq_length = seq_length_;
  batch.batch = batch_;
  batch.reals.assign(T * B * width(), 0.0f);
  batch.values.assign(T * B, 0.0f);
  batch.weights.assign(T * B, 0.0f);
  batch.lengths.assign(B, 1);
  batch.restart = true;
  const int64_t first = plan_.coding.first_step(), rows = training_rows();
  Random random(plan_.seed, random_stream::task_train, static_cast<uint64_t>(step));
  for (size_t b = 0; b < B; ++b) {
    int64_t begin = 0, end = rows;
    if (plan_.training == SeriesTraining::streams) {
      // Streams end with the last row: they may share rows with the one before.
      const int64_t start =
          batch_ == 1 ? 0 : static_cast<int64_t>(b) * (rows - stream_length_) / (batch_ - 1);
      batch.restart = step % chunks_ == 0;
      begin = start + step % chunks_ * seq_length_;
      end = start + stream_length_;
    } else {
      begin = random.below(static_cast<uint32_t>(rows - seq_length_ + 1));
    }
    const auto length = static_cast<size_t>(std::clamp<int64_t>(end - begin, 1, seq_length_));
    batch.lengths[b] = static_cast<int32_t>(length);
    for (size_t t = 0; t < length; ++t) put(batch, t, b, first + begin + static_cast<int64_t>(t));
  }
  // A stretch of gaps alone teaches nothing; a loss needs a weight.
  if (std::ranges::none_of(batch.weights, [](float weight) { return weight > 0; })) {
    int64_t taught = first;
    while (weight(taught) == 0) ++taught;
    batch.lengths.assign(B, 1);
    batch.restart = true;
    put(batch, 0, 0, taught);
  }
}

int64_t SeriesTask::example_start(int64_t index) const {
  const int64_t first = plan_.coding.first_step(), size = std::min<int64_t>(128, length() - 1 - first);
  const int64_t last = length() - 1 - size;  // the last place for a whole example
  const int64_t begin = std::clamp(train() - size / 2, first, last);
  const int64_t places = (last - begin) / size + 1;
  return begin + index % places * size;
}

Example SeriesTask::example(int64_t index) const {
  const int64_t begin = example_start(index);
  const auto T = static_cast<size_t>(std::min<int64_t>(128, length() - 1 - plan_.coding.first_step()));
  Example example;
  example.batch.seq_length = static_cast<int>(T);
  example.batch.batch = 1;
  example.batch.reals.assign(T * width(), 0.0f);
  example.batch.values.assign(T, 0.0f);
  example.batch.weights.assign(T, 0.0f);
  for (size_t t = 0; t < T; ++t) {
    const int64_t step = begin + static_cast<int64_t>(t);
    put(example.batch, t, 0, step);
    example.columns.push_back(plan_.series.axis.label(step));
    if (step + 1 == train())
      example.marks.push_back({Mark::Kind::needed, static_cast<int>(t), "first held out"});
  }
  if (std::ranges::none_of(example.batch.weights, [](float weight) { return weight > 0; }))
    example.batch.weights.clear();
  const std::vector<double>& values = plan_.series.columns[0];
  const auto from = values.begin() + static_cast<std::ptrdiff_t>(begin),
             to = from + static_cast<std::ptrdiff_t>(T);
  example.read.assign(from, to);
  example.right.assign(from + 1, to + 1);
  example.unit = unit_of(plan_.series);
  return example;
}

std::vector<float> SeriesTask::meaning(int64_t index, std::span<const float> answers) const {
  const std::vector<double> values = forecasts(example_start(index), answers);
  return {values.begin(), values.end()};
}

std::vector<double> SeriesTask::forecasts(int64_t first, std::span<const float> answers) const {
  const SeriesReader read = [this](size_t c, int64_t t) { return carried(c, t); };
  const auto each = static_cast<size_t>(shape().outputs);
  std::vector<double> result;
  for (size_t i = 0; i * each < answers.size(); ++i)
    result.push_back(
        plan_.coding.decode(first + static_cast<int64_t>(i), static_cast<double>(answers[i * each]), read));
  return result;
}

std::vector<int64_t> SeriesTask::origins() const {
  constexpr int64_t most = 24;
  const int64_t first = train() - 1, last = length() - 1 - plan_.horizon;
  std::vector<int64_t> all;
  if (last < first) return all;
  const int64_t count = std::min(most, last - first + 1);
  for (int64_t i = 0; i < count; ++i)
    all.push_back(count == 1 ? first : first + i * (last - first) / (count - 1));
  return all;
}

int64_t SeriesTask::scored_rows() const {
  if (train() >= length()) return 0;
  const int64_t before = std::min(series_context, train() - plan_.coding.first_step());
  return before + length() - train() + static_cast<int64_t>(origins().size()) * (before + plan_.horizon);
}

std::vector<Baseline> SeriesTask::baselines() const {
  const Series& series = plan_.series;
  const std::vector<double>& values = series.columns[0];
  const std::span<const double> train(values.data(), plan_.train), whole(carried_[0]);
  double season = 0;
  for (const double one : series.seasons)
    if (2 * one + 1 <= static_cast<double>(plan_.train)) season = one;
  const ArSettings ar = series.advice.ar.lags.empty() ? usual_ar(train, season) : series.advice.ar;
  const std::vector<int64_t> from = origins();
  std::vector<Baseline> all;
  for (const auto& forecaster : fit_baselines(train, season, ar)) {
    std::vector<double> forecasts(values.size() - plan_.train);
    forecaster->one_step(whole, plan_.train, forecasts);
    ErrorSum one_step;
    for (size_t i = 0; i < forecasts.size(); ++i) one_step.add(values[plan_.train + i], forecasts[i]);
    std::vector<ErrorSum> sums(from.empty() ? 0 : static_cast<size_t>(plan_.horizon));
    if (!from.empty()) {
      std::vector<double> out(sums.size());
      for (const int64_t origin : from) {
        forecaster->forecast(whole.first(static_cast<size_t>(origin) + 1), out);
        for (size_t h = 0; h < out.size(); ++h)
          sums[h].add(values[static_cast<size_t>(origin) + 1 + h], out[h]);
      }
    }
    const auto add = [&](const char* measure, const char* of, double ForecastErrors::* error) {
      Baseline baseline{.name = forecaster->name(),
                        .value = one_step.errors(mase_scale_).*error,
                        .about = forecaster->about(),
                        .of = of};
      if (!sums.empty()) {
        baseline.curve = ScoreCurve{.name = measure, .x = "horizon", .at = {}, .value = {}};
        for (size_t h = 0; h < sums.size(); ++h) {
          baseline.curve->at.push_back(static_cast<double>(h + 1));
          baseline.curve->value.push_back(sums[h].errors(mase_scale_).*error);
        }
      }
      all.push_back(std::move(baseline));
    };
    add("MAE", "", &ForecastErrors::mae);
    add("RMSE", "RMSE", &ForecastErrors::rmse);
    add("MASE", "MASE", &ForecastErrors::mase);
  }
  return all;
}

}  // namespace unroll
