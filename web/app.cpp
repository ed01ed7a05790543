#include "web/app.h"

#include <algorithm>

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

bool ends_with(const std::string& name, std::string_view end) {
  return name.size() >= end.size() && std::string_view(name).substr(name.size() - end.size()) == end;
}

/// view.probe, or else the beginning of the held-out part.
std::string text_to_probe(const Experiment& experiment) {
  if (const std::string& own = experiment.view.probe; !own.empty()) {
    if (own.size() <= most_probed) return own;
    std::u32string symbols = to_symbols(own);
    if (symbols.size() > most_probed) symbols.resize(most_probed);
    return encode_utf8(symbols);
  }
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

}  // namespace

// --- What is opened -------------------------------------------------------------------------------------------

void App::load_examples() {
  const Json index = Json::parse(as_text(platform::asset("examples/index.json")), nullptr, false);
  if (!index.is_array()) return;
  for (const Json& entry : index)
    examples.push_back({read::text(entry, "id"), read::text(entry, "group"), read::text(entry, "title"),
                        read::text(entry, "good_for"), read::text(entry, "file")});
}

void App::resolve(Experiment& experiment) {
  session.example.clear();
  if (experiment.data.example.empty()) return;
  const auto found = std::find_if(examples.begin(), examples.end(),
                                  [&](const Example& e) { return e.id == experiment.data.example; });
  if (found == examples.end()) {
    std::string known;
    for (const Example& e : examples) known += (known.empty() ? "" : ", ") + e.id;
    session.report(
        {"data.example", "\"" + experiment.data.example + "\" is not a built-in text", "allowed: " + known});
  } else {
    experiment.data.text = as_text(platform::asset(("examples/" + found->file).c_str()));
    session.example = found->id;
  }
  experiment.data.example.clear();
}

void App::open_experiment(const std::string& json) {
  auto experiment = parse_experiment(json);
  if (!experiment) return session.report(experiment.error());
  resolve(*experiment);
  session.open(std::move(*experiment), session.example);
}

void App::open_default() {
  Experiment experiment = default_experiment();
  resolve(experiment);
  session.open(experiment, session.example);
}

void App::choose_example(size_t index) {
  Experiment chosen;
  chosen.data.example = examples[index].id;
  resolve(chosen);
  session.wanted.data.text = std::move(chosen.data.text);
  session.wanted.view.probe.clear();
  session.wanted.view.prefix.clear();
  session.text_edited();
}

void App::open_file(platform::File file) {
  if (ends_with(file.name, ".safetensors")) return session.open_checkpoint(std::move(file.bytes));
  std::string text = as_text(file.bytes);
  if (ends_with(file.name, ".json")) return open_experiment(text);
  if (text.size() > Limits::text_bytes)
    return session.report({file.name,
                           "the file has " + ui::count_text(static_cast<double>(text.size())) + " bytes",
                           "allowed: texts up to 16 MiB"});
  auto clean = clean_utf8(std::move(text));
  if (!clean)
    return session.report({file.name + ", " + clean.error().where, clean.error().what, clean.error().hint});
  session.wanted.data.text = std::move(*clean);
  session.example.clear();
  session.wanted.view.probe.clear();
  session.wanted.view.prefix.clear();
  session.text_edited();
}

Experiment App::to_share() const {
  Experiment experiment = session.wanted;
  if (!session.example.empty()) {
    experiment.data.text.clear();
    experiment.data.example = session.example;
  }
  return experiment;
}

void App::update() {
  chosen.lane = std::min(chosen.lane, session.lanes.size() - 1);
  probe_text_ = text_to_probe(session.wanted);
  for (const auto& lane : session.lanes)
    if (!lane->probe.text.empty()) {
      timeline_text_ = lane->probe.text;
      return;
    }
  timeline_text_ = to_symbols(probe_text_);
}

size_t App::time_step() const {
  const size_t n = timeline_text_.size();
  const bool any = chosen.column >= 0 && static_cast<size_t>(chosen.column) < n;
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
  } else if (action == "theme") {
    session.wanted.view.theme = palette().dark ? "light" : "dark";
  } else if (action == "share") {
    if (platform::share(to_json(to_share()))) {
      copied_at = platform::seconds();
      platform::wake_in(2.1);
    }
  } else if (action == "help") {
    help_open = !help_open;
  }
}

}  // namespace unroll
