#include "web/session/history.h"

#include <algorithm>
#include <cmath>

namespace unroll {
namespace {

/// Two neighbours as one; `b` is the later.
LossHistory::Point merged(const LossHistory::Point& a, const LossHistory::Point& b) {
  const auto share =
      static_cast<float>(static_cast<double>(b.steps) / static_cast<double>(a.steps + b.steps));
  return {.step = b.step,
          .steps = a.steps + b.steps,
          .loss = a.loss + (b.loss - a.loss) * share,
          .low = std::min(a.low, b.low),
          .high = std::max(a.high, b.high),
          .grad_norm = a.grad_norm + (b.grad_norm - a.grad_norm) * share,
          .smooth = b.smooth};
}

}  // namespace

void LossHistory::clear(int64_t first_step) {
  *this = LossHistory();
  next_ = first_step;
}

void LossHistory::append(int64_t from, int64_t to, int64_t stride, std::span<const float> rows) {
  if (rows.size() < 2 || stride < 1 || to < from) return;
  if (from != next_) {
    const std::vector<Valid> valid = std::move(valid_);
    clear(from);
    for (const Valid& point : valid) add_valid(point);
  }
  for (size_t i = 0; i + 1 < rows.size() && next_ <= to; i += 2) {
    const int64_t steps = std::min(stride, to - next_ + 1);
    const float value = rows[i];
    const double one = std::max(2.0 / (static_cast<double>(seen_) + 2.0), slowest);
    const double share = steps == 1 ? one : 1 - std::pow(1 - std::min(one, 0.5), static_cast<double>(steps));
    const float before = points_.empty() ? value : points_.back().smooth;
    const float smooth =
        std::isfinite(value) ? before + static_cast<float>(share) * (value - before) : before;
    next_ += steps;
    seen_ += steps;
    add({next_ - 1, steps, value, value, value, rows[i + 1], smooth});
  }
}

void LossHistory::add(const Point& point) {
  if (!points_.empty() && points_.back().steps + point.steps <= run_) {
    points_.back() = merged(points_.back(), point);
    return;
  }
  points_.push_back(point);
  if (points_.size() <= most_points) return;
  run_ *= 2;
  size_t kept = 0;
  for (size_t i = 0; i < points_.size(); i += 2)
    points_[kept++] = i + 1 < points_.size() ? merged(points_[i], points_[i + 1]) : points_[i];
  points_.resize(kept);
}

void LossHistory::add_valid(Valid point) {
  if (!std::isfinite(point.loss)) return;
  if (!best_ || point.loss < best_->loss) best_ = point;
  while (!valid_.empty() && valid_.back().step >= point.step) valid_.pop_back();
  if (valid_.size() >= 2 && valid_.back().step - valid_[valid_.size() - 2].step < valid_gap_)
    valid_.pop_back();  // the newest stays at first, so that the curve ends where training is
  valid_.push_back(point);
  if (valid_.size() <= most_valid) return;
  valid_gap_ = 2 * (valid_.back().step - valid_.front().step) / static_cast<int64_t>(most_valid);
  size_t kept = 1;
  for (size_t i = 1; i < valid_.size(); ++i)
    if (valid_[i].step - valid_[kept - 1].step >= valid_gap_ || i + 1 == valid_.size())
      valid_[kept++] = valid_[i];
  valid_.resize(kept);
}

void LossHistory::cut(int64_t step) {
  while (!points_.empty() && points_.back().step > step) points_.pop_back();
  while (!valid_.empty() && valid_.back().step > step) valid_.pop_back();
  if (best_ && best_->step > step) {
    best_.reset();
    for (const Valid& point : valid_)
      if (!best_ || point.loss < best_->loss) best_ = point;
  }
  next_ = step + 1;
}

const LossHistory::Point* LossHistory::at(int64_t step) const {
  const auto found = std::lower_bound(points_.begin(), points_.end(), step,
                                      [](const Point& point, int64_t wanted) { return point.step < wanted; });
  return found != points_.end() && found->step - found->steps < step ? &*found : nullptr;
}

const LossHistory::Valid* LossHistory::valid_at(int64_t step) const {
  const auto after = std::upper_bound(valid_.begin(), valid_.end(), step,
                                      [](int64_t wanted, const Valid& point) { return wanted < point.step; });
  return after == valid_.begin() ? nullptr : &*std::prev(after);
}

bool LossHistory::memorises() const {
  if (!best_ || valid_.size() < 3 || valid_.back().step <= best_->step) return false;
  const Point *then = at(best_->step), *today = now();
  return valid_.back().loss > 1.03f * best_->loss && then && today && today->smooth < then->smooth;
}

}  // namespace unroll
