// Histories of losses and scores as JSON, for files of whole experiments, and back. What comes from a file is checked: lists of
// equal length, steps that increase, and no more points than a history has.
#include <algorithm>
#include <cmath>

#include "web/session/history.h"
#include "web/session/json_read.h"
#include "web/session/scores.h"

namespace unroll {
namespace {

constexpr int64_t most_steps = int64_t{1} << 53;

/// Whole numbers 0 … 2^53.
std::optional<std::vector<int64_t>> counts(const Json& object, const char* key, size_t most) {
  const Json* list = read::field(object, key);
  if (!list || !list->is_array() || list->size() > most) return std::nullopt;
  std::vector<int64_t> values;
  for (const Json& one : *list) {
    if (!one.is_number_unsigned() || one.get<uint64_t>() > static_cast<uint64_t>(most_steps))
      return std::nullopt;
    values.push_back(one.get<int64_t>());
  }
  return values;
}

/// Numbers; null: there is none.
std::optional<std::vector<double>> numbers(const Json& object, const char* key, size_t most) {
  const Json* list = read::field(object, key);
  if (!list || !list->is_array() || list->size() > most) return std::nullopt;
  std::vector<double> values;
  for (const Json& one : *list) {
    if (!one.is_number() && !one.is_null()) return std::nullopt;
    values.push_back(one.is_null() ? read::nan : one.get<double>());
  }
  return values;
}

bool increase(const std::vector<int64_t>& steps) {
  return std::ranges::adjacent_find(steps, std::greater_equal<>()) == steps.end();
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json number(float value) { return number(static_cast<double>(value)); }

int64_t count(const Json& object, const char* key, int64_t otherwise) {
  const Json* value = read::field(object, key);
  if (!value || !value->is_number_unsigned()) return otherwise;
  return static_cast<int64_t>(std::min(value->get<uint64_t>(), static_cast<uint64_t>(most_steps)));
}

Json json_of(const ScoreLine& line) {
  Json values = Json::array();
  for (const double value : line.value) values.push_back(number(value));
  return {{"name", line.name}, {"x", line.x}, {"at", line.at}, {"value", std::move(values)}};
}

/// As score_of reads it.
Json json_of(const ScoreView& score) {
  Json others = Json::object(), curves = Json::array();
  for (const auto& [name, value] : score.others) others[name] = number(value);
  for (const ScoreLine& line : score.curves) curves.push_back(json_of(line));
  return {{"name", score.name},           {"unit", score.unit},
          {"value", number(score.value)}, {"better", score.higher_is_better ? "higher" : "lower"},
          {"count", score.count},         {"others", std::move(others)},
          {"curves", std::move(curves)}};
}

}  // namespace

Json LossHistory::saved() const {
  Json json = Json::object();
  for (const char* key : {"step", "steps", "loss", "low", "high", "grad_norm", "smooth"})
    json[key] = Json::array();
  for (const Point& point : points_) {
    json["step"].push_back(point.step);
    json["steps"].push_back(point.steps);
    json["loss"].push_back(number(point.loss));
    json["low"].push_back(number(point.low));
    json["high"].push_back(number(point.high));
    json["grad_norm"].push_back(number(point.grad_norm));
    json["smooth"].push_back(number(point.smooth));
  }
  Json at = Json::array(), value = Json::array();
  for (const Valid& point : valid_) {
    at.push_back(point.step);
    value.push_back(number(point.loss));
  }
  json["valid"] = {{"step", std::move(at)}, {"loss", std::move(value)}};
  if (best_) json["best"] = {{"step", best_->step}, {"loss", number(best_->loss)}};
  json["seen"] = seen_;
  json["run"] = run_;
  json["valid_gap"] = valid_gap_;
  return json;
}

bool LossHistory::restore(const Json& json, int64_t step) {
  clear(step + 1);
  const auto at = counts(json, "step", most_points), steps = counts(json, "steps", most_points);
  std::vector<std::vector<double>> columns;
  for (const char* key : {"loss", "low", "high", "grad_norm", "smooth"}) {
    auto column = numbers(json, key, most_points);
    if (!column) return false;
    columns.push_back(std::move(*column));
  }
  const Json* valid = read::field(json, "valid");
  const auto valid_at = counts(valid ? *valid : Json(), "step", most_valid);
  const auto valid_loss = numbers(valid ? *valid : Json(), "loss", most_valid);
  if (!at || !steps || !valid_at || !valid_loss || valid_at->size() != valid_loss->size() ||
      at->size() != steps->size() || !increase(*at) || !increase(*valid_at))
    return false;
  for (const auto& column : columns)
    if (column.size() != at->size()) return false;
  for (size_t i = 0; i < at->size(); ++i) {
    if ((*steps)[i] < 1 || (*steps)[i] > (*at)[i]) return clear(step + 1), false;
    const auto value = [&](size_t column) { return static_cast<float>(columns[column][i]); };
    points_.push_back({(*at)[i], (*steps)[i], value(0), value(1), value(2), value(3), value(4)});
  }
  for (size_t i = 0; i < valid_at->size(); ++i)
    if (std::isfinite((*valid_loss)[i]))
      valid_.push_back({(*valid_at)[i], static_cast<float>((*valid_loss)[i])});
  if (const Json* best = read::field(json, "best"))
    if (const double loss = read::number(*best, "loss", read::nan); std::isfinite(loss))
      best_ = {count(*best, "step", 0), static_cast<float>(loss)};
  seen_ = count(json, "seen", step);
  run_ = std::max<int64_t>(1, count(json, "run", 1));
  valid_gap_ = count(json, "valid_gap", 0);
  cut(step);
  return true;
}

Json ScoreHistory::saved() const {
  Json at = Json::array(), rows = Json::array();
  for (const Point& point : points_) {
    at.push_back(point.step);
    Json row = Json::array({number(point.value)});
    for (const double other : point.others) row.push_back(number(other));
    rows.push_back(std::move(row));
  }
  Json json = {{"at", std::move(at)}, {"rows", std::move(rows)}, {"step", step_}, {"gap", gap_}};
  if (newest_) json["newest"] = json_of(*newest_);
  return json;
}

bool ScoreHistory::restore(const Json& json, int64_t step) {
  clear();
  const auto at = counts(json, "at", most_points);
  const Json* rows = read::field(json, "rows");
  if (!at || !increase(*at) || !rows || !rows->is_array() || rows->size() != at->size()) return false;
  constexpr size_t most_others = 64;
  std::vector<Point> points;
  for (size_t i = 0; i < at->size(); ++i) {
    const auto row = numbers({{"row", (*rows)[i]}}, "row", 1 + most_others);
    if (!row || row->empty() || !std::isfinite(row->front())) return false;
    points.push_back({(*at)[i], row->front(), {row->begin() + 1, row->end()}});
  }
  points_ = std::move(points);
  newest_ = score_of(read::field(json, "newest"));
  step_ = count(json, "step", 0);
  gap_ = count(json, "gap", 0);
  cut(step);
  return true;
}

}  // namespace unroll
