#include "engine/lane/helper.h"

#include <algorithm>
#include <bit>

#include "engine/document/experiment.h"
#include "engine/lane/protocol.h"

namespace unroll {
namespace {

/// A part begins with 0 where a message of protocol.h has the length of its header.
enum PartWord : size_t {
  zero,
  number,  ///< the part's id
  first,   ///< PartOfBatch
  whole_batch,
  scale,  ///< its bits
  seq_length,
  streams,
  turn,
  dropout,               ///< four
  counts = dropout + 4,  ///< of symbols, reals, classes, values, weights, lengths and starts
  part_words = counts + 7
};

/// body(array) for each array of a batch, in the order of PartWord's counts.
template <class AnyBatch, class Body>
void each_array(AnyBatch& batch, const Body& body) {
  body(batch.symbols), body(batch.reals), body(batch.classes), body(batch.values), body(batch.weights),
      body(batch.lengths), body(batch.starts);
}

const char* const hint = "lane and helper must be of one version";

bool within(const std::vector<int32_t>& values, int low, int high) {
  return std::ranges::all_of(values, [&](int32_t value) { return value >= low && value < high; });
}

/// Whether a part's arrays are those of such a batch.
bool fits(const TaskShape& shape, const Batch& batch) {
  const auto rows = static_cast<size_t>(batch.seq_length) * static_cast<size_t>(batch.batch);
  const auto streams = static_cast<size_t>(batch.batch);
  const bool classes = shape.has_classes(), strings = shape.head == Head::ctc;
  const auto is = [](const auto& values, size_t size) { return values.size() == size; };
  return is(batch.symbols, shape.reals ? 0 : rows) &&
         is(batch.reals, shape.reals ? rows * static_cast<size_t>(shape.inputs) : 0) &&
         is(batch.classes, classes ? rows : 0) &&
         is(batch.values, classes ? 0 : rows * static_cast<size_t>(shape.targets())) &&
         ((batch.weights.empty() && !strings) || is(batch.weights, rows)) &&
         (batch.lengths.empty() || is(batch.lengths, streams)) &&
         (batch.starts.empty() || is(batch.starts, streams)) && within(batch.symbols, 0, shape.inputs) &&
         within(batch.classes, 0, shape.outputs) && within(batch.lengths, 1, batch.seq_length + 1) &&
         within(batch.starts, 0, std::max(batch.turn, 1)) && batch.turn >= 0 &&
         batch.turn <= batch.seq_length && (batch.turn == 0 || shape.encoder) &&
         (batch.starts.empty() || !strings);
}

}  // namespace

std::string model_message(const Experiment& experiment, int lane, const TaskShape& shape, int seq_length,
                          int batch) {
  Experiment bare = experiment;
  bare.data = {};
  bare.data.text = "none";  // a document must have some
  bare.lanes = {experiment.lanes[static_cast<size_t>(lane)]};
  return OrderedObject()
      .add("type", "model")
      .add_json("experiment", to_json(bare))
      .add_json("shape", OrderedObject()
                             .add("inputs", shape.inputs)
                             .add("reals", shape.reals)
                             .add("outputs", shape.outputs)
                             .add("head", static_cast<int>(shape.head))
                             .add("encoder", shape.encoder)
                             .text())
      .add("seq_length", seq_length)
      .add("batch", batch)
      .text();
}

Pieces part_message(int32_t id, std::span<const float> parameters, const PartInput& input,
                    std::vector<uint32_t>& words) {
  const Batch& batch = input.batch;
  words.assign({0, static_cast<uint32_t>(id), static_cast<uint32_t>(input.place.first),
                static_cast<uint32_t>(input.place.batch), std::bit_cast<uint32_t>(input.place.scale),
                static_cast<uint32_t>(batch.seq_length), static_cast<uint32_t>(batch.batch),
                static_cast<uint32_t>(batch.turn)});
  words.insert(words.end(), input.dropout.words.begin(), input.dropout.words.end());
  each_array(batch, [&](const auto& array) { words.push_back(static_cast<uint32_t>(array.size())); });
  Pieces pieces;
  add_piece(pieces, words), add_piece(pieces, parameters);
  for (const std::vector<float>& state : input.state.states) add_piece(pieces, state);
  each_array(batch, [&](const auto& array) { add_piece(pieces, array); });
  return pieces;
}

Status read_answer(std::span<const uint8_t> message, int32_t id, size_t parameters, const PartInput& input,
                   PartOutput& output) {
  PieceReader reader(message);
  uint32_t words[2] = {};
  reader.take(std::span<uint32_t>(words));
  reader.take(output.gradients, parameters);
  reader.take(output.losses,
              static_cast<size_t>(input.batch.seq_length) * static_cast<size_t>(input.batch.batch));
  output.state = input.state;
  for (std::vector<float>& state : output.state.states) reader.take(std::span(state));
  if (words[0] == 0 && words[1] == static_cast<uint32_t>(id) && reader.ends()) return ok();
  return Error{"answer", "is not that to part " + std::to_string(id), hint};
}

Status Helper::receive(std::span<const uint8_t> message) {
  uint32_t word = 0;
  PieceReader(message).take(std::span(&word, 1));
  return word == 0 ? compute(message) : make_model(message);
}

Status Helper::make_model(std::span<const uint8_t> message) {
  const Result<Message> decoded = decode(message);
  if (!decoded) return decoded.error();
  const Json& header = decoded->header;
  const auto integer = [](const Json& of, const char* name, int64_t most) {
    const auto found = of.find(name);
    return found != of.end() && found->is_number_integer() && found->get<int64_t>() >= 0 &&
                   found->get<int64_t>() <= most
               ? static_cast<int>(found->get<int64_t>())
               : -1;
  };
  const auto yes = [](const Json& of, const char* name) { return of.value(name, Json()) == Json(true); };
  const auto shape = header.find("shape"), experiment = header.find("experiment");
  constexpr int64_t many = 1 << 24;
  if (shape == header.end() || !shape->is_object() || experiment == header.end())
    return Error{"model", "has no shape or no experiment", hint};
  Result<Experiment> parsed = parse_experiment(json_text(*experiment));
  if (!parsed) return parsed.error();
  const int head = integer(*shape, "head", std::size(head_words) - 1),
            inputs = integer(*shape, "inputs", many), outputs = integer(*shape, "outputs", many),
            length = integer(header, "seq_length", many), batch = integer(header, "batch", many);
  if (head < 0 || inputs < 1 || outputs < 1 || length < 1 || batch < 1)
    return Error{"model", "has a number that is missing or out of range", hint};
  Result<Model> model = Model::create(parsed->lanes[0],
                                      {.inputs = inputs,
                                       .reals = yes(*shape, "reals"),
                                       .outputs = outputs,
                                       .head = static_cast<Head>(head),
                                       .encoder = yes(*shape, "encoder")},
                                      0);
  if (!model) return model.error();
  model_.emplace(std::move(*model));
  seq_length_ = length, batch_ = batch;
  workspace_.reset();
  return ok();
}

Status Helper::compute(std::span<const uint8_t> message) {
  const Error wrong{"part", "does not fit the helper's model", hint};
  PieceReader reader(message);
  uint32_t words[part_words] = {};
  reader.take(std::span<uint32_t>(words));
  const auto word = [&](PartWord which, int most) {
    return words[which] <= static_cast<uint32_t>(most) ? static_cast<int>(words[which]) : -1;
  };
  Batch& batch = input_.batch;
  input_.place = {word(first, batch_), word(whole_batch, batch_), std::bit_cast<float>(words[scale])};
  batch.seq_length = word(seq_length, seq_length_), batch.batch = word(streams, batch_);
  batch.turn = word(turn, seq_length_);
  if (!model_ || !reader.fits() || input_.place.first < 0 || batch.seq_length < 1 || batch.batch < 1 ||
      input_.place.first + batch.batch > input_.place.batch)
    return wrong;
  // Not all zero, which the generator cannot be: a lane without dropout has a seeded one, too.
  std::copy_n(words + dropout, 4, input_.dropout.words.begin());
  reader.take(model_->parameters());
  input_.state = model_->make_state(batch.batch);
  for (std::vector<float>& state : input_.state.states) reader.take(std::span(state));
  const uint32_t* count = words + counts;
  each_array(batch, [&](auto& array) { reader.take(array, *count++); });
  if (!reader.ends() || !fits(model_->shape(), batch)) return wrong;
  model_->parameters_changed();
  if (!workspace_ || workspace_->streams() < batch.batch)
    workspace_ = model_->make_workspace(seq_length_, batch.batch);
  compute_part(*model_, *workspace_, input_, output_);
  const uint32_t answer[2] = {0, words[number]};
  Pieces pieces;
  add_piece(pieces, answer), add_piece(pieces, output_.gradients), add_piece(pieces, output_.losses);
  for (const std::vector<float>& state : output_.state.states) add_piece(pieces, state);
  post_(pieces);
  return ok();
}

}  // namespace unroll
