// Text as a model sees it: UTF-8 in, Unicode code points, a sorted vocabulary, ids 0 … V−1, a train/valid
// split, and `batch` contiguous streams for stateful truncated BPTT.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/utf8.h"

namespace unroll {

struct DataSpec;
struct Generator;

/// The sorted set of code points of a text. id ↔ symbol.
class Vocabulary {
 public:
  Vocabulary() = default;
  static Vocabulary of(std::u32string_view text);
  /// From a stored list; it must be strictly increasing and hold at least 1 and at most Limits::vocabulary
  /// symbols.
  static Result<Vocabulary> from_symbols(std::u32string symbols);

  int size() const { return static_cast<int>(symbols_.size()); }
  char32_t symbol(int id) const { return symbols_[static_cast<size_t>(id)]; }
  int id(char32_t symbol) const;  ///< −1 when the vocabulary lacks it; O(log V)
  const std::u32string& symbols() const { return symbols_; }

  /// Ids of a text. Symbols the vocabulary lacks are left out of `ids` and listed (once each) in `unknown`.
  struct Encoded {
    std::vector<int32_t> ids;
    std::u32string unknown;
  };
  Encoded encode(std::u32string_view text) const;
  std::u32string decode(std::span<const int32_t> ids) const;

 private:
  std::u32string symbols_;
};

/// What is decided (engine/generators/generator.h) among ids.
struct DecidedCharacters {
  /// Of each id: 0, or 1 + the number of its Decision.
  std::vector<uint8_t> decision;
  std::vector<std::vector<int32_t>> candidates;  ///< ids, by Decision
  std::vector<double> chance;                    ///< nats, by Decision

  bool empty() const { return decision.empty(); }
  /// Nats per decided character of ids[1…] for a reader without memory: the mean of their chances. NaN: none is decided.
  double mean_chance() const;
};

/// A text ready for training: ids with the last `valid` share of them held out. The vocabulary is that of the
/// whole.
struct Corpus {
  Vocabulary vocabulary;
  std::vector<int32_t> ids;
  size_t train_size = 0;  ///< ids[0, train_size) train, the rest validate: nothing, or 2 characters and more
  /// Of a generated text (endless.h): what makes it, and what is decided of the validation part. Then the training part is
  /// what n-grams count, and networks read fresh text instead.
  const Generator* generator = nullptr;
  DecidedCharacters decided = {};

  std::span<const int32_t> train() const { return {ids.data(), train_size}; }
  std::span<const int32_t> valid() const { return {ids.data() + train_size, ids.size() - train_size}; }
};

/// What makes the text, of data that names a generated one; null: data.text is the text, or the name is of another.
const Generator* generator_of(const DataSpec&);

/// train_size = ⌊N·(1 − valid_share)⌋; a share of a single character validates nothing and goes to training.
/// Errors, which do not say where the text came from: invalid UTF-8 (with offset), fewer than 2 characters to train on, more than Limits::vocabulary
/// symbols.
Result<Corpus> make_corpus(std::string_view utf8, double valid_share);

/// `batch` contiguous streams over the training ids: stream b starts at b·⌊(N−1)/batch⌋; step s of an epoch
/// covers seq_length inputs of each stream, targets are the inputs moved by one. The incomplete chunk at the
/// end of an epoch is dropped. A text too short for the wish gets a smaller batch first, then a shorter
/// sequence; the effective sizes are what this object says, and the caller tells the user. `ids` (2 or more)
/// must outlive it.
class Streams {
 public:
  Streams(std::span<const int32_t> ids, int batch, int seq_length);
  /// What of a wish fits into so many characters, 2 or more.
  struct Size {
    int batch, seq_length;
  };
  static Size fitting(size_t characters, int batch, int seq_length);

  int batch() const { return batch_; }
  int seq_length() const { return seq_length_; }
  int64_t steps_per_epoch() const { return steps_per_epoch_; }

  /// Fills inputs and targets, both (T, B) row-major, for step `index` counted from the start of training.
  /// Returns true when this step starts an epoch, that is, the carried state must be zeroed first.
  bool fill(int64_t index, std::span<int32_t> inputs, std::span<int32_t> targets) const;

 private:
  std::span<const int32_t> ids_;
  int batch_ = 0;
  int seq_length_ = 0;
  size_t stream_length_ = 0;
  int64_t steps_per_epoch_ = 0;
};

}  // namespace unroll
