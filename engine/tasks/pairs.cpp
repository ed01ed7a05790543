// Pairs of one's own: what stands before a tab, and what shall be written to it. Whole sources are held out, with every target
// that they have.
#include <algorithm>
#include <map>
#include <set>

#include "engine/document/experiment.h"
#include "engine/tasks/bleu.h"
#include "engine/tasks/lines.h"
#include "engine/tasks/pair_lines.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/translation_task.h"
#include "engine/tasks/word_symbols.h"

namespace unroll {
namespace {

constexpr const char* symbol_words[] = {"words", "characters"};

constexpr TaskField pairs_fields[] = {
    {"symbols", TaskFieldType::choice, 0, 1, 0, symbol_words,
     "what is read and written one by one; words in lower case, marks apart, \"l'eau\" as l' and eau"},
    {"least",
     TaskFieldType::integer,
     1,
     100,
     1,
     {},
     "how often a symbol must come in the sources that are learned to have one of its own; others are read "
     "as □"},
    {"reversed", TaskFieldType::boolean, 0, 1, 0, {}, "the source is read from its end"},
    {"attention",
     TaskFieldType::boolean,
     0,
     1,
     0,
     {},
     "while it writes, the network looks back at every symbol of the source"}};

/// Symbols: a batch has room for the longest source and the longest target.
constexpr size_t longest_side = 300;
constexpr size_t fewest_learned = 2;

bool by_words(const Experiment& experiment) { return TaskSettings(experiment).whole("symbols") == 0; }

TranslationTask::Symbols symbols_of(std::string_view text, bool words) {
  return words ? split_words(text) : TranslationTask::characters(text);
}

/// The pairs, apart by whether their source is held out.
struct Read {
  std::vector<PairLine> train, valid;
  int longest_source = 1, longest_target = 1;
};

Result<Read> read(const Experiment& experiment) {
  auto lines = read_pair_lines(experiment.data.text);
  if (!lines) return in_data_text(lines.error());
  const bool words = by_words(experiment);
  Read all;
  std::map<std::string, bool> held_out;  // by source, as it is read
  for (PairLine& line : lines->pairs) {
    const TranslationTask::Symbols source = symbols_of(line.source, words);
    for (const bool of_source : {true, false}) {
      const size_t length = of_source ? source.size() : symbols_of(line.target, words).size();
      int& longest = of_source ? all.longest_source : all.longest_target;
      if (length == 0)  // of blanks that are not among those that are taken off
        return in_data_text(at_line(line.line,
                                    std::string("its ") + (of_source ? "source" : "target") + " is blank",
                                    "a line is the source, a tab and the target"));
      if (length > longest_side)
        return in_data_text(at_line(
            line.line,
            std::string("its ") + (of_source ? "source" : "target") + " has " + std::to_string(length) +
                (words ? " words" : " characters"),
            "allowed: up to " + std::to_string(longest_side) + (words ? "" : "; as words it is shorter")));
      longest = std::max(longest, static_cast<int>(length));
    }
    std::string key;
    for (const std::string& symbol : source) key += symbol + '\n';
    const auto [found, is_new] =
        held_out.try_emplace(std::move(key), is_of_share(held_out.size(), experiment.data.valid));
    (found->second ? all.valid : all.train).push_back(std::move(line));
  }
  if (all.train.size() < fewest_learned) {
    const size_t count = all.train.size() + all.valid.size();
    return Error{"data.text",
                 std::to_string(count) + (count == 1 ? " pair is" : " pairs are") + " too few to learn from",
                 "give more lines, or hold out fewer"};
  }
  return all;
}

class PairsTask final : public TranslationTask {
 public:
  PairsTask(const Experiment& experiment, Read all)
      : TranslationTask(experiment, settings_of(experiment, all)),
        by_words_(by_words(experiment)),
        read_(std::move(all)) {}

  /// `least`: how often a source's symbol must come.
  void count_symbols(int least) {
    std::map<std::string, int> counts;
    std::set<std::string> of_targets;
    for (const PairLine& line : read_.train) {
      Pair pair = pair_of(line);
      for (const std::string& symbol : pair.source) ++counts[symbol];
      for (std::string& symbol : pair.target) of_targets.insert(std::move(symbol));
    }
    Symbols sources;
    for (const auto& [symbol, count] : counts)
      if (count >= least) sources.push_back(symbol);
    const Symbols targets(of_targets.begin(), of_targets.end());
    set_symbols({&sources, 1}, {&targets, 1});
  }
  using TranslationTask::set_symbols;

  const TaskKind& kind() const override;
  Pair training_pair(Random& random) const override {
    return pair_of(read_.train[random.below(static_cast<uint32_t>(read_.train.size()))]);
  }
  /// Where none is held out, one that is learned: to be looked at.
  Pair held_out_pair(int64_t index) const override {
    const std::vector<PairLine>& from = read_.valid.empty() ? read_.train : read_.valid;
    return pair_of(from[static_cast<size_t>(index) % from.size()]);
  }
  std::vector<Pair> known_pairs(int64_t most) const override {
    std::vector<Pair> pairs;
    for (const PairLine& line :
         std::span(read_.train).first(std::min(static_cast<size_t>(most), read_.train.size())))
      pairs.push_back(pair_of(line));
    return pairs;
  }
  Symbols split(std::string_view text) const override { return symbols_of(trimmed(text), by_words_); }

 private:
  Pair pair_of(const PairLine& line) const {
    return {symbols_of(line.source, by_words_), symbols_of(line.target, by_words_)};
  }
  static Settings settings_of(const Experiment& experiment, const Read& all) {
    const TaskSettings settings(experiment);
    const bool words = by_words(experiment);
    return {.longest_source = all.longest_source,
            .longest_target = all.longest_target,
            .held_out = std::ssize(all.valid),
            .reversed = settings.is_on("reversed"),
            .attention = settings.is_on("attention"),
            .words = words,
            .bleu = words && all.longest_target >= static_cast<int>(Bleu::longest),
            .unknown = true};
  }

  bool by_words_;
  Read read_;
};

}  // namespace

const TaskKind pairs_kind = {
    .name = "pairs",
    .title = "Pairs of your own",
    .family = "Translation",
    .about =
        "Whatever you give to the left of a tab is read, and what stands to its right is written to it: two "
        "languages, "
        "singular and plural, question and answer. A few Spanish ones are there to begin with.",
    .source = "",
    .fields = pairs_fields,
    .looks = {.column = "symbol",
              .prediction = "translation",
              .own_data = "a pair to a line: what is read, a tab, what shall be written",
              .pairs = true,
              .own_sequence = "a source",
              .own_sequence_start = "my white house",
              .translates = true},
    .start = R"({"unroll": 1, "data": {"valid": 0.2, "task": {"name": "pairs", "attention": true}, "text": ")"
             R"(my old doors\tmis puertas viejas\nthis old house\testa casa vieja\n)"
             R"(these old houses\testas casas viejas\nmy small dog\tmi perro pequeño\n)"
             R"(my old cats\tmis gatos viejos\nmy small girls\tmis niñas pequeñas\n)"
             R"(the black boats\tlos barcos negros\nthis red boat\teste barco rojo\n)"
             R"(my old boats\tmis barcos viejos\nthis small table\testa mesa pequeña\n)"
             R"(the white house\tla casa blanca\nthis boat\teste barco\nmy dogs\tmis perros\n)"
             R"(these red girls\testas niñas rojas\nmy black book\tmi libro negro\n)"
             R"(the old girls\tlas niñas viejas\nmy red cats\tmis gatos rojos\n)"
             R"(the white boats\tlos barcos blancos\nthis small boat\teste barco pequeño\n)"
             R"(these red houses\testas casas rojas\nthese small boats\testos barcos pequeños\n)"
             R"(this small dog\teste perro pequeño\nthese old books\testos libros viejos\n)"
             R"(these red doors\testas puertas rojas\nmy tables\tmis mesas\n)"
             R"(my red doors\tmis puertas rojas\nthis red table\testa mesa roja\n)"
             R"(my small boat\tmi barco pequeño\nmy white door\tmi puerta blanca\n)"
             R"(my white dogs\tmis perros blancos\nmy black boats\tmis barcos negros\n)"
             R"(my small houses\tmis casas pequeñas\nthis white dog\teste perro blanco\n)"
             R"(the black books\tlos libros negros\nthe black boat\tel barco negro\n)"
             R"(the black cats\tlos gatos negros\nmy white cat\tmi gato blanco\n)"
             R"(my white tables\tmis mesas blancas\nmy girls\tmis niñas\nthe red dog\tel perro rojo\n)"
             R"(the cat\tel gato\nthese white girls\testas niñas blancas\nthe old dog\tel perro viejo\n)"
             R"(the old door\tla puerta vieja\nmy black boat\tmi barco negro\nthe house\tla casa\n)"
             R"(my red dog\tmi perro rojo\nthe white dogs\tlos perros blancos\n)"
             R"(the black girls\tlas niñas negras\nmy white boats\tmis barcos blancos\n)"
             R"(these cats\testos gatos\nthis black boat\teste barco negro\n)"
             R"(the old books\tlos libros viejos\nthis black dog\teste perro negro\n)"
             R"(this black cat\teste gato negro\nthis red book\teste libro rojo\n)"
             R"(the white tables\tlas mesas blancas\nthis table\testa mesa\nthe white cat\tel gato blanco\n)"
             R"(the black house\tla casa negra\nthese tables\testas mesas\nmy boat\tmi barco\n)"
             R"(the red books\tlos libros rojos\nthese black cats\testos gatos negros\n)"
             R"(these black dogs\testos perros negros\nthese black tables\testas mesas negras\n)"
             R"(this black girl\testa niña negra\nmy old girl\tmi niña vieja\n)"
             R"(this old dog\teste perro viejo\nthe small dog\tel perro pequeño\nthe book\tel libro\n)"
             R"(the red girls\tlas niñas rojas\nmy red boat\tmi barco rojo\n)"
             R"(this white door\testa puerta blanca\nthese old tables\testas mesas viejas\n)"
             R"(these small books\testos libros pequeños\nmy red book\tmi libro rojo\n)"
             R"(my red dogs\tmis perros rojos\nthe red houses\tlas casas rojas\nthese books\testos libros\n)"
             R"(these white books\testos libros blancos\nthe old dogs\tlos perros viejos\n)"
             R"(my cats\tmis gatos\nmy black doors\tmis puertas negras\nthis old girl\testa niña vieja\n)"
             R"(the old boats\tlos barcos viejos\nmy red girl\tmi niña roja\nthe dog\tel perro\n)"
             R"(this black book\teste libro negro\nthe old book\tel libro viejo\n)"
             R"(these red boats\testos barcos rojos\nthe red cat\tel gato rojo\n)"
             R"(these old cats\testos gatos viejos\nmy white girl\tmi niña blanca\n)"
             R"(this old table\testa mesa vieja\nthis small cat\teste gato pequeño\n)"
             R"(these white doors\testas puertas blancas\nmy old dogs\tmis perros viejos\n)"
             R"(the girls\tlas niñas\nthis old cat\teste gato viejo\nmy small dogs\tmis perros pequeños\n)"
             R"(the red boat\tel barco rojo\nthis red girl\testa niña roja\n)"
             R"(this red door\testa puerta roja\nthese small cats\testos gatos pequeños\n)"
             R"(the red girl\tla niña roja\nmy girl\tmi niña\nthis old boat\teste barco viejo\n)"
             R"(the black door\tla puerta negra\nmy small doors\tmis puertas pequeñas\n)"
             R"(my small cat\tmi gato pequeño\nthe red door\tla puerta roja\n)"
             R"(this small house\testa casa pequeña\nthe old table\tla mesa vieja\n)"
             R"(this red house\testa casa roja\nthe small girl\tla niña pequeña\nthe boat\tel barco\n)"
             R"(the small houses\tlas casas pequeñas\nthe black tables\tlas mesas negras\n)"
             R"(the small books\tlos libros pequeños\nthese old girls\testas niñas viejas\n)"
             R"(the white girl\tla niña blanca\nthese small tables\testas mesas pequeñas\n)"
             R"(the old houses\tlas casas viejas\nmy old dog\tmi perro viejo\n)"
             R"(my white girls\tmis niñas blancas\nthe small book\tel libro pequeño\n)"
             R"(the old tables\tlas mesas viejas\nthis girl\testa niña\n)"
             R"(my white doors\tmis puertas blancas\nmy small books\tmis libros pequeños\n)"
             R"(this house\testa casa\nthe books\tlos libros\nthis white cat\teste gato blanco\n)"
             R"(these small doors\testas puertas pequeñas\nthe black table\tla mesa negra\n)"
             R"(my small cats\tmis gatos pequeños\nthe white girls\tlas niñas blancas\n)"
             R"(this white boat\teste barco blanco\nmy white houses\tmis casas blancas\n)"
             R"(the red tables\tlas mesas rojas\nthe small cat\tel gato pequeño\n)"
             R"(the white book\tel libro blanco\nthis red dog\teste perro rojo\n)"
             R"(these black girls\testas niñas negras\nthe black houses\tlas casas negras\n)"
             R"(this black door\testa puerta negra\nthe red boats\tlos barcos rojos\n)"
             R"(these red dogs\testos perros rojos\nthis cat\teste gato\n)"
             R"(these old boats\testos barcos viejos\nmy old book\tmi libro viejo\nmy house\tmi casa\n)"
             R"(the small dogs\tlos perros pequeños\nmy small house\tmi casa pequeña\n)"
             R"(my small girl\tmi niña pequeña\nthis old book\teste libro viejo\n)"
             R"(my red girls\tmis niñas rojas\nthe old boat\tel barco viejo\n)"
             R"(this white table\testa mesa blanca\nthese dogs\testos perros\n)"
             R"(the red cats\tlos gatos rojos\nmy black girl\tmi niña negra\n)"
             R"(my red tables\tmis mesas rojas\nthese houses\testas casas\nmy red books\tmis libros rojos\n)"
             R"(this small book\teste libro pequeño\nthis black table\testa mesa negra\nmy cat\tmi gato\n)"
             R"(my black dogs\tmis perros negros\nthe white boat\tel barco blanco\n)"
             R"(these red cats\testos gatos rojos\nmy white table\tmi mesa blanca\n)"
             R"(these small girls\testas niñas pequeñas\nthe black cat\tel gato negro\n)"
             R"(these black doors\testas puertas negras\nthe small boat\tel barco pequeño\n)"
             R"(these black houses\testas casas negras\nmy black girls\tmis niñas negras\n)"
             R"(the old cats\tlos gatos viejos\nthe small house\tla casa pequeña\n)"
             R"(the white books\tlos libros blancos\nmy books\tmis libros\nmy old table\tmi mesa vieja\n)"
             R"(my red house\tmi casa roja\nthe tables\tlas mesas\nthese white cats\testos gatos blancos\n)"
             R"(the small cats\tlos gatos pequeños\nthe white table\tla mesa blanca\n)"
             R"(this small girl\testa niña pequeña\nmy old door\tmi puerta vieja\n)"
             R"(these red tables\testas mesas rojas\nmy black dog\tmi perro negro\n)"
             R"(the black book\tel libro negro\nmy black tables\tmis mesas negras\n)"
             R"(these doors\testas puertas\nthese girls\testas niñas\nmy black houses\tmis casas negras\n)"
             R"(my old house\tmi casa vieja\nmy door\tmi puerta\n)"
             R"("},
      "train": {"batch": 16, "rate": 0.005},
      "lanes": [{"cell": "rnn", "hidden": 64}, {"cell": "lstm", "hidden": 48}]})"};

Result<std::shared_ptr<const Task>> create_pairs(const Experiment& experiment, const Json& stored) {
  if (experiment.data.text.empty())
    return Error{"data.text", "there are no pairs", std::string("give ") + pairs_kind.looks.own_data};
  auto all = read(experiment);
  if (!all) return all.error();
  auto task = std::make_shared<PairsTask>(experiment, std::move(*all));
  if (stored.is_null())
    task->count_symbols(TaskSettings(experiment).whole("least"));
  else if (!task->set_symbols(stored))
    return Error{"data.task", "the stored symbols are not in order",
                 "the file is damaged: take another copy"};
  return std::shared_ptr<const Task>(std::move(task));
}

const TaskKind& PairsTask::kind() const { return pairs_kind; }

}  // namespace unroll
