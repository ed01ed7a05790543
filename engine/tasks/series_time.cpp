#include "engine/tasks/series_time.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "engine/base/number.h"

namespace unroll {

namespace {

constexpr int64_t day_seconds = 86400;
constexpr const char* month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr const char* day_names[] = {"Thu", "Fri", "Sat", "Sun",
                                     "Mon", "Tue", "Wed"};  // 1 January 1970 was one

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// 0 is Thursday.
int64_t day_of_week(int64_t days) { return days - floor_div(days, 7) * 7; }
bool is_weekend(int64_t days) {
  const int64_t day = day_of_week(days);
  return day == 2 || day == 3;
}
/// Weekdays before a day, counted from Thursday 1 January 1970; of a Saturday or Sunday: those before it.
int64_t weekdays_before(int64_t days) {
  const int64_t monday_based = days + 3;  // 29 December 1969 was a Monday
  const int64_t week = floor_div(monday_based, 7);
  return week * 5 + std::min<int64_t>(monday_based - week * 7, 5) - 3;
}
int64_t day_of_weekday(int64_t count) {
  const int64_t monday_based = count + 3, week = floor_div(monday_based, 5);
  return week * 7 + (monday_based - week * 5) - 3;
}

int64_t month_number(const CivilDate& date) { return int64_t{date.year} * 12 + date.month - 1; }

std::string text_of_day(int64_t days) {
  const CivilDate date = civil_from_days(days);
  return std::to_string(date.day) + " " + month_names[date.month - 1] + " " + std::to_string(date.year);
}

std::string text_of_moment(Moment moment, bool with_time) {
  const int64_t days = floor_div(moment, day_seconds), second = moment - days * day_seconds;
  std::string text = std::string(day_names[day_of_week(days)]) + " " + text_of_day(days);
  if (!with_time) return text;
  std::array<char, 16> time;
  const int hour = static_cast<int>(second / 3600), minute = static_cast<int>(second / 60 % 60);
  if (second % 60 == 0)
    std::snprintf(time.data(), time.size(), " %02d:%02d", hour, minute);
  else
    std::snprintf(time.data(), time.size(), " %02d:%02d:%02d", hour, minute, static_cast<int>(second % 60));
  return text + time.data();
}

std::optional<TimeGrid> month_grid(std::span<const Moment> moments) {
  // One day of the month, or its last one, at one time of day.
  std::vector<int64_t> months;
  bool same_day = true, last_day = true;
  int first_day = 0;
  for (const Moment moment : moments) {
    const int64_t days = floor_div(moment, day_seconds);
    if (moment - days * day_seconds != moments[0] - floor_div(moments[0], day_seconds) * day_seconds)
      return std::nullopt;
    const CivilDate date = civil_from_days(days);
    if (months.empty()) first_day = date.day;
    same_day = same_day && date.day == first_day;
    last_day = last_day && civil_from_days(days + 1).day == 1;
    months.push_back(month_number(date));
  }
  if (!same_day && !last_day) return std::nullopt;
  int64_t step = 0;
  for (size_t i = 1; i < months.size(); ++i) {
    int64_t a = months[i] - months[i - 1], b = step;
    if (a <= 0) return std::nullopt;
    while (b != 0) a = std::exchange(b, a % b);
    step = a;
  }
  TimeGrid grid{{TimeStep::Unit::month, step}, {}};
  for (const int64_t month : months) grid.positions.push_back((month - months[0]) / step);
  return grid;
}

std::optional<TimeGrid> weekday_grid(std::span<const Moment> moments) {
  TimeGrid grid{{TimeStep::Unit::weekday, 1}, {}};
  const int64_t first = floor_div(moments[0], day_seconds);
  for (const Moment moment : moments) {
    const int64_t days = floor_div(moment, day_seconds);
    if (is_weekend(days) || moment - moments[0] != (days - first) * day_seconds) return std::nullopt;
    grid.positions.push_back(weekdays_before(days) - weekdays_before(first));
  }
  return grid;
}

std::optional<TimeGrid> second_grid(std::span<const Moment> moments) {
  // The commonest distance: clocks that jump by an hour in spring must not make it finer.
  std::map<int64_t, int> counts;
  for (size_t i = 1; i < moments.size(); ++i) ++counts[moments[i] - moments[i - 1]];
  const int64_t step = std::ranges::max_element(counts, [](const auto& a, const auto& b) {
                         return a.second < b.second;
                       })->first;
  TimeGrid grid{{TimeStep::Unit::second, step}, {}};
  for (const Moment moment : moments) {
    if ((moment - moments[0]) % step != 0) return std::nullopt;
    grid.positions.push_back((moment - moments[0]) / step);
  }
  return grid;
}

}  // namespace

int64_t days_from_civil(int year, int month, int day) {
  const int64_t y = int64_t{year} - (month <= 2 ? 1 : 0);
  const int64_t era = floor_div(y, 400), year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate civil_from_days(int64_t days) {
  days += 719468;
  const int64_t era = floor_div(days, 146097), day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), month,
          static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

bool is_date(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return false;
  return civil_from_days(days_from_civil(year, month, day)).month == month;
}

std::string name(const TimeStep& step) {
  const auto several = [](int64_t count, const std::string& unit) {
    return count == 1 ? unit : std::to_string(count) + " " + unit + "s";
  };
  const int64_t count = step.count;
  switch (step.unit) {
    case TimeStep::Unit::number:
      return "step";
    case TimeStep::Unit::weekday:
      return "trading day";
    case TimeStep::Unit::month:
      if (count == 3) return "quarter";
      return count % 12 == 0 ? several(count / 12, "year") : several(count, "month");
    case TimeStep::Unit::second:
      break;
  }
  if (count % (7 * day_seconds) == 0) return several(count / (7 * day_seconds), "week");
  if (count % day_seconds == 0) return several(count / day_seconds, "day");
  if (count % 3600 == 0) return several(count / 3600, "hour");
  return count % 60 == 0 ? several(count / 60, "minute") : several(count, "second");
}

std::string value_before(const TimeStep& step) {
  const std::string unit = name(step);
  if (unit == "day" || unit == "trading day") return "yesterday's value";
  if (unit == "week" || unit == "month" || unit == "quarter" || unit == "year")
    return "last " + unit + "'s value";
  if (step.unit == TimeStep::Unit::number) return "the value before";
  const bool one = unit.find(' ') == std::string::npos;
  return "the value " + (one ? (unit == "hour" ? "an " : "a ") + unit : unit) + " before";
}

std::optional<TimeStep> read_time_step(std::string_view name) {
  int64_t count = 1;
  if (const size_t space = name.find(' '); space != name.npos && name != "trading day") {
    const auto number = read_number(name.substr(0, space));
    if (!number || !Range{1, 1e6, true}.holds(*number)) return std::nullopt;
    count = number->get<int64_t>();
    name.remove_prefix(space + 1);
    if (name.ends_with('s')) name.remove_suffix(1);
  }
  using Unit = TimeStep::Unit;
  static constexpr std::pair<std::string_view, TimeStep> units[] = {
      {"step", {Unit::number, 1}},          {"trading day", {Unit::weekday, 1}},
      {"month", {Unit::month, 1}},          {"quarter", {Unit::month, 3}},
      {"year", {Unit::month, 12}},          {"second", {Unit::second, 1}},
      {"minute", {Unit::second, 60}},       {"hour", {Unit::second, 3600}},
      {"day", {Unit::second, day_seconds}}, {"week", {Unit::second, 7 * 86400}}};
  for (const auto& [word, step] : units)
    if (word == name) return TimeStep{step.unit, step.count * count};
  return std::nullopt;
}

std::vector<double> usual_seasons(const TimeStep& step) {
  switch (step.unit) {
    case TimeStep::Unit::number:
      return {};
    case TimeStep::Unit::weekday:
      return {5};
    case TimeStep::Unit::month:
      return 12 % step.count == 0 && step.count < 12 ? std::vector{12.0 / static_cast<double>(step.count)}
                                                     : std::vector<double>{};
    case TimeStep::Unit::second:
      break;
  }
  std::vector<double> seasons;
  for (const double length : {1.0, 7.0, 365.25}) {  // days
    const double steps = length * day_seconds / static_cast<double>(step.count);
    const bool whole = steps == static_cast<double>(static_cast<int64_t>(steps));
    // A year of minutes is longer than anyone's data.
    if (steps >= 2 && steps <= 2000 && (whole || length > 300)) seasons.push_back(steps);
  }
  return seasons;
}

std::string TimeAxis::label(int64_t index) const {
  if (!moments.empty() && index >= 0 && index < static_cast<int64_t>(moments.size())) {
    const bool with_time =
        std::ranges::any_of(moments, [](Moment moment) { return moment % day_seconds != 0; });
    return text_of_moment(moments[static_cast<size_t>(index)], with_time);
  }
  switch (step.unit) {
    case TimeStep::Unit::number:
      return std::to_string(index + 1);
    case TimeStep::Unit::weekday: {
      const int64_t days = floor_div(start, day_seconds);
      return text_of_moment(day_of_weekday(weekdays_before(days) + index) * day_seconds, false);
    }
    case TimeStep::Unit::month: {
      const int64_t month = month_number(civil_from_days(floor_div(start, day_seconds))) + index * step.count;
      const int64_t year = floor_div(month, 12), of_year = month - year * 12;
      if (step.count % 12 == 0) return std::to_string(year);
      if (step.count == 3) return "Q" + std::to_string(of_year / 3 + 1) + " " + std::to_string(year);
      return std::string(month_names[of_year]) + " " + std::to_string(year);
    }
    case TimeStep::Unit::second:
      break;
  }
  return text_of_moment(start + index * step.count, step.count % day_seconds != 0);
}

std::optional<TimeGrid> grid_of(std::span<const Moment> moments) {
  if (moments.size() < 2) return std::nullopt;
  std::optional<TimeGrid> grid = month_grid(moments);
  // Days without any weekend are those of a market; one working week alone may as well be days.
  if (!grid) {
    if (auto weekdays = weekday_grid(moments); weekdays && (moments.back() - moments[0]) >= 7 * day_seconds) {
      const auto days = second_grid(moments);
      if (days && days->step == TimeStep{TimeStep::Unit::second, day_seconds}) grid = std::move(weekdays);
    }
  }
  if (!grid) grid = second_grid(moments);
  if (!grid || grid->positions.back() / 10 > static_cast<int64_t>(moments.size())) return std::nullopt;
  return grid;
}

}  // namespace unroll
