#include "engine/probes/unit_features.h"

#include <algorithm>
#include <cmath>

#include "engine/text/text.h"
#include "tests/engine/engine_fixture.h"

using namespace unroll;

namespace {

/// One feature of a text, each value as a digit.
std::string feature(const std::string& name, const std::string& text) {
  const TextFeatures features = text_features(*decode_utf8_exact(text));
  const auto at = std::ranges::find(features.names, name);
  REQUIRE(at != features.names.end());
  std::string digits;
  for (size_t n = static_cast<size_t>(at - features.names.begin()); n < features.values.size();
       n += features.names.size())
    digits += static_cast<char>('0' + static_cast<int>(features.values[n]));
  return digits;
}

}  // namespace

TEST_CASE("Unit features: each is what its definition says, character by character") {
  CHECK(feature("line_position", "ab\n\ncd\ne") == "01200120");
  CHECK(feature("word_start", "ab c1d éx") == "100101010");
  CHECK(feature("upper_case", "aB ÉéЖж") == "0101010");
  CHECK(feature("digit", "a1 2b") == "01010");
  CHECK(feature("indentation", "  a b\n\t c\nd") == "12222212220");
  CHECK(feature("in_brackets", "a(b[c]d)e)(") == "01111110001");
  CHECK(feature("in_quotes", "a\"b\"c") == "01100");
  CHECK(feature("in_quotes", "“a„b“c”d") == "11111100");
  CHECK(feature("in_quotes", "„a“b „c”d «e»f") == "11000110001100");
  CHECK(feature("in_quotes", "\"ab\nc\n\nd\"e") == "1111110011");
}

TEST_CASE("Unit features: the matches of a pattern come last") {
  const Result<Pattern> pattern = Pattern::parse(U"b+");
  const TextFeatures features = text_features(U"abba", &*pattern);
  REQUIRE(features.names.size() == 8);
  CHECK(features.names.back() == "pattern");
  for (size_t n = 0; n < 4; ++n) CHECK(features.values[n * 8 + 7] == (n == 1 || n == 2 ? 1 : 0));
  CHECK(text_features(U"").values.empty());
}

TEST_CASE("Unit features: the correlation is Pearson's, and undefined for what never changes") {
  constexpr size_t N = 500, F = 4, H = 5;
  Random random(3);
  std::vector<float> features(N * F), activations(N * H);
  for (size_t n = 0; n < N; ++n) {
    for (size_t k = 0; k + 1 < F; ++k) features[n * F + k] = static_cast<float>(random.below(3));
    features[n * F + F - 1] = 7.3f;
    for (size_t j = 0; j + 1 < H; ++j)
      activations[n * H + j] =
          static_cast<float>(random.normal()) + 100.0f * features[n * F] * static_cast<float>(j % 2);
    activations[n * H + H - 1] = 0.1f;
  }
  FeatureCorrelation correlation(F, H);
  for (size_t n = 0; n < N; ++n)
    correlation.add(std::span(features).subspan(n * F, F), std::span(activations).subspan(n * H, H));
  const std::vector<float> found = correlation.result();
  REQUIRE(found.size() == F * H);
  for (size_t k = 0; k < F; ++k)
    for (size_t j = 0; j < H; ++j) {
      if (k == F - 1 || j == H - 1) {
        CHECK(std::isnan(found[k * H + j]));
        continue;
      }
      double mean_f = 0, mean_a = 0, together = 0, squares_f = 0, squares_a = 0;
      for (size_t n = 0; n < N; ++n) mean_f += features[n * F + k] / N, mean_a += activations[n * H + j] / N;
      for (size_t n = 0; n < N; ++n) {
        const double f = features[n * F + k] - mean_f, a = activations[n * H + j] - mean_a;
        together += f * a, squares_f += f * f, squares_a += a * a;
      }
      CHECK(std::abs(found[k * H + j] - together / std::sqrt(squares_f * squares_a)) < 1e-6);
      CHECK((found[k * H + j] > 0.99f) == (k == 0 && j % 2 == 1));
    }
  CHECK(std::isnan(FeatureCorrelation(1, 1).result()[0]));
}
