// What is told about the parameters, block by block: the commands `blocks`,
// `block_history`, `weights` and `walk`.
#include <algorithm>

#include "engine/lane/parts.h"
#include "engine/probes/blocks.h"
#include "engine/probes/step_record.h"

namespace unroll {

namespace {

/// Names and sizes of the blocks go into the event, (blocks, 4) at the end of the values.
void add_blocks(const Trainer& trainer, OrderedObject& event, std::vector<float>& values) {
  std::vector<std::string> names;
  std::string sizes;
  for (const BlockProbe& block : probe_blocks(trainer)) {
    names.push_back(block.name);
    sizes += (sizes.empty() ? "" : ",") + std::to_string(block.size);
    for (const double value : {block.weight_norm, block.gradient_norm, block.update_norm, block.ratio})
      values.push_back(static_cast<float>(value));
  }
  event.add("names", names);
  event.add_json("sizes", "[" + sizes + "]");
}

}  // namespace

/// Cheap, so it is answered at once.
Status Lane::Parts::handle(command::Blocks& blocks) {
  OrderedObject event = answer("blocks", blocks.id);
  std::vector<float> values;
  add_blocks(*session->trainer, event, values);
  emit(event, payload_of(values));
  return ok();
}

Status Lane::Parts::handle(command::BlockHistory& wanted) {
  const BlockHistory& history = *session->block_history;
  std::vector<std::string> names;
  for (const ParameterBlock& block : model().blocks()) names.push_back(block.name);
  std::string steps;
  for (const int64_t step : history.steps()) steps += (steps.empty() ? "" : ",") + std::to_string(step);
  emit(answer("block_history", wanted.id)
           .add("stride", history.stride())
           .add("names", names)
           .add_json("steps", "[" + steps + "]"),
       payload_of(history.values()));
  return ok();
}

Status Lane::Parts::handle(command::Weights& weights) {
  const std::vector<ParameterBlock>& blocks = model().blocks();
  const auto block = std::ranges::find(blocks, weights.block, &ParameterBlock::name);
  if (block == blocks.end()) {
    std::string allowed;
    for (const ParameterBlock& one : blocks) allowed += (allowed.empty() ? "" : ", ") + one.name;
    return Error{"block", "found \"" + weights.block + "\"", "allowed: " + allowed};
  }
  const auto too_many = [](const char* where, size_t found, const char* of, int64_t most) {
    return Error{where, std::to_string(found) + " " + of + " are too many",
                 "at most " + std::to_string(most)};
  };
  if (block->size() > CommandLimits::weights)
    return too_many("block", block->size(), "values", CommandLimits::weights);
  const auto part = [&](std::span<const float> all) { return all.subspan(block->offset, block->size()); };
  const std::span<const float> now = part(model().parameters());
  std::vector<float> values(now.begin(), now.end());
  if (weights.change) {
    const size_t parameters = model().parameters().size();
    if (parameters > CommandLimits::initial_weights)
      return too_many("change", parameters, "parameters to draw once more", CommandLimits::initial_weights);
    if (session->initial_weights.empty()) {
      const Result<Model> initial =
          Model::create(model().spec(), model().shape(), session->trainer->experiment().train.seed);
      if (!initial) return initial.error();
      session->initial_weights.assign(initial->parameters().begin(), initial->parameters().end());
    }
    std::ranges::transform(values, part(session->initial_weights), values.begin(), std::minus());
  }
  emit(answer("weights", weights.id)
           .add("name", block->name)
           .add("rows", block->rows)
           .add("cols", std::max(block->cols, 1))
           .add("change", weights.change),
       payload_of(values));
  return ok();
}

/// Starts one step; train_one_step() tells of it.
Status Lane::Parts::handle(command::Walk& walk) {
  if (session->running) return Error{"", "the lane is training", "pause first"};
  command::Run run{session->trainer->steps_done() + 1};
  if (const Status status = handle(run); !status) return status;
  session->walk = walk.id;
  return ok();
}

void Lane::Parts::send_walk(const StepResult& result) {
  const Trainer& trainer = *session->trainer;
  const StepRecord record = record_step(trainer);
  OrderedObject event =
      answer("walk", *session->walk)
          .add("stream", 0)
          .add("length", record.losses.size())
          .add("text", task().characters() ? encode_utf8(vocabulary().decode(record.inputs)) : "")
          .add("targets", task().characters() ? encode_utf8(vocabulary().decode(record.targets)) : "")
          .add("loss", result.loss)
          .add("grad_norm", result.grad_norm)
          .add("clip_factor", result.clip_factor)
          .add("rate", result.rate)
          .add("layers", model().spec().layers);
  std::vector<float> values = record.losses;
  values.insert(values.end(), record.h.begin(), record.h.end());
  values.insert(values.end(), record.dh.begin(), record.dh.end());
  add_blocks(trainer, event, values);
  session->walk.reset();
  emit(event, payload_of(values));
}

}  // namespace unroll
