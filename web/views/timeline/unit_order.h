// Orders in which a heatmap shows the hidden units of a layer. Pure functions; a row-major (N, H) matrix is what a
// lane's `activations` event holds: H units after each of N characters.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace unroll {

using UnitOrder = std::vector<size_t>;  ///< position → unit

UnitOrder order_by_index(size_t units);
/// The liveliest first: by the standard deviation over the text.
UnitOrder order_by_activity(std::span<const float> values, size_t units);
/// Units that move alike stand beside each other: a chain that begins with the liveliest unit and goes on with the one
/// most correlated (in either direction) with the last. At most 96 characters, evenly spread, are looked at.
UnitOrder order_by_similarity(std::span<const float> values, size_t units);
/// The most correlated (in either direction) first; NaN last.
UnitOrder order_by_correlation(std::span<const float> correlations);

}  // namespace unroll
