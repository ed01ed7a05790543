// A lane with helpers, all on one thread: messages wait until the test delivers them.
#include <doctest/doctest.h>

#include <deque>

#include "engine/lane/helper.h"
#include "tests/lane/lane_fixture.h"

using namespace unroll;
using testing::small_experiment;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes joined(const Pieces& pieces) {
  Bytes all;
  for (const auto& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

/// A lane and those who help it.
struct Company {
  struct Member {
    std::deque<Bytes> inbox, outbox;
    Helper helper{[this](const Pieces& answer) { outbox.push_back(joined(answer)); }};
    bool is_dead = false;
  };
  std::vector<Message> events;
  std::vector<std::unique_ptr<Member>> members;
  int parts = 0, lost = 0;
  Lane lane{[this](Bytes bytes) {
              Result<Message> event = decode(bytes);
              REQUIRE(bool(event));
              events.push_back(std::move(*event));
            },
            [this](int helper, const Pieces& pieces) {
              if (pieces.empty()) return void(++lost);
              ++parts;
              members[static_cast<size_t>(helper)]->inbox.push_back(joined(pieces));
            }};

  void invite(int helpers) {
    members.clear();
    for (int i = 0; i < helpers; ++i) members.push_back(std::make_unique<Member>());
    lane.invite(helpers);
  }
  void send(const Json& header) { lane.receive(encode(Message{header, {}})); }
  /// All that helpers were sent is computed, the last helper first.
  void deliver() {
    for (size_t i = members.size(); i-- > 0;) {
      Member& member = *members[i];
      for (; !member.inbox.empty(); member.inbox.pop_front())
        if (!member.is_dead) REQUIRE(bool(member.helper.receive(member.inbox.front())));
      for (; !member.outbox.empty(); member.outbox.pop_front())
        lane.helped(static_cast<int>(i), member.outbox.front());
    }
  }
  /// Works until there is nothing left to do; `between` may change the company meanwhile.
  template <class Between>
  void finish(const Between& between) {
    while (lane.work() || lane.waits()) {
      between();
      deliver();
    }
  }
};

Json experiment(const char* cell, double dropout) {
  Json experiment = small_experiment();
  experiment["train"]["batch"] = 27;
  experiment["lanes"] = {{{"cell", cell}, {"hidden", 12}, {"layers", 2}, {"dropout", dropout}}};
  return experiment;
}

struct Curve {
  std::vector<float> losses;
  Json valid;
  Bytes file;
  int parts, lost;
};

template <class Between>
Curve curve_of(const Json& experiment, int helpers, int steps, const Between& between) {
  Company company;
  company.invite(helpers);
  company.send({{"type", "configure"}, {"experiment", experiment}, {"lane", 0}});
  REQUIRE(company.events.back().type() == "configured");
  company.send({{"type", "run"}, {"until", steps}});
  company.finish([&] { between(company); });
  company.send({{"type", "save"}, {"id", 1}});
  Curve curve{{}, {}, {}, company.parts, company.lost};
  for (const Message& event : company.events) {
    if (event.type() == "metrics") {
      const std::vector<float> values = testing::floats(event);
      curve.losses.insert(curve.losses.end(), values.begin(), values.end());
      if (event.header.contains("valid")) curve.valid = event.header["valid"];
    }
    if (event.type() == "checkpoint") curve.file = event.payload;
  }
  REQUIRE(!curve.file.empty());
  return curve;
}

void check_equal(const Curve& one, const Curve& other) {
  CHECK(one.losses == other.losses);
  CHECK(one.valid == other.valid);
  CHECK(one.file == other.file);
}

const auto nothing = [](Company&) {};

}  // namespace

TEST_CASE("lane helpers: what is learned is the same to the last bit with 0, 1, 2 and 3 of them") {
  for (const char* cell : {"lstm", "rnn", "mingru"}) {
    CAPTURE(cell);
    const Json wanted = experiment(cell, 0.3);
    const Curve alone = curve_of(wanted, 0, 150, nothing);
    CHECK(alone.parts == 0);
    for (const int helpers : {1, 2, 3}) {
      CAPTURE(helpers);
      const Curve helped = curve_of(wanted, helpers, 150, nothing);
      CHECK(helped.parts >= helpers + 3);  // each knows the model, and a try is three steps
      CHECK(helped.lost <= helpers);       // those that were measured to bring nothing
      check_equal(helped, alone);
    }
  }
}

TEST_CASE("lane helpers: one that ends takes nothing along") {
  const Json wanted = experiment("lstm", 0.3);
  const Curve alone = curve_of(wanted, 0, 250, nothing);
  // Whoever owns it has noticed, and gives the lane new ones.
  int kills = 0;
  Random random(3);
  const Curve replaced = curve_of(wanted, 2, 250, [&](Company& company) {
    if (random.below(3) > 0) return;
    if (company.lane.waits()) ++kills;
    company.invite(1 + static_cast<int>(random.below(3)));
  });
  CHECK(kills >= 10);
  check_equal(replaced, alone);
  // Nobody has: the lane waits for a while, does its part, and says so.
  bool is_killed = false;
  const Curve late = curve_of(wanted, 1, 250, [&](Company& company) {
    if (company.lane.waits() && company.parts == 3) company.members[0]->is_dead = is_killed = true;
  });
  CHECK(is_killed);
  CHECK(late.lost == 1);
  check_equal(late, alone);
}

TEST_CASE("lane helpers: questions and pauses come between the parts of a step") {
  const Json wanted = experiment("gru", 0);
  const Curve alone = curve_of(wanted, 0, 120, nothing);
  int questions = 0;
  const Curve asked = curve_of(wanted, 1, 120, [&](Company& company) {
    if (!company.lane.waits() || ++questions > 12) return;
    company.send({{"type", "activations"}, {"id", questions}, {"text", "abc"}, {"which", {"h"}}});
    while (company.lane.work()) {
    }
    CHECK(company.events.back().type() == "activations");
    if (questions % 3 == 0) {
      company.send({{"type", "pause"}});
      CHECK(!company.lane.waits());
      company.send({{"type", "run"}, {"until", 120}});
    }
  });
  CHECK(questions > 3);
  CHECK(asked.file == alone.file);
}

TEST_CASE(
    "lane helpers: a helper takes no message that does not fit its model, a lane no answer that is none") {
  Company company;
  company.invite(1);
  company.send({{"type", "configure"}, {"experiment", experiment("lstm", 0)}, {"lane", 0}});
  company.send({{"type", "run"}});
  auto& inbox = company.members[0]->inbox;
  while (inbox.size() < 2) company.lane.work();
  const Bytes model = inbox[0], part = inbox[1];
  CHECK(company.lane.waits());
  company.lane.helped(0, part);
  company.lane.helped(0, {});
  company.lane.helped(7, part);
  CHECK(company.lane.waits());

  int answers = 0;
  Helper helper([&](const Pieces&) { ++answers; });
  CHECK(!helper.receive({}));
  CHECK(!helper.receive(part));  // no model yet
  REQUIRE(bool(helper.receive(model)));
  REQUIRE(bool(helper.receive(part)));
  CHECK(answers == 1);
  Random random(5);
  for (const Bytes& whole : {model, part})
    for (int n = 0; n < 200; ++n) {
      Bytes wrong = whole;
      if (n % 2 == 0)
        wrong.resize(random.below(static_cast<uint32_t>(whole.size())));
      else
        wrong[8 + random.below(72)] ^= 1 << 7;  // a word of the part, or the header of the model
      CAPTURE(n);
      (void)helper.receive(wrong);
    }
  for (size_t size = 0; size < part.size(); size += 97) CHECK(!helper.receive(std::span(part).first(size)));
}
