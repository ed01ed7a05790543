#include "engine/base/protobuf.h"

#include <doctest/doctest.h>

#include <limits>

using namespace unroll;

namespace {
using Bytes = std::vector<uint8_t>;
}

TEST_CASE("protocol buffers: the bytes are those of their documentation") {
  CHECK(ProtoMessage().integer(1, 150).bytes() == Bytes{0x08, 0x96, 0x01});
  CHECK(ProtoMessage().text(2, "testing").bytes() ==
        Bytes{0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67});
  CHECK(ProtoMessage().message(3, ProtoMessage().integer(1, 150)).bytes() ==
        Bytes{0x1a, 0x03, 0x08, 0x96, 0x01});
}

TEST_CASE("protocol buffers: negative numbers, large fields, lengths above 127") {
  const Bytes minus = ProtoMessage().integer(1, -2).bytes();
  CHECK(minus == Bytes{0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
  CHECK(ProtoMessage().integer(20, 1).bytes() == Bytes{0xa0, 0x01, 0x01});
  const Bytes largest = ProtoMessage().integer(1, std::numeric_limits<int64_t>::max()).bytes();
  CHECK(largest.size() == 10);
  const std::string text(300, 'x');
  const Bytes bytes = ProtoMessage().text(1, text).bytes();
  CHECK(bytes.size() == 303);
  CHECK(bytes[1] == 0xac);
  CHECK(bytes[2] == 0x02);
  const float values[] = {1, -2};
  CHECK(ProtoMessage().floats(9, values).bytes() == Bytes{0x4a, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0});
  CHECK(ProtoMessage().real(2, 1).bytes() == Bytes{0x15, 0, 0, 0x80, 0x3f});
}
