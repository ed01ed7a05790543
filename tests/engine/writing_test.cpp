// The pen that writes: what it learns from, what it writes on its own, and who reads that.
#include <array>
#include <bit>
#include <cmath>

#include "engine/base/mixture.h"
#include "engine/model/network.h"
#include "engine/tasks/writing_task.h"
#include "tests/engine/puzzle_fixture.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;
using namespace unroll::puzzle;

namespace {

constexpr size_t K = WritingTask::written_numbers;

std::shared_ptr<const Task> task_of(const Fields& fields) {
  auto made = create_task(experiment("writing", fields));
  REQUIRE(made);
  return *made;
}

/// Writes a held-out drawing of each letter from memory: in every row the next point is certain.
class Copyist final : public Network {
 public:
  /// `shift`: it writes the letter so many places further on in the alphabet.
  Copyist(const WritingTask& task, int32_t shift, bool ends = true) : task_(&task), ends_(ends) {
    const auto all = static_cast<int64_t>(task.letters().size());
    for (int64_t index = 0; index < all; ++index) drawings_.push_back(task.held_out((index + shift) % all));
  }

  std::span<const float> read(const Batch& batch) override {
    const size_t B = static_cast<size_t>(batch.batch), O = static_cast<size_t>(task_->shape().outputs),
                 I = static_cast<size_t>(task_->shape().inputs), T = static_cast<size_t>(batch.seq_length);
    if (batch.restart) rows_ = 0;
    outputs_.assign(T * B * O, 0.0f);
    for (size_t t = 0; t < T; ++t, ++rows_)
      for (size_t b = 0; b < B; ++b) {
        const float* hot = &batch.reals[(t * B + b) * I + WritingTask::point_numbers];
        const Sequence& drawing =
            drawings_[static_cast<size_t>(std::max_element(hot, hot + task_->letters().size()) - hot)];
        const size_t n = std::min(rows_, static_cast<size_t>(drawing.length) - 1);
        float* out = &outputs_[(t * B + b) * O];
        const size_t M = MixtureShape::of(O).components;
        const float* right = &drawing.values[n * K];
        out[0] = right[2] > 0.5f ? 30.0f : -30.0f;
        out[1] = ends_ && right[3] > 0.5f ? 30.0f : -30.0f;
        for (size_t j = 0; j < M; ++j) {
          out[2 + M + j] = right[0];
          out[2 + 2 * M + j] = right[1];
          out[2 + 3 * M + j] = out[2 + 4 * M + j] = -20;
        }
      }
    return outputs_;
  }

 private:
  const WritingTask* task_;
  bool ends_;
  std::vector<Sequence> drawings_;
  std::vector<float> outputs_;
  size_t rows_ = 0;
};

Score score_of(const Task& task, Network& network, int rows) {
  const auto scorer = task.scorer();
  while (!scorer->advance(network, rows)) continue;
  return scorer->score();
}

}  // namespace

TEST_CASE("writing: a row has the point before and asks for the next one; the letter stands beside each") {
  const auto task = task_of({{"distortion", 0}, {"stray", 0}});
  const WritingTask& writing = *task->as_writing();
  CHECK(writing.letters() == "abcdefghijklmnopqrstuvwxyz");
  CHECK(task->shape() == TaskShape{29, true, 62, Head::mixture});
  for (int64_t index = 0; index < 60; ++index) {
    const Sequence drawn = index % 2 ? writing.held_out(index) : writing.training(index);
    const auto N = static_cast<size_t>(drawn.length);
    REQUIRE(drawn.reals.size() == N * 29);
    REQUIRE(drawn.values.size() == N * K);
    CHECK(drawn.length <= writing.seq_length());
    if (index % 2) CHECK(writing.letter_of(drawn) == index % 26);
    CHECK(std::vector(drawn.reals.begin(), drawn.reals.begin() + 3) == std::vector<float>{0, 0, 1});
    for (size_t n = 0; n < N; ++n) {
      float hot = 0;
      for (size_t i = 3; i < 29; ++i) hot += drawn.reals[n * 29 + i];
      CHECK(hot == 1);
      CHECK(drawn.reals[n * 29 + 3 + static_cast<size_t>(writing.letter_of(drawn))] == 1);
      for (size_t k = 0; n > 0 && k < 3; ++k) CHECK(drawn.reals[n * 29 + k] == drawn.values[(n - 1) * K + k]);
      CHECK(drawn.values[n * K + 3] == (n + 1 == N ? 1 : 0));
    }
    CHECK(drawn.values[(N - 1) * K + 2] == 1);
  }
  CHECK(task_of({{"classes", 1}})->as_writing()->letters() == "0123456789");
}

TEST_CASE(
    "writing: letters keep their places on the line: an l begins above an x, and a p goes down below both") {
  const auto task = task_of({{"distortion", 0}, {"style", 1}});
  const WritingTask& writing = *task->as_writing();
  const auto reach = [&](char letter) {
    const Drawing drawing = WritingTask::drawing_of(writing.held_out(letter - 'a').values);
    double top = 1e9, bottom = -1e9;
    for (const Stroke& stroke : drawing)
      for (const PenPoint point : stroke) top = std::min(top, point.y), bottom = std::max(bottom, point.y);
    return std::pair(top, bottom);
  };
  CHECK(reach('l').first == doctest::Approx(-7).epsilon(0.02));
  CHECK(reach('l').second == doctest::Approx(3).epsilon(0.02));
  CHECK(reach('x').first == doctest::Approx(-3).epsilon(0.05));
  CHECK(reach('x').second == doctest::Approx(3).epsilon(0.05));
  CHECK(reach('p').second > 6);
}

TEST_CASE("writing: in training the pen lies beside its path, and what is right leads back to it") {
  const auto task = task_of({});
  const WritingTask& writing = *task->as_writing();
  double beside = 0, count = 0;
  for (int64_t number = 0; number < 40; ++number) {
    const Sequence strays = writing.training(number), drawn = writing.drawn(number);
    REQUIRE(strays.length == drawn.length);
    CHECK(writing.letter_of(strays) == writing.letter_of(drawn));
    std::array<double, 2> read = {0, 0}, path = {0, 0};
    for (size_t n = 0; n < static_cast<size_t>(strays.length); ++n)
      for (size_t k = 0; k < K; ++k) {
        const auto right = static_cast<double>(strays.values[n * K + k]),
                   hand = static_cast<double>(drawn.values[n * K + k]);
        if (k >= 2) {
          CHECK(right == hand);
          continue;
        }
        read[k] += static_cast<double>(strays.reals[n * 29 + k]);
        if (n > 0) beside += std::pow(read[k] - path[k], 2), ++count;
        path[k] += hand;
        CHECK(read[k] + right == doctest::Approx(path[k]).epsilon(1e-5));
      }
  }
  CHECK(std::sqrt(beside / count) == doctest::Approx(0.1).epsilon(0.05));
  // What is held out is as a hand draws it.
  CHECK(writing.held_out(7).values == task_of({{"stray", 0}})->as_writing()->held_out(7).values);
}

TEST_CASE("writing: dots and strokes come back as they were") {
  const auto task = task_of({{"distortion", 0}, {"style", 1}});
  const Sequence i = task->as_writing()->held_out('i' - 'a');
  const Drawing drawing = WritingTask::drawing_of(i.values);
  REQUIRE(drawing.size() == 2);
  CHECK(drawing[1].size() == 1);
  CHECK(drawing[0].size() == 7);
  CHECK(drawing[0].front().y == doctest::Approx(-3));
  CHECK(drawing[1].front().y == doctest::Approx(-5));
}

TEST_CASE("writing: the judge knows the font, and a network that writes it from memory is readable") {
  for (const Fields& fields : {Fields{}, Fields{{"classes", 1}}, Fields{{"style", 3}}}) {
    const auto task = task_of(fields);
    const WritingTask& writing = *task->as_writing();
    double by_hand = 0;
    for (const Baseline& baseline : task->baselines()) {
      CHECK(std::isfinite(baseline.value));
      if (baseline.name == "drawn by hand") by_hand = baseline.value;
    }
    CHECK(by_hand > 0.9);
    Copyist copies(writing, 0);
    const Score right = score_of(*task, copies, 1 << 20);
    CHECK(right.count == (fields.contains("classes") ? 100 : 104));
    CHECK(right.value > 0.9);
    CHECK(other(right, "ended by itself") == 1);
    // Another letter than the one that was asked for is not readable, though it is one.
    Copyist others(writing, 1);
    CHECK(score_of(*task, others, 700).value < 0.05);
    Copyist endless(writing, 0, false);
    CHECK(other(score_of(*task, endless, 700), "ended by itself") == 0);
  }
  const auto task = task_of({});
  const WritingTask& any = *task->as_writing();
  CHECK(any.recognised({}) == -1);
  CHECK(any.recognised({{{5, 5}}}) >= 0);  // a dot is read as something
}

TEST_CASE("writing: baselines by hand: one Gaussian costs more than one that goes on as before") {
  const auto task = task_of({});
  double once = 0, goes_on = 0, scribble = 0;
  for (const Baseline& baseline : task->baselines()) {
    if (baseline.name == "one Gaussian") once = baseline.loss;
    if (baseline.name == "goes on as before") goes_on = baseline.loss;
    if (baseline.name == "scribble") scribble = baseline.value;
  }
  CHECK(once > goes_on + 0.3);
  CHECK(scribble == doctest::Approx(1 / 26.0));
}

TEST_CASE(
    "writing: what is written is of the seed alone, in one run or letter by letter; a bias makes it "
    "steadier") {
  const auto task = task_of({{"components", 3}});
  const WritingTask& writing = *task->as_writing();
  const Model model = std::move(*Model::create({.cell = "lstm", .hidden = 12}, task->shape(), 5));
  const auto write = [&](std::vector<int32_t> letters, double bias, uint64_t seed, uint64_t first, int rows) {
    ModelNetwork network(model);
    PenRun run(writing, std::move(letters), bias, seed, first);
    while (!run.advance(network, rows)) continue;
    return run.points();
  };
  const auto word = write({7, 8, 7}, 0, 1, 0, 1 << 20);
  REQUIRE(word.size() == 3);
  CHECK(word == write({7, 8, 7}, 0, 1, 0, 1));
  CHECK(word != write({7, 8, 7}, 0, 2, 0, 1));
  CHECK(word[0] != word[2]);
  const auto last = write({7}, 0, 1, 2, 7)[0];
  REQUIRE(last.size() == word[2].size());
  for (size_t i = 0; i < last.size(); ++i) CHECK(last[i] == doctest::Approx(word[2][i]).epsilon(1e-4));
  const auto wild = [](const std::vector<std::vector<float>>& written) {
    double sum = 0, count = 0;
    for (const auto& letter : written)
      for (size_t n = 0; n < letter.size(); n += K) {
        CHECK(letter.size() <= K * PenReading::most_points);
        sum += std::hypot(letter[n], letter[n + 1]);
        ++count;
      }
    return sum / count;
  };
  CHECK(wild(write({0, 1, 2, 3}, 3, 1, 0, 99)) < 0.5 * wild(write({0, 1, 2, 3}, 0, 1, 0, 99)));
}

TEST_CASE("writing: weights that are no numbers end a letter, and nothing of it is kept") {
  const auto task = task_of({{"components", 2}});
  Model model = std::move(*Model::create({.cell = "rnn", .hidden = 4}, task->shape(), 5));
  std::ranges::fill(model.parameters(), std::nanf(""));
  model.parameters_changed();
  ModelNetwork network(model);
  PenRun run(*task->as_writing(), {0, 25}, 1, 1);
  while (!run.advance(network, 10)) continue;
  for (const auto& letter : run.points()) CHECK(letter.empty());
  CHECK_FALSE(run.ended(0));
}

TEST_CASE("writing: a network learns to foretell points: below the best Gaussian after 60 steps") {
  Experiment small = experiment("writing", {{"style", 1}, {"components", 5}, {"classes", 1}});
  small.train.batch = 16;
  small.train.rate = 0.02;
  small.lanes = {{.cell = "lstm", .hidden = 24}};
  auto trainer = Trainer::create(small, 0, *create_task(small));
  REQUIRE(trainer);
  double least = 0;
  for (const Baseline& baseline : (*trainer)->task().baselines())
    if (baseline.name == "goes on as before") least = baseline.loss;
  double loss = 0;
  for (int step = 0; step < 60; ++step) loss = (*trainer)->step().loss;
  CHECK(loss < least);
}

TEST_CASE("writing: the same bits on every machine") {
  const auto task = task_of({});
  uint32_t sum = 0;
  for (int64_t number = 0; number < 30; ++number)
    for (const float value : task->as_writing()->held_out(number).values)
      sum = 31 * sum + std::bit_cast<uint32_t>(value);
  CHECK(sum == 3317955108u);
}
