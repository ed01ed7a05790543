// What a lane's pen writes when it is asked for letters: the command `strokes`.
#include "engine/lane/intervened_network.h"
#include "engine/lane/parts.h"
#include "engine/tasks/writing_task.h"

namespace unroll {

namespace {

constexpr int points_at_once = 256;

/// `task` must outlive it: it is that of the session whose job this is.
struct StrokesJob final : Lane::Parts::ProbeJob {
  command::Strokes asked;
  std::string text, unknown;
  std::vector<PenRun> runs;  // all letters in one, or under interventions one for each
  std::unique_ptr<ModelNetwork> network;
  std::unique_ptr<DoubleModel> doubles;
  std::unique_ptr<IntervenedNetwork> intervened;
  size_t now = 0;  // of the runs

  bool advance(const Lane::Parts&) override {
    Network& reads = intervened ? static_cast<Network&>(*intervened) : *network;
    if (now < runs.size() && runs[now].advance(reads, intervened ? 1 : points_at_once)) ++now;
    return now == runs.size();
  }

  void answer(const Lane::Parts& lane) override {
    std::vector<size_t> lengths;
    std::vector<bool> ended;
    std::vector<float> values;
    for (const PenRun& run : runs)
      for (size_t n = 0; n < run.points().size(); ++n) {
        lengths.push_back(run.points()[n].size() / WritingTask::written_numbers);
        ended.push_back(run.ended(n));
        values.insert(values.end(), run.points()[n].begin(), run.points()[n].end());
      }
    for (const PenRun& run : runs)
      for (const std::vector<float>& told : run.told()) values.insert(values.end(), told.begin(), told.end());
    lane.emit(lane.answer("strokes", asked.id)
                  .add("text", text)
                  .add("unknown", unknown)
                  .add("bias", asked.bias)
                  .add_json("lengths", json_text(Json(lengths)))
                  .add_json("ended", json_text(Json(ended)))
                  .add("intervened", intervened != nullptr),
              payload_of(values));
  }
};

}  // namespace

Status Lane::Parts::handle(command::Strokes& asked) {
  const WritingTask* writing = task().as_writing();
  if (writing == nullptr)
    return Error{"", "the task " + std::string(task().kind().name) + " writes with no pen",
                 "look at its sequences instead: `example`"};
  auto job = std::make_unique<StrokesJob>();
  std::vector<int32_t> letters;
  for (const char32_t symbol : asked.text) {
    const int32_t letter = writing->letter(symbol);
    (letter < 0 ? job->unknown : job->text) += encode_utf8(symbol);
    if (letter >= 0) letters.push_back(letter);
  }
  if (session->interventions.empty()) {
    job->network = std::make_unique<ModelNetwork>(model());
    if (!letters.empty()) job->runs.emplace_back(*writing, letters, asked.bias, asked.seed);
  } else {
    job->doubles = std::make_unique<DoubleModel>(model(), session->interventions);
    job->intervened = std::make_unique<IntervenedNetwork>(*job->doubles, model().shape());
    for (size_t n = 0; n < letters.size(); ++n)
      job->runs.emplace_back(*writing, std::vector{letters[n]}, asked.bias, asked.seed, n);
  }
  job->asked = std::move(asked);
  session->probes.push_back(std::move(job));
  return ok();
}

}  // namespace unroll
