// What all the rest is for: models learn.
#include "engine/model/sampler.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;

namespace {

const std::string proverb = "A stitch in time saves nine, but nine stitches in time save ninety-nine.\n";

/// Trains on the proverb over and over; steps of one proverb each.
std::unique_ptr<Trainer> learn(LaneSpec lane, int steps) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += proverb;
  Experiment experiment = testing::experiment_of(
      text, lane, {.batch = 2, .seq_length = static_cast<int>(proverb.size()), .rate = 0.01});
  experiment.data.valid = 0;
  auto trainer = testing::make_trainer(experiment);
  for (int i = 0; i < steps; ++i) trainer->step();
  return trainer;
}

void check_reproduces(const LaneSpec& lane) {
  const auto trainer = learn(lane, 400);
  Sampler sampler(trainer->model(), trainer->corpus().vocabulary, 1);
  sampler.feed(U"A");
  std::string text = "A";
  while (text.size() < 2 * proverb.size()) text += encode_utf8(sampler.write({.temperature = 0}));
  CHECK(text == proverb + proverb);
}

}  // namespace

TEST_CASE("Learning: every cell learns to reproduce a text exactly") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    check_reproduces({.cell = cell, .hidden = 40});
  }
}

TEST_CASE("Learning: so do two layers with embedding and dropout, and the relu cell") {
  check_reproduces({.cell = "lstm", .hidden = 40, .layers = 2, .embedding = 8, .dropout = 0.1});
  check_reproduces({.cell = "gru", .hidden = 40, .layers = 2, .init = Init::orthogonal});
  check_reproduces(
      {.cell = "rnn", .hidden = 60, .nonlinearity = Nonlinearity::relu, .init = Init::orthogonal});
}

TEST_CASE("Learning: an lstm carries a bit over 8 characters, which no count of short contexts can") {
  // Each line opens with a or b, goes on with 8 dots, and closes with the letter it opened with.
  std::string text;
  Random random(9);
  for (int i = 0; i < 400; ++i) {
    const char letter = random.below(2) ? 'a' : 'b';
    text += letter + std::string(8, '.') + letter + "\n";
  }
  Experiment experiment = testing::experiment_of(text, {.cell = "lstm", .hidden = 24},
                                                 {.batch = 8, .seq_length = 22, .rate = 0.02});
  const auto trainer = testing::make_trainer(experiment);
  for (int i = 0; i < 700; ++i) trainer->step();
  for (const char32_t letter : {U'a', U'b'}) {
    Sampler sampler(trainer->model(), trainer->corpus().vocabulary, 1);
    sampler.feed(U"a........a\nb........b\n" + std::u32string(1, letter) + U"........");
    CHECK(sampler.distribution()[static_cast<size_t>(trainer->corpus().vocabulary.id(letter))] > 0.95f);
  }
}
