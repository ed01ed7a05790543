// Programs of element-wise operations, of every table of kernels: each operation against its formula in double
// precision, whole programs against their instructions one by one.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/kernels/kernels.h"

namespace unroll {
namespace {

using namespace kernels;

std::vector<float> random_floats(Random& random, size_t n, float lo, float hi) {
  std::vector<float> values(n);
  for (float& v : values) v = random.uniform(lo, hi);
  return values;
}

template <class Body>
void each_table(Body body) {
  for (const Kernels* table : available()) {
    INFO("table ", std::string(table->name));
    body(*table);
  }
}

/// y = f(x) of one row.
void apply(const Kernels& k, VectorOp op, std::vector<float>& x, std::vector<float>& y) {
  const VectorInstruction code = {.op = op, .y = 1};
  const int n = static_cast<int>(x.size());
  const VectorPlace places[] = {{x.data(), n}, {y.data(), n}};
  k.run_program({.code = &code, .count = 1}, places, 1, n);
}

double ulp_of(double x) {
  return std::max(std::ldexp(1.0, std::ilogb(std::max(std::abs(x), 0x1p-126)) - 23), 0x1p-149);
}

/// The worst error over every 1009th float between the bounds: in units in the last place, or absolute.
double worst(const Kernels& k, VectorOp op, double (*exact)(double), float from, float to, bool absolute) {
  std::vector<float> x, y;
  double worst = 0;
  float at = 0;
  const auto flush = [&] {
    y.resize(x.size());
    if (!x.empty()) apply(k, op, x, y);
    for (size_t i = 0; i < x.size(); ++i) {
      const double right = exact(static_cast<double>(x[i]));
      const double error = std::abs(static_cast<double>(y[i]) - right) / (absolute ? 1.0 : ulp_of(right));
      if (!(error <= worst)) worst = error, at = x[i];
    }
    x.clear();
  };
  const auto sweep = [&](float low, float high) {
    for (uint64_t bits = std::bit_cast<uint32_t>(low); bits <= std::bit_cast<uint32_t>(high); bits += 1009) {
      x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
      if (x.size() == 4099) flush();
    }
    flush();
  };
  if (to > 0) sweep(std::max(from, 0.0f), to);
  if (from < 0) sweep(-0.0f, from);
  INFO("worst at x = ", at);
  CHECK(worst == doctest::Approx(worst));  // a NaN shows here
  return worst;
}

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

TEST_CASE("Programs: log, softplus, sin and cos keep their stated bounds") {
  each_table([](const Kernels& k) {
    CHECK(worst(k, VectorOp::log, std::log, 0x1p-149f, 3e38f, false) <= 2.0);
    CHECK(worst(k, VectorOp::softplus, softplus, -87.0f, 3e38f, false) <= 3.0);
    CHECK(worst(k, VectorOp::sin, std::sin, -2000.0f, 2000.0f, true) <= 1.5e-7);
    CHECK(worst(k, VectorOp::sin, std::sin, -20000.0f, 20000.0f, true) <= 1e-6);
    CHECK(worst(k, VectorOp::cos, std::cos, -2000.0f, 2000.0f, true) <= 1.5e-7);
    CHECK(worst(k, VectorOp::cos, std::cos, -20000.0f, 20000.0f, true) <= 1e-6);
    CHECK(worst(k, VectorOp::sqrt, std::sqrt, 0.0f, 3e38f, false) <= 0.5);
  });
}

TEST_CASE("Programs: functions at zero, infinities, NaN and where they have no value") {
  static constexpr float inf = std::numeric_limits<float>::infinity();
  each_table([](const Kernels& k) {
    for (const size_t n : std::initializer_list<size_t>{1, 3, 4, 5, 16, 19}) {
      INFO("n = ", n);
      const auto last = [&](VectorOp op, float x) {
        std::vector<float> all(n, x), y(n);
        apply(k, op, all, y);
        for (size_t i = 1; i < n; ++i) CHECK(std::bit_cast<uint32_t>(y[i]) == std::bit_cast<uint32_t>(y[0]));
        return y[n - 1];
      };
      CHECK(last(VectorOp::log, 0.0f) == -inf);
      CHECK(last(VectorOp::log, 1.0f) == 0.0f);
      CHECK(last(VectorOp::log, inf) == inf);
      CHECK(std::isnan(last(VectorOp::log, -1.0f)));
      CHECK(last(VectorOp::softplus, inf) == inf);
      CHECK(last(VectorOp::softplus, -inf) == 0.0f);
      CHECK(last(VectorOp::sqrt, inf) == inf);
      CHECK(std::isnan(last(VectorOp::sqrt, -1.0f)));
      CHECK(std::isnan(last(VectorOp::sin, inf)));
      CHECK(std::abs(last(VectorOp::sin, 3e30f)) <= 1.0f);
      CHECK(std::abs(last(VectorOp::cos, -3e30f)) <= 1.0f);
      CHECK(last(VectorOp::cos, 0.0f) == 1.0f);
      CHECK(last(VectorOp::abs, -inf) == inf);
      CHECK(last(VectorOp::relu, -3.0f) == 0.0f);
      for (const VectorOp op :
           {VectorOp::log, VectorOp::softplus, VectorOp::sin, VectorOp::cos, VectorOp::sqrt, VectorOp::abs,
            VectorOp::exp, VectorOp::tanh, VectorOp::sigmoid})
        CHECK(std::isnan(last(op, NAN)));
    }
  });
}

namespace {

/// What an element-wise operation gives, from its line in vector_program.h.
double formula(VectorOp op, double a, double b, double c, double k, double l) {
  const auto sign = [](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; };
  switch (op) {
    case VectorOp::fill:
      return l;
    case VectorOp::scale:
      return k * a;
    case VectorOp::affine:
      return k * a + l;
    case VectorOp::sum:
      return a + b;
    case VectorOp::subtract:
      return a - b;
    case VectorOp::product:
      return k * a * b;
    case VectorOp::fma:
      return c + k * a * b;
    case VectorOp::divide:
      return k * a / b;
    case VectorOp::max:
      return std::max(a, b);
    case VectorOp::min:
      return std::min(a, b);
    case VectorOp::sigmoid:
      return sigmoid(a);
    case VectorOp::tanh:
      return std::tanh(a);
    case VectorOp::relu:
      return std::max(a, 0.0);
    case VectorOp::exp:
      return std::exp(a);
    case VectorOp::log:
      return std::log(a);
    case VectorOp::softplus:
      return softplus(a);
    case VectorOp::abs:
      return std::abs(a);
    case VectorOp::sqrt:
      return std::sqrt(a);
    case VectorOp::sin:
      return std::sin(a);
    case VectorOp::cos:
      return std::cos(a);
    case VectorOp::drop_faint:
      return std::abs(a) < 0x1p-100 ? 0 : a;
    case VectorOp::sigmoid_back:
      return k * a * b * (1 - b);
    case VectorOp::sigmoid_back2:
      return k * a * b * c * (1 - c);
    case VectorOp::tanh_back:
      return k * a * (1 - b * b);
    case VectorOp::tanh_back2:
      return k * a * b * (1 - c * c);
    case VectorOp::positive:
      return b > 0 ? k * a : 0;
    case VectorOp::positive2:
      return c > 0 ? k * a * b : 0;
    case VectorOp::elsewhere:
      return b > 0 ? 0 : k * a;
    case VectorOp::sign:
      return k * a * sign(b);
    default:
      return NAN;
  }
}
constexpr int elementwise = static_cast<int>(VectorOp::sign) + 1;

}  // namespace

TEST_CASE(
    "Programs: every element-wise operation, setting and adding, over rows that lie apart or are shared") {
  each_table([](const Kernels& k) {
    Random random(3);
    for (const size_t n : std::initializer_list<size_t>{1, 3, 8, 21, 1500})
      for (const size_t R : std::initializer_list<size_t>{1, 3, 70})
        for (int number = 0; number < elementwise; ++number)
          for (const bool add : {false, true})
            for (const bool shared : {false, true}) {
              const VectorOp op = static_cast<VectorOp>(number);
              const bool adds = op == VectorOp::scale || op == VectorOp::product || op == VectorOp::divide ||
                                op >= VectorOp::sigmoid_back;
              if (add && !adds) continue;
              INFO("operation ", number, " n ", n, " rows ", R, " add ", add, " shared ", shared);
              const size_t ld = n + 2, sb = shared ? 0 : ld;
              auto a = random_floats(random, R * ld, 0.1f, 1), b = random_floats(random, R * ld, 0.1f, 1),
                   c = random_floats(random, R * ld, -1, 1), y = random_floats(random, R * ld, -1, 1);
              if (op >= VectorOp::sigmoid_back)
                for (float& v : b) v -= 0.5f;
              const auto before = y;
              const VectorPlace places[] = {{a.data(), static_cast<ptrdiff_t>(ld)},
                                            {b.data(), static_cast<ptrdiff_t>(sb)},
                                            {c.data(), static_cast<ptrdiff_t>(ld)},
                                            {y.data(), static_cast<ptrdiff_t>(ld)}};
              const VectorInstruction code = {
                  .op = op, .add = add, .y = 3, .a = 0, .b = 1, .c = 2, .d = 0, .k = -0.75f, .l = 0.5f};
              k.run_program({.code = &code, .count = 1}, places, static_cast<int>(R), static_cast<int>(n));
              double error = 0;
              bool outside = true;
              for (size_t r = 0; r < R; ++r)
                for (size_t j = 0; j < ld; ++j) {
                  const size_t i = r * ld + j;
                  if (j >= n) {
                    outside &= y[i] == before[i];
                    continue;
                  }
                  const auto wide = [](float x) { return static_cast<double>(x); };
                  double right = formula(op, wide(a[i]), wide(b[r * sb + j]), wide(c[i]), -0.75, 0.5);
                  if (add) right += wide(before[i]);
                  error = std::max(error, std::abs(wide(y[i]) - right) / std::max(1.0, std::abs(right)));
                }
              CHECK(error <= 16 * 0x1p-24);  // a few roundings of numbers about 1, and the bounds of math.h
              CHECK(outside);
            }
  });
}

TEST_CASE(
    "Programs: a gradient below 2^-100 is dropped, so that no product of it is subnormal; NaN and infinities "
    "stay") {
  each_table([](const Kernels& k) {
    constexpr float inf = std::numeric_limits<float>::infinity(), least = 0x1p-100f;
    const float below = std::nextafter(least, 0.0f);
    std::vector<float> x = {least, -least, below, -below, 1e-35f, 0x1p-149f, -0x1p-130f, 0, 1.5f, inf, -inf},
                       y(x.size());
    apply(k, VectorOp::drop_faint, x, y);
    CHECK(y == std::vector<float>{least, -least, 0, 0, 0, 0, 0, 0, 1.5f, inf, -inf});
    x.assign(5, NAN), y.assign(5, 0.0f);
    apply(k, VectorOp::drop_faint, x, y);
    for (const float value : y) CHECK(std::isnan(value));
  });
}

TEST_CASE("Programs: layer normalisation and its gradient, sums over rows") {
  each_table([](const Kernels& k) {
    Random random(5);
    for (const size_t n : std::initializer_list<size_t>{1, 2, 7, 16, 45, 1500})
      for (const size_t R : std::initializer_list<size_t>{1, 5, 40}) {
        INFO("n ", n, " rows ", R);
        auto a = random_floats(random, R * n, -2, 3), gain = random_floats(random, n, 0.5f, 2),
             shift = random_floats(random, n, -1, 1), dy = random_floats(random, R * n, -1, 1),
             da = random_floats(random, R * n, -1, 1), d_gain = random_floats(random, n, -1, 1),
             d_shift = random_floats(random, n, -1, 1);
        std::vector<float> y(R * n);
        const auto da_before = da, d_gain_before = d_gain, d_shift_before = d_shift;
        const ptrdiff_t ld = static_cast<ptrdiff_t>(n);
        const VectorPlace places[] = {{a.data(), ld},      {gain.data(), 0}, {shift.data(), 0},
                                      {dy.data(), ld},     {da.data(), ld},  {d_gain.data(), 0},
                                      {d_shift.data(), 0}, {y.data(), ld}};
        const VectorInstruction code[] = {
            {.op = VectorOp::norm, .y = 7, .a = 0, .b = 1, .c = 2},
            {.op = VectorOp::norm_back, .add = true, .y = 4, .a = 0, .b = 1, .c = 3, .d = 5},
            {.op = VectorOp::row_sum, .y = 6, .a = 3, .k = 0.5f}};
        k.run_program({.code = code, .count = 3, .whole_rows = true}, places, static_cast<int>(R),
                      static_cast<int>(n));
        std::vector<double> gain_right(d_gain_before.begin(), d_gain_before.end()),
            shift_right(d_shift_before.begin(), d_shift_before.end());
        double y_error = 0, da_error = 0, gain_error = 0, shift_error = 0;
        for (size_t r = 0; r < R; ++r) {
          const auto wide = [](float x) { return static_cast<double>(x); };
          double mean = 0, variance = 0, mean_u = 0, mean_ux = 0;
          const double count = static_cast<double>(n);
          for (size_t j = 0; j < n; ++j) mean += wide(a[r * n + j]) / count;
          for (size_t j = 0; j < n; ++j) variance += std::pow(wide(a[r * n + j]) - mean, 2) / count;
          const double scale = 1 / std::sqrt(variance + 1e-5);
          const auto normal = [&](size_t j) { return (wide(a[r * n + j]) - mean) * scale; };
          for (size_t j = 0; j < n; ++j) {
            const double u = wide(dy[r * n + j]) * wide(gain[j]);
            mean_u += u / count, mean_ux += u * normal(j) / count;
            gain_right[j] += wide(dy[r * n + j]) * normal(j), shift_right[j] += 0.5 * wide(dy[r * n + j]);
          }
          for (size_t j = 0; j < n; ++j) {
            const double right = wide(gain[j]) * normal(j) + wide(shift[j]);
            y_error = std::max(y_error, std::abs(wide(y[r * n + j]) - right));
            const double u = wide(dy[r * n + j]) * wide(gain[j]);
            const double d = scale * (u - mean_u - normal(j) * mean_ux) + wide(da_before[r * n + j]);
            da_error = std::max(da_error, std::abs(wide(da[r * n + j]) - d) / (1 + scale));
          }
        }
        for (size_t j = 0; j < n; ++j) {
          gain_error = std::max(gain_error, std::abs(static_cast<double>(d_gain[j]) - gain_right[j]));
          shift_error = std::max(shift_error, std::abs(static_cast<double>(d_shift[j]) - shift_right[j]));
        }
        // Sums of n numbers below 8, in parts; the smallest deviation of two numbers magnifies by 1/σ ≤ 317.
        const double bound = (16 + static_cast<double>(n) / 4) * 8 * 0x1p-24 * (n == 2 ? 317 : 1);
        CHECK(y_error <= bound);
        CHECK(da_error <= 2 * bound);
        CHECK(gain_error <= static_cast<double>(R + 2) * bound);
        CHECK(shift_error <= static_cast<double>(R + 2) * bound);
      }
  });
}

TEST_CASE("Programs: sums across units, and matrices, in one head and in several") {
  each_table([](const Kernels& k) {
    Random random(8);
    constexpr float factor = -0.75f;
    for (const size_t heads : std::initializer_list<size_t>{1, 3})
      for (const size_t d : std::initializer_list<size_t>{1, 2, 7, 16, 21})
        for (const size_t R : std::initializer_list<size_t>{1, 4})
          for (const bool shared : {false, true})
            for (const bool add : {false, true}) {
              const size_t n = heads * d, all = n * d, ld = n + 3, matrix_ld = all + 5;
              INFO("heads ", heads, " d ", d, " rows ", R, " shared ", shared, " add ", add);
              const auto a = random_floats(random, R * ld, -1, 1), b = random_floats(random, R * ld, -1, 1),
                         c = random_floats(random, R * ld, -1, 1),
                         one = random_floats(random, R * matrix_ld, -1, 1),
                         two = random_floats(random, R * matrix_ld, -1, 1);
              const auto start = random_floats(random, R * matrix_ld, -1, 1);
              const size_t sb = shared ? 0 : ld;
              const auto wide = [](float x) { return static_cast<double>(x); };
              /// What stands at unit j, of a matrix in column `column`, of row r.
              const auto right = [&](VectorOp op, size_t r, size_t j, size_t column) {
                const size_t head = j / d * d;
                const auto matrix = [&](const std::vector<float>& m, size_t at, size_t unit) {
                  return wide(m[r * matrix_ld + at * n + unit]);
                };
                const double bj = wide(b[r * sb + j]), b_column = wide(b[r * sb + head + column]);
                double sum = 0;
                for (size_t i = 0; i < d; ++i)
                  sum += op == VectorOp::unit_sum       ? wide(a[r * ld + head + i])
                         : op == VectorOp::matrix_times ? matrix(one, i, j) * wide(b[r * sb + head + i])
                         : op == VectorOp::matrix_dots
                             ? matrix(one, i, j) * matrix(two, i, j)
                             : matrix(one, j - head, head + i) * wide(b[r * sb + head + i]);
                switch (op) {
                  case VectorOp::matrix_write:
                    return bj * matrix(one, column, j) +
                           wide(a[r * ld + j]) * wide(c[r * ld + head + column]);
                  case VectorOp::matrix_outer:
                    return wide(factor) * wide(a[r * ld + j]) * b_column;
                  case VectorOp::matrix_scale:
                    return wide(factor) * bj * matrix(one, column, j);
                  default:
                    return wide(factor) * sum;
                }
              };
              for (const VectorOp op : {VectorOp::unit_sum, VectorOp::matrix_write, VectorOp::matrix_times,
                                        VectorOp::matrix_times_back, VectorOp::matrix_outer,
                                        VectorOp::matrix_scale, VectorOp::matrix_dots}) {
                INFO("operation ", static_cast<int>(op));
                if (add && op == VectorOp::matrix_write) continue;
                const bool of_vector = op == VectorOp::unit_sum || op == VectorOp::matrix_outer;
                const bool to_matrix = op == VectorOp::matrix_write || op == VectorOp::matrix_outer ||
                                       op == VectorOp::matrix_scale;
                const size_t columns = to_matrix ? d : 1, ldy = to_matrix ? matrix_ld : ld;
                auto y = start;
                const auto place = [](const std::vector<float>& values, size_t stride) {
                  return VectorPlace{const_cast<float*>(values.data()), static_cast<ptrdiff_t>(stride)};
                };
                const VectorPlace places[] = {place(a, ld),          place(b, sb),          place(c, ld),
                                              place(one, matrix_ld), place(two, matrix_ld), place(y, ldy)};
                VectorInstruction code = {.op = op,
                                          .add = add,
                                          .y = 5,
                                          .a = static_cast<uint16_t>(of_vector ? 0 : 3),
                                          .b = static_cast<uint16_t>(op == VectorOp::matrix_dots ? 4 : 1),
                                          .c = 0,
                                          .d = 2,
                                          .k = factor,
                                          .l = static_cast<float>(heads)};
                k.run_program({.code = &code, .count = 1, .whole_rows = true}, places, static_cast<int>(R),
                              static_cast<int>(n));
                double error = 0;
                bool outside = true;
                for (size_t i = 0; i < y.size(); ++i) {
                  const size_t r = i / ldy, at = i % ldy;
                  if (r >= R || at >= columns * n) {
                    outside &= y[i] == start[i];
                    continue;
                  }
                  const double before = add ? wide(start[i]) : 0;
                  error = std::max(error, std::abs(wide(y[i]) - before - right(op, r, at % n, at / n)));
                }
                CHECK(error <= static_cast<double>(d + 4) * 0x1p-24 * static_cast<double>(d + 1));
                CHECK(outside);
              }
            }
  });
}

TEST_CASE("Programs: local places carry values from one instruction to the next, block by block") {
  each_table([](const Kernels& k) {
    Random random(6);
    for (const size_t n : std::initializer_list<size_t>{3, 32, 500, 3000})
      for (const size_t R : std::initializer_list<size_t>{1, 9, 50}) {
        INFO("n ", n, " rows ", R);
        auto a = random_floats(random, R * n, -1, 1), b = random_floats(random, R * n, -1, 1);
        std::vector<float> y(R * n), one(std::max<size_t>(vector_block, n)), two(one.size()), slow(R * n),
            t(R * n), u(R * n), row(n), slow_row(n);
        const ptrdiff_t ld = static_cast<ptrdiff_t>(n);
        const VectorInstruction code[] = {{.op = VectorOp::tanh, .y = 2, .a = 0},
                                          {.op = VectorOp::product, .y = 3, .a = 2, .b = 1},
                                          {.op = VectorOp::fma, .y = 4, .a = 2, .b = 3, .c = 0},
                                          {.op = VectorOp::row_product, .y = 5, .a = 2, .b = 3}};
        const VectorPlace local[] = {{a.data(), ld},        {b.data(), ld}, {one.data(), 0, true},
                                     {two.data(), 0, true}, {y.data(), ld}, {row.data(), 0}};
        k.run_program({.code = code, .count = 4}, local, static_cast<int>(R), static_cast<int>(n));
        const VectorPlace apart[] = {{a.data(), ld}, {b.data(), ld},    {t.data(), ld},
                                     {u.data(), ld}, {slow.data(), ld}, {slow_row.data(), 0}};
        for (const VectorInstruction& now : code)
          k.run_program({.code = &now, .count = 1}, apart, static_cast<int>(R), static_cast<int>(n));
        CHECK(y == slow);
        for (size_t j = 0; j < n; ++j)
          CHECK(std::abs(row[j] - slow_row[j]) <= static_cast<float>(R) * 0x1p-23f * 4);
      }
  });
}

}  // namespace unroll
