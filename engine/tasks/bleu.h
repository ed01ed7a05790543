// BLEU of a corpus (Papineni et al. 2002, ACL, section 2): the geometric mean of how many of the runs of 1 to 4 symbols that were
// written stand in the right target, each counted no more often than it stands there, times a penalty where what was written is
// shorter as a whole. One right target each, no smoothing.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <type_traits>
#include <vector>

namespace unroll {

class Bleu {
 public:
  /// Sequences with size() and [].
  template <class A, class B>
  void add(const A& written, const B& right) {
    written_ += static_cast<double>(written.size());
    right_ += static_cast<double>(right.size());
    asked_ = asked_ || right.size() >= longest;
    for (size_t n = 1; n <= longest; ++n) {
      const auto of_right = runs(right, n);
      for (const auto& [run, count] : runs(written, n)) {
        const auto found = of_right.find(run);
        all_[n - 1] += count;
        if (found != of_right.end()) hits_[n - 1] += std::min(count, found->second);
      }
    }
  }

  static constexpr size_t longest = 4;  ///< run

  /// 0 … 1; NaN where no right target is long enough for a run of four, so that nothing could be right.
  double value() const {
    if (!asked_) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0;
    for (size_t n = 0; n < longest; ++n) {
      if (hits_[n] == 0) return 0;
      sum += std::log(hits_[n] / all_[n]);
    }
    const double brevity = written_ > right_ ? 0 : 1 - right_ / written_;
    return std::exp(sum / double{longest} + brevity);
  }

 private:
  template <class A>
  static auto runs(const A& symbols, size_t n) {
    using Symbol = std::decay_t<decltype(symbols[0])>;
    std::map<std::vector<Symbol>, double> counts;
    for (size_t at = 0; at + n <= symbols.size(); ++at)
      ++counts[std::vector<Symbol>(symbols.begin() + static_cast<std::ptrdiff_t>(at),
                                   symbols.begin() + static_cast<std::ptrdiff_t>(at + n))];
    return counts;
  }

  double written_ = 0, right_ = 0;
  bool asked_ = false;
  std::array<double, longest> hits_{}, all_{};
};

}  // namespace unroll
