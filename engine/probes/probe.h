// Probes: read-only measurements of a model on a text. A probe never changes parameters, gradients or
// training state. Every probe leaves out the characters that the vocabulary lacks and starts the model from a
// zero state. Position n of a text is its character n; "after" n means that the model has read characters 0 …
// n.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/probes/measures.h"
#include "engine/text/text.h"

namespace unroll {

/// Loss and best predictions at every character of a text.
struct SurpriseProbe {
  std::u32string text;           ///< the known characters of the probed text, N of them
  std::u32string unknown;        ///< characters that the vocabulary lacks, left out of `text`
  int top = 0;                   ///< K, candidates per character; at most the vocabulary's size
  std::vector<float> loss;       ///< (N) nats; loss[0] is NaN: nothing came before the first character
  std::vector<int32_t> top_ids;  ///< (N, K) best ids for position n, given the text before it
  std::vector<float> top_probs;  ///< (N, K) their probabilities; row 0 is NaN
};

SurpriseProbe probe_surprise(const Model&, const Vocabulary&, std::u32string_view text, int top);

/// For those who measure it: a probe of known characters with NaN everywhere, and what it keeps of the
/// probabilities (V) for the character at `position`. Of equal ones the lower id goes first.
SurpriseProbe make_surprise_probe(const Vocabulary&, std::span<const int32_t> ids, int top);
void keep_best(SurpriseProbe&, size_t position, std::span<const float> probabilities);

/// What every equation of the cell gave for every unit while each character was read.
struct ActivationProbe {
  std::u32string text, unknown;    ///< as above; N characters
  int hidden = 0;                  ///< H
  std::vector<std::string> names;  ///< of the equations, in the order of the cell's graph
  std::vector<std::vector<std::vector<float>>> layers;  ///< [layer][equation] (N, H)

  /// Of an equation that the cell has.
  const std::vector<float>& values(int layer, std::string_view equation) const;
};

ActivationProbe probe_activations(const Model&, const Vocabulary&, std::u32string_view text);

/// How the loss at one character reaches back. Lag k = 0 is the state from which character `position` is
/// predicted, that after position − 1; lag k that after position − 1 − k. Norms are Euclidean and of the
/// whole gradient: by way of every later state, and for one that others of its own character are computed from also by
/// way of these, as c of the lstm by way of h.
struct GradientFlow {
  int position = 0;
  int lags = 0;  ///< K = position
  std::vector<std::vector<float>>
      states;  ///< (L, K) ‖∂loss/∂s‖ of each state s of the cell, in the order of its graph
  std::vector<float>
      input;  ///< (K) ‖∂loss/∂x‖ of character position − 1 − k; x is its one-hot vector or embedding
};

/// Several positions at once, which costs little more than one; each from 1 to N − 1, at most `lags` back (0
/// = to the start). The result is in the order of `positions`.
std::vector<GradientFlow> probe_gradient_flow(const Model&, std::span<const int32_t> ids,
                                              std::span<const int> positions, int lags = 0);

/// The same in pieces, for callers that must not be away for long: 64 characters of the text, or one lag of
/// all positions, each time. The model must outlive it, and its weights must not change meanwhile.
class GradientFlowMeter {
 public:
  /// `positions` must not be empty.
  GradientFlowMeter(const Model&, std::span<const int32_t> ids, std::span<const int> positions, int lags = 0);
  /// The same of a sequence with its targets, a batch of one: position p is the loss of row p − 1, lag 0 the state after
  /// that row was read. Of Head::ctc, whose loss is one of all rows: what of it enters by row p − 1.
  GradientFlowMeter(const Model&, Batch sequence, std::span<const int> positions, int lags = 0);
  /// About what it needs for a text of so many characters.
  static uint64_t bytes(const Model&, size_t characters, size_t positions);
  ~GradientFlowMeter();
  bool advance();                                                      ///< true when done
  const std::vector<GradientFlow>& result() const { return result_; }  ///< when done

 private:
  class Flow;
  std::vector<std::unique_ptr<Flow>> flows_;  // one of all positions; with an encoder one of each
  std::vector<GradientFlow> result_;
};

/// Measures at up to `positions` characters spread evenly over the text, each `lags` back. A text shorter
/// than lags + 1 gets fewer lags; fewer than 2 characters give a horizon of 0.
MemoryHorizon probe_memory_horizon(const Model&, std::span<const int32_t> ids, int lags = 200,
                                   int positions = 64);

/// The same in pieces; see GradientFlowMeter.
class MemoryHorizonMeter {
 public:
  MemoryHorizonMeter(const Model&, std::span<const int32_t> ids, int lags = 200, int positions = 64);
  bool advance();                ///< true when done
  MemoryHorizon result() const;  ///< once it is done

 private:
  int lags_ = 0, positions_ = 0;
  std::unique_ptr<GradientFlowMeter> flow_;  // null where there is nothing to measure
};

}  // namespace unroll
