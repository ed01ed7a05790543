// Writing with a model: next-character distribution of a prefix, and sampling with temperature, top-k and
// top-p (Holtzman et al. 2020, arXiv 1904.09751). Order of the filters: temperature, top-k, top-p, as usual
// elsewhere.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/model/intervention_set.h"
#include "engine/model/model.h"
#include "engine/text/text.h"

namespace unroll {

struct SamplingOptions {
  double temperature = 0.8;  ///< 0 = the most probable character always
  int top_k = 0;             ///< 0 = all
  double top_p = 1.0;        ///< 1 = all
};

/// A character that may be drawn, and its share before normalisation.
struct Candidate {
  int32_t id;
  double weight;
};

/// Index drawn from `probabilities` (they are not changed): temperature, then the `top_k` best, then the
/// shortest list of best ones that holds `top_p` of what is left. Of equal ones the lower id goes first, so
/// it is reproducible; one random number is used per call, none at temperature 0. `scratch` saves the
/// allocation of the candidates.
int32_t draw(std::span<const float> probabilities, const SamplingOptions&, Random&,
             std::vector<Candidate>& scratch);

class DoubleModel;

/// One stream of text from one model: feed a prefix, then ask for characters. Keeps a pointer to model and
/// vocabulary; the weights may change between calls (a live sample improves as the model learns). feed() and
/// write() allocate nothing but their results, where nothing intervenes.
class Sampler {
 public:
  /// Interventions, which must fit the model, count characters from the first one that is fed, or where
  /// nothing is fed from the line break that stands for a beginning.
  Sampler(const Model&, const Vocabulary&, uint64_t seed, InterventionSet = {});
  ~Sampler();
  Sampler(Sampler&&) noexcept;
  void reset();  ///< zero state, as before any character; the random sequence goes on
  /// The same, from then on under these interventions instead.
  void intervene(InterventionSet);
  bool is_intervened() const { return doubles_ != nullptr; }
  /// Feeds a text. Characters the vocabulary lacks are skipped and returned, once each.
  std::u32string feed(std::u32string_view text);
  /// Of the next character, (V). Before anything was fed: the one after a line break if the vocabulary has
  /// it, else after its first symbol, for a model has no other idea of a beginning.
  std::span<const float> distribution() const { return probabilities_; }
  /// An error when it is no distribution, because the weights are too large to compute with.
  Status check() const;
  char32_t write(const SamplingOptions&);  ///< draws a character and feeds it

 private:
  void zero();
  void advance(int32_t id);

  const Model* model_;
  const Vocabulary* vocabulary_;
  Random random_;
  std::unique_ptr<Workspace> workspace_;
  RecurrentState state_;
  std::vector<float> probabilities_;
  std::vector<Candidate> scratch_;
  std::unique_ptr<DoubleModel> doubles_;  // in place of workspace and state, under interventions
  bool is_fresh_ = true;                  // nothing was fed or written since reset()
};

}  // namespace unroll
