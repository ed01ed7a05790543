// Largest singular value and eigenvalue modulus against Eigen's decompositions.
#include "engine/probes/spectrum.h"

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include "tests/engine/engine_fixture.h"

using namespace unroll;

namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::vector<Spectrum> measure(const Model& model, int layer) {
  SpectrumMeter meter(model, layer);
  while (!meter.advance()) continue;
  return meter.result();
}

}  // namespace

TEST_CASE("Spectrum: of every gate, as Eigen's decompositions say") {
  for (const std::string cell : {"rnn", "lstm", "gru"})
    for (const int hidden : {1, 5, 40}) {
      CAPTURE(cell);
      CAPTURE(hidden);
      const Model model = std::move(*Model::create({.cell = cell, .hidden = hidden, .layers = 2}, 4, 3));
      const std::vector<Spectrum> found = measure(model, 1);
      const ParameterBlock& block = model.block("rnn.weight_hh_l1");
      REQUIRE(static_cast<int>(found.size()) * hidden == block.rows);
      for (size_t gate = 0; gate < found.size(); ++gate) {
        const size_t offset = block.offset + gate * static_cast<size_t>(hidden * hidden);
        const Eigen::MatrixXd w =
            Eigen::Map<const RowMajor>(&model.parameters()[offset], hidden, hidden).cast<double>();
        const double singular = Eigen::JacobiSVD<Eigen::MatrixXd>(w).singularValues()(0);
        const double eigenvalue =
            Eigen::EigenSolver<Eigen::MatrixXd>(w, false).eigenvalues().cwiseAbs().maxCoeff();
        CHECK(found[gate].singular == doctest::Approx(singular).epsilon(1e-5));
        CHECK(found[gate].eigenvalue == doctest::Approx(eigenvalue).epsilon(1e-5));
      }
    }
}

TEST_CASE("Spectrum: matrices that are known, an orthogonal one, a nilpotent one and zero among them") {
  Model model = std::move(*Model::create({.cell = "lstm", .hidden = 3, .init = Init::orthogonal}, 4, 3));
  const ParameterBlock& block = model.block("rnn.weight_hh_l0");
  const auto set = [&](size_t gate, std::vector<float> values) {
    std::ranges::copy(values, model.parameters().begin() + static_cast<ptrdiff_t>(block.offset + 9 * gate));
  };
  set(1, {0, 2, 0, 0, 0, 3, 0, 0, 0});         // nilpotent
  set(2, {0, -0.5f, 0, 0.5f, 0, 0, 0, 0, 0});  // eigenvalues ±i/2
  set(3, std::vector<float>(9));
  const std::vector<Spectrum> found = measure(model, 0);
  REQUIRE(found.size() == 4);
  CHECK(found[0].singular == doctest::Approx(1).epsilon(1e-5));
  CHECK(found[0].eigenvalue == doctest::Approx(1).epsilon(1e-5));
  CHECK(found[1].singular == doctest::Approx(3).epsilon(1e-5));
  CHECK(found[1].eigenvalue == 0);
  CHECK(found[2].singular == doctest::Approx(0.5).epsilon(1e-5));
  CHECK(found[2].eigenvalue == doctest::Approx(0.5).epsilon(1e-5));
  CHECK(found[3].singular == 0);
  CHECK(found[3].eigenvalue == 0);
}
