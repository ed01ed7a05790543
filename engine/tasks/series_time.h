// When the values of a series were measured: moments of the proleptic Gregorian calendar without time zones, dates as people
// write them, and a regular axis (every month, every 30 minutes, every trading day). Uses engine/base.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unroll {

/// Seconds since 1970-01-01 00:00.
using Moment = int64_t;

/// Days since 1970-01-01, by H. Hinnant's algorithm; the month from 1. Years from 1 to 9999.
int64_t days_from_civil(int year, int month, int day);
struct CivilDate {
  int year, month, day;
};
CivilDate civil_from_days(int64_t days);
/// False for 31 April or 29 February 2023.
bool is_date(int year, int month, int day);

/// The ways of writing a date. A time of day may follow a day: "2024-02-01T13:30", "1.2.2024 13:30:05", "2/1/2024 1:30 PM".
enum class DateForm {
  none,
  ymd,      ///< 2024-02-01, 2024/2/1, 2024.02.01, 20240201
  dmy,      ///< 01.02.2024, 1/2/24, 1 Feb 2024
  mdy,      ///< 02/01/2024, Feb 1, 2024
  ym,       ///< 2024-02, 2024M02, 2024 Feb
  my,       ///< 02/2024, Feb 2024, Feb-24
  quarter,  ///< 2024-Q1, 2024Q1, Q1 2024
  year      ///< 2024
};
inline constexpr const char* date_form_words[] = {"none", "ymd", "dmy", "mdy", "ym", "my", "quarter", "year"};
/// For people: "day.month.year".
const char* title(DateForm);
/// Nothing where the text is no date of this form. Two digits of a year: 70 to 99 are 1970 to 1999, else 20xx.
std::optional<Moment> read_date(std::string_view text, DateForm form);
/// "13:30", "13:30:05", "1:30 PM", as seconds of the day.
std::optional<int64_t> read_time_of_day(std::string_view text);

/// From one value to the next.
struct TimeStep {
  enum class Unit {
    number,   ///< no dates: values are numbered from 1
    second,   ///< `count` seconds; a day is 86,400
    weekday,  ///< Monday to Friday
    month     ///< `count` months; a year is 12
  };
  Unit unit = Unit::number;
  int64_t count = 1;

  bool operator==(const TimeStep&) const = default;
};

/// Where each value stands in time: regular from `start`, or (unit number) where `moments` is not empty: one moment each,
/// without a rule.
struct TimeAxis {
  TimeStep step;
  Moment start = 0;
  std::vector<Moment> moments = {};

  /// Of value `index`, beyond the last one too if it is regular: "Jan 1949", "1700", "Mon 5 Jun 2000 00:30", "17".
  std::string label(int64_t index) const;
};
/// "month", "year", "30 minutes", "trading day", "step": what follows "a" or "each".
std::string name(const TimeStep&);
/// The value one step before as people call it: "last month's value", "yesterday's value", "the value 30 minutes before".
std::string value_before(const TimeStep&);
/// The inverse of name(): also "hour", "day", "week", "quarter".
std::optional<TimeStep> read_time_step(std::string_view name);
/// The usual seasons of such a step, in steps, the shortest first: month 12, 30 minutes 48 and 336; empty: none.
std::vector<double> usual_seasons(const TimeStep&);

/// The finest regular axis on which all moments lie (strictly increasing, two or more), and where each lies on it.
struct TimeGrid {
  TimeStep step;
  std::vector<int64_t> positions;  ///< from 0, strictly increasing
};
/// Nothing where they follow no rule, or so few lie on it that most would be gaps (more than nine of ten).
std::optional<TimeGrid> grid_of(std::span<const Moment> moments);

}  // namespace unroll
