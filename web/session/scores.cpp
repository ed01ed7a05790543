#include "web/session/scores.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/generators/generator.h"
#include "web/session/json_read.h"

namespace unroll {
namespace {}  // namespace

std::optional<ScoreLine> score_line_of(const Json* json) {
  if (!json || !json->is_object()) return std::nullopt;
  ScoreLine line{read::text(*json, "name"), read::text(*json, "x"), read::numbers(*json, "at"),
                 read::numbers(*json, "value")};
  if (line.at.empty() || line.at.size() != line.value.size()) return std::nullopt;
  return line;
}

std::optional<ScoreView> score_of(const Json* json) {
  if (!json || !json->is_object() || read::text(*json, "name").empty()) return std::nullopt;
  ScoreView score;
  score.name = read::text(*json, "name");
  score.unit = read::text(*json, "unit");
  score.value = read::number(*json, "value", read::nan);
  score.higher_is_better = read::text(*json, "better") == "higher";
  score.count = read::integer(*json, "count");
  if (const Json* others = read::field(*json, "others"); others && others->is_object())
    for (const auto& [name, value] : others->items())
      score.others.emplace_back(name, value.is_number() ? value.get<double>() : read::nan);
  if (const Json* curves = read::field(*json, "curves"); curves && curves->is_array())
    for (const Json& one : *curves)
      if (auto line = score_line_of(&one)) score.curves.push_back(std::move(*line));
  return score;
}

std::string unit_of(const ScoreView& score, int other) {
  if (other < 0) return score.unit;
  const auto index = static_cast<size_t>(other);
  return index < score.others.size() && score.others[index].first == decisive_right ? "%" : "";
}

std::string score_text(double value, const std::string& unit) {
  if (!std::isfinite(value)) return "–";
  char text[48];
  if (unit == "%") {
    std::snprintf(text, sizeof text, "%.1f%%", 100 * value);
    return text;
  }
  std::snprintf(text, sizeof text,
                std::abs(value) >= 1000 ? "%.0f"
                : std::abs(value) >= 10 ? "%.2f"
                                        : "%.4f",
                value);
  return unit.empty() ? text : text + (" " + unit);
}

void ScoreHistory::add(int64_t step, ScoreView score) {
  cut(step - 1);
  step_ = step;
  if (std::isfinite(score.value)) {
    // The newest is always kept; of those before it only so many as are far enough apart.
    const size_t n = points_.size();
    if (n > 1 && points_[n - 1].step - points_[n - 2].step < gap_) points_.pop_back();
    Point point{step, score.value, {}};
    for (const auto& [name, value] : score.others) point.others.push_back(value);
    points_.push_back(std::move(point));
    if (points_.size() > most_points) {
      gap_ = std::max<int64_t>(
          2 * gap_, 2 * (points_.back().step - points_.front().step) / static_cast<int64_t>(most_points));
      std::vector<Point> kept;
      for (const Point& point : points_)
        if (kept.empty() || point.step - kept.back().step >= gap_ || &point == &points_.back())
          kept.push_back(point);
      points_ = std::move(kept);
    }
  }
  newest_ = std::move(score);
}

void ScoreHistory::cut(int64_t step) {
  std::erase_if(points_, [=](const Point& point) { return point.step > step; });
  if (step_ > step) newest_.reset();
}

const ScoreHistory::Point* ScoreHistory::at(int64_t step) const {
  const Point* found = nullptr;
  for (const Point& point : points_)
    if (point.step <= step) found = &point;
  return found;
}

}  // namespace unroll
