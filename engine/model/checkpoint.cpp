#include "engine/model/checkpoint.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "engine/base/utf8.h"
#include "engine/model/checkpoint_document.h"
#include "engine/model/safetensors.h"

namespace unroll {

namespace {

constexpr const char* version = "1";
constexpr const char* model_hint = "was this file written by Unroll?";
constexpr int64_t max_count = int64_t{1} << 53;

// --- Numbers as strings
// --------------------------------------------------------------------------------------------

/// "3 0 12" and the like, in hexadecimal; the spare normal as the bits of a double.
std::string text_of(const Random::State& state) {
  std::string text;
  const auto put = [&text](uint64_t value) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
    text.append(text.empty() ? "" : " ").append(digits, end);
  };
  for (const uint32_t word : state.words) put(word);
  put(state.has_spare ? 1 : 0);
  put(std::bit_cast<uint64_t>(state.spare));
  return text;
}

bool read_number(std::string_view text, int base, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}

Result<Random::State> random_state_of(std::string_view text) {
  uint64_t numbers[6] = {};
  size_t count = 0;
  bool good = true;
  for (std::string_view rest = text; good && !rest.empty(); ++count) {
    const size_t length = std::min(rest.find(' '), rest.size());
    good = count < 6 && read_number(rest.substr(0, length), 16, numbers[count]);
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  Random::State state{};
  for (size_t i = 0; i < 4; ++i) {
    good = good && numbers[i] <= UINT32_MAX;
    state.words[i] = static_cast<uint32_t>(numbers[i]);
  }
  state.has_spare = numbers[4] == 1;
  state.spare = std::bit_cast<double>(numbers[5]);
  good = good && count == 6 && numbers[4] <= 1 && std::isfinite(state.spare);
  good = good && std::any_of(state.words.begin(), state.words.end(), [](uint32_t word) { return word != 0; });
  if (!good) return Error{"__metadata__.dropout_random", "is no state of the random generator", model_hint};
  return state;
}

using Metadata = std::map<std::string, std::string>;

Result<std::string> entry(const Metadata& metadata, const std::string& key) {
  const auto at = metadata.find(key);
  if (at == metadata.end()) return Error{"__metadata__." + key, "is missing", model_hint};
  return at->second;
}

Result<int64_t> count(const Metadata& metadata, const std::string& key) {
  const auto text = entry(metadata, key);
  if (!text) return text.error();
  uint64_t value = 0;
  if (!read_number(*text, 10, value) || value > static_cast<uint64_t>(max_count)) {
    return Error{"__metadata__." + key, "is no count", model_hint};
  }
  return static_cast<int64_t>(value);
}

/// Of this program's version, and of one lane.
Result<Experiment> experiment_in(const Metadata& metadata) {
  const auto file_version = entry(metadata, "unroll");
  if (!file_version) return file_version.error();
  if (*file_version != version) {
    return Error{"__metadata__.unroll", "version " + short_name(*file_version),
                 "this program reads version 1"};
  }
  const auto json = entry(metadata, "experiment");
  if (!json) return json.error();
  auto experiment = parse_experiment(*json);
  if (!experiment)
    return Error{"experiment, " + experiment.error().where, experiment.error().what, experiment.error().hint};
  if (experiment->lanes.size() != 1)
    return Error{"experiment, lanes", "more than one lane", "allowed: the saved lane"};
  return experiment;
}

// --- Tasks
// -------------------------------------------------------------------------------------------------------

std::string text_of(const Task& task) {
  const TaskShape shape = task.shape();
  return json_text({{"inputs", shape.inputs},
                    {"reals", shape.reals},
                    {"outputs", shape.outputs},
                    {"head", head_words[static_cast<size_t>(shape.head)]},
                    {"stored", task.stored()}});
}

/// The task of a file that is not of "text", as it was when the file was saved.
Result<std::shared_ptr<const Task>> task_in(const Metadata& metadata, const Experiment& experiment) {
  const auto text = entry(metadata, "task");
  if (!text) return text.error();
  const auto json = parse_json(*text);
  const auto wrong = [](const std::string& what) { return Error{"__metadata__.task", what, model_hint}; };
  if (!json) return wrong(json.error().what);
  for (const char* key : {"inputs", "reals", "outputs", "head", "stored"})
    if (!json->is_object() || !json->contains(key)) return wrong(std::string("has no ") + key);
  const auto task = create_task(experiment, (*json)["stored"]);
  if (!task) return Error{"experiment, " + task.error().where, task.error().what, task.error().hint};
  const TaskShape shape = (*task)->shape();
  const Json& head = (*json)["head"];
  if ((*json)["inputs"] != shape.inputs || (*json)["reals"] != shape.reals ||
      (*json)["outputs"] != shape.outputs || head != head_words[static_cast<size_t>(shape.head)])
    return wrong("its shape is not that of the task " + experiment.data.task.name +
                 " with these settings and data");
  return *task;
}

// --- Tensors
// -------------------------------------------------------------------------------------------------------

std::string text_of(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

/// What PyTorch's modules can have and Unroll's models have not, by the names of their tensors.
const char* meaning_of(std::string_view name) {
  if (name.starts_with("rnn.") && name.ends_with("_reverse"))
    return "is of a bidirectional network; Unroll reads forward only (bidirectional=False)";
  if (name.starts_with("rnn.weight_hr_l"))
    return "is the projection of an LSTM with proj_size; Unroll has none (proj_size=0)";
  if (name.starts_with("rnn.")) return "is of a layer that the experiment does not have";
  if (name.starts_with("lstm.") || name.starts_with("gru."))
    return "has another name than here; in Unroll the recurrent module is called rnn";
  if (name.starts_with("module.")) return "has the prefix of DataParallel; save model.module.state_dict()";
  return "is no part of this model";
}

Error missing(const std::string& name) {
  const bool bias =
      name.starts_with("rnn.bias_") || name.starts_with("encoder.bias_") || name == "decoder.bias";
  return {"tensor " + name, "is missing",
          bias ? "made with bias=False? Unroll needs it; zeros stand for none" : model_hint};
}

Result<const TensorFile::Tensor*> tensor(const TensorFile& file, const std::string& name,
                                         const std::vector<int64_t>& shape) {
  const TensorFile::Tensor* found = file.find(name);
  if (found == nullptr) return missing(name);
  if (found->shape != shape) {
    return Error{"tensor " + name, "its shape is " + text_of(found->shape),
                 "the experiment asks for " + text_of(shape)};
  }
  return found;
}

std::vector<int64_t> shape_of(const ParameterBlock& block) {
  return block.cols == 0 ? std::vector<int64_t>{block.rows} : std::vector<int64_t>{block.rows, block.cols};
}

constexpr const char* first_moments = "unroll.optimizer.first";
constexpr const char* second_moments = "unroll.optimizer.second";

/// The tensors of what is carried, in the order of RecurrentState.
std::vector<std::string> state_tensors(const LaneSpec& lane) {
  std::vector<std::string> names;
  for (const CellState& state : graph_of(lane)->states) names.push_back("unroll.state." + state.name);
  return names;
}

std::vector<int64_t> state_shape(const LaneSpec& lane, const CellState& state, int64_t batch) {
  return {lane.layers, batch, int64_t{lane.hidden} * state.columns(lane.hidden)};
}

bool is_of_training(const TensorFile::Tensor& tensor) { return tensor.name.starts_with("unroll."); }

/// Every tensor of the model is there with its shape, and no other but those of the training and such that hold nothing.
Status check_tensors(const TensorFile& file, const LaneSpec& lane,
                     const std::vector<ParameterBlock>& blocks) {
  std::vector<std::string> known = state_tensors(lane);
  known.insert(known.end(), {first_moments, second_moments});
  for (const ParameterBlock& block : blocks) known.push_back(block.name);
  for (const TensorFile::Tensor& found : file.tensors) {
    if (std::ranges::find(known, found.name) == known.end() && !found.values.empty())
      return Error{"tensor " + short_name(found.name, 80), meaning_of(found.name),
                   "the experiment asks for " + std::to_string(blocks.size()) +
                       " tensors: " + blocks.front().name + " to " + blocks.back().name};
  }
  for (const ParameterBlock& block : blocks) {
    if (const auto found = tensor(file, block.name, shape_of(block)); !found) return found.error();
  }
  return ok();
}

/// A tensor of training state that the lane may not need: absent leaves `values` empty, and Trainer::restore
/// judges.
template <class Floats>
Status take(const TensorFile& file, const std::string& name, const std::vector<int64_t>& shape,
            Floats& values) {
  if (file.find(name) == nullptr) return ok();
  const auto found = tensor(file, name, shape);
  if (!found) return found.error();
  values.assign((*found)->values.begin(), (*found)->values.end());
  return ok();
}

Result<Trainer::Snapshot> read_training(const TensorFile& file, const LaneSpec& lane, int64_t parameters) {
  Trainer::Snapshot snapshot;
  const auto steps = count(file.metadata, "steps"), optimizer_steps = count(file.metadata, "optimizer_steps");
  if (!steps) return steps.error();
  if (!optimizer_steps) return optimizer_steps.error();
  const auto random_text = entry(file.metadata, "dropout_random");
  if (!random_text) return random_text.error();
  const auto random = random_state_of(*random_text);
  if (!random) return random.error();
  snapshot.steps_done = *steps;
  snapshot.optimizer.steps = *optimizer_steps;
  snapshot.dropout = *random;

  const std::vector<std::string> states = state_tensors(lane);
  int64_t batch = 0;
  for (const std::string& state : states)
    if (const TensorFile::Tensor* found = file.find(state); found && found->shape.size() == 3)
      batch = found->shape[1];
  const auto graph = graph_of(lane);
  snapshot.state.states.resize(states.size());
  for (size_t n = 0; n < states.size(); ++n)
    if (const Status status =
            take(file, states[n], state_shape(lane, graph->states[n], batch), snapshot.state.states[n]);
        !status)
      return status.error();
  for (const Status& status : {take(file, first_moments, {parameters}, snapshot.optimizer.first),
                               take(file, second_moments, {parameters}, snapshot.optimizer.second)})
    if (!status) return status.error();
  const auto& squares = snapshot.optimizer.second;
  if (std::any_of(squares.begin(), squares.end(), [](float square) { return square < 0; }))
    return Error{"tensor unroll.optimizer.second", "holds a number below 0",
                 "these are means of squares: the file was damaged"};
  snapshot.state.batch = static_cast<int>(std::min<int64_t>(batch, Limits::batch + 1));
  return snapshot;
}

}  // namespace

Result<Experiment> experiment_of_checkpoint(std::span<const uint8_t> bytes) {
  const auto metadata = read_metadata(bytes);
  if (!metadata) return metadata.error();
  return experiment_in(*metadata);
}

bool write_checkpoint(const Trainer& trainer, const ByteSink& sink) {
  Experiment experiment = trainer.experiment();
  experiment.lanes = {trainer.lane()};
  const Optimizer::State& optimizer = trainer.optimizer_state();
  const RecurrentState& state = trainer.carried_state();
  const LaneSpec& lane = trainer.lane();
  const Model& model = trainer.model();

  const Task& task = trainer.task();
  const bool text = learns_text(experiment.data.task);
  const std::map<std::string, std::string> metadata = {
      {"format", "pt"},
      {"unroll", version},
      {"experiment", to_json(experiment)},
      {text ? "vocabulary" : "task", text ? encode_utf8(task.characters()->symbols()) : text_of(task)},
      {"steps", std::to_string(trainer.steps_done())},
      {"optimizer_steps", std::to_string(optimizer.steps)},
      {"dropout_random", text_of(trainer.dropout_state())}};
  std::vector<TensorView> tensors;
  const auto add = [&tensors](const std::string& name, std::vector<int64_t> shape,
                              std::span<const float> values) {
    if (!values.empty()) tensors.push_back({name, std::move(shape), values});
  };
  for (const ParameterBlock& block : model.blocks())
    add(block.name, shape_of(block), model.parameters().subspan(block.offset, block.size()));
  const auto parameters = static_cast<int64_t>(model.parameters().size());
  add(first_moments, {parameters}, optimizer.first);
  add(second_moments, {parameters}, optimizer.second);
  const std::vector<std::string> states = state_tensors(lane);
  for (size_t n = 0; n < states.size(); ++n)
    add(states[n], state_shape(lane, model.graph().states[n], state.batch), state.states[n]);
  return write_safetensors(metadata, tensors, sink);
}

std::vector<uint8_t> save_checkpoint(const Trainer& trainer) {
  std::vector<uint8_t> bytes;
  bytes.reserve(static_cast<size_t>(checkpoint_bytes(trainer)));
  write_checkpoint(trainer, [&bytes](std::span<const uint8_t> part) {
    bytes.insert(bytes.end(), part.begin(), part.end());
    return true;
  });
  return bytes;
}

uint64_t checkpoint_bytes(const Trainer& trainer) {
  constexpr uint64_t names_and_shapes = 4096;
  const Optimizer::State& optimizer = trainer.optimizer_state();
  const RecurrentState& state = trainer.carried_state();
  uint64_t numbers = trainer.model().parameters().size() + optimizer.first.size() + optimizer.second.size();
  for (const std::vector<float>& values : state.states) numbers += values.size();
  const std::string& text = trainer.experiment().data.text;
  uint64_t escapes = 0;  // the experiment is JSON within JSON: \n becomes \\n
  for (const char c : text) escapes += c == '\n' || c == '\t' ? 2 : c == '"' || c == '\\' ? 3 : 0;
  return numbers * sizeof(float) + text.size() + escapes + names_and_shapes;
}

Result<Checkpoint> load_checkpoint(std::span<const uint8_t> bytes) {
  const auto file = read_safetensors(bytes);
  if (!file) return file.error();
  auto experiment = experiment_in(file->metadata);
  if (!experiment) return experiment.error();
  Vocabulary vocabulary;
  TaskShape shape;
  std::shared_ptr<const Task> task;
  if (learns_text(experiment->data.task)) {
    const auto symbols = entry(file->metadata, "vocabulary");
    if (!symbols) return symbols.error();
    auto decoded = decode_utf8_exact(*symbols);
    if (!decoded) return Error{"vocabulary, " + decoded.error().where, decoded.error().what, model_hint};
    auto checked = Vocabulary::from_symbols(std::move(*decoded));
    if (!checked) return checked.error();
    vocabulary = std::move(*checked);
    shape = language_shape(vocabulary.size());
  } else {
    auto made = task_in(file->metadata, *experiment);
    if (!made) return made.error();
    task = std::move(*made);
    if (task->characters() != nullptr) vocabulary = *task->characters();
    shape = task->shape();
  }

  // Before anything is allocated for the model: a small file must not ask for a large one.
  const LaneSpec& lane = experiment->lanes[0];
  const int64_t parameters = parameter_count(lane, shape);
  if (const Status fits = check_tensors(*file, lane, Model::blocks_of(lane, shape)); !fits)
    return fits.error();
  auto model = Model::create(lane, shape, experiment->train.seed);
  if (!model) return model.error();
  for (const ParameterBlock& block : model->blocks()) {
    const std::vector<float>& values = file->find(block.name)->values;
    std::copy(values.begin(), values.end(),
              model->parameters().begin() + static_cast<ptrdiff_t>(block.offset));
  }
  model->parameters_changed();

  Checkpoint checkpoint{std::move(*experiment), std::move(vocabulary), std::move(*model), std::nullopt,
                        std::move(task)};
  if (std::any_of(file->tensors.begin(), file->tensors.end(), is_of_training)) {
    auto training = read_training(*file, lane, parameters);
    if (!training) return training.error();
    checkpoint.training = std::move(*training);
  }
  return checkpoint;
}

Result<std::unique_ptr<Trainer>> resume_training(const Checkpoint& checkpoint,
                                                 std::shared_ptr<const Corpus> corpus) {
  const Experiment& experiment = checkpoint.experiment;
  if (checkpoint.task || !checkpoint.training) return resume_training(checkpoint, checkpoint.task);
  if (!corpus) {
    if (!has_text(experiment.data)) {
      return Error{"experiment, data.example",
                   "names a built-in text: " + short_name(experiment.data.example),
                   "resume where the built-in texts are"};
    }
    auto made = create_task(experiment);
    if (!made) return Error{"experiment, " + made.error().where, made.error().what, made.error().hint};
    return resume_training(checkpoint, std::move(*made));
  }
  return resume_training(
      checkpoint, std::make_shared<const TextTask>(std::move(corpus), experiment.train.batch,
                                                   experiment.train.seq_length, experiment.train.seed));
}

Result<std::unique_ptr<Trainer>> resume_training(const Checkpoint& checkpoint,
                                                 std::shared_ptr<const Task> task) {
  if (!checkpoint.training) {
    return Error{"", "the file holds a model but no state of its training",
                 "it can be used, but not trained on"};
  }
  if (!checkpoint.task && task->characters()->symbols() != checkpoint.vocabulary.symbols()) {
    return Error{"vocabulary", "the text has other characters than the model",
                 "resume with the text it was trained on"};
  }
  auto trainer = Trainer::create(checkpoint.experiment, 0, std::move(task));
  if (!trainer) return trainer.error();
  const auto from = checkpoint.model.parameters();
  if (from.size() != (*trainer)->model().parameters().size()) {
    return Error{"experiment, lanes[0]", "was changed after loading", "resume with the lane that was saved"};
  }
  std::copy(from.begin(), from.end(), (*trainer)->model().parameters().begin());
  (*trainer)->model().parameters_changed();
  if (const Status status = (*trainer)->restore(*checkpoint.training); !status) return status.error();
  return trainer;
}

Result<std::unique_ptr<Trainer>> resume_training(std::span<const uint8_t> bytes,
                                                 std::shared_ptr<const Corpus> corpus) {
  const auto checkpoint = load_checkpoint(bytes);
  if (!checkpoint) return checkpoint.error();
  return resume_training(*checkpoint, std::move(corpus));
}

}  // namespace unroll
