// A training step in parts (shards.h) that several compute, each with a model of its own and the same weights.
#pragma once

#include "engine/model/model.h"
#include "engine/model/shards.h"
#include "engine/tasks/batch.h"

namespace unroll {

/// What a part needs beside the weights.
struct PartInput {
  PartOfBatch place;
  Batch batch;  ///< its streams alone
  RecurrentState state;
  Random::State dropout{};
};

struct PartOutput {
  FloatArray gradients;
  std::vector<float> losses;  ///< (T, streams)
  RecurrentState state;       ///< after it
  Random::State dropout{};    ///< after the whole batch
};

/// The model must have parts (Model::has_parts); its own gradients stay as they are.
void compute_part(Model&, Workspace&, const PartInput&, PartOutput&);

/// Some streams of a batch, or of what is carried; and these put back to where they were.
Batch streams_of(const Batch&, int first, int count);
RecurrentState streams_of(const RecurrentState&, int layers, int first, int count);
void put_streams(const RecurrentState& part, int layers, int first, RecurrentState& whole);

}  // namespace unroll
