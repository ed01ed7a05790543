// What a lane does in slices: training, validation, samples, baselines, the continuous sample.
#include <algorithm>
#include <cmath>

#include "engine/lane/parts.h"

namespace unroll {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr auto slice = std::chrono::milliseconds(16);
constexpr auto report_interval = std::chrono::milliseconds(40);
constexpr int valid_characters_at_once =
    512;  // fixed, so that a validation loss does not depend on the clock
constexpr int sample_characters_at_once = 16;
constexpr int64_t baseline_characters_at_once = 4096;
constexpr double writes_per_second = 15;
constexpr double longest_credit = 0.25;  // seconds that the continuous sample catches up with
// Fast models are validated by time, too: the first validations as the steps say, later ones at most so often.
constexpr int64_t validations_by_steps = 16;
constexpr auto validation_rest = std::chrono::milliseconds(200);

std::string curve_text(const ScoreCurve& curve) {
  return OrderedObject()
      .add("name", curve.name)
      .add("x", curve.x)
      .add_json("at", json_text(Json(curve.at)))
      .add_json("value", json_text(Json(curve.value)))
      .text();
}

void add_score(OrderedObject& event, const Score& score) {
  event.add("name", score.name)
      .add("value", score.value)
      .add("unit", score.unit)
      .add("better", score.higher_is_better ? "higher" : "lower")
      .add("count", score.count);
  OrderedObject others;
  for (const auto& [name, value] : score.others) others.add(name, value);
  if (!others.empty()) event.add_json("others", others.text());
  std::string curves;
  for (const ScoreCurve& curve : score.curves) curves += (curves.empty() ? "" : ",") + curve_text(curve);
  if (!curves.empty()) event.add_json("curves", "[" + curves + "]");
}

std::string list_text(const std::vector<Baseline>& baselines) {
  std::string list;
  for (const Baseline& baseline : baselines) {
    OrderedObject one;
    one.add("name", baseline.name).add("value", baseline.value).add("about", baseline.about);
    if (!baseline.of.empty()) one.add("of", baseline.of);
    if (std::isfinite(baseline.loss)) one.add("loss", baseline.loss);
    if (baseline.curve) one.add_json("curve", curve_text(*baseline.curve));
    list += (list.empty() ? "" : ",") + one.text();
  }
  return "[" + list + "]";
}

}  // namespace

bool Lane::Parts::work(bool may_train) {
  if (!session) return false;
  const Clock::time_point begin = Clock::now();
  const Clock::time_point end = begin + slice;
  const bool trains = may_train && (session->running || session->evaluation);
  const Clock::time_point side_jobs_end = trains ? begin + slice / 2 : end;
  if (!session->probes.empty()) {
    if (session->probes.front()->holds_weights) {
      probe_until(end);
      return true;
    }
    probe_until(side_jobs_end);
  } else if (!session->samples.empty()) {
    sample_until(side_jobs_end);
  } else if (!session->baselines.empty()) {
    measure_baselines_until(side_jobs_end);
  }
  if (trains && session->evaluation) {
    validate_until(end);
  } else if (trains) {
    train_until(end);
  }
  if (session->running && trains) write_due();
  if (session->running && !trains) session->writer.seen = Clock::now();  // a rest is no time to write for
  return (may_train && !company.waits() && (session->running || session->evaluation)) ||
         !session->probes.empty() || !session->samples.empty() || !session->baselines.empty();
}

/// Training is due (again). A validation that does not belong to the rhythm is given up: it would only delay.
void Lane::Parts::start(std::optional<int64_t> until) {
  Session& now = *session;
  now.until = until;
  if (now.running) return;
  now.running = true;
  now.writer.seen = Clock::now();
  const bool in_rhythm = now.valid_every > 0 && now.trainer->steps_done() % now.valid_every == 0;
  if (!in_rhythm) now.evaluation.reset();
}

void Lane::Parts::stop(const char* reason, const std::string& message) {
  leave_step();
  session->running = false;
  session->until.reset();
  if (session->batch.steps > 0) report();
  send_state(reason, message);
  if (session->walk) {
    const bool over = std::string_view(reason) == "steps";
    const Error error =
        over ? Error{"", "the experiment ends after the steps that are done", "raise its `steps`, or set 0"}
             : Error{"", "training stopped before the step was done", "walk again"};
    send_error("walk", *session->walk, message.empty() ? error : Error{"", message, ""});
    session->walk.reset();
  }
  if (wants_validation() && !session->trainer->diverged()) start_validation();
}

void Lane::Parts::start_validation() {
  session->evaluation.reset(new Evaluation{ModelNetwork(model()), task().scorer()});
}

bool Lane::Parts::wants_validation() const {
  return session->valid_every > 0 && !session->evaluation &&
         session->trainer->steps_done() > session->validated;
}

void Lane::Parts::train_until(Clock::time_point deadline) {
  Session& now = *session;
  do {
    const int64_t done = now.trainer->steps_done();
    const int64_t limit = now.trainer->experiment().train.steps;
    if (limit > 0 && done >= limit) return stop("steps");
    if (now.until && done >= *now.until) return stop("until");
    if (!train_one_step()) break;
  } while (now.running && !now.evaluation && Clock::now() < deadline);
  const bool due = now.batch.steps > 0 && Clock::now() - now.reported >= report_interval;
  if (due && now.running && may_tell()) report();
}

/// The step that is under way, which helpers compute parts of, is none.
void Lane::Parts::leave_step() {
  company.leave_step();
  session->trainer->leave_step();
}

bool Lane::Parts::train_one_step() {
  Session& now = *session;
  Trainer& trainer = *now.trainer;
  if (!trainer.in_step()) {
    now.step_begin = Clock::now();
    if (now.walk) begin_work();
    if (!company.begin_step(trainer, !now.walk)) trainer.run_pass();
  }
  if (!company.is_complete(trainer)) return false;
  const StepResult result = trainer.end_step();
  const double seconds = Seconds(Clock::now() - now.step_begin).count();
  if (!now.walk) company.end_step(seconds);
  if (result.diverged) {
    stop("diverged",
         "Step " + std::to_string(result.step + 1) +
             " gave a loss, a gradient or weights that are not finite, so training stopped" +
             (result.not_finite.empty() ? "" : " (the first such number is in " + result.not_finite + ")") +
             "; the weights of step " + std::to_string(result.step) +
             " are kept. Lower the learning rate or the clipping norm, or reset.");
    return true;
  }
  now.block_history->record(*now.trainer);
  const Batch& read = now.trainer->batch();
  now.speed.add(static_cast<double>(read.read_rows()), seconds);
  now.batch.add(result.loss, result.grad_norm, result.rate);
  now.left_out += result.left_out;
  if (now.walk) send_walk(result);
  const bool rested = result.step <= validations_by_steps * now.valid_every ||
                      Clock::now() - now.validated_at >= validation_rest;
  if (wants_validation() && result.step % now.valid_every == 0 && rested) start_validation();
  return true;
}

void Lane::Parts::validate_until(Clock::time_point deadline) {
  Evaluation& evaluation = *session->evaluation;
  bool done = false;
  do {
    done = evaluation.scorer->advance(evaluation.network, valid_characters_at_once);
  } while (!done && Clock::now() < deadline);
  if (!done) return;
  session->validated = session->trainer->steps_done();
  session->validated_at = Clock::now();
  if (Score score = evaluation.scorer->score(); std::isfinite(score.loss))
    session->valid = {session->validated, std::move(score)};
  session->evaluation.reset();
  if (!session->running || may_tell()) report();
}

bool Lane::Parts::may_tell() const { return !unheard || *unheard < CommandLimits::unheard; }

void Lane::Parts::emit_of_training(const OrderedObject& header, std::span<const uint8_t> payload) {
  if (unheard) ++*unheard;
  emit(header, payload);
}

void Lane::Parts::report() {
  Session& now = *session;
  const int64_t step = now.trainer->steps_done();
  OrderedObject event = OrderedObject()
                            .add("type", "metrics")
                            .add("first", step - now.batch.steps + 1)
                            .add("step", step)
                            .add("stride", now.batch.stride)
                            .add("epoch", now.trainer->epochs_done())
                            .add("rate", now.batch.rate)
                            .add("chars_per_second", now.speed.characters_per_second())
                            .add("seconds", now.speed.total_seconds())
                            .add("cores", company.cores());
  if (now.left_out > 0) event.add("left_out", now.left_out);
  if (now.valid) {
    OrderedObject valid;
    valid.add("step", now.valid->first).add("loss", now.valid->second.loss);
    add_score(valid, now.valid->second);
    event.add_json("valid", valid.text());
  }
  emit_of_training(event, payload_of(now.batch.values));
  now.batch.clear();
  now.valid.reset();
  now.reported = Clock::now();
}

void Lane::Parts::sample_until(Clock::time_point deadline) {
  SampleJob& job = session->samples.front();
  const command::Sample& wanted = job.command;
  begin_work(job.seconds);
  if (!job.sampler)
    job.sampler = std::make_unique<Sampler>(model(), vocabulary(), wanted.seed, job.interventions);
  const int at_once = job.sampler->is_intervened() ? 1 : sample_characters_at_once;
  const auto is_done = [&] { return static_cast<int64_t>(job.text.size()) == wanted.length; };
  do {
    for (int n = 0; n < at_once && !is_done(); ++n) {
      if (job.fed < wanted.prompt.size()) {
        job.sampler->feed({&wanted.prompt[job.fed++], 1});
      } else if (const Status status = job.sampler->check(); !status) {
        send_error("sample", wanted.id, status.error());
        return session->samples.pop_front();
      } else {
        job.text.push_back(job.sampler->write(wanted.options));
      }
    }
  } while (!is_done() && Clock::now() < deadline);
  job.seconds = worked();
  if (!is_done()) return;
  emit(answer("sample", wanted.id)
           .add("text", encode_utf8(job.text))
           .add("unknown", encode_utf8(job.unknown))
           .add("intervened", job.sampler->is_intervened()));
  session->samples.pop_front();
}

void Lane::Parts::measure_baselines_until(Clock::time_point deadline) {
  BaselinesJob& job = session->baselines.front();
  if (!job.meter) {
    emit(OrderedObject()
             .add("type", "baselines")
             .add("id", job.id)
             .add_json("list", list_text(task().baselines())));
    return session->baselines.pop_front();
  }
  bool done = false;
  do {
    done = job.meter->advance(baseline_characters_at_once);
  } while (!done && Clock::now() < deadline);
  if (!done) return;
  const Baselines& found = job.meter->result();
  emit(OrderedObject()
           .add("type", "baselines")
           .add("id", job.id)
           .add("uniform", found.uniform)
           .add("unigram", found.unigram)
           .add("bigram", found.bigram)
           .add("best", found.best)
           .add("best_order", found.best_order)
           .add("on_valid", found.on_valid)
           .add_json("list", list_text(list_of(session->trainer->corpus(), found))));
  session->baselines.pop_front();
}

void Lane::Parts::write_due() {
  Writer& writer = session->writer;
  if (!writer.on) return;
  const Clock::time_point now = Clock::now();
  writer.credit += std::min(Seconds(now - writer.seen).count(), longest_credit) * writer.rate;
  writer.seen = now;
  if (writer.credit < std::max(1.0, writer.rate / writes_per_second) || !may_tell()) return;
  if (const Status status = writer.sampler->check(); !status) {
    writer.on = false;
    return send_error("write", nullptr, status.error());
  }
  std::u32string text;
  for (; writer.credit >= 1 && Clock::now() < now + slice; writer.credit -= 1)
    text.push_back(writer.sampler->write(writer.options));
  writer.credit = std::min(writer.credit, 1.0);  // what the slice did not suffice for is not written
  emit_of_training(OrderedObject()
                       .add("type", "written")
                       .add("step", session->trainer->steps_done())
                       .add("text", encode_utf8(text))
                       .add("intervened", writer.sampler->is_intervened()));
}

}  // namespace unroll
