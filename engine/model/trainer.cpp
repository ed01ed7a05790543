#include "engine/model/trainer.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/model/check_size.h"
#include "engine/model/parts.h"

namespace unroll {
namespace {

/// Beyond this the squares of a gradient, which the optimizers average, are not finite in float32; nor are those of
/// weights so large of any use.
constexpr double largest_norm = 1e18;

/// Steps between two copies of the weights as the last good ones, so that the copies cost next to nothing.
constexpr int64_t good_interval = 8;

/// Twice the loss of a uniform guess; more than that is worse than having learned nothing.
double worst_good_loss(int vocabulary) { return 2 * std::log(std::max(vocabulary, 2)); }

/// The first value of the last pass that is not finite, in the order of time, layers and equations.
std::string first_not_finite(const Model& model, const WorkspaceParts& w) {
  const CellGraph& graph = model.graph();
  const size_t H = static_cast<size_t>(w.hidden);
  for (ptrdiff_t row = 0; row < w.rows(); ++row)
    for (int layer = 0; layer < model.spec().layers; ++layer)
      for (const CellEquation& equation : graph.equations) {
        const std::span values(value_of(w, layer, equation, row), H);
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
  const LaneSpec& spec = experiment.lanes[static_cast<size_t>(lane)];
  const std::string where = "lanes[" + std::to_string(lane) + "]";
  const int64_t parameters = parameter_count(spec, vocabulary);
  if (parameters > Limits::parameters)
    return Error{
        where, std::to_string(parameters) + " parameters are too many",
        "at most " + std::to_string(Limits::parameters) +
            "; choose a smaller hidden size, fewer layers or a text with fewer different characters"};
  const Streams::Size size =
      Streams::fitting(train_size, experiment.train.batch, experiment.train.seq_length);
  const uint64_t bytes = Model::workspace_bytes(spec, vocabulary, size.seq_length, size.batch) +
                         copies_of_parameters * sizeof(float) * static_cast<uint64_t>(parameters);
  if (bytes > Trainer::memory_limit)
    return Error{where, "training it would need " + gigabytes(bytes) + " of memory",
                 "at most " + gigabytes(Trainer::memory_limit) +
                     "; choose a smaller batch, sequence length or hidden size, or fewer layers"};
  return ok();
}

Result<std::unique_ptr<Trainer>> Trainer::create(const Experiment& experiment, int lane,
                                                 std::shared_ptr<const Corpus> corpus) {
  assert(lane >= 0 && static_cast<size_t>(lane) < experiment.lanes.size() && corpus->train_size >= 2);
  const int vocabulary = corpus->vocabulary.size();
  if (const Status status = check_size(experiment, lane, vocabulary, corpus->train_size); !status)
    return status.error();
  auto model = Model::create(experiment.lanes[static_cast<size_t>(lane)], vocabulary, experiment.train.seed);
  if (!model) return model.error();
  return std::unique_ptr<Trainer>(new Trainer(experiment, lane, std::move(corpus), std::move(*model)));
}

Trainer::Trainer(const Experiment& experiment, int lane, std::shared_ptr<const Corpus> corpus, Model model)
    : experiment_(experiment),
      lane_(lane),
      corpus_(std::move(corpus)),
      streams_(corpus_->train(), experiment.train.batch, experiment.train.seq_length),
      model_(std::move(model)),
      optimizer_(experiment.train, model_.parameters().size(), model_.kernels()),
      dropout_(experiment.train.seed, random_stream::dropout),
      workspace_(model_.make_workspace(streams_.seq_length(), streams_.batch())),
      state_(model_.make_state(streams_.batch())),
      good_parameters_(model_.parameters().begin(), model_.parameters().end()),
      good_state_(state_),
      start_(state_) {
  const size_t rows = static_cast<size_t>(streams_.seq_length()) * static_cast<size_t>(streams_.batch());
  inputs_.resize(rows);
  targets_.resize(rows);
}

double Trainer::epochs_done() const {
  return static_cast<double>(steps_done_) / static_cast<double>(streams_.steps_per_epoch());
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

void Trainer::set_parallel(Parallel parallel) {
  sharded_.reset();
  const bool masks = lane().dropout > 0 && lane().layers > 1;
  if (parallel.workers > 1 && streams_.batch() > 1 && !masks)
    sharded_.emplace(model_, streams_.seq_length(), streams_.batch(), std::move(parallel));
}

StepResult Trainer::step() {
  begin_step();
  run_pass();
  return end_step();
}

void Trainer::begin_step() {
  if (diverged_) return;
  start_ = state_;  // also where the text begins anew: a step that is saved is saved as it was before
  if (streams_.fill(steps_done_, inputs_, targets_)) model_.restart(state_);
  dropout_start_ = dropout_.state();
  in_step_ = true;
}

void Trainer::run_pass() {
  if (diverged_) return;
  loss_ = sharded_ ? sharded_->forward_backward(inputs_, targets_, state_)
                   : model_.forward_backward(*workspace_, inputs_, targets_, state_, dropout_);
}

StepResult Trainer::end_step() {
  if (diverged_) return last_;
  in_step_ = false;
  const double loss = loss_, rate = scheduled_rate(experiment_.train, this->rate(), steps_done_);
  const std::span<const float> gradients = model_.gradients();
  const double norm = std::sqrt(model_.kernels().squared_norm(gradients.data(), gradients.size()));
  const double factor = clip_factor(norm, experiment_.train.clip);
  const std::span<float> parameters = model_.parameters();

  diverged_ = !std::isfinite(loss) || !std::isfinite(norm) || norm * factor > largest_norm;
  if (!diverged_) {
    if (steps_done_ % good_interval == 0 && loss <= worst_good_loss(model_.vocabulary())) {
      std::ranges::copy(parameters, good_parameters_.begin());
      good_state_ = start_;
      good_steps_ = steps_done_;
    }
    optimizer_.step(rate, factor, gradients, parameters);
    model_.keep_bounds();
    const double size = std::sqrt(model_.kernels().squared_norm(parameters.data(), parameters.size()));
    diverged_ = !(size <= largest_norm);  // so no step ends with weights that cannot be saved
  }
  const std::string where =
      !std::isfinite(loss) && !sharded_ ? first_not_finite(model_, workspace_->parts()) : std::string();
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
           .not_finite = where};
  return last_;
}

void Trainer::rewind() {
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
  steps_done_ = good_steps_ = snapshot.steps_done;
  state_ = good_state_ = state;
  dropout_.restore(snapshot.dropout);
  diverged_ = in_step_ = false;
  last_ = {};
  std::ranges::copy(model_.parameters(), good_parameters_.begin());
  return ok();
}

// --- Evaluator

namespace {

constexpr size_t most_streams = 32, shortest_stream = 1024;
constexpr int slice_length = 64;  // characters of each stream in one pass

}  // namespace

Evaluator::Evaluator(const Model& model, std::span<const int32_t> ids) : model_(&model), ids_(ids) {
  if (ids.size() < 2) return;
  // All streams are of one length and end where the next one's own characters begin; the last ends with the text.
  const size_t inputs = ids.size() - 1;
  const size_t streams = std::clamp<size_t>(inputs / shortest_stream, 1, most_streams);
  stream_length_ = (inputs + (streams - 1) * warm_up + streams - 1) / streams;
  for (size_t b = 0; b < streams; ++b) {
    const size_t first = streams == 1 ? 0 : b * (inputs - stream_length_) / (streams - 1);
    const size_t counted = b == 0 ? 0 : streams_.back().first + stream_length_ - first;
    streams_.push_back({first, counted});
  }
  const int batch = static_cast<int>(streams);
  const int capacity = static_cast<int>(std::min<size_t>(stream_length_, slice_length));
  workspace_ = model.make_workspace(capacity, batch);
  state_ = model.make_state(batch);
  inputs_.resize(streams * static_cast<size_t>(capacity));
  targets_.resize(inputs_.size());
}

bool Evaluator::advance(int characters) {
  const size_t streams = streams_.size();
  for (int64_t done = 0; position_ < stream_length_ && done < characters;) {
    const size_t wanted = std::max<size_t>(static_cast<size_t>(characters - done) / streams, 1);
    const size_t length =
        std::min({wanted, static_cast<size_t>(workspace_->capacity()), stream_length_ - position_});
    for (size_t t = 0; t < length; ++t)
      for (size_t b = 0; b < streams; ++b) {
        const size_t at = streams_[b].first + position_ + t;
        inputs_[t * streams + b] = ids_[at];
        targets_[t * streams + b] = ids_[at + 1];
      }
    const size_t rows = length * streams;
    model_->forward(*workspace_, {inputs_.data(), rows}, {targets_.data(), rows}, state_);
    const std::span<const float> losses = workspace_->losses();
    for (size_t t = 0; t < length; ++t)
      for (size_t b = 0; b < streams; ++b) {
        if (position_ + t < streams_[b].counted) continue;
        sum_ += losses[t * streams + b];
        ++characters_;
      }
    position_ += length;
    done += static_cast<int64_t>(rows);
  }
  return position_ >= stream_length_;
}

double Evaluator::loss() const { return sum_ / static_cast<double>(characters_); }

}  // namespace unroll
