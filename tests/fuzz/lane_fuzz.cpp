// A lane as a whole: any sequence of messages is answered, in events that can be read. An input is lines, each the header
// of a command; one that begins with "raw " is sent as it is, without a header.
#include "engine/lane/lane.h"
#include "engine/lane/protocol.h"
#include "engine/model/checkpoint.h"
#include "tests/fuzz/fuzz.h"

namespace unroll::fuzz {

namespace {

constexpr std::string_view experiment =
    R"({"unroll":1,"data":{"text":"abc abc abd abc abc abe\nabc abd","valid":0.2},"train":{"batch":2,"seq_length":4,"steps":30},)"
    R"("lanes":[{"cell":"lstm","hidden":3},{"cell":"gru","hidden":2,"layers":2}]})";

std::string session(std::string_view commands, int lane = 0) {
  return R"({"type":"configure","experiment":)" + std::string(experiment) + R"(,"lane":)" +
         std::to_string(lane) + "}\n" + std::string(commands);
}

/// Large numbers would only cost time: limits and memory are the document's and the checkpoint's affair.
bool has_long_number(std::string_view text) {
  size_t digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 2) return true;
  }
  return text.find('e') != std::string_view::npos && text.find("1e") != std::string_view::npos;
}

}  // namespace

std::vector<std::string> seeds() {
  return {
      session("{\"type\":\"run\"}\n{\"type\":\"pause\"}\n{\"type\":\"step\",\"count\":3}\n{\"type\":"
              "\"rewind\"}\n"),
      session("{\"type\":\"step\",\"count\":5}\n{\"type\":\"sample\",\"id\":1,\"prompt\":\"ab\",\"length\":"
              "20,\"temperature\":0.7,\"top_k\":2,\"top_p\":0.9,\"seed\":3}\n"
              "{\"type\":\"predict\",\"id\":2,\"prefix\":\"abc "
              "\"}\n{\"type\":\"probe\",\"id\":3,\"text\":\"abc abd\",\"top\":2}\n",
              1),
      session(
          "{\"type\":\"activations\",\"id\":4,\"text\":\"abc\",\"layer\":0,\"which\":[\"f\",\"c\",\"h\"]}\n"
          "{\"type\":\"cell\",\"id\":5,\"text\":\"abc abd\",\"layer\":0,\"position\":2,\"count\":2}\n"
          "{\"type\":\"flow\",\"id\":6,\"text\":\"abc "
          "abd\",\"position\":5,\"lags\":4}\n{\"type\":\"horizon\",\"id\":7,\"lags\":5,\"positions\":3}\n"),
      session("{\"type\":\"tune\",\"rate\":0.01,\"clip\":1}\n{\"type\":\"weights\",\"id\":8,\"block\":\"rnn."
              "weight_hh_l0\"}\n{\"type\":"
              "\"gradient_check\",\"id\":9,\"text\":\"abc\"}\n"
              "{\"type\":\"spectrum\",\"id\":10}\n{\"type\":\"baselines\",\"id\":11}\n{\"type\":\"save\","
              "\"id\":12}\n{\"type\":\"state\"}\n",
              1),
      session(
          R"lines({"type":"intervene","id":13,"set":[{"kind":"clamp","unit":1,"what":"f","value":1},{"kind":"ablate","what":"c"}]}
{"type":"units","id":14,"text":"abc abd","which":"h","pattern":"b(c|d)"}
{"type":"walk","id":15}
{"type":"blocks","id":16}
{"type":"block_history","id":17}
)lines"),
      "{\"type\":\"configure\",\"experiment\":{\"unroll\":1,\"data\":{\"task\":{\"name\":\"parity\","
      "\"length\":6,\"beyond\":2}},\"train\":{\"batch\":2},"
      "\"lanes\":[{\"cell\":\"mingru\",\"hidden\":3}]},\"lane\":0}\n{\"type\":\"step\",\"count\":2}\n{"
      "\"type\":\"example\",\"id\":1,\"index\":2}\n"
      "{\"type\":\"probe\",\"id\":2,\"example\":1,\"top\":1}\n{\"type\":\"baselines\",\"id\":3}\n",
      "raw \x05\x01\x01\x01{}\n",
  };
}

void try_input(std::string_view bytes) {
  if (has_long_number(bytes) || bytes.size() > 8192) return;
  size_t told = 0;
  Lane lane([&told](std::vector<uint8_t> event) {
    const auto read = decode(event);
    require(read && !read->type().empty());
    ++told;
  });
  require(told == 1);
  for (size_t at = 0, lines = 0; at < bytes.size() && lines < 16; ++lines) {
    const size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line = bytes.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("raw ")) {
      const auto* data = reinterpret_cast<const uint8_t*>(line.data() + 4);
      lane.receive({data, line.size() - 4});
    } else {
      lane.receive(encode(line, {}));
    }
    for (int slices = 0; slices < 3 && lane.work(); ++slices) continue;
  }
}

}  // namespace unroll::fuzz
