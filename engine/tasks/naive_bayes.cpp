#include "engine/tasks/naive_bayes.h"

#include <algorithm>
#include <cmath>

namespace unroll {

std::vector<std::string> NaiveBayes::features(std::span<const std::string> words) const {
  std::vector<std::string> all(words.begin(), words.end());
  if (pairs_)
    for (size_t i = 1; i < words.size(); ++i) all.push_back(words[i - 1] + ' ' + words[i]);
  std::ranges::sort(all);
  const auto repeated = std::ranges::unique(all);
  all.erase(repeated.begin(), repeated.end());
  return all;
}

void NaiveBayes::add(std::span<const std::string> words, int label) {
  const auto of = static_cast<size_t>(label);
  ++sentences_[of];
  for (std::string& feature : features(words)) {
    ++counts_[std::move(feature)][of];
    ++total_[of];
  }
}

double NaiveBayes::positive(std::span<const std::string> words) const {
  const auto all = static_cast<double>(sentences_[0] + sentences_[1]);
  if (all == 0) return 0.5;
  double log_odds =
      std::log(static_cast<double>(sentences_[1])) - std::log(static_cast<double>(sentences_[0]));
  const auto size = static_cast<double>(counts_.size());
  for (const std::string& feature : features(words)) {
    const auto found = counts_.find(feature);
    if (found == counts_.end()) continue;
    log_odds += std::log((found->second[1] + 1) / (total_[1] + size)) -
                std::log((found->second[0] + 1) / (total_[0] + size));
  }
  return 1 / (1 + std::exp(-log_odds));
}

}  // namespace unroll
