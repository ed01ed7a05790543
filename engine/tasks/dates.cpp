// Dates as people write them, in three languages and many forms, and as ISO 8601 has them.
#include <algorithm>
#include <cstdio>

#include "engine/document/experiment.h"
#include "engine/tasks/calendar.h"
#include "engine/tasks/held_out_number.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/translation_task.h"

namespace unroll {
namespace {

constexpr TaskField dates_fields[] = {
    {"reversed", TaskFieldType::boolean, 0, 1, 0, {}, "the date is read from its end"},
    {"attention",
     TaskFieldType::boolean,
     0,
     1,
     0,
     {},
     "while it writes, the network looks back at every character of the date"}};

// 1950 to 2049, so that two digits of a year mean one.
constexpr int first_year = 1950, all_days = 36525, blocks = all_days / 10;
constexpr int64_t held_out_dates = 500;

struct Names {
  const char* months[12];
  const char* weekdays[7];
};
constexpr Names english = {{"January", "February", "March", "April", "May", "June", "July", "August",
                            "September", "October", "November", "December"},
                           {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}};
constexpr Names german = {{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
                           "Oktober", "November", "Dezember"},
                          {"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"}};
constexpr Names french = {{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
                           "septembre", "octobre", "novembre", "décembre"},
                          {"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"}};

const char* ordinal(int day) {
  if (day / 10 != 1) {
    if (day % 10 == 1) return "st";
    if (day % 10 == 2) return "nd";
    if (day % 10 == 3) return "rd";
  }
  return "th";
}

std::string padded(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

constexpr uint32_t forms = 14;

/// With dots the day comes first, with slashes the month, as in the United States, or a year of four digits.
std::string written(const Day& date, uint32_t form) {
  const std::string year = std::to_string(date.year), day = std::to_string(date.day),
                    month = std::to_string(date.month);
  const auto name = [&](const Names& names) { return std::string(names.months[date.month - 1]); };
  const auto weekday = [&](const Names& names) { return std::string(names.weekdays[date.weekday]); };
  switch (form) {
    case 0:
      return day + " " + name(english) + " " + year;
    case 1:
      return name(english) + " " + day + ", " + year;
    case 2:
      return day + " " + name(english).substr(0, 3) + " " + year;
    case 3:
      return weekday(english) + ", " + day + " " + name(english) + " " + year;
    case 4:
      return name(english).substr(0, 3) + " " + day + ordinal(date.day) + ", " + year;
    case 5:
      return padded(date.day) + "-" + name(english).substr(0, 3) + "-" + year.substr(2);
    case 6:
      return month + "/" + day + "/" + year;
    case 7:
      return month + "/" + day + "/" + year.substr(2);
    case 8:
      return year + "/" + padded(date.month) + "/" + padded(date.day);
    case 9:
      return day + ". " + name(german) + " " + year;
    case 10:
      return padded(date.day) + "." + padded(date.month) + "." + year;
    case 11:
      return day + "." + month + "." + year.substr(2);
    case 12:
      return weekday(german).substr(0, 2) + ", " + day + ". " + name(german) + " " + year;
    default:
      break;
  }
  return weekday(french) + " " + (date.day == 1 ? "1er" : day) + " " + name(french) + " " + year;
}

std::string iso(const Day& date) {
  return std::to_string(date.year) + "-" + padded(date.month) + "-" + padded(date.day);
}

class DatesTask final : public TranslationTask {
 public:
  explicit DatesTask(const Experiment& experiment) : TranslationTask(experiment, settings_of(experiment)) {
    std::vector<Symbols> sources;
    for (int number = 0; number < all_days; number += 13)  // every month, weekday and digit
      for (uint32_t form = 0; form < forms; ++form)
        sources.push_back(characters(written(day_number(first_year, number), form)));
    const Symbols targets[] = {characters("0123456789-")};
    set_symbols(sources, targets);
  }

  const TaskKind& kind() const override;

  Pair training_pair(Random& random) const override {
    for (;;)
      if (const uint32_t number = random.below(all_days); !is_held_out(number))
        return pair(static_cast<int>(number), random.below(forms));
  }
  Pair held_out_pair(int64_t index) const override {
    Random random(0, random_stream::task_held_out, static_cast<uint64_t>(index));
    const auto number = static_cast<int>(held_out_of(random.below(blocks)));
    return pair(number, random.below(forms));
  }

 private:
  static Settings settings_of(const Experiment& experiment) {
    const TaskSettings settings(experiment);
    return {.longest_source = 28,  // "Wednesday, 27 September 2023"
            .longest_target = 10,
            .held_out = held_out_dates,
            .reversed = settings.is_on("reversed"),
            .attention = settings.is_on("attention"),
            .words = false,
            .rule = "the names and forms by which the dates are written"};
  }
  static Pair pair(int number, uint32_t form) {
    const Day date = day_number(first_year, number);
    return {characters(written(date, form)), characters(iso(date))};
  }
};

}  // namespace

const TaskKind dates_kind = {
    .name = "dates",
    .title = "Dates to ISO",
    .family = "Translation",
    .about =
        "\"Tuesday, 3 March 2026\", \"3. März 2026\" and \"3/3/26\" are all 2026-03-03: fourteen forms in "
        "three languages, "
        "every day from 1950 to 2049.",
    .source = "",
    .fields = dates_fields,
    .looks = {.column = "character",
              .prediction = "date",
              .own_sequence = "a date from 1950 to 2049",
              .own_sequence_start = "Tuesday, 3 March 2026",
              .translates = true},
    .start =
        R"({"unroll": 1, "data": {"task": {"name": "dates", "attention": true}}, "train": {"batch": 32, "rate": 0.005},
      "lanes": [{"cell": "rnn", "hidden": 96}, {"cell": "lstm", "hidden": 48}]})"};

Result<std::shared_ptr<const Task>> create_dates(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<const DatesTask>(experiment));
}

const TaskKind& DatesTask::kind() const { return dates_kind; }

}  // namespace unroll
