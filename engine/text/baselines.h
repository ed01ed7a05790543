// What a loss means: the losses of models that need no network, on the same split. uniform = ln V; unigram,
// bigram and higher n-grams are counted on the training part, smoothed by interpolated Witten–Bell (Witten &
// Bell 1991; Chen & Goodman 1998, §2.4), and measured on the validation part (on the training part when there
// is none, and `on_valid` says so: an n-gram then knows the answers). With context h, c(h) its occurrences,
// T(h) the number of different characters that followed it, and h' the context without its first character:
//   P(w | h) = (c(h w) + T(h) · P(w | h')) / (c(h) + T(h)),   P(w | nothing known) = 1 / V
// An n-gram of order n looks at n − 1 characters. The first character of the measured part is not predicted,
// and contexts do not reach back before it, as for a network that starts from a zero state.
#pragma once

#include <memory>

#include "engine/text/text.h"

namespace unroll {

struct Baselines {
  static constexpr int max_order = 8;

  double uniform = 0, unigram = 0, bigram = 0;  ///< nats per character
  double best = 0;                              ///< of the best n-gram, order 1 … max_order
  int best_order = 0;
  bool on_valid = true;
};

Baselines measure_baselines(const Corpus&);

/// The same in resumable slices, for whoever must answer others meanwhile.
class BaselineMeter {
 public:
  explicit BaselineMeter(const Corpus&);  ///< the corpus must outlive it
  ~BaselineMeter();
  bool advance(int64_t characters);  ///< counts or measures about so many; true when done
  const Baselines& result() const;   ///< complete when advance returned true

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace unroll
