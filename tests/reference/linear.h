// The linear algebra that recurrent networks need, in double precision and in its plainest form.
#pragma once

#include <cstddef>
#include <vector>

namespace unroll::reference {

using Vector = std::vector<double>;

struct Matrix {
  size_t rows = 0, cols = 0;
  Vector values;  ///< row after row

  Matrix() = default;
  Matrix(size_t rows, size_t cols) : rows(rows), cols(cols), values(rows * cols) {}
  double& operator()(size_t row, size_t col) { return values[row * cols + col]; }
  double operator()(size_t row, size_t col) const { return values[row * cols + col]; }
};

/// y = A x
inline Vector times(const Matrix& a, const Vector& x) {
  Vector y(a.rows);
  for (size_t row = 0; row < a.rows; ++row)
    for (size_t col = 0; col < a.cols; ++col) y[row] += a(row, col) * x[col];
  return y;
}

/// y = Aᵀ x: what backward uses, because y_i = Σ_j A_ij x_j means ∂L/∂x_j = Σ_i A_ij ∂L/∂y_i.
inline Vector transposed_times(const Matrix& a, const Vector& x) {
  Vector y(a.cols);
  for (size_t row = 0; row < a.rows; ++row)
    for (size_t col = 0; col < a.cols; ++col) y[col] += a(row, col) * x[row];
  return y;
}

/// A += x yᵀ: the gradient of a matrix, because y_i = Σ_j A_ij x_j means ∂L/∂A_ij = ∂L/∂y_i x_j.
inline void add_outer(Matrix& a, const Vector& x, const Vector& y) {
  for (size_t row = 0; row < a.rows; ++row)
    for (size_t col = 0; col < a.cols; ++col) a(row, col) += x[row] * y[col];
}

/// x += y
inline void add(Vector& x, const Vector& y) {
  for (size_t i = 0; i < x.size(); ++i) x[i] += y[i];
}

inline Vector sum(Vector x, const Vector& y) {
  add(x, y);
  return x;
}

}  // namespace unroll::reference
