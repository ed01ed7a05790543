// Everything that the front end shows, as JSON, for tests and the page's API. Losses in nats.
#include "web/views/published.h"

#include <algorithm>
#include <cmath>

#include "engine/text/text.h"
#include "web/playground.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/glyph_atlas.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/theme.h"

namespace unroll {
namespace {

constexpr size_t losses_shown = 256;       // of the history, evenly spread, first and last included
constexpr size_t validations_shown = 128;  // the same

/// What was drawn with the system's fonts.
Json glyphs_json() {
  const AtlasUse use = atlas_use();
  return {{"held", use.held}, {"missing", use.missing}, {"pages", use.pages}, {"emptied", use.emptied}};
}

Json history_json(const LossHistory& history) {
  Json steps = Json::array(), losses = Json::array();
  const auto& points = history.points();
  const size_t n = points.size(), shown = std::min(n, losses_shown);
  for (size_t i = 0; i < shown; ++i) {
    const size_t at = shown < 2 ? 0 : i * (n - 1) / (shown - 1);
    steps.push_back(points[at].step);
    losses.push_back(number_or_null(static_cast<double>(points[at].loss)));
  }
  return {{"steps", steps}, {"losses", losses}};
}

Json prediction_json(const LaneView& lane) {
  const auto& all = lane.prediction.probabilities;
  std::vector<size_t> order(std::min(all.size(), lane.vocabulary.size()));
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const size_t shown = std::min<size_t>(order.size(), 12);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](size_t a, size_t b) { return all[a] > all[b] || (all[a] == all[b] && a < b); });
  Json top = Json::array();
  for (size_t i = 0; i < shown; ++i)
    top.push_back(
        {symbol_text(lane.vocabulary[order[i]]), number_or_null(static_cast<double>(all[order[i]]))});
  return {{"prefix", lane.prediction.prefix},
          {"step", lane.prediction.step},
          {"unknown", encode_utf8(lane.prediction.unknown)},
          {"intervened", lane.prediction.intervened},
          {"top", top}};
}

Json probe_json(const LaneView& lane) {
  const ProbeResult& probe = lane.probe;
  Json losses = Json::array(), guesses = Json::array();
  const auto top = static_cast<size_t>(std::max(probe.top, 0));
  for (size_t i = 0; i < probe.loss.size() && i < 400; ++i) {
    losses.push_back(number_or_null(std::round(static_cast<double>(probe.loss[i]) * 1e4) / 1e4));
    const int32_t best = top ? probe.top_ids[i * top] : -1;
    const bool known = (i > 0 || probe.text != probe.right) && best >= 0 &&
                       static_cast<size_t>(best) < lane.vocabulary.size();
    guesses.push_back(known ? Json(symbol_text(lane.vocabulary[static_cast<size_t>(best)])) : Json(nullptr));
  }
  return {{"step", probe.step},
          {"text", symbol_texts(probe.text)},
          {"unknown", encode_utf8(probe.unknown)},
          {"losses", losses},
          {"guesses", guesses}};
}

Json end_json(const LaneView& lane) {
  if (!lane.end) return nullptr;
  const auto& [error, kept_step] = *lane.end;
  return {{"what", error.what}, {"hint", error.hint}, {"kept_step", kept_step}};
}

Json lane_json(const Session& session, size_t index) {
  const LaneView& lane = *session.lanes[index];
  const LossHistory& history = lane.history;
  Json valid = Json::array();
  const size_t validations = history.valid().size(), shown = std::min(validations, validations_shown);
  for (size_t i = 0; i < shown; ++i) {
    const auto& point = history.valid()[shown < 2 ? 0 : i * (validations - 1) / (shown - 1)];
    valid.push_back({point.step, number_or_null(static_cast<double>(point.loss))});
  }
  std::string written;
  for (const Paragraph& paragraph : lane.written) written += encode_utf8(paragraph.text);
  if (written.size() > 400) written = written.substr(written.size() - 400);
  while (!written.empty() && (static_cast<unsigned char>(written[0]) & 0xc0) == 0x80) written.erase(0, 1);
  Json score = nullptr;
  if (const auto& newest = lane.scores.newest()) {
    Json others = Json::object();
    for (const auto& [name, value] : newest->others) others[name] = number_or_null(value);
    score = {{"name", newest->name},        {"value", number_or_null(newest->value)},
             {"others", std::move(others)}, {"better", newest->higher_is_better ? "higher" : "lower"},
             {"step", lane.scores.step()},  {"points", lane.scores.points().size()}};
  }
  return {{"name", session.lane_name(index)},
          {"task", lane.task.name},
          {"score", std::move(score)},
          {"isa", lane.isa},
          {"configured", lane.configured},
          {"refused", lane.refused ? Json(lane.refused->text()) : Json(nullptr)},
          {"own", lane.own ? Json(lane.own->file) : Json(nullptr)},
          {"changed", session.lane_changed(index)},
          {"running", lane.running},
          {"diverged", lane.diverged},
          {"ended", end_json(lane)},
          {"step", lane.step},
          {"epoch", lane.epoch},
          {"rate", lane.rate},
          {"parameters", lane.parameters},
          {"batch", lane.batch},
          {"seq_length", lane.seq_length},
          {"vocabulary", symbol_texts(lane.vocabulary)},
          {"train_characters", lane.train_characters},
          {"valid_characters", lane.valid_characters},
          {"chars_per_second", lane.chars_per_second},
          {"cores", lane.cores},
          {"left_out", lane.left_out},
          {"seconds", lane.seconds},
          {"loss", history.now() ? number_or_null(static_cast<double>(history.now()->loss)) : Json(nullptr)},
          {"smooth", history.now() ? Json(history.now()->smooth) : Json(nullptr)},
          {"best", history.best() ? Json{history.best()->step, history.best()->loss} : Json(nullptr)},
          {"memorises", Session::memorises(lane)},
          {"lost", Session::lost(lane)},
          {"history", history_json(history)},
          {"valid", valid},
          {"prediction", prediction_json(lane)},
          {"probe", probe_json(lane)},
          {"written", written},
          {"continuation", {{"prefix", lane.continuation.prefix}, {"text", lane.continuation.text}}},
          {"notices", lane.notices}};
}

Json keeping_json(const App& app) {
  const Keeper& keeper = app.keeper;
  Json records = Json::array();
  for (const KeptRecord& record : keeper.records())
    records.push_back({{"id", record.id},
                       {"lanes", record.lanes},
                       {"step", record.step},
                       {"judged", record.judged},
                       {"loss", number_or_null(record.loss)},
                       {"bytes", record.bytes},
                       {"saved_at", record.saved_at},
                       {"mine", record.mine},
                       {"taken", record.taken}});
  const KeptRecord* offered = keeper.offered(app.session);
  return {{"possible", keeper.possible()},  {"on", keeper.on(app.session.wanted.view)},
          {"trouble", keeper.trouble()},    {"records", std::move(records)},
          {"record", app.session.record()}, {"offered", offered ? Json(offered->id) : Json(nullptr)}};
}

/// What view.show, view.hide and view.lock can name: [name, what people call it, its room].
Json panels_json(const Views& views) {
  Json panels = Json::array({{header_panel, "The bar with Train", ""}});
  for (const auto& view : views) {
    std::string label = view->about.label;
    if (label.empty()) {
      label = view->name;
      label[0] = static_cast<char>(label[0] - 'a' + 'A');
    }
    panels.push_back({view->name, std::move(label), room_names[static_cast<size_t>(view->room)]});
  }
  return panels;
}

/// A long text of the learner's own is left out ("text" is null then): this is written several times a second.
Json experiment_json(const App& app) {
  constexpr size_t longest = 20'000;
  Experiment experiment = app.to_share();
  const bool omitted = experiment.data.text.size() > longest;
  if (omitted) experiment.data.text.clear();
  Json json = Json::parse(to_json(experiment), nullptr, false);
  if (omitted) json["data"]["text"] = nullptr;
  return json;
}

}  // namespace

Json state_json(const App& app, const Views& views, Json host) {
  const Session& session = app.session;
  Json lanes = Json::array();
  for (size_t i = 0; i < session.lanes.size(); ++i) lanes.push_back(lane_json(session, i));
  Json problems = Json::array();
  for (const Problem& problem : session.problems)
    problems.push_back({{"where", problem.error.where},
                        {"what", problem.error.what},
                        {"hint", problem.error.hint},
                        {"count", problem.count}});
  const TextCounts& counts = session.text_counts();
  const bool running = session.running(), done = session.done(), ready = !counts.error && !done;
  const std::string why =
      done && !running ? " (training stops after step " + std::to_string(session.step()) + ")" : "";
  Json state = {{"running", running},
                {"step", session.step()},
                {"changed", session.changed()},
                {"experiment", experiment_json(app)},
                {"text",
                 {{"endless", counts.endless},
                  {"characters", counts.characters},
                  {"symbols", counts.symbols},
                  {"train", counts.train},
                  {"valid", counts.valid},
                  {"error", counts.error ? Json(counts.error->text()) : Json(nullptr)}}},
                {"baselines", nullptr},
                {"lanes", lanes},
                {"problems", problems},
                {"help", app.help_open},
                {"focus", ui::focused()},
                {"dark", palette().dark},
                {"probe_text", app.probed().text},
                {"prefix", session.wanted.view.prefix},
                {"tab", session.wanted.view.tab},
                {"glyphs", glyphs_json()},
                {"actions",
                 {{{"id", "train"},
                   {"label", running ? "Pause" : "Train" + why},
                   {"enabled", ready || running},
                   {"pressed", running}},
                  {{"id", "step"}, {"label", "Step" + why}, {"enabled", ready && !running}},
                  {{"id", "reset"}, {"label", "Reset to the same seed"}},
                  {{"id", "new-seed"}, {"label", "New seed"}},
                  {{"id", "undo"}, {"label", "Undo"}, {"enabled", app.edits.can_undo()}},
                  {{"id", "redo"}, {"label", "Redo"}, {"enabled", app.edits.can_redo()}},
                  {{"id", "save-file"}, {"label", "Save the experiment as a file"}},
                  {{"id", "save"}, {"label", "Saving"}, {"pressed", app.saving_open}},
                  {{"id", "theme"}, {"label", "Dark theme"}, {"pressed", palette().dark}},
                  {{"id", "share"}, {"label", "Copy a link to this experiment"}},
                  {{"id", "help"}, {"label", "Help"}}}}};
  if (platform::shows_lessons())
    state["actions"].push_back({{"id", "lessons"},
                                {"label", "Lessons"},
                                {"enabled", app.course.may_choose(session.wanted.view)},
                                {"pressed", app.lessons_open()}});
  for (const auto& view : views)
    if (view->room != Room::inside || session.wanted.view.tab == view->name) view->publish(app, state);
  state["host"] = std::move(host);
  state["panels"] = panels_json(views);
  state["left"] = session.left();
  state["keeping"] = keeping_json(app);
  state["undo"] = {{"back", app.edits.can_undo()}, {"forth", app.edits.can_redo()}};
  state["arrival"] = session.arrival && session.arrival->asks ? Json(session.arrival->file) : Json(nullptr);
  if (!session.left().empty())
    state["actions"].push_back({{"id", "come-back"}, {"label", "Back to what you left: " + session.left()}});
  if (const KeptRecord* record = app.keeper.offered(session))
    state["actions"].push_back(
        {{"id", "go-on"},
         {"label", "Go on with what is saved " + std::string(platform::keeping_words().where) + ": " +
                       record_title(*record)}});
  if (session.baselines) {
    Json list = Json::object();
    for (const BaselineView& one : session.baselines->all)
      if (one.of.empty() || session.is_text())
        list[one.name] = number_or_null(session.is_text() && one.of.empty() ? one.loss : one.value);
    state["baselines"] = std::move(list);
  }
  return state;
}

}  // namespace unroll
