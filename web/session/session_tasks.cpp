// What the lanes tell of their task: its shape and names, held-out examples, and what needs no network.
#include <algorithm>
#include <cmath>

#include "web/session/json_read.h"
#include "web/session/session.h"
#include "web/session/task_events.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"

namespace unroll {
namespace {

using read::boolean, read::integer, read::number, read::text;

constexpr size_t most_told = 64;  // examples that are kept

std::u32string symbols_of(const std::vector<std::string>& names) {
  std::u32string symbols;
  for (const std::string& name : names) symbols += symbol_of(name);
  return symbols;
}

/// The symbol of an id that came as a number.
char32_t symbol_at(const std::u32string& symbols, float id) {
  return id >= 0 && static_cast<size_t>(id) < symbols.size() ? symbols[static_cast<size_t>(id)] : U'?';
}

}  // namespace

Json Probed::in(Json command) const {
  if (example >= 0)
    command["example"] = example;
  else
    command["text"] = text;
  return command;
}

void read_task(const Json& configured, LaneView& lane) {
  lane.vocabulary = lane.inputs = to_symbols(text(configured, "vocabulary"));
  LaneTask& task = lane.task;
  task = LaneTask();
  task.inputs = task.outputs = static_cast<int>(lane.vocabulary.size());
  task.characters = !lane.vocabulary.empty();
  const Json* shape = read::field(configured, "shape");
  if (!shape) return;
  task.name = text(configured, "task");
  task.reals = boolean(*shape, "reals");
  const auto head = std::ranges::find(head_words, text(*shape, "head"));
  if (head != std::end(head_words)) task.head = static_cast<Head>(head - head_words);
  task.encoder = boolean(*shape, "encoder");
  task.attention = boolean(*shape, "attention");
  task.inputs = static_cast<int>(integer(*shape, "inputs"));
  task.outputs = static_cast<int>(integer(*shape, "outputs"));
  task.input_names = read::texts(configured, "input_names");
  task.output_names = read::texts(configured, "output_names");
  if (!lane.vocabulary.empty()) return;
  lane.inputs = symbols_of(task.input_names);
  lane.vocabulary = symbols_of(task.output_names);
}

std::optional<BaselineViews> read_baselines(const Json& header) {
  BaselineViews views{{}, boolean(header, "on_valid")};
  const Json* list = read::field(header, "list");
  if (!list || !list->is_array()) return std::nullopt;
  for (const Json& one : *list)
    views.all.push_back({text(one, "name"), text(one, "about"), number(one, "loss", read::nan),
                         number(one, "value", read::nan), score_line_of(read::field(one, "curve")),
                         text(one, "of")});
  return views;
}

std::optional<ExampleView> read_example(const Message& message, const LaneView& lane) {
  const LaneTask& task = lane.task;
  const Json& header = message.header;
  const auto values = floats_of(message);
  const size_t n = read::count(header, "length");
  const auto I = static_cast<size_t>(task.reals ? task.inputs : 1), O = static_cast<size_t>(task.targets());
  const size_t said = static_cast<size_t>(task.outputs);  // numbers or probabilities, after those
  const bool meant = read::field(header, "unit") != nullptr;
  const size_t turn = std::min(read::count(header, "turn"), n);
  const size_t scaled = n * (I + O + 1 + said), attention = task.attention ? (n - turn) * turn : 0;
  if (!values || values->size() != scaled + (meant ? 3 * n : 0) + attention) return std::nullopt;
  ExampleView example;
  example.turn = turn;
  example.number = integer(header, "index");
  const std::span<const float> all(*values), inputs = all.first(n * I), targets = all.subspan(n * I, n * O);
  const auto weights = all.subspan(n * (I + O), n);
  example.weights.assign(weights.begin(), weights.end());
  if (task.reals) example.reals.assign(inputs.begin(), inputs.end());
  if (meant) {
    const auto read = all.subspan(scaled, n), right = all.subspan(scaled + n, n);
    example.unit = text(header, "unit");
    example.reals.assign(read.begin(), read.end());
    example.values.assign(right.begin(), right.end());
    example.scaled.assign(targets.begin(), targets.end());
  } else if (task.numbers()) {
    example.values.assign(targets.begin(), targets.end());
  }
  const size_t each = example.reals.size() / std::max<size_t>(n, 1);
  for (size_t t = 0; t < n; ++t)
    example.inputs += task.reals ? symbol_of(std::span(example.reals).subspan(t * each, each))
                                 : symbol_at(lane.inputs, inputs[t]);
  if (task.strings()) {
    example.classes.assign(n, 0);
    for (size_t t = 0; t < n && targets[t] != 0; ++t)
      example.labels += symbol_at(lane.vocabulary, targets[t]);
  } else if (!task.numbers()) {
    for (size_t t = 0; t < n; ++t)
      example.classes += example.asks(t) ? symbol_at(lane.vocabulary, targets[t]) : 0;
  }
  example.columns = read::texts(header, "columns");
  if (example.columns.size() != n) example.columns.clear();
  if (const Json* marks = read::field(header, "marks"); marks && marks->is_array())
    for (const Json& mark : *marks)
      if (const size_t position = read::count(mark, "position"); position < n)
        example.marks.push_back({text(mark, "kind") == "needed", position, text(mark, "label")});
  return example;
}

const ExampleView* Session::example_told(int64_t number) const {
  const auto found = told_.find(number);
  return found == told_.end() ? nullptr : &found->second;
}

const ExampleView* Session::ask_example(int64_t number) {
  if (const ExampleView* told = example_told(number)) return told;
  for (auto& lane : lanes) {
    if (!lane->configured) continue;
    const std::string asked = std::to_string(number);
    if (example_inquiry_.under_way) break;  // one after the other
    example_inquiry_ = {true, now_, next_id_++, asked, 0};
    send(*lane, {{"type", "example"}, {"id", example_inquiry_.id}, {"index", number}});
    break;
  }
  return nullptr;
}

void Session::forget_told() {
  told_.clear();
  series_.reset();
  example_inquiry_ = series_inquiry_ = Inquiry();
}

const SeriesView* Session::ask_series() {
  const TaskKind* kind = find_task_kind(wanted.data.task.name);
  if (kind == nullptr || !kind->looks.forecasts) return nullptr;
  if (series_ || series_inquiry_.under_way) return series_told();
  for (auto& lane : lanes) {
    if (!lane->configured || lane->own) continue;
    series_inquiry_ = {true, now_, next_id_++, "series", 0};
    send(*lane, {{"type", "series"}, {"id", series_inquiry_.id}});
    break;
  }
  return nullptr;
}

void Session::on_series(LaneView& lane, const Message& message) {
  const Json& header = message.header;
  if (integer(header, "id") != series_inquiry_.id) return on_answer(lane, message);
  series_inquiry_.under_way = false;
  auto values = floats_of(message);
  const Json* axis = read::field(header, "axis");
  if (!values || values->empty() || !axis) return;
  SeriesView series{.title = text(header, "title"),
                    .quantity = text(header, "quantity"),
                    .unit = text(header, "unit"),
                    .source = text(header, "source"),
                    .before = text(header, "before"),
                    .train = integer(header, "train"),
                    .first_origin = integer(header, "first_origin"),
                    .steps = integer(header, "steps"),
                    .seasons = read::numbers(header, "seasons"),
                    .axis = {.step = read_time_step(text(*axis, "step")).value_or(TimeStep()),
                             .start = integer(*axis, "start")},
                    .values = std::move(*values),
                    .version = next_id_++};
  for (const double moment : read::numbers(*axis, "moments"))
    series.axis.moments.push_back(static_cast<Moment>(moment));
  series_ = std::move(series);
}

void Session::on_example(LaneView& lane, const Message& message) {
  const int64_t id = integer(message.header, "id");
  if (id == lane.probe_inquiry.id) return on_probe(lane, message);
  if (id != example_inquiry_.id) return on_answer(lane, message);
  example_inquiry_.under_way = false;
  auto example = read_example(message, lane);
  if (!example) return;
  example->version = next_id_++;
  need_symbols(example->inputs);
  need_symbols(example->classes);
  need_symbols(example->labels);
  if (told_.size() >= most_told) told_.clear();
  told_[example->number] = std::move(*example);
}

}  // namespace unroll
