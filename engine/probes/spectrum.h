// Largest singular value and largest eigenvalue modulus of a recurrent weight: how much a step back through
// time can at most stretch a gradient, and what many steps do to it in the long run (Pascanu, Mikolov &
// Bengio 2013, arXiv 1211.5063).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/model/model.h"

namespace unroll {

/// Of one (H, H) block that is multiplied with states or what follows from them: of the lstm one for each gate. Of a matrix
/// in heads the largest of all heads.
struct Spectrum {
  std::string name = {};  ///< the equation that has it; "y:2" for its second
  double singular = 0;    ///< largest singular value
  double eigenvalue = 0;  ///< largest modulus of an eigenvalue
};

/// Both are spectral radii, of √(WᵀW) and of W, and found by Gelfand's formula ρ(A) = lim ‖A^k‖^(1/k) with k
/// = 2^20, by squaring 20 times: a relative error of at most log(H)/2^21 for the singular value, and for the
/// eigenvalue one of log(κ√H)/2^20, κ the condition of the eigenvectors. Works on a copy of the weight.
class SpectrumMeter {
 public:
  static constexpr int most_hidden = 512;

  /// The model's hidden size is at most most_hidden.
  SpectrumMeter(const Model&, int layer);
  ~SpectrumMeter();
  bool advance();                               ///< 16 columns of one product; true when done
  const std::vector<Spectrum>& result() const;  ///< in the order of the equations

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace unroll
