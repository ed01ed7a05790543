// The engine module of a lane's Web Worker: exports what web/page/worker.mjs calls. One lane per module
// instance.
#include <emscripten.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/lane/helper.h"
#include "engine/lane/lane.h"

namespace {

std::optional<unroll::Lane> lane;
std::optional<unroll::Helper> helper;
std::vector<uint8_t> command;

/// Of what is sent next: where it lies, and how long it is.
std::vector<uint32_t> places;
void place(const unroll::Pieces& pieces) {
  places.clear();
  for (const std::span<const uint8_t> piece : pieces)
    places.insert(places.end(), {static_cast<uint32_t>(reinterpret_cast<uintptr_t>(piece.data())),
                                 static_cast<uint32_t>(piece.size())});
}

}  // namespace

// `Module.send` copies the event.
EM_JS(void, send_event, (const uint8_t* bytes, size_t size),
      { Module["send"](HEAPU8.subarray(bytes >>> 0, (bytes >>> 0) + size)); });

// `Module.post` copies the pieces into one buffer, for helper `to` or, −1, for the lane.
EM_JS(void, post_pieces, (int to, const uint32_t* places, size_t count),
      { Module["post"](to, HEAPU32.subarray(places >>> 2, (places >>> 2) + 2 * count)); });

extern "C" {

EMSCRIPTEN_KEEPALIVE void lane_create() {
  lane.emplace([](const std::vector<uint8_t>& event) { send_event(event.data(), event.size()); },
               [](int to, const unroll::Pieces& pieces) {
                 place(pieces);
                 post_pieces(to, places.data(), pieces.size());
               });
}
EMSCRIPTEN_KEEPALIVE void helper_create() {
  helper.emplace([](const unroll::Pieces& pieces) {
    place(pieces);
    post_pieces(-1, places.data(), pieces.size());
  });
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

/// A part for the helper; 0: it was none.
EMSCRIPTEN_KEEPALIVE int helper_receive() { return helper->receive(command) ? 1 : 0; }
EMSCRIPTEN_KEEPALIVE void lane_invite(int helpers) { lane->invite(helpers); }
EMSCRIPTEN_KEEPALIVE void lane_helped(int from) { lane->helped(from, command); }

EMSCRIPTEN_KEEPALIVE int lane_work() { return lane->work() ? 1 : 0; }
EMSCRIPTEN_KEEPALIVE int lane_waits() { return lane->waits() ? 1 : 0; }
EMSCRIPTEN_KEEPALIVE int lane_answer() { return lane->answer() ? 1 : 0; }
}
