// The engine module of a lane's Web Worker: exports what web/page/worker.mjs calls. One lane per module
// instance.
#include <emscripten.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/lane/lane.h"

namespace {

std::optional<unroll::Lane> lane;
std::vector<uint8_t> command;

}  // namespace

// `Module.send` copies the event.
EM_JS(void, send_event, (const uint8_t* bytes, size_t size),
      { Module["send"](HEAPU8.subarray(bytes >>> 0, (bytes >>> 0) + size)); });

extern "C" {

EMSCRIPTEN_KEEPALIVE void lane_create() {
  lane.emplace([](const std::vector<uint8_t>& event) { send_event(event.data(), event.size()); });
}

/// Room for the next command.
EMSCRIPTEN_KEEPALIVE uint8_t* lane_buffer(size_t size) {
  command.resize(size);
  return command.data();
}

EMSCRIPTEN_KEEPALIVE void lane_receive() {
  lane->receive(command);
  command = {};
}

EMSCRIPTEN_KEEPALIVE int lane_work() { return lane->work() ? 1 : 0; }
EMSCRIPTEN_KEEPALIVE int lane_answer() { return lane->answer() ? 1 : 0; }
}
