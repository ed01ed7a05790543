// Which rows of a matrix a kernel reads.
#pragma once

#include <cstddef>

namespace unroll::kernels {

/// `count` rows of a matrix: `group` of them follow each other, and the next group begins `period` rows after that one. Those of
/// some streams of a (T, B, …) array. An int: rows that follow each other.
struct Rows {
  int count, group = 8, period = 8;
  Rows(int n) : count(n) {}  // NOLINT: implicit by intent
  Rows(int n, int in_group, int groups_apart) : count(n) {
    if (in_group != groups_apart) group = in_group, period = groups_apart;
  }
  ptrdiff_t operator[](ptrdiff_t n) const { return n / group * period + n % group; }  ///< where row n is
};

}  // namespace unroll::kernels
