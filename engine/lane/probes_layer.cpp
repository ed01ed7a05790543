// What happens inside a layer while it reads: the commands `activations` and `cell`.
#include <algorithm>

#include "engine/lane/parts.h"
#include "engine/probes/layer_probe.h"

namespace unroll {

namespace {

/// Both commands: some rows of some characters.
struct LayerJob final : Lane::Parts::ProbeJob {
  int64_t id;
  const char* type;  ///< "activations" or "cell"
  Lane::Parts::Reading reading;
  int layer;
  std::vector<CellRow> rows;
  size_t first, count;
  LayerMeter::Order order;
  InterventionSet interventions;
  std::unique_ptr<LayerMeter> meter;  // made when it is this job's turn

  bool advance(const Lane::Parts& lane) override {
    if (!meter)
      meter = std::make_unique<LayerMeter>(lane.model(), reading.sequence, layer, rows, first, count, order,
                                           interventions);
    return meter->advance();
  }

  void answer(const Lane::Parts& lane) override {
    std::vector<std::string> names;
    for (const CellRow& row : rows) names.push_back(row.name);
    OrderedObject event = lane.answer(type, id);
    lane.add_reading(event, reading);
    event.add("layer", layer)
        .add("hidden", lane.model().spec().hidden)
        .add("intervened", !interventions.empty());
    if (order == LayerMeter::Order::by_row) {
      event.add("which", names);
    } else {
      event.add("rows", names);
      event.add("position", first);
      event.add("count", count);
    }
    lane.emit(event, payload_of(meter->values()));
  }
};

/// What both commands say alike; rows, first and count are left to them.
template <class Asked>
Result<std::unique_ptr<LayerJob>> layer_job(const Lane::Parts& lane, const char* type, const Asked& asked,
                                            LayerMeter::Order order) {
  auto reading = lane.reading(asked.text, asked.example);
  if (!reading) return reading.error();
  auto job = std::make_unique<LayerJob>();
  job->id = asked.id;
  job->type = type;
  job->reading = std::move(*reading);
  job->layer = asked.layer;
  job->order = order;
  job->interventions = lane.session->interventions;
  return job;
}

}  // namespace

Result<CellRow> Lane::Parts::activation_row(const std::string& name, const std::string& where) const {
  std::string allowed;
  for (const CellRow& row : cell_rows(*graph_of(model().spec()))) {
    if (row.equation < 0) continue;
    if (row.name == name) return row;
    allowed += (allowed.empty() ? "" : ", ") + row.name;
  }
  return Error{where, "found " + quotation(name) + ", which this cell does not have", "allowed: " + allowed};
}

Status Lane::Parts::handle(command::Activations& activations) {
  if (const Status status = check_layer(activations.layer); !status) return status;
  auto made = layer_job(*this, "activations", activations, LayerMeter::Order::by_row);
  if (!made) return made.error();
  std::unique_ptr<LayerJob> job = std::move(*made);
  job->first = 0;
  job->count = job->reading.size();
  for (const std::string& name : activations.which) {
    Result<CellRow> row = activation_row(name, "which[" + std::to_string(job->rows.size()) + "]");
    if (!row) return row.error();
    job->rows.push_back(*row);
  }
  const int64_t each = int64_t{model().spec().hidden} * static_cast<int64_t>(job->rows.size()),
                values = each * static_cast<int64_t>(job->count);
  if (values > CommandLimits::activation_values)
    return Error{"text",
                 std::to_string(job->count) + " characters would give " + std::to_string(values) + " values",
                 "at most " + std::to_string(CommandLimits::activation_values / each) +
                     " characters, or ask for fewer arrays at once"};
  session->probes.push_back(std::move(job));
  return ok();
}

Status Lane::Parts::handle(command::Cell& cell) {
  if (const Status status = check_layer(cell.layer); !status) return status;
  auto made = layer_job(*this, "cell", cell, LayerMeter::Order::by_character);
  if (!made) return made.error();
  std::unique_ptr<LayerJob> job = std::move(*made);
  const int known = static_cast<int>(job->reading.size());
  const std::string has = std::string("and the ") + (cell.example ? "sequence" : "text") + " has " +
                          std::to_string(known) + " " + job->reading.units();
  if (cell.position >= known)
    return Error{"position", "found " + std::to_string(cell.position) + ", " + has,
                 known ? "allowed: 0 to " + std::to_string(known - 1) : "give a text that it knows"};
  if (cell.count > known - cell.position)
    return Error{"count", "found " + std::to_string(cell.count) + ", " + has,
                 "allowed from this position: 1 to " + std::to_string(known - cell.position)};
  job->rows = cell_rows(*graph_of(model().spec()));
  job->first = static_cast<size_t>(cell.position);
  job->count = static_cast<size_t>(cell.count);
  session->probes.push_back(std::move(job));
  return ok();
}

}  // namespace unroll
