#include "engine/text/baselines.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "engine/base/random.h"

using namespace unroll;

namespace {

/// The formula of baselines.h as it stands there, with maps of strings: P(w | h), h the last order − 1
/// characters.
double probability(const std::u32string& train, int vocabulary, std::u32string context, char32_t next) {
  double followed = 0, count = 0;
  std::set<char32_t> followers;
  for (size_t at = 0; at + context.size() < train.size(); ++at) {
    if (train.compare(at, context.size(), context) != 0) continue;
    const char32_t after = train[at + context.size()];
    ++followed;
    followers.insert(after);
    if (after == next) ++count;
  }
  const double shorter =
      context.empty() ? 1.0 / vocabulary : probability(train, vocabulary, context.substr(1), next);
  if (followed == 0) return shorter;
  const auto types = static_cast<double>(followers.size());
  return (count + types * shorter) / (followed + types);
}

double loss_of_order(const Corpus& corpus, size_t order) {
  const std::u32string train = corpus.vocabulary.decode(corpus.train());
  const std::u32string text =
      corpus.vocabulary.decode(corpus.valid().empty() ? corpus.train() : corpus.valid());
  double sum = 0;
  for (size_t at = 1; at < text.size(); ++at) {
    const size_t length = std::min(at, order - 1);
    sum -= std::log(probability(train, corpus.vocabulary.size(), text.substr(at - length, length), text[at]));
  }
  return sum / static_cast<double>(text.size() - 1);
}

std::string babble(uint64_t seed, int length) {
  static constexpr const char* syllables[] = {"ba", "ne ", "ko", "tu", "ri. ", "so", "ä", "mi ", "lo\n"};
  Random random(seed);
  std::string text;
  uint32_t last = 0;
  while (static_cast<int>(text.size()) < length) {
    last = random.below(3) ? (last * 2 + random.below(3)) % 9 : random.below(9);
    text += syllables[last];
  }
  return text;
}

}  // namespace

TEST_CASE("baselines: equal to the formula computed naively") {
  for (const double valid : {0.3, 0.0}) {
    const auto corpus = make_corpus(babble(1, 500), valid);
    REQUIRE(corpus);
    const Baselines baselines = measure_baselines(*corpus);
    CHECK(baselines.on_valid == (valid > 0));
    CHECK(baselines.uniform == doctest::Approx(std::log(corpus->vocabulary.size())).epsilon(1e-12));
    CHECK(baselines.unigram == doctest::Approx(loss_of_order(*corpus, 1)).epsilon(1e-12));
    CHECK(baselines.bigram == doctest::Approx(loss_of_order(*corpus, 2)).epsilon(1e-12));
    double best = 1e9;
    int best_order = 0;
    for (int order = 1; order <= Baselines::max_order; ++order) {
      const double loss = loss_of_order(*corpus, static_cast<size_t>(order));
      if (loss < best) best = loss, best_order = order;
    }
    CHECK(baselines.best == doctest::Approx(best).epsilon(1e-12));
    CHECK(baselines.best_order == best_order);
  }
}

TEST_CASE("baselines: characters that training never saw still have a probability") {
  const auto corpus = make_corpus(babble(2, 300) + "XYZ XYZ XYZ", 0.05);
  REQUIRE(corpus);
  const Baselines baselines = measure_baselines(*corpus);
  CHECK(std::isfinite(baselines.best));
  CHECK(baselines.unigram == doctest::Approx(loss_of_order(*corpus, 1)).epsilon(1e-12));
}

TEST_CASE("baselines: in slices the same as at once, on a text large enough to rehash often") {
  const auto corpus = make_corpus(babble(3, 20000), 0.1);
  REQUIRE(corpus);
  const Baselines whole = measure_baselines(*corpus);
  BaselineMeter meter(*corpus);
  int slices = 1;
  while (!meter.advance(777)) ++slices;
  CHECK(slices > 100);
  CHECK(meter.advance(777));  // done stays done
  CHECK(meter.result().bigram == whole.bigram);
  CHECK(meter.result().best == whole.best);
  CHECK(meter.result().best_order == whole.best_order);
  CHECK(whole.best <= whole.bigram);
  CHECK(whole.bigram < whole.unigram);
  CHECK(whole.unigram < whole.uniform);
}

TEST_CASE("baselines: the smallest texts") {
  for (const char* text : {"ab", "aa", "aba"}) {
    const auto corpus = make_corpus(text, 0.0);
    REQUIRE(corpus);
    const Baselines baselines = measure_baselines(*corpus);
    CHECK(std::isfinite(baselines.best));
    CHECK(baselines.best_order >= 1);
  }
}
