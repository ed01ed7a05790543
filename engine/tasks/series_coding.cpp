#include "engine/tasks/series_coding.h"

#include <algorithm>
#include <cmath>

#include "engine/base/number.h"
#include "engine/base/random.h"
#include "engine/base/utf8.h"

namespace unroll {

namespace {

constexpr int most_harmonics = 3;

int harmonics(double season) { return std::min(static_cast<int>(season / 2), most_harmonics); }

struct Moments {
  double mean = 0, deviation = 0;
  size_t count = 0;
};

/// Of what is there.
Moments moments_of(std::span<const double> values) {
  Moments m;
  for (const double value : values)
    if (!std::isnan(value)) m.mean += value, ++m.count;
  if (m.count == 0) return m;
  m.mean /= static_cast<double>(m.count);
  double squares = 0;
  for (const double value : values)
    if (!std::isnan(value)) squares += (value - m.mean) * (value - m.mean);
  m.deviation = std::sqrt(squares / static_cast<double>(m.count));
  return m;
}

}  // namespace

double SeriesCoding::level(size_t column, double value) const {
  return scales_[column].log && !std::isnan(value) ? logarithm(value) : value;
}

double SeriesCoding::base(size_t column, int64_t t, const SeriesReader& read) const {
  double sum = 0;
  if (steps_.difference) sum += level(column, read(column, t));
  if (steps_.seasonal) {
    sum += level(column, read(column, t + 1 - steps_.season));
    if (steps_.difference) sum -= level(column, read(column, t - steps_.season));
  }
  return sum;
}

double SeriesCoding::scaled(size_t column, int64_t t, const SeriesReader& read) const {
  const double change = level(column, read(column, t)) - base(column, t - 1, read);
  return (change - scales_[column].mean) / scales_[column].deviation;
}

double SeriesCoding::target(int64_t t, double value, const SeriesReader& read) const {
  return (level(0, value) - base(0, t, read) - scales_[0].mean) / scales_[0].deviation;
}

double SeriesCoding::decode(int64_t t, double answer, const SeriesReader& read) const {
  const double level = answer * scales_[0].deviation + scales_[0].mean + base(0, t, read);
  return scales_[0].log ? std::exp(std::clamp(level, -700.0, 700.0)) : level;
}

void SeriesCoding::encode(int64_t t, const SeriesReader& read, std::span<const uint8_t> missing,
                          std::span<float> row) const {
  size_t i = 0;
  for (const int lag : steps_.lags) row[i++] = static_cast<float>(scaled(0, t + 1 - lag, read));
  for (size_t c = 1; c < scales_.size(); ++c) row[i++] = static_cast<float>(scaled(c, t, read));
  for (size_t c = 0; c < scales_.size(); ++c)
    if (gaps_[c]) row[i++] = static_cast<float>(missing[c]);
  for (const double season : steps_.calendar) {
    const double turns = static_cast<double>(t + 1) / season;
    for (int k = 1; k <= harmonics(season); ++k) {
      row[i++] = static_cast<float>(sine(k * turns));
      row[i++] = static_cast<float>(sine(k * turns + 0.25));
    }
  }
}

void SeriesCoding::prepare(const Series& series) {
  int longest = 1;
  for (const int lag : steps_.lags) longest = std::max(longest, lag);
  reach_ = longest - 1 + (steps_.difference ? 1 : 0) + (steps_.seasonal ? steps_.season : 0);
  gaps_.clear();
  inputs_ = static_cast<int>(steps_.lags.size() + series.columns.size()) - 1;
  for (const auto& column : series.columns) {
    gaps_.push_back(std::ranges::any_of(column, [](double value) { return std::isnan(value); }) ? 1 : 0);
    inputs_ += gaps_.back();
  }
  for (const double season : steps_.calendar) inputs_ += 2 * harmonics(season);
}

Result<SeriesCoding> SeriesCoding::fit(const Series& series, const SeriesSteps& steps, size_t train) {
  SeriesCoding coding;
  coding.steps_ = steps;
  coding.prepare(series);
  for (size_t c = 0; c < series.columns.size(); ++c) {
    const std::vector<double>& values = series.columns[c];
    Scale& scale = coding.scales_.emplace_back();
    const auto not_positive = std::ranges::find_if(values, [](double value) { return value <= 0; });
    scale.log = steps.log && not_positive == values.end();
    if (steps.log && c == 0 && !scale.log)
      return Error{"data.task.log",
                   "the value at " + series.axis.label(not_positive - values.begin()) + ", " +
                       shown(*not_positive) + ", has no logarithm",
                   "switch the logarithm off; it needs values above 0"};
    const SeriesReader read = [&](size_t column, int64_t t) {
      return series.columns[column][static_cast<size_t>(t)];
    };
    std::vector<double> changes;
    const int64_t first = (steps.difference ? 1 : 0) + (steps.seasonal ? steps.season : 0);
    for (int64_t t = first; t < static_cast<int64_t>(train); ++t)
      changes.push_back(coding.level(c, values[static_cast<size_t>(t)]) - coding.base(c, t - 1, read));
    const Moments m = moments_of(changes);
    if (c == 0 && m.count < 4) {
      std::string what = "too few values are left to train on: ";
      what += std::to_string(m.count);
      return Error{"", std::move(what),
                   "give a longer series, hold out less, or switch the seasonal difference off"};
    }
    scale.mean = m.mean;
    // What never changes, up to rounding, is not blown up.
    scale.deviation = m.deviation > 1e-12 * (1 + std::abs(m.mean)) ? m.deviation : 1;
  }
  return coding;
}

Json SeriesCoding::stored() const {
  Json scales = Json::array();
  for (const Scale& scale : scales_)
    scales.push_back({{"mean", scale.mean}, {"deviation", scale.deviation}, {"log", scale.log}});
  return {{"scales", scales},
          {"difference", steps_.difference},
          {"seasonal", steps_.seasonal},
          {"season", steps_.season},
          {"lags", steps_.lags},
          {"calendar", steps_.calendar},
          {"gaps", gaps_}};
}

Result<SeriesCoding> SeriesCoding::restore(const Series& series, const SeriesSteps& steps,
                                           const Json& stored) {
  SeriesCoding coding;
  coding.steps_ = steps;
  coding.prepare(series);
  const Error other{"series",
                    "the series is given to the network in another way than the model was trained with",
                    "resume with the series, columns and switches it was trained on"};
  if (!stored.is_object() || !stored.contains("scales") || !stored["scales"].is_array() ||
      stored["scales"].size() != series.columns.size())
    return other;
  for (const Json& scale : stored["scales"]) {
    if (!scale.is_object() || !scale.contains("mean") || !scale["mean"].is_number() ||
        !scale.contains("deviation") || !scale["deviation"].is_number() ||
        !(scale["deviation"].get<double>() > 0) || !scale.contains("log") || !scale["log"].is_boolean())
      return other;
    coding.scales_.push_back(
        {scale["mean"].get<double>(), scale["deviation"].get<double>(), scale["log"].get<bool>()});
  }
  Json wanted = coding.stored(), given = stored;
  given["scales"] = wanted["scales"];
  // A later end of the series may have gaps where none was before, or the other way round: then the inputs are others.
  if (wanted != given) return other;
  for (size_t c = 0; c < series.columns.size(); ++c)
    if (coding.scales_[c].log &&
        std::ranges::any_of(series.columns[c], [](double value) { return value <= 0; }))
      return Error{"data.task.log", "a value of \"" + readable(series.names[c]) + "\" has no logarithm",
                   "it needs values above 0"};
  return coding;
}

SeriesAdvice advice_for(std::span<const double> train, double season) {
  SeriesAdvice advice;
  const auto deviation = [&](bool difference, bool seasonal) {
    const auto m = static_cast<size_t>(std::lround(season));
    std::vector<double> z(train.begin(), train.end());
    if (difference)
      for (size_t t = z.size(); t-- > 0;) z[t] = t ? z[t] - z[t - 1] : std::nan("");
    if (seasonal)
      for (size_t t = z.size(); t-- > 0;) z[t] = t >= m ? z[t] - z[t - m] : std::nan("");
    const Moments moments = moments_of(z);
    return moments.count < 4 ? HUGE_VAL : moments.deviation;
  };
  const bool may_be_seasonal = season >= 2 && 3 * season <= static_cast<double>(train.size());
  double least = deviation(false, false);
  for (const auto& [difference, seasonal] : {std::pair{true, false}, {false, true}, {true, true}}) {
    if (seasonal && !may_be_seasonal) continue;
    const double value = deviation(difference, seasonal);
    if (!(value < 0.95 * least)) continue;
    least = value;
    advice.difference = difference;
    advice.seasonal = seasonal;
  }
  if (advice.seasonal) advice.lags = {1, static_cast<int>(std::lround(season))};
  return advice;
}

}  // namespace unroll
