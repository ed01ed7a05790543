// A point foretold as a mixture of normal densities: right values by hand, gradients, extremes, and what is drawn from it.
#include "engine/base/mixture.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/engine/trainer_fixture.h"

namespace unroll {
namespace {

constexpr double ln_2pi = 1.8378770664093453;

/// The output of which a logarithm of a deviation, or a correlation, becomes that.
float spread_output(double spread) {
  return static_cast<float>(most_spread * std::atanh(spread / most_spread));
}
float correlation_output(double correlation) {
  return static_cast<float>(std::atanh(correlation / most_correlation));
}

double loss(const std::vector<float>& outputs, const std::vector<float>& targets) {
  return mixture_loss(outputs.data(), targets.data(), outputs.size());
}

std::vector<float> random_outputs(Random& random, MixtureShape shape, float most) {
  std::vector<float> outputs(shape.outputs());
  for (float& output : outputs) output = random.uniform(-most, most);
  return outputs;
}

TEST_CASE(
    "mixture: one density without correlation is the normal one, and a bit that is not known costs ln 2") {
  CHECK(loss({0, 0, 0, 0, 0, 0, 0}, {0, 0, 0}) == doctest::Approx(ln_2pi + std::log(2)));
  CHECK(loss({0, 7, 1, -2, 0, 0, 0}, {2, 0, 1}) == doctest::Approx(ln_2pi + 0.5 + 2 + std::log(2)));
  // Deviations of 2 and a half: −ln N(3; 1, 2) − ln N(0; 1, ½) = (½ ln 2π + ln 2 + ½) + (½ ln 2π − ln 2 + 2).
  const float twice = spread_output(std::log(2)), half = spread_output(-std::log(2));
  CHECK(loss({0, 0, 1, 1, twice, half, 0}, {3, 0, 0}) == doctest::Approx(ln_2pi + 2.5 + std::log(2)));
  CHECK(loss({2, 0, 0, 0, 0, 0, 0}, {0, 0, 1}) == doctest::Approx(ln_2pi - std::log(1 / (1 + std::exp(-2)))));
}

TEST_CASE("mixture: with correlation .6 at (1, 1) it is 1 / (2π .8) exp(−.8 / 1.28)") {
  const float r = correlation_output(0.6);
  CHECK(loss({0, 0, 0, 0, 0, 0, r}, {1, 1, 0}) ==
        doctest::Approx(ln_2pi + std::log(0.8) + 0.625 + std::log(2)));
  CHECK(loss({0, 0, 0, 0, 0, 0, r}, {1, -1, 0}) ==
        doctest::Approx(ln_2pi + std::log(0.8) + 2.5 + std::log(2)));
}

TEST_CASE(
    "mixture: densities add up by their shares, and so do they where the point is far from all of them") {
  const float third = static_cast<float>(std::log(0.5));  // beside 0: shares 2/3 and 1/3
  const auto normal = [](double x, double y) { return std::exp(-(x * x + y * y) / 2 - ln_2pi); };
  const std::vector<float> outputs = {0, 0, 0, third, -1, 2, 0, 1, 0, 0, 0, 0, 0, 0};
  REQUIRE(MixtureShape::of(outputs.size()).components == 2);
  CHECK(MixtureShape::of(outputs.size()).targets() == 4);
  CHECK(loss(outputs, {1, 1, 0, 1}) ==
        doctest::Approx(-std::log(2.0 / 3 * normal(2, 1) + 1.0 / 3 * normal(-1, 0)) + 2 * std::log(2)));
  CHECK(loss(outputs, {1e4f, 0, 0, 0}) == doctest::Approx((1e4 - 2) * (1e4 - 2) / 2).epsilon(1e-6));
}

TEST_CASE("mixture: its gradient is that of finite differences, whatever the outputs are") {
  Random random(3);
  for (const MixtureShape shape : {MixtureShape{1, 1}, {3, 2}, {10, 5}})
    for (const float most : {0.5f, 2.0f, 6.0f}) {
      const std::vector<float> outputs = random_outputs(random, shape, most);
      std::vector<float> targets;
      for (size_t k = 0; k < shape.targets(); ++k) targets.push_back(random.uniform(-1, 1));
      std::vector<float> gradient = outputs;
      CHECK(mixture_gradient(gradient.data(), targets.data(), gradient.size(), 0.5) ==
            loss(outputs, targets));
      for (size_t i = 0; i < outputs.size(); ++i) {
        std::vector<double> changed(outputs.begin(), outputs.end());
        const auto with = [&](double change) {
          changed[i] = static_cast<double>(outputs[i]) + change;
          return mixture_loss(changed.data(), targets.data(), changed.size());
        };
        const double slope = (with(1e-5) - with(-1e-5)) / 2e-5;
        CHECK(gradient[i] == doctest::Approx(0.5 * slope).epsilon(1e-4));
      }
    }
}

TEST_CASE("mixture: outputs as large as there are give losses and gradients that are numbers") {
  Random random(4);
  for (const float most : {50.0f, 1e4f, 1e15f, 3e38f})
    for (int again = 0; again < 50; ++again) {
      std::vector<float> outputs = random_outputs(random, {4, 2}, most), gradient = outputs;
      const std::vector<float> targets = {again % 2 ? 0.5f : 1e3f, -0.5f, 1, 0};
      CHECK_FALSE(std::isnan(loss(outputs, targets)));
      mixture_gradient(gradient.data(), targets.data(), gradient.size(), 1);
      for (const float value : gradient) CHECK_FALSE(std::isnan(value));
      float drawn[4];
      draw_from_mixture(outputs.data(), outputs.size(), 1, random, drawn);
      for (const float value : drawn) CHECK_FALSE(std::isnan(value));
    }
}

struct Moments {
  double first = 0, x = 0, deviation_x = 0, deviation_y = 0, correlation = 0, ones = 0;
};

/// Of 20,000 points that are drawn. The components stand at x −10 and 10, each point belongs to one.
Moments moments(double bias) {
  const std::vector<float> outputs = {
      1, 0, 1, -10, 10, 0, 0, 0, 0, 0, 0, correlation_output(0.5), correlation_output(0.5)};
  Random random(7);
  Moments sum;
  double xx = 0, yy = 0, xy = 0;
  constexpr int count = 20000;
  for (int n = 0; n < count; ++n) {
    float drawn[3];
    draw_from_mixture(outputs.data(), outputs.size(), bias, random, drawn);
    const bool first = drawn[0] < 0;
    const double x = drawn[0] + (first ? 10.0 : -10.0), y = drawn[1];
    sum.first += first / static_cast<double>(count);
    sum.x += x / count;
    xx += x * x / count, yy += y * y / count, xy += x * y / count;
    sum.ones += static_cast<double>(drawn[2]) / count;
  }
  sum.deviation_x = std::sqrt(xx), sum.deviation_y = std::sqrt(yy);
  sum.correlation = xy / (sum.deviation_x * sum.deviation_y);
  return sum;
}

TEST_CASE(
    "mixture: what is drawn has its shares, deviations and correlation, and a bias makes likely points "
    "likelier") {
  for (const double bias : {0.0, 1.0, 3.0}) {
    const Moments drawn = moments(bias);
    CHECK(drawn.first == doctest::Approx(1 / (1 + std::exp(1 + bias))).epsilon(0.1));
    CHECK(std::abs(drawn.x) < 0.03);
    CHECK(drawn.deviation_x == doctest::Approx(std::exp(-bias)).epsilon(0.03));
    CHECK(drawn.deviation_y == doctest::Approx(std::exp(-bias)).epsilon(0.03));
    CHECK(drawn.correlation == doctest::Approx(0.5).epsilon(0.05));
    CHECK(drawn.ones == doctest::Approx(logistic(1 + bias)).epsilon(0.03));
  }
  CHECK(moments(1).x == moments(1).x);  // the generator's seed says all
}

}  // namespace
}  // namespace unroll
