// A lesson: steps of text over a running experiment, as data (examples/lessons, docs/lessons.md). It is read whole, with every
// experiment, view and condition in it, before anything of it is used; errors name the step and the field.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/lessons/check.h"
#include "web/lessons/markdown.h"

namespace unroll {

struct LessonAnswer {
  Blocks says, reply;  ///< the reply is said when it is chosen
  bool right = false;
};

struct LessonQuestion {
  Blocks asks;
  std::vector<LessonAnswer> answers;  ///< one of them is right
};

/// Said while its conditions hold and the step is not done: of the usual wrong turn.
struct LessonFeedback {
  std::vector<Condition> when;
  Blocks says;
};

struct LessonStep {
  std::string title;
  Blocks text;
  Json experiment;  ///< a whole document, opened as the step begins; null: what is there goes on
  Json start;       ///< the same for who begins at this step; who comes from the one before goes on
  Json view = Json::object();              ///< fields of the view that are set then
  std::vector<std::string> look;           ///< widgets: the first that is on the screen is pointed at
  std::vector<Condition> check;            ///< all have to have been so; empty: a step to read
  std::optional<LessonQuestion> question;  ///< … and this is to be answered rightly
  std::vector<LessonFeedback> feedback;
  std::vector<Blocks> hints;  ///< in stages, the last is the solution

  bool has_task() const { return !check.empty() || question.has_value(); }
};

struct Lesson {
  std::vector<LessonStep> steps;
};

struct LessonLimits {
  static constexpr size_t bytes = 200'000, steps = 40, hints = 6, answers = 6;
};

/// `text`: as in docs/lessons.md.
Result<Lesson> read_lesson(std::string_view text);

/// One line of the table of lessons, examples/lessons/index.json.
struct LessonEntry {
  std::string id;  ///< the name of its file without the ending
  std::string title, summary;
  int minutes = 0;  ///< that it takes, about
};
Result<std::vector<LessonEntry>> read_lesson_index(std::string_view json);

}  // namespace unroll
