// Lessons: their text, their conditions on the published state, where a learner stands, and the lessons that ship.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "web/lessons/course.h"

namespace unroll {
namespace {

std::string file(const std::string& name) {
  std::ifstream stream(std::string(UNROLL_SOURCE_DIR) + "/examples/lessons/" + name, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

Json state(const char* text) { return Json::parse(text, nullptr, false); }

bool holds_in(const char* condition, const Json& published) {
  const auto conditions = read_conditions(state(condition), "check", false);
  REQUIRE(bool(conditions));
  return holds((*conditions)[0], published);
}

std::string fault(const std::string& step) {
  const auto lesson = read_lesson("## One\nText\n```step\n" + step + "\n```\n");
  REQUIRE_FALSE(bool(lesson));
  return lesson.error().text();
}

constexpr const char* two_steps = R"(## Read
A text.
```step
{"experiment": {"lanes": [{"cell": "rnn", "hidden": 8}]}, "view": {"tab": "memory"}}
```
## Do
Train **it**.
```step
{"view": {"log": true},
 "check": [{"says": "Ten steps", "path": "step", "at_least": 10}, {"says": "Open Cell", "path": "tab", "is": "cell"}],
 "question": {"asks": "Why?", "answers": [{"says": "So", "reply": "No."}, {"says": "Because", "right": true, "reply": "Yes."}]},
 "feedback": [{"when": {"path": "step", "above": 100}, "says": "Too far."}],
 "hints": ["Train.", "Press Train."]}
```
)";

Course course_of(const char* text) {
  Course course;
  REQUIRE(bool(course.read_index(R"([{"id": "one", "title": "One", "summary": "S", "minutes": 3},
    {"id": "two", "title": "Two", "summary": "S", "minutes": 3}])")));
  auto lesson = read_lesson(text);
  INFO((lesson ? "" : lesson.error().text()));
  REQUIRE(bool(lesson));
  course.put("one", std::move(*lesson));
  return course;
}

ViewSpec at(int step) {
  ViewSpec view;
  view.lesson = "one";
  view.lesson_step = step;
  return view;
}

}  // namespace

TEST_CASE("a lesson's text becomes paragraphs, lists, code and what is marked in a line") {
  const Blocks blocks = read_blocks(
      "One *line*\nand **more** of it, 2 * 3 * 4.\n\n- a\n- b `c `\n  goes on\n\n```\nx = 1\n  y\n```\nEnd");
  REQUIRE(blocks.size() == 4);
  CHECK(blocks[0] == Block{Block::paragraph,
                           {{{Span::plain, "One "},
                             {Span::emphasis, "line"},
                             {Span::plain, " and "},
                             {Span::strong, "more"},
                             {Span::plain, " of it, 2 * 3 * 4."}}}});
  CHECK(blocks[1].kind == Block::list);
  REQUIRE(blocks[1].lines.size() == 2);
  CHECK(blocks[1].lines[1] ==
        std::vector<Span>{{Span::plain, "b "}, {Span::code, "c "}, {Span::plain, " goes on"}});
  CHECK(blocks[2] == Block{Block::code, {{{Span::code, "x = 1\n  y"}}}});
  CHECK(to_json(blocks)[3] == state(R"({"kind": "p", "lines": [[["", "End"]]]})"));
}

TEST_CASE("a condition looks at the published state by a path, and what is not there fulfils none") {
  const Json published = state(R"({"tab": "cell", "step": 12, "running": false,
    "lanes": [{"step": 12, "valid": [[0, 2.0], [10, 1.5]], "name": "RNN"}, {"step": 9, "valid": [[0, 2.1], [9, 1.0]], "name": "LSTM"}],
    "experiment": {"cells": ["c = c[t-1] + g"]}})");
  CHECK(holds_in(R"({"path": "tab", "is": "cell"})", published));
  CHECK_FALSE(holds_in(R"({"path": "tab", "is_not": "cell"})", published));
  CHECK(holds_in(R"({"path": "running", "is": false})", published));
  CHECK(holds_in(R"({"path": "step", "at_least": 12})", published));
  CHECK_FALSE(holds_in(R"({"path": "step", "above": 12})", published));
  CHECK(holds_in(R"({"path": "lanes.0.valid.-1.1", "at_most": 1.5})", published));
  CHECK(holds_in(R"({"path": "lanes.1.valid.-1.1", "below": {"path": "lanes.0.valid.-1.1"}})", published));
  CHECK_FALSE(holds_in(
      R"({"path": "lanes.1.valid.-1.1", "below": {"path": "lanes.0.valid.-1.1", "times": 0.5}})", published));
  CHECK(holds_in(R"({"path": "lanes.*.step", "at_least": 10})", published));
  CHECK(holds_in(R"({"path": "lanes.*.name", "is": "LSTM"})", published));
  CHECK_FALSE(holds_in(R"({"path": "lanes.2.step", "at_least": 0})", published));
  CHECK_FALSE(holds_in(R"({"path": "lanes.-3.step", "at_least": 0})", published));
  CHECK_FALSE(holds_in(R"({"path": "tab", "at_least": 0})", published));
  CHECK_FALSE(holds_in(R"({"path": "step", "below": {"path": "nothing"}})", published));
  CHECK(holds_in(R"({"path": "experiment.cells.*", "contains": "c[t-1] + g"})", published));
  CHECK(holds_in(R"({"path": "lanes.0.step", "is": {"path": "step"}})", published));
  CHECK_FALSE(holds_in(R"({"path": "lanes.1.step", "is": {"path": "step"}})", published));
  CHECK(holds_in(R"({"path": "tab", "lacks": "x"})", published));
  CHECK(
      holds_in(R"({"any": [{"path": "step", "above": 99}, {"path": "tab", "contains": "ell"}]})", published));
}

TEST_CASE("what is wrong with a lesson is told with its step, its field and what is allowed") {
  CHECK(fault(R"({"check": [{"path": "step", "at_least": 1}]})") ==
        "step 1, check[0].says: is missing (say what is to be done, in a few words)");
  CHECK(fault(R"({"check": [{"says": "x", "path": "step", "at_least": "1"}]})") ==
        "step 1, check[0].at_least: is no number (give a number, or {\"path\": …, \"times\": …})");
  CHECK(fault(R"({"check": [{"says": "x", "path": "a..b", "is": 1}]})") ==
        "step 1, check[0].path: found \"a..b\" (names and numbers with one dot between two)");
  CHECK(fault(R"({"check": [{"says": "x", "path": "a", "is": 1, "above": 0}]})").find("has two tests") !=
        std::string::npos);
  CHECK(fault(R"({"chek": []})").find("step 1: unknown field \"chek\" (allowed: experiment, ") == 0);
  CHECK(fault(R"({"view": {"tab": "nowhere"}})").find("step 1, view, view.tab: found \"nowhere\"") == 0);
  CHECK(fault(R"({"experiment": {"lanes": [{"cell": "nne"}]}})").find("step 1, experiment.lanes[0].cell") ==
        0);
  CHECK(fault(R"({"hints": ["So"]})") ==
        "step 1, hints: stand where nothing is asked (give a check or a question as well)");
  CHECK(
      fault(
          R"({"question": {"asks": "A?", "answers": [{"says": "a", "reply": "b"}, {"says": "c", "reply": "d"}]}})")
          .find("has not one right answer") != std::string::npos);
  CHECK(fault(R"({"view": {"tab": "learn"}})") ==
        "step 1: has no experiment (a lesson says with what it begins)");
  CHECK(fault("{").find("step 1: ") == 0);
  for (const char* text :
       {"", "Text without a step", "## Title alone\n", "## A\nb\n```step\n{}", "## A\n\xff\n"})
    CHECK_FALSE(bool(read_lesson(text)));
}

TEST_CASE(
    "a step is done once each of its conditions has held and its question is answered; nothing goes on by "
    "itself") {
  Course course = course_of(two_steps);
  const ViewSpec view = at(2);
  course.see(view, state(R"({"step": 4, "tab": "learn"})"));
  Json shown = course.shown(view);
  CHECK(shown["check"][0]["holds"] == false);
  CHECK(shown["done"] == false);
  CHECK(shown["can_go_on"] == true);  // the learner decides
  course.see(view, state(R"({"step": 11, "tab": "learn"})"));
  course.see(view, state(R"({"step": 0, "tab": "cell"})"));  // the first has held
  shown = course.shown(view);
  CHECK(shown["check"][0]["holds"] == true);
  CHECK(shown["check"][1]["holds"] == true);
  CHECK(shown["done"] == false);
  course.answer(view, 0);
  course.see(view, state("{}"));
  shown = course.shown(view);
  CHECK(shown["question"]["right"] == false);
  CHECK(shown["question"]["reply"][0]["lines"][0][0][1] == "No.");
  CHECK(shown["done"] == false);
  course.answer(view, 7);  // there is none
  course.answer(view, 1);
  course.see(view, state("{}"));
  CHECK(course.shown(view)["done"] == true);
  CHECK(course.shown(view)["step"] == 2);
  CHECK(course.done("one", 1));
}

TEST_CASE("a step to read is done when it is left, and a step that is set up anew is to be done anew") {
  Course course = course_of(two_steps);
  CHECK_FALSE(course.done("one", 0));
  course.leave(at(1));
  CHECK(course.done("one", 0));
  CHECK(course.first_open("one") == 1);
  course.leave(at(2));  // one with a task is not done by leaving it
  CHECK_FALSE(course.done("one", 1));
  course.see(at(2), state(R"({"step": 11})"));
  course.begin(at(2));
  CHECK(course.shown(at(2))["check"][0]["holds"] == false);
}

TEST_CASE("hints come one at a time, and feedback while its conditions hold") {
  Course course = course_of(two_steps);
  CHECK(course.shown(at(2))["hints"].empty());
  CHECK(course.shown(at(2))["more_hints"] == 2);
  for (int pressed = 0; pressed < 4; ++pressed) course.hint(at(2));
  CHECK(course.shown(at(2))["hints"].size() == 2);
  CHECK(course.shown(at(2))["more_hints"] == 0);
  course.see(at(2), state(R"({"step": 101, "tab": "learn"})"));
  CHECK(course.shown(at(2))["feedback"].size() == 1);
  course.see(at(2), state(R"({"step": 50, "tab": "learn"})"));
  CHECK(course.shown(at(2))["feedback"].empty());
}

TEST_CASE("a teacher's lock keeps the next step, other lessons and hints") {
  Course course = course_of(two_steps);
  ViewSpec view = at(2);
  view.lesson_lock = {"next", "choose", "hints"};
  course.hint(view);
  Json shown = course.shown(view);
  CHECK(shown["hints"].empty());
  CHECK(shown["more_hints"] == 0);
  CHECK(shown["can_choose"] == false);
  CHECK(shown["can_go_on"] == false);
  CHECK(shown["next"] == "Finish");
  course.answer(view, 1);
  course.see(view, state(R"({"step": 11, "tab": "cell"})"));
  shown = course.shown(view);
  CHECK(shown["done"] == true);
  CHECK(shown["next"] == "Finished");

  Course locked = course_of(
      "## A\nx\n```step\n{\"experiment\": {}, \"check\": {\"says\": \"s\", \"path\": \"step\", \"above\": "
      "1}}\n```\n## B\ny\n## C\nz\n");
  view.lesson_step = 1;
  CHECK_FALSE(locked.may_enter(view, 1));
  CHECK_FALSE(locked.may_enter(view, 2));
  locked.see(view, state(R"({"step": 2})"));
  CHECK(locked.may_enter(view, 1));
  CHECK(locked.may_enter(view, 2));
}

TEST_CASE("who begins at a step gets the document of the last step that has one, and what was set since") {
  const Course course = course_of(two_steps);
  const auto [document, from] = course.begins_with("one", 1);
  CHECK(from == 0);
  CHECK(document["view"] == state(R"({"tab": "memory", "log": true})"));
  CHECK(document["lanes"][0]["hidden"] == 8);
  const Course other = course_of(
      "## A\nx\n```step\n{\"experiment\": {}}\n```\n## B\ny\n```step\n{\"start\": {\"view\": {\"log\": "
      "true}}}\n```\n");
  CHECK(other.begins_with("one", 1).second == 1);
  CHECK(other.begins_with("one", 1).first["view"]["log"] == true);
}

TEST_CASE("what was done is kept as JSON; what is damaged or strange in it is let alone") {
  Course course = course_of(two_steps);
  course.leave(at(1));
  const std::string kept = course.progress();
  Course later = course_of(two_steps);
  later.take_progress(kept);
  CHECK(later.done("one", 0));
  CHECK(later.progress() == kept);
  for (const char* text :
       {"", "[", "7", R"({"done": {"one": [99999, -1, "x"], "strange": [1]}, "whole": ["strange", 3]})"})
    later.take_progress(text);
  CHECK(later.progress() == kept);
  later.answer(at(2), 1);
  later.see(at(2), state(R"({"step": 11, "tab": "cell"})"));
  CHECK(later.list()[0]["whole"] == true);
}

TEST_CASE("an unknown lesson is told with those that there are, and a step beyond the last is the last") {
  const Course course = course_of(two_steps);
  CHECK(course.no_such_lesson("three").text() == "view.lesson: \"three\" is no lesson (allowed: one, two)");
  ViewSpec view = at(99);
  CHECK(course.step(view) == 1);
  view.lesson = "two";  // its file is not there yet
  CHECK(course.shown(view)["loading"] == true);
  view.lesson = "three";
  CHECK(course.shown(view).is_null());
}

TEST_CASE("the lessons that ship are whole: each is read, and every step that asks for something has hints") {
  Course course;
  const Status read = course.read_index(file("index.json"));
  INFO((read ? "" : read.error().text()));
  REQUIRE(bool(read));
  CHECK(course.entries().size() == 8);
  for (const LessonEntry& entry : course.entries()) {
    CAPTURE(entry.id);
    const auto lesson = read_lesson(file(entry.id + ".md"));
    INFO((lesson ? "" : lesson.error().text()));
    REQUIRE(bool(lesson));
    CHECK(lesson->steps.size() >= 3);
    for (const LessonStep& step : lesson->steps) {
      CAPTURE(step.title);
      CHECK((step.check.empty() || !step.hints.empty()));
    }
  }
}

}  // namespace unroll
