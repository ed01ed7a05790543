#include "web/lessons/course.h"

#include <algorithm>

#include "engine/base/utf8.h"

namespace unroll {
namespace {

constexpr size_t most_kept = 64;  // lessons, and steps of one

bool locks(const ViewSpec& view, std::string_view what) {
  return std::ranges::find(view.lesson_lock, what) != view.lesson_lock.end();
}

}  // namespace

Status Course::read_index(std::string_view json) {
  auto entries = read_lesson_index(json);
  if (!entries) return entries.error();
  entries_ = std::move(*entries);
  return ok();
}

const LessonEntry* Course::entry(const std::string& id) const {
  const auto found = std::ranges::find_if(entries_, [&](const LessonEntry& one) { return one.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

Error Course::no_such_lesson(const std::string& id) const {
  std::string names;
  for (const LessonEntry& one : entries_) names += (names.empty() ? "" : ", ") + one.id;
  return {"view.lesson", quotation(id) + " is no lesson", "allowed: " + names};
}

const Lesson* Course::lesson(const std::string& id) const {
  const auto found = lessons_.find(id);
  return found == lessons_.end() ? nullptr : &found->second;
}

size_t Course::step(const ViewSpec& view) const {
  const Lesson* open = lesson(view.lesson);
  const auto number = static_cast<size_t>(std::max(view.lesson_step, 1)) - 1;
  return open ? std::min(number, open->steps.size() - 1) : number;
}

Course::Place Course::place(const ViewSpec& view) const { return {view.lesson, step(view)}; }

const LessonStep* Course::open_step(const ViewSpec& view) const {
  const Lesson* open = lesson(view.lesson);
  return open ? &open->steps[step(view)] : nullptr;
}

// --- What was done, and what may be done ------------------------------------------------------------------------

bool Course::done(const std::string& id, size_t step) const {
  const auto found = done_.find(id);
  return found != done_.end() && found->second.contains(step);
}

void Course::finish(const Place& place) {
  if (!done_[place.first].insert(place.second).second) return;
  ++version_;
  const Lesson* all = lesson(place.first);
  if (all && done_[place.first].size() >= all->steps.size()) whole_.insert(place.first);
}

size_t Course::first_open(const std::string& id) const {
  const Lesson* all = lesson(id);
  for (size_t step = 0; all && step < all->steps.size(); ++step)
    if (!done(id, step)) return step;
  return 0;
}

bool Course::may_enter(const ViewSpec& view, size_t step) const {
  const Lesson* open = lesson(view.lesson);
  if (!open || step >= open->steps.size()) return false;
  if (!locks(view, "next")) return true;
  for (size_t before = this->step(view); before < step; ++before)
    if (open->steps[before].has_task() && !done(view.lesson, before)) return false;
  return true;
}

bool Course::may_choose(const ViewSpec& view) const { return !locks(view, "choose"); }
bool Course::may_hint(const ViewSpec& view) const { return !locks(view, "hints"); }

const LessonEntry* Course::next(const std::string& id) const {
  const LessonEntry* here = entry(id);
  return here && here != &entries_.back() ? here + 1 : nullptr;
}

std::pair<Json, size_t> Course::begins_with(const std::string& id, size_t step) const {
  const Lesson* all = lesson(id);
  if (!all) return {Json(), 0};
  const auto document_of = [&](size_t at) -> const Json& {
    const LessonStep& one = all->steps[at];
    return one.start.is_null() ? one.experiment : one.start;
  };
  size_t from = std::min(step, all->steps.size() - 1);
  while (from > 0 && document_of(from).is_null()) --from;
  Json document = document_of(from);
  for (size_t i = from; i <= step && i < all->steps.size(); ++i)
    for (const auto& [name, value] : all->steps[i].view.items()) document["view"][name] = value;
  return {std::move(document), from};
}

// --- What the learner does --------------------------------------------------------------------------------------

void Course::leave(const ViewSpec& view) {
  if (const LessonStep* step = open_step(view); step && !step->has_task()) finish(place(view));
}

void Course::answer(const ViewSpec& view, size_t which) {
  const LessonStep* step = open_step(view);
  if (!step || !step->question || which >= step->question->answers.size()) return;
  visits_[place(view)].chosen = static_cast<int>(which);
  ++version_;
}

void Course::hint(const ViewSpec& view) {
  const LessonStep* step = open_step(view);
  if (!step || !may_hint(view)) return;
  Visit& visit = visits_[place(view)];
  if (visit.hints >= step->hints.size()) return;
  ++visit.hints;
  ++version_;
}

void Course::begin(const ViewSpec& view) {
  const auto visit = visits_.find(place(view));
  if (visit == visits_.end()) return;
  visit->second.held.clear();
  visit->second.feedback.clear();
  ++version_;
}

void Course::see(const ViewSpec& view, const Json& state) {
  const LessonStep* step = open_step(view);
  if (!step || !step->has_task()) return;
  Visit& visit = visits_[place(view)];
  visit.held.resize(step->check.size());
  bool all = true;
  for (size_t i = 0; i < step->check.size(); ++i) {
    if (!visit.held[i] && holds(step->check[i], state)) {
      visit.held[i] = true;
      ++version_;
    }
    all = all && visit.held[i];
  }
  const bool answered = !step->question || (visit.chosen >= 0 &&
                                            step->question->answers[static_cast<size_t>(visit.chosen)].right);
  if (all && answered) finish(place(view));
  std::vector<size_t> applies;
  for (size_t i = 0; !all && i < step->feedback.size(); ++i)
    if (std::ranges::all_of(step->feedback[i].when, [&](const Condition& one) { return holds(one, state); }))
      applies.push_back(i);
  if (applies == visit.feedback) return;
  visit.feedback = std::move(applies);
  ++version_;
}

// --- What is shown ----------------------------------------------------------------------------------------------

Json Course::shown(const ViewSpec& view) const {
  const LessonEntry* about = entry(view.lesson);
  if (!about) return nullptr;
  Json json = {{"id", about->id},
               {"title", about->title},
               {"number", about - entries_.data() + 1},
               {"of", entries_.size()},
               {"can_choose", may_choose(view)}};
  const LessonStep* step = open_step(view);
  json["loading"] = step == nullptr;
  if (!step) return json;
  const Lesson& all = *lesson(view.lesson);
  const Place here = place(view);
  const auto found = visits_.find(here);
  const Visit visit = found == visits_.end() ? Visit() : found->second;
  Json steps = Json::array();
  for (size_t i = 0; i < all.steps.size(); ++i)
    steps.push_back({{"title", all.steps[i].title},
                     {"done", done(view.lesson, i)},
                     {"free", i == here.second || may_enter(view, i)}});
  Json check = Json::array();
  for (size_t i = 0; i < step->check.size(); ++i)
    check.push_back({{"says", step->check[i].says}, {"holds", i < visit.held.size() && visit.held[i]}});
  Json hints = Json::array();
  for (size_t i = 0; i < visit.hints && may_hint(view); ++i) hints.push_back(to_json(step->hints[i]));
  Json feedback = Json::array();
  for (size_t i : visit.feedback) feedback.push_back(to_json(step->feedback[i].says));
  Json question;
  if (step->question) {
    Json answers = Json::array();
    for (const LessonAnswer& one : step->question->answers) answers.push_back(to_json(one.says));
    const auto chosen = static_cast<size_t>(visit.chosen);
    question = {{"asks", to_json(step->question->asks)},
                {"answers", std::move(answers)},
                {"chosen", visit.chosen},
                {"right", visit.chosen >= 0 && step->question->answers[chosen].right},
                {"reply", visit.chosen >= 0 ? to_json(step->question->answers[chosen].reply) : Json()}};
  }
  const bool last = here.second + 1 == all.steps.size();
  const LessonEntry* then = last && may_choose(view) ? next(view.lesson) : nullptr;
  const bool finished = last && !then && done(view.lesson, here.second);
  json["step"] = here.second + 1;
  json["steps"] = std::move(steps);
  json["text"] = to_json(step->text);
  json["look"] = step->look;
  json["has_task"] = step->has_task();
  json["done"] = done(view.lesson, here.second);
  json["check"] = std::move(check);
  json["question"] = std::move(question);
  json["feedback"] = std::move(feedback);
  json["hints"] = std::move(hints);
  json["more_hints"] = may_hint(view) ? step->hints.size() - visit.hints : 0;
  json["can_go_back"] = here.second > 0;
  json["can_go_on"] =
      last ? !finished && (!step->has_task() || !locks(view, "next") || done(view.lesson, here.second))
           : may_enter(view, here.second + 1);
  json["next"] = !last ? "Next" : then ? "Next lesson: " + then->title : finished ? "Finished" : "Finish";
  return json;
}

Json Course::list() const {
  Json json = Json::array();
  for (const LessonEntry& one : entries_) {
    const auto found = done_.find(one.id);
    json.push_back({{"id", one.id},
                    {"title", one.title},
                    {"summary", one.summary},
                    {"minutes", one.minutes},
                    {"done", found == done_.end() ? size_t{0} : found->second.size()},
                    {"whole", whole_.contains(one.id)}});
  }
  return json;
}

// --- What is kept -----------------------------------------------------------------------------------------------

std::string Course::progress() const {
  Json done = Json::object();
  for (const auto& [id, steps] : done_)
    if (!steps.empty()) done[id] = steps;
  return json_text({{"done", std::move(done)}, {"whole", whole_}});
}

void Course::take_progress(const std::string& json) {
  const auto kept = parse_json(json);
  if (!kept || !kept->is_object()) return;
  const auto known = [&](const std::string& id) { return entry(id) != nullptr; };
  if (kept->contains("done") && (*kept)["done"].is_object())
    for (const auto& [id, steps] : (*kept)["done"].items())
      if (known(id) && steps.is_array())
        for (const Json& step : steps)
          if (step.is_number_unsigned() && step.get<size_t>() < most_kept)
            done_[id].insert(step.get<size_t>());
  if (kept->contains("whole") && (*kept)["whole"].is_array())
    for (const Json& id : (*kept)["whole"])
      if (id.is_string() && known(id.get<std::string>())) whole_.insert(id.get<std::string>());
  ++version_;
}

}  // namespace unroll
