// Connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006). A network says at every step one of O
// classes, class 0 is the blank; merge what is said several times running, leave the blanks out, and a string of labels is left.
// Its probability is the sum over all paths that say it: here forward and backward in logarithms and double precision.
// Sizes: T steps, L labels of the string (each 1 … O − 1). `logs` is (T, L + 1): at each step ln of the probability of the
// blank, then of each label of the string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace unroll {

/// The least T that can say them: one step each, and one for the blank between equal neighbours.
size_t ctc_least_steps(std::span<const int32_t> labels);

/// How many numbers the next two need as room.
inline size_t ctc_room(size_t steps, size_t labels) { return (steps + 2) * (2 * labels + 1); }
/// −ln P(labels), 0 or more; infinite where T is less than ctc_least_steps.
double ctc_loss(std::span<const int32_t> labels, std::span<const double> logs, std::span<double> room);
/// The same, and `logs` become the posteriors: given that the labels are said, how probable at each step are the blank and each
/// of them; a row's sum is 1. All 0 where no path says them. The gradient of the loss with respect to the logits of a softmax
/// is probabilities − posteriors (equation 16).
double ctc_posteriors(std::span<const int32_t> labels, std::span<double> logs, std::span<double> room);

/// What the likeliest path says: of each step the likeliest class of `classes`, without repetitions and blanks.
std::vector<int32_t> ctc_greedy(std::span<const float> probabilities, size_t classes);

inline constexpr size_t default_ctc_width = 8;
/// The likeliest string so far, step by step: prefixes with the sums over their paths, of which the `width` likeliest are kept
/// (Graves et al. 2006, section 3.2, as a beam: Hannun et al. 2014, 1408.2873, without a language model).
class CtcBeam {
 public:
  explicit CtcBeam(size_t width = default_ctc_width);
  /// Probabilities of all classes at the next step.
  void read(std::span<const float> probabilities);
  /// All prefixes are those of nothing read.
  void restart();
  std::vector<int32_t> best() const;
  double best_log_probability() const;  ///< ln of what its paths that were kept sum up to

 private:
  struct Prefix {
    int32_t parent = -1, label = 0;  // of all but the first, which is empty: number 0
    int32_t child = -1, next = -1;   // its first extension, and the next one of its parent
    bool kept = false;
    double blank = 0, labelled = 0;  // sums over paths that end with the blank, or with the last label
    double next_blank = 0, next_labelled = 0;
    double sum() const { return blank + labelled; }
  };
  struct Extension {
    int32_t parent, label;
    double sum;
  };
  Prefix& at(int32_t prefix) { return prefixes_[static_cast<size_t>(prefix)]; }
  const Prefix& at(int32_t prefix) const { return prefixes_[static_cast<size_t>(prefix)]; }
  int32_t best_prefix() const;
  int32_t extension_of(int32_t prefix, int32_t label) const;  // −1: there was none so far

  size_t width_;
  std::vector<Prefix> prefixes_;
  std::vector<int32_t> kept_;
  std::vector<Extension> extensions_;
  std::vector<double> sums_;
  double log_scale_ = 0;  // sums are kept near 1: ln of what they are to be multiplied with
};

/// The likeliest string of (T, classes) probabilities, by such a beam.
std::vector<int32_t> ctc_decoded(std::span<const float> probabilities, size_t classes,
                                 size_t width = default_ctc_width);

}  // namespace unroll
