// `data.task` of an experiment: read, written, checked and set from flags, for every task of the table.
#include <doctest/doctest.h>

#include "engine/document/experiment.h"

namespace unroll {
namespace {

Result<Experiment> with_task(const std::string& task, const std::string& more = "") {
  return parse_experiment(R"({"unroll": 1, "data": {"task": )" + task + more + "}}");
}

void refuses(const Result<Experiment>& result, const std::string& message) {
  REQUIRE(!result);
  CHECK(result.error().text() == message);
}

Experiment of_kind(const TaskKind& kind) {
  Experiment experiment = default_experiment();
  REQUIRE(set_task(experiment, kind.name));
  if (&kind != task_kinds().front()) experiment.data.example.clear();
  return experiment;
}

TEST_CASE("Experiment: without a task it is the next character of a text, and nothing of it is written") {
  CHECK(default_experiment().data.task.name == "text");
  CHECK(to_json(default_experiment()).find("task") == std::string::npos);
  const auto named = with_task(R"({"name": "text", "version": 1})");
  REQUIRE(named);
  CHECK(*named == default_experiment());
  CHECK(to_json(*named) == to_json(default_experiment()));
}

TEST_CASE("Experiment: what is wrong with a task is said with its place and what is allowed") {
  refuses(with_task("7"), "data.task: found 7 (allowed: an object of a task's name and its settings)");
  const auto nameless = with_task(R"({"length": 3})");
  REQUIRE(!nameless);
  CHECK(nameless.error().text().starts_with("data.task.name: is missing (allowed: text"));
  const auto unknown = with_task(R"({"name": "txet"})");
  REQUIRE(!unknown);
  CHECK(unknown.error().text().starts_with(
      "data.task.name: found \"txet\" (did you mean \"text\"? allowed: text"));
  CHECK(!with_task(R"({"name": 5})"));
  refuses(with_task(R"({"name": "text", "version": 2})"),
          "data.task.version: found 2 (this program knows version 1 of the task text)");
  refuses(with_task(R"({"name": "text", "length": 2})"),
          "data.task.length: unknown field of the task text (it has no fields)");
  const auto misspelt = parse_experiment(R"({"unroll": 1, "data": {"tusk": {}}})");
  REQUIRE(!misspelt);
  CHECK(misspelt.error().text().find("did you mean \"task\"?") != std::string::npos);
  Experiment built = default_experiment();
  built.data.task.name = "nothing";
  CHECK(validate(built).error().where == "data.task.name");
  built = default_experiment();
  built.data.task.values = {{1.0}};
  CHECK(!validate(built));
  CHECK(set_task(built, "tex").error().text().find("did you mean \"text\"?") != std::string::npos);
}

TEST_CASE(
    "Experiment: every field of every task goes into the document and comes back, and keeps its range") {
  for (const TaskKind* kind : task_kinds()) {
    CAPTURE(std::string(kind->name));
    Experiment experiment = of_kind(*kind);
    CHECK(validate(experiment));
    for (const TaskField& field : kind->fields) {
      CAPTURE(std::string(field.name));
      const bool is_number = field.type == TaskFieldType::integer || field.type == TaskFieldType::real;
      std::vector<std::string> good = {field.type == TaskFieldType::text ? "some text" : default_text(field)};
      if (is_number) good.insert(good.end(), {shown(field.minimum), shown(field.maximum)});
      if (field.type == TaskFieldType::boolean) good = {"true", "false"};
      for (const char* word : field.words) good.push_back(word);
      for (const std::string& text : good) {
        CAPTURE(text);
        CHECK(set_task_field(experiment, field.name, text));
        CHECK(validate(experiment));
        const auto again = parse_experiment(to_json(experiment));
        REQUIRE(again);
        CHECK(*again == experiment);
        CHECK(value_of(again->data.task, field.name) == value_of(experiment.data.task, field.name));
      }
      const Experiment before = experiment;
      std::vector<std::string> bad = {"[]"};
      if (field.type == TaskFieldType::text)
        bad = {"\xff", std::string(static_cast<size_t>(field.maximum) + 1, 'a')};
      if (is_number) bad = {"many", shown(field.maximum + 1), shown(field.minimum - 1)};
      for (const std::string& text : bad) {
        CAPTURE(text);
        const Status status = set_task_field(experiment, field.name, text);
        REQUIRE(!status);
        CHECK(status.error().where.starts_with("data.task." + std::string(field.name)));
        CHECK(experiment == before);
      }
    }
    // Defaults are not written.
    Experiment plain = of_kind(*kind);
    for (const TaskField& field : kind->fields)
      if (field.type != TaskFieldType::text) CHECK(set_task_field(plain, field.name, default_text(field)));
    CHECK(plain == of_kind(*kind));
    const Status status = set_task_field(plain, "no_such_field", "1");
    REQUIRE(!status);
    CHECK(status.error().where == "data.task.no_such_field");
    CHECK(parse_experiment(kind->start));
  }
}

TEST_CASE("Experiment: a task other than text needs no text, and refuses one that it would not read") {
  for (const TaskKind* kind : task_kinds()) {
    if (kind == task_kinds().front()) continue;
    CAPTURE(std::string(kind->name));
    const std::string name = R"({"name": ")" + std::string(kind->name) + "\"}";
    CHECK(with_task(name));
    CHECK(bool(with_task(name, R"(, "text": "abc")")) == (kind->looks.own_data != nullptr));
    const auto example = with_task(name, R"(, "example": "story")");
    CHECK(bool(example) == (kind->looks.labelled || kind->looks.heard));  // these have built-in data
    if (example) continue;
    CHECK(example.error().where == "data.example");
  }
}

}  // namespace
}  // namespace unroll
