// Probes: read-only measurements of a model on a text. A probe never changes parameters, gradients or
// training state.
#pragma once

#include <string>
#include <vector>

#include "engine/model.h"
#include "engine/text.h"

namespace unroll {

/// Loss and best predictions at every character of a text; the model starts from a zero state.
struct SurpriseProbe {
  std::u32string text;           ///< the known characters of the probed text, N of them
  std::u32string unknown;        ///< characters that the vocabulary lacks, left out of `text`
  int top = 0;                   ///< K, candidates per character
  std::vector<float> loss;       ///< (N) nats; loss[0] is NaN: nothing came before the first character
  std::vector<int32_t> top_ids;  ///< (N, K) best ids for position n, given the text before it
  std::vector<float> top_probs;  ///< (N, K) their probabilities; row 0 is NaN
};

SurpriseProbe probe_surprise(const Model&, const Vocabulary&, std::u32string_view text, int top);

}  // namespace unroll
