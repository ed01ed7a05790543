// The endless texts: that they are what they say, that the marks of decided characters are right, and that every part of
// them can be made alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/utf8.h"
#include "engine/document/experiment.h"
#include "engine/generators/generator.h"
#include "engine/tasks/text_task.h"
#include "engine/text/endless.h"

namespace unroll {
namespace {

/// `count` pieces, as UTF-32 with marks.
std::vector<MarkedText> pieces(const Generator& generator, int count, uint64_t seed = 9) {
  Random random(seed);
  std::vector<MarkedText> all(static_cast<size_t>(count));
  for (MarkedText& piece : all) generator.piece(random, piece);
  return all;
}

std::string text_of(const MarkedText& piece) { return encode_utf8(piece.text); }

/// Where characters are decided.
std::vector<size_t> places(const MarkedText& piece) {
  std::vector<size_t> at;
  for (size_t i = 0; i < piece.decided.size(); ++i)
    if (piece.decided[i] != 0) at.push_back(i);
  return at;
}

/// Entropy of what was counted, in nats.
template <class Key>
double entropy(const std::map<Key, int>& counts) {
  double total = 0, sum = 0;
  for (const auto& [key, count] : counts) total += count;
  for (const auto& [key, count] : counts) sum -= count / total * std::log(count / total);
  return sum;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) words.back() += c;
    if (!letter && !words.back().empty()) words.emplace_back();
  }
  return words;
}

}  // namespace

TEST_CASE("endless texts: every character is of the alphabet, and the alphabet has no other") {
  for (const Generator* generator : generators()) {
    CAPTURE(std::string(generator->id));
    const std::u32string alphabet = *decode_utf8_exact(generator->alphabet);
    CHECK(std::is_sorted(alphabet.begin(), alphabet.end()));
    std::set<char32_t> seen;
    for (const MarkedText& piece : pieces(*generator, 4000)) {
      CHECK(piece.text.size() == piece.decided.size());
      CHECK(piece.text.back() == U'\n');
      seen.insert(piece.text.begin(), piece.text.end());
    }
    CHECK(std::u32string(seen.begin(), seen.end()) == alphabet);
    for (const char* shown : {generator->beginning, generator->timeline})
      for (const std::u32string text = *decode_utf8_exact(shown); const char32_t symbol : text)
        CHECK(seen.contains(symbol));
  }
}

TEST_CASE("endless texts: what is decided is one of its candidates, and each candidate comes as often") {
  for (const Generator* generator : generators()) {
    CAPTURE(std::string(generator->id));
    std::vector<std::map<char32_t, int>> counts(generator->decisions.size());
    for (const MarkedText& piece : pieces(*generator, 4000))
      for (const size_t at : places(piece)) {
        REQUIRE(piece.decided[at] <= counts.size());
        ++counts[piece.decided[at] - 1u][piece.text[at]];
      }
    for (size_t d = 0; d < counts.size(); ++d) {
      const Decision& decision = generator->decisions[d];
      CAPTURE(std::string(decision.what));
      std::set<char32_t> seen;
      for (const auto& [symbol, count] : counts[d]) seen.insert(symbol);
      std::u32string candidates = *decode_utf8_exact(decision.candidates);
      std::ranges::sort(candidates);
      CHECK(std::u32string(seen.begin(), seen.end()) == candidates);
      if (decision.chance == nullptr) {
        CHECK(chance(decision) == doctest::Approx(std::log(candidates.size())).epsilon(1e-12));
        CHECK(entropy(counts[d]) == doctest::Approx(chance(decision)).epsilon(0.01));
      }
    }
  }
}

TEST_CASE("recall: the last letter is the first one, and it alone is decided") {
  for (const MarkedText& piece : pieces(recall_generator, 500)) {
    const std::string line = text_of(piece);
    CHECK(line[0] == line[line.size() - 2]);
    CHECK(line.substr(1, line.size() - 3) == "{" + std::string(line.size() - 5, '.') + "}");
    CHECK(places(piece) == std::vector{line.size() - 2});
  }
}

TEST_CASE("copy: the second word is the first one; it and its end are decided, at the chance that is told") {
  std::map<size_t, int> lengths;
  std::map<char, int> letters;
  double characters = 0;
  const int lines = 20000;
  for (const MarkedText& piece : pieces(copy_generator, lines)) {
    const std::string line = text_of(piece);
    const size_t bar = line.find('|');
    CHECK(line.substr(0, bar) + "\n" == line.substr(bar + 1));
    const std::vector<size_t> decided = places(piece);
    CHECK(decided.front() == bar + 1);
    CHECK(decided.back() == line.size() - 1);
    CHECK(decided.size() == bar + 1);
    ++lengths[bar];
    for (const char c : line.substr(0, bar)) ++letters[c];
    characters += static_cast<double>(decided.size());
  }
  const double mean = characters / lines;
  CHECK((entropy(lengths) + (mean - 1) * entropy(letters)) / mean ==
        doctest::Approx(chance(copy_generator.decisions[0])).epsilon(0.003));
}

TEST_CASE("brackets: every line is balanced, and exactly the closing ones are decided") {
  const std::string open = "([{<", close = ")]}>";
  for (const MarkedText& piece : pieces(brackets_generator, 500)) {
    std::string stack;
    const std::string line = text_of(piece);
    for (size_t i = 0; i + 1 < line.size(); ++i) {
      const bool opens = open.find(line[i]) != std::string::npos;
      CHECK((piece.decided[i] == 0) == opens);
      if (opens) {
        stack += close[open.find(line[i])];
        continue;
      }
      REQUIRE(!stack.empty());
      CHECK(stack.back() == line[i]);
      stack.pop_back();
    }
    CHECK(stack.empty());
    CHECK(piece.decided.back() == 0);
  }
}

TEST_CASE("additions: every sum is right; it and its end are decided, at the chance that is told") {
  std::map<int, int> sums;
  double characters = 0;
  const int lines = 40000;
  for (const MarkedText& piece : pieces(arithmetic_generator, lines)) {
    const std::string line = text_of(piece);
    const size_t equals = line.find('=');
    const int sum = std::stoi(line) + std::stoi(line.substr(line.find('+') + 1));
    CHECK(line.substr(equals + 1) == std::to_string(sum) + "\n");
    CHECK(places(piece).front() == equals + 1);
    CHECK(places(piece).size() == line.size() - equals - 1);
    ++sums[sum];
    characters += static_cast<double>(line.size() - equals - 1);
  }
  CHECK(entropy(sums) * lines / characters ==
        doctest::Approx(chance(arithmetic_generator.decisions[0])).epsilon(0.005));
}

TEST_CASE("quotes: a line ends with the mark that it begins with, and that alone is decided") {
  for (const MarkedText& piece : pieces(quotes_generator, 500)) {
    CHECK(piece.text[0] == piece.text[piece.text.size() - 2]);
    CHECK(std::count(piece.text.begin(), piece.text.end(), piece.text[0]) == 2);
    CHECK(places(piece) == std::vector{piece.text.size() - 2});
  }
}

TEST_CASE(
    "tales: one person, one thing, one gender from end to end; whoever speaks was just asked; quotes close") {
  const std::set<std::string> women = {"Ada", "Clara", "Elsie", "Greta"},
                              men = {"Bruno", "Dudley", "Felix", "Hugo"},
                              things = {"boot",   "cushion",   "drum",    "hat",
                                        "kettle", "moustache", "pudding", "teapot"},
                              animals = {"badger", "duck", "fox", "goose", "newt", "owl", "snail", "walrus"};
  for (const MarkedText& piece : pieces(tale_generator, 400)) {
    const std::string tale = text_of(piece);
    CAPTURE(tale);
    std::set<std::string> names, lost;
    std::string last_animal, before, before_that;
    bool she = false, he = false;
    for (std::string word : words_of(tale)) {
      if (women.contains(word) || men.contains(word)) names.insert(word);
      if (things.contains(word)) lost.insert(word);
      if (!names.contains(word) && !word.empty() && word[0] < 'a') word[0] = static_cast<char>(word[0] + 32);
      she |= word == "she" || word == "her";
      he |= word == "he" || word == "his";
      if (animals.contains(word)) {
        if (before == "the" && before_that == "said") CHECK(word == last_animal);
        last_animal = word;
      }
      before_that = before;
      before = word;
    }
    CHECK(names.size() == 1);
    CHECK(lost.size() == 1);
    CHECK(she == women.contains(*names.begin()));
    CHECK(he == men.contains(*names.begin()));
    int open = 0;
    for (const char32_t symbol : piece.text) {
      open += symbol == U'“' ? 1 : symbol == U'”' ? -1 : 0;
      CHECK((open == 0 || open == 1));
    }
    CHECK(open == 0);
  }
}

TEST_CASE("tales: names and things are decided wherever they come again, and nowhere else") {
  for (const MarkedText& piece : pieces(tale_generator, 100)) {
    std::map<int, std::set<char32_t>> symbols;  // by decision
    for (const size_t at : places(piece)) symbols[piece.decided[at]].insert(piece.text[at]);
    for (size_t d = 0; d < tale_generator.decisions.size(); ++d) {
      const std::string what = tale_generator.decisions[d].what;
      if (what.starts_with("the animal") || what == "the word again") continue;
      CHECK(symbols[static_cast<int>(d) + 1].size() <= 1);
    }
    CHECK(places(piece).size() > 20);
  }
}

TEST_CASE(
    "tales: every word of the animals is said twice, and each of its letters is decided the second time") {
  const auto last = tale_generator.decisions.size();
  REQUIRE(std::string(tale_generator.decisions[last - 1].what) == "the word again");
  for (const MarkedText& piece : pieces(tale_generator, 100)) {
    size_t words = 0;
    for (size_t at = 0; at < piece.text.size();) {
      if (piece.decided[at] != last) {
        ++at;
        continue;
      }
      const size_t begin = at;
      while (piece.decided[at] == last) ++at;
      const size_t length = at - begin;
      CHECK((length >= 4 && length <= 7));
      REQUIRE(begin >= length + 2);
      CHECK(piece.text.substr(begin - length - 2, length + 2) == piece.text.substr(begin, length) + U", ");
      ++words;
    }
    CHECK(words >= 3 * 3 + 1);  // of each question one, of each denial two
  }
}

TEST_CASE("chunks: each is the same alone and after others, and a longer one begins as a shorter one") {
  for (const Generator* generator : generators()) {
    CAPTURE(std::string(generator->id));
    const MarkedText alone = chunk_of(*generator, GeneratedPart::training, 3, 5, 7, 1000);
    for (uint64_t number = 0; number < 7; ++number)
      chunk_of(*generator, GeneratedPart::training, 3, 5, number, 1000);
    CHECK(chunk_of(*generator, GeneratedPart::training, 3, 5, 7, 1000).text == alone.text);
    const MarkedText longer = chunk_of(*generator, GeneratedPart::training, 3, 5, 7, 5000);
    CHECK(longer.text.substr(0, 1000) == alone.text);
    CHECK(std::equal(alone.decided.begin(), alone.decided.end(), longer.decided.begin()));
  }
}

TEST_CASE(
    "chunks: seeds, streams, numbers and parts all give other text; the held-out part is one for all seeds") {
  for (const Generator* generator : generators()) {
    CAPTURE(std::string(generator->id));
    using enum GeneratedPart;
    std::set<std::u32string> texts;
    for (const uint64_t seed : {uint64_t{1}, uint64_t{2}})
      for (const uint64_t stream : {uint64_t{0}, uint64_t{1}, uint64_t{255}})
        for (const uint64_t number : {uint64_t{0}, uint64_t{1}, uint64_t{1000000}})
          texts.insert(chunk_of(*generator, training, seed, stream, number, 300).text);
    texts.insert(chunk_of(*generator, held_out, 1, 0, 0, 300).text);
    texts.insert(chunk_of(*generator, counted, 1, 0, 0, 300).text);
    CHECK(texts.size() == 20);
    CHECK(chunk_of(*generator, held_out, 1, 0, 0, 300).text ==
          chunk_of(*generator, held_out, 2, 0, 0, 300).text);
  }
}

TEST_CASE("chunks: the first ones are what they were, on every machine") {
  const auto begins = [](const Generator& generator) {
    return encode_utf8(chunk_of(generator, GeneratedPart::training, 1, 0, 0, 40).text);
  };
  CHECK(begins(recall_generator) == "f{......................................");
  CHECK(begins(arithmetic_generator) == "72+25=97\n9+0=9\n84+66=150\n2+89=91\n67+70=1");
}

TEST_CASE(
    "endless streams: a step is the same in order and alone, whatever the batch; a chunk begins with a "
    "piece") {
  const int T = 48;
  const EndlessStreams small(copy_generator, 11, 3, T), large(copy_generator, 11, 5, T);
  const auto step = [&](const EndlessStreams& streams, int64_t index) {
    const size_t rows = static_cast<size_t>(streams.batch()) * T;
    std::vector<int32_t> inputs(rows), targets(rows);
    const bool restarts = streams.fill(index, inputs, targets);
    CHECK(restarts == (index % streams.steps_per_chunk() == 0));
    return std::pair(inputs, targets);
  };
  CHECK(small.steps_per_chunk() == 85);
  const int64_t last = 2 * small.steps_per_chunk() + 1;
  std::vector<std::pair<std::vector<int32_t>, std::vector<int32_t>>> in_order;
  for (int64_t index = 0; index <= last; ++index) in_order.push_back(step(small, index));
  for (const int64_t index : {last, int64_t{0}, int64_t{84}, int64_t{85}, int64_t{86}})
    CHECK(step(EndlessStreams(copy_generator, 11, 3, T), index) == in_order[static_cast<size_t>(index)]);
  const Vocabulary vocabulary = Vocabulary::of(*decode_utf8_exact(copy_generator.alphabet));
  for (int64_t index = 80; index < 90; ++index) {
    const auto& [inputs, targets] = in_order[static_cast<size_t>(index)];
    const auto wide = step(large, index);
    for (size_t t = 0; t < T; ++t)
      for (size_t b = 0; b < 3; ++b) {
        CHECK(inputs[t * 3 + b] == wide.first[t * 5 + b]);
        if (t + 1 < T) CHECK(targets[t * 3 + b] == inputs[(t + 1) * 3 + b]);
      }
    if (index + 1 < 90 && (index + 1) % 85 != 0)
      for (size_t b = 0; b < 3; ++b)
        CHECK(targets[(T - 1) * 3 + b] == in_order[static_cast<size_t>(index + 1)].first[b]);
  }
  const MarkedText chunk = chunk_of(copy_generator, GeneratedPart::training, 11, 2, 1, T);
  for (size_t t = 0; t < T; ++t) CHECK(vocabulary.symbol(in_order[85].first[t * 3 + 2]) == chunk.text[t]);
}

TEST_CASE(
    "the corpus of an endless text: fixed sizes, one held-out part for all, chances by what is decided") {
  for (const Generator* generator : generators()) {
    CAPTURE(std::string(generator->id));
    const Corpus corpus = make_corpus(*generator);
    CHECK(corpus.train().size() == counted_characters);
    CHECK(corpus.valid().size() == held_out_characters);
    CHECK(make_corpus(*generator, false).valid().empty());
    CHECK(corpus.decided.empty() == generator->decisions.empty());
    if (corpus.decided.empty()) continue;
    CHECK(corpus.decided.decision.size() == corpus.valid().size());
    for (size_t i = 0; i < corpus.valid().size(); ++i) {
      if (corpus.decided.decision[i] == 0) continue;
      const auto& candidates = corpus.decided.candidates[corpus.decided.decision[i] - 1u];
      CHECK(std::ranges::count(candidates, corpus.valid()[i]) == 1);
    }
  }
  const Corpus tale = make_corpus(tale_generator);
  CHECK(shown(tale_generator, 500) == encode_utf8(tale.vocabulary.decode(tale.train().first(500))));
  CHECK(make_corpus(recall_generator).decided.mean_chance() == doctest::Approx(std::log(8)));
}

namespace {

Experiment on(const char* example, int batch = 4, int seq_length = 32, uint64_t seed = 1) {
  Experiment experiment;
  experiment.lanes.resize(1);
  experiment.data.example = example;
  experiment.train.batch = batch;
  experiment.train.seq_length = seq_length;
  experiment.train.seed = seed;
  return experiment;
}

/// Tells every character alike, or, on "recall", the letter that stood before the last gap.
class Reader final : public Network {
 public:
  Reader(const Vocabulary& vocabulary, bool remembers) : vocabulary_(vocabulary), remembers_(remembers) {}

  std::span<const float> read(const Batch& batch) override {
    const auto V = static_cast<size_t>(vocabulary_.size()), B = static_cast<size_t>(batch.batch);
    if (batch.restart) letters_.assign(B, 0);
    outputs_.assign(batch.symbols.size() * V, 1.0f / static_cast<float>(V));
    for (size_t row = 0; remembers_ && row < batch.symbols.size(); ++row) {
      const char32_t symbol = vocabulary_.symbol(batch.symbols[row]);
      int32_t& letter = letters_[row % B];
      if (symbol >= U'a' && symbol <= U'h') letter = batch.symbols[row];
      if (symbol != U'}') continue;
      std::fill_n(outputs_.begin() + static_cast<ptrdiff_t>(row * V), V, 0.01f);
      outputs_[row * V + static_cast<size_t>(letter)] = 0.93f;
    }
    return outputs_;
  }

 private:
  Vocabulary vocabulary_;
  bool remembers_;
  std::vector<int32_t> letters_;
  std::vector<float> outputs_;
};

Score score_of(const Task& task, Network& network) {
  const auto scorer = task.scorer();
  while (!scorer->advance(network, 500)) {
  }
  return scorer->score();
}

double other(const Score& score, std::string_view name) {
  for (const auto& [known, value] : score.others)
    if (known == name) return value;
  return -1;
}

}  // namespace

TEST_CASE("text task on an endless text: training shows fresh text by seed, testing one held-out part") {
  const auto task = create_task(on("recall")), other_seed = create_task(on("recall", 4, 32, 2));
  REQUIRE(task);
  REQUIRE(other_seed);
  CHECK((*task)->steps_per_epoch() == 0);
  CHECK((*task)->batch() == 4);
  CHECK((*task)->seq_length() == 32);
  CHECK((*task)->shape() == TaskShape{12, false, 12, Head::softmax});
  Batch batch, other;
  std::set<std::vector<int32_t>> seen;
  for (int64_t step = 0; step < 400; ++step) {
    (*task)->fill(step, batch);
    (*other_seed)->fill(step, other);
    CHECK(batch.symbols != other.symbols);
    seen.insert(batch.symbols);
    CHECK(batch.restart == (step % 128 == 0));
  }
  CHECK(seen.size() == 400);
  CHECK((*task)->example(3).batch.symbols == (*other_seed)->example(3).batch.symbols);
}

TEST_CASE(
    "text task on an endless text: the decisive loss is the chance for who guesses, and near 0 for who "
    "remembers") {
  const auto task = create_task(on("recall"));
  REQUIRE(task);
  Reader guesses(*(*task)->characters(), false), remembers(*(*task)->characters(), true);
  const Score guessed = score_of(**task, guesses), remembered = score_of(**task, remembers);
  CHECK(other(guessed, decisive_loss) == doctest::Approx(std::log(8)).epsilon(1e-6));
  CHECK(guessed.value == doctest::Approx(std::log(12)).epsilon(1e-6));
  CHECK(other(remembered, decisive_loss) == doctest::Approx(-std::log(0.93 / (0.93 + 0.07))).epsilon(1e-5));
  CHECK(other(remembered, decisive_right) > 0.995);  // a stream may begin in a gap
  CHECK(other(remembered, decisive_right) <= 1);
  const std::vector<Baseline> baselines = (*task)->baselines();
  CHECK(baselines.back().of == decisive_loss);
  CHECK(baselines.back().value == doctest::Approx(std::log(8)));
}

TEST_CASE("text task: a text of one's own wins over the name of an endless one, and has no decisive loss") {
  Experiment own = on("recall");
  own.data.text = std::string(500, 'x') + std::string(500, 'y');
  const auto task = create_task(own);
  REQUIRE(task);
  CHECK((*task)->steps_per_epoch() > 0);
  Reader guesses(*(*task)->characters(), false);
  CHECK(score_of(**task, guesses).others.empty());
}

}  // namespace unroll
