#include "engine/tasks/calendar.h"

namespace unroll {
namespace {

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/// Days before 1 January of a year, from that of year 1 on, a Monday.
int days_before(int year) {
  const int past = year - 1;
  return 365 * past + past / 4 - past / 100 + past / 400;
}

}  // namespace

int days_in_month(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

Day day_number(int first_year, int number) {
  Day day{first_year, 1, 1, (days_before(first_year) + number) % 7};
  int left = number;
  for (int length = 0; left >= (length = is_leap(day.year) ? 366 : 365); ++day.year) left -= length;
  for (int length = 0; left >= (length = days_in_month(day.year, day.month)); ++day.month) left -= length;
  day.day += left;
  return day;
}

}  // namespace unroll
