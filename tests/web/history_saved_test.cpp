#include <doctest/doctest.h>

#include <cmath>

#include "web/session/history.h"
#include "web/session/scores.h"

using namespace unroll;

TEST_CASE("history: saved and restored it is the same, and goes on from the step of the weights") {
  LossHistory history;
  history.clear();
  std::vector<float> rows;
  for (int i = 0; i < 9000; ++i) {
    rows.push_back(3.0f / (1.0f + 0.001f * static_cast<float>(i)));
    rows.push_back(1);
  }
  history.append(1, 9000, 1, rows);
  for (int64_t step = 100; step <= 9000; step += 100)
    history.add_valid({step, 2.5f - static_cast<float>(step) * 1e-4f});
  LossHistory restored;
  const Json saved = *parse_json(json_text(history.saved()), {.depth = 10});
  REQUIRE(restored.restore(saved, 9000));
  const auto same = [](const LossHistory& a, const LossHistory& b) {
    REQUIRE(a.points().size() == b.points().size());
    for (size_t i = 0; i < a.points().size(); ++i) {
      const auto &p = a.points()[i], &q = b.points()[i];
      REQUIRE(p.step == q.step);
      REQUIRE(p.steps == q.steps);
      REQUIRE(p.loss == q.loss);
      REQUIRE(p.low == q.low);
      REQUIRE(p.high == q.high);
      REQUIRE(p.smooth == q.smooth);
    }
    REQUIRE(a.valid().size() == b.valid().size());
    CHECK(a.best()->step == b.best()->step);
  };
  same(history, restored);
  const float more[] = {0.5f, 1, 0.25f, 1};
  history.append(9001, 9002, 1, more);
  restored.append(9001, 9002, 1, more);
  same(history, restored);

  REQUIRE(restored.restore(saved, 4000));  // the weights are older
  CHECK(restored.points().back().step <= 4000);
  CHECK(restored.valid().back().step == 4000);
  const size_t before = restored.points().size();
  restored.append(4001, 4002, 1, more);
  CHECK(restored.points().size() > before);  // not begun anew
}

TEST_CASE("history: what is no history is refused, and leaves an empty one") {
  LossHistory history;
  history.append(1, 2, 1, std::vector<float>{2, 1, 1, 1});
  const Json good = history.saved();
  const auto refused = [](const Json& json) {
    LossHistory other;
    other.append(1, 1, 1, std::vector<float>{2, 1});
    CHECK(!other.restore(json, 2));
    CHECK(other.points().empty());
  };
  refused(nullptr);
  refused(Json::object());
  for (const char* key : {"step", "steps", "loss", "low", "high", "grad_norm", "smooth", "valid"}) {
    Json changed = good;
    changed.erase(key);
    refused(changed);
    changed[key] = 7;
    refused(changed);
    changed[key] = {1, 2, 3};
    refused(changed);
  }
  Json changed = good;
  changed["step"] = {2, 2};
  refused(changed);
  changed["step"] = {-1, 2};
  refused(changed);
  changed["step"] = {1.5, 2};
  refused(changed);
  changed = good;
  changed["steps"] = {1, 9};
  refused(changed);
}

TEST_CASE("scores: saved and restored they are the same") {
  ScoreHistory scores;
  for (int64_t step = 10; step <= 200; step += 10)
    scores.add(step, {.name = "accuracy",
                      .unit = "%",
                      .value = 0.001 * static_cast<double>(step),
                      .higher_is_better = true,
                      .count = 7,
                      .others = {{"a", 1.5}, {"b", NAN}},
                      .curves = {{"by lag", "lag", {1, 2}, {0.5, NAN}}}});
  ScoreHistory restored;
  const Json saved = *parse_json(json_text(scores.saved()), {.depth = 10});  // as a file has it
  REQUIRE(restored.restore(saved, 200));
  REQUIRE(restored.points().size() == scores.points().size());
  CHECK(restored.points().back().value == scores.points().back().value);
  CHECK(std::isnan(restored.points().back().others[1]));
  REQUIRE(restored.newest());
  CHECK(restored.newest()->name == "accuracy");
  CHECK(restored.newest()->curves[0].at == std::vector<double>{1, 2});
  CHECK(restored.step() == 200);
  REQUIRE(restored.restore(saved, 95));
  CHECK(restored.points().back().step == 90);
  CHECK(!restored.newest());
  CHECK(!restored.restore({{"at", {1}}, {"rows", {{"x"}}}}, 5));
}
