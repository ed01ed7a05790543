// What screen readers are told, through the status line: where the keyboard is, what became of an entry, whether
// training runs; and now and then, politely, how the lanes do.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/generators/generator.h"
#include "engine/text/text.h"
#include "web/playground.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

constexpr double first_summary = 6, next_summary = 30;  // seconds of training before one is said
constexpr double rest = 5;                              // … after something else was said
constexpr size_t sample_characters = 60;

void add(std::string& text, const std::string& sentence) {
  if (!sentence.empty()) text += (text.empty() ? "" : ". ") + sentence;
}

/// Held out where that was measured, else smoothed over the steps; in nats, NaN before the first step.
double loss_of(const LaneView& lane) {
  const LossHistory& history = lane.history;
  if (!history.valid().empty()) return static_cast<double>(history.valid().back().loss);
  return history.now() ? static_cast<double>(history.now()->smooth) : NAN;
}

/// The end of what a lane wrote last, on one line.
std::string sample_of(const LaneView& lane) {
  if (lane.written.empty()) return {};
  std::u32string text = lane.written.back().text;
  if (text.size() > sample_characters) text.erase(0, text.size() - sample_characters);
  std::replace(text.begin(), text.end(), U'\n', U' ');
  return encode_utf8(text);
}

/// "Decisive loss in nats, by chance 2.079: RNN 256 2.0312, LSTM 128 0.1043"; empty where nothing is decided.
std::string decided(const Session& session) {
  std::string text;
  const std::vector<std::string> names = session.lane_names();
  for (size_t i = 0; i < names.size(); ++i) {
    const auto& score = session.lanes[i]->scores.newest();
    if (!score) continue;
    for (const auto& [name, value] : score->others)
      if (name == decisive_loss) text += (text.empty() ? "" : ", ") + names[i] + " " + score_text(value, "");
  }
  if (text.empty()) return {};
  std::string chance;
  if (session.baselines)
    for (const BaselineView& one : session.baselines->all)
      if (one.of == decisive_loss) chance = ", by " + one.name + " " + score_text(one.value, "");
  return "Decisive loss in nats" + chance + ": " + text;
}

/// "Score, squared error: RNN 96 0.1702, LSTM 48 0.0031"; empty where the loss is all there is.
std::string scores(const Session& session) {
  std::string text;
  const std::vector<std::string> names = session.lane_names();
  for (size_t i = 0; i < names.size(); ++i) {
    const auto& score = session.lanes[i]->scores.newest();
    if (!score || score->name == "loss") continue;
    text += (text.empty() ? "Score, " + score->name + ": " : ", ") + names[i] + " " +
            score_text(score->value, score->unit);
  }
  return text;
}

/// "Loss in nats: RNN 256 2.310, LSTM 128 2.104, the lowest. LSTM 128 wrote: the house …"
std::string summary(const App& app) {
  std::string losses, diverged;
  const LaneView* best = nullptr;
  std::string best_name;
  const std::vector<std::string> names = app.session.lane_names();
  for (size_t i = 0; i < names.size(); ++i) {
    const LaneView& lane = *app.session.lanes[i];
    if (const double loss = loss_of(lane); std::isfinite(loss) && (!best || loss < loss_of(*best))) {
      best = &lane;
      best_name = names[i];
    }
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const auto& lane = app.session.lanes[i];
    const std::string& name = names[i];
    if (lane->diverged) add(diverged, name + " diverged at step " + std::to_string(lane->step + 1));
    const double loss = loss_of(*lane);
    if (!std::isfinite(loss)) continue;
    char value[32];
    std::snprintf(value, sizeof value, " %.3f", app.in_units(loss));
    losses += (losses.empty() ? "" : ", ") + name + value;
    if (lane.get() == best && app.session.lanes.size() > 1) losses += ", the lowest";
  }
  std::string text;
  add(text, scores(app.session));
  add(text, decided(app.session));
  if (!losses.empty()) add(text, std::string("Loss in ") + app.unit() + ": " + losses);
  add(text, diverged);
  if (const std::string sample = best ? sample_of(*best) : ""; !sample.empty())
    add(text, best_name + " wrote: " + sample);
  return text;
}

}  // namespace

void Playground::speak() {
  const Session& session = app_.session;
  const double now = platform::seconds();
  const bool running = session.running();
  std::string text = ui::take_spoken(platform::field_focused());
  add(text, ui::take_said());
  std::string status = running ? "Training" : session.trained() ? "Paused" : "Ready";
  if (session.trained() && !running) status += " at step " + std::to_string(session.step());
  if (!session.problems.empty()) add(status, session.problems.back().error.text());
  int64_t steps = 0;
  for (const auto& lane : session.lanes) steps += lane->step;
  // A lane may have taken its steps, and ended, before another one that was at the same step is heard of.
  const bool later = !running && steps != announced_steps_;
  announced_steps_ = steps;
  if (status != announced_ || later) {
    platform::announce(announced_ = status);
    add(text, status);
    if (running)
      summary_at_ = now + first_summary;
    else if (session.trained())
      add(text, summary(app_));
  } else if (running && now >= summary_at_) {
    summary_at_ = now + next_summary;
    add(text, "Training, step " + std::to_string(session.step()));
    add(text, summary(app_));
  } else if (!text.empty()) {
    summary_at_ = std::max(summary_at_, now + rest);
  }
  if (!text.empty()) platform::say(text);
}

}  // namespace unroll
