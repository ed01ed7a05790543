// W x + b in double precision, whatever the weights are stored in. The order of the sums is fixed.
#pragma once

#include <cstddef>

namespace unroll {

/// y (rows) = W (rows, cols) · x (cols) + b (rows).
template <class Weight>
void affine(const Weight* w, const Weight* b, size_t rows, size_t cols, const double* x, double* y) {
  for (size_t row = 0; row < rows; ++row, w += cols) {
    double sums[4] = {};  // a single sum would wait for itself
    size_t col = 0;
    for (; col + 4 <= cols; col += 4)
      for (size_t lane = 0; lane < 4; ++lane)
        sums[lane] += static_cast<double>(w[col + lane]) * x[col + lane];
    for (; col < cols; ++col) sums[0] += static_cast<double>(w[col]) * x[col];
    y[row] = static_cast<double>(b[row]) + ((sums[0] + sums[1]) + (sums[2] + sums[3]));
  }
}

/// y (rows) = column `col` of W (rows, cols) + b (rows): the same for a one-hot x.
template <class Weight>
void affine_one_hot(const Weight* w, const Weight* b, size_t rows, size_t cols, size_t col, double* y) {
  for (size_t row = 0; row < rows; ++row)
    y[row] = static_cast<double>(b[row]) + static_cast<double>(w[row * cols + col]);
}

}  // namespace unroll
