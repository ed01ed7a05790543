#include "engine/text/endless.h"

#include <algorithm>
#include <cassert>

#include "engine/document/experiment.h"
#include "engine/text/interleave.h"

namespace unroll {

namespace {

constexpr size_t chunk_characters = 4096;

Vocabulary alphabet_of(const Generator& generator) {
  return Vocabulary::of(*decode_utf8_exact(generator.alphabet));
}

void append(const Vocabulary& vocabulary, std::u32string_view text, std::vector<int32_t>& ids) {
  const Vocabulary::Encoded encoded = vocabulary.encode(text);
  assert(encoded.unknown.empty());
  ids.insert(ids.end(), encoded.ids.begin(), encoded.ids.end());
}

}  // namespace

Corpus make_corpus(const Generator& generator, bool held_out) {
  Corpus corpus;
  corpus.generator = &generator;
  corpus.vocabulary = alphabet_of(generator);
  append(corpus.vocabulary, chunk_of(generator, GeneratedPart::counted, 0, 0, 0, counted_characters).text,
         corpus.ids);
  corpus.train_size = corpus.ids.size();
  if (!held_out) return corpus;
  MarkedText rest = chunk_of(generator, GeneratedPart::held_out, 0, 0, 0, held_out_characters);
  append(corpus.vocabulary, rest.text, corpus.ids);
  if (generator.decisions.empty()) return corpus;
  corpus.decided.decision = std::move(rest.decided);
  for (const Decision& decision : generator.decisions) {
    corpus.decided.candidates.emplace_back();
    append(corpus.vocabulary, *decode_utf8_exact(decision.candidates), corpus.decided.candidates.back());
    corpus.decided.chance.push_back(chance(decision));
  }
  return corpus;
}

Result<Corpus> make_corpus(const DataSpec& data) {
  const Generator* generator = generator_of(data);
  return generator != nullptr ? make_corpus(*generator, data.valid > 0) : make_corpus(data.text, data.valid);
}

EndlessStreams::EndlessStreams(const Generator& generator, uint64_t seed, int batch, int seq_length)
    : generator_(&generator),
      vocabulary_(alphabet_of(generator)),
      seed_(seed),
      batch_(batch),
      seq_length_(seq_length),
      steps_per_chunk_(std::max<int64_t>(1, static_cast<int64_t>(chunk_characters) / seq_length)) {}

bool EndlessStreams::fill(int64_t index, std::span<int32_t> inputs, std::span<int32_t> targets) const {
  const auto rows = static_cast<size_t>(seq_length_), columns = static_cast<size_t>(batch_);
  assert(inputs.size() == rows * columns && targets.size() == inputs.size());
  const int64_t chunk = index / steps_per_chunk_, step = index % steps_per_chunk_;
  const size_t length = static_cast<size_t>(steps_per_chunk_) * rows + 1;
  if (chunk != chunk_) {
    ids_.clear();
    for (size_t b = 0; b < columns; ++b)
      append(
          vocabulary_,
          chunk_of(*generator_, GeneratedPart::training, seed_, b, static_cast<uint64_t>(chunk), length).text,
          ids_);
    chunk_ = chunk;
  }
  interleave(ids_, static_cast<size_t>(step) * rows, length, rows, columns, inputs, targets);
  return step == 0;
}

}  // namespace unroll
