#include "web/views/weights/view.h"

#include <algorithm>
#include <cmath>

#include "engine/text/text.h"
#include "web/session/json_read.h"
#include "web/toolkit/glyphs.h"
#include "web/views/weights/blocks.h"

namespace unroll {
namespace {

constexpr size_t checked_characters = 64;

/// Of what is read, or of what is said.
std::string symbol_at(const std::u32string& symbols, size_t index) {
  return index < symbols.size() ? quoted_name(symbols[index]) : std::to_string(index);
}

bool is_embedding(const BlockShape& block) { return block.name.ends_with("embedding.weight"); }
bool is_decoder(const BlockShape& block) { return block.name.starts_with("decoder."); }

/// "gate f of unit 12", "unit 12".
std::string unit_name(const BlockShape& block, size_t row) {
  const size_t hidden = block.rows / block.bands;
  const std::string unit = "unit " + std::to_string(row % hidden);
  return block.bands == 1 ? unit : "gate " + block.band_names[row / hidden] + " of " + unit;
}

/// Seconds between two looks at a matrix or at its spectrum while the lane trains: they take time from it.
double matrix_period(const BlockShape& block) {
  return std::clamp(static_cast<double>(block.rows * block.columns) / 2e5, 0.35, 3.0);
}
double spectrum_period(const LaneView& lane) {
  const double size = lane.applied.hidden / 128.0;
  return std::clamp(1.5 * size * size * size, 1.0, 30.0);
}

bool is_about(const Answer& answer, const BlockShape& block, bool change) {
  return read::text(answer.header, "name") == block.name &&
         read::boolean(answer.header, "change") == change &&
         answer.values.size() == block.rows * block.columns;
}

Json weights_command(const BlockShape& block, bool change) {
  return {{"type", "weights"}, {"block", block.name}, {"change", change}};
}

/// What the weights were at step 0: asked for both, at the same step, once for a lane as it is configured.
void find_initial(InitialWeights& initial, Session& session, size_t index, const BlockShape& block) {
  const LaneView& lane = *session.lanes[index];
  const std::string key = std::to_string(lane.colour) + block.name + lane.fingerprint;
  if (initial.key == key) return;
  const Answer &now = session.answer(index, "weights.then"), &change = session.answer(index, "weights.since");
  if (session.waits(index, "weights.then") || session.waits(index, "weights.since")) return;
  if (!is_about(now, block, false) || !is_about(change, block, true) || now.step != change.step) {
    if (now.error || change.error) return;
    session.order(index, "weights.then", weights_command(block, false));
    session.order(index, "weights.since", weights_command(block, true));
    return;
  }
  initial.key = key;
  ++initial.version;
  initial.values.resize(now.values.size());
  std::transform(now.values.begin(), now.values.end(), change.values.begin(), initial.values.begin(),
                 [](float weight, float since) { return weight - since; });
}

Histogram histogram_of(std::span<const float> values, double reach) {
  Histogram histogram;
  histogram.reach = reach;
  for (float value : values)
    if (std::isfinite(value)) ++histogram.counts[histogram.bin_of(static_cast<double>(value))];
  return histogram;
}

MatrixFacts facts_of(const Answer& answer, const InitialWeights* initial) {
  MatrixFacts facts;
  facts.version = answer.version;
  facts.initial_version = initial ? initial->version : -1;
  std::vector<float> magnitudes;
  double sum = 0, squares = 0;
  for (float value : answer.values) {
    if (!std::isfinite(value)) continue;
    magnitudes.push_back(std::abs(value));
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  facts.count = magnitudes.size();
  if (magnitudes.empty()) return facts;
  const auto n = static_cast<double>(facts.count);
  facts.mean = sum / n;
  facts.deviation = std::sqrt(std::max(0.0, squares / n - facts.mean * facts.mean));
  const auto most = magnitudes.begin() + static_cast<std::ptrdiff_t>(0.995 * (n - 1));
  std::nth_element(magnitudes.begin(), most, magnitudes.end());
  facts.scale = *most > 0 ? *most : 1;
  facts.largest = static_cast<double>(*std::max_element(most, magnitudes.end()));
  double reach = facts.largest;
  if (initial)
    for (float value : initial->values) reach = std::max(reach, static_cast<double>(std::abs(value)));
  facts.histogram = histogram_of(answer.values, reach);
  if (initial) facts.initial = histogram_of(initial->values, reach);
  return facts;
}

}  // namespace

size_t recurrent_blocks(const LaneSpec& spec) {
  const auto graph = graph_of(spec);
  return static_cast<size_t>(
      std::count_if(graph->nodes.begin(), graph->nodes.end(), [&](const CellNode& node) {
        return node.op == CellOp::linear &&
               graph->tensors[static_cast<size_t>(node.weight.tensor)].shape == CellTensor::Shape::matrix;
      }));
}

std::vector<BlockShape> block_shapes(const LaneView& lane) {
  const LaneSpec& spec = lane.applied;
  const auto H = static_cast<size_t>(spec.hidden),
             E = lane.task.reals ? 0 : static_cast<size_t>(spec.embedding),
             V = static_cast<size_t>(lane.task.inputs), O = static_cast<size_t>(lane.task.outputs);
  const auto graph = graph_of(spec);
  const auto bands_of = [&](int tensor) {
    std::vector<std::string> names(static_cast<size_t>(graph->tensors[static_cast<size_t>(tensor)].blocks));
    for (const CellNode& node : graph->nodes)
      for (const CellParameter& parameter : {node.weight, node.bias})
        if (parameter.tensor == tensor)
          names[static_cast<size_t>(parameter.block)] =
              graph->equations[static_cast<size_t>(node.equation)].name;
    return names;
  };
  std::vector<BlockShape> blocks;
  const auto add_stack = [&](const std::string& module, const char* embedding) {
    if (E > 0) blocks.push_back({embedding, V, E});
    for (int l = 0; l < spec.layers; ++l) {
      const std::string tail = "_l" + std::to_string(l);
      const size_t input = l > 0 ? H : E > 0 ? E : V;
      for (size_t n = 0; n < graph->tensors.size(); ++n) {
        const CellTensor& tensor = graph->tensors[n];
        const auto bands = static_cast<size_t>(tensor.blocks);
        const int columns = tensor.columns(spec.hidden, static_cast<int>(input));
        blocks.push_back({module + tensor.name + tail, bands * H, static_cast<size_t>(std::max(columns, 1)),
                          bands, l, bands_of(static_cast<int>(n))});
      }
    }
  };
  if (lane.task.encoder) add_stack("encoder.", "encoder_embedding.weight");
  add_stack("rnn.", "embedding.weight");
  if (lane.task.attention) blocks.push_back({"attention.weight", H, 2 * H});
  blocks.push_back({"decoder.weight", O, H});
  blocks.push_back({"decoder.bias", O, 1});
  return blocks;
}

std::string row_name(const LaneView& lane, const BlockShape& block, size_t row) {
  if (block.layer >= 0) return unit_name(block, row);
  if (is_attention(block)) return "unit " + std::to_string(row);
  return symbol_at(is_embedding(block) ? lane.inputs : lane.vocabulary, row);
}

std::string column_name(const LaneView& lane, const BlockShape& block, size_t column) {
  if (block.columns == 1) return "bias";
  if (is_attention(block))
    return (column < block.rows ? "what it looks back at, " : "its own state, ") + std::string("unit ") +
           std::to_string(column % block.rows);
  const std::string number = std::to_string(column);
  if (is_decoder(block) || (block.layer >= 0 && !is_input(block))) return "unit " + number;
  if (is_input(block) && block.layer > 0)
    return "unit " + number + " of layer " + std::to_string(block.layer - 1);
  return is_input(block) && lane.applied.embedding == 0 ? symbol_at(lane.inputs, column)
                                                        : "dimension " + number;
}

std::string place_name(const LaneView& lane, const BlockShape& block, size_t row, size_t column) {
  if (block.columns == 1) return row_name(lane, block, row * block.drawn_columns() + column);
  const std::string to = row_name(lane, block, row), from = column_name(lane, block, column);
  return is_embedding(block) ? to + ", " + from : to + " from " + from;
}

size_t Histogram::bin_of(double value) const {
  if (!(reach > 0)) return bins / 2;
  const double share = (value / reach + 1) / 2;
  return static_cast<size_t>(
      std::clamp(share * static_cast<double>(bins), 0.0, static_cast<double>(bins - 1)));
}

BlockShape chosen_block(const WeightsState& view, const LaneView& lane) {
  const std::vector<BlockShape> blocks = block_shapes(lane);
  for (const BlockShape& block : blocks)
    if (block.name == view.block) return block;
  const auto recurrent = std::find_if(blocks.begin(), blocks.end(), [](const BlockShape& block) {
    return block.layer == 0 && !is_input(block) && block.name.starts_with("rnn.");
  });
  return recurrent == blocks.end() ? blocks.front() : *recurrent;
}

const Answer* shown_matrix(const WeightsState& view, const Session& session, size_t lane) {
  const Answer& answer = session.answer(lane, "weights");
  const LaneView& about = *session.lanes[lane];
  return about.configured && is_about(answer, chosen_block(view, about), view.change) ? &answer : nullptr;
}

void update_weights(WeightsState& view, Session& session, size_t index) {
  const LaneView& lane = *session.lanes[index];
  if (!lane.configured) return;
  const BlockShape block = chosen_block(view, lane);
  session.ask(index, "blocks", {{"type", "blocks"}});
  session.ask(index, "block_history", {{"type", "block_history"}});
  session.ask(index, "weights", weights_command(block, view.change), matrix_period(block));
  if (lane.applied.hidden <= 512)
    session.ask(index, "spectrum", {{"type", "spectrum"}, {"layer", std::max(block.layer, 0)}},
                spectrum_period(lane));
  const Answer* matrix = shown_matrix(view, session, index);
  if (!matrix) return;
  if (!view.change) find_initial(view.initial, session, index, block);
  const bool known =
      !view.change && view.initial.key == std::to_string(lane.colour) + block.name + lane.fingerprint;
  if (view.facts.version != matrix->version ||
      view.facts.initial_version != (known ? view.initial.version : -1))
    view.facts = facts_of(*matrix, known ? &view.initial : nullptr);
}

std::optional<CheckFacts> gradient_check_of(const Session& session, size_t lane) {
  const Answer& answer = session.answer(lane, "gradient_check");
  const std::vector<std::string> names = read::texts(answer.header, "blocks");
  const Json* error = read::field(answer.header, "error");
  if (answer.values.size() % 4 != 0 || names.empty() || !error || !error->is_number()) return std::nullopt;
  CheckFacts facts{answer.step, error->get<double>(), {}};
  for (size_t i = 0; i < answer.values.size(); i += 4) {
    const auto block = static_cast<size_t>(answer.values[i]);
    if (block >= names.size()) return std::nullopt;
    facts.samples.push_back({names[block], static_cast<int64_t>(answer.values[i + 1]),
                             static_cast<double>(answer.values[i + 2]),
                             static_cast<double>(answer.values[i + 3])});
  }
  return facts;
}

void check_gradient(Session& session, size_t lane, const Probed& probed, const std::u32string& text) {
  session.order(lane, "gradient_check",
                Probed{.text = probed.example >= 0 ? "" : encode_utf8(text.substr(0, checked_characters)),
                       .example = probed.example}
                    .in({{"type", "gradient_check"}}));
}

}  // namespace unroll
