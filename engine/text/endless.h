// Generated texts (engine/generators) as what a network is trained and tested on: a Corpus, and streams that give fresh text
// for ever.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/generators/generator.h"
#include "engine/text/text.h"

namespace unroll {

/// The text's alphabet; as its "training part" what n-grams count; and the held-out part, or none. The same for all seeds.
Corpus make_corpus(const Generator&, bool held_out = true);
/// Of a text that is given, or generated. Errors are those of text.h.
Result<Corpus> make_corpus(const DataSpec&);

/// `batch` streams that never end, of text that depends on the generator, the seed and the stream's number alone. A stream is
/// made of chunks of steps_per_chunk() · seq_length characters, each of whole pieces but for its end; with each chunk the
/// carried state starts anew. The chunks at hand are remembered: not for two threads at once.
class EndlessStreams {
 public:
  EndlessStreams(const Generator&, uint64_t seed, int batch, int seq_length);

  int batch() const { return batch_; }
  int seq_length() const { return seq_length_; }
  int64_t steps_per_epoch() const { return 0; }  ///< nothing comes again
  /// The most that fit into about 4096 characters, at least one.
  int64_t steps_per_chunk() const { return steps_per_chunk_; }

  /// As Streams::fill. True: the carried state must be zeroed first.
  bool fill(int64_t index, std::span<int32_t> inputs, std::span<int32_t> targets) const;

 private:
  const Generator* generator_;
  Vocabulary vocabulary_;
  uint64_t seed_ = 0;
  int batch_ = 0, seq_length_ = 0;
  int64_t steps_per_chunk_ = 0;
  mutable int64_t chunk_ = -1;        // number of those in ids_
  mutable std::vector<int32_t> ids_;  // (batch, characters of a chunk + 1)
};

}  // namespace unroll
