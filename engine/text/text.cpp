#include "engine/text/text.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <set>

#include "engine/document/experiment.h"
#include "engine/generators/generator.h"
#include "engine/text/interleave.h"

namespace unroll {

Vocabulary Vocabulary::of(std::u32string_view text) {
  // As far as the text's symbols go: most end below 256, and Unicode has a million.
  std::vector<bool> seen(text.empty() ? 0 : size_t{*std::ranges::max_element(text)} + 1);
  for (const char32_t symbol : text) seen[symbol] = true;
  Vocabulary vocabulary;
  for (uint32_t symbol = 0; symbol < seen.size(); ++symbol) {
    if (seen[symbol]) vocabulary.symbols_.push_back(symbol);
  }
  return vocabulary;
}

Result<Vocabulary> Vocabulary::from_symbols(std::u32string symbols) {
  if (symbols.empty() || symbols.size() > static_cast<size_t>(Limits::vocabulary)) {
    return Error{"vocabulary", std::to_string(symbols.size()) + " symbols",
                 "allowed: 1 to " + std::to_string(Limits::vocabulary)};
  }
  for (size_t i = 0; i < symbols.size(); ++i) {
    const char32_t symbol = symbols[i];
    const bool scalar = symbol < 0xD800u || (symbol > 0xDFFFu && symbol <= 0x10FFFFu);
    if (!scalar || (i > 0 && symbol <= symbols[i - 1])) {
      return Error{"vocabulary", "symbol " + std::to_string(i) + " is out of order or no Unicode character",
                   "allowed: Unicode characters in increasing order, each once"};
    }
  }
  Vocabulary vocabulary;
  vocabulary.symbols_ = std::move(symbols);
  return vocabulary;
}

int Vocabulary::id(char32_t symbol) const {
  const auto found = std::lower_bound(symbols_.begin(), symbols_.end(), symbol);
  return found != symbols_.end() && *found == symbol ? static_cast<int>(found - symbols_.begin()) : -1;
}

Vocabulary::Encoded Vocabulary::encode(std::u32string_view text) const {
  Encoded encoded;
  encoded.ids.reserve(text.size());
  std::set<char32_t> named;
  for (const char32_t symbol : text) {
    const int known = id(symbol);
    if (known >= 0) {
      encoded.ids.push_back(known);
    } else if (named.insert(symbol).second) {
      encoded.unknown.push_back(symbol);
    }
  }
  return encoded;
}

std::u32string Vocabulary::decode(std::span<const int32_t> ids) const {
  std::u32string text;
  text.reserve(ids.size());
  for (const int32_t id : ids) text.push_back(symbol(id));
  return text;
}

const Generator* generator_of(const DataSpec& data) {
  return learns_text(data.task) && data.text.empty() ? find_generator(data.example) : nullptr;
}

Result<Corpus> make_corpus(std::string_view utf8, double valid_share) {
  const auto text = decode_utf8(utf8);
  if (!text) return text.error();
  Corpus corpus;
  corpus.vocabulary = Vocabulary::of(*text);
  if (corpus.vocabulary.size() > Limits::vocabulary) {
    return Error{"", std::to_string(corpus.vocabulary.size()) + " different characters are too many",
                 "allowed: up to " + std::to_string(Limits::vocabulary)};
  }
  const size_t size = text->size();
  corpus.train_size = std::min(size, static_cast<size_t>(static_cast<double>(size) * (1.0 - valid_share)));
  if (size - corpus.train_size < 2) corpus.train_size = size;
  if (corpus.train_size < 2) {
    return Error{"", std::to_string(corpus.train_size) + " characters to train on are too few",
                 "a text of some hundred characters and more is worth training on"};
  }
  corpus.ids = corpus.vocabulary.encode(*text).ids;
  return corpus;
}

double DecidedCharacters::mean_chance() const {
  double sum = 0;
  int64_t count = 0;
  for (size_t i = 1; i < decision.size(); ++i) {
    if (decision[i] == 0) continue;
    sum += chance[decision[i] - 1u];
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

Streams::Size Streams::fitting(size_t characters, int batch, int seq_length) {
  assert(characters >= 2 && batch >= 1 && seq_length >= 1);
  const size_t predictable = characters - 1;  // the last character is only a target
  const size_t length = std::min(predictable, static_cast<size_t>(seq_length));
  return {.batch = static_cast<int>(std::min(predictable / length, static_cast<size_t>(batch))),
          .seq_length = static_cast<int>(length)};
}

Streams::Streams(std::span<const int32_t> ids, int batch, int seq_length) : ids_(ids) {
  const Size size = fitting(ids.size(), batch, seq_length);
  batch_ = size.batch;
  seq_length_ = size.seq_length;
  stream_length_ = (ids.size() - 1) / static_cast<size_t>(batch_);
  steps_per_epoch_ = static_cast<int64_t>(stream_length_ / static_cast<size_t>(seq_length_));
}

bool Streams::fill(int64_t index, std::span<int32_t> inputs, std::span<int32_t> targets) const {
  const auto rows = static_cast<size_t>(seq_length_), columns = static_cast<size_t>(batch_);
  assert(inputs.size() == rows * columns && targets.size() == inputs.size());
  const int64_t chunk = index % steps_per_epoch_;
  interleave(ids_, static_cast<size_t>(chunk) * rows, stream_length_, rows, columns, inputs, targets);
  return chunk == 0;
}

}  // namespace unroll
