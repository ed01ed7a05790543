// Lessons and the first visit: what their buttons do. The page around the canvas shows them (web/page/lesson.mjs) and sends
// what is pressed:
//   lessons                       shows the list of lessons, or closes what is open
//   lesson.open:ID · lesson.list · lesson.close
//   lesson.next · lesson.back · lesson.step:N · lesson.again (sets the step up anew)
//   lesson.hint · lesson.answer:N
//   welcome.text · welcome.remember · welcome.cell · welcome.close
#include <algorithm>
#include <charconv>
#include <string_view>

#include "engine/base/json.h"
#include "web/playground.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

constexpr const char* note = "lessons";
constexpr const char* who_remembers = "vanishing-gradient";
constexpr const char* build_a_cell = "build-a-cell";
/// Of the view what a lesson leaves as it is.
constexpr const char* kept_fields[] = {"theme",  "units",       "keep",       "hide",
                                       "lesson", "lesson_step", "lesson_lock"};

/// The fields of a view that differ from their defaults.
Json fields_of(const ViewSpec& view) {
  Experiment experiment = default_experiment();
  experiment.view = view;
  const Json document = Json::parse(to_json(experiment), nullptr, false);
  return document.contains("view") ? document["view"] : Json::object();
}

/// The view with these fields.
ViewSpec with(const ViewSpec& view, const Json& fields) {
  Json document = {{"unroll", 1}, {"view", fields_of(view)}};
  document["view"].update(fields);
  const auto changed = parse_experiment(json_text(document));
  return changed ? changed->view : view;
}

/// Nobody has said what is learned: a link that names a lesson and nothing else.
bool is_default(Experiment experiment, const std::string& example) {
  const Experiment standard = default_experiment();
  experiment.view = standard.view;
  if (!example.empty()) experiment.data = standard.data;
  return experiment == standard;
}

size_t number(std::string_view text) {
  size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

void Playground::guide() {
  welcome();
  for (const std::string& action : std::exchange(app_.guided, {})) guide(action);
  Session& session = app_.session;
  ViewSpec& view = session.wanted.view;
  if (view.lesson.empty()) {
    arranging_.reset();
    followed_.clear();
    return;
  }
  if (!read_open_lesson()) return;
  if (followed_ != view.lesson && !arranging_ && is_default(session.wanted, session.example))
    arranging_ = {.step = app_.course.step(view), .train = view.autoplay, .instead = true};
  followed_ = view.lesson;
  view.lesson_step = static_cast<int>(app_.course.step(view)) + 1;
  if (arranging_) set_up_step();
}

bool Playground::read_open_lesson() {
  Session& session = app_.session;
  const std::string id = session.wanted.view.lesson;
  if (app_.course.lesson(id)) return true;
  const auto refuse = [&](Error error) {
    session.report(std::move(error), "lesson");
    session.wanted.view.lesson.clear();
    arranging_.reset();
    return false;
  };
  if (!app_.course.entry(id)) return refuse(app_.course.no_such_lesson(id));
  const std::string name = "examples/lessons/" + id + ".md";
  const std::vector<uint8_t> file = platform::asset(name.c_str());
  if (file.empty() && platform::asset_is_coming(name.c_str())) return false;
  if (file.empty())
    return refuse(
        {name, "is not there", "without a connection it cannot be fetched: try again when there is one"});
  auto lesson = read_lesson({reinterpret_cast<const char*>(file.data()), file.size()});
  if (!lesson)
    return refuse({name + (lesson.error().where.empty() ? "" : ", " + lesson.error().where),
                   lesson.error().what, lesson.error().hint});
  session.settle("lesson");
  app_.course.put(id, std::move(*lesson));
  return true;
}

// --- Lessons --------------------------------------------------------------------------------------------------

void Playground::open_lesson(const std::string& id, bool train) {
  if (!app_.course.entry(id)) return;
  app_.lessons_listed = false;
  app_.session.wanted.view.lesson = id;
  app_.session.wanted.view.lesson_step = 1;
  arranging_ = {.step = {}, .train = train, .instead = false};
}

void Playground::close_lesson() {
  app_.lessons_listed = false;
  app_.session.wanted.view.lesson.clear();
  app_.session.wanted.view.lesson_step = 1;
}

void Playground::set_up_step() {
  Session& session = app_.session;
  ViewSpec& view = session.wanted.view;
  Course& course = app_.course;
  const Arrangement wish = *std::exchange(arranging_, std::nullopt);
  const size_t step = wish.step.value_or(course.first_open(view.lesson));
  view.lesson_step = static_cast<int>(step) + 1;
  auto [document, from] = course.begins_with(view.lesson, step);
  const Json now = fields_of(view);
  for (const char* name : kept_fields)
    if (now.contains(name)) document["view"][name] = now[name];
  arranged_ = {view.lesson, from};
  app_.open_experiment(json_text(document));
  if (wish.instead) session.let_go();
  course.begin(session.wanted.view);
  if (wish.train) session.train();
}

void Playground::enter_step(size_t step) {
  ViewSpec& view = app_.session.wanted.view;
  const LessonStep& next = app_.course.lesson(view.lesson)->steps[step];
  view.lesson_step = static_cast<int>(step) + 1;
  if (!next.experiment.is_null() && arranged_ != std::pair(view.lesson, step))
    arranging_ = {.step = step, .train = false, .instead = false};
  else
    view = with(view, next.view);
}

void Playground::guide(const std::string& action) {
  ViewSpec& view = app_.session.wanted.view;
  Course& course = app_.course;
  const size_t colon = std::min(action.find(':'), action.size());
  const std::string what = action.substr(0, colon), which = action.substr(std::min(colon + 1, action.size()));
  if (what.starts_with("welcome")) {
    if (!std::exchange(app_.welcoming, false)) return;
    platform::keep_note(note, course.progress());
    if (what == "welcome.text") {
      view.tab = app_.mode == Mode::wide ? "learn" : "text";
      app_.session.train();
    }
    if (what == "welcome.remember") open_lesson(who_remembers, true);
    if (what == "welcome.cell") open_lesson(build_a_cell, true);
    return;
  }
  if (what == "lesson.hint") return course.hint(view);
  if (what == "lesson.answer") return course.answer(view, number(which));
  const Lesson* open = course.lesson(view.lesson);
  const size_t step = course.step(view);
  if (open && what == "lesson.back" && step > 0) view.lesson_step = static_cast<int>(step);
  if (open && what == "lesson.step" && number(which) > 0 && course.may_enter(view, number(which) - 1))
    view.lesson_step = static_cast<int>(number(which));
  if (open && what == "lesson.again") arranging_ = {.step = step, .train = false, .instead = false};
  if (open && what == "lesson.next") {
    const bool last = step + 1 == open->steps.size();
    if (!last && !course.may_enter(view, step + 1)) return;
    course.leave(view);
    if (!last) return enter_step(step + 1);
    if (!course.may_choose(view)) return;
    if (const LessonEntry* next = course.next(view.lesson)) return open_lesson(next->id, false);
    close_lesson();
    app_.lessons_listed = true;
    return;
  }
  if (!course.may_choose(view)) return;
  if (what == "lessons" || what == "lesson.close") {
    if (what == "lesson.close" || app_.lessons_open())
      close_lesson();
    else
      app_.lessons_listed = true;
  }
  if (what == "lesson.list") {
    close_lesson();
    app_.lessons_listed = true;
  }
  if (what == "lesson.open") open_lesson(which, false);
}

// --- The first visit, and what is kept -------------------------------------------------------------------------

void Playground::welcome() {
  const Session& session = app_.session;
  Course& course = app_.course;
  if (app_.welcoming && (session.trained() || app_.lessons_open() || session.opens())) {
    app_.welcoming = false;  // the visitor has found a way
    platform::keep_note(note, course.progress());
  }
  if (!app_.keeper.on(session.wanted.view)) return;  // which is not known in the first frames
  if (!std::exchange(took_progress_, true)) {
    const std::string kept = platform::kept_note(note);
    course.take_progress(kept);
    kept_progress_ = course.version();
    app_.welcoming = came_bare_ && kept.empty() && app_.keeper.records().empty() && !session.trained() &&
                     !app_.lessons_open();
  }
  if (course.version() == kept_progress_) return;
  course.take_progress(platform::kept_note(note));  // of another tab
  kept_progress_ = course.version();
  platform::keep_note(note, course.progress());
}

}  // namespace unroll
