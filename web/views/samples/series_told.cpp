// What the picture of a series says in numbers: as a table, to tests, to a screen reader.
#include <algorithm>
#include <cmath>

#include "web/session/scores.h"
#include "web/toolkit/csv.h"
#include "web/views/published.h"
#include "web/views/samples/series.h"

namespace unroll {

std::optional<ForecastAnswer> forecast_told(const Session& session, size_t lane, const SeriesWindow& own) {
  auto answer = forecast_answer(session.answer(lane, forecast_question));
  return answer && answer->origin == own.origin ? answer : std::nullopt;
}

/// Mean of the absolute errors where the values are known; NaN: nowhere.
double mean_error(const SeriesView& series, const ForecastAnswer& answer) {
  double sum = 0;
  int64_t count = 0;
  for (size_t h = 0; h < answer.forecast.size(); ++h) {
    const int64_t at = answer.origin + 1 + static_cast<int64_t>(h);
    if (at >= series.length()) break;
    const float value = series.values[static_cast<size_t>(at)];
    if (!std::isfinite(value)) continue;
    sum += std::abs(static_cast<double>(value) - static_cast<double>(answer.forecast[h]));
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : NAN;
}

/// "from Jan 1959, 12 steps ahead: RNN 64 off by 31.2 thousands, LSTM 32 off by …".
std::string spoken_series(const App& app, const SeriesView& series, const SeriesWindow& own) {
  std::string text =
      "from " + series.axis.label(own.origin) + ", " + std::to_string(series.steps) + " steps ahead";
  if (app.session.running()) return text;  // it changes all the time
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto answer = forecast_told(app.session, i, own);
    const double error = answer ? mean_error(series, *answer) : NAN;
    if (std::isfinite(error))
      text += (i == 0 ? ": " : ", ") + app.session.lane_name(i) + " off by " +
              score_text(error, series.unit) + " on average";
  }
  return text;
}

std::string series_csv(const App& app, const SeriesWindow& own) {
  Csv csv;
  csv.add("step").add("value");
  for (const std::string& lane : app.session.lane_names())
    csv.add(lane).add(lane + " low").add(lane + " high");
  csv.end_row();
  const SeriesView* series = app.session.series_told();
  if (!series) return csv.text();
  const int64_t end = std::max(series->length(), own.origin + 1 + series->steps);
  for (int64_t t = 0; t < end; ++t) {
    csv.add(series->axis.label(t));
    if (t < series->length())
      csv.add(series->values[static_cast<size_t>(t)]);
    else
      csv.none();
    for (size_t i = 0; i < app.session.lanes.size(); ++i) {
      const auto answer = forecast_told(app.session, i, own);
      const int64_t h = t - own.origin - 1;
      if (!answer || h < 0 || h >= static_cast<int64_t>(answer->forecast.size())) {
        csv.none().none().none();
        continue;
      }
      const auto at = static_cast<size_t>(h);
      csv.add(answer->forecast[at]).add(answer->low[at]).add(answer->high[at]);
    }
    csv.end_row();
  }
  return csv.text();
}

Json series_json(const App& app, const SeriesWindow& own) {
  const SeriesView* series = app.session.series_told();
  if (!series) return nullptr;
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto answer = forecast_told(app.session, i, own);
    lanes.push_back(!answer ? Json(nullptr)
                            : Json{{"forecast", list_json(answer->forecast)},
                                   {"low", list_json(answer->low)},
                                   {"high", list_json(answer->high)},
                                   {"mean_error", number_or_null(mean_error(*series, *answer))}});
  }
  return {{"title", series->title},
          {"unit", series->unit},
          {"length", series->length()},
          {"train", series->train},
          {"steps", series->steps},
          {"origin", own.origin},
          {"label", series->axis.label(own.origin)},
          {"window", {own.from, own.length}},
          {"lanes", std::move(lanes)}};
}

}  // namespace unroll
