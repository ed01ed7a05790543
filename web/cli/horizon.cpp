// `unroll horizon`: how far back cells of one size remember, before and while they learn a text.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>

#include "engine/model/trainer.h"
#include "engine/probes/probe.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/experiment_flags.h"
#include "web/cli/files.h"
#include "web/cli/number_flags.h"
#include "web/cli/signals.h"

namespace unroll::cli {

namespace {

using Ordered = nlohmann::ordered_json;

constexpr size_t measured_characters = 4096;  // of the validation part, at most
constexpr int most_lags = 2000;
constexpr int most_positions = 1024;
constexpr int64_t most_steps = 1'000'000;

struct HorizonOptions {
  std::vector<std::string> examples;
  std::string text, isa;
  std::vector<std::string> cells = {"rnn", "gru", "lstm"};
  int64_t parameters = 20'000;
  std::vector<uint64_t> seeds = {1};
  std::vector<int64_t> steps = {0, 500, 3000};
  int lags = 400;
  int positions = 64;
  bool json = false;
};

/// One model at one step.
struct Measurement {
  std::string text;
  std::string cell;
  int hidden;
  size_t parameters;
  uint64_t seed;
  int64_t step;
  double loss;  ///< nats per character of the validation part
  MemoryHorizon horizon;
};

std::string characters_shown(double characters, bool reached) {
  return (reached ? "" : "≥ ") + fixed(characters, characters < 100 ? 1 : 0);
}

// --- Measuring -----------------------------------------------------------------------------------------------------

class Study {
 public:
  Study(const HorizonOptions& options, const ExperimentFlags& flags) : options_(options), flags_(flags) {}

  /// Reads and checks a text to be measured later, given or generated.
  Status add_text(const std::string& name, DataSpec data);
  /// All cells and seeds on all texts. When one fails, or a stop is requested, the rest is left out.
  Status run();
  /// On flags without effect.
  std::vector<std::string> remarks() const {
    return flags_.remarks(texts_.front().experiment.train, texts_.front().experiment.lanes);
  }
  /// What was measured, as it is to be printed. Told from another thread while run() works.
  std::string results();

 private:
  struct Text {
    std::string name;
    Experiment experiment;
    std::shared_ptr<const Corpus> corpus;
  };
  Result<Experiment> experiment_of(DataSpec data) const;
  Status check(const Text&) const;
  Status train(const std::string& name, Trainer& trainer);
  Measurement measure(const std::string& name, const Trainer& trainer);

  const HorizonOptions& options_;
  const ExperimentFlags& flags_;
  std::vector<Text> texts_;
  std::mutex mutex_;  // of the measurements
  std::vector<Measurement> measurements_;
  ProgressLine progress_;
};

/// One lane for each cell; the sizes are matched later, when the vocabulary is known.
Result<Experiment> Study::experiment_of(DataSpec data) const {
  Experiment experiment;
  experiment.data = std::move(data);
  experiment.train.steps = std::max<int64_t>(options_.steps.back(), 1);
  for (const std::string& given : options_.cells) {
    experiment.lanes.emplace_back();
    const size_t lane = experiment.lanes.size() - 1;
    const auto name = cell_of(experiment, given);
    if (!name) return name.error();
    const auto is_it = [&](const LaneSpec& other) { return other.cell == *name; };
    if (std::any_of(experiment.lanes.begin(), experiment.lanes.end() - 1, is_it))
      return Error{"--cells", quotation(*name) + " stands there twice", "give each cell a name of its own"};
    const Status cell = set_field(experiment, field("lanes", "cell"), lane, *name);
    if (!cell) return Error{"--cells", cell.error().what, cell.error().hint};
    if (const Status set = flags_.apply(experiment, lane); !set) return set.error();
  }
  return experiment;
}

Status Study::add_text(const std::string& name, DataSpec data) {
  auto experiment = experiment_of(std::move(data));
  if (!experiment) return experiment.error();
  auto made = make_corpus(experiment->data);
  if (!made) return in_file(name, made.error());
  const auto corpus = std::make_shared<const Corpus>(std::move(*made));
  if (corpus->valid().size() <= static_cast<size_t>(options_.lags)) {
    return Error{name,
                 "the held-out part has " + std::to_string(corpus->valid().size()) +
                     " characters, too few for " + std::to_string(options_.lags) + " lags",
                 "give fewer --lags or a larger --valid"};
  }
  for (LaneSpec& lane : experiment->lanes)
    lane.hidden = matching_hidden(lane, corpus->vocabulary.size(), options_.parameters);
  texts_.push_back({name, std::move(*experiment), corpus});
  return check(texts_.back());
}

/// Everything that can be wrong with a text before it is learned.
Status Study::check(const Text& text) const {
  if (const Status status = validate(text.experiment); !status) return status.error();
  for (size_t lane = 0; lane < text.experiment.lanes.size(); ++lane) {
    const auto trainer = Trainer::create(text.experiment, static_cast<int>(lane), text.corpus);
    if (!trainer) return trainer.error();
  }
  return ok();
}

Status Study::run() {
  for (Text& text : texts_)
    for (const uint64_t seed : options_.seeds) {
      text.experiment.train.seed = seed;
      for (size_t lane = 0; lane < text.experiment.lanes.size(); ++lane) {
        auto trainer = Trainer::create(text.experiment, static_cast<int>(lane), text.corpus);
        if (!trainer) return trainer.error();
        if (const Status status = train(text.name, **trainer); !status) return status.error();
      }
    }
  return ok();
}

Status Study::train(const std::string& name, Trainer& trainer) {
  const std::string who =
      name + "  " + trainer.lane().cell + "  seed " + std::to_string(trainer.experiment().train.seed);
  for (const int64_t mark : options_.steps) {
    while (trainer.steps_done() < mark) {
      if (stop_requested()) return ok();
      if (trainer.step().diverged) {
        return Error{who + ", step " + std::to_string(trainer.steps_done() + 1),
                     "training diverged: the loss, its gradient or the new weights are not finite",
                     "try a lower --rate or --clip 1"};
      }
      if (progress_.is_due())
        progress_.draw(who + "  step " + grouped(trainer.steps_done()) + " of " + grouped(mark));
    }
    if (stop_requested()) return ok();
    const Measurement found = measure(name, trainer);
    if (!std::isfinite(found.loss) || !std::isfinite(found.horizon.characters))
      return Error{who + ", step " + std::to_string(mark), "its loss or horizon is not finite",
                   "try a lower --rate or --clip 1"};
    progress_.clear();
    say(who + "  step " + grouped(mark) + "  loss " + fixed(found.loss, 3) + "  horizon " +
        characters_shown(found.horizon.characters, found.horizon.reached));
    const std::lock_guard lock(mutex_);
    measurements_.push_back(found);
  }
  return ok();
}

Measurement Study::measure(const std::string& name, const Trainer& trainer) {
  const auto valid = trainer.corpus().valid();
  Evaluator evaluator(trainer.model(), valid);
  while (!evaluator.advance(1 << 14)) continue;
  const auto part = valid.first(std::min(valid.size(), measured_characters));
  return {.text = name,
          .cell = trainer.lane().cell,
          .hidden = trainer.lane().hidden,
          .parameters = trainer.model().parameters().size(),
          .seed = trainer.experiment().train.seed,
          .step = trainer.steps_done(),
          .loss = evaluator.loss(),
          .horizon = probe_memory_horizon(trainer.model(), part, options_.lags, options_.positions)};
}

// --- Telling -------------------------------------------------------------------------------------------------------

/// The middle one; of an even number, the mean of the two in the middle.
double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// "12.3", or of several seeds "12.3 (9.8 – 15.0)": median, least and greatest.
std::string horizon_cell(const std::vector<const Measurement*>& seeds) {
  std::vector<double> values;
  for (const Measurement* one : seeds) values.push_back(one->horizon.characters);
  const auto [least, greatest] =
      std::minmax_element(seeds.begin(), seeds.end(), [](const Measurement* a, const Measurement* b) {
        return a->horizon.characters < b->horizon.characters;
      });
  const double middle = median(values);
  // A horizon beyond the last lag is the largest number there is, so the median is a bound when it reaches
  // that.
  const bool reached = (*greatest)->horizon.reached || middle < (*greatest)->horizon.characters;
  std::string text = characters_shown(middle, reached);
  if (seeds.size() > 1) {
    text += " (" + characters_shown((*least)->horizon.characters, (*least)->horizon.reached) + " – " +
            characters_shown((*greatest)->horizon.characters, (*greatest)->horizon.reached) + ")";
  }
  return text;
}

std::string loss_cell(const std::vector<const Measurement*>& seeds) {
  std::vector<double> values;
  for (const Measurement* one : seeds) values.push_back(one->loss);
  return fixed(median(values), 3);
}

/// A row for each text and cell of which anything was measured, in the order of measuring; what is missing is left
/// empty.
std::string table_of(const HorizonOptions& options, const std::vector<Measurement>& all) {
  std::string table = "| text | cell | hidden | parameters |", rule = "|---|---|--:|--:|";
  for (const int64_t step : options.steps) {
    table +=
        (step == 0 ? " horizon before" : " horizon at " + std::to_string(step)) + std::string(" | loss |");
    rule += "--:|--:|";
  }
  table += "\n" + rule + "\n";
  const auto same_row = [](const Measurement& a, const Measurement& b) {
    return a.text == b.text && a.cell == b.cell;
  };
  for (auto one = all.begin(); one != all.end(); ++one) {
    if (std::any_of(all.begin(), one, [&](const Measurement& m) { return same_row(m, *one); })) continue;
    table += "| " + readable(one->text) + " | " + one->cell + " | " + std::to_string(one->hidden) + " | " +
             grouped(static_cast<int64_t>(one->parameters)) + " |";
    for (const int64_t step : options.steps) {
      std::vector<const Measurement*> seeds;
      for (const Measurement& m : all)
        if (same_row(m, *one) && m.step == step) seeds.push_back(&m);
      table += seeds.empty() ? "  |  |" : " " + horizon_cell(seeds) + " | " + loss_cell(seeds) + " |";
    }
    table += "\n";
  }
  return table;
}

/// A name that is no UTF-8 has replacement characters.
std::string json_of(const HorizonOptions& options, const std::vector<Measurement>& all) {
  Ordered list = Ordered::array();
  for (const Measurement& one : all) {
    list.push_back({{"text", one.text},
                    {"cell", one.cell},
                    {"hidden", one.hidden},
                    {"parameters", one.parameters},
                    {"seed", one.seed},
                    {"step", one.step},
                    {"loss", one.loss},
                    {"horizon", one.horizon.characters},
                    {"reached", one.horizon.reached}});
  }
  const Ordered all_of_it = {
      {"lags", options.lags}, {"positions", options.positions}, {"measurements", list}};
  return all_of_it.dump(-1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

std::string Study::results() {
  const std::lock_guard lock(mutex_);
  if (measurements_.empty()) return "";
  return options_.json ? json_of(options_, measurements_) : table_of(options_, measurements_);
}

int run_horizon(HorizonOptions& options, const ExperimentFlags& flags) {
  if (const Status status = choose_isa(options.isa); !status) return fail(status.error());
  if (options.text.empty() && options.examples.empty())
    return fail({"", "there is no text to learn", "give --example recall or --text FILE"});
  std::sort(options.steps.begin(), options.steps.end());
  options.steps.erase(std::unique(options.steps.begin(), options.steps.end()), options.steps.end());
  Study study(options, flags);
  for (const std::string& example : options.examples) {
    DataSpec data;
    data.example = example;
    if (generator_of(data) == nullptr) {
      const auto path = example_path(example);
      if (!path) return fail(path.error());
      auto text = read_text(*path, Limits::text_bytes);
      if (!text) return fail(text.error());
      data.text = std::move(*text);
      data.example.clear();
    }
    if (const Status s = study.add_text(example, std::move(data)); !s) return fail(s.error());
  }
  if (!options.text.empty()) {
    DataSpec data;
    auto text = read_text(options.text, Limits::text_bytes);
    if (!text) return fail(text.error());
    data.text = std::move(*text);
    if (const Status s = study.add_text(options.text, std::move(data)); !s) return fail(s.error());
  }

  for (const std::string& remark : study.remarks()) say("note: " + remark);

  // Whatever ends it, what was measured until then is printed.
  defer_stops();
  std::mutex printing;
  bool has_ended = false;
  const auto end = [&](int exit_code) {
    has_ended = true;
    print(study.results());
    return exit_code;
  };
  const StopWatcher watcher([&] {
    const std::lock_guard lock(printing);
    if (!has_ended) _exit(end_output(end(exit_interrupted)));
  });
  Status status = ok();
  try {
    status = study.run();
  } catch (const std::bad_alloc&) {
    status = out_of_memory();
  }
  const std::lock_guard lock(printing);
  return end(!status ? fail(status.error()) : stop_requested() ? exit_interrupted : exit_success);
}

std::vector<const Field*> settled_here() {
  return {&field("data", "example"), &field("train", "steps"), &field("train", "seed"),
          &field("lanes", "cell"), &field("lanes", "hidden")};
}

}  // namespace

void add_horizon(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand("horizon", "Measure how far back cells of one size remember.");
  auto options = std::make_shared<HorizonOptions>();
  command->add_option("--example", options->examples, "built-in texts to learn")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("ID,ID…");
  command->add_option("--text", options->text, "a text of your own, a UTF-8 file")->type_name("FILE");
  command->add_option("--cells", options->cells, "cells to compare [rnn,gru,lstm]")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1, Limits::lanes)
      ->type_name("NAME|FILE.cell,…");
  add_number(*command, "--parameters", options->parameters, {100, Limits::parameters, true},
             "parameters of each model, as nearly as the hidden size allows [20000]");
  add_numbers(*command, "--steps", options->steps, {0, most_steps, true},
              "measure after so many steps [0,500,3000]");
  add_numbers(*command, "--seeds", options->seeds, Limits::seed, "one model of each cell for each seed [1]");
  add_number(*command, "--lags", options->lags, {1, most_lags, true},
             "look so many characters back [1 to " + std::to_string(most_lags) + "; 400]");
  add_number(*command, "--positions", options->positions, {1, most_positions, true},
             "characters to average over [1 to " + std::to_string(most_positions) + "; 64]");
  command->add_flag("--json", options->json, "print one JSON object instead of the table");
  add_isa(*command, options->isa);
  auto flags = std::make_shared<ExperimentFlags>(*command, settled_here());
  command->footer(
      "The memory horizon is the lag at which the gradient of a loss with respect to the state has fallen to "
      "1% of what it\n"
      "was at the last character (docs/memory-horizon.md). It is measured on the held-out end of the text, "
      "and "
      "so is the\n"
      "loss, in nats per character. The result is a Markdown table; of several seeds it shows the median and "
      "the range. Ctrl-C\n"
      "and errors end it with what was measured until then.\n\n"
      "Examples:\n"
      "  unroll horizon --example recall\n"
      "  unroll horizon --example recall,copy,quotes,brackets --seeds 1,2,3\n"
      "  unroll horizon --example recall --cells rnn,lstm1997,mine.cell\n"
      "  unroll horizon --text book.txt --parameters 100000 --steps 0,1000 --json");
  command->callback([options, flags, &exit_code] { exit_code = run_horizon(*options, *flags); });
}

}  // namespace unroll::cli
