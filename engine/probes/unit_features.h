// "Find the cell" (Karpathy, Johnson & Li 2015, arXiv 1506.02078): which units follow something that a person
// sees in the text? Features are numbers at every character, as they are after it was read, so that a network
// could know them; the measure is Pearson's correlation with a unit's activation after the same character.
// Letters, digits and upper case: text_class.h.
//   line_position  characters since the last line break; that of a line break counts those of its line
//   word_start     1 at a letter that does not follow a letter
//   in_quotes      1 from an opening quotation mark up to the character before the closing one: " and ", “ and ”,
//                  „ and “ or ”, « and ». An empty line ends a quotation that was not closed
//   in_brackets    1 while ( [ { were opened more often than ) ] } closed, the closing one not included. What
//                  closes nothing is not counted
//   upper_case     1 at an upper-case letter
//   indentation    blanks and tabs at the beginning of the line, up to here
//   digit          1 at a digit
//   pattern        1 inside the matches of a regular expression (pattern.h), when there is one
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/pattern.h"

namespace unroll {

struct TextFeatures {
  std::vector<std::string> names;  ///< F, in the order above
  std::vector<float> values;       ///< (N, F)
};
TextFeatures text_features(std::u32string_view text, const Pattern* pattern = nullptr);

/// Pearson's correlation between F features and H activations, character by character.
class FeatureCorrelation {
 public:
  FeatureCorrelation(size_t features, size_t hidden);
  void add(std::span<const float> features, std::span<const float> activations);  ///< (F) and (H)
  /// (F, H) from −1 to 1; NaN where the feature or the activation was always the same.
  std::vector<float> result() const;

 private:
  /// Sums of what differs from the first value, so that what is constant has a variance of exactly 0.
  struct Sums {
    std::vector<double> first, difference, squares;
    explicit Sums(size_t n) : first(n), difference(n), squares(n) {}
    void add(std::span<const float> values, bool is_first);
    double variance(size_t at, double count) const;  // times count
  };
  Sums features_, activations_;
  std::vector<double> products_;  // (F, H)
  double count_ = 0;
};

}  // namespace unroll
