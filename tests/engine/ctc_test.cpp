// Strings of labels without places: the loss against known values and sums over all paths, its gradient through networks, what
// is left out, and decoding against all strings there are.
#include "engine/base/ctc.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>

#include "engine/model/trainer.h"
#include "engine/probes/gradient_check.h"
#include "engine/probes/probe.h"
#include "tests/engine/engine_fixture.h"

namespace unroll {
namespace {

using Labels = std::vector<int32_t>;

/// (T, O) probabilities.
struct Said {
  size_t classes;
  std::vector<float> probabilities;
  size_t steps() const { return probabilities.size() / classes; }
  std::vector<double> logs(const Labels& labels) const {
    std::vector<double> result;
    for (size_t t = 0; t < steps(); ++t) {
      result.push_back(std::log(static_cast<double>(probabilities[t * classes])));
      for (const int32_t label : labels)
        result.push_back(
            std::log(static_cast<double>(probabilities[t * classes + static_cast<size_t>(label)])));
    }
    return result;
  }
};

Said random_said(size_t steps, size_t classes, uint64_t seed) {
  Random random(seed);
  Said said{classes, {}};
  for (size_t t = 0; t < steps; ++t) {
    float sum = 0;
    for (size_t c = 0; c < classes; ++c) sum += said.probabilities.emplace_back(0.02f + random.uniform());
    for (size_t c = 0; c < classes; ++c) said.probabilities[t * classes + c] /= sum;
  }
  return said;
}

Said uniform(size_t steps, size_t classes) {
  return {classes, std::vector<float>(steps * classes, 1.0f / static_cast<float>(classes))};
}

double loss_of(const Said& said, const Labels& labels) {
  std::vector<double> room(ctc_room(said.steps(), labels.size()));
  return ctc_loss(labels, said.logs(labels), room);
}

/// What a path says.
Labels merged(const Labels& path) {
  Labels labels;
  for (size_t t = 0; t < path.size(); ++t)
    if (path[t] != 0 && (t == 0 || path[t] != path[t - 1])) labels.push_back(path[t]);
  return labels;
}

/// body(path, its probability) for all of them.
template <class Body>
void each_path(const Said& said, const Body& body) {
  Labels path(said.steps());
  for (;;) {
    double p = 1;
    for (size_t t = 0; t < path.size(); ++t)
      p *= static_cast<double>(said.probabilities[t * said.classes + static_cast<size_t>(path[t])]);
    body(path, p);
    size_t t = 0;
    while (t < path.size() && ++path[t] == static_cast<int32_t>(said.classes)) path[t++] = 0;
    if (t == path.size()) return;
  }
}

std::map<Labels, double> all_strings(const Said& said) {
  std::map<Labels, double> sums;
  each_path(said, [&](const Labels& path, double p) { sums[merged(path)] += p; });
  return sums;
}

}  // namespace

TEST_CASE("ctc: known values") {
  // The published one has activations, of which a softmax is made.
  Said softmax{5, {}};
  for (const float one : {.1f, .6f, .1f, .1f, .1f, .1f, .1f, .6f, .1f, .1f})
    softmax.probabilities.push_back(std::exp(one) / (4 * std::exp(.1f) + std::exp(.6f)));
  CHECK(loss_of(softmax, {1, 2}) == doctest::Approx(2.46285839).epsilon(1e-7));
  CHECK(loss_of(uniform(2, 2), {1}) == doctest::Approx(.287682).epsilon(1e-5));
  CHECK(loss_of(uniform(4, 2), {1}) == doctest::Approx(.470004).epsilon(1e-5));
  CHECK(loss_of(uniform(3, 2), {1, 1}) == doctest::Approx(2.079442).epsilon(1e-6));
  CHECK(loss_of(uniform(2, 2), {}) == doctest::Approx(1.386294).epsilon(1e-6));
  CHECK(std::isinf(loss_of(uniform(2, 2), {1, 1})));
  CHECK(ctc_least_steps(Labels{1, 1}) == 3);
  CHECK(ctc_least_steps(Labels{1, 2, 1}) == 3);
  CHECK(ctc_least_steps(Labels{}) == 0);
}

TEST_CASE("ctc: the loss and the posteriors are those of the sum over all paths") {
  for (const auto& [steps, classes] : {std::pair{1, 2}, {4, 2}, {5, 3}, {6, 4}}) {
    const Said said = random_said(static_cast<size_t>(steps), static_cast<size_t>(classes), 7);
    double everything = 0;
    for (const auto& [labels, sum] : all_strings(said)) {
      const auto& right = labels;  // a lambda may not capture a structured binding
      CHECK(loss_of(said, labels) == doctest::Approx(-std::log(sum)).epsilon(1e-6));
      everything += std::exp(-loss_of(said, labels));
      std::vector<double> posteriors = said.logs(labels), room(ctc_room(said.steps(), labels.size()));
      CHECK(ctc_posteriors(labels, posteriors, room) == doctest::Approx(loss_of(said, labels)));
      // Of each class at each step, for a label may come several times.
      std::vector<double> found(said.probabilities.size()), expected(found.size());
      each_path(said, [&](const Labels& path, double p) {
        for (size_t t = 0; merged(path) == right && t < path.size(); ++t)
          expected[t * said.classes + static_cast<size_t>(path[t])] += p;
      });
      for (size_t t = 0; t < said.steps(); ++t)
        for (size_t i = 0; i <= labels.size(); ++i)
          found[t * said.classes + (i == 0 ? 0 : static_cast<size_t>(labels[i - 1]))] +=
              posteriors[t * (labels.size() + 1) + i];
      for (size_t n = 0; n < found.size(); ++n)
        CHECK(found[n] == doctest::Approx(expected[n] / sum).epsilon(1e-6));
    }
    CHECK(everything == doctest::Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("ctc: a thousand steps neither underflow nor overflow, and no path is no number that grows") {
  const Said said = random_said(1000, 30, 3);
  Labels labels;
  for (int32_t n = 0; n < 60; ++n) labels.push_back(1 + n % 29);
  CHECK(std::isfinite(loss_of(said, labels)));
  CHECK(loss_of(said, labels) > 1000);
  std::vector<double> posteriors = said.logs(labels), room(ctc_room(1000, 60));
  ctc_posteriors(labels, posteriors, room);
  for (size_t t = 0; t < 1000; t += 37) {
    double sum = 0;
    for (size_t i = 0; i <= 60; ++i) sum += posteriors[t * 61 + i];
    CHECK(sum == doctest::Approx(1).epsilon(1e-9));
  }
  const Labels twice = {1, 1};
  std::vector<double> none = uniform(2, 2).logs(twice), little(ctc_room(2, 2));
  CHECK(std::isinf(ctc_posteriors(twice, none, little)));
  CHECK(std::ranges::all_of(none, [](double p) { return p == 0; }));
}

TEST_CASE("ctc: the likeliest string is found where the likeliest path says another one") {
  // The empty string has the likeliest path (.36), "a" three paths (.64): Graves 2012, figure 7.4.
  const Said said{2, {.6f, .4f, .6f, .4f}};
  CHECK(ctc_greedy(said.probabilities, 2).empty());
  CHECK(ctc_decoded(said.probabilities, 2) == Labels{1});
  int differ = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const Said other = random_said(5, 3, seed);
    const auto strings = all_strings(other);
    const auto best = std::ranges::max_element(strings, {}, [](const auto& one) { return one.second; });
    CtcBeam beam(1000);
    for (size_t t = 0; t < 5; ++t) beam.read(std::span(other.probabilities).subspan(3 * t, 3));
    CHECK(beam.best() == best->first);
    CHECK(beam.best_log_probability() == doctest::Approx(std::log(best->second)).epsilon(1e-6));
    differ += ctc_greedy(other.probabilities, 3) != best->first;
  }
  CHECK(differ >= 5);
}

TEST_CASE("ctc: a narrow beam keeps the likeliest prefixes, and begins anew as if nothing had been read") {
  const Said said = random_said(40, 6, 5);
  CtcBeam beam(4);
  std::vector<Labels> on_the_way;
  for (int again = 0; again < 2; ++again) {
    beam.restart();
    CHECK(beam.best().empty());
    CHECK(beam.best_log_probability() == 0);
    for (size_t t = 0; t < 40; ++t) {
      beam.read(std::span(said.probabilities).subspan(6 * t, 6));
      if (again == 0) on_the_way.push_back(beam.best());
      CHECK(beam.best() == on_the_way[t]);
    }
  }
  CHECK(beam.best() == ctc_decoded(said.probabilities, 6, 4));
  // Never more than the string really has, and not far from it.
  CHECK(beam.best_log_probability() <= -loss_of(said, beam.best()) + 1e-6);
  CHECK(beam.best_log_probability() > -loss_of(said, beam.best()) - 5);
  const float nothing[6] = {};
  beam.read(nothing);  // no probabilities: what was said stays
  CHECK(beam.best() == on_the_way.back());
}

namespace {

constexpr TaskShape shape = {.inputs = 3, .reals = true, .outputs = 4, .head = Head::ctc};

Sequence sequence_with(Random& random, int length, Labels labels) {
  Sequence sequence;
  sequence.length = length;
  for (int i = 0; i < 3 * length; ++i) sequence.reals.push_back(random.uniform(-1, 1));
  sequence.classes = std::move(labels);
  return sequence;
}

std::vector<Sequence> some_sequences() {
  Random random(4);
  return {sequence_with(random, 5, {1, 2}), sequence_with(random, 9, {3, 3, 1}),
          sequence_with(random, 3, {2, 2}), sequence_with(random, 7, {})};
}

Batch batch_of(std::span<const Sequence> sequences) {
  Batch batch;
  gather_sequences(sequences, shape, batch);
  return batch;
}

Model model_of(std::string_view cell) {
  return std::move(*Model::create({.cell = std::string(cell), .hidden = 8, .layers = 2}, shape, 3));
}

struct Pass {
  double loss;
  std::vector<float> gradients;
};
Pass pass_of(Model& model, const Batch& batch) {
  const auto workspace = model.make_workspace(batch.seq_length, batch.batch);
  RecurrentState state = model.make_state(batch.batch);
  Random unused(0);
  const double loss = model.forward_backward(*workspace, batch, state, unused);
  return {loss, {model.gradients().begin(), model.gradients().end()}};
}

}  // namespace

TEST_CASE("ctc: the loss of a batch is the mean over its strings, whatever their lengths") {
  const std::vector<Sequence> sequences = some_sequences();
  const Batch batch = batch_of(sequences);
  CHECK(left_out(batch) == 0);
  Model model = model_of("lstm");
  ModelNetwork network(model), alone(model);
  const auto outputs = network.read(batch);
  const auto losses = network.losses();
  std::vector<double> sum(model.parameters().size());
  double mean = 0;
  for (size_t b = 0; b < sequences.size(); ++b) {
    const size_t last = (static_cast<size_t>(sequences[b].length) - 1) * 4 + b;
    CHECK(losses[last] == doctest::Approx(row_loss(shape, batch, outputs, last)).epsilon(1e-5));
    const Batch one = batch_of({&sequences[b], 1});
    CHECK(one.weights.back() == 1);
    const Said said{4, {alone.read(one).begin(), alone.read(one).end()}};
    CHECK(losses[last] == doctest::Approx(loss_of(said, sequences[b].classes)).epsilon(1e-5));
    const Pass single = pass_of(model, one);
    CHECK(single.loss == doctest::Approx(losses[last]).epsilon(1e-6));
    mean += single.loss / 4;
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(single.gradients[i]) / 4;
  }
  const Pass whole = pass_of(model, batch);
  CHECK(whole.loss == doctest::Approx(mean).epsilon(1e-6));
  const auto difference = testing::compare(whole.gradients, sum);
  CHECK(difference.difference < 1e-5 * difference.largest);
}

TEST_CASE("ctc: what no path can say is left out, and what stands past an end is not seen") {
  std::vector<Sequence> sequences = some_sequences();
  Model model = model_of("gru");
  const Pass without = pass_of(model, batch_of(sequences));
  Random random(9);
  sequences.push_back(sequence_with(random, 2, {1, 1}));
  sequences.push_back(sequence_with(random, 2, {1, 2, 3, 1}));  // more labels than the batch has rows for it
  Batch batch = batch_of(sequences);
  CHECK(left_out(batch) == 2);
  const Pass with = pass_of(model, batch);
  CHECK(with.loss == doctest::Approx(without.loss).epsilon(1e-6));
  const auto difference = testing::compare(with.gradients, without.gradients);
  CHECK(difference.difference < 1e-5 * difference.largest);
  for (size_t t = 0; t < 9; ++t)
    for (size_t b = 0; b < 6; ++b)
      if (static_cast<int>(t) >= sequences[b].length)
        std::fill_n(&batch.reals[(t * 6 + b) * 3], 3, static_cast<float>(t));
  const Pass other = pass_of(model, batch);
  CHECK(other.loss == with.loss);
  CHECK(testing::compare(other.gradients, with.gradients).difference <= 1e-6 * difference.largest);
  // Nothing but such: no loss, no gradient, no number that is none.
  const Pass nothing = pass_of(model, batch_of(std::span(sequences).last(2)));
  CHECK(nothing.loss == 0);
  CHECK(std::ranges::all_of(nothing.gradients, [](float g) { return g == 0; }));
}

TEST_CASE("ctc: gradients through whole networks agree with finite differences") {
  const std::vector<Sequence> sequences = some_sequences();
  for (const char* cell : {"rnn", "lstm", "gru", "mingru", "slstm"}) {
    CAPTURE(std::string(cell));
    Model model = model_of(cell);
    Random random(6);
    for (float& value : model.parameters()) value += random.uniform(-0.3f, 0.3f);
    model.parameters_changed();
    for (const Sequence& sequence : sequences) {
      GradientCheck check(model, batch_of({&sequence, 1}), 40, 4);
      while (!check.advance()) continue;
      CHECK(check.error() < 2e-4);
      CHECK(check.error() > 0);
    }
  }
}

TEST_CASE("ctc: how far back reaches what of the loss enters in a row") {
  const std::vector<Sequence> sequences = some_sequences();
  const Batch one = batch_of({&sequences[1], 1});
  const Model model = model_of("rnn");
  // The whole gradient with respect to the last input enters by the last row alone: a finite difference.
  const int positions[] = {9};
  GradientFlowMeter meter(model, one, positions);
  while (!meter.advance()) continue;
  const auto loss_with = [&](size_t i, float change) {
    Batch changed = one;
    changed.reals[i] += change;
    ModelNetwork network(model);
    const auto outputs = network.read(changed);
    return row_loss(shape, changed, outputs, 8);
  };
  double squares = 0;
  for (size_t i = 24; i < 27; ++i)
    squares += std::pow((loss_with(i, 1e-2f) - loss_with(i, -1e-2f)) / 2e-2, 2);
  CHECK(meter.result().front().input[0] == doctest::Approx(std::sqrt(squares)).epsilon(1e-2));
  CHECK(meter.result().front().lags == 9);
}

}  // namespace unroll
