#include <algorithm>
#include <cmath>

#include "engine/document/experiment.h"
#include "engine/tasks/text_task.h"

namespace unroll {

const TaskKind text_kind = {
    .name = "text",
    .title = "Text",
    .family = "Text",
    .about = "Every character of a text from those before it.",
    .source = "",
    .fields = {},
    .looks = {.column = "character",
              .prediction = "next character",
              .own_data = "a text, UTF-8, that is read and predicted character by character"},
    .start = R"({"unroll": 1})"};

namespace {

Result<Corpus> corpus_of(const DataSpec& data) {
  auto made = make_corpus(data);
  if (made) return made;
  const std::string& where = made.error().where;
  return Error{"data.text" + (where.empty() ? "" : ", " + where), made.error().what, made.error().hint};
}

std::variant<Streams, EndlessStreams> streams_of(const Corpus& corpus, int batch, int seq_length,
                                                 uint64_t seed) {
  if (corpus.generator == nullptr) return Streams(corpus.train(), batch, seq_length);
  return EndlessStreams(*corpus.generator, seed, batch, seq_length);
}

}  // namespace

bool has_text(const DataSpec& data) { return !data.text.empty() || generator_of(data) != nullptr; }

Result<std::shared_ptr<const Task>> create_text(const Experiment& experiment, const Json& stored) {
  auto made = corpus_of(experiment.data);
  if (!made) return made.error();
  const auto task = std::make_shared<const TextTask>(std::make_shared<const Corpus>(std::move(*made)),
                                                     experiment.train.batch, experiment.train.seq_length,
                                                     experiment.train.seed);
  if (!stored.is_null() && stored != task->stored())
    return Error{"vocabulary", "the text has other characters than the model",
                 "resume with the text it was trained on"};
  return std::shared_ptr<const Task>(task);
}

TextTask::TextTask(std::shared_ptr<const Corpus> corpus, int batch, int seq_length, uint64_t seed)
    : corpus_(std::move(corpus)),
      streams_(streams_of(*corpus_, batch, seq_length, seed)),
      seq_length_(std::visit([](const auto& streams) { return streams.seq_length(); }, streams_)),
      batch_(std::visit([](const auto& streams) { return streams.batch(); }, streams_)) {}

int64_t TextTask::steps_per_epoch() const {
  return std::visit([](const auto& streams) { return streams.steps_per_epoch(); }, streams_);
}

const TaskKind& TextTask::kind() const { return text_kind; }

TaskShape TextTask::shape() const {
  const int V = corpus_->vocabulary.size();
  return {.inputs = V, .reals = false, .outputs = V, .head = Head::softmax};
}

void TextTask::fill(int64_t step, Batch& batch) const {
  const size_t rows = static_cast<size_t>(seq_length()) * static_cast<size_t>(this->batch());
  batch.seq_length = seq_length();
  batch.batch = this->batch();
  batch.symbols.resize(rows);
  batch.classes.resize(rows);
  batch.restart = std::visit(
      [&](const auto& streams) { return streams.fill(step, batch.symbols, batch.classes); }, streams_);
}

std::unique_ptr<Scorer> TextTask::scorer() const {
  const std::span<const int32_t> valid = corpus_->valid();
  return valid.size() < 2
             ? nullptr
             : std::make_unique<TextScorer>(valid, corpus_->vocabulary.size(), &corpus_->decided);
}

std::vector<Baseline> TextTask::baselines() const { return list_of(*corpus_, measure_baselines(*corpus_)); }

std::vector<Baseline> list_of(const Corpus& corpus, const Baselines& measured) {
  const auto line = [](std::string name, double loss, std::string about) {
    return Baseline{.name = std::move(name), .value = loss, .about = std::move(about), .loss = loss};
  };
  const std::string counted = corpus.generator != nullptr
                                  ? ", in " + std::to_string(corpus.train().size()) + " characters of it"
                                  : "";
  std::vector<Baseline> all = {
      line("uniform", measured.uniform, "every character equally likely"),
      line("unigram", measured.unigram, "each character as often as in the training part"),
      line("bigram", measured.bigram, "from the character before"),
      line(std::to_string(measured.best_order) + "-gram", measured.best,
           "the best that counting up to " + std::to_string(Baselines::max_order - 1) +
               " characters back gives" + counted)};
  if (!corpus.decided.empty())
    all.push_back({.name = "chance",
                   .value = corpus.decided.mean_chance(),
                   .about = "a reader who knows the rules and has forgotten what decides",
                   .of = decisive_loss});
  return all;
}

Example TextTask::example(int64_t index) const {
  const std::span<const int32_t> ids = corpus_->valid().size() < 2 ? corpus_->train() : corpus_->valid();
  const size_t T = std::min(static_cast<size_t>(seq_length()), ids.size() - 1);
  const size_t places = (ids.size() - 1) / T;
  const size_t first = static_cast<size_t>(static_cast<uint64_t>(index) % places) * T;
  Example example;
  example.batch.seq_length = static_cast<int>(T);
  example.batch.batch = 1;
  const auto begin = ids.begin() + static_cast<ptrdiff_t>(first);
  example.batch.symbols.assign(begin, begin + static_cast<ptrdiff_t>(T));
  example.batch.classes.assign(begin + 1, begin + static_cast<ptrdiff_t>(T) + 1);
  return example;
}

std::vector<std::string> TextTask::input_names() const {
  std::vector<std::string> names;
  for (const char32_t symbol : corpus_->vocabulary.symbols()) names.push_back(encode_utf8(symbol));
  return names;
}

Json TextTask::stored() const { return {{"vocabulary", encode_utf8(corpus_->vocabulary.symbols())}}; }

// --- TextScorer

namespace {

constexpr size_t most_streams = 32, shortest_stream = 1024;
constexpr size_t slice_length = 64;  // characters of each stream in one pass

}  // namespace

TextScorer::TextScorer(std::span<const int32_t> ids, int vocabulary, const DecidedCharacters* decided)
    : ids_(ids),
      decided_(decided != nullptr && !decided->empty() ? decided : nullptr),
      shape_{.inputs = vocabulary, .reals = false, .outputs = vocabulary, .head = Head::softmax} {
  if (ids.size() < 2) return;
  // All streams are of one length and end where the next one's own characters begin; the last ends with the text.
  const size_t inputs = ids.size() - 1;
  const size_t streams = std::clamp<size_t>(inputs / shortest_stream, 1, most_streams);
  stream_length_ = (inputs + (streams - 1) * warm_up + streams - 1) / streams;
  for (size_t b = 0; b < streams; ++b) {
    const size_t first = streams == 1 ? 0 : b * (inputs - stream_length_) / (streams - 1);
    const size_t counted = b == 0 ? 0 : streams_.back().first + stream_length_ - first;
    streams_.push_back({first, counted});
  }
  batch_.batch = static_cast<int>(streams);
  const size_t rows = streams * std::min(stream_length_, slice_length);
  batch_.symbols.reserve(rows);
  batch_.classes.reserve(rows);
}

bool TextScorer::advance(Network& network, int characters) {
  const size_t streams = streams_.size();
  for (int64_t done = 0; position_ < stream_length_ && done < characters;) {
    const size_t wanted = std::max<size_t>(static_cast<size_t>(characters - done) / streams, 1);
    const size_t length = std::min({wanted, slice_length, stream_length_ - position_});
    const size_t rows = length * streams;
    batch_.seq_length = static_cast<int>(length);
    batch_.restart = position_ == 0;
    batch_.symbols.resize(rows);
    batch_.classes.resize(rows);
    for (size_t t = 0; t < length; ++t)
      for (size_t b = 0; b < streams; ++b) {
        const size_t at = streams_[b].first + position_ + t;
        batch_.symbols[t * streams + b] = ids_[at];
        batch_.classes[t * streams + b] = ids_[at + 1];
      }
    const std::span<const float> outputs = network.read(batch_), losses = network.losses();
    for (size_t t = 0; t < length; ++t)
      for (size_t b = 0; b < streams; ++b) {
        if (position_ + t < streams_[b].counted) continue;
        const size_t row = t * streams + b;
        sum_ += losses.empty() ? row_loss(shape_, batch_, outputs, row) : static_cast<double>(losses[row]);
        ++characters_;
        if (decided_ == nullptr) continue;
        const size_t V = static_cast<size_t>(shape_.outputs);
        if (const uint8_t decision = decided_->decision[streams_[b].first + position_ + t + 1]; decision != 0)
          judge(outputs.subspan(row * V, V), batch_.classes[row], decided_->candidates[decision - 1u]);
      }
    position_ += length;
    done += static_cast<int64_t>(rows);
  }
  return position_ >= stream_length_;
}

void TextScorer::judge(std::span<const float> probabilities, int32_t target,
                       const std::vector<int32_t>& candidates) {
  const auto of = [&](int32_t id) { return static_cast<double>(probabilities[static_cast<size_t>(id)]); };
  double sum = 0, best = 0;
  for (const int32_t candidate : candidates) {
    sum += of(candidate);
    best = std::max(best, of(candidate));
  }
  constexpr double smallest = 1e-30;  // of a float that became 0
  decided_sum_ -= std::log(std::max(of(target), smallest) / std::max(sum, smallest));
  decided_right_ += of(target) == best ? 1 : 0;
  ++decided_count_;
}

Score TextScorer::score() const {
  Score score{.name = "loss", .value = loss(), .unit = "", .loss = loss(), .count = characters_};
  if (decided_count_ > 0) {
    const auto count = static_cast<double>(decided_count_);
    score.others = {{decisive_loss, decided_sum_ / count},
                    {decisive_right, static_cast<double>(decided_right_) / count}};
  }
  return score;
}

}  // namespace unroll
