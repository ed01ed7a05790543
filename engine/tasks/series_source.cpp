#include "engine/tasks/series_source.h"

#include <cmath>

#include "engine/base/number.h"
#include "engine/base/random.h"

namespace unroll {

namespace shipped_series_text {
#define DECLARE(name) extern const char* const name;
UNROLL_SHIPPED_SERIES(DECLARE)
#undef DECLARE
}  // namespace shipped_series_text

std::string unit_of(const Series& series) {
  const size_t comma = series.quantity.rfind(", ");
  return comma == std::string::npos ? "" : series.quantity.substr(comma + 2);
}

namespace {

/// Takes what stands before the mark, or all.
std::string_view take_until(std::string_view& text, char mark) {
  const size_t end = text.find(mark);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return part;
}

std::vector<double> numbers_of(std::string_view text) {
  std::vector<double> numbers;
  while (!text.empty()) {
    const std::string_view word = take_until(text, ' ');
    if (word.empty()) continue;
    const auto number = read_number(word);
    numbers.push_back(number ? number->get<double>() : std::nan(""));
  }
  return numbers;
}

std::vector<int> whole_numbers_of(std::string_view text) {
  std::vector<int> result;
  for (const double number : numbers_of(text)) result.push_back(static_cast<int>(number));
  return result;
}

int whole_number_of(std::string_view text) { return static_cast<int>(read_number(text).value_or(0)); }

Status set_key(Series& series, std::string_view key, std::string_view value) {
  SeriesAdvice& advice = series.advice;
  const bool on = value == "on";
  if (key == "title") {
    series.title = value;
  } else if (key == "quantity") {
    series.quantity = value;
  } else if (key == "source") {
    series.source = value;
  } else if (key == "step") {
    const auto step = read_time_step(value);
    if (!step) return Error{"step", "there is no step " + std::string(value), "month, day, 30 minutes, …"};
    series.axis.step = *step;
  } else if (key == "start") {
    for (const DateForm form : {DateForm::ymd, DateForm::ym, DateForm::year}) {
      if (const auto start = read_date(value, form)) {
        series.axis.start = *start;
        return ok();
      }
    }
    return Error{"start", std::string(value) + " is no date", ""};
  } else if (key == "seasons") {
    series.seasons = numbers_of(value);
  } else if (key == "held_out") {
    advice.held_out = whole_number_of(value);
  } else if (key == "lags") {
    advice.lags = whole_numbers_of(value);
  } else if (key == "log") {
    advice.log = on;
  } else if (key == "difference") {
    advice.difference = on;
  } else if (key == "seasonal") {
    advice.seasonal = on;
  } else if (key == "calendar") {
    advice.calendar = on;
  } else if (key == "ar_lags") {
    advice.ar.lags = whole_numbers_of(value);
  } else if (key == "ar_log") {
    advice.ar.log = on;
  } else if (key == "ar_difference") {
    advice.ar.difference = on;
  } else if (key == "ar_harmonics") {
    advice.ar.harmonics = whole_number_of(value);
  } else {
    return Error{"", "there is no key " + std::string(key), ""};
  }
  return ok();
}

}  // namespace

Result<Series> read_shipped_series(std::string_view text) {
  Series series;
  while (!text.empty()) {
    std::string_view value = take_until(text, '\n');
    if (value.empty()) break;
    const std::string_view key = take_until(value, ':');
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (value.empty()) return Error{std::string(key), "there is no value", ""};
    if (Status status = set_key(series, key, value); !status) return status.error();
  }
  std::vector<double>& values = series.columns.emplace_back();
  while (!text.empty()) {
    for (const double number : numbers_of(take_until(text, '\n'))) {
      if (std::isnan(number))
        return Error{"", "what is no number stands behind " + std::to_string(values.size()), ""};
      values.push_back(number);
    }
  }
  series.names = {series.quantity.substr(0, series.quantity.find(", "))};
  return series;
}

Series shipped_series(std::string_view name) {
#define READ(entry) \
  if (name == #entry) return *read_shipped_series(shipped_series_text::entry);
  UNROLL_SHIPPED_SERIES(READ)
#undef READ
  return {};
}

double sine(double turns) {
  turns -= std::floor(turns);
  // To the first quarter, then the series in double angles: 13 terms are exact to the last digits.
  double sign = 1;
  if (turns >= 0.5) turns -= 0.5, sign = -1;
  if (turns > 0.25) turns = 0.5 - turns;
  const double x = turns * 6.283185307179586, square = x * x;
  double sum = 0;
  for (int k = 21; k >= 3; k -= 2) sum = (1 + sum) * -square / static_cast<double>(k * (k - 1));
  return sign * x * (1 + sum);
}

namespace {

Series made_series(const char* title, std::vector<double> values) {
  Series series;
  series.title = title;
  series.quantity = "value";
  series.names = {"value"};
  series.columns = {std::move(values)};
  return series;
}

}  // namespace

Series noisy_sines(uint64_t seed, int length, double noise) {
  Random random(seed, random_stream::task_train);
  std::vector<double> values;
  for (int t = 0; t < length; ++t)
    values.push_back(sine(t / 25.0) + 0.5 * sine(t / 60.0) + noise * random.normal());
  return made_series("Noisy sines", std::move(values));
}

Series mackey_glass(uint64_t seed, int length, double noise) {
  constexpr int per_unit = 10, delay = 17 * per_unit, settling = 500;
  constexpr double h = 1.0 / per_unit;
  Random random(seed, random_stream::task_train);
  std::vector<double> x(delay + 1,
                        0.9 + 0.6 * static_cast<double>(random.uniform()));  // constant before the beginning
  const auto slope = [](double now, double then) {
    const double square = then * then, fourth = square * square;
    return 0.2 * then / (1 + fourth * fourth * square) - 0.1 * now;
  };
  const int steps = (settling + length) * per_unit;
  x.reserve(x.size() + static_cast<size_t>(steps));
  for (int i = 0; i < steps; ++i) {
    const size_t at = x.size() - 1;
    const double now = x[at], then = x[at - delay], next = x[at - delay + 1], middle = (then + next) / 2;
    const double k1 = slope(now, then);
    const double k2 = slope(now + h / 2 * k1, middle);
    const double k3 = slope(now + h / 2 * k2, middle);
    const double k4 = slope(now + h * k3, next);
    x.push_back(now + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4));
  }
  std::vector<double> values;
  for (int t = 0; t < length; ++t)
    values.push_back(x[static_cast<size_t>(delay + (settling + t) * per_unit)] +
                     (noise > 0 ? noise * random.normal() : 0));
  return made_series("Mackey-Glass", std::move(values));
}

Series random_walk(uint64_t seed, int length) {
  Random random(seed, random_stream::task_train);
  std::vector<double> values;
  double position = 0;
  for (int t = 0; t < length; ++t) values.push_back(position += random.normal());
  Series series = made_series("Random walk", std::move(values));
  series.advice.difference = true;
  return series;
}

}  // namespace unroll
