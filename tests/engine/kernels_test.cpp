// Every table of kernels that this machine runs, against the textbook formula in double precision.
//
// Tolerances are derived. A float dot product of n terms in any order differs from the exact one by at most
// n·ε·Σ|aᵢ bᵢ| with ε = 2⁻²⁴ (Higham 2002, §3.1); element-wise results by the bounds that engine/kernels/math.h states,
// through the derivatives of the formula.
#include "engine/kernels/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/base/random.h"

namespace unroll {
namespace {

using kernels::Kernels;
constexpr double eps = 0x1p-24;

std::vector<float> random_floats(Random& random, size_t n, float lo = -1, float hi = 1) {
  std::vector<float> values(n);
  for (float& v : values) v = random.uniform(lo, hi);
  return values;
}

/// Calls the body for every table, under its name.
template <class Body>
void each_table(Body body) {
  REQUIRE(!kernels::available().empty());
  for (const Kernels* table : kernels::available()) {
    INFO("table ", std::string(table->name));
    body(*table);
  }
}

double worst_ulps(const char* what, void (*kernel)(const float*, float*, size_t), double (*exact)(double),
                  float lo, float hi, uint32_t stride) {
  std::vector<float> x, y;
  double worst = 0;
  float at = 0;
  const auto flush = [&] {
    y.resize(x.size());
    kernel(x.data(), y.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const double right = exact(static_cast<double>(x[i]));
      const float rounded = static_cast<float>(right);
      if (std::isinf(rounded)) continue;  // the caller looks at overflow
      const double ulp =
          std::max(std::ldexp(1.0, std::ilogb(std::max(std::abs(right), 0x1p-126)) - 23), 0x1p-149);
      const double error = std::abs(static_cast<double>(y[i]) - right) / ulp;
      if (!(error <= worst)) worst = error, at = x[i];
    }
    x.clear();
  };
  // All floats between the bounds, every stride-th of them by their bits.
  const auto sweep = [&](float from, float to) {
    for (uint64_t bits = std::bit_cast<uint32_t>(from); bits <= std::bit_cast<uint32_t>(to); bits += stride) {
      x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
      if (x.size() == 4099) flush();
    }
    flush();
  };
  if (hi > 0) sweep(0.0f, hi);
  if (lo < 0) sweep(-0.0f, lo);
  INFO(std::string(what), ": worst at x = ", at);
  CHECK(worst == doctest::Approx(worst));  // a NaN shows here
  return worst;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

constexpr uint32_t stride = 1009;  // of the floats between two bounds, by their bits

}  // namespace

TEST_CASE("the last table is plain, force() chooses by name") {
  CHECK(std::string(kernels::available().back()->name) == "plain");
  const Kernels& before = kernels::best();
  CHECK(&before == kernels::available().front());
  CHECK_FALSE(kernels::force("abacus"));
  CHECK(&kernels::best() == &before);
  REQUIRE(kernels::force("plain"));
  CHECK(std::string(kernels::best().name) == "plain");
  REQUIRE(kernels::force(before.name));
}

TEST_CASE("exp, tanh and sigmoid keep their stated bounds over the whole range") {
  each_table([](const Kernels& k) {
    CHECK(worst_ulps("exp", k.exp, std::exp, -110.0f, 88.7228f, stride) <= 1.5);
    CHECK(worst_ulps("tanh", k.tanh, std::tanh, -1e30f, 1e30f, stride) <= 8.0);
    CHECK(worst_ulps("sigmoid", k.sigmoid, sigmoid, -87.3f, 1e30f, stride) <= 3.0);
  });
}

TEST_CASE("exp, tanh and sigmoid at infinities, NaN, zero and denormals, in body and tail") {
  static constexpr float inf = std::numeric_limits<float>::infinity(),
                         nan = std::numeric_limits<float>::quiet_NaN();
  each_table([](const Kernels& k) {
    for (size_t n : {1, 3, 4, 5, 16, 19}) {  // the last element is in the tail, in the body, or both
      INFO("n = ", n);
      std::vector<float> y(n);
      const auto last = [&](void (*kernel)(const float*, float*, size_t), float x) {
        const std::vector<float> all(n, x);
        kernel(all.data(), y.data(), n);
        for (size_t i = 1; i < n; ++i) {
          const bool same = std::bit_cast<uint32_t>(y[i]) == std::bit_cast<uint32_t>(y[0]);
          CHECK(same);
        }
        return y[n - 1];
      };
      CHECK(last(k.exp, inf) == inf);
      CHECK(last(k.exp, 88.8f) == inf);
      CHECK(last(k.exp, -inf) == 0.0f);
      CHECK(last(k.exp, 0.0f) == 1.0f);
      CHECK(last(k.exp, 1e-40f) == 1.0f);
      CHECK(std::isnan(last(k.exp, nan)));
      CHECK(last(k.tanh, inf) <= 1.0f);
      CHECK(last(k.tanh, inf) >= 1.0f - 4 * 0x1p-24f);
      CHECK(last(k.tanh, -inf) == -last(k.tanh, inf));
      CHECK(last(k.tanh, 0.0f) == 0.0f);
      CHECK(last(k.tanh, 1e-40f) == 1e-40f);
      CHECK(std::isnan(last(k.tanh, nan)));
      CHECK(last(k.sigmoid, inf) == 1.0f);
      CHECK(last(k.sigmoid, -inf) > 0.0f);
      CHECK(last(k.sigmoid, -inf) < 2e-38f);
      CHECK(last(k.sigmoid, 0.0f) == 0.5f);
      CHECK(std::isnan(last(k.sigmoid, nan)));
    }
  });
}

TEST_CASE("tanh stays within [-1, 1] where it saturates") {
  each_table([](const Kernels& k) {
    std::vector<float> x, y;
    for (float v = 4.0f; v < 12.0f; v += 1e-4f) x.push_back(v), x.push_back(-v);
    y.resize(x.size());
    k.tanh(x.data(), y.data(), x.size());
    CHECK(*std::max_element(y.begin(), y.end()) <= 1.0f);
    CHECK(*std::min_element(y.begin(), y.end()) >= -1.0f);
    CHECK(*std::max_element(y.begin(), y.end()) == -*std::min_element(y.begin(), y.end()));
  });
}

TEST_CASE("gemm equals the definition for odd sizes, with and without what is in C") {
  each_table([](const Kernels& k) {
    Random random(3);
    const int sizes[][3] = {{1, 1, 1},    {1, 65, 128},  {1, 130, 7},  {2, 33, 19},   {3, 512, 5},
                            {4, 8, 300},  {5, 17, 64},   {6, 31, 257}, {7, 64, 65},   {11, 100, 70},
                            {13, 9, 513}, {23, 47, 29},  {32, 65, 66}, {33, 127, 48}, {64, 12, 20},
                            {97, 34, 21}, {200, 67, 35}, {1, 4, 1030}};
    for (const auto& [m, n, depth] : sizes)
      for (bool transposed : {false, true})
        for (bool accumulate : {false, true}) {
          INFO("m ", m, " n ", n, " k ", depth, " transposed ", transposed, " accumulate ", accumulate);
          const int lda = depth + 3, ldb = (transposed ? depth : n) + 1, ldc = n + 2;
          const auto a = random_floats(random, static_cast<size_t>(m * lda));
          const auto b = random_floats(random, static_cast<size_t>((transposed ? n : depth) * ldb));
          const auto before = random_floats(random, static_cast<size_t>(m * ldc));
          auto c = before;
          std::vector<float> packed(k.packed_size(depth, n), std::numeric_limits<float>::quiet_NaN());
          k.pack(b.data(), ldb, transposed, depth, n, packed.data());
          k.gemm(a.data(), lda, packed.data(), c.data(), ldc, m, n, depth, accumulate);
          double worst = 0;
          bool outside_untouched = true;
          for (int i = 0; i < m; ++i)
            for (int j = 0; j < ldc; ++j) {
              const size_t at = static_cast<size_t>(i * ldc + j);
              if (j >= n) {
                outside_untouched &= c[at] == before[at];
                continue;
              }
              double right = accumulate ? static_cast<double>(before[at]) : 0.0, magnitude = std::abs(right);
              for (int p = 0; p < depth; ++p) {
                const double term =
                    static_cast<double>(a[static_cast<size_t>(i * lda + p)]) *
                    static_cast<double>(b[static_cast<size_t>(transposed ? j * ldb + p : p * ldb + j)]);
                right += term, magnitude += std::abs(term);
              }
              worst = std::max(
                  worst, std::abs(static_cast<double>(c[at]) - right) / ((depth + 1) * eps * magnitude));
            }
          CHECK(worst <= 1.0);
          CHECK(outside_untouched);
        }
  });
}

TEST_CASE("a row of a product does not depend on the other rows") {
  each_table([](const Kernels& k) {
    Random random(4);
    constexpr int n = 70, depth = 600, rows = 150;
    const auto a = random_floats(random, rows * depth), b = random_floats(random, depth * n);
    std::vector<float> packed(k.packed_size(depth, n)), c(rows * n), alone(n);
    k.pack(b.data(), n, false, depth, n, packed.data());
    for (int m : {1, 2, 3, 4, 7, 32, rows}) {
      INFO("m = ", m);
      k.gemm(a.data(), depth, packed.data(), c.data(), n, m, n, depth, false);
      for (int i : {0, m / 2, m - 1}) {
        k.gemm(&a[static_cast<size_t>(i * depth)], depth, packed.data(), alone.data(), n, 1, n, depth, false);
        CHECK(std::equal(alone.begin(), alone.end(), c.begin() + i * n));
      }
    }
  });
}

TEST_CASE("gemm_tn adds the product with A transposed") {
  each_table([](const Kernels& k) {
    Random random(5);
    const int sizes[][3] = {{1, 1, 1},     {2, 3, 1},     {4, 9, 5},     {7, 65, 33},
                            {12, 12, 300}, {65, 40, 128}, {100, 33, 9},  {31, 17, 520},
                            {700, 5, 11},  {3, 1100, 20}, {50, 64, 257}, {13, 128, 40}};
    for (const auto& [m, n, depth] : sizes) {
      INFO("m ", m, " n ", n, " k ", depth);
      const int lda = m + 1, ldb = n + 2, ldc = n + 3;
      const auto a = random_floats(random, static_cast<size_t>(depth * lda));
      const auto b = random_floats(random, static_cast<size_t>(depth * ldb));
      const auto before = random_floats(random, static_cast<size_t>(m * ldc));
      auto c = before;
      // One float more than asked for, to see that it is left alone.
      std::vector<float> scratch(k.gemm_tn_scratch(m, n, depth) + 1, 7.0f);
      k.gemm_tn(a.data(), lda, b.data(), ldb, c.data(), ldc, m, n, depth, scratch.data());
      CHECK(scratch.back() == 7.0f);
      double worst = 0;
      bool outside_untouched = true;
      for (int i = 0; i < m; ++i)
        for (int j = 0; j < ldc; ++j) {
          const size_t at = static_cast<size_t>(i * ldc + j);
          if (j >= n) {
            outside_untouched &= c[at] == before[at];
            continue;
          }
          double right = static_cast<double>(before[at]), magnitude = std::abs(right);
          for (int p = 0; p < depth; ++p) {
            const double term = static_cast<double>(a[static_cast<size_t>(p * lda + i)]) *
                                static_cast<double>(b[static_cast<size_t>(p * ldb + j)]);
            right += term, magnitude += std::abs(term);
          }
          worst =
              std::max(worst, std::abs(static_cast<double>(c[at]) - right) / ((depth + 1) * eps * magnitude));
        }
      CHECK(worst <= 1.0);
      CHECK(outside_untouched);
    }
  });
}

TEST_CASE("rows are added and summed, norms and factors are right, for odd sizes") {
  each_table([](const Kernels& k) {
    Random random(6);
    for (int m : {1, 3, 4, 6, 9})
      for (int n : {1, 2, 7, 16, 33, 65}) {
        INFO("m ", m, " n ", n);
        const int ld = n + 1;
        const auto x = random_floats(random, static_cast<size_t>(m * ld));
        const auto row = random_floats(random, static_cast<size_t>(n));
        auto sums = row, added = x;
        k.sum_rows(x.data(), ld, sums.data(), m, n);
        k.add_rows(row.data(), added.data(), ld, m, n);
        for (int j = 0; j < n; ++j) {
          double right = static_cast<double>(row[static_cast<size_t>(j)]), magnitude = std::abs(right);
          for (int i = 0; i < m; ++i) {
            const float value = x[static_cast<size_t>(i * ld + j)];
            right += static_cast<double>(value), magnitude += std::abs(static_cast<double>(value));
            CHECK(added[static_cast<size_t>(i * ld + j)] == value + row[static_cast<size_t>(j)]);
          }
          CHECK(std::abs(static_cast<double>(sums[static_cast<size_t>(j)]) - right) <= m * eps * magnitude);
        }
        CHECK(added[static_cast<size_t>(n)] == x[static_cast<size_t>(n)]);  // between rows
      }
    for (size_t n : {size_t{1}, size_t{15}, size_t{64}, size_t{1000}, size_t{100003}}) {
      auto x = random_floats(random, n);
      double right = 0;
      for (float v : x) right += static_cast<double>(v) * static_cast<double>(v);
      CHECK(k.squared_norm(x.data(), n) == doctest::Approx(right).epsilon(1e-5));
      const auto before = x;
      k.scale(0.3f, x.data(), n);
      bool scaled = true;
      for (size_t i = 0; i < n; ++i) scaled &= x[i] == 0.3f * before[i];
      CHECK(scaled);
    }
  });
}

}  // namespace unroll
