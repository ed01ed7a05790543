#include "web/views/weights/block_curve.h"

#include <algorithm>
#include <cmath>

#include "web/session/json_read.h"
#include "web/toolkit/csv.h"
#include "web/views/weights/blocks.h"

namespace unroll {
namespace {

constexpr size_t numbers = 3;  // of a block at a step: weights, gradient, ratio

/// What an event of `block_history` holds, seen to be whole.
struct Record {
  std::vector<int64_t> steps;
  std::vector<std::string> names;
  const std::vector<float>& values;  // (steps, names, 3)

  CurvePoint at(size_t point, size_t block) const {
    const float* row = &values[(point * names.size() + block) * numbers];
    return {steps[point], row[0], row[1], row[2]};
  }
};

Record record_of(const Answer& history) {
  Record record{{}, {}, history.values};
  record.names = read::texts(history.header, "names");
  const Json* steps = read::field(history.header, "steps");
  if (!steps || !steps->is_array() || history.values.size() != steps->size() * record.names.size() * numbers)
    return record;
  for (const Json& step : *steps) record.steps.push_back(step.is_number_integer() ? step.get<int64_t>() : 0);
  return record;
}

}  // namespace

std::vector<CurvePoint> recorded_curve(const Answer& history, const std::string& block) {
  std::vector<CurvePoint> curve;
  const Record record = record_of(history);
  const auto found = std::find(record.names.begin(), record.names.end(), block);
  if (found == record.names.end()) return curve;
  const auto index = static_cast<size_t>(found - record.names.begin());
  for (size_t point = 0; point < record.steps.size(); ++point) curve.push_back(record.at(point, index));
  return curve;
}

std::vector<CurvePoint> live_curve(const Answer& history, const Answer& blocks, const std::string& block) {
  std::vector<CurvePoint> curve = recorded_curve(history, block);
  if (!curve.empty() && blocks.step <= curve.back().step) return curve;
  for (const BlockNorms& norms : block_norms(blocks.header, blocks.values))
    if (norms.name == block && std::isfinite(norms.gradient))
      curve.push_back({blocks.step, norms.weights, norms.gradient, norms.ratio});
  return curve;
}

const CurvePoint* nearest_point(const std::vector<CurvePoint>& curve, double step) {
  const auto apart = [step](const CurvePoint& point) {
    return std::abs(static_cast<double>(point.step) - step);
  };
  const auto found =
      std::min_element(curve.begin(), curve.end(),
                       [&](const CurvePoint& a, const CurvePoint& b) { return apart(a) < apart(b); });
  return found == curve.end() ? nullptr : &*found;
}

const char* verdict(double ratio) {
  if (!std::isfinite(ratio) || ratio <= 0 || healthy(ratio)) return "";
  return ratio > most_ratio ? "too fast" : "too slow";
}

std::string block_history_csv(const Answer& history) {
  const Record record = record_of(history);
  Csv csv;
  csv.add("step");
  for (const std::string& name : record.names)
    for (const char* what : {" weights", " gradient", " update / weights"}) csv.add(name + what);
  csv.end_row();
  for (size_t point = 0; point < record.steps.size(); ++point) {
    csv.add(record.steps[point]);
    for (size_t block = 0; block < record.names.size(); ++block) {
      const CurvePoint at = record.at(point, block);
      csv.add(at.weights).add(at.gradient).add(at.ratio);
    }
    csv.end_row();
  }
  return csv.text();
}

}  // namespace unroll
