// What the front end knows of data before a lane is asked: sizes of a text that is given or generated, and which is another.
#include "web/session/text_counts.h"

#include <doctest/doctest.h>

#include <set>

#include "engine/base/utf8.h"
#include "engine/generators/generator.h"
#include "web/session/scores.h"

using namespace unroll;

namespace {

Experiment on(const char* example) {
  Experiment experiment = default_experiment();
  experiment.data.example = example;
  return experiment;
}

}  // namespace

TEST_CASE("text counts: an endless text has no length, its generator's symbols, and a fixed part held out") {
  for (const Generator* generator : generators()) {
    CAPTURE(std::string(generator->id));
    Experiment experiment = on(generator->id);
    TextCounts counts = count_text(experiment.data);
    CHECK(counts.endless);
    CHECK(!counts.error);
    CHECK(counts.characters == 0);
    CHECK(counts.symbols == decode_utf8(generator->alphabet)->size());
    CHECK(counts.valid == held_out_characters);
    CHECK(check_size(experiment, 0, counts));
    experiment.data.valid = 0;
    CHECK(count_text(experiment.data).valid == 0);
  }
}

TEST_CASE("text counts: a lane too large for its memory is refused on an endless text, too") {
  Experiment experiment = on("recall");
  experiment.train.batch = 256;
  experiment.train.seq_length = 1024;
  experiment.lanes[1].hidden = 2048;
  experiment.lanes[1].layers = 4;
  const Status status = check_size(experiment, 1, count_text(experiment.data));
  REQUIRE(!status);
  CHECK(status.error().where == "lanes[1]");
}

TEST_CASE(
    "text counts: a text of one's own is counted, whatever example stands beside it; an empty one is an "
    "error") {
  Experiment experiment = on("recall");
  experiment.data.text = std::string(90, 'a') + std::string(10, 'b');
  const TextCounts counts = count_text(experiment.data);
  CHECK(!counts.endless);
  CHECK(counts.characters == 100);
  CHECK(counts.symbols == 2);
  CHECK(counts.train == 90);
  experiment.data = DataSpec();
  CHECK(count_text(experiment.data).error);
  experiment.data.task.name = "adding";
  CHECK(!count_text(experiment.data).error);
  CHECK(check_size(experiment, 0, count_text(experiment.data)));
}

TEST_CASE("text counts: every generated text, a text of one's own and another task are told apart") {
  std::set<uint64_t> all;
  for (const Generator* generator : generators()) all.insert(hash_of(on(generator->id).data));
  Experiment own = on("recall");
  own.data.text = "abc";
  all.insert(hash_of(own.data));
  DataSpec task;
  all.insert(hash_of(task));
  task.task.name = "adding";
  all.insert(hash_of(task));
  CHECK(all.size() == generators().size() + 3);
  Experiment same = own;
  same.data.example.clear();  // the text is what counts
  CHECK(hash_of(same.data) == hash_of(own.data));
}

TEST_CASE("scores: of the further measures the share of what is decided right is a percentage") {
  const Json json = {{"name", "loss"},
                     {"value", 1.5},
                     {"better", "lower"},
                     {"others", {{decisive_loss, 0.25}, {decisive_right, 0.875}}}};
  const auto score = score_of(&json);
  REQUIRE(score);
  REQUIRE(score->others.size() == 2);
  CHECK(unit_of(*score, -1) == "");
  for (int other = 0; other < 2; ++other) {
    const auto& [name, value] = score->others[static_cast<size_t>(other)];
    CHECK(score_text(value, unit_of(*score, other)) == (name == decisive_right ? "87.5%" : "0.2500"));
  }
}
