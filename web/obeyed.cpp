// Commands of the page around the frame (docs/embedding.md; web/page/embed.mjs checks where they come from):
//   {id, type: "load", experiment}       the document
//   {id, type: "train", steps?}          all lanes; without steps until they are paused
//   {id, type: "pause"} · {id, type: "reset"}
//   {id, type: "set", fields: {"view.theme": "dark", "train.rate": 0.01}}
//                                        of the view everything, and what is tuned while it trains
//   {id, type: "picture"}                saves a picture of all that is shown, which the page gives to whom asked
//   {id, type: "ask", lane, command}     a question of engine/lane/protocol.h that is answered with an id; a lane answers
//                                        one after another
#include <algorithm>
#include <utility>

#include "web/playground.h"
#include "web/session/json_read.h"
#include "web/toolkit/png.h"
#include "web/views/published.h"

namespace unroll {
namespace {

/// The name under which a lane keeps its answers to the page around the frame.
constexpr std::string_view host = "host";
constexpr int64_t most_steps = 1'000'000'000;

Json to_json(const Error& error) {
  return {{"where", error.where}, {"what", error.what}, {"hint", error.hint}};
}

/// The experiment with these fields, without its text.
Result<Experiment> with(Experiment experiment, const Json& fields) {
  experiment.data = default_experiment().data;  // its own may be long
  Json document = Json::parse(unroll::to_json(experiment), nullptr, false);
  for (const auto& [path, value] : fields.items()) {
    const size_t dot = path.find('.');
    const std::string section = path.substr(0, dot),
                      name = dot == std::string::npos ? "" : path.substr(dot + 1);
    if (section != "view" && path != "train.rate" && path != "train.clip")
      return Error{path, "cannot be set while it runs",
                   "allowed: train.rate, train.clip and all of view; load an experiment for others"};
    document[section][name] = value;
  }
  return parse_experiment(document.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Status set(Session& session, const Json& fields) {
  if (!fields.is_object())
    return Error{"fields", "is missing", "give fields by their paths: {\"view.theme\": \"dark\"}"};
  auto changed = with(session.wanted, fields);
  if (!changed) return changed.error();
  session.wanted.view = std::move(changed->view);
  const bool tuned = std::exchange(session.wanted.train.rate, changed->train.rate) != changed->train.rate ||
                     session.wanted.train.clip != changed->train.clip;
  session.wanted.train.clip = changed->train.clip;
  if (tuned) session.tune();
  return ok();
}

Status load(App& app, const Json& experiment) {
  const bool before = std::exchange(app.address_is_wrong, false);
  app.open_experiment(experiment.dump(-1, ' ', false, Json::error_handler_t::replace));
  const bool refused = std::exchange(app.address_is_wrong, app.address_is_wrong || before);
  if (refused)
    for (const Problem& problem : app.session.problems)
      if (problem.about == "file") return problem.error;
  return ok();
}

Status train(Session& session, const Json& command) {
  if (session.text_counts().error) return *session.text_counts().error;
  if (!command.contains("steps")) {
    session.train();
  } else {
    const int64_t steps = read::integer(command, "steps");
    if (steps < 1 || steps > most_steps)
      return Error{"steps", "is not a number of steps", "allowed: 1 to " + std::to_string(most_steps)};
    if (session.changed()) session.apply();
    if (!session.changed())
      for (const auto& lane : session.lanes)
        if (!lane->refused) lane->port->send(encode({{{"type", "step"}, {"count", steps}}, {}}));
  }
  if (session.changed())
    return Error{"", "the experiment as it is now cannot be trained", "its own words say why"};
  return ok();
}

}  // namespace

void Playground::obey(const std::string& text) {
  const Json command = Json::parse(text, nullptr, false);
  if (!command.is_object()) return;
  Session& session = app_.session;
  const std::string type = read::text(command, "type");
  Status done = ok();
  if (type == "load") {
    done = load(app_, command.contains("experiment") ? command["experiment"] : Json());
  } else if (type == "train") {
    done = train(session, command);
  } else if (type == "pause") {
    session.pause();
  } else if (type == "reset") {
    session.reset();
  } else if (type == "set") {
    const std::string lesson = session.wanted.view.lesson;
    const int step = session.wanted.view.lesson_step;
    done = set(session, command.contains("fields") ? command["fields"] : Json());
    const ViewSpec& view = session.wanted.view;
    if (!view.lesson.empty() && (view.lesson != lesson || view.lesson_step != step))
      arranging_ = {.step = app_.course.step(view), .train = session.running(), .instead = false};
  } else if (type == "picture") {
    platform::take_picture([](const platform::Picture& frame) {
      platform::save_file("unroll-figure.png", encode_png(frame.width, frame.height, frame.rgb), "image/png");
    });
  } else if (type == "ask") {
    const size_t lane = read::count(command, "lane");
    const Json* question = read::field(command, "command");
    if (lane >= session.lanes.size()) {
      done = Error{"lane", "there is none of that number",
                   "allowed: 0 to " + std::to_string(session.lanes.size() - 1)};
    } else if (!session.lanes[lane]->configured || session.waits(lane, host)) {
      done = Error{"lane", "is not ready to answer", "wait for its last answer"};
    } else if (!question || !question->is_object()) {
      done = Error{"command", "is missing", "give one of the lane protocol"};
    } else {
      asked_.push_back({read::integer(command, "id"), lane, session.answer(lane, host).version});
      session.order(lane, host, *question);
    }
  } else {
    done = Error{"type", "found \"" + type + "\"", "allowed: load, train, pause, reset, set, picture, ask"};
  }
  obeyed_ = read::integer(command, "id");
  refused_ = done ? Json(nullptr) : to_json(done.error());
}

Json Playground::obeyed() {
  Json answers = Json::array();
  Session& session = app_.session;
  std::erase_if(asked_, [&](const Asked& asked) {
    if (asked.lane < session.lanes.size() && session.waits(asked.lane, host)) return false;
    Json told = {{"id", asked.id}};
    const Answer none;
    const Answer& answer = asked.lane < session.lanes.size() ? session.answer(asked.lane, host) : none;
    if (answer.version != asked.before) {
      Json values = Json::array();
      for (float value : answer.values) values.push_back(number_or_null(static_cast<double>(value)));
      told["header"] = answer.header;
      told["values"] = std::move(values);
    } else if (answer.error) {
      told["error"] = to_json(*answer.error);
    } else {
      told["error"] = to_json(Error{"", "the lane was made anew before it answered", "ask again"});
    }
    answers.push_back(std::move(told));
    return true;
  });
  return {{"id", obeyed_}, {"error", refused_}, {"answers", std::move(answers)}};
}

}  // namespace unroll
