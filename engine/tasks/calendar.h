// Days of the Gregorian calendar by number.
#pragma once

namespace unroll {

struct Day {
  int year, month, day;  ///< month and day from 1
  int weekday;           ///< 0: Monday
};

/// `number` days after 1 January of `first_year`, which is 1 or later.
Day day_number(int first_year, int number);
int days_in_month(int year, int month);

}  // namespace unroll
