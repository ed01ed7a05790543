// The losses that the page keeps of a lane: exact at first, bounded for good, and the best never forgotten.
#include "web/session/history.h"

#include <doctest/doctest.h>

#include <cmath>

using unroll::LossHistory;

namespace {

/// Appends the steps one after the other; the loss of a step is its number.
void append(LossHistory& history, int64_t from, int64_t to) {
  for (int64_t step = from; step <= to; ++step) {
    const float row[] = {static_cast<float>(step), 1};
    history.append(step, step, 1, row);
  }
}

}  // namespace

TEST_CASE("history: every step is kept while they are few") {
  LossHistory history;
  append(history, 1, 1000);
  REQUIRE(history.points().size() == 1000);
  for (int64_t step : {1, 500, 1000}) {
    const LossHistory::Point* point = history.at(step);
    REQUIRE(point);
    CHECK(point->step == step);
    CHECK(point->loss == static_cast<float>(step));
  }
  CHECK(!history.at(0));
  CHECK(!history.at(1001));
}

TEST_CASE("history: it stays bounded, covers all steps, and its points are evenly long") {
  LossHistory history;
  constexpr int64_t steps = 300'000;
  append(history, 1, steps);
  const auto& points = history.points();
  CHECK(points.size() <= LossHistory::most_points);
  CHECK(points.size() > LossHistory::most_points / 4);
  int64_t covered = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    covered += points[i].steps;
    CHECK(points[i].step == covered);
    if (i + 1 < points.size()) CHECK(points[i].steps == points[0].steps);
    const double middle =
        static_cast<double>(points[i].step) - (static_cast<double>(points[i].steps) - 1) / 2;
    CHECK(static_cast<double>(points[i].loss) == doctest::Approx(middle).epsilon(1e-4));
    CHECK(points[i].high - points[i].low == doctest::Approx(static_cast<double>(points[i].steps - 1)));
  }
  CHECK(covered == steps);
  CHECK(history.at(123'456)->step >= 123'456);
}

TEST_CASE("history: thinned rows of a fast lane are taken as what they are") {
  LossHistory exact, thin;
  std::vector<float> rows;
  for (int64_t step = 1; step <= 1001; ++step) {
    const float row[] = {2, 1};
    exact.append(step, step, 1, row);
  }
  for (int row = 0; row < 126; ++row) rows.insert(rows.end(), {2.0f, 1.0f});
  thin.append(1, 1001, 8, rows);
  CHECK(thin.now()->step == 1001);
  CHECK(thin.points().size() == 126);
  CHECK(thin.points().front().steps == 8);
  CHECK(thin.points().back().steps == 1);
  CHECK(thin.now()->smooth == doctest::Approx(static_cast<double>(exact.now()->smooth)));
  const float next[] = {3, 1};
  thin.append(1002, 1002, 1, next);
  CHECK(thin.now()->step == 1002);
  thin.append(5000, 5000, 1, next);  // a gap: it starts anew
  CHECK(thin.points().size() == 1);
}

TEST_CASE("history: validations stay bounded and in order; the best and the newest are always there") {
  LossHistory history;
  for (int64_t n = 1; n <= 100'000; ++n)
    history.add_valid({50 * n, n == 777 ? 0.5f : 1 + 1 / static_cast<float>(n)});
  const auto& valid = history.valid();
  CHECK(valid.size() <= LossHistory::most_valid);
  CHECK(valid.size() > LossHistory::most_valid / 8);
  for (size_t i = 1; i < valid.size(); ++i) CHECK(valid[i - 1].step < valid[i].step);
  CHECK(valid.back().step == 5'000'000);
  REQUIRE(history.best());
  CHECK(history.best()->step == 777 * 50);
  CHECK(history.valid_at(5'000'001)->step == 5'000'000);
  CHECK(!history.valid_at(10));
}

TEST_CASE("history: a lane that goes back forgets what came after") {
  LossHistory history;
  append(history, 1, 100);
  history.add_valid({50, 2});
  history.add_valid({100, 1});
  history.cut(60);
  CHECK(history.now()->step == 60);
  CHECK(history.valid().size() == 1);
  CHECK(history.best()->step == 50);
  append(history, 61, 70);
  CHECK(history.points().size() == 70);
}

TEST_CASE("history: memorising is a held-out loss that rises while training still falls") {
  LossHistory history;
  const auto train = [&](int64_t from, int64_t to, float loss) {
    for (int64_t step = from; step <= to; ++step) {
      const float row[] = {loss, 1};
      history.append(step, step, 1, row);
    }
  };
  train(1, 100, 3);
  history.add_valid({50, 3});
  history.add_valid({100, 2});
  CHECK(!history.memorises());
  train(101, 300, 1);
  history.add_valid({300, 2.01f});  // no more than it wavers
  CHECK(!history.memorises());
  history.add_valid({300, 2.5f});
  CHECK(history.memorises());
  train(301, 600, 4);  // it lost all: that is another matter
  CHECK(!history.memorises());
}
