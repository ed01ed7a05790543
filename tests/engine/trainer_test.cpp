#include "engine/model/trainer.h"

#include <cmath>

#include "engine/kernels/kernels.h"
#include "tests/engine/engine_fixture.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;
using testing::counting_text;
using testing::experiment_of;
using testing::make_trainer;

namespace {

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

std::vector<double> losses(Trainer& trainer, int steps) {
  std::vector<double> list;
  for (int i = 0; i < steps; ++i) list.push_back(trainer.step().loss);
  return list;
}

}  // namespace

TEST_CASE("Trainer: the loss starts at ln V and falls, for every cell and optimizer") {
  for (const std::string cell : {"rnn", "lstm", "gru"})
    for (const OptimizerKind kind :
         {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::adam, OptimizerKind::adamw}) {
      CAPTURE(cell);
      CAPTURE(name(kind));
      TrainSpec train{.batch = 4, .seq_length = 20, .optimizer = kind};
      train.rate = kind == OptimizerKind::sgd ? 0.3 : 0.01;
      const auto trainer = make_trainer(experiment_of(counting_text(), {.cell = cell, .hidden = 24}, train));
      const auto list = losses(*trainer, 60);
      CHECK(list.front() == doctest::Approx(std::log(trainer->corpus().vocabulary.size())).epsilon(0.05));
      CHECK(list.back() < 0.8 * list.front());
      CHECK(trainer->steps_done() == 60);
      CHECK(trainer->epochs_done() ==
            doctest::Approx(60.0 / static_cast<double>(trainer->task().steps_per_epoch())));
    }
}

TEST_CASE("Trainer: the same seed gives the same losses and weights, another seed others") {
  const LaneSpec lane{.cell = "gru", .hidden = 12, .layers = 2, .dropout = 0.3};
  Experiment experiment = experiment_of(counting_text(), lane, {.batch = 3, .seq_length = 10});
  const auto one = make_trainer(experiment), two = make_trainer(experiment);
  CHECK(losses(*one, 15) == losses(*two, 15));
  CHECK(std::ranges::equal(one->model().parameters(), two->model().parameters()));
  experiment.train.seed = 2;
  CHECK(losses(*make_trainer(experiment), 1) !=
        losses(*make_trainer(experiment_of(counting_text(), lane, {.batch = 3, .seq_length = 10})), 1));
}

TEST_CASE(
    "Trainer: resumed from a snapshot, training is bit for bit what it would have been without the stop") {
  for (const OptimizerKind kind :
       {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::adam, OptimizerKind::adamw}) {
    CAPTURE(name(kind));
    const LaneSpec lane{.cell = "lstm", .hidden = 10, .layers = 2, .dropout = 0.25};
    const Experiment experiment =
        experiment_of(counting_text(), lane, {.batch = 3, .seq_length = 11, .optimizer = kind, .rate = 0.01});
    const auto straight = make_trainer(experiment), resumed = make_trainer(experiment);
    losses(*straight, 13);
    std::ranges::copy(straight->model().parameters(), resumed->model().parameters().begin());
    resumed->model().parameters_changed();
    REQUIRE(resumed->restore(straight->snapshot()));
    CHECK(resumed->steps_done() == 13);
    CHECK(losses(*straight, 70) == losses(*resumed, 70));  // over the end of an epoch
    CHECK(std::ranges::equal(straight->model().parameters(), resumed->model().parameters()));
  }
}

TEST_CASE("Trainer: a snapshot of another lane is refused and changes nothing") {
  const auto small = make_trainer(experiment_of(counting_text(), {.cell = "lstm", .hidden = 8}));
  const auto large = make_trainer(experiment_of(counting_text(), {.cell = "lstm", .hidden = 9}));
  const auto other = make_trainer(
      experiment_of(counting_text(), {.cell = "lstm", .hidden = 8}, {.optimizer = OptimizerKind::sgd}));
  losses(*large, 2);
  losses(*other, 2);
  CHECK(!small->restore(large->snapshot()));
  const auto refused = small->restore(other->snapshot());
  REQUIRE(!refused);
  CHECK(refused.error().text().find("optimizer") != std::string::npos);
  CHECK(small->steps_done() == 0);
}

TEST_CASE("Trainer: state is carried from batch to batch and zeroed where an epoch starts") {
  // With a rate of next to nothing the weights stand still, so the loss of the first batch comes back at each
  // epoch.
  const auto trainer = make_trainer(experiment_of(counting_text(), {.cell = "lstm", .hidden = 16},
                                                  {.batch = 2, .seq_length = 30, .rate = 1e-12}));
  const auto per_epoch = static_cast<size_t>(trainer->task().steps_per_epoch());
  const auto list = losses(*trainer, static_cast<int>(2 * per_epoch));
  for (size_t i = 0; i < per_epoch; ++i) CHECK(list[i] == doctest::Approx(list[i + per_epoch]).epsilon(1e-9));

  // The state is really carried: a second batch from the state of zero has another loss.
  Model& model = trainer->model();
  const auto workspace = model.make_workspace(30, 2);
  RecurrentState zero = model.make_state(2);
  Batch second;
  trainer->task().fill(1, second);
  CHECK(!second.restart);
  CHECK(std::abs(model.forward(*workspace, second, zero) - list[1]) > 1e-6);
}

TEST_CASE("Trainer: schedules and clipping are PyTorch's") {
  TrainSpec train{.schedule = Schedule::cosine, .warmup = 10, .steps = 110};
  CHECK(scheduled_rate(train, 2, 0) == doctest::Approx(0.2));
  CHECK(scheduled_rate(train, 2, 9) == doctest::Approx(2));
  CHECK(scheduled_rate(train, 2, 10) == doctest::Approx(2));
  CHECK(scheduled_rate(train, 2, 60) == doctest::Approx(1));
  CHECK(scheduled_rate(train, 2, 110) == doctest::Approx(0));
  CHECK(scheduled_rate(train, 2, 500) == doctest::Approx(0));
  train.schedule = Schedule::constant;
  CHECK(scheduled_rate(train, 2, 500) == 2);
  CHECK(clip_factor(0.5, 1) == 1);
  CHECK(clip_factor(4, 1) == doctest::Approx(0.25));
  CHECK(clip_factor(4, 0) == 1);
}

TEST_CASE("Trainer: a clipped gradient gives the step that the same gradient, shortened, would give") {
  const LaneSpec lane{.cell = "rnn", .hidden = 10};
  const TrainSpec train{
      .batch = 4, .seq_length = 10, .optimizer = OptimizerKind::sgd, .rate = 1, .momentum = 0, .clip = 0.01};
  const auto trainer = make_trainer(experiment_of(counting_text(), lane, train));
  const auto before = copy(trainer->model().parameters());
  const StepResult result = trainer->step();
  REQUIRE(result.grad_norm > 0.05);
  double moved = 0;
  for (size_t i = 0; i < before.size(); ++i)
    moved += std::pow(trainer->model().parameters()[i] - before[i], 2);
  CHECK(std::sqrt(moved) == doctest::Approx(0.01).epsilon(1e-3));
}

TEST_CASE(
    "Trainer: a lane's own rate goes before the experiment's, and tuning takes effect at the next step") {
  const auto trainer = make_trainer(
      experiment_of(counting_text(), {.cell = "rnn", .hidden = 8, .rate = 0.007}, {.rate = 0.02}));
  CHECK(trainer->step().rate == 0.007);
  trainer->set_rate(0);  // as in an experiment: nothing moves
  const auto before = copy(trainer->model().parameters());
  CHECK(trainer->rate() == 0);
  CHECK(trainer->step().rate == 0);
  CHECK(copy(trainer->model().parameters()) == before);
  CHECK(validate(trainer->experiment()));
  trainer->set_rate(0.001);
  trainer->set_clip(0.5);
  CHECK(trainer->step().rate == 0.001);
  CHECK(trainer->lane().rate == 0.001);
  CHECK(trainer->experiment().train.clip == 0.5);
}

TEST_CASE("Trainer: a divergence names the equation where the first number stopped being finite") {
  Experiment experiment =
      experiment_of(counting_text(), {.hidden = 12, .layers = 2}, {.batch = 2, .seq_length = 200});
  REQUIRE(set_cell(experiment,
                   "cell mine \"\"\nstate c, h\na = sigmoid(lin(x))\nc = 90 * c[t-1] + exp(a)\n"
                   "h = tanh(lin(x) + mat(h[t-1])) + 0 * c\n"));
  REQUIRE(set_field(experiment, field("lanes", "cell"), 0, "mine"));
  const auto trainer = make_trainer(experiment);
  const StepResult result = trainer->step();
  CHECK(result.diverged);
  CHECK(result.not_finite == "equation c of layer 1");  // 90^20 is more than a float holds
}

TEST_CASE(
    "Trainer: a lane that diverges says so, keeps finite weights and stops; a lower rate lets it go on") {
  // A relu rnn without clipping and with a rate far too high explodes within a few steps.
  const LaneSpec lane{.cell = "rnn", .hidden = 32, .nonlinearity = Nonlinearity::relu};
  const TrainSpec train{
      .batch = 4, .seq_length = 100, .optimizer = OptimizerKind::sgd, .rate = 50, .clip = 0};
  const auto trainer = make_trainer(experiment_of(counting_text(), lane, train));
  StepResult result;
  for (int i = 0; i < 200 && !result.diverged; ++i) result = trainer->step();
  REQUIRE(result.diverged);
  CHECK(trainer->diverged());
  CHECK(result.step == trainer->steps_done());
  CHECK((!std::isfinite(result.loss) || !std::isfinite(result.grad_norm) || result.grad_norm > 1e18));
  CHECK((result.not_finite == "equation h") == !std::isfinite(result.loss));

  const auto weights = copy(trainer->model().parameters());
  for (const float weight : weights) REQUIRE(std::isfinite(weight));
  const RecurrentState carried = trainer->snapshot().state;
  for (const float value : carried.states.back()) REQUIRE(std::isfinite(value));
  Evaluator evaluator(trainer->model(), trainer->corpus().valid());
  while (!evaluator.advance(1000)) continue;
  CHECK(evaluator.loss() < 2 * std::log(trainer->corpus().vocabulary.size()));

  const StepResult again = trainer->step();  // nothing more happens
  CHECK(again.diverged);
  CHECK(again.step == result.step);
  CHECK(copy(trainer->model().parameters()) == weights);

  trainer->set_rate(1e-6);
  trainer->set_clip(1);
  CHECK(!trainer->diverged());
  CHECK(!trainer->step().diverged);
  CHECK(trainer->steps_done() == result.step + 1);
}

TEST_CASE("Trainer: training that would need too much memory is refused with the size and a way out") {
  Experiment experiment = experiment_of(counting_text(), {.cell = "lstm", .hidden = 1024, .layers = 4});
  experiment.train.batch = 256;
  experiment.train.seq_length = 1024;
  std::string text;
  while (text.size() < 600'000) text += counting_text();
  auto corpus = make_corpus(text, 0);
  REQUIRE(corpus);
  const auto trainer = Trainer::create(experiment, 0, std::make_shared<const Corpus>(std::move(*corpus)));
  REQUIRE(!trainer);
  CHECK(trainer.error().where == "lanes[0]");
  CHECK(trainer.error().text().find("GiB") != std::string::npos);
  CHECK(trainer.error().text().find("smaller batch") != std::string::npos);
}

TEST_CASE("Trainer: losses of the first steps are the same natively and in wasm, for every instruction set") {
  // Literals of the plain table on x86-64. 1e-4: rounding differs by instruction set, and 20 steps of Adam
  // magnify it.
  const std::string chosen = kernels::best().name;
  for (const kernels::Kernels* table : kernels::available()) {
    CAPTURE(std::string(table->name));
    kernels::force(table->name);
    const auto last = [](const std::string& cell) {
      const auto trainer = make_trainer(
          experiment_of(counting_text(), {.cell = cell, .hidden = 24}, {.batch = 4, .seq_length = 16}));
      return losses(*trainer, 20).back();
    };
    CHECK(last("rnn") == doctest::Approx(2.499933).epsilon(1e-4));
    CHECK(last("lstm") == doctest::Approx(2.569191).epsilon(1e-4));
    CHECK(last("gru") == doctest::Approx(2.552149).epsilon(1e-4));
  }
  kernels::force(chosen.c_str());
}

TEST_CASE("Evaluator: a short text gives the mean of its losses; slices of any size give the same") {
  const auto trainer = make_trainer(experiment_of(counting_text(), {.cell = "gru", .hidden = 12}));
  const Model& model = trainer->model();
  const auto ids = trainer->corpus().valid();
  REQUIRE(ids.size() > 100);
  const auto workspace = model.make_workspace(static_cast<int>(ids.size()) - 1, 1);
  RecurrentState zero = model.make_state(1);
  const double expected = model.forward(*workspace, ids.first(ids.size() - 1), ids.subspan(1), zero);
  for (const int slice : {1, 7, 64, 100000}) {
    CAPTURE(slice);
    Evaluator evaluator(model, ids);
    int slices = 1;
    while (!evaluator.advance(slice)) ++slices;
    CHECK(evaluator.loss() == doctest::Approx(expected).epsilon(1e-7));
    CHECK(evaluator.characters() == static_cast<int64_t>(ids.size()) - 1);
    CHECK(slices >= std::min<int>(static_cast<int>(ids.size()) / slice, 2));
  }
}

TEST_CASE("Evaluator: a long text, read in streams, gives what one pass through it gives") {
  std::string text;
  for (int i = 0; i < 12; ++i) text += counting_text();
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    const auto trainer = make_trainer(
        experiment_of(text, {.cell = cell, .hidden = 24}, {.batch = 4, .seq_length = 32, .rate = 0.01}));
    losses(*trainer, 150);  // so that it has something to remember
    const Model& model = trainer->model();
    const auto ids = trainer->corpus().train();
    for (const size_t size :
         {ids.size(), size_t{2050}, size_t{2049}, size_t{2048}, size_t{5003}, size_t{1500}, size_t{3}}) {
      CAPTURE(size);
      REQUIRE(size <= ids.size());
      const auto part = ids.first(size);
      Evaluator evaluator(model, part);
      while (!evaluator.advance(500)) continue;
      CHECK(evaluator.characters() == static_cast<int64_t>(size) - 1);  // each once
      const auto workspace = model.make_workspace(static_cast<int>(size) - 1, 1);
      RecurrentState zero = model.make_state(1);
      const double once = model.forward(*workspace, part.first(size - 1), part.subspan(1), zero);
      CHECK(evaluator.loss() == doctest::Approx(once).epsilon(2e-4));
    }
  }
}

TEST_CASE("Evaluator: fewer than two characters predict nothing") {
  const auto trainer = make_trainer(experiment_of(counting_text(), {.cell = "rnn", .hidden = 4}));
  Evaluator evaluator(trainer->model(), trainer->corpus().valid().first(1));
  CHECK(evaluator.advance(10));
  CHECK(evaluator.characters() == 0);
  CHECK(std::isnan(evaluator.loss()));
}
