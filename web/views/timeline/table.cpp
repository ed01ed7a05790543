// The timeline as a table (CSV), from what its pictures are drawn from.
#include <algorithm>
#include <cmath>

#include "web/export.h"
#include "web/toolkit/csv.h"
#include "web/toolkit/named_symbols.h"
#include "web/views/timeline/timeline.h"

namespace unroll::timeline {
namespace {

struct Column {
  std::string name;
  const Heatmap* picture;
  size_t row;
  bool logarithm;  // of a share
};

std::vector<Column> columns_of(const App& app, const State& own, size_t index, const std::string& label) {
  std::vector<Column> columns;
  const LaneView& lane = *app.session.lanes[index];
  const auto found = own.tracks.find(lane.colour);
  if (found == own.tracks.end()) return columns;
  const LaneTracks& tracks = found->second;
  for (const std::string& name : app.session.wanted.view.tracks) {
    const auto kind = track_of(lane.applied, name);
    const auto picture = tracks.pictures.find(name);
    if (name == "surprise" || picture == tracks.pictures.end() || !kind) continue;
    const Heatmap& heat = picture->second;
    if (kind->shape == TrackShape::units) {
      for (size_t unit = 0; unit < heat.rows(); ++unit)
        columns.push_back(
            {label + " " + name + "[" + std::to_string(unit) + "]", &heat, tracks.place_of(unit), false});
    } else {
      columns.push_back({label + (heat.rows() > 1 ? " flow c" : " " + name), &heat, 0, true});
      if (heat.rows() > 1) columns.push_back({label + " flow h", &heat, 1, true});
    }
  }
  return columns;
}

std::string target_text(const ExampleView& example, size_t column) {
  if (!example.asks(column)) return {};
  if (!example.labels.empty()) return symbol_texts(example.labels);
  if (!example.classes.empty()) return symbol_text(example.classes[column]);
  const size_t each = example.values.size() / std::max<size_t>(example.size(), 1);
  return each ? symbol_text(symbol_of(std::span(example.values).subspan(column * each, each))) : "";
}

}  // namespace

std::string csv(const App& app, const State& own) {
  Csv table;
  const ExampleView* example = app.example();
  table.add("position").add(app.task().looks.column);
  if (example) table.add("target");
  const std::vector<std::string> labels = app.session.lane_names();
  std::vector<std::vector<Column>> columns;
  for (size_t i = 0; i < labels.size(); ++i) {
    table.add(labels[i] + " loss").add(labels[i] + " guess").add(labels[i] + " guess probability");
    columns.push_back(columns_of(app, own, i, labels[i]));
    for (const Column& column : columns.back()) table.add(column.name);
  }
  table.end_row();
  const std::u32string& text = app.timeline_text();
  for (size_t n = 0; n < text.size(); ++n) {
    table.add(n + 1).add(symbol_text(text[n]));
    if (example) table.add(target_text(*example, n));
    for (size_t i = 0; i < labels.size(); ++i) {
      const LaneView& lane = *app.session.lanes[i];
      const ProbeResult& probe = lane.probe;
      table.add(n < probe.loss.size() ? probe.loss[n] : NAN);
      const size_t best = n * static_cast<size_t>(std::max(probe.top, 0));
      const bool guessed = (n > 0 || example) && best < probe.top_ids.size() && probe.top_ids[best] >= 0 &&
                           static_cast<size_t>(probe.top_ids[best]) < lane.vocabulary.size();
      if (guessed)
        table.add(symbol_text(lane.vocabulary[static_cast<size_t>(probe.top_ids[best])]))
            .add(probe.top_probs[best]);
      else if (n < probe.loss.size() && !probe.said.empty())
        table.add(probe.said[n * (probe.said.size() / probe.loss.size())]).none();
      else
        table.none().none();
      for (const Column& column : columns[i]) {
        const float value = column.picture->at(column.row, n);
        table.add(column.logarithm ? std::pow(10.0f, value) : value);
      }
    }
    table.end_row();
  }
  return table.text();
}

}  // namespace unroll::timeline
