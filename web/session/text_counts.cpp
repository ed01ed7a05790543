#include "web/session/text_counts.h"

#include "engine/base/utf8.h"
#include "engine/generators/generator.h"
#include "engine/model/check_size.h"
#include "engine/text/text.h"

namespace unroll {
namespace {

uint64_t hash_of(std::string_view text) {  // FNV-1a
  uint64_t value = 0xcbf29ce484222325u;
  for (char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return value;
}

}  // namespace

TextCounts count_text(const DataSpec& data) {
  TextCounts counts;
  if (!learns_text(data.task)) return counts;
  if (const Generator* generator = generator_of(data)) {
    counts.endless = true;
    counts.symbols = decode_utf8(generator->alphabet)->size();
    counts.valid = data.valid > 0 ? held_out_characters : 0;
    return counts;
  }
  const auto corpus = make_corpus(data.text, data.valid);
  if (!corpus) {
    counts.error = corpus.error();
    return counts;
  }
  counts.characters = corpus->ids.size();
  counts.symbols = static_cast<size_t>(corpus->vocabulary.size());
  counts.train = corpus->train_size;
  counts.valid = corpus->ids.size() - corpus->train_size;
  return counts;
}

Status check_size(const Experiment& experiment, int lane, const TextCounts& counts) {
  if (counts.symbols == 0) return ok();
  const auto symbols = static_cast<int>(counts.symbols);
  if (!counts.endless) return check_size(experiment, lane, symbols, counts.train);
  return check_size(experiment, lane, language_shape(symbols), experiment.train.seq_length,
                    experiment.train.batch);
}

uint64_t hash_of(const DataSpec& data) {
  Experiment rest;
  rest.data.task = data.task;
  if (data.text.empty()) rest.data.example = data.example;
  return hash_of(data.text) ^ hash_of(to_json(rest));
}

}  // namespace unroll
