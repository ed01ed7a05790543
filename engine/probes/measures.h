// Numbers that sum up what probes measured, computed from plain values: for the engine and for whoever got the values
// from a lane.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace unroll {

/// Shares of the text during which a gate of each unit was nearly closed and nearly open (Karpathy, Johnson &
/// Li 2015, arXiv 1506.02078, figure 2). For the gates of a sigmoid; of an empty text, zeros.
struct Saturation {
  std::vector<float> closed;  ///< (H) share of values below 0.1
  std::vector<float> open;    ///< (H) share of values above 0.9
};
/// Of values (N, H), as a lane's `activations` event holds them for one gate.
Saturation saturation(std::span<const float> values, size_t hidden);

/// The memory horizon in characters: how far back the loss still has an influence of 1%. With n_k the norm of
/// the loss' gradient with respect to the state at lag k, summed over many positions (the state that
/// remembers, the first of the cell: c of an lstm, h of a gru; all layers together), it is the lag from which on n_k / n_0
/// stays below 1%, interpolated between lags on the logarithmic scale.
struct MemoryHorizon {
  double characters = 0;
  bool reached = false;           ///< false: still above 1% at the last lag, so the horizon is at least that
  std::vector<double> influence;  ///< (K) n_k / n_0
  int positions = 0;              ///< how many were averaged
};

/// Sets `characters` and `reached` to what `influence` says.
void find_horizon(MemoryHorizon&);

}  // namespace unroll
