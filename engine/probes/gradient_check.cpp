#include "engine/probes/gradient_check.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/model/double_model.h"

namespace unroll {
namespace {

constexpr double operations_at_once = 2e6;

}  // namespace

class GradientCheck::Work {
 public:
  Work(const Model& model, Batch sequence, int samples, uint64_t seed)
      : doubles_(model), sequence_(std::move(sequence)), samples_(static_cast<size_t>(samples)) {
    assert(sequence_.batch == 1 && sequence_.seq_length >= 1 &&
           static_cast<int64_t>(model.parameters().size()) <= most_parameters);
    choose(model, seed);
    run_backward(model);
    const double operations = static_cast<double>(model.parameters().size());
    at_once_ = static_cast<size_t>(std::max(1.0, operations_at_once / operations));
    begin_pass();
  }

  bool advance() {
    if (sample_ == samples_.size()) return true;
    const size_t last = std::min(place_ + at_once_, length());
    for (; place_ < last; ++place_) {
      doubles_.read_row(sequence_, place_);
      const double weight = sequence_.weights.empty() ? 1.0 : static_cast<double>(sequence_.weights[place_]);
      if (weight > 0) sum_ += weight * doubles_.row_loss(sequence_, place_);
      weight_ += weight;
    }
    if (place_ == length()) end_pass();
    return sample_ == samples_.size();
  }

  const std::vector<GradientSample>& samples() const { return samples_; }

 private:
  void choose(const Model& model, uint64_t seed) {
    Random random(seed);
    const std::vector<ParameterBlock>& blocks = model.blocks();
    for (size_t n = 0; n < samples_.size(); ++n) {
      const size_t b = n % blocks.size();
      const ParameterBlock& block = blocks[b];
      samples_[n].block = static_cast<int>(b);
      const size_t row = random.below(static_cast<uint32_t>(block.rows)),
                   cols = static_cast<size_t>(std::max(block.cols, 1)),
                   col = random.below(static_cast<uint32_t>(cols)), place = place_in(block, random);
      const bool is_embedding = block.name.ends_with("embedding.weight");
      const bool is_one_hot =
          !model.shape().reals && model.spec().embedding == 0 && block.name.ends_with(".weight_ih_l0");
      const size_t read = model.shape().reals ? 0 : static_cast<size_t>(sequence_.symbols[place]);
      samples_[n].index = (is_embedding ? read : row) * cols + (is_one_hot ? read : col);
      offsets_.push_back(block.offset + samples_[n].index);
    }
  }

  /// A row that the block's own part reads.
  size_t place_in(const ParameterBlock& block, Random& random) const {
    const auto turn = static_cast<uint32_t>(sequence_.turn), all = static_cast<uint32_t>(length());
    if (block.name.starts_with("encoder") && turn > 0) return random.below(turn);
    return turn < all ? turn + random.below(all - turn) : random.below(all);
  }

  /// On a copy, because a backward pass overwrites the gradients of its model.
  void run_backward(const Model& model) {
    LaneSpec spec = model.spec();
    spec.dropout = 0;
    spec.init = Init::uniform;  // drawn only to be overwritten
    Result<Model> copy = Model::create(spec, model.shape(), 0);
    assert(copy);
    std::ranges::copy(model.parameters(), copy->parameters().begin());
    copy->parameters_changed();
    const auto workspace = copy->make_workspace(sequence_.seq_length, 1);
    RecurrentState state = copy->make_state(1);
    Random unused(0);
    copy->forward_backward(*workspace, sequence_, state, unused);
    for (size_t n = 0; n < samples_.size(); ++n)
      samples_[n].backward = static_cast<double>(copy->gradients()[offsets_[n]]);
  }

  /// The step away from a parameter: rounding gives an error of about 1e-16/ε, the third derivative one of
  /// ε².
  double epsilon() const { return 1e-5 * std::max(1.0, std::abs(original_)); }

  void begin_pass() {
    if (sample_ == samples_.size()) return;
    double& parameter = doubles_.parameters()[offsets_[sample_]];
    if (!is_second_) original_ = parameter;
    parameter = original_ + (is_second_ ? -1 : 1) * epsilon();
    doubles_.reset();
    place_ = 0;
    sum_ = weight_ = 0;
  }

  void end_pass() {
    const double loss = sum_ / weight_;
    if (is_second_) {
      samples_[sample_].difference = (upper_ - loss) / (2 * epsilon());
      doubles_.parameters()[offsets_[sample_]] = original_;
      ++sample_;
    } else {
      upper_ = loss;
    }
    is_second_ = !is_second_;
    begin_pass();
  }

  size_t length() const { return static_cast<size_t>(sequence_.seq_length); }

  DoubleModel doubles_;
  Batch sequence_;
  std::vector<GradientSample> samples_;
  std::vector<size_t> offsets_;  // of the samples in the parameters
  size_t at_once_ = 1;           // characters of one advance()
  size_t sample_ = 0, place_ = 0;
  bool is_second_ = false;  // the pass with −ε
  double original_ = 0, upper_ = 0, sum_ = 0, weight_ = 0;
};

GradientCheck::GradientCheck(const Model& model, std::span<const int32_t> ids, int samples, uint64_t seed)
    : GradientCheck(model, sequence_of(ids), samples, seed) {}
GradientCheck::GradientCheck(const Model& model, Batch sequence, int samples, uint64_t seed)
    : work_(std::make_unique<Work>(model, std::move(sequence), samples, seed)) {}
GradientCheck::~GradientCheck() = default;
bool GradientCheck::advance() { return work_->advance(); }
const std::vector<GradientSample>& GradientCheck::samples() const { return work_->samples(); }

double GradientCheck::error() const {
  double between = 0, backward = 0, difference = 0;
  for (const GradientSample& sample : samples()) {
    between += (sample.backward - sample.difference) * (sample.backward - sample.difference);
    backward += sample.backward * sample.backward;
    difference += sample.difference * sample.difference;
  }
  const double sum = std::sqrt(backward) + std::sqrt(difference);
  return sum > 0 ? std::sqrt(between) / sum : 0.0;
}

}  // namespace unroll
