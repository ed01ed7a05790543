#include "web/session/solutions.h"

#include <algorithm>
#include <cmath>

#include "engine/base/mixture.h"
#include "engine/tasks/loss.h"
#include "web/session/json_read.h"

namespace unroll {
namespace {

/// The likeliest class of each column, without repetitions and blanks.
std::u32string along_path(const ProbeResult& probe, const LaneView& lane) {
  std::u32string said;
  int32_t before = 0;
  for (size_t at = 0; probe.top > 0 && at < probe.top_ids.size(); at += static_cast<size_t>(probe.top)) {
    const int32_t id = probe.top_ids[at];
    if (id > 0 && id != before && static_cast<size_t>(id) < lane.vocabulary.size())
      said += lane.vocabulary[static_cast<size_t>(id)];
    before = id;
  }
  return said;
}

/// Of a mixture the mean of its point, and the probabilities of the numbers beside it.
std::vector<float> expected_of(std::span<const float> outputs) {
  const Mixture mixture(outputs.data(), outputs.size());
  double x = 0, y = 0;
  for (size_t j = 0; j < mixture.size(); ++j) {
    const MixtureComponent one = mixture.component(j);
    x += std::exp(one.log_weight) * one.x;
    y += std::exp(one.log_weight) * one.y;
  }
  std::vector<float> expected = {static_cast<float>(x), static_cast<float>(y)};
  for (size_t bit = 0; bit < mixture.bits(); ++bit)
    expected.push_back(static_cast<float>(logistic(mixture.logit(bit))));
  return expected;
}

std::string question(int64_t example) { return "example " + std::to_string(example); }

}  // namespace

double Solution::mean_error() const {
  double sum = 0;
  for (size_t i = 0; i < right_numbers.size(); ++i)
    sum += std::abs(static_cast<double>(right_numbers[i]) - static_cast<double>(said_numbers[i]));
  return right_numbers.empty() ? NAN : sum / static_cast<double>(right_numbers.size());
}

Solution solution_of(const ExampleView& example, const ProbeResult& probe, const LaneView& lane) {
  Solution solution;
  const size_t n = std::min(example.size(), probe.loss.size());
  const bool numbers = !probe.said.empty() && n > 0;
  const size_t each = numbers ? probe.said.size() / probe.loss.size() : 0;
  const auto top = static_cast<size_t>(std::max(probe.top, 0));
  if (numbers ? example.values.size() != n * each : example.classes.size() < n)
    return solution;  // another task
  if (lane.task.strings()) {
    solution.written = along_path(probe, lane);
    solution.target = example.labels;
    return solution;
  }
  const TaskKind* kind = find_task_kind(lane.task.name);
  // Of a drawing, and of a sound, the last verdict counts.
  const size_t first = kind && (kind->looks.drawn || kind->looks.heard) && n > 0 ? n - 1 : 0;
  for (size_t t = first; t < n; ++t) {
    if (!example.asks(t)) continue;
    if (numbers) {
      solution.right_numbers.push_back(example.values[t * each]);
      solution.said_numbers.push_back(probe.said[t * each]);
    } else {
      const int32_t id = top > 0 ? probe.top_ids[t * top] : -1;
      const bool known = id >= 0 && static_cast<size_t>(id) < lane.vocabulary.size();
      solution.right += example.classes[t];
      solution.said += known ? lane.vocabulary[static_cast<size_t>(id)] : U'?';
      solution.hits += solution.said.back() == solution.right.back();
    }
    solution.columns.push_back(t);
  }
  if (example.turn > 0 && !solution.right.empty()) {
    solution.written = probe.written;
    solution.source = example.inputs.substr(0, example.turn);
    solution.target = solution.right.substr(0, solution.right.size() - 1);
  }
  return solution;
}

std::optional<std::u32string> written_of(const Json& header, const LaneView& lane) {
  if (read::field(header, "written") == nullptr) return std::nullopt;
  std::u32string written;
  for (const double id : read::numbers(header, "written")) {
    const bool known = id >= 0 && id < static_cast<double>(lane.vocabulary.size());
    written += known ? lane.vocabulary[static_cast<size_t>(id)] : U'?';
  }
  return written;
}

std::vector<bool> errors_of(const std::u32string& written, const std::u32string& right) {
  const size_t W = written.size(), R = right.size();
  std::vector<std::vector<size_t>> edits(W + 1,
                                         std::vector<size_t>(R + 1));  // from the ends back to the beginnings
  for (size_t i = W + 1; i-- > 0;)
    for (size_t j = R + 1; j-- > 0;) {
      if (i == W || j == R)
        edits[i][j] = W - i + R - j;
      else
        edits[i][j] = std::min({edits[i + 1][j + 1] + (written[i] == right[j] ? 0 : 1), edits[i + 1][j] + 1,
                                edits[i][j + 1] + 1});
    }
  std::vector<bool> wrong(W);
  for (size_t i = 0, j = 0; i < W;) {
    if (j < R && edits[i][j] == edits[i + 1][j + 1] + (written[i] == right[j] ? 0 : 1)) {
      wrong[i] = written[i] != right[j];
      ++i, ++j;
    } else if (edits[i][j] == edits[i + 1][j] + 1) {
      wrong[i++] = true;
    } else {
      ++j;
    }
  }
  return wrong;
}

std::optional<ProbeResult> read_probe(const Json& header, std::span<const float> values, const LaneView& lane,
                                      const ExampleView& example) {
  ProbeResult probe;
  probe.text = example.inputs;
  probe.right = example.classes;
  probe.step = read::integer(header, "step");
  probe.intervened = read::boolean(header, "intervened");
  probe.written = written_of(header, lane);
  const size_t n = example.size();
  if (lane.task.numbers()) {
    const auto O = static_cast<size_t>(lane.task.outputs), K = static_cast<size_t>(lane.task.targets());
    const Head head = lane.task.head;
    const size_t meanings = example.unit ? 3 * n : 0;  // what was read, was to be said and was said
    const std::vector<float>& right = example.unit ? example.scaled : example.values;
    if (n == 0 || O == 0 || values.size() < n * O + meanings || right.size() != n * K) return std::nullopt;
    const auto scaled = values.first(values.size() - meanings).last(n * O);
    if (meanings > 0) probe.said.assign(values.end() - static_cast<std::ptrdiff_t>(n), values.end());
    for (size_t t = 0; t < n; ++t) {
      const auto outputs = scaled.subspan(t * O, O);
      const double loss = example.asks(t) ? loss_of_numbers(head, outputs, &right[t * K]) : NAN;
      probe.loss.push_back(static_cast<float>(loss));
      if (meanings > 0) continue;
      const std::vector<float> expected = head == Head::mixture ? expected_of(outputs) : std::vector<float>();
      const std::span<const float> said = expected.empty() ? outputs.first(K) : expected;
      probe.said.insert(probe.said.end(), said.begin(), said.end());
    }
    return probe;
  } else {
    const size_t top = read::count(header, "top");
    if (top == 0 || values.size() != n * (1 + 2 * top)) return std::nullopt;
    probe.top = static_cast<int>(top);
    for (const float id : values.subspan(n, n * top))
      probe.top_ids.push_back(std::isfinite(id) ? static_cast<int32_t>(id) : -1);
    const auto probabilities = values.subspan(n + n * top);
    probe.top_probs.assign(probabilities.begin(), probabilities.end());
  }
  const auto losses = values.first(n);
  probe.loss.assign(losses.begin(), losses.end());
  return probe;
}

Json example_command(const LaneView& lane, int64_t example, int top) {
  if (lane.task.numbers()) return {{"type", "example"}, {"index", example}};
  return {{"type", "probe"}, {"example", example}, {"top", top}};
}

std::optional<Solution> ask_solution(Session& session, size_t lane, int64_t number) {
  if (!session.ask_example(number)) return std::nullopt;
  constexpr double period = 1.0;  // seconds; there are several of them
  session.ask(lane, question(number), example_command(*session.lanes[lane], number, 1), period);
  return told_solution(session, lane, number);
}

std::optional<Solution> told_solution(const Session& session, size_t lane, int64_t number) {
  const ExampleView* example = session.example_told(number);
  const Answer& answer = session.answer(lane, question(number));
  if (!example || answer.asked.empty()) return std::nullopt;
  const LaneView& view = *session.lanes[lane];
  const auto probe = read_probe(answer.header, answer.values, view, *example);
  return probe ? std::optional(solution_of(*example, *probe, view)) : std::nullopt;
}

}  // namespace unroll
