#include "engine/model/checkpoint.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/model/safetensors.h"

using namespace unroll;

namespace {

constexpr const char* song =
    "The wind went up, the wind went down,\nand took the bell out of the town;\nthe bell went round, the "
    "bell "
    "went by,\nand rang for nobody but sky.\n";

struct Case {
  LaneSpec lane;
  OptimizerKind optimizer;
};

const Case cases[] = {
    {{.cell = Cell::lstm, .hidden = 9}, OptimizerKind::adam},
    {{.cell = Cell::gru, .hidden = 7, .layers = 2, .embedding = 5, .dropout = 0.3}, OptimizerKind::rmsprop},
    {{.cell = Cell::rnn, .hidden = 8, .layers = 2, .dropout = 0.2, .nonlinearity = Nonlinearity::relu},
     OptimizerKind::sgd},
    {{.cell = Cell::lstm, .hidden = 6, .layers = 3, .embedding = 4, .init = Init::orthogonal, .rate = 0.02},
     OptimizerKind::adamw},
};

std::unique_ptr<Trainer> make_trainer(const Case& c) {
  Experiment e;
  e.data = {.text = song, .example = "", .valid = 0.2};
  e.train.batch = 3;
  e.train.seq_length = 8;
  e.train.optimizer = c.optimizer;
  e.train.schedule = Schedule::cosine;
  e.train.steps = 40;
  e.lanes = {LaneSpec{}, c.lane};
  auto corpus = make_corpus(e.data.text, e.data.valid);
  REQUIRE(corpus);
  auto trainer = Trainer::create(e, 1, std::make_shared<const Corpus>(std::move(*corpus)));
  REQUIRE(trainer);
  return std::move(*trainer);
}

std::vector<float> parameters_of(const Trainer& trainer) {
  return {trainer.model().parameters().begin(), trainer.model().parameters().end()};
}

/// A file with this header and so many zero bytes of data.
std::vector<uint8_t> file_of(const std::string& header, size_t data) {
  std::vector<uint8_t> bytes(8 + header.size() + data);
  const uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

std::string error_of(const std::string& header, size_t data) {
  const auto file = read_safetensors(file_of(header, data));
  return file ? "accepted" : file.error().text();
}

}  // namespace

TEST_CASE("safetensors: the bytes are those of the format") {
  TensorFile file;
  file.tensors = {{"a", {2}, {1.0f, -2.0f}}, {"b.c", {1, 3}, {0.5f, 0, 3}}, {"scalar", {}, {4}}};
  file.metadata = {{"format", "pt"}};
  const auto bytes = write_safetensors(file);
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
      R"("b.c":{"dtype":"F32","shape":[1,3],"data_offsets":[8,20]},)"
      R"("scalar":{"dtype":"F32","shape":[],"data_offsets":[20,24]}})";
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  CHECK(length == (header.size() + 7) / 8 * 8);
  CHECK(std::string(bytes.begin() + 8, bytes.begin() + 8 + static_cast<ptrdiff_t>(header.size())) == header);
  CHECK(bytes.size() == 8 + length + 24);

  const auto back = read_safetensors(bytes);
  REQUIRE(back);
  CHECK(back->metadata == file.metadata);
  REQUIRE(back->tensors.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(back->tensors[i].name == file.tensors[i].name);
    CHECK(back->tensors[i].shape == file.tensors[i].shape);
    CHECK(back->tensors[i].values == file.tensors[i].values);
  }
}

TEST_CASE("safetensors: what does not fit is refused, and the message says what") {
  CHECK(error_of("{}", 0) == "accepted");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8) == "accepted");
  CHECK(error_of(R"({"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}})", 8) ==
        "tensor a: its dtype is F16 (only F32 is read; in PyTorch, model.float() converts)");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8) ==
        "tensor a: its shape and its data_offsets do not agree");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7) ==
        "tensor a: its data_offsets do not lie in the file (the file may be cut off: fetch it again)");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 12) ==
        "4 bytes after the last tensor (the file was damaged)");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                 R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                 8)
            .ends_with("its data does not follow that of the tensor before it"));
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8) ==
        "tensor a: its data does not follow that of the tensor before it");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8) ==
        "tensor a: its shape and its data_offsets do not agree");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8) ==
        "tensor a: a size in its shape does not fit the file");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[8,8,8,8,8,8,8,8],"data_offsets":[0,8]}})", 8) ==
        "tensor a: its shape is larger than the file");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", 8) ==
        "tensor a: its entry does not have just dtype, shape and data_offsets");
  CHECK(error_of(R"({"a":{},"a":{}})", 0) ==
        "header: \"a\" stands twice in one object (this is no .safetensors file, or it was damaged)");
  CHECK(error_of(R"({"__metadata__":{"steps":3}})", 0) == "__metadata__.steps: is no string");
  CHECK(error_of("[1]", 0) == "header: is no JSON object (this is no .safetensors file)");
  CHECK_FALSE(read_safetensors({}));
  CHECK_FALSE(read_safetensors(std::vector<uint8_t>(8, 0xFF)));
  CHECK_FALSE(read_safetensors(std::vector<uint8_t>(7, 0)));

  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    TensorFile file;
    file.tensors = {{"a", {2}, {1.0f, bad}}};
    CHECK(read_safetensors(write_safetensors(file)).error().text() ==
          "tensor a: it holds a value that is not finite");
  }
}

TEST_CASE("checkpoint: a resumed training goes on bit for bit") {
  for (const Case& c : cases) {
    CAPTURE(std::string(name(c.lane.cell)));
    const auto straight = make_trainer(c);
    for (int i = 0; i < 11; ++i) straight->step();
    const auto bytes = save_checkpoint(*straight);
    auto resumed = resume_training(bytes);
    REQUIRE(resumed);
    CHECK((*resumed)->steps_done() == 11);
    CHECK((*resumed)->lane() == straight->lane());
    CHECK(save_checkpoint(**resumed) == bytes);
    for (int i = 0; i < 9; ++i) {
      const StepResult a = straight->step(), b = (*resumed)->step();
      CHECK(a.loss == b.loss);
      CHECK(a.step == b.step);
      CHECK(a.rate == b.rate);
    }
    CHECK(parameters_of(*straight) == parameters_of(**resumed));
  }
}

TEST_CASE("checkpoint: the loaded model is the saved one") {
  for (const Case& c : cases) {
    const auto trainer = make_trainer(c);
    for (int i = 0; i < 3; ++i) trainer->step();
    const auto checkpoint = load_checkpoint(save_checkpoint(*trainer));
    REQUIRE(checkpoint);
    CHECK(checkpoint->experiment.lanes.size() == 1);
    CHECK(checkpoint->experiment.lanes[0] == c.lane);
    CHECK(checkpoint->experiment.data.text == song);
    CHECK(checkpoint->vocabulary.symbols() == trainer->corpus().vocabulary.symbols());
    REQUIRE(checkpoint->training);
    CHECK(checkpoint->training->steps_done == 3);
    Evaluator saved(trainer->model(), trainer->corpus().train());
    Evaluator loaded(checkpoint->model, trainer->corpus().train());
    while (!saved.advance(1000) || !loaded.advance(1000)) {
    }
    CHECK(saved.loss() == loaded.loss());
  }
}

TEST_CASE("checkpoint: a model without training state can be used, but not resumed") {
  const auto trainer = make_trainer(cases[0]);
  auto file = read_safetensors(save_checkpoint(*trainer));
  REQUIRE(file);
  std::erase_if(file->tensors, [](const auto& tensor) { return tensor.name.starts_with("unroll."); });
  const auto bytes = write_safetensors(*file);
  const auto checkpoint = load_checkpoint(bytes);
  REQUIRE(checkpoint);
  CHECK_FALSE(checkpoint->training);
  CHECK(resume_training(bytes).error().what == "the file holds a model but no state of its training");
}

TEST_CASE("checkpoint: an experiment that names a built-in text resumes with the text given, and no other") {
  Experiment e;
  e.data = {.text = "", .example = "song", .valid = 0.2};
  e.lanes = {{.cell = Cell::gru, .hidden = 5}};
  const auto corpus = std::make_shared<const Corpus>(*make_corpus(song, 0.2));
  auto trainer = Trainer::create(e, 0, corpus);
  REQUIRE(trainer);
  (*trainer)->step();
  const auto bytes = save_checkpoint(**trainer);
  CHECK(load_checkpoint(bytes));
  CHECK_FALSE(resume_training(bytes));
  CHECK(resume_training(bytes, corpus));
  CHECK_FALSE(resume_training(bytes, std::make_shared<const Corpus>(*make_corpus("something else", 0.2))));
}

TEST_CASE("checkpoint: files that do not fit themselves are refused") {
  const auto trainer = make_trainer(cases[0]);
  const auto good = read_safetensors(save_checkpoint(*trainer));
  REQUIRE(good);
  const auto error_after = [&](auto&& change) {
    TensorFile file = *good;
    change(file);
    const auto checkpoint = resume_training(write_safetensors(file));
    return checkpoint ? "accepted" : checkpoint.error().text();
  };
  CHECK(error_after([](TensorFile&) {}) == "accepted");
  CHECK(error_after([](TensorFile& f) { f.metadata.erase("unroll"); }) ==
        "__metadata__.unroll: is missing (was this file written by Unroll?)");
  CHECK(error_after([](TensorFile& f) { f.metadata["unroll"] = "2"; }) ==
        "__metadata__.unroll: version 2 (this program reads version 1)");
  CHECK(error_after([](TensorFile& f) {
          f.metadata["experiment"] = R"({"unroll":1,"lanes":[{"cell":"elman"}]})";
        }) == "experiment, lanes[0].cell: found \"elman\" (allowed: rnn, lstm or gru)");
  CHECK(error_after([](TensorFile& f) { f.metadata["experiment"] = R"({"unroll":1})"; }) ==
        "experiment, lanes: more than one lane (allowed: the saved lane)");
  CHECK(error_after([](TensorFile& f) {
          f.metadata["experiment"] = R"({"unroll":1,"lanes":[{"hidden":2000}]})";
        }).starts_with("the tensors of the model hold "));
  CHECK(error_after([](TensorFile& f) { f.metadata["vocabulary"] = "zyx"; }) ==
        "vocabulary: symbol 1 is out of order or no Unicode character (allowed: Unicode characters in "
        "increasing "
        "order, each once)");
  CHECK(error_after([](TensorFile& f) { f.metadata["steps"] = "-1"; }) ==
        "__metadata__.steps: is no count (was this file written by Unroll?)");
  CHECK(
      error_after([](TensorFile& f) { f.metadata["dropout_random"] = "0 0 0 0 0 0"; }) ==
      "__metadata__.dropout_random: is no state of the random generator (was this file written by Unroll?)");
  CHECK(error_after([](TensorFile& f) {
          std::swap(f.tensors[0].shape[0], f.tensors[0].shape[1]);
        }).starts_with("tensor rnn.weight_ih_l0: its shape is ("));
  CHECK(error_after([](TensorFile& f) { f.tensors[0].name = "rnn.weight"; }) ==
        "tensor rnn.weight_ih_l0: is missing (was this file written by Unroll?)");
  CHECK(error_after([](TensorFile& f) { f.tensors.pop_back(); }).starts_with("recurrent state"));
  CHECK(error_after([](TensorFile& f) {
          std::erase_if(f.tensors, [](const auto& t) { return t.name == "unroll.optimizer.second"; });
        }).starts_with("optimizer state"));
}

TEST_CASE("checkpoint: whatever bytes come, an error or a model that works") {
  const auto trainer = make_trainer({{.cell = Cell::lstm, .hidden = 3}, OptimizerKind::adam});
  trainer->step();
  const std::vector<uint8_t> whole = save_checkpoint(*trainer);
  uint64_t header = 0;
  std::memcpy(&header, whole.data(), 8);
  Random random(11);
  int accepted = 0;
  for (int round = 0; round < 6000; ++round) {
    std::vector<uint8_t> bytes = whole;
    for (uint32_t edit = 0, edits = 1 + random.below(3); edit < edits; ++edit) {
      const uint32_t end =
          random.below(4) ? static_cast<uint32_t>(8 + header) : static_cast<uint32_t>(whole.size());
      const auto at =
          static_cast<ptrdiff_t>(random.below(std::min(end, static_cast<uint32_t>(bytes.size()))));
      switch (random.below(6)) {
        case 0:
          bytes[static_cast<size_t>(at)] = static_cast<uint8_t>(random.next());
          break;
        case 1:
          bytes[static_cast<size_t>(at)] = static_cast<uint8_t>('0' + random.below(10));
          break;
        case 2:
          bytes[random.below(8)] = static_cast<uint8_t>(random.next());
          break;
        case 3:
          bytes.resize(static_cast<size_t>(at) + 1);
          break;
        case 4:
          bytes.erase(bytes.begin() + at,
                      bytes.begin() + std::min(at + 5, static_cast<ptrdiff_t>(bytes.size())));
          break;
        default:
          bytes.insert(bytes.begin() + at, 1 + random.below(9), static_cast<uint8_t>(random.next()));
      }
      if (bytes.empty()) bytes.push_back(0);
    }
    const auto checkpoint = load_checkpoint(bytes);
    if (!checkpoint) {
      REQUIRE_FALSE(checkpoint.error().what.empty());
      REQUIRE(decode_utf8_exact(checkpoint.error().text()));
      continue;
    }
    ++accepted;
    RecurrentState state = checkpoint->model.make_state(1);
    const auto workspace = checkpoint->model.make_workspace(1, 1);
    std::vector<float> probabilities(static_cast<size_t>(checkpoint->vocabulary.size()));
    checkpoint->model.step(*workspace, 0, state, probabilities);
    const auto resumed = resume_training(bytes);
    if (resumed) (*resumed)->step();
  }
  CHECK(accepted > 50);
  CHECK(accepted < 5000);
}
