#include "web/lessons/lesson.h"

#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/document/experiment.h"

namespace unroll {
namespace {

/// A step as it stands in the file: its title, its text, and the JSON of its block.
struct Raw {
  std::string title, text, json;
};

Result<std::vector<Raw>> split(std::string_view text) {
  std::vector<Raw> steps;
  bool in_json = false, in_code = false, has_json = false;
  for (size_t line_number = 1; !text.empty(); ++line_number) {
    const size_t end = text.find('\n');
    const std::string line(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const std::string where = "line " + std::to_string(line_number);
    const bool fence = line.starts_with("```");
    if (!in_code && !in_json && line.starts_with("## ")) {
      steps.push_back({line.substr(3), "", ""});
      has_json = false;
      continue;
    }
    if (steps.empty()) {
      if (line.find_first_not_of(" \r") != line.npos)
        return Error{where, "stands before the first step", "a step begins with a line \"## Its title\""};
      continue;
    }
    if (fence && in_json) {
      in_json = false;
    } else if (fence && !in_code && line.starts_with("```step")) {
      if (has_json) return Error{where, "a second block of one step", "put its fields into the first"};
      in_json = has_json = true;
    } else if (in_json) {
      steps.back().json += line + "\n";
    } else {
      if (fence) in_code = !in_code;
      steps.back().text += line + "\n";
    }
  }
  if (in_json || in_code) return Error{"", "its last block has no end", "end it with a line ```"};
  return steps;
}

/// Texts of a step: one, or a list of lines that become one.
Result<Blocks> words(const Json& value, const std::string& where) {
  std::string text;
  const Json list = value.is_array() ? value : Json::array({value});
  for (const Json& line : list) {
    if (!line.is_string()) return Error{where, "is no text", "a text, or a list of its lines"};
    text += line.get<std::string>() + "\n";
  }
  Blocks blocks = read_blocks(text);
  if (blocks.empty()) return Error{where, "is empty", "say something, or leave it out"};
  return blocks;
}

struct Fields {
  LessonStep& step;
  std::string where;

  Status document(const Json& value, Json& field) {
    if (!value.is_object()) return Error{where, "is no object", "an experiment, as in a link"};
    field = value;
    field["unroll"] = 1;
    if (const auto parsed = parse_experiment(json_text(field)); !parsed)
      return Error{where + "." + parsed.error().where, parsed.error().what, parsed.error().hint};
    return ok();
  }
  Status experiment(const Json& value) { return document(value, step.experiment); }
  Status start(const Json& value) { return document(value, step.start); }
  Status view(const Json& value) {
    const Json document = {{"unroll", 1}, {"view", value}};
    if (const auto parsed = parse_experiment(json_text(document)); !parsed)
      return Error{where + ", " + parsed.error().where, parsed.error().what, parsed.error().hint};
    step.view = value;
    return ok();
  }
  Status look(const Json& value) {
    for (const Json& one : value.is_array() ? value : Json::array({value})) {
      if (!one.is_string()) return Error{where, "is no name of a widget", "as \"tab.memory\""};
      step.look.push_back(one.get<std::string>());
    }
    return ok();
  }
  Status check(const Json& value) {
    auto conditions = read_conditions(value, where, true);
    if (!conditions) return conditions.error();
    step.check = std::move(*conditions);
    return ok();
  }
  Status feedback(const Json& value) {
    if (!value.is_array())
      return Error{where, "is no list", "a list of {\"when\": conditions, \"says\": text}"};
    for (size_t i = 0; i < value.size(); ++i) {
      const std::string place = where + "[" + std::to_string(i) + "]";
      if (!value[i].is_object() || !value[i].contains("when") || !value[i].contains("says") ||
          value[i].size() != 2)
        return Error{place, "has other fields", "needed: when and says"};
      auto when = read_conditions(value[i]["when"], place + ".when", false);
      if (!when) return when.error();
      auto says = words(value[i]["says"], place + ".says");
      if (!says) return says.error();
      step.feedback.push_back({std::move(*when), std::move(*says)});
    }
    return ok();
  }
  Status hints(const Json& value) {
    if (!value.is_array() || value.size() > LessonLimits::hints)
      return Error{where, "is no list of hints",
                   "up to " + std::to_string(LessonLimits::hints) + ", the last one the solution"};
    for (size_t i = 0; i < value.size(); ++i) {
      auto hint = words(value[i], where + "[" + std::to_string(i) + "]");
      if (!hint) return hint.error();
      step.hints.push_back(std::move(*hint));
    }
    return ok();
  }
  Status question(const Json& value) {
    if (!value.is_object() || !value.contains("asks") || !value.contains("answers") || value.size() != 2)
      return Error{where, "has other fields", "needed: asks and answers"};
    LessonQuestion question;
    auto asks = words(value["asks"], where + ".asks");
    if (!asks) return asks.error();
    question.asks = std::move(*asks);
    const Json& answers = value["answers"];
    if (!answers.is_array() || answers.size() < 2 || answers.size() > LessonLimits::answers)
      return Error{where + ".answers", "is no list of answers",
                   "2 to " + std::to_string(LessonLimits::answers) + " of them"};
    for (size_t i = 0; i < answers.size(); ++i) {
      const std::string place = where + ".answers[" + std::to_string(i) + "]";
      const Json& one = answers[i];
      const size_t others = one.is_object() && one.contains("right") ? 3 : 2;
      if (!one.is_object() || !one.contains("says") || !one.contains("reply") || one.size() != others)
        return Error{place, "has other fields", "needed: says and reply; of the right one \"right\": true"};
      auto says = words(one["says"], place + ".says");
      if (!says) return says.error();
      auto reply = words(one["reply"], place + ".reply");
      if (!reply) return reply.error();
      if (others == 3 && one["right"] != true)
        return Error{place + ".right", "is not true", "leave it out of wrong ones"};
      question.answers.push_back({std::move(*says), std::move(*reply), others == 3});
    }
    if (std::ranges::count_if(question.answers, &LessonAnswer::right) != 1)
      return Error{where + ".answers", "has not one right answer", "give one of them \"right\": true"};
    step.question = std::move(question);
    return ok();
  }
};

struct FieldReader {
  const char* name;
  Status (Fields::*read)(const Json&);
};
constexpr FieldReader field_readers[] = {
    {"experiment", &Fields::experiment},
    {"start", &Fields::start},
    {"view", &Fields::view},
    {"look", &Fields::look},
    {"check", &Fields::check},
    {"question", &Fields::question},
    {"feedback", &Fields::feedback},
    {"hints", &Fields::hints},
};

Result<LessonStep> read_step(const Raw& raw, const std::string& where) {
  LessonStep step;
  step.title = raw.title;
  step.text = read_blocks(raw.text);
  if (step.title.empty() || step.text.empty())
    return Error{where, "has no text", "write below its title what is seen and what is to be done"};
  if (raw.json.empty()) return step;
  auto object = parse_json(raw.json, {.depth = 12, .values = 2000});
  if (!object) return Error{where, object.error().what, object.error().hint};
  if (!object->is_object()) return Error{where, "its block is no object", "{\"check\": …, \"hints\": …}"};
  for (const auto& [name, value] : object->items()) {
    const auto found =
        std::ranges::find_if(field_readers, [&](const FieldReader& one) { return name == one.name; });
    if (found == std::end(field_readers)) {
      std::string names;
      for (const FieldReader& one : field_readers)
        names += (names.empty() ? "" : ", ") + std::string(one.name);
      return Error{where, "unknown field " + quotation(name), "allowed: " + names};
    }
    Fields fields{step, where + ", " + name};
    if (const Status status = (fields.*found->read)(value); !status) return status.error();
  }
  if (!step.hints.empty() && !step.has_task())
    return Error{where + ", hints", "stand where nothing is asked", "give a check or a question as well"};
  return step;
}

bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= 40 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

Result<Lesson> read_lesson(std::string_view text) {
  if (text.size() > LessonLimits::bytes)
    return Error{"", "has " + std::to_string(text.size()) + " bytes",
                 "allowed: up to " + std::to_string(LessonLimits::bytes)};
  auto clean = clean_utf8(std::string(text));
  if (!clean) return clean.error();
  auto raw = split(*clean);
  if (!raw) return raw.error();
  if (raw->empty() || raw->size() > LessonLimits::steps)
    return Error{
        "", "has " + std::to_string(raw->size()) + " steps",
        "allowed: 1 to " + std::to_string(LessonLimits::steps) + "; a step begins with \"## Its title\""};
  Lesson lesson;
  for (const Raw& one : *raw) {
    const size_t number = lesson.steps.size() + 1;
    auto step = read_step(one, "step " + std::to_string(number));
    if (!step) return step.error();
    lesson.steps.push_back(std::move(*step));
  }
  if (lesson.steps[0].experiment.is_null())
    return Error{"step 1", "has no experiment", "a lesson says with what it begins"};
  return lesson;
}

Result<std::vector<LessonEntry>> read_lesson_index(std::string_view json) {
  auto list = parse_json(json);
  if (!list) return list.error();
  if (!list->is_array()) return Error{"", "is no list", "a list of lessons"};
  std::vector<LessonEntry> entries;
  for (size_t i = 0; i < list->size(); ++i) {
    const Json& one = (*list)[i];
    const std::string where = "[" + std::to_string(i) + "]";
    const auto text = [&](const char* name) {
      return one.is_object() && one.contains(name) && one[name].is_string() ? one[name].get<std::string>()
                                                                            : std::string();
    };
    LessonEntry entry;
    entry.id = text("id");
    entry.title = text("title");
    entry.summary = text("summary");
    if (!is_id(entry.id)) return Error{where + ".id", "is no name of a file", "a to z, 0 to 9 and -"};
    if (entry.title.empty() || entry.summary.empty())
      return Error{where, "has no title or no summary", "a lesson has both"};
    if (!one.contains("minutes") || !one["minutes"].is_number_unsigned())
      return Error{where + ".minutes", "is missing", "how long it takes, a whole number"};
    entry.minutes = one["minutes"].get<int>();
    if (std::ranges::any_of(entries, [&](const LessonEntry& other) { return other.id == entry.id; }))
      return Error{where + ".id", "comes twice: " + entry.id, "each lesson once"};
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace unroll
