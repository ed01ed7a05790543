// What a lane tells of a series: the commands `series` and `forecast`.
#include <algorithm>

#include "engine/lane/parts.h"
#include "engine/tasks/series_task.h"

namespace unroll {

namespace {

constexpr int rows_at_once = 512;

/// `task` must outlive it: it is that of the session whose job this is.
struct ForecastJob final : Lane::Parts::ProbeJob {
  int64_t id = 0;
  int steps = 0;
  ModelNetwork network;
  SeriesFanRun run;

  ForecastJob(const Model& model, const SeriesTask& task, int64_t origin, int ahead, int paths)
      : steps(ahead), network(model), run(task, origin, ahead, paths) {}

  bool advance(const Lane::Parts&) override { return run.advance(network, rows_at_once); }
  void answer(const Lane::Parts& lane) override {
    const SeriesFan fan = run.fan();
    std::vector<float> values;
    for (const auto* line : {&fan.forecast, &fan.p10, &fan.p50, &fan.p90})
      values.insert(values.end(), line->begin(), line->end());
    lane.emit(
        lane.answer("forecast", id).add("origin", fan.origin).add("steps", steps).add("noise", fan.noise),
        payload_of(values));
  }
};

Error no_series(const Task& task) {
  return {"", "the task " + std::string(task.kind().name) + " has no series",
          "look at its sequences instead: `example`"};
}

}  // namespace

Status Lane::Parts::handle(command::Series& asked) {
  const SeriesTask* known = task().as_series();
  if (known == nullptr) return no_series(task());
  const unroll::Series& series = known->series();
  OrderedObject axis = OrderedObject().add("step", name(series.axis.step)).add("start", series.axis.start);
  if (!series.axis.moments.empty()) axis.add_json("moments", json_text(Json(series.axis.moments)));
  const std::vector<double>& values = series.columns[0];
  emit(OrderedObject()
           .add("type", "series")
           .add("id", asked.id)
           .add("title", series.title)
           .add("quantity", series.quantity)
           .add("unit", unit_of(series))
           .add("source", series.source)
           .add("before", value_before(series.axis.step))
           .add("length", known->length())
           .add("train", known->train())
           .add("first_origin", known->first_origin())
           .add("steps", known->horizon())
           .add_json("seasons", json_text(Json(series.seasons)))
           .add_json("axis", axis.text()),
       payload_of(std::vector<float>(values.begin(), values.end())));
  return ok();
}

Status Lane::Parts::handle(command::Forecast& asked) {
  const SeriesTask* known = task().as_series();
  if (known == nullptr) return no_series(task());
  if (asked.origin < known->first_origin() || asked.origin >= known->length())
    return Error{
        "origin", "found " + std::to_string(asked.origin),
        "allowed: " + std::to_string(known->first_origin()) + " to " + std::to_string(known->length() - 1)};
  auto job = std::make_unique<ForecastJob>(model(), *known, asked.origin,
                                           asked.steps > 0 ? asked.steps : known->horizon(), asked.paths);
  job->id = asked.id;
  session->probes.push_back(std::move(job));
  return ok();
}

}  // namespace unroll
