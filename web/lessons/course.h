// The lessons and where the learner stands in them. Which lesson and which step are open stands in the experiment's view
// (view.lesson, view.lesson_step); this knows what was done, which hints were shown, what was answered. The learner decides
// when to go on: nothing here advances by itself, and what is not done can be left, unless a teacher's lock (view.lesson_lock)
// says otherwise. Knows no screen and no lane: it is given the published state, and says as JSON what is to be shown.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/document/experiment.h"
#include "web/lessons/lesson.h"

namespace unroll {

class Course {
 public:
  Status read_index(std::string_view json);
  const std::vector<LessonEntry>& entries() const { return entries_; }
  const LessonEntry* entry(const std::string& id) const;
  /// What is said of a name that is none of them.
  Error no_such_lesson(const std::string& id) const;

  void put(const std::string& id, Lesson lesson) { lessons_[id] = std::move(lesson); }
  const Lesson* lesson(const std::string& id) const;  ///< null: its file was not read yet
  /// The open lesson's step, whatever number the view has; from 0.
  size_t step(const ViewSpec&) const;

  // What the learner may do, by what was done and what is locked.
  bool done(const std::string& id, size_t step) const;
  bool may_enter(const ViewSpec&, size_t step) const;  ///< another step of the open lesson
  bool may_choose(const ViewSpec&) const;              ///< another lesson, or none
  bool may_hint(const ViewSpec&) const;
  /// The first step that is not done; 0 when all are.
  size_t first_open(const std::string& id) const;
  /// The lesson after this one; null: it is the last.
  const LessonEntry* next(const std::string& id) const;
  /// What a step begins with: the document of the last step up to it that has one, with the view's fields of those since
  /// then; and which step that document is of.
  std::pair<Json, size_t> begins_with(const std::string& id, size_t step) const;

  // What the learner does.
  void leave(const ViewSpec&);  ///< the open step: one that is to be read is done then
  void answer(const ViewSpec&, size_t which);
  void hint(const ViewSpec&);   ///< shows one more
  void begin(const ViewSpec&);  ///< the open step was set up: its conditions are still to be met
  /// The state as it is published: notes which conditions of the open step hold or have held.
  void see(const ViewSpec&, const Json& state);

  /// What is shown of the open lesson; null: none is open.
  Json shown(const ViewSpec&) const;
  Json list() const;  ///< of all lessons

  /// What is kept for the next visit, as JSON, and taking it back; damaged it is as none.
  std::string progress() const;
  void take_progress(const std::string& json);
  int64_t version() const { return version_; }  ///< another number when something of it changed

 private:
  using Place = std::pair<std::string, size_t>;  ///< lesson and step, from 0
  struct Visit {
    std::vector<bool> held;        ///< of each condition, whether it has been so
    std::vector<size_t> feedback;  ///< what applies now
    size_t hints = 0;              ///< shown
    int chosen = -1;               ///< answer
  };
  const LessonStep* open_step(const ViewSpec&) const;
  Place place(const ViewSpec&) const;
  void finish(const Place&);

  std::vector<LessonEntry> entries_;
  std::map<std::string, Lesson> lessons_;
  std::map<std::string, std::set<size_t>> done_;
  std::set<std::string> whole_;  ///< lessons of which every step was done
  std::map<Place, Visit> visits_;
  int64_t version_ = 0;
};

}  // namespace unroll
