#include "engine/probes/spectrum.h"

#include <Eigen/Core>
#include <cassert>
#include <cmath>
#include <map>

namespace unroll {
namespace {

using Matrix = Eigen::MatrixXd;

constexpr int squarings = 20;
constexpr Eigen::Index columns_at_once = 16;

}  // namespace

class SpectrumMeter::Work {
 public:
  Work(const Model& model, int layer) {
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto graph = graph_of(model.spec());
    const Eigen::Index H = model.spec().hidden;
    assert(H <= most_hidden);
    std::map<int, int> found;  // by equation
    for (const CellNode& node : graph->nodes) {
      if (node.op != CellOp::linear) continue;
      const CellTensor& tensor = graph->tensors[static_cast<size_t>(node.weight.tensor)];
      if (tensor.shape != CellTensor::Shape::matrix) continue;
      const int before = found[node.equation]++;
      std::string name = graph->equations[static_cast<size_t>(node.equation)].name;
      if (before > 0) name += ":" + std::to_string(before + 1);
      const Eigen::Index D = H / tensor.heads;
      const float* values =
          &model.parameters()[model.block("rnn." + tensor.name + "_l" + std::to_string(layer)).offset +
                              static_cast<size_t>(node.weight.block * H * D)];
      for (Eigen::Index head = 0; head < tensor.heads; ++head) {
        weights_.push_back(Eigen::Map<const RowMajor>(values + head * D * D, D, D).cast<double>());
        block_.push_back(result_.size());
      }
      result_.push_back({.name = std::move(name)});
    }
    if (!weights_.empty()) begin(weights_[0], weights_[0].transpose());
  }

  bool advance() {
    if (gate_ == weights_.size()) return true;
    const Eigen::Index count = std::min(columns_at_once, right_.cols() - column_);
    product_.middleCols(column_, count).noalias() = left_ * right_.middleCols(column_, count);
    column_ += count;
    if (column_ == right_.cols()) end();
    return gate_ == weights_.size();
  }

  const std::vector<Spectrum>& result() const { return result_; }

 private:
  void begin(Matrix right, Matrix left) {
    right_ = std::move(right);
    left_ = std::move(left);
    product_.resize(right_.rows(), right_.cols());
    column_ = 0;
  }

  /// A product is done: WᵀW first, which is only the start, then its squares; then W's own.
  void end() {
    if (is_gram_) {
      is_gram_ = false;
      return start_squaring(product_);
    }
    if (!normalise(product_)) return finish(0);
    if (++squared_ < squarings) return begin(product_, product_);
    finish(std::exp(log_norm_ / std::exp2(squarings)));
  }

  void start_squaring(Matrix a) {
    log_norm_ = 0;
    squared_ = 0;
    if (!normalise(a)) return finish(0);
    begin(a, a);
  }

  /// Keeps the power at norm 1 and its norm as a logarithm: log ‖A^2k‖ = 2 log ‖A^k‖ + log ‖(A^k/‖A^k‖)²‖.
  /// False when it is 0, as of a nilpotent matrix.
  bool normalise(Matrix& a) {
    const double norm = a.norm();
    if (!(norm > 0)) return false;
    a /= norm;
    log_norm_ = 2 * log_norm_ + std::log(norm);
    return true;
  }

  void finish(double radius) {
    if (is_singular_) {
      Spectrum& block = result_[block_[gate_]];
      block.singular = std::max(block.singular, std::sqrt(radius));
      is_singular_ = false;
      return start_squaring(weights_[gate_]);
    }
    Spectrum& block = result_[block_[gate_]];
    block.eigenvalue = std::max(block.eigenvalue, radius);
    if (++gate_ == weights_.size()) return;
    is_singular_ = is_gram_ = true;
    begin(weights_[gate_], weights_[gate_].transpose());
  }

  std::vector<Matrix> weights_;  // of all blocks, head by head
  std::vector<size_t> block_;    // whose each is
  std::vector<Spectrum> result_;
  Matrix left_, right_, product_;
  Eigen::Index column_ = 0;                   // of the product, how many are there
  bool is_singular_ = true, is_gram_ = true;  // which number is being found; whether WᵀW is still to come
  int squared_ = 0;
  double log_norm_ = 0;
  size_t gate_ = 0;
};

SpectrumMeter::SpectrumMeter(const Model& model, int layer) : work_(std::make_unique<Work>(model, layer)) {}
SpectrumMeter::~SpectrumMeter() = default;
bool SpectrumMeter::advance() { return work_->advance(); }
const std::vector<Spectrum>& SpectrumMeter::result() const { return work_->result(); }

}  // namespace unroll
