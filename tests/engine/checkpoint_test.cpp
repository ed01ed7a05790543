#include "engine/model/checkpoint.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/base/utf8.h"
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
    {{.cell = "lstm", .hidden = 9}, OptimizerKind::adam},
    {{.cell = "gru", .hidden = 7, .layers = 2, .embedding = 5, .dropout = 0.3}, OptimizerKind::rmsprop},
    {{.cell = "rnn", .hidden = 8, .layers = 2, .dropout = 0.2, .nonlinearity = Nonlinearity::relu},
     OptimizerKind::sgd},
    {{.cell = "lstm", .hidden = 6, .layers = 3, .embedding = 4, .init = Init::orthogonal, .rate = 0.02},
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
        "tensor a: a size in its shape is no whole number from 0 on");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}})", 8) ==
        "tensor a: a size in its shape is no whole number from 0 on");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[8,8,8,8,8,8,8,8],"data_offsets":[0,8]}})", 8) ==
        "tensor a: its shape is larger than the file");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", 8) ==
        "tensor a: its entry does not have just dtype, shape and data_offsets");
  CHECK(
      error_of(R"({"a":{},"a":{}})", 0) ==
      "header: \"a\" stands twice in one object (this is no .safetensors file, or it was damaged, or it has "
      "more than 256 tensors)");
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

TEST_CASE("safetensors: tensors that hold nothing are read, wherever they stand") {
  TensorFile file;
  file.tensors = {{"none", {0}, {}},
                  {"a", {2}, {1, 2}},
                  {"between", {3, 0, 7}, {}},
                  {"b", {1}, {3}},
                  {"last", {0, 0}, {}}};
  const auto back = read_safetensors(write_safetensors(file));
  REQUIRE(back);
  REQUIRE(back->tensors.size() == 5);
  for (const TensorFile::Tensor& tensor : file.tensors) {
    REQUIRE(back->find(tensor.name));
    CHECK(back->find(tensor.name)->shape == tensor.shape);
    CHECK(back->find(tensor.name)->values == tensor.values);
  }
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[0,9000000000000000000],"data_offsets":[0,0]}})", 0) ==
        "accepted");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,4]}})", 4) ==
        "tensor a: its shape and its data_offsets do not agree");
}

TEST_CASE(
    "safetensors: too many tensors are refused before they take memory, and names are quoted harmlessly") {
  const auto many = [](size_t count) {
    std::string header = "{";
    for (size_t i = 0; i < count; ++i)
      header += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) +
                R"(":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1],"data_offsets":[)" + std::to_string(4 * i) +
                "," + std::to_string(4 * i + 4) + "]}";
    return error_of(header + "}", 4 * count);
  };
  CHECK(many(max_tensors) == "accepted");
  CHECK(many(max_tensors + 1) == "header: has 257 tensors (allowed: up to 256)");
  CHECK(many(200'000).find("or it has more than 256 tensors") != std::string::npos);

  const std::string strange = R"(\u001b[2J)", megabyte(1 << 20, 'n');
  for (const std::string& name : {strange, megabyte}) {
    for (const std::string& header :
         {R"({")" + name + R"(":{}})", R"({"a":{"dtype":")" + name + R"(","shape":[],"data_offsets":[0,0]}})",
          R"({"__metadata__":{")" + name + R"(":1}})", R"({")" + name + R"(":7})"}) {
      const std::string message = error_of(header, 0);
      CAPTURE(message);
      CHECK(message.size() < 400);
      CHECK(readable(message) == message);
    }
  }
}

TEST_CASE("checkpoint: a resumed training goes on bit for bit") {
  for (const Case& c : cases) {
    CAPTURE(c.lane.cell);
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
  e.lanes = {{.cell = "gru", .hidden = 5}};
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
        }).starts_with("experiment, lanes[0].cell: found \"elman\" ("));
  CHECK(error_after([](TensorFile& f) { f.metadata["experiment"] = R"({"unroll":1})"; }) ==
        "experiment, lanes: more than one lane (allowed: the saved lane)");
  CHECK(error_after([](TensorFile& f) {
          f.metadata["experiment"] = R"({"unroll":1,"lanes":[{"hidden":2000}]})";
        }).starts_with("tensor rnn.weight_ih_l0: its shape is (36, "));
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
  CHECK(error_after([](TensorFile& f) { f.tensors[0].name = "other.weight"; })
            .starts_with("tensor other.weight: is no part of this model (the experiment asks for 6 tensors: "
                         "rnn.weight_ih_l0 to decoder.bias)"));
  CHECK(error_after([](TensorFile& f) { f.tensors.erase(f.tensors.begin()); }) ==
        "tensor rnn.weight_ih_l0: is missing (was this file written by Unroll?)");
  CHECK(error_after([](TensorFile& f) { f.tensors.pop_back(); }).starts_with("recurrent state"));
  CHECK(error_after([](TensorFile& f) {
          std::erase_if(f.tensors, [](const auto& t) { return t.name == "unroll.optimizer.second"; });
        }).starts_with("optimizer state"));
}

TEST_CASE("checkpoint: tensors of PyTorch's other networks are named, and what they mean is said") {
  const auto trainer = make_trainer(cases[0]);
  const auto good = read_safetensors(save_checkpoint(*trainer));
  REQUIRE(good);
  const auto error_with = [&](const char* name, std::vector<int64_t> shape = {2}) {
    TensorFile file = *good;
    size_t size = 1;
    for (const int64_t n : shape) size *= static_cast<size_t>(n);
    file.tensors.push_back({name, std::move(shape), std::vector<float>(size, 0.5f)});
    const auto checkpoint = load_checkpoint(write_safetensors(file));
    return checkpoint ? "accepted" : checkpoint.error().text();
  };
  CHECK(error_with("rnn.weight_ih_l0_reverse")
            .starts_with("tensor rnn.weight_ih_l0_reverse: is of a bidirectional network"));
  CHECK(error_with("rnn.weight_hr_l0")
            .starts_with("tensor rnn.weight_hr_l0: is the projection of an LSTM with proj_size"));
  CHECK(error_with("rnn.bias_ih_l1")
            .starts_with("tensor rnn.bias_ih_l1: is of a layer that the experiment does not have"));
  CHECK(error_with("lstm.weight_ih_l0").find("is called rnn") != std::string::npos);
  CHECK(error_with("attention.weight").starts_with("tensor attention.weight: is no part of this model"));
  CHECK(error_with("unroll.other").starts_with("tensor unroll.other: is no part of this model"));
  CHECK(error_with("empty", {0}) == "accepted");
  CHECK(error_with("a\x1b[2Jb").starts_with("tensor a\\u001B[2Jb: is no part"));
  for (const char* bias : {"rnn.bias_ih_l0", "rnn.bias_hh_l0", "decoder.bias"}) {
    TensorFile file = *good;
    std::erase_if(file.tensors, [&](const auto& tensor) { return tensor.name == bias; });
    CHECK(load_checkpoint(write_safetensors(file)).error().text() ==
          "tensor " + std::string(bias) +
              ": is missing (made with bias=False? Unroll needs it; zeros stand for none)");
  }
}

TEST_CASE("checkpoint: hostile moments are refused, or training stops before it saves what is not finite") {
  const auto trainer = make_trainer(cases[0]);
  for (int i = 0; i < 3; ++i) trainer->step();
  const auto good = read_safetensors(save_checkpoint(*trainer));
  REQUIRE(good);
  const auto with = [&](const char* name, float value) {
    TensorFile file = *good;
    for (TensorFile::Tensor& tensor : file.tensors) {
      if (tensor.name == name) std::fill(tensor.values.begin(), tensor.values.end(), value);
    }
    return write_safetensors(file);
  };
  CHECK(resume_training(with("unroll.optimizer.second", -1)).error().text() ==
        "tensor unroll.optimizer.second: holds a number below 0 (these are means of squares: the file was "
        "damaged)");
  for (const auto& [name, value] : {std::pair{"unroll.optimizer.first", 3e38f},
                                    {"unroll.optimizer.first", -1e30f},
                                    {"rnn.weight_hh_l0", 3.4e38f},
                                    {"decoder.weight", 3.4e38f},
                                    {"unroll.state.h", 3.4e38f},
                                    {"unroll.optimizer.second", 3.4e38f}}) {
    CAPTURE(std::string(name));
    auto resumed = resume_training(with(name, value));
    REQUIRE(resumed);
    for (int i = 0; i < 2; ++i) {
      (*resumed)->step();
      CHECK(load_checkpoint(save_checkpoint(**resumed)));  // it refuses what is not finite
    }
    if (value != 3.4e38f) CHECK((*resumed)->diverged());
  }
}

TEST_CASE("checkpoint: whatever bytes come, an error or a model that works") {
  const auto trainer = make_trainer({{.cell = "lstm", .hidden = 3}, OptimizerKind::adam});
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

TEST_CASE("checkpoint: saved while a step runs it is that of before the step, and training goes on from it") {
  for (const Case& c : cases) {
    const auto trainer = make_trainer(c), straight = make_trainer(c);
    for (int i = 0; i < 4; ++i) trainer->step(), straight->step();
    const auto before = save_checkpoint(*trainer);
    CHECK(std::abs(static_cast<double>(before.size()) - static_cast<double>(checkpoint_bytes(*trainer))) <
          3500);
    trainer->begin_step();
    CHECK(save_checkpoint(*trainer) == before);
    trainer->run_pass();
    CHECK(save_checkpoint(*trainer) == before);
    trainer->end_step();
    straight->step();
    const auto after = save_checkpoint(*trainer);
    CHECK(after == save_checkpoint(*straight));
    const auto resumed = resume_training(before);
    REQUIRE(resumed);
    (*resumed)->step();
    CHECK(parameters_of(**resumed) == parameters_of(*trainer));
  }
}
