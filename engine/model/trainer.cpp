#include "engine/model/trainer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>

#include "engine/base/gaussian.h"
#include "engine/base/mixture.h"
#include "engine/model/check_size.h"
#include "engine/model/head.h"
#include "engine/model/parts.h"

namespace unroll {
namespace {

/// Beyond this the squares of a gradient, which the optimizers average, are not finite in float32; nor are those of
/// weights so large of any use.
constexpr double largest_norm = 1e18;

/// Steps between two copies of the weights as the last good ones, so that the copies cost next to nothing.
constexpr int64_t good_interval = 8;

/// √Σ x². Always added up in the same chunks, so that it is the same number whoever shares the work.
double norm_of(const kernels::Kernels& kernels, Team* team, std::span<const float> x) {
  constexpr size_t most = 64, least = 4096;
  double squares[most] = {};
  const size_t chunk = std::max((x.size() + most - 1) / most, least), chunks = (x.size() + chunk - 1) / chunk;
  divide(team, static_cast<ptrdiff_t>(chunks), 1, [&](ptrdiff_t first, ptrdiff_t last, int) {
    for (size_t i = static_cast<size_t>(first); i < static_cast<size_t>(last); ++i)
      squares[i] = kernels.squared_norm(&x[i * chunk], std::min(chunk, x.size() - i * chunk));
  });
  return std::sqrt(std::accumulate(squares, squares + chunks, 0.0));
}

void copy_together(Team* team, std::span<const float> from, std::span<float> to) {
  constexpr ptrdiff_t grain = 1 << 14;
  divide(team, static_cast<ptrdiff_t>(from.size()), grain, [&](ptrdiff_t first, ptrdiff_t last, int) {
    std::copy_n(from.data() + first, last - first, to.data() + first);
  });
}

/// Twice what a uniform guess costs (of a string: one path), or answering 0 everywhere; more than that is worse than having learned nothing. Of
/// densities, answering 0 everywhere with a deviation of 1.
double worst_good_loss(const TaskShape& shape, const Batch& batch) {
  const double uniform = std::log(std::max(shape.outputs, 2));
  if (shape.head == Head::softmax) return 2 * uniform;
  if (shape.head == Head::ctc) return 2 * uniform * static_cast<double>(batch.read_rows()) / batch.batch;
  const auto O = static_cast<size_t>(shape.targets());
  constexpr double spread = 1;  // of the outputs, where all targets are 0
  if (shape.head == Head::mixture) {
    static constexpr std::array<float, 6 * most_components + 5> nothing{};
    double sum = 0;
    for (size_t row = 0; row < batch.values.size() / O; ++row)
      if (const double weight = batch.weights.empty() ? 1.0 : batch.weights[row]; weight > 0)
        sum +=
            weight * mixture_loss(nothing.data(), &batch.values[row * O], static_cast<size_t>(shape.outputs));
    return 2 * (sum / total_weight(batch) + spread);
  }
  double squares = 0;
  for (size_t i = 0; i < batch.values.size(); ++i) {
    const double value = batch.values[i], weight = batch.weights.empty() ? 1.0 : batch.weights[i / O];
    squares += weight * value * value;
  }
  const double mean = squares / (total_weight(batch) * shape.targets());
  return shape.head == Head::linear ? 2 * (mean + spread)
                                    : 2 * (gaussian_loss(0, 0, std::sqrt(mean)) + spread);
}

/// The first value of the last pass that is not finite, in the order of time, layers and equations.
std::string first_not_finite(const Model& model, const WorkspaceParts& w) {
  const CellGraph& graph = model.graph();
  for (ptrdiff_t row = 0; row < w.rows(); ++row)
    for (int layer = 0; layer < model.spec().layers; ++layer)
      for (const CellEquation& equation : graph.equations) {
        const CellNode& node = graph.nodes[static_cast<size_t>(equation.node)];
        const std::span values(value_of(w, layer, equation, row),
                               static_cast<size_t>(columns_of(node, w.hidden) * w.hidden));
        if (std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) continue;
        return "equation " + equation.name +
               (model.spec().layers > 1 ? " of layer " + std::to_string(layer + 1) : "");
      }
  return "";
}

/// Parameters, gradients, two moments, the last good weights, and two packed forms.
constexpr uint64_t copies_of_parameters = 7;

std::string gigabytes(uint64_t bytes) {
  const std::string tenths = std::to_string((bytes * 10) >> 30);
  return (tenths.size() > 1 ? tenths.substr(0, tenths.size() - 1) : "0") + "." + tenths.back() + " GiB";
}

}  // namespace

Status check_size(const Experiment& experiment, int lane, int vocabulary, size_t train_size) {
  const Streams::Size size =
      Streams::fitting(train_size, experiment.train.batch, experiment.train.seq_length);
  return check_size(experiment, lane, language_shape(vocabulary), size.seq_length, size.batch);
}

Status check_size(const Experiment& experiment, int lane, const TaskShape& shape, int seq_length, int batch) {
  const LaneSpec& spec = experiment.lanes[static_cast<size_t>(lane)];
  const std::string where = "lanes[" + std::to_string(lane) + "]";
  const int64_t parameters = parameter_count(spec, shape);
  if (parameters > Limits::parameters)
    return Error{
        where, std::to_string(parameters) + " parameters are too many",
        "at most " + std::to_string(Limits::parameters) +
            "; choose a smaller hidden size, fewer layers or a text with fewer different characters"};
  const uint64_t bytes = Model::workspace_bytes(spec, shape, seq_length, batch) +
                         copies_of_parameters * sizeof(float) * static_cast<uint64_t>(parameters);
  if (bytes > Trainer::memory_limit)
    return Error{where, "training it would need " + gigabytes(bytes) + " of memory",
                 "at most " + gigabytes(Trainer::memory_limit) +
                     "; choose a smaller batch, sequence length or hidden size, or fewer layers"};
  return ok();
}

Result<std::unique_ptr<Trainer>> Trainer::create(const Experiment& experiment, int lane,
                                                 std::shared_ptr<const Task> task) {
  assert(lane >= 0 && static_cast<size_t>(lane) < experiment.lanes.size());
  const TaskShape shape = task->shape();
  const Status fits = check_size(experiment, lane, shape, task->seq_length(), task->batch());
  if (!fits) return fits.error();
  auto model = Model::create(experiment.lanes[static_cast<size_t>(lane)], shape, experiment.train.seed);
  if (!model) return model.error();
  return std::unique_ptr<Trainer>(new Trainer(experiment, lane, std::move(task), std::move(*model)));
}

Result<std::unique_ptr<Trainer>> Trainer::create(const Experiment& experiment, int lane,
                                                 std::shared_ptr<const Corpus> corpus) {
  assert(corpus->train_size >= 2);
  return create(experiment, lane,
                std::make_shared<const TextTask>(std::move(corpus), experiment.train.batch,
                                                 experiment.train.seq_length, experiment.train.seed));
}

Trainer::Trainer(const Experiment& experiment, int lane, std::shared_ptr<const Task> task, Model model)
    : experiment_(experiment),
      lane_(lane),
      task_(std::move(task)),
      model_(std::move(model)),
      optimizer_(experiment.train, model_.parameters().size(), model_.kernels()),
      dropout_(experiment.train.seed, random_stream::dropout),
      workspace_(model_.make_workspace(task_->seq_length(), task_->batch())),
      state_(model_.make_state(task_->batch())),
      good_parameters_(model_.parameters().begin(), model_.parameters().end()),
      good_state_(state_),
      start_(state_) {}

double Trainer::epochs_done() const {
  const int64_t steps = task_->steps_per_epoch();
  return steps > 0 ? static_cast<double>(steps_done_) / static_cast<double>(steps) : 0;
}

double Trainer::rate() const { return lane().rate > 0 ? lane().rate : experiment_.train.rate; }

void Trainer::set_rate(double rate) {
  assert(rate >= 0);
  experiment_.lanes[static_cast<size_t>(lane_)].rate = rate;
  if (rate == 0) experiment_.train.rate = 0;  // a lane's own 0 stands for the training's
  diverged_ = false;
}

void Trainer::set_clip(double clip) {
  experiment_.train.clip = clip;
  diverged_ = false;
}

StepResult Trainer::step() {
  begin_step();
  run_pass();
  return end_step();
}

void Trainer::begin_step() {
  if (diverged_) return;
  start_ = state_;  // also where the text begins anew: a step that is saved is saved as it was before
  task_->fill(steps_done_, batch_);
  if (batch_.restart) model_.restart(state_);
  dropout_start_ = dropout_.state();
  in_step_ = true;
}

void Trainer::run_pass() {
  if (diverged_) return;
  loss_ = model_.forward_backward(*workspace_, batch_, state_, dropout_);
}

int Trainer::cut_step(int workers) {
  parts_.clear();
  if (diverged_ || workers < 2 || !model_.has_parts()) return 1;
  parts_ = parts_of(batch_.batch, workers);
  if (parts_.size() < 2) parts_.clear();
  outputs_.resize(parts_.size());
  return std::max(1, static_cast<int>(parts_.size()));
}

PartInput Trainer::part(int number) const {
  const Shards& shards = parts_[static_cast<size_t>(number)];
  const int first = shards.first_stream(), count = shards.streams(batch_.batch);
  return {.place = {first, batch_.batch, static_cast<float>(1 / total_weight(batch_))},
          .batch = streams_of(batch_, first, count),
          .state = streams_of(state_, model_.spec().layers, first, count),
          .dropout = dropout_start_};
}

void Trainer::run_part(int number) { compute_part(model_, *workspace_, part(number), output(number)); }

void Trainer::leave_step() {
  if (!in_step_) return;
  state_ = start_;
  dropout_.restore(dropout_start_);
  in_step_ = false;
  parts_.clear();
}

/// Leaves all as run_pass() does but for the workspace. That tells where numbers stopped being finite, so then the whole pass is
/// run here after all.
void Trainer::join_parts() {
  const auto B = static_cast<size_t>(batch_.batch);
  losses_.resize(static_cast<size_t>(batch_.seq_length) * B);
  std::vector<float*> gradients;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const auto first = static_cast<size_t>(parts_[i].first_stream()),
               count = static_cast<size_t>(parts_[i].streams(batch_.batch));
    const std::vector<float>& losses = outputs_[i].losses;
    for (size_t from = 0, to = first; from < losses.size(); from += count, to += B)
      std::copy_n(losses.begin() + static_cast<ptrdiff_t>(from), count,
                  losses_.begin() + static_cast<ptrdiff_t>(to));
    gradients.push_back(outputs_[i].gradients.data());
  }
  loss_ = summed_loss(losses_, batch_) / total_weight(batch_);
  if (!std::isfinite(loss_)) return run_pass();
  for (size_t i = 0; i < parts_.size(); ++i)
    put_streams(outputs_[i].state, model_.spec().layers, parts_[i].first_stream(), state_);
  dropout_.restore(outputs_[0].dropout);
  size_t next = 0;
  const int size = static_cast<int>(model_.parameters().size());
  sum_parts(Shards::of(batch_.batch), parts_, gradients, next,
            [&](float* sum, const float* more) { model_.kernels().add_rows(more, sum, 0, 1, size); });
  std::swap(model_.parts().gradients, outputs_[0].gradients);
}

StepResult Trainer::end_step() {
  if (diverged_) return last_;
  if (!parts_.empty()) join_parts();
  parts_.clear();
  in_step_ = false;
  const DuringPart update(model_.parts(), StepPart::update);
  const double loss = loss_, rate = scheduled_rate(experiment_.train, this->rate(), steps_done_);
  const std::span<const float> gradients = model_.gradients();
  Team* const team = model_.team();
  const double norm = norm_of(model_.kernels(), team, gradients);
  const double factor = clip_factor(norm, experiment_.train.clip);
  const std::span<float> parameters = model_.parameters();

  diverged_ = !std::isfinite(loss) || !std::isfinite(norm) || norm * factor > largest_norm;
  if (!diverged_) {
    if (steps_done_ % good_interval == 0 && loss <= worst_good_loss(model_.shape(), batch_)) {
      copy_together(team, parameters, good_parameters_);
      good_state_ = start_;
      good_steps_ = steps_done_;
    }
    optimizer_.step(rate, factor, gradients, parameters, team);
    model_.keep_bounds();
    const double size = norm_of(model_.kernels(), team, parameters);
    diverged_ = !(size <= largest_norm);  // so no step ends with weights that cannot be saved
  }
  const std::string where =
      !std::isfinite(loss) ? first_not_finite(model_, workspace_->parts()) : std::string();
  if (diverged_) {
    std::ranges::copy(good_parameters_, parameters.begin());
    state_ = good_state_;
    optimizer_.reset();
  } else {
    ++steps_done_;
  }
  model_.parameters_changed();
  last_ = {.step = steps_done_,
           .loss = loss,
           .grad_norm = norm,
           .rate = rate,
           .clip_factor = factor,
           .diverged = diverged_,
           .left_out = model_.shape().head == Head::ctc ? left_out(batch_) : 0,
           .not_finite = where};
  return last_;
}

void Trainer::rewind() {
  leave_step();
  std::ranges::copy(good_parameters_, model_.parameters().begin());
  model_.parameters_changed();
  state_ = good_state_;
  steps_done_ = good_steps_;
  optimizer_.reset();
  diverged_ = false;
  last_ = {};
}

Trainer::Snapshot Trainer::snapshot() const {
  return {.steps_done = steps_done_,
          .optimizer = optimizer_.state(),
          .state = carried_state(),
          .dropout = dropout_state()};
}

Status Trainer::restore(const Snapshot& snapshot) {
  const RecurrentState& state = snapshot.state;
  if (snapshot.steps_done < 0)
    return Error{"steps_done", std::to_string(snapshot.steps_done) + " is negative", ""};
  const auto fits = [](const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size();
  };
  if (state.batch != state_.batch || !std::ranges::equal(state.states, state_.states, fits))
    return Error{"recurrent state", "its size does not fit this lane and batch",
                 "resume with the experiment and text that the checkpoint was saved with"};
  if (!optimizer_.restore(snapshot.optimizer))
    return Error{"optimizer state", "its size does not fit this lane and optimizer",
                 "resume with the experiment that the checkpoint was saved with"};
  leave_step();
  steps_done_ = good_steps_ = snapshot.steps_done;
  state_ = good_state_ = state;
  dropout_.restore(snapshot.dropout);
  diverged_ = false;
  last_ = {};
  std::ranges::copy(model_.parameters(), good_parameters_.begin());
  return ok();
}

}  // namespace unroll
