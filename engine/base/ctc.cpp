#include "engine/base/ctc.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace unroll {
namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();  // ln 0

double log_sum(double a, double b, double c) {
  const double most = std::max({a, b, c});
  return most == nothing ? nothing
                         : most + std::log(std::exp(a - most) + std::exp(b - most) + std::exp(c - most));
}

/// The string with blanks before, between and after its labels: 2L + 1 states, the odd ones labels.
struct States {
  std::span<const int32_t> labels;
  size_t count() const { return 2 * labels.size() + 1; }
  size_t column(size_t state) const { return state % 2 == 0 ? 0 : state / 2 + 1; }  // of `logs`
  /// Whether a path may come to it from two states before: past a blank that parts different labels.
  bool skips(size_t state) const {
    return state % 2 == 1 && state >= 3 && labels[state / 2] != labels[state / 2 - 1];
  }
};

/// ln α (T, states): of all ways from the beginning to each state, its step included. Gives ln P(labels).
double forward(const States& states, std::span<const double> logs, double* alpha) {
  const size_t S = states.count(), width = states.labels.size() + 1, T = logs.size() / width;
  for (size_t s = 0; s < S; ++s) alpha[s] = s < 2 ? logs[states.column(s)] : nothing;
  for (size_t t = 1; t < T; ++t) {
    const double* before = alpha + (t - 1) * S;
    double* now = alpha + t * S;
    for (size_t s = 0; s < S; ++s)
      now[s] = logs[t * width + states.column(s)] +
               log_sum(before[s], s > 0 ? before[s - 1] : nothing, states.skips(s) ? before[s - 2] : nothing);
  }
  const double* last = alpha + (T - 1) * S;
  return log_sum(last[S - 1], S > 1 ? last[S - 2] : nothing, nothing);
}

}  // namespace

size_t ctc_least_steps(std::span<const int32_t> labels) {
  size_t steps = labels.size();
  for (size_t i = 1; i < labels.size(); ++i) steps += labels[i] == labels[i - 1] ? 1 : 0;
  return steps;
}

double ctc_loss(std::span<const int32_t> labels, std::span<const double> logs, std::span<double> room) {
  assert(!logs.empty() && logs.size() % (labels.size() + 1) == 0);
  assert(room.size() >= ctc_room(logs.size() / (labels.size() + 1), labels.size()));
  return std::max(-forward({labels}, logs, room.data()), 0.0);
}

double ctc_posteriors(std::span<const int32_t> labels, std::span<double> logs, std::span<double> room) {
  const States states{labels};
  const size_t S = states.count(), width = labels.size() + 1, T = logs.size() / width;
  assert(T > 0 && logs.size() == T * width && room.size() >= ctc_room(T, labels.size()));
  double *const alpha = room.data(), *const beta = alpha + T * S, *const ahead = beta + S;
  const double all = forward(states, logs, alpha);
  if (all == nothing) {
    std::ranges::fill(logs, 0.0);
    return -all;
  }
  // ln β: of all ways from a state to the end, its step left out; `ahead` is with it.
  for (size_t t = T; t-- > 0;) {
    double* row = logs.data() + t * width;
    for (size_t s = 0; s < S; ++s) {
      if (t + 1 == T)
        beta[s] = s + 2 >= S ? 0 : nothing;
      else
        beta[s] = log_sum(ahead[s], s + 1 < S ? ahead[s + 1] : nothing,
                          s + 2 < S && states.skips(s + 2) ? ahead[s + 2] : nothing);
    }
    for (size_t s = 0; s < S; ++s) ahead[s] = beta[s] + row[states.column(s)];
    std::fill_n(row, width, 0.0);
    for (size_t s = 0; s < S; ++s) row[states.column(s)] += std::exp(alpha[t * S + s] + beta[s] - all);
  }
  return std::max(-all, 0.0);
}

std::vector<int32_t> ctc_greedy(std::span<const float> probabilities, size_t classes) {
  std::vector<int32_t> labels;
  int32_t before = 0;
  for (size_t row = 0; row + classes <= probabilities.size(); row += classes) {
    const auto all = probabilities.subspan(row, classes);
    const auto likeliest = static_cast<int32_t>(std::ranges::max_element(all) - all.begin());
    if (likeliest != 0 && likeliest != before) labels.push_back(likeliest);
    before = likeliest;
  }
  return labels;
}

CtcBeam::CtcBeam(size_t width) : width_(std::max<size_t>(width, 1)) { restart(); }

void CtcBeam::restart() {
  prefixes_.assign(1, {.kept = true, .blank = 1});
  kept_.assign(1, 0);
  log_scale_ = 0;
}

int32_t CtcBeam::extension_of(int32_t prefix, int32_t label) const {
  int32_t child = at(prefix).child;
  while (child >= 0 && at(child).label != label) child = at(child).next;
  return child;
}

void CtcBeam::read(std::span<const float> probabilities) {
  const auto number_of = [](float p) { return p > 0 ? static_cast<double>(p) : 0.0; };
  extensions_.clear();
  for (const int32_t number : kept_) {
    Prefix& prefix = at(number);
    prefix.next_blank += prefix.sum() * number_of(probabilities[0]);
    for (size_t c = 1; c < probabilities.size(); ++c) {
      const auto label = static_cast<int32_t>(c);
      const double p = number_of(probabilities[c]);
      const bool again = number != 0 && label == prefix.label;
      if (again) prefix.next_labelled += prefix.labelled * p;
      const double sum = (again ? prefix.blank : prefix.sum()) * p;  // equal labels are parted by a blank
      if (!(sum > 0)) continue;
      if (const int32_t known = extension_of(number, label); known >= 0 && at(known).kept)
        at(known).next_labelled += sum;
      else
        extensions_.push_back({number, label, sum});
    }
  }
  sums_.clear();
  for (const int32_t number : kept_) sums_.push_back(at(number).next_blank + at(number).next_labelled);
  for (const Extension& one : extensions_) sums_.push_back(one.sum);
  const double most = *std::ranges::max_element(sums_);
  if (!(most > 0)) return;  // no probabilities: nothing was said
  const auto last = sums_.begin() + static_cast<std::ptrdiff_t>(std::min(width_, sums_.size())) - 1;
  std::nth_element(sums_.begin(), last, sums_.end(), std::greater());
  // Of those with the least sum that is kept the first ones, as many as there is room for.
  const double least = *last;
  size_t equal =
      width_ - static_cast<size_t>(std::ranges::count_if(sums_, [&](double sum) { return sum > least; }));
  const auto is_kept = [&](double sum) { return sum > least || (sum == least && equal > 0 && equal-- > 0); };
  std::vector<int32_t> kept;
  const auto keep = [&](int32_t number, double blank, double labelled) {
    Prefix& prefix = at(number);
    prefix.blank = blank / most;
    prefix.labelled = labelled / most;
    prefix.kept = true;
    kept.push_back(number);
  };
  for (const int32_t number : kept_) {
    Prefix& prefix = at(number);
    const double blank = std::exchange(prefix.next_blank, 0),
                 labelled = std::exchange(prefix.next_labelled, 0);
    prefix.kept = false;
    if (is_kept(blank + labelled)) keep(number, blank, labelled);
  }
  for (const Extension& one : extensions_) {
    if (!is_kept(one.sum)) continue;
    int32_t number = extension_of(one.parent, one.label);
    if (number < 0) {
      number = static_cast<int32_t>(prefixes_.size());
      prefixes_.push_back({.parent = one.parent, .label = one.label, .next = at(one.parent).child});
      at(one.parent).child = number;
    }
    keep(number, 0, one.sum);
  }
  kept_ = std::move(kept);
  log_scale_ += std::log(most);
}

int32_t CtcBeam::best_prefix() const {
  return *std::ranges::max_element(kept_, {}, [this](int32_t number) { return at(number).sum(); });
}

std::vector<int32_t> CtcBeam::best() const {
  std::vector<int32_t> labels;
  for (int32_t number = best_prefix(); number != 0; number = at(number).parent)
    labels.push_back(at(number).label);
  std::ranges::reverse(labels);
  return labels;
}

double CtcBeam::best_log_probability() const { return std::log(at(best_prefix()).sum()) + log_scale_; }

std::vector<int32_t> ctc_decoded(std::span<const float> probabilities, size_t classes, size_t width) {
  CtcBeam beam(width);
  for (size_t row = 0; row + classes <= probabilities.size(); row += classes)
    beam.read(probabilities.subspan(row, classes));
  return beam.best();
}

}  // namespace unroll
