#include "engine/model/sampler.h"

#include <cmath>

#include "engine/model/double_model.h"
#include "tests/engine/engine_fixture.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;
using testing::compare;

namespace {

const std::vector<float> shares{0.1f, 0.4f, 0.05f, 0.25f, 0.2f};

/// How often each index is drawn in 20 000 draws.
std::vector<double> frequencies(std::span<const float> probabilities, const SamplingOptions& options) {
  Random random(42);
  std::vector<Candidate> scratch;
  std::vector<double> counts(probabilities.size());
  for (int i = 0; i < 20000; ++i)
    counts.at(static_cast<size_t>(draw(probabilities, options, random, scratch))) += 1.0 / 20000;
  return counts;
}

void check_shares(const std::vector<double>& found, const std::vector<double>& expected) {
  CHECK(compare(found, expected).difference < 0.015);  // four standard errors
  for (size_t i = 0; i < expected.size(); ++i)
    if (expected[i] == 0) CHECK(found[i] == 0);
}

struct Small {
  Vocabulary vocabulary = Vocabulary::of(U"\nabcde");
  Model model;
  Small() : model(std::move(*Model::create({.cell = "lstm", .hidden = 7}, 6, 3))) {}
};

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

}  // namespace

TEST_CASE("Drawing: temperature 1 draws the probabilities themselves") {
  check_shares(frequencies(shares, {.temperature = 1}), {0.1, 0.4, 0.05, 0.25, 0.2});
}

TEST_CASE("Drawing: temperature 0 takes the best, of equal ones the first, and uses no random number") {
  Random random(1), untouched(1);
  std::vector<Candidate> scratch;
  CHECK(draw(shares, {.temperature = 0}, random, scratch) == 1);
  CHECK(draw(std::vector<float>{0.2f, 0.4f, 0.4f}, {.temperature = 0}, random, scratch) == 1);
  CHECK(random.next() == untouched.next());
}

TEST_CASE("Drawing: temperature raises the probabilities to 1/temperature") {
  double total = 0;
  std::vector<double> sharper;
  for (const float p : shares) total += sharper.emplace_back(std::pow(p, 2.0));
  for (double& p : sharper) p /= total;
  check_shares(frequencies(shares, {.temperature = 0.5}), sharper);
  const auto nearly_greedy = frequencies(shares, {.temperature = 0.01});
  CHECK(nearly_greedy[1] == doctest::Approx(1));
}

TEST_CASE("Drawing: top-k keeps the k best, of equal ones those with the lower index") {
  check_shares(frequencies(shares, {.temperature = 1, .top_k = 2}), {0, 0.4 / 0.65, 0, 0.25 / 0.65, 0});
  check_shares(frequencies(std::vector<float>{0.25f, 0.25f, 0.25f, 0.25f}, {.temperature = 1, .top_k = 3}),
               {1 / 3.0, 1 / 3.0, 1 / 3.0, 0});
  check_shares(frequencies(shares, {.temperature = 1, .top_k = 99}), {0.1, 0.4, 0.05, 0.25, 0.2});
}

TEST_CASE(
    "Drawing: top-p keeps the shortest list of best ones that holds p, the one that crosses it included") {
  check_shares(frequencies(shares, {.temperature = 1, .top_p = 0.6}), {0, 0.4 / 0.65, 0, 0.25 / 0.65, 0});
  check_shares(frequencies(shares, {.temperature = 1, .top_p = 0.3}), {0, 1, 0, 0, 0});
  check_shares(frequencies(shares, {.temperature = 1, .top_p = 1e-9}), {0, 1, 0, 0, 0});
}

TEST_CASE("Drawing: the filters go temperature, top-k, top-p") {
  // At temperature 0.5 the best has 0.16/0.2625 = 0.61 of all and 0.16/0.2225 = 0.72 of the two best.
  check_shares(frequencies(shares, {.temperature = 0.5, .top_k = 2, .top_p = 0.7}), {0, 1, 0, 0, 0});
  const double two = 0.16 + 0.0625;
  check_shares(frequencies(shares, {.temperature = 0.5, .top_k = 2, .top_p = 0.75}),
               {0, 0.16 / two, 0, 0.0625 / two, 0});
}

TEST_CASE("Drawing: a certain character is always drawn, whatever the options") {
  const std::vector<float> certain{0, 0, 1, 0};
  for (const double temperature : {0.0, 0.1, 1.0, 5.0})
    CHECK(frequencies(certain, {.temperature = temperature, .top_k = 2, .top_p = 0.5})[2] ==
          doctest::Approx(1));
}

TEST_CASE("Sampler: the distribution after a prefix is the model's") {
  Small small;
  Sampler sampler(small.model, small.vocabulary, 1);
  CHECK(sampler.feed(U"abc").empty());
  const std::vector<int32_t> ids{1, 2, 3};
  const auto workspace = small.model.make_workspace(3, 1);
  RecurrentState zero = small.model.make_state(1);
  small.model.forward(*workspace, ids, ids, zero);
  CHECK(compare(sampler.distribution(), workspace->probabilities().subspan(12, 6)).difference < 1e-6);
}

TEST_CASE("Sampler: characters that the vocabulary lacks are skipped and told once each") {
  Small small;
  Sampler one(small.model, small.vocabulary, 1), other(small.model, small.vocabulary, 1);
  CHECK(one.feed(U"aéb…éc") == U"é…");
  other.feed(U"abc");
  CHECK(copy(one.distribution()) == copy(other.distribution()));
}

TEST_CASE("Sampler: before anything was fed, the distribution is the one after a line break") {
  Small small;
  Sampler fresh(small.model, small.vocabulary, 1), fed(small.model, small.vocabulary, 1);
  fed.feed(U"\n");
  CHECK(copy(fresh.distribution()) == copy(fed.distribution()));
  fresh.feed(U"?");  // unknown: still nothing fed
  CHECK(copy(fresh.distribution()) == copy(fed.distribution()));

  const Vocabulary letters = Vocabulary::of(U"abcdef");
  Sampler without(small.model, letters, 1), after_first(small.model, letters, 1);
  after_first.feed(U"a");
  CHECK(copy(without.distribution()) == copy(after_first.distribution()));
}

TEST_CASE("Sampler: reset starts anew, and feeding a prefix starts from the zero state") {
  Small small;
  Sampler used(small.model, small.vocabulary, 1), fresh(small.model, small.vocabulary, 1);
  used.feed(U"edcba");
  used.reset();
  CHECK(copy(used.distribution()) == copy(fresh.distribution()));
  used.feed(U"ab");
  used.reset();
  used.feed(U"cd");
  fresh.feed(U"cd");
  CHECK(copy(used.distribution()) == copy(fresh.distribution()));
}

TEST_CASE("Sampler: the same seed writes the same text, another seed another") {
  Small small;
  const auto write = [&](uint64_t seed) {
    Sampler sampler(small.model, small.vocabulary, seed);
    sampler.feed(U"a");
    std::u32string text;
    for (int i = 0; i < 60; ++i) text += sampler.write({.temperature = 1});
    return text;
  };
  CHECK(write(5) == write(5));
  CHECK(write(5) != write(6));
}

TEST_CASE("Sampler: a live sample follows the weights of its model") {
  const auto trainer =
      testing::make_trainer(testing::experiment_of(testing::counting_text(), {.cell = "rnn", .hidden = 10}));
  Sampler sampler(trainer->model(), trainer->corpus().vocabulary, 1);
  sampler.feed(U"1");
  const auto before = copy(sampler.distribution());
  for (int i = 0; i < 5; ++i) trainer->step();
  sampler.reset();
  sampler.feed(U"1");
  CHECK(copy(sampler.distribution()) != before);
}

TEST_CASE("Sampler: interventions count from the first character that is fed, and can be taken back") {
  using Kind = Intervention::Kind;
  const auto trainer =
      testing::make_trainer(testing::experiment_of(testing::counting_text(), {.cell = "lstm", .hidden = 10}));
  const Vocabulary& vocabulary = trainer->corpus().vocabulary;
  const InterventionSet set{{.kind = Kind::set, .unit = 4, .what = "c", .value = 3, .first = 2, .last = 2}};
  Sampler plain(trainer->model(), vocabulary, 1), sampler(trainer->model(), vocabulary, 1, set);
  const auto expected = [&](std::u32string_view text) {
    DoubleModel doubles(trainer->model(), set);
    for (const int32_t id : vocabulary.encode(text).ids) doubles.read(id);
    return doubles.probabilities();
  };
  CHECK(!plain.is_intervened());
  CHECK(sampler.is_intervened());
  for (const char32_t symbol : std::u32string(U"1234")) {
    const std::u32string one(1, symbol);
    plain.feed(one);
    sampler.feed(one);
    const double difference = compare(sampler.distribution(), plain.distribution()).difference;
    CHECK((difference > 1e-4) == (symbol >= U'3'));
  }
  CHECK(compare(sampler.distribution(), expected(U"1234")).difference < 1e-7);

  for (int i = 0; i < 5; ++i) trainer->step();
  sampler.reset();
  sampler.feed(U"123");
  CHECK(compare(sampler.distribution(), expected(U"123")).difference < 1e-7);  // the weights of now

  sampler.intervene({});
  plain.reset();
  CHECK(copy(sampler.distribution()) == copy(plain.distribution()));
}
