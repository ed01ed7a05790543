// What the lanes tell of their task: its shape and names, held-out examples, and what needs no network.
#include <algorithm>
#include <cmath>
#include <limits>

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
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

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
  task.linear = text(*shape, "head") == "linear";
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
    views.all.push_back({text(one, "name"), text(one, "about"), number(one, "loss", nan),
                         number(one, "value", nan), score_line_of(read::field(one, "curve")),
                         text(one, "of")});
  return views;
}

std::optional<ExampleView> read_example(const Message& message, const LaneView& lane) {
  const LaneTask& task = lane.task;
  const Json& header = message.header;
  const auto values = floats_of(message);
  const size_t n = read::count(header, "length");
  const auto I = static_cast<size_t>(task.reals ? task.inputs : 1),
             O = static_cast<size_t>(task.linear ? task.outputs : 1);
  const size_t said = static_cast<size_t>(task.outputs);  // numbers or probabilities, at the end
  if (!values || values->size() != n * (I + O + 1 + said)) return std::nullopt;
  ExampleView example;
  example.number = integer(header, "index");
  const std::span<const float> all(*values), inputs = all.first(n * I), targets = all.subspan(n * I, n * O);
  const auto weights = all.subspan(n * (I + O), n);
  example.weights.assign(weights.begin(), weights.end());
  for (size_t t = 0; t < n; ++t)
    example.inputs += task.reals ? symbol_of(inputs.subspan(t * I, I)) : symbol_at(lane.inputs, inputs[t]);
  if (task.reals) example.reals.assign(inputs.begin(), inputs.end());
  if (task.linear) {
    example.values.assign(targets.begin(), targets.end());
  } else {
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
  if (told_.size() >= most_told) told_.clear();
  told_[example->number] = std::move(*example);
}

}  // namespace unroll
