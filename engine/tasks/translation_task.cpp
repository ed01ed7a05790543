#include "engine/tasks/translation_task.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "engine/base/utf8.h"
#include "engine/document/experiment.h"
#include "engine/tasks/bleu.h"
#include "engine/tasks/edit_distance.h"
#include "engine/tasks/word_symbols.h"

namespace unroll {
namespace {

constexpr int64_t most_known = 1000, most_compared = 250;

/// The number of a symbol in a sorted list behind its first entry, which is a sign; 0: it is not there.
int32_t find(const TranslationTask::Symbols& list, const std::string& symbol) {
  const auto found = std::lower_bound(list.begin() + 1, list.end(), symbol);
  return found != list.end() && *found == symbol ? static_cast<int32_t>(found - list.begin()) : 0;
}

/// The sign, and every symbol once.
TranslationTask::Symbols sorted(const char* sign, TranslationTask::Symbols symbols) {
  std::ranges::sort(symbols);
  const auto rest = std::ranges::unique(symbols);
  symbols.erase(rest.begin(), rest.end());
  symbols.insert(symbols.begin(), sign);
  return symbols;
}

}  // namespace

TranslationTask::TranslationTask(const Experiment& experiment, const Settings& settings)
    : SequenceTask(experiment, settings.longest_source + settings.longest_target + 1, settings.held_out),
      settings_(settings),
      longest_target_(settings.longest_target) {}

void TranslationTask::set_symbols(std::span<const Symbols> sources, std::span<const Symbols> targets) {
  Symbols all, of_targets;
  for (const Symbols& source : sources) all.insert(all.end(), source.begin(), source.end());
  for (const Symbols& target : targets) of_targets.insert(of_targets.end(), target.begin(), target.end());
  if (settings_.unknown) of_targets.emplace_back(unknown_sign);
  all.insert(all.end(), of_targets.begin(), of_targets.end());
  inputs_ = sorted(start_sign, std::move(all));
  outputs_ = sorted(end_sign, std::move(of_targets));
  link_symbols();
}

bool TranslationTask::set_symbols(const Json& stored) {
  const auto read = [&](const char* name, const char* sign, Symbols& list) {
    if (!stored.is_object() || !stored.contains(name) || !stored[name].is_array()) return false;
    for (const Json& symbol : stored[name]) {
      if (!symbol.is_string()) return false;
      list.push_back(symbol.get<std::string>());
    }
    return !list.empty() && list == sorted(sign, Symbols(list.begin() + 1, list.end())) &&
           (!settings_.unknown || find(list, unknown_sign) > 0);
  };
  Symbols inputs, outputs;
  if (!read("inputs", start_sign, inputs) || !read("outputs", end_sign, outputs)) return false;
  inputs_ = std::move(inputs);
  outputs_ = std::move(outputs);
  link_symbols();
  return true;
}

void TranslationTask::link_symbols() {
  input_of_.clear();
  for (size_t i = 0; i < outputs_.size(); ++i) input_of_.push_back(i == 0 ? 0 : find(inputs_, outputs_[i]));
}

TranslationTask::Symbols TranslationTask::characters(std::string_view text) {
  Symbols symbols;
  const auto decoded = decode_utf8_exact(text);
  if (decoded)
    for (const char32_t one : *decoded) symbols.push_back(encode_utf8(one));
  return symbols;
}

TranslationTask::Symbols TranslationTask::split(std::string_view text) const { return characters(text); }

std::string TranslationTask::text_of(const Symbols& symbols) const {
  if (settings_.words) return join_words(symbols);
  std::string text;
  for (const std::string& symbol : symbols) text += symbol;
  return text;
}

TaskShape TranslationTask::shape() const {
  return {.inputs = static_cast<int>(inputs_.size()),
          .reals = false,
          .outputs = static_cast<int>(outputs_.size()),
          .head = Head::softmax,
          .encoder = true,
          .attention = settings_.attention};
}

SequenceTask::Measure TranslationTask::measure() const {
  return {.name = "exact", .higher_is_better = true, .unit = "%", .curve = "accuracy"};
}

int32_t TranslationTask::output(const std::string& symbol) const {
  int32_t found = find(outputs_, symbol);
  if (found == 0 && settings_.unknown) found = find(outputs_, unknown_sign);
  assert(found > 0);
  return found;
}

std::vector<int32_t> TranslationTask::source_ids(const Symbols& source) const {
  std::vector<int32_t> ids;
  const int32_t unknown = settings_.unknown ? find(inputs_, unknown_sign) : 0;
  for (const std::string& symbol : source) {
    const int32_t found = find(inputs_, symbol), id = found > 0 ? found : unknown;
    if (id > 0) ids.push_back(id);
  }
  if (settings_.reversed) std::ranges::reverse(ids);
  return ids;
}

void TranslationTask::make(const Pair& pair, Sequence& sequence) const {
  const std::vector<int32_t> source = source_ids(pair.source);
  assert(!source.empty() && source.size() == pair.source.size() &&
         static_cast<int>(source.size()) <= settings_.longest_source &&
         static_cast<int>(pair.target.size()) <= longest_target_);
  sequence.turn = static_cast<int>(source.size());
  sequence.symbols.insert(sequence.symbols.end(), source.begin(), source.end());
  sequence.classes.assign(source.size(), 0);
  sequence.weights.assign(source.size(), 0.0f);
  sequence.symbols.push_back(0);
  for (const std::string& symbol : pair.target) {
    const int32_t one = output(symbol);
    sequence.classes.push_back(one);
    sequence.symbols.push_back(input_of_[static_cast<size_t>(one)]);
  }
  sequence.classes.push_back(0);
  sequence.weights.resize(sequence.symbols.size(), 1.0f);
  sequence.length = static_cast<int>(sequence.symbols.size());
  sequence.marks = {{Mark::Kind::enters, 0, "source"}, {Mark::Kind::needed, sequence.turn, "handed over"}};
}

Sequence TranslationTask::held_out(int64_t index) const {
  Sequence sequence;
  make(held_out_pair(index), sequence);
  return sequence;
}

std::span<const int32_t> TranslationTask::target(const Sequence& sequence) {
  const auto turn = static_cast<size_t>(sequence.turn);
  return std::span(sequence.classes).subspan(turn, sequence.classes.size() - turn - 1);
}

void TranslationTask::judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const {
  const size_t O = outputs_.size(), first = static_cast<size_t>(sequence.turn);
  size_t hits = 0;
  for (size_t t = first; t < sequence.classes.size(); ++t) {
    const auto row = outputs.subspan(t * O, O);
    hits += std::ranges::max_element(row) - row.begin() == sequence.classes[t] ? 1 : 0;
  }
  const size_t asked = sequence.classes.size() - first;
  tally.add(hits == asked ? 1 : 0, sequence.turn);
  tally.add_other("asked", static_cast<double>(asked));
  tally.add_other("hits", static_cast<double>(hits));
}

std::vector<std::vector<int32_t>> TranslationTask::write(Network& network,
                                                         std::span<const Sequence> sequences) const {
  const size_t B = sequences.size(), O = outputs_.size();
  std::vector<Sequence> sources(B);
  for (size_t b = 0; b < B; ++b) {
    const auto read = static_cast<ptrdiff_t>(sequences[b].turn) + 1;  // … and the start sign
    sources[b].length = static_cast<int>(read);
    sources[b].turn = sequences[b].turn;
    sources[b].symbols.assign(sequences[b].symbols.begin(), sequences[b].symbols.begin() + read);
  }
  Batch batch;
  gather_sequences(sources, shape(), batch);
  batch.classes.clear();
  batch.weights.clear();
  std::vector<std::vector<int32_t>> written(B);
  std::vector<bool> ended(B);
  for (int place = 0; place <= longest_target_; ++place) {
    const std::span<const float> outputs = network.read(batch);
    if (place == 0) {
      batch = {};
      batch.seq_length = 1;
      batch.batch = static_cast<int>(B);
      batch.restart = false;
      batch.symbols.assign(B, 0);
    }
    for (size_t b = 0; b < B; ++b) {
      const auto row = outputs.subspan(outputs.size() - (B - b) * O, O);
      const auto likeliest = static_cast<int32_t>(std::ranges::max_element(row) - row.begin());
      if (likeliest == 0) ended[b] = true;
      if (!ended[b]) written[b].push_back(likeliest);
      batch.symbols[b] = input_of_[static_cast<size_t>(likeliest)];
    }
    if (std::ranges::find(ended, false) == ended.end()) break;
  }
  return written;
}

std::vector<int32_t> TranslationTask::write(Network& network, const Example& example) const {
  Sequence sequence;
  sequence.turn = example.batch.turn;
  sequence.symbols = example.batch.symbols;
  return write(network, {&sequence, 1}).front();
}

void TranslationTask::continue_with(Example& example, std::span<const int32_t> written) const {
  for (const int32_t one : written) {
    const int32_t input = input_of_[static_cast<size_t>(one)];
    example.batch.symbols.push_back(input);
    example.columns.push_back(inputs_[static_cast<size_t>(input)]);
    ++example.batch.seq_length;
  }
}

TranslationTask::Symbols TranslationTask::translate(Network& network, const Symbols& source) const {
  Sequence sequence;
  sequence.symbols = source_ids(source);
  sequence.turn = static_cast<int>(sequence.symbols.size());
  if (sequence.turn == 0) return {};
  sequence.symbols.push_back(0);
  Symbols written;
  const std::vector<std::vector<int32_t>> all = write(network, {&sequence, 1});
  for (const int32_t one : all.front()) written.push_back(outputs_[static_cast<size_t>(one)]);
  return written;
}

std::optional<Example> TranslationTask::own_example(std::string_view text) const {
  const std::vector<int32_t> source = source_ids(split(text));
  if (source.empty() || static_cast<int>(source.size()) > settings_.longest_source) return std::nullopt;
  Example example;
  example.batch = symbols_alone(source);
  example.batch.turn = static_cast<int>(source.size());
  example.batch.symbols.push_back(0);
  ++example.batch.seq_length;
  for (const int32_t id : example.batch.symbols) example.columns.push_back(inputs_[static_cast<size_t>(id)]);
  return example;
}

Json TranslationTask::stored() const { return {{"inputs", inputs_}, {"outputs", outputs_}}; }

std::vector<TranslationTask::Pair> TranslationTask::known_pairs(int64_t most) const {
  std::vector<Pair> pairs;
  for (int64_t number = 0; number < most; ++number) {
    Random random(0, random_stream::task_train, static_cast<uint64_t>(number));
    pairs.push_back(training_pair(random));
  }
  return pairs;
}

std::vector<Baseline> TranslationTask::baselines() const {
  if (held_out() == 0) return {};
  const std::vector<Pair> known = known_pairs(most_known);
  std::map<Symbols, int> counts;
  for (const Pair& pair : known) ++counts[pair.target];
  const Symbols& frequent =
      std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->first;
  struct Sum {
    double exact = 0, edits = 0;
    Bleu bleu = {};
    void add(const Symbols& said, const Symbols& right) {
      exact += said == right ? 1 : 0;
      edits += edit_distance(said, right);
      bleu.add(said, right);
    }
  } of_frequent, of_nearest, of_rule;
  double asked = 0;
  const int64_t count = std::min(held_out(), most_compared);
  for (int64_t index = 0; index < count; ++index) {
    const Pair pair = held_out_pair(index);
    const auto distance = [&](const Pair& other) { return edit_distance(other.source, pair.source); };
    const Pair& nearest = *std::ranges::min_element(known, {}, distance);
    of_frequent.add(frequent, pair.target);
    of_nearest.add(nearest.target, pair.target);
    if (settings_.rule) of_rule.add(by_rule(pair), pair.target);
    asked += static_cast<double>(pair.target.size());
  }
  std::vector<Baseline> all;
  const auto add = [&](const char* name, const Sum& sum, const std::string& about) {
    all.push_back({.name = name, .value = sum.exact / static_cast<double>(count), .about = about});
    all.push_back({.name = name, .value = sum.edits / asked, .about = about, .of = error_rate()});
    if (tells_bleu()) all.push_back({.name = name, .value = sum.bleu.value(), .about = about, .of = "BLEU"});
  };
  add("most frequent", of_frequent, "always the target that is most frequent in training");
  add("nearest source", of_nearest,
      "the target of the source with the fewest edits between, of " + std::to_string(known.size()) +
          " in training");
  if (settings_.rule) add(settings_.rule_name, of_rule, settings_.rule);
  return all;
}

std::string TranslationTask::error_rate() const {
  return settings_.words ? "word error rate" : "character error rate";
}

}  // namespace unroll
