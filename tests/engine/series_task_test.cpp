// Time series as a task: what a network is given, what its answers mean, and that nothing of the held-out end leaks.
#include "engine/tasks/series_task.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/base/number.h"
#include "engine/base/random.h"
#include "engine/document/experiment.h"
#include "engine/document/experiment_task.h"

using namespace unroll;

namespace {

/// An experiment with this task and these fields, by their names.
Experiment experiment_of(std::initializer_list<std::pair<std::string_view, TaskValue>> values,
                         std::string text = {}) {
  Experiment experiment = default_experiment();
  experiment.data.text = std::move(text);
  experiment.data.example.clear();
  experiment.data.task.name = "series";
  const TaskKind& kind = *find_task_kind("series");
  for (const TaskField& field : kind.fields) experiment.data.task.values.push_back({.number = field.initial});
  for (const auto& [name, value] : values) {
    bool found = false;
    for (size_t i = 0; i < kind.fields.size(); ++i) {
      if (name != kind.fields[i].name) continue;
      found = true;
      TaskValue& set = experiment.data.task.values[i] = value;
      for (size_t w = 0; w < kind.fields[i].words.size(); ++w)
        if (value.text == kind.fields[i].words[w]) set = {.number = static_cast<double>(w)};
    }
    REQUIRE(found);
  }
  return experiment;
}

TaskValue word(std::string text) { return {.text = std::move(text)}; }
TaskValue number(double value) { return {.number = value}; }

std::shared_ptr<const SeriesTask> task_of(const Experiment& experiment, const Json& stored = nullptr) {
  auto task = create_task(experiment, stored);
  if (!task) FAIL(task.error().text());
  REQUIRE(std::string((*task)->kind().name) == "series");
  return std::static_pointer_cast<const SeriesTask>(*task);
}

std::string error_of(const Experiment& experiment) {
  const auto task = create_task(experiment);
  return task ? "no error" : task.error().text();
}

/// Answers one number for each row: `weights` · row.
class Linear final : public Network {
 public:
  explicit Linear(std::vector<double> weights, double constant = 0)
      : weights_(std::move(weights)), constant_(constant) {}
  std::span<const float> read(const Batch& batch) override {
    const size_t rows = static_cast<size_t>(batch.seq_length) * static_cast<size_t>(batch.batch);
    REQUIRE(batch.reals.size() == rows * weights_.size());
    answers_.assign(rows, 0);
    for (size_t r = 0; r < rows; ++r) {
      double sum = constant_;
      for (size_t i = 0; i < weights_.size(); ++i)
        sum += weights_[i] * static_cast<double>(batch.reals[r * weights_.size() + i]);
      answers_[r] = static_cast<float>(sum);
    }
    restarts += batch.restart;
    return answers_;
  }
  int restarts = 0;

 private:
  std::vector<double> weights_;
  double constant_;
  std::vector<float> answers_;
};

Score score_of(const SeriesTask& task, Network& network, int rows = 1 << 20) {
  const auto scorer = task.scorer();
  REQUIRE(scorer != nullptr);
  while (!scorer->advance(network, rows)) {
  }
  return scorer->score();
}

double other(const Score& score, std::string_view name) {
  for (const auto& [key, value] : score.others)
    if (key == name) return value;
  FAIL("no measure " << name);
  return 0;
}

double baseline(const SeriesTask& task, std::string_view name) {
  for (const Baseline& one : task.baselines())
    if (one.name == name) return one.value;
  FAIL("no baseline " << name);
  return 0;
}

}  // namespace

TEST_CASE("mean and deviation are those of the training part alone, and the inverse is exact") {
  // Train 1 2 3 4, test 10: mean 2.5, deviation 1.11803, z(10) = 6.7082.
  Series series;
  series.names = {"x"};
  series.columns = {{1, 2, 3, 4, 10}};
  const auto coding = SeriesCoding::fit(series, {}, 4);
  REQUIRE(static_cast<bool>(coding));
  CHECK(coding->mean(0) == 2.5);
  CHECK(coding->deviation(0) == doctest::Approx(1.11803).epsilon(1e-5));
  const SeriesReader read = [&](size_t c, int64_t t) { return series.columns[c][static_cast<size_t>(t)]; };
  const double z = coding->target(3, 10, read);
  CHECK(z == doctest::Approx(6.7082).epsilon(1e-5));
  CHECK(coding->decode(3, z, read) == 10);
}

TEST_CASE("logarithm, differences and their inverses fit each other in every combination") {
  Series series;
  series.names = {"x"};
  series.columns.emplace_back();
  for (int t = 0; t < 60; ++t) series.columns[0].push_back(100 + t + 20 * std::sin(t / 2.0) + (t * 37 % 11));
  const SeriesReader read = [&](size_t c, int64_t t) { return series.columns[c][static_cast<size_t>(t)]; };
  for (int bits = 0; bits < 8; ++bits) {
    INFO(bits);
    const SeriesSteps steps{.log = (bits & 1) != 0,
                            .difference = (bits & 2) != 0,
                            .seasonal = (bits & 4) != 0,
                            .season = 12,
                            .lags = {1, 3},
                            .calendar = {}};
    const auto coding = SeriesCoding::fit(series, steps, 48);
    REQUIRE(static_cast<bool>(coding));
    CHECK(coding->first_step() == 2 + (steps.difference ? 1 : 0) + (steps.seasonal ? 12 : 0));
    double sum = 0, squares = 0, count = 0;
    for (int64_t t = coding->first_step(); t < 59; ++t) {
      const double value = read(0, t + 1), z = coding->target(t, value, read);
      CHECK(coding->decode(t, z, read) == doctest::Approx(value).epsilon(1e-12));
      // The target of this step is the first input of the next one, the third of the third.
      float row[2] = {};
      const uint8_t there = 0;
      coding->encode(t + 1, read, {&there, 1}, row);
      CHECK(row[0] == static_cast<float>(z));
      if (t + 3 < 59) {
        coding->encode(t + 3, read, {&there, 1}, row);
        CHECK(row[1] == static_cast<float>(z));
      }
      if (t + 1 < 48) sum += z, squares += z * z, ++count;
    }
    CHECK(std::abs(sum / count) < 0.1);
    CHECK(squares / count == doctest::Approx(1).epsilon(0.1));
  }
}

TEST_CASE(
    "answers of 0 with all differences are season + delta, and without the season the last value, to the "
    "digit") {
  const auto task = task_of(experiment_of({{"series", word("demand")},
                                           {"log", word("off")},
                                           {"difference", word("on")},
                                           {"seasonal", word("on")},
                                           {"calendar", word("off")},
                                           {"lags", word("1")}}));
  Linear none({0.0}, -task->coding().mean(0) / task->coding().deviation(0));
  const Score score = score_of(*task, none);
  CHECK(score.name == "MAE");
  CHECK(score.unit == "MW");
  CHECK(score.count == 672);
  CHECK(score.value == doctest::Approx(121.9985).epsilon(1e-4));
  CHECK(score.value == doctest::Approx(baseline(*task, "season + delta")).epsilon(1e-4));

  const auto walk = task_of(experiment_of({{"series", word("airline")},
                                           {"log", word("off")},
                                           {"difference", word("on")},
                                           {"seasonal", word("off")},
                                           {"lags", word("1")}}));
  Linear still({0.0}, -walk->coding().mean(0) / walk->coding().deviation(0));
  const Score last = score_of(*walk, still);
  CHECK(last.value == doctest::Approx(44.2083).epsilon(1e-4));
  CHECK(other(last, "RMSE") == doctest::Approx(51.7820).epsilon(1e-4));
  CHECK(other(last, "copy") == doctest::Approx(1));
  // Running freely it stays where it is, as the baseline does.
  REQUIRE(last.curves.size() == 3);
  for (const Baseline& one : walk->baselines()) {
    if (one.name != "last value" || !one.of.empty()) continue;
    REQUIRE(one.curve.has_value());
    for (size_t h = 0; h < 12; ++h)
      CHECK(last.curves[0].value[h] == doctest::Approx(one.curve->value[h]).epsilon(1e-4));
  }
}

TEST_CASE("what a score says does not depend on the pieces in which it is measured") {
  const auto task = task_of(experiment_of({{"series", word("airline")}}));
  Linear network({0.3, 0.2});
  const Score whole = score_of(*task, network), pieces = score_of(*task, network, 7);
  CHECK(whole.value == pieces.value);
  CHECK(whole.loss == doctest::Approx(pieces.loss));
  CHECK(whole.curves[0].value == pieces.curves[0].value);
  CHECK(other(whole, "copy") == other(pieces, "copy"));
}

TEST_CASE("a network that says the coming value has error 0, loss 0 and copy 0; MASE counts in seasons") {
  // y_t = y_{t-4} exactly: the input with lag 4 is the answer, running freely too.
  std::string text = "v\n";
  for (int t = 0; t < 80; ++t) text += std::to_string((t % 4) * (t % 4) + 3) + "\n";
  const auto task = task_of(experiment_of({{"series", word("own")},
                                           {"season", number(4)},
                                           {"lags", word("4")},
                                           {"difference", word("off")},
                                           {"seasonal", word("off")},
                                           {"held_out", number(20)},
                                           {"horizon", number(8)}},
                                          text));
  Linear network({1.0});
  const Score score = score_of(*task, network);
  CHECK(score.value < 1e-5);
  CHECK(score.loss < 1e-10);
  CHECK(other(score, "copy") < 1e-5);
  CHECK(std::isnan(other(score, "MASE")));  // last season errs by 0
  REQUIRE(score.curves[0].value.size() == 8);
  for (const double error : score.curves[0].value) CHECK(error < 1e-4);
}

TEST_CASE("nothing of the held-out end changes what is trained on") {
  std::string one = "v\n", two = "v\n";
  for (int t = 0; t < 60; ++t) {
    const std::string value = std::to_string(t * 7 % 13 + t);
    one += value + "\n";
    two += (t < 50 ? value : std::to_string(1000 + t)) + "\n";
  }
  for (const char* training : {"streams", "windows"}) {
    const auto with = [&](const std::string& text) {
      return task_of(experiment_of(
          {{"series", word("own")}, {"held_out", number(10)}, {"training", word(training)}}, text));
    };
    const auto a = with(one), b = with(two);
    CHECK(a->stored() == b->stored());
    Batch x, y;
    for (int64_t step = 0; step < 20; ++step) {
      a->fill(step, x);
      b->fill(step, y);
      CHECK(x.reals == y.reals);
      CHECK(x.values == y.values);
      CHECK(x.weights == y.weights);
    }
  }
}

TEST_CASE("streams show every training row once an epoch, and carry states on between its steps") {
  const auto task = task_of(experiment_of({{"series", word("airline")}, {"lags", word("1")}}));
  CHECK(task->batch() == 1);
  CHECK(task->steps_per_epoch() == 2);
  Batch batch;
  std::vector<float> targets;
  for (int64_t step = 0; step < task->steps_per_epoch(); ++step) {
    task->fill(step, batch);
    CHECK(batch.restart == (step == 0));
    for (int t = 0; t < batch.lengths[0]; ++t) targets.push_back(batch.values[static_cast<size_t>(t)]);
  }
  REQUIRE(targets.size() == 120 - 1 - 13);
  for (size_t i = 0; i < targets.size(); ++i) CHECK(targets[i] == task->target(13 + static_cast<int64_t>(i)));
  Batch again;
  task->fill(task->steps_per_epoch(), again);
  CHECK(again.restart);
  task->fill(0, batch);
  CHECK(again.values == batch.values);
}

TEST_CASE("windows are drawn by seed and step, and none is longer than what is there") {
  const auto task = task_of(experiment_of({{"series", word("sunspots")}, {"training", word("windows")}}));
  CHECK(task->steps_per_epoch() == 0);
  Batch a, b;
  task->fill(5, a);
  task->fill(5, b);
  CHECK(a.reals == b.reals);
  task->fill(6, b);
  CHECK(a.reals != b.reals);
  CHECK(a.restart);
  CHECK(a.batch == 16);
  CHECK(a.seq_length == 64);
}

TEST_CASE("gaps are marked and weigh nothing; a forecast is there all the same") {
  std::string text = "date,x,y\n";
  for (int t = 0; t < 60; ++t) {
    if (t == 20) continue;  // a row that is not there
    char day[32];
    std::snprintf(day, sizeof day, "2024-%02d-%02d", t / 28 + 1, t % 28 + 1);
    text += std::string(day) + "," + (t == 30 || t == 55 ? "" : std::to_string(t % 9)) + "," +
            std::to_string(t) + "\n";
  }
  // Days 29 to 31 of a month are no rows here either.
  const auto task = task_of(experiment_of({{"series", word("own")},
                                           {"inputs", word("y")},
                                           {"difference", word("off")},
                                           {"seasonal", word("off")},
                                           {"held_out", number(12)}},
                                          text));
  CHECK(task->series().columns.size() == 2);
  const std::vector<double>& x = task->series().columns[0];
  CHECK(std::isnan(x[20]));
  REQUIRE(task->coding().inputs() == 4);  // x, y, and a marker each
  CHECK(task->row(20)[2] == 1);
  CHECK(task->row(20)[3] == 1);
  CHECK(task->row(20)[0] == task->row(19)[0]);  // carried
  CHECK(task->weight(19) == 0);
  CHECK(task->weight(20) == 1);
  CHECK(task->row(21)[2] == 0);
  CHECK(task->carried(0, 20) == x[19]);
  Linear network({1, 0, 0, 0});
  const Score score = score_of(*task, network);
  CHECK(std::isfinite(score.value));
  CHECK(score.count < 12);
  CHECK(score.count > 6);
  Batch batch;
  task->fill(0, batch);
  float least = 1;
  for (const float weight : batch.weights) least = std::min(least, weight);
  CHECK(least == 0);
}

TEST_CASE("a constant series: forecasts are the constant, and nothing is NaN but MASE and copy") {
  std::string text;
  for (int t = 0; t < 50; ++t) text += "7\n";
  const auto task = task_of(experiment_of({{"series", word("own")}, {"held_out", number(10)}}, text));
  Linear network({1.0});
  const Score score = score_of(*task, network);
  CHECK(score.value == 0);
  CHECK(std::isnan(other(score, "MASE")));
  CHECK(std::isnan(other(score, "copy")));
  for (const Baseline& one : task->baselines())
    CHECK((one.of == "MASE" ? std::isnan(one.value) : one.value < 1e-9));
  const SeriesFan fan = task->fan(network, 44, 5, 10);
  for (const double value : fan.forecast) CHECK(value == 7);
}

TEST_CASE("what is stored makes the same inputs of another series, and refuses other switches") {
  const auto text = [](double factor) {
    std::string text = "v\n";
    for (int t = 0; t < 40; ++t) text += std::to_string(factor * (t % 5)) + "\n";
    return text;
  };
  const auto with = [&](const std::string& data, const Json& stored, const char* lags = "1") {
    return create_task(experiment_of({{"series", word("own")},
                                      {"difference", word("off")},
                                      {"seasonal", word("off")},
                                      {"lags", word(lags)}},
                                     data),
                       stored);
  };
  const auto trained = with(text(1), nullptr);
  REQUIRE(static_cast<bool>(trained));
  const auto later = with(text(10), (*trained)->stored());
  REQUIRE(static_cast<bool>(later));
  CHECK(static_cast<const SeriesTask&>(**later).coding().mean(0) ==
        static_cast<const SeriesTask&>(**trained).coding().mean(0));
  CHECK((*later)->stored() == (*trained)->stored());
  CHECK_FALSE(static_cast<bool>(with(text(1), (*trained)->stored(), "1 2")));
  for (const char* broken : {"{}", "[]", R"({"series": {}})", R"({"series": {"scales": [3]}})",
                             R"({"series": {"scales": [{"mean": 1, "deviation": 0, "log": false}]}})"})
    CHECK_FALSE(static_cast<bool>(
        with(text(1), Json::parse(broken).empty() ? Json{{"series", 1}} : Json::parse(broken))));
}

/// The last value stays, and the network says that it is off by 0.3 of what is learned.
class Sure final : public Network {
 public:
  std::span<const float> read(const Batch& batch) override {
    const size_t rows = static_cast<size_t>(batch.seq_length) * static_cast<size_t>(batch.batch),
                 width = batch.reals.size() / rows;
    answers_.clear();
    for (size_t row = 0; row < rows; ++row) {
      answers_.push_back(batch.reals[row * width]);
      answers_.push_back(std::log(0.3f));
    }
    return answers_;
  }

 private:
  std::vector<float> answers_;
};

TEST_CASE(
    "a network that tells its own deviation: its mean is judged, its fan has that width, and how often it is "
    "right is told") {
  const auto fields = {std::pair<std::string_view, TaskValue>{"series", word("sunspots")},
                       {"spread", word("told")}};
  const auto task = task_of(experiment_of(fields));
  CHECK(task->shape() == TaskShape{1, true, 2, Head::gaussian});
  const std::vector<double>& values = task->series().columns[0];
  double sum = 0, squares = 0;
  for (int64_t t = 0; t < task->train(); ++t) sum += values[static_cast<size_t>(t)];
  const double mean = sum / static_cast<double>(task->train());
  for (int64_t t = 0; t < task->train(); ++t) squares += std::pow(values[static_cast<size_t>(t)] - mean, 2);
  const double width = 1.2815515655 * 0.3 * std::sqrt(squares / static_cast<double>(task->train()));
  Sure sure;
  const SeriesFan fan = task->fan(sure, task->train() - 1, 1, 4000);
  const double last = values[static_cast<size_t>(task->train() - 1)];
  CHECK(fan.forecast[0] == doctest::Approx(last));
  CHECK(fan.p90[0] - fan.p10[0] == doctest::Approx(2 * width).epsilon(0.08));
  const auto scorer = task->scorer();
  while (!scorer->advance(sure, 64)) continue;
  double inside = 0;
  for (int64_t t = task->train(); t < task->length(); ++t)
    inside += std::abs(values[static_cast<size_t>(t)] - values[static_cast<size_t>(t - 1)]) <= width;
  const Score score = scorer->score();
  const auto found = std::ranges::find(score.others, "inside 80%", &std::pair<std::string, double>::first);
  REQUIRE(found != score.others.end());
  CHECK(found->second == doctest::Approx(inside / static_cast<double>(task->length() - task->train())));
  const auto without = task_of(experiment_of({{"series", word("sunspots")}}));
  const auto plain = without->scorer();
  Linear same({1.0});
  while (!plain->advance(same, 64)) continue;
  CHECK(score.value == doctest::Approx(plain->score().value));
}

TEST_CASE("settings are chosen on the end of the training part: what is left off is not there") {
  const auto task = task_of(experiment_of({{"series", word("airline")}, {"leave_off", number(24)}}));
  CHECK(task->length() == 120);
  CHECK(task->train() == 96);
}

TEST_CASE("the calendar tells where in its seasons the coming value lies") {
  const auto task =
      task_of(experiment_of({{"series", word("airline")}, {"calendar", number(1)}, {"lags", word("1")}}));
  CHECK(task->coding().inputs() == 1 + 6);
  // Step 23 is December 1950; the coming January has the phase of all Januaries.
  CHECK(task->row(23)[1] == doctest::Approx(0).epsilon(1e-6));
  CHECK(task->row(23)[2] == doctest::Approx(1));
  CHECK(task->row(35)[1] == doctest::Approx(static_cast<double>(task->row(23)[1])));
  CHECK(task->row(26)[1] == doctest::Approx(1));  // April is a quarter of a year on
}

TEST_CASE("each series can be chosen in the task's own start, and takes what suits it") {
  const TaskKind& kind = *find_task_kind("series");
  for (const char* word : kind.fields[0].words) {
    if (std::string_view(word) == "own") continue;
    CAPTURE(word);
    auto experiment = parse_experiment(kind.start);
    REQUIRE(experiment);
    REQUIRE(set_task_field(*experiment, "series", word));
    CHECK(error_of(*experiment) == "no error");
  }
  CHECK(task_of(experiment_of({{"series", word("demand")}}))->coding().inputs() == 4 + 2 * 6);
  CHECK(task_of(experiment_of({{"series", word("sunspots")}}))->coding().inputs() == 1);
}

TEST_CASE("a switch of the task is on and off, and true and false mean the same") {
  for (const char* said : {R"("on")", "true"}) {
    CAPTURE(said);
    auto experiment = parse_experiment(
        R"({"unroll": 1, "data": {"task": {"name": "series", "series": "airline", "lags": "1", "calendar": )" +
        std::string(said) + "}}}");
    REQUIRE(experiment);
    CHECK(task_of(*experiment)->coding().inputs() == 1 + 6);
    REQUIRE(set_task_field(*experiment, "calendar", "false"));
    CHECK(task_of(*experiment)->coding().inputs() == 1);
  }
}

TEST_CASE("an example stands around the beginning of the held-out part, with dates and a mark") {
  const auto task = task_of(experiment_of({{"series", word("demand")}}));
  const Example example = task->example(0);
  CHECK(example.batch.seq_length == 128);
  CHECK(example.columns.size() == 128);
  REQUIRE(example.marks.size() == 1);
  const auto begin = static_cast<size_t>(example.marks[0].position);
  CHECK(task->example_start(0) + static_cast<int64_t>(begin) + 1 == task->train());
  CHECK(example.columns[begin] == "Sun 13 Aug 2000 23:30");
  CHECK(task->example(1).columns[0] == task->series().axis.label(task->example_start(0) + 128));
  const std::vector<double> shown = task->forecasts(task->example_start(0), example.batch.values);
  for (size_t i = 0; i < shown.size(); ++i)
    CHECK(shown[i] ==
          doctest::Approx(task->series().columns[0][static_cast<size_t>(task->example_start(0)) + i + 1])
              .epsilon(1e-5));
}

TEST_CASE("an example's numbers mean values in the series' own unit: read, to be said, and said") {
  const auto task = task_of(experiment_of({{"series", word("airline")}}));
  const Example example = task->example(0);
  const auto begin = static_cast<size_t>(task->example_start(0));
  CHECK(example.unit == "thousands");
  REQUIRE(example.read.size() == example.columns.size());
  REQUIRE(example.right.size() == example.columns.size());
  const std::vector<double>& values = task->series().columns[0];
  const std::vector<float> meant = task->meaning(0, example.batch.values);
  for (size_t t = 0; t < example.read.size(); ++t) {
    CHECK(example.read[t] == static_cast<float>(values[begin + t]));
    CHECK(example.right[t] == static_cast<float>(values[begin + t + 1]));
    CHECK(meant[t] == doctest::Approx(static_cast<double>(example.right[t])).epsilon(1e-5));
  }
  std::string gaps = "v\n";
  for (int t = 0; t < 60; ++t) gaps += t % 7 == 3 ? "NA\n" : std::to_string(t % 5) + "\n";
  const auto own = task_of(experiment_of({{"series", word("own")}}, gaps));
  const Example with_gaps = own->example(0);
  CHECK(std::ranges::any_of(with_gaps.read, [](float value) { return std::isnan(value); }));
}

TEST_CASE("baselines are told by RMSE and MASE, too, each with its errors by horizon") {
  const auto value = [](const SeriesTask& task, std::string_view name, std::string_view of) {
    for (const Baseline& one : task.baselines())
      if (one.name == name && one.of == of) return one.value;
    FAIL("no baseline " << name << " of " << of);
    return 0.0;
  };
  const auto sunspots = task_of(experiment_of({{"series", word("sunspots")}}));
  CHECK(value(*sunspots, "last value", "RMSE") == doctest::Approx(29.61).epsilon(1e-3));
  CHECK(value(*sunspots, "last season", "RMSE") == doctest::Approx(32.70).epsilon(1e-3));
  const auto airline = task_of(experiment_of({{"series", word("airline")}}));
  CHECK(value(*airline, "last value", "") == doctest::Approx(44.21).epsilon(1e-3));
  CHECK(value(*airline, "last value", "RMSE") == doctest::Approx(51.78).epsilon(1e-3));
  CHECK(value(*airline, "last season", "MASE") ==
        doctest::Approx(value(*airline, "last season", "") / airline->mase_scale()));
  for (const Baseline& one : airline->baselines()) {
    REQUIRE(one.curve.has_value());
    CHECK(one.curve->name == (one.of.empty() ? "MAE" : one.of));
    CHECK(one.curve->at.size() == 12);
  }
}

TEST_CASE("settings that have no effect are known: those of tables and of generated series") {
  const TaskKind& kind = *find_task_kind("series");
  const auto effective = [&](const char* series) {
    const Experiment experiment = experiment_of({{"series", word(series)}});
    std::string names;
    for (const TaskField& field : kind.fields)
      if (field.use.field && has_effect(experiment.data.task, field.use))
        names += std::string(field.name) + " ";
    return names;
  };
  CHECK(effective("airline").empty());
  CHECK(effective("walk") == "length ");
  CHECK(effective("sines") == "length noise ");
  CHECK(effective("own") == "column inputs separator decimal header dates date_column ");
}

TEST_CASE("a fan starts at its origin, its quantiles are in order, and wider further on") {
  const auto task =
      task_of(experiment_of({{"series", word("walk")}, {"length", number(600)}, {"lags", word("1")}}));
  Linear network({0.0});
  const SeriesFan fan = task->fan(network, 560, 20, 200);
  REQUIRE(fan.forecast.size() == 20);
  CHECK(fan.noise == doctest::Approx(1).epsilon(0.2));
  for (size_t h = 0; h < 20; ++h) {
    CHECK(fan.p10[h] < fan.p50[h]);
    CHECK(fan.p50[h] < fan.p90[h]);
  }
  CHECK(fan.p90[19] - fan.p10[19] > 2.5 * (fan.p90[0] - fan.p10[0]));
  CHECK(std::abs(fan.forecast[0] - task->series().columns[0][560]) < 0.5);
  CHECK(task->fan(network, task->first_origin(), 3, 2).p50.size() == 3);
  // Its own forecast is the same as without other paths, whatever the pieces are.
  const std::vector<int64_t> origins = {560};
  CHECK(task->run_freely(network, origins, 20)[0] == fan.forecast);
  SeriesFanRun run(*task, 560, 20, 200);
  while (!run.advance(network, 7)) {
  }
  CHECK(run.fan().p90 == fan.p90);
}

TEST_CASE("errors say what is wrong with the data, where, and what to do") {
  const auto own = [](std::string text,
                      std::initializer_list<std::pair<std::string_view, TaskValue>> more = {}) {
    std::vector<std::pair<std::string_view, TaskValue>> values{{"series", word("own")}};
    Experiment experiment = experiment_of({{"series", word("own")}}, std::move(text));
    for (const auto& [name, value] : more) {
      const auto fields = find_task_kind("series")->fields;
      for (size_t i = 0; i < fields.size(); ++i)
        if (name == fields[i].name) experiment.data.task.values[i] = value;
    }
    return error_of(experiment);
  };
  CHECK(own("") ==
        "data.text: there is no table (give one: a header, and a line for each time step; or choose another "
        "series)");
  CHECK(own("d;x\n2024-01-01;1\n2024-01-02;two\n2024-01-03;3\n2024-01-04;3\n") ==
        "data.text, line 3, column 2 (x): \"two\" is no number (mend the cell, empty it where a value is "
        "missing, or choose another decimal mark)");
  CHECK(own("1\n2\n3\n").find("too few values are left to train on") != std::string::npos);
  CHECK(own("a,b\n1,2\n3,4\n", {{"column", word("c")}}) ==
        "data.task.column: there is no column \"c\" (columns with numbers: a, b)");
  CHECK(own("a\nx\ny\n").find("no column holds numbers") != std::string::npos);
  std::string falling;
  for (int t = 40; t > 0; --t) falling += std::to_string(t - 10) + "\n";
  CHECK(own(falling, {{"log", number(1)}}).find("the value at 31, 0, has no logarithm") != std::string::npos);
  CHECK(own(falling, {{"lags", word("1 x")}}).find("is no list of lags") != std::string::npos);
  CHECK(own(falling, {{"seasonal", number(1)}}).find("has no season") != std::string::npos);
  CHECK(own(falling, {{"held_out", number(40)}}).find("hold out fewer") != std::string::npos);
}

TEST_CASE("one's own table: switches follow the series, the best difference of the training part") {
  std::string trend = "v\n", noise = "v\n";
  Random random(4);
  for (int t = 0; t < 120; ++t) {
    trend += shown(10 + t + 5 * std::sin(t * 0.5236) + 0.2 * random.normal()) + "\n";
    noise += shown(random.normal()) + "\n";
  }
  CHECK(task_of(experiment_of({{"series", word("own")}, {"season", number(12)}}, trend))
            ->coding()
            .steps()
            .seasonal);
  const auto still = task_of(experiment_of({{"series", word("own")}}, noise));
  CHECK_FALSE(still->coding().steps().difference);
  CHECK_FALSE(still->coding().steps().seasonal);
}

TEST_CASE("every series that can be chosen makes batches, an example, baselines and a score") {
  const TaskField& field = find_task_kind("series")->fields[0];
  for (size_t i = 0; i + 1 < field.words.size(); ++i) {
    INFO(field.words[i]);
    const auto task = task_of(experiment_of({{"series", number(static_cast<double>(i))}}));
    Batch batch;
    task->fill(0, batch);
    CHECK(batch.reals.size() == static_cast<size_t>(batch.seq_length * batch.batch * task->shape().inputs));
    CHECK_FALSE(task->example(3).columns.empty());
    CHECK(task->origins().size() > 1);
    Linear network(std::vector<double>(static_cast<size_t>(task->shape().inputs), 0.0));
    CHECK(std::isfinite(score_of(*task, network).value));
  }
}
