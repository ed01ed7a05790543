// Naive Bayes for two classes of sentences, as a baseline: what is counted is in how many sentences of a class a word stands
// (not how often), with alpha = 1 (Manning, Raghavan & Schütze 2008, ch. 13; binarised: Pang, Lee & Vaithyanathan 2002). With pairs
// each two words that follow each other are counted as a word, too.
//   P(class | sentence) ∝ P(class) · Π over its different known words of (n(word, class) + 1) / (Σ n(·, class) + words)
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace unroll {

class NaiveBayes {
 public:
  explicit NaiveBayes(bool pairs) : pairs_(pairs) {}

  /// Words of a sentence, and its class, 0 or 1.
  void add(std::span<const std::string> words, int label);
  /// Probability of class 1.
  double positive(std::span<const std::string> words) const;

 private:
  /// The different words, and pairs, each once.
  std::vector<std::string> features(std::span<const std::string> words) const;

  bool pairs_ = false;
  std::map<std::string, std::array<int, 2>, std::less<>> counts_;
  std::array<int, 2> sentences_{}, total_{};
};

}  // namespace unroll
