#include "web/views/one_step/one_step.h"

#include <algorithm>
#include <cmath>

#include "web/export.h"
#include "web/session/json_read.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"

namespace unroll {
namespace {

void begin_walk(App& app, OneStep& one) {
  Session& session = app.session;
  one.wanted = one.ran = false;
  for (size_t i = 0; i < session.lanes.size(); ++i) session.order(i, "walk", {{"type", "walk"}});
  one.under_way = true;
}

bool all_stand(const Session& session) {
  return std::all_of(session.lanes.begin(), session.lanes.end(),
                     [](const auto& lane) { return lane->configured && !lane->running; });
}

bool level(const Session& session) {
  return std::all_of(session.lanes.begin(), session.lanes.end(),
                     [&](const auto& lane) { return lane->step == session.step(); });
}

/// The lanes train each at its own pace, but shall walk the same step: those that are behind are sent on first. When
/// the learner stops that, or a lane cannot go on, each walks the step that it is at.
void prepare_walk(App& app, OneStep& one) {
  constexpr double patience = 1;  // seconds until a lane that was sent on says that it runs
  Session& session = app.session;
  if (session.changed()) session.apply();
  if (session.changed()) {
    one.wanted = false;  // it cannot be applied, and the problem is on the screen
  } else if (all_stand(session)) {
    const double now = platform::seconds();
    const double waited = one.caught_up < 0 ? 0 : now - one.caught_up;
    if (level(session) || one.ran || waited > patience) return begin_walk(app, one);
    if (one.caught_up < 0) {
      session.catch_up();
      one.caught_up = now;
    }
    platform::wake_in(patience);
  } else if (one.caught_up >= 0) {
    one.ran = true;
  }
}

}  // namespace

double Walk::mean_loss() const {
  double sum = 0;
  for (const float loss : losses)
    if (std::isfinite(loss)) sum += static_cast<double>(loss);
  return sum / static_cast<double>(std::max<size_t>(asked(), 1));
}

size_t Walk::asked() const {
  return static_cast<size_t>(std::ranges::count_if(losses, [](float loss) { return std::isfinite(loss); }));
}

std::optional<Walk> walk_of(const Session& session, size_t lane) {
  const Answer& answer = session.answer(lane, "walk");
  if (!answer.header.is_object()) return std::nullopt;
  Walk walk;
  walk.step = answer.step;
  walk.text = to_symbols(read::text(answer.header, "text"));
  walk.targets = to_symbols(read::text(answer.header, "targets"));
  if (walk.text.empty())  // of a task that is no text the steps are called by their number
    for (size_t t = 0; t < read::count(answer.header, "length"); ++t)
      walk.text += symbol_of(std::to_string(t + 1));
  if (walk.targets.empty()) walk.targets = std::u32string(walk.text.size(), U'·');
  walk.numbered = read::text(answer.header, "text").empty();
  walk.loss = read::number(answer.header, "loss", NAN);
  walk.grad_norm = read::number(answer.header, "grad_norm", NAN);
  walk.clip_factor = read::number(answer.header, "clip_factor", NAN);
  walk.rate = read::number(answer.header, "rate", NAN);
  walk.layers = std::max<size_t>(read::count(answer.header, "layers"), 1);
  const size_t T = walk.text.size(), tracks = T * (2 + walk.layers);
  if (T == 0 || walk.targets.size() != T || answer.values.size() < tracks) return std::nullopt;
  const auto at = [&](size_t index) { return answer.values.begin() + static_cast<std::ptrdiff_t>(index); };
  walk.losses.assign(at(0), at(T));
  walk.hidden.assign(at(T), at(T + T * walk.layers));
  walk.gradient.assign(at(tracks - T), at(tracks));
  walk.blocks = block_norms(answer.header, std::span(answer.values).subspan(tracks));
  if (walk.blocks.empty()) return std::nullopt;
  return walk;
}

size_t Moments::begin(Phase phase) const {
  const size_t begins[] = {0, characters, characters + 1, 2 * characters + 1};
  return begins[static_cast<size_t>(phase)];
}
size_t Moments::end(Phase phase) const {
  return phase == Phase::update ? count() : begin(static_cast<Phase>(static_cast<int>(phase) + 1));
}
Phase Moments::phase(size_t moment) const {
  if (moment < characters) return Phase::forward;
  if (moment == characters) return Phase::loss;
  return moment <= 2 * characters ? Phase::backward : Phase::update;
}
size_t Moments::character(size_t moment) const {
  if (phase(moment) == Phase::forward) return moment;
  if (phase(moment) == Phase::backward) return 2 * characters - moment;
  return characters - std::min<size_t>(characters, 1);
}
size_t Moments::block(size_t moment) const {
  return phase(moment) == Phase::update ? moment - begin(Phase::update) : 0;
}

Moments moments_of(const Session& session) {
  Moments moments;
  for (size_t i = 0; i < session.lanes.size(); ++i)
    if (const auto walk = walk_of(session, i)) {
      moments.characters = std::max(moments.characters, walk->characters());
      moments.blocks = std::max(moments.blocks, walk->blocks.size());
    }
  return moments;
}

std::string caption(const App& app, size_t lane, const Walk& walk, const Moments& moments, size_t moment) {
  const size_t t = std::min(moments.character(moment), walk.characters() - 1);
  const auto nats = [&](double loss) { return figure(app.in_units(loss)) + " " + app.unit(); };
  switch (moments.phase(moment)) {
    case Phase::forward: {
      const double loss = static_cast<double>(walk.losses[t]);
      if (!std::isfinite(loss))
        return std::string(app.task().looks.column) + " " + std::to_string(t + 1) + ": nothing is asked here";
      if (walk.numbered)
        return std::string(app.task().looks.column) + " " + std::to_string(t + 1) + ": the loss is " +
               nats(loss);
      return "reads " + quoted_name(walk.text[t]) + ", expected " + quoted_name(walk.targets[t]) +
             ": it gave " + percent(std::exp(-loss)) + ", so the loss is " + nats(loss);
    }
    case Phase::loss:
      return "the mean of these " + std::to_string(walk.asked()) + " losses is " + nats(walk.mean_loss()) +
             "; of all " + std::to_string(app.session.lanes[lane]->batch) + " streams of the batch " +
             nats(walk.loss);
    case Phase::backward: {
      const double here = static_cast<double>(walk.gradient[t]),
                   last = static_cast<double>(walk.gradient.back());
      const std::string at =
          walk.numbered ? app.task().looks.column + (" " + std::to_string(t + 1)) : quoted_name(walk.text[t]);
      std::string words = "back at " + at + ": the gradient by h is " + figure(here);
      if (t + 1 < walk.characters() && last > 0)
        words += ", " + figure(here / last) + " times that at the end";
      return words;
    }
    case Phase::update: {
      const BlockNorms& block = walk.blocks[std::min(moments.block(moment), walk.blocks.size() - 1)];
      std::string words =
          short_name(block.name) + ": the gradient " + figure(static_cast<double>(block.gradient));
      if (walk.clip_factor < 1) words += ", clipped to " + percent(walk.clip_factor) + " of it,";
      return words + " moves the weights by " + percent(static_cast<double>(block.ratio)) + " of their size";
    }
  }
  return {};
}

void want_walk(App& app, OneStep& one) {
  one.wanted = true;
  one.playing = one.ran = false;
  one.caught_up = -1;
  if (app.session.running()) app.session.pause();
  platform::wake();
}

void go_to_moment(OneStep& one, size_t moment) {
  one.moment = moment;
  one.playing = false;
}

void update_one_step(App& app, OneStep& one) {
  Session& session = app.session;
  if (one.wanted) prepare_walk(app, one);
  const size_t count = moments_of(session).count();
  if (one.under_way) {
    for (size_t i = 0; i < session.lanes.size(); ++i)
      if (session.waits(i, "walk")) return;
    one.under_way = false;
    one.moment = 0;
    one.playing = count > 0 && !platform::prefers_reduced_motion();
    one.due = platform::seconds() + 1 / OneStep::speeds[one.speed];
  }
  if (one.moment + 1 >= count) one.playing = false;
  one.moment = std::min(one.moment, count - std::min<size_t>(count, 1));
  if (!one.playing) return;
  const double now = platform::seconds(), period = 1 / OneStep::speeds[one.speed];
  if (now >= one.due) {
    const double late = std::min((now - one.due) / period, 3.0);  // a hidden view does not rush afterwards
    one.moment = std::min(one.moment + 1 + static_cast<size_t>(late), count - 1);
    one.due = now + period;
  }
  platform::wake_in(one.due - now);
}

std::string one_step_csv(const Session& session) {
  // Two tables would be two files, so each row is a record of its own kind: a character, a block, or the whole step.
  size_t layers = 1;
  for (size_t i = 0; i < session.lanes.size(); ++i)
    if (const auto walk = walk_of(session, i)) layers = std::max(layers, walk->layers);
  Csv csv;
  for (const char* column : {"lane", "step", "record", "character", "expected", "loss (nats)"})
    csv.add(column);
  for (size_t l = 0; l < layers; ++l) csv.add("norm of h, layer " + std::to_string(l));
  for (const char* column : {"norm of the gradient", "block", "norm of the weights", "norm of the update",
                             "update / weights", "clip factor"})
    csv.add(column);
  csv.end_row();
  const std::vector<std::string> labels = session.lane_names();
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const auto walk = walk_of(session, i);
    if (!walk) continue;
    const auto nothing = [&csv](size_t cells) {
      for (size_t c = 0; c < cells; ++c) csv.none();
    };
    for (size_t t = 0; t < walk->characters(); ++t) {
      csv.add(labels[i]).add(walk->step).add("character");
      csv.add(symbol_text(walk->text[t])).add(symbol_text(walk->targets[t])).add(walk->losses[t]);
      for (size_t l = 0; l < layers; ++l)
        csv.add(l < walk->layers ? walk->hidden[l * walk->characters() + t] : NAN);
      csv.add(walk->gradient[t]);
      nothing(5);
      csv.end_row();
    }
    for (const BlockNorms& block : walk->blocks) {
      csv.add(labels[i]).add(walk->step).add("block");
      nothing(3 + layers);
      csv.add(block.gradient).add(block.name).add(block.weights).add(block.update).add(block.ratio).none();
      csv.end_row();
    }
    csv.add(labels[i]).add(walk->step).add("step").none().none().add(walk->loss);
    nothing(layers);
    csv.add(walk->grad_norm);
    nothing(4);
    csv.add(walk->clip_factor).end_row();
  }
  return csv.text();
}

}  // namespace unroll
