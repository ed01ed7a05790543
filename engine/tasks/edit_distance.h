// Levenshtein's distance: the least number of symbols to put in, take out or change that makes one sequence the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace unroll {

/// Of two sequences with size() and []: "kitten" and "sitting" are 3 apart.
template <class A, class B>
int edit_distance(const A& a, const B& b) {
  std::vector<int> row(b.size() + 1);  // distances of the beginning of a so far to every beginning of b
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i) + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const int change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace unroll
