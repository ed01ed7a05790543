// The task `series`: its fields, and how an experiment becomes a SeriesTask.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/utf8.h"
#include "engine/document/experiment.h"
#include "engine/tasks/series_task.h"
#include "engine/tasks/settings.h"

namespace unroll {

namespace {

// Behind those that ship come the generators and one's own.
constexpr const char* sources[] = {
#define NAME(name) #name,
    UNROLL_SHIPPED_SERIES(NAME)
#undef NAME
        "sines",
    "mackey_glass", "walk", "own"};
constexpr const char* source_notes[] = {"Airline passengers, monthly, 1949 to 1960",
                                        "CO2 at Mauna Loa, monthly, 1959 to 1997",
                                        "Sunspots, yearly, 1700 to 2008",
                                        "Electricity demand, half-hourly, summer 2000",
                                        "Temperature at Seattle, daily, 2012 to 2015",
                                        "DAX closes, 1991 to 1998",
                                        "Temperature at Nottingham, monthly, 1920 to 1939",
                                        "Two sines with noise, generated",
                                        "Mackey-Glass: chaos, generated",
                                        "A random walk: nothing beats the last value",
                                        "A table of your own (CSV)"};
static_assert(std::size(source_notes) == std::size(sources));
// What is generated, with noise of its own, and a table.
constexpr const char* generated[] = {"sines", "mackey_glass", "walk"};
constexpr const char* noisy[] = {"sines", "mackey_glass"};
constexpr const char* own_words[] = {"own"};
constexpr TaskFieldUse of_generated = {"series", generated}, of_noisy = {"series", noisy},
                       of_own = {"series", own_words}, always = {};
constexpr bool rare = true;
enum class Switch { automatic, on, off };
constexpr const char* switch_words[] = {"auto", "on", "off"};
constexpr const char* spread_words[] = {"errors", "told"};
constexpr const char* training_words[] = {"streams", "windows"};
// Of a table of one's own: the first word leaves it to read_csv.
constexpr const char* separator_words[] = {"auto", "comma", "semicolon", "tab", "bar", "blank", "none"};
constexpr char separator_marks[] = {0, ',', ';', '\t', '|', ' ', 0};
constexpr const char* decimal_words[] = {"auto", "point", "comma"};
constexpr const char* header_words[] = {"auto", "yes", "no"};
constexpr const char* date_words[] = {"auto", "none", "ymd", "dmy", "mdy", "ym", "my", "quarter", "year"};
static_assert(std::size(date_words) == std::size(date_form_words) + 1);

constexpr int most_values = 200'000;

using Type = TaskFieldType;

constexpr TaskField choice(const char* name, std::span<const char* const> words, const char* help,
                           TaskFieldUse use = always, bool is_rare = rare,
                           std::span<const char* const> notes = {}) {
  return {name, Type::choice, 0, 0, 0, words, help, use, is_rare, notes};
}
constexpr TaskField number(const char* name, Type type, double minimum, double maximum, double initial,
                           const char* help, TaskFieldUse use = always, bool is_rare = false,
                           const char* zero = nullptr) {
  return {name, type, minimum, maximum, initial, {}, help, use, is_rare, {}, zero};
}

constexpr TaskField series_fields[] = {
    choice("series", sources,
           "Which series: one that ships, a generated one, or a table of one's own (data.text)", always,
           false, source_notes),
    choice("log", switch_words,
           "Learn the logarithm: where swings grow with the level. auto: as suits the series"),
    choice("difference", switch_words, "Learn the change from the value before. auto: as suits the series"),
    choice("seasonal", switch_words, "Learn the change from a season before. auto: as suits the series"),
    number("season", Type::real, 0, 10000, 0, "Length of the season in steps. 0: that of the series", always,
           rare, "usual"),
    number("lags", Type::text, 0, 200, 0,
           "Inputs of the predicted column, in steps before the value to predict: \"1 12 13\". Empty: as "
           "suits the series; a network remembers without them",
           always, rare),
    choice("calendar", switch_words,
           "Where in its seasons the value to predict lies, as sines and cosines. auto: as suits the series"),
    choice("training", training_words,
           "streams: read from beginning to end, states carried on. windows: stretches that begin anywhere"),
    choice("spread", spread_words,
           "How sure a forecast is. errors: by the errors so far. told: the network learns its own "
           "deviation, too "
           "(normal density instead of squared errors)",
           always, false),
    number("held_out", Type::integer, 0, most_values, 0,
           "Values at the end that are held out. 0: as usual for the series, else data.valid", always, false,
           "usual"),
    number("leave_off", Type::integer, 0, most_values, 0,
           "Values at the end that are not used at all: to choose settings without looking at them", always,
           rare, "none"),
    number("horizon", Type::integer, 0, 1000, 0, "Steps ahead that errors are told for. 0: one season, or 12",
           always, false, "usual"),
    number("length", Type::integer, 50, 20000, 1200, "Values of a generated series", of_generated),
    number("noise", Type::real, 0, 10, 0.1, "Noise in a generated series: its deviation", of_noisy),
    number("column", Type::text, 0, 200, 0,
           "The column to predict, its name or number. Empty: the first with numbers", of_own),
    number("inputs", Type::text, 0, 1000, 0,
           "Further columns to learn from, names or numbers with commas between, or all", of_own),
    choice("separator", separator_words, "What stands between the cells of a line", of_own),
    choice("decimal", decimal_words, "What stands before the decimals of a number", of_own),
    choice("header", header_words, "Whether the first line names the columns", of_own),
    choice("dates", date_words,
           "How dates are written: ymd is 2024-02-01, dmy 1.2.2024, mdy 2/1/2024, ym 2024-02", of_own),
    number("date_column", Type::integer, 0, static_cast<double>(CsvLimits::columns), 0,
           "The column with dates, from 1. 0: is recognised", of_own, rare, "auto"),
};

bool is_on(Switch chosen, bool advised) {
  return chosen == Switch::automatic ? advised : chosen == Switch::on;
}

/// The errors of a table are about data.text, unless they name a field.
Error about_text(Error error) {
  if (error.where.starts_with("data.")) return error;
  error.where = "data.text" + (error.where.empty() ? "" : ", " + error.where);
  return error;
}

Result<Series> series_of(const Experiment& experiment, const TaskSettings& settings) {
  const std::string source = sources[settings.whole("series")];
  const uint64_t seed = experiment.train.seed;
  const int length = settings.whole("length");
  const double noise = settings.real("noise");
  if (source == "sines") return noisy_sines(seed, length, noise);
  if (source == "mackey_glass") return mackey_glass(seed, length, noise);
  if (source == "walk") return random_walk(seed, length);
  if (source != "own") return shipped_series(source);
  if (experiment.data.text.empty())
    return Error{"data.text", "there is no table",
                 "give one: a header, and a line for each time step; or choose another series"};
  const auto table = read_csv(experiment.data.text, csv_choices_of(experiment.data.task));
  if (!table) return about_text(table.error());
  auto series = series_of_table(*table, settings.text("column"), settings.text("inputs"));
  if (!series) return about_text(series.error());
  return series;
}

Result<std::vector<int>> lags_of(std::string_view text, const std::vector<int>& advised) {
  if (text.empty()) return advised;
  const Error error{"data.task.lags", quotation(text) + " is no list of lags",
                    "whole numbers from 1 to 2000 with blanks between, 32 or fewer: \"1 12 13\""};
  std::vector<int> lags;
  while (!text.empty()) {
    const size_t end = text.find_first_of(" ,");
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (word.empty()) continue;
    const auto lag = read_number(word);
    if (!lag || !Range{1, 2000, true}.holds(*lag) || lags.size() == 32) return error;
    lags.push_back(lag->get<int>());
  }
  if (lags.empty()) return error;
  return lags;
}

}  // namespace

CsvChoices csv_choices_of(const TaskSpec& spec) {
  const auto whole = [&](std::string_view field) { return static_cast<int>(number_of(spec, field)); };
  CsvChoices choices;
  if (const int separator = whole("separator")) choices.separator = separator_marks[separator];
  if (const int decimal = whole("decimal")) choices.decimal = decimal == 1 ? '.' : ',';
  if (const int header = whole("header")) choices.header = header == 1;
  if (const int dates = whole("dates")) choices.dates = static_cast<DateForm>(dates - 1);
  if (const int column = whole("date_column")) choices.date_column = column - 1;
  return choices;
}

const TaskKind series_kind = {.name = "series",
                              .title = "Time series",
                              .family = "Time series",
                              .about =
                                  "The next value of a series from those before it; further ones by running "
                                  "freely. The errors are on the end, which is held out.",
                              .source = "Hyndman & Koehler 2006, for its measures of error",
                              .fields = series_fields,
                              .looks = {.column = "time step",
                                        .prediction = "next value",
                                        .own_data = "a table (CSV): a line for each time step, with a date "
                                                    "if there is one, and one or more columns of numbers",
                                        .own_data_use = of_own,
                                        .table = true,
                                        .forecasts = true},
                              .start = R"({"unroll": 1,
      "data": {"task": {"name": "series", "series": "demand"}},
      "train": {"batch": 8, "seq_length": 48, "rate": 0.003},
      "lanes": [{"cell": "rnn", "hidden": 64}, {"cell": "lstm", "hidden": 32}]})"};

Result<std::shared_ptr<const Task>> create_series(const Experiment& experiment, const Json& stored) {
  const TaskSettings settings(experiment);
  auto read = series_of(experiment, settings);
  if (!read) return read.error();
  Series& series = *read;
  const bool own = sources[settings.whole("series")] == std::string_view("own");

  // The end that nobody may see, and the end that is held out.
  const auto leave_off = static_cast<size_t>(settings.whole("leave_off"));
  if (leave_off >= series.length())
    return Error{"data.task.leave_off", "the series has " + std::to_string(series.length()) + " values",
                 "leave off fewer"};
  for (auto& column : series.columns) column.resize(series.length() - leave_off);
  const size_t length = series.length();
  if (series.axis.moments.size() > length) series.axis.moments.resize(length);
  auto held_out = static_cast<size_t>(settings.whole("held_out"));
  if (held_out == 0 && series.advice.held_out > 0) held_out = static_cast<size_t>(series.advice.held_out);
  if (held_out == 0)
    held_out = static_cast<size_t>(std::floor(static_cast<double>(length) * experiment.data.valid));
  if (held_out >= length)
    return Error{"data.task.held_out", "the series has " + std::to_string(length) + " values",
                 "hold out fewer"};
  const size_t train = length - held_out;

  if (const double season = settings.real("season"); season > 0) {
    if (season < 2)
      return Error{"data.task.season", "a season has 2 steps or more", "give 0 for that of the series"};
    series.seasons = {season};
  }
  double season = 0;
  for (const double one : series.seasons)
    if (2 * one <= static_cast<double>(train)) season = one;
  SeriesAdvice advice = series.advice;
  if (own) advice = advice_for(std::span(series.columns[0]).first(train), season);

  SeriesSteps steps;
  steps.log = is_on(settings.choice<Switch>("log"), advice.log);
  steps.difference = is_on(settings.choice<Switch>("difference"), advice.difference);
  steps.seasonal = is_on(settings.choice<Switch>("seasonal"), advice.seasonal);
  steps.season = static_cast<int>(std::lround(season));
  if (steps.seasonal && season == 0)
    return Error{"data.task.seasonal", "the series has no season that its training part holds twice",
                 "give its length as season, or switch it off"};
  auto lags = lags_of(settings.text("lags"), advice.lags);
  if (!lags) return lags.error();
  steps.lags = std::move(*lags);
  if (is_on(settings.choice<Switch>("calendar"), advice.calendar)) {
    steps.calendar = series.seasons;
    if (steps.calendar.empty())
      return Error{"data.task.calendar", "the series has no season",
                   "give its length as season, or switch the calendar off"};
  }

  const int horizon = settings.whole("horizon");
  const double first_season = series.seasons.empty() ? 0 : series.seasons.front();
  const int usual =
      first_season >= 2 && first_season <= 60 ? static_cast<int>(std::lround(first_season)) : 12;
  const auto most = static_cast<int>(std::max<size_t>(held_out, 1));

  const auto enough = [&](const SeriesCoding& coding) {
    return static_cast<int64_t>(train) >= coding.first_step() + 5;
  };
  const Error too_short{
      own ? "data.text" : "data.task",
      "too few values are left to train on: the series has " + std::to_string(train) +
          " before its held-out end",
      "give a longer series, hold out less, take shorter lags, or switch the seasonal difference off"};
  {
    // What a row looks back on must be there before anything is fitted.
    const int longest = std::ranges::max(steps.lags);
    if (static_cast<size_t>(longest + (steps.seasonal ? steps.season : 0) + 6) > train) return too_short;
  }
  auto coding = stored.is_null() || !stored.contains("series")
                    ? SeriesCoding::fit(series, steps, train)
                    : SeriesCoding::restore(series, steps, stored["series"]);
  if (!coding) return coding.error().where.empty() ? about_text(coding.error()) : coding.error();
  if (!enough(*coding)) return too_short;

  auto task =
      std::make_shared<const SeriesTask>(SeriesPlan{.series = std::move(series),
                                                    .coding = std::move(*coding),
                                                    .train = train,
                                                    .training = settings.choice<SeriesTraining>("training"),
                                                    .batch = experiment.train.batch,
                                                    .seq_length = experiment.train.seq_length,
                                                    .horizon = std::min(horizon > 0 ? horizon : usual, most),
                                                    .deviation = settings.whole("spread") == 1,
                                                    .seed = experiment.train.seed});
  return std::shared_ptr<const Task>(std::move(task));
}

const TaskKind& SeriesTask::kind() const { return series_kind; }

}  // namespace unroll
