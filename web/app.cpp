#include "web/app.h"

#include <algorithm>
#include <utility>

#include "engine/document/views.h"
#include "engine/document/zip.h"
#include "engine/generators/generator.h"
#include "engine/model/checkpoint_document.h"
#include "engine/model/unroll_file.h"
#include "engine/tasks/sound_lines.h"
#include "engine/tasks/sound_wav.h"
#include "engine/text/text.h"
#include "web/session/json_read.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

constexpr size_t probe_characters = 160;  // when the learner gave no text
constexpr size_t most_probed = 4096;      // characters that a lane takes at once (engine/lane/protocol.h)

std::string as_text(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

/// view.probe, or else the generated text's own, or the beginning of the held-out part.
std::string text_to_probe(const Experiment& experiment) {
  if (const std::string& own = experiment.view.probe; !own.empty()) {
    if (own.size() <= most_probed) return own;
    std::u32string symbols = to_symbols(own);
    if (symbols.size() > most_probed) symbols.resize(most_probed);
    return encode_utf8(symbols);
  }
  if (const Generator* generator = generator_of(experiment.data)) return generator->timeline;
  // From the start of a line where there is one.
  const std::string& text = experiment.data.text;
  const double held_out = static_cast<double>(text.size()) * (1 - experiment.data.valid);
  size_t begin = std::min(static_cast<size_t>(std::max(held_out, 0.0)), text.size());
  if (text.size() - begin < probe_characters) begin = text.size() - std::min(text.size(), probe_characters);
  if (begin > 0) {
    const size_t line = text.find('\n', begin), word = text.find(' ', begin);
    if (line < begin + 400 && text.size() - line > probe_characters)
      begin = std::min(text.find_first_not_of('\n', line), text.size() - probe_characters);
    else if (word < begin + 40)
      begin = word + 1;
  }
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) ++begin;
  std::u32string symbols = to_symbols(std::string_view(text).substr(begin, 4 * probe_characters));
  if (symbols.size() > probe_characters) symbols.resize(probe_characters);
  return encode_utf8(symbols);
}

/// Whether the words mean this panel: by its name, or by that of the room `inside`.
bool names(const std::vector<std::string>& words, std::string_view panel) {
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (has(panel)) return true;
  return has(room_names[static_cast<size_t>(Room::inside)]) &&
         std::any_of(std::begin(view_names), std::end(view_names),
                     [&](const ViewName& view) { return view.room == Room::inside && panel == view.name; });
}

}  // namespace

// --- Panels ---------------------------------------------------------------------------------------------------

bool App::hides(std::string_view panel) const {
  const ViewSpec& view = session.wanted.view;
  return names(view.hide, panel) || (!view.show.empty() && !names(view.show, panel));
}
bool App::locks(std::string_view panel) const { return names(session.wanted.view.lock, panel); }

// --- What is opened -------------------------------------------------------------------------------------------

void App::load_examples() {
  for (const Generator* one : generators())
    examples.push_back({.id = one->id,
                        .group = std::string("Without end: ") + one->group,
                        .title = one->title,
                        .good_for = one->good_for,
                        .file = {},
                        .task = {},
                        .source = {},
                        .notice = {}});
  if (const Status status = course.read_index(as_text(platform::asset("examples/lessons/index.json")));
      !status)
    session.report({"lessons/index.json " + status.error().where, status.error().what, status.error().hint},
                   "lesson");
  const Json index = Json::parse(as_text(platform::asset("examples/index.json")), nullptr, false);
  if (!index.is_array()) return;
  for (const Json& entry : index) {
    BuiltIn example{.id = read::text(entry, "id"),
                    .group = read::text(entry, "group"),
                    .title = read::text(entry, "title"),
                    .good_for = read::text(entry, "good_for"),
                    .file = read::text(entry, "file"),
                    .task = read::text(entry, "task"),
                    .source = read::text(entry, "source"),
                    .notice = read::text(entry, "notice")};
    (example.task.empty() ? examples : task_data).push_back(std::move(example));
  }
}

const BuiltIn* App::find_example(const std::string& id) const {
  for (const std::vector<BuiltIn>* list : {&examples, &task_data})
    for (const BuiltIn& example : *list)
      if (example.id == id) return &example;
  return nullptr;
}

const BuiltIn* App::built_in_data(const TaskKind& kind) const {
  const auto found = std::find_if(task_data.begin(), task_data.end(),
                                  [&](const BuiltIn& example) { return example.task == kind.name; });
  return found == task_data.end() ? nullptr : &*found;
}

bool App::waits_for(const std::string& id, std::function<void()> then) {
  const BuiltIn* example = id.empty() ? nullptr : find_example(id);
  if (!example || example->file.empty()) return false;
  const std::string name = "examples/" + example->file;
  if (!platform::asset_is_coming(name.c_str())) return false;
  (void)platform::asset(name.c_str());  // from now on it is fetched
  coming_ = Coming{name, std::move(then)};
  return true;
}

void App::take_data() {
  if (!coming_ || platform::asset_is_coming(coming_->asset.c_str())) return;
  const std::function<void()> then = std::move(coming_->then);
  coming_.reset();
  then();
}

Result<std::string> App::resolve(Experiment& experiment) const {
  if (experiment.data.example.empty() || generator_of(experiment.data)) return std::string();
  const std::string id = std::exchange(experiment.data.example, {});
  const BuiltIn* found = find_example(id);
  if (!found) {
    std::string known;
    for (const BuiltIn& e : examples) known += (known.empty() ? "" : ", ") + e.id;
    return Error{"data.example", "\"" + id + "\" is not a built-in text", "allowed: " + known};
  }
  experiment.data.text = as_text(platform::asset(("examples/" + found->file).c_str()));
  if (experiment.data.text.empty())
    return Error{
        "data.example", "\"" + id + "\" is not there",
        "without a connection it cannot be fetched; of one's own site: it is made from an npm package, "
        "run npm ci in Unroll's folder and build again"};
  return id;
}

void App::open_experiment(const std::string& json, const std::string& from) {
  const auto refuse = [&](Error error) {
    if (session.lanes.empty()) open_default();  // first: what opens settles what was said of files
    if (!from.empty()) error.where = from + (error.where.empty() ? "" : ", " + error.where);
    address_is_wrong = true;
    session.report(std::move(error), "file");
  };
  auto experiment = parse_experiment(json);
  if (!experiment) return refuse(experiment.error());
  if (waits_for(experiment->data.example, [this, json, from] { open_experiment(json, from); })) return;
  const auto example = resolve(*experiment);
  if (!example) return refuse(example.error());
  if (const Status status = Session::check(*experiment); !status) return refuse(status.error());
  session.open(std::move(*experiment), *example);
}

void App::open_default() {
  Experiment experiment = default_experiment();
  const auto example = resolve(experiment);
  session.open(std::move(experiment), example ? *example : "");
}

void App::choose_example(const BuiltIn& example) {
  if (waits_for(example.id, [this, &example] { choose_example(example); })) return;
  Experiment chosen;
  chosen.data.example = example.id;
  const auto read = resolve(chosen);
  if (!read) return session.report(read.error(), "file");
  take_text(*read, chosen.data);
}

void App::choose_task(const TaskKind& kind) {
  auto experiment = parse_experiment(kind.start);
  if (!experiment) return session.report(experiment.error());
  const BuiltIn* data = built_in_data(kind);
  if (data && waits_for(data->id, [this, &kind] { choose_task(kind); })) return;
  Experiment chosen = *experiment;
  if (data) chosen.data.example = data->id;
  auto example = resolve(chosen);
  if (!example && data) {  // the start's own few
    chosen = std::move(*experiment);
    example = resolve(chosen);
  }
  if (!example) return session.report(example.error());
  ViewSpec view = session.wanted.view;  // how one looks at things stays; what was asked about the data goes
  view.probe.clear();
  view.prefix.clear();
  view.autoplay = false;
  chosen.view = std::move(view);
  session.open(std::move(chosen), *example);
}

/// Another text as a whole: what was asked about the one before makes no sense with it.
void App::take_text(const std::string& example, DataSpec& data) {
  session.wanted.data.text = std::move(data.text);
  session.wanted.data.example = std::move(data.example);
  session.example = example;
  session.wanted.view.probe.clear();
  session.wanted.view.prefix.clear();
  session.settle("file");
  session.data_edited();
}

void App::open_file(platform::File file) {
  const auto refuse = [&](std::string what, std::string hint) {
    session.report({file.name, std::move(what), std::move(hint)}, "file");
  };
  const auto ends_with = [&](std::string_view end) {  // A.SAFETENSORS, too
    const std::string& name = file.name;
    return name.size() >= end.size() &&
           std::equal(end.rbegin(), end.rend(), name.rbegin(), [](char a, char b) {
             return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
           });
  };
  if (ends_with(".unroll") || looks_like_zip(file.bytes)) return open_whole(std::move(file));
  if (ends_with(".safetensors")) {
    Experiment document;
    if (auto found = experiment_of_checkpoint(file.bytes))
      document = std::move(*found);  // else the lane says it
    const auto example = resolve(document);
    if (!example) return refuse(example.error().where + ": " + example.error().what, example.error().hint);
    if (example->empty()) document.data.text.clear();
    return session.open_checkpoint(file.name, std::move(file.bytes), *example, std::move(document.data.text));
  }
  if (looks_like_wav(file.bytes)) return hear_file(file);
  std::string text = as_text(file.bytes);
  if (ends_with(".json")) return open_experiment(text, file.name);
  if (text.size() > Limits::text_bytes)
    return refuse("the file has " + ui::count_text(static_cast<double>(text.size())) + " bytes",
                  "allowed: texts up to 16 MiB");
  auto clean = clean_utf8(std::move(text));
  if (!clean) return refuse(clean.error().where + ": " + clean.error().what, clean.error().hint);
  const TaskLooks& looks = task().looks;
  if (!looks.own_data)
    return refuse("the task " + std::string(task().title) + " takes no data of one's own",
                  "its sequences are generated; choose another task first, then open the file");
  if (session.is_text()) {
    if (const auto corpus = make_corpus(*clean, session.wanted.data.valid); !corpus)
      return refuse(corpus.error().what, corpus.error().hint);
  } else if (looks.own_data_use.field) {
    (void)set_task_field(session.wanted, looks.own_data_use.field, looks.own_data_use.words.front());
  }
  DataSpec data;
  data.text = std::move(*clean);
  take_text("", data);
}

void App::hear_file(const platform::File& file) {
  if (!task().looks.heard)
    return session.report(
        {file.name, "is a recording, and the task " + std::string(task().title) + " hears none",
         "choose the task Spoken words first, then drop it again"},
        "file");
  const auto line = sound_line(file.name, file.bytes);
  if (!line) return session.report({file.name, line.error().what, line.error().hint}, "file");
  std::string& lines = session.wanted.data.text;
  if (lines.size() + line->size() + 2 > Limits::text_bytes)
    return session.report({file.name, "is one recording too many", "allowed: 16 MiB of what is heard"},
                          "file");
  if (!lines.empty() && lines.back() != '\n') lines += '\n';
  lines += *line + '\n';
  session.settle("file");
  session.text_edited();
}

void App::open_whole(platform::File file) {
  const auto refuse = [&](const Error& error) {
    if (!file.record.empty() && !file.older)
      return platform::open_kept(file.record, true);  // the generation before
    session.report({file.name + (error.where.empty() ? "" : ", " + error.where), error.what, error.hint},
                   "file");
  };
  auto read = read_unroll_file(file.bytes);
  if (!read) return refuse(read.error());
  Opening opening{.file = file.name, .experiment = std::move(read->experiment), .example = {}, .lanes = {}};
  const auto example = resolve(opening.experiment);
  if (!example) return refuse(example.error());
  opening.example = *example;
  if (const Status status = Session::check(opening.experiment); !status) return refuse(status.error());
  if (read->learned) {
    opening.learned = std::move(*read->learned);
    const auto learned = resolve(*opening.learned);
    if (!learned) return refuse(learned.error());
    opening.learned_example = *learned;
  }
  for (UnrollFile::Lane& lane : read->lanes)
    opening.lanes.push_back(
        {.checkpoint = {lane.checkpoint.begin(), lane.checkpoint.end()}, .told = std::move(lane.told)});
  opening.record = file.record;
  opening.older = file.older;
  session.open_saved(std::move(opening));
}

Experiment App::to_share() const {
  Experiment experiment = session.wanted;
  if (!session.example.empty()) {
    experiment.data.text.clear();
    experiment.data.example = session.example;
  }
  return experiment;
}

void App::note_edits() { edits.note(session.document(), platform::seconds()); }

void App::walk_edits(bool back) {
  note_edits();
  const auto document = back ? edits.undo() : edits.redo();
  if (!document) return;
  session.show(*document);
  edits.correct(session.document());
}

void App::update() {
  chosen.lane = std::min(chosen.lane, session.lanes.size() - 1);
  const bool own = session.reads_text() && !session.wanted.view.probe.empty();
  if (!session.is_text() && !own) {
    probed_ = {.text = "", .example = chosen.example};
    const ExampleView* told = session.ask_example(chosen.example);
    timeline_text_ = told ? told->inputs : U"";
    return;
  }
  probed_ = {.text = text_to_probe(session.wanted)};
  for (const auto& lane : session.lanes)
    if (!lane->probe.text.empty()) {
      timeline_text_ = lane->probe.text;
      return;
    }
  timeline_text_ = to_symbols(probed_.text);
}

size_t App::time_step() const {
  const size_t n = timeline_text_.size();
  const bool any = chosen.column >= 0 && static_cast<size_t>(chosen.column) < n;
  if (const ExampleView* shown = example(); shown && !any) {
    size_t last = 0;
    for (size_t t = 0; t < n; ++t)
      if (shown->asks(t)) last = t;
    for (const ExampleView::Mark& mark : shown->marks)
      if (mark.needed) last = mark.position;
    return last;
  }
  const size_t end = std::min(n, chosen.visible_end);
  return any ? static_cast<size_t>(chosen.column) : end - std::min<size_t>(end, 1);
}

// --- Actions --------------------------------------------------------------------------------------------------

void App::act(const std::string& action) {
  if (action == "train") {
    if (session.running())
      session.pause();
    else
      session.train();
  } else if (action == "step") {
    session.step_once();
  } else if (action == "reset") {
    session.reset();
  } else if (action == "new-seed") {
    session.new_seed();
  } else if (action == "undo" || action == "redo") {
    walk_edits(action == "undo");
  } else if (action == "save") {
    saving_open = !saving_open;
  } else if (action == "save-file") {
    keeper.save_file(session);
  } else if (action == "go-on") {
    if (const KeptRecord* record = keeper.offered(session)) keeper.go_on(std::string(record->id));
  } else if (action == "come-back") {
    session.come_back();
  } else if (action == "theme") {
    session.wanted.view.theme = palette().dark ? "light" : "dark";
  } else if (action == "share") {
    if (platform::share(to_json(to_share()))) {
      copied_at = platform::seconds();
      platform::wake_in(2.1);
    }
  } else if (action == "help") {
    help_open = !help_open;
  } else if (action.starts_with("lesson") || action.starts_with("welcome")) {
    guided.push_back(action);
    platform::wake_in(0);
  }
}

}  // namespace unroll
