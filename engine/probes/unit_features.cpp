#include "engine/probes/unit_features.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/text/text_class.h"

namespace unroll {
namespace {

/// Follows a text and knows what is true after each character.
class Reader {
 public:
  void read(char32_t symbol) {
    position_ = last_ == U'\n' ? 0 : position_ + 1;
    if (last_ == U'\n') indentation_ = 0;
    const bool is_blank = symbol == U' ' || symbol == U'\t';
    if (is_blank && indentation_ == position_) ++indentation_;
    word_start_ = is_letter(symbol) && !is_letter(last_);
    quote(symbol);
    if (symbol == U'(' || symbol == U'[' || symbol == U'{') ++depth_;
    if ((symbol == U')' || symbol == U']' || symbol == U'}') && depth_ > 0) --depth_;
    last_ = symbol;
  }

  /// In the order of the names below.
  void values(float* to) const {
    const int all[] = {position_,    word_start_,    quote_ != 0, depth_ > 0, is_upper_case(last_),
                       indentation_, is_digit(last_)};
    std::ranges::transform(all, to, [](int value) { return static_cast<float>(value); });
  }

 private:
  void quote(char32_t symbol) {
    if (symbol == U'\n' && last_ == U'\n') quote_ = 0;
    const bool closes = quote_ == U'„'   ? symbol == U'“' || symbol == U'”'
                        : quote_ == U'“' ? symbol == U'”'
                        : quote_ == U'«' ? symbol == U'»'
                                         : symbol == U'"';
    if (quote_ != 0) {
      if (closes) quote_ = 0;
    } else if (symbol == U'"' || symbol == U'“' || symbol == U'„' || symbol == U'«') {
      quote_ = symbol;
    }
  }

  char32_t last_ = U'\n', quote_ = 0;  // quote_: the mark that opened the quotation, 0 = outside
  int position_ = 0, indentation_ = 0, word_start_ = 0, depth_ = 0;
};

constexpr const char* names[] = {"line_position", "word_start",  "in_quotes", "in_brackets",
                                 "upper_case",    "indentation", "digit"};

}  // namespace

TextFeatures text_features(std::u32string_view text, const Pattern* pattern) {
  TextFeatures features{.names = {std::begin(names), std::end(names)}, .values = {}};
  std::vector<uint8_t> inside;
  if (pattern) {
    features.names.push_back("pattern");
    inside = pattern->inside_matches(text);
  }
  const size_t F = features.names.size();
  features.values.resize(text.size() * F);
  Reader reader;
  for (size_t n = 0; n < text.size(); ++n) {
    reader.read(text[n]);
    reader.values(&features.values[n * F]);
    if (pattern) features.values[n * F + F - 1] = inside[n];
  }
  return features;
}

void FeatureCorrelation::Sums::add(std::span<const float> values, bool is_first) {
  if (is_first) first.assign(values.begin(), values.end());
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = static_cast<double>(values[i]) - first[i];
    difference[i] += value;
    squares[i] += value * value;
  }
}

double FeatureCorrelation::Sums::variance(size_t at, double count) const {
  return squares[at] - difference[at] * difference[at] / count;
}

FeatureCorrelation::FeatureCorrelation(size_t features, size_t hidden)
    : features_(features), activations_(hidden), products_(features * hidden) {}

void FeatureCorrelation::add(std::span<const float> features, std::span<const float> activations) {
  const size_t H = activations.size();
  features_.add(features, count_ == 0);
  activations_.add(activations, count_ == 0);
  ++count_;
  for (size_t k = 0; k < features.size(); ++k) {
    const double feature = static_cast<double>(features[k]) - features_.first[k];
    if (feature == 0) continue;
    for (size_t j = 0; j < H; ++j)
      products_[k * H + j] += feature * (static_cast<double>(activations[j]) - activations_.first[j]);
  }
}

std::vector<float> FeatureCorrelation::result() const {
  const size_t F = features_.first.size(), H = activations_.first.size();
  std::vector<float> result(F * H, std::numeric_limits<float>::quiet_NaN());
  for (size_t k = 0; k < F; ++k)
    for (size_t j = 0; j < H; ++j) {
      const double variances = features_.variance(k, count_) * activations_.variance(j, count_);
      if (!(variances > 0)) continue;
      const double together =
          products_[k * H + j] - features_.difference[k] * activations_.difference[j] / count_;
      result[k * H + j] = static_cast<float>(std::clamp(together / std::sqrt(variances), -1.0, 1.0));
    }
  return result;
}

}  // namespace unroll
