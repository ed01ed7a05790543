// A network that writes: how it does so on its own, how well it foretells drawings that it never saw, and what needs no network.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/mixture.h"
#include "engine/tasks/writing_task.h"

namespace unroll {
namespace {

constexpr int64_t judged_least = 100;  // letters
constexpr size_t read_at_once = 64;    // drawings

/// One normal density of a point with correlation, and how often each of the numbers beside it is 1, as they were counted.
class CountedPoints {
 public:
  void add(double x, double y, std::span<const float> bits) {
    count_ += 1;
    x_ += x, y_ += y;
    xx_ += x * x, yy_ += y * y, xy_ += x * y;
    for (size_t bit = 0; bit < bits.size(); ++bit) ones_[bit] += static_cast<double>(bits[bit]);
  }
  double loss(double x, double y, std::span<const float> bits) const {
    const double mean_x = x_ / count_, mean_y = y_ / count_;
    const double deviation_x = std::sqrt(xx_ / count_ - mean_x * mean_x),
                 deviation_y = std::sqrt(yy_ / count_ - mean_y * mean_y);
    const double correlation = (xy_ / count_ - mean_x * mean_y) / (deviation_x * deviation_y);
    double loss = -log_density(
        MixtureComponent{0, mean_x, mean_y, std::log(deviation_x), std::log(deviation_y), correlation}, x, y);
    for (size_t bit = 0; bit < bits.size(); ++bit) {
      // Half a case is added to either side: what was never seen is not impossible.
      const double share = (ones_[bit] + 0.5) / (count_ + 1);
      loss -= std::log(bits[bit] > 0.5f ? share : 1 - share);
    }
    return loss;
  }

 private:
  double count_ = 0, x_ = 0, y_ = 0, xx_ = 0, yy_ = 0, xy_ = 0;
  std::array<double, WritingTask::written_numbers - 2> ones_{};
};

/// body(row of inputs, row of targets) for each row of a drawing.
template <class Body>
void each_row(const Sequence& sequence, const Body& body) {
  const auto N = static_cast<size_t>(sequence.length), I = sequence.reals.size() / N;
  constexpr size_t K = WritingTask::written_numbers;
  for (size_t n = 0; n < N; ++n)
    body(std::span(sequence.reals).subspan(n * I, I), std::span(sequence.values).subspan(n * K, K));
}

class WritingScorer final : public Scorer {
 public:
  explicit WritingScorer(const WritingTask& task) : task_(&task), shape_(task.shape()), run_(run_of(task)) {}

  bool advance(Network& network, int rows) override {
    for (int64_t done = 0; done < rows;) {
      if (next_ < task_->held_out()) {
        done += read_some(network);
        continue;
      }
      if (!run_.advance(network, rows - static_cast<int>(done))) return false;
      return judge();
    }
    return false;
  }

  Score score() const override {
    const SequenceTask::Measure measure = task_->measure();
    const double all = static_cast<double>(run_.points().size());
    return {
        .name = measure.name,
        .value = readable_ / all,
        .higher_is_better = measure.higher_is_better,
        .unit = measure.unit,
        .loss = loss_ / static_cast<double>(rows_),
        .count = static_cast<int64_t>(run_.points().size()),
        .others = {{"nats a point", loss_ / static_cast<double>(rows_)}, {"ended by itself", ended_ / all}}};
  }

 private:
  static PenRun run_of(const WritingTask& task) {
    std::vector<int32_t> letters;
    for (int64_t n = 0; n < task.judged(); ++n)
      letters.push_back(static_cast<int32_t>(n % static_cast<int64_t>(task.letters().size())));
    return {task, std::move(letters), WritingTask::judged_bias, 0};
  }

  int64_t read_some(Network& network) {
    sequences_.clear();
    while (sequences_.size() < read_at_once && next_ < task_->held_out())
      sequences_.push_back(task_->held_out(next_++));
    gather_sequences(sequences_, shape_, batch_);
    const std::span<const float> outputs = network.read(batch_), losses = network.losses();
    const size_t B = sequences_.size();
    for (size_t b = 0; b < B; ++b)
      for (size_t t = 0; t < static_cast<size_t>(sequences_[b].length); ++t) {
        const size_t row = t * B + b;
        loss_ += losses.empty() ? row_loss(shape_, batch_, outputs, row) : static_cast<double>(losses[row]);
        ++rows_;
      }
    return int64_t{batch_.seq_length} * batch_.batch;
  }

  bool judge() {
    for (size_t n = 0; n < run_.points().size(); ++n) {
      const auto asked = static_cast<int32_t>(n % task_->letters().size());
      readable_ += task_->recognised(WritingTask::drawing_of(run_.points()[n])) == asked ? 1 : 0;
      ended_ += run_.ended(n) ? 1 : 0;
    }
    return true;
  }

  const WritingTask* task_;
  TaskShape shape_;
  PenRun run_;
  int64_t next_ = 0, rows_ = 0;
  std::vector<Sequence> sequences_;
  Batch batch_;
  double loss_ = 0, readable_ = 0, ended_ = 0;
};

}  // namespace

int64_t WritingTask::judged() const {
  const auto each = static_cast<int64_t>(letters_.size());
  return (judged_least + each - 1) / each * each;
}

int64_t WritingTask::scored_rows() const { return (held_out() + judged()) * most_points; }

std::unique_ptr<Scorer> WritingTask::scorer() const { return std::make_unique<WritingScorer>(*this); }

std::vector<Baseline> WritingTask::baselines() const {
  std::vector<Sequence> known;
  for (int64_t number = 0; number < 2 * held_out(); ++number) known.push_back(drawn(number));
  double along = 0, squares = 0;  // of the way before, so much goes on: by least squares
  for (const Sequence& drawing : known)
    each_row(drawing, [&](auto before, auto next) {
      if (before[2] > 0.5f) return;
      along += static_cast<double>(next[0] * before[0] + next[1] * before[1]);
      squares += static_cast<double>(before[0] * before[0] + before[1] * before[1]);
    });
  const auto beyond = [share = static_cast<float>(along / squares)](auto before, auto next, size_t k) {
    return before[2] > 0.5f ? next[k] : next[k] - share * before[k];
  };
  CountedPoints all, on, lifted;
  for (const Sequence& drawing : known)
    each_row(drawing, [&](auto before, auto next) {
      all.add(next[0], next[1], next.subspan(2));
      (before[2] > 0.5f ? lifted : on).add(beyond(before, next, 0), beyond(before, next, 1), next.subspan(2));
    });
  double once = 0, goes_on = 0, rows = 0, read = 0;
  for (int64_t index = 0; index < held_out(); ++index) {
    const Sequence drawing = held_out(index);
    each_row(drawing, [&](auto before, auto next) {
      rows += 1;
      once += all.loss(next[0], next[1], next.subspan(2));
      goes_on += (before[2] > 0.5f ? lifted : on)
                     .loss(beyond(before, next, 0), beyond(before, next, 1), next.subspan(2));
    });
    read += recognised(drawing_of(drawing.values)) == letter_of(drawing) ? 1 : 0;
  }
  const double chance = 1 / static_cast<double>(letters_.size());
  const char* loss = "nats a point";
  return {
      {.name = "one Gaussian",
       .value = once / rows,
       .about = "one normal density for all points, whatever came before",
       .loss = once / rows,
       .of = loss},
      {.name = "goes on as before",
       .value = goes_on / rows,
       .about = "one around a share of the way before, and another one after the pen was lifted",
       .loss = goes_on / rows,
       .of = loss},
      {.name = "scribble",
       .value = chance,
       .about = "what is written is not the letter that was asked for; all are asked for equally often"},
      {.name = "drawn by hand",
       .value = read / static_cast<double>(held_out()),
       .about = "of held-out drawings of the font itself as many are recognised: more cannot be asked for"}};
}

PenRun::PenRun(const WritingTask& task, std::vector<int32_t> letters, double bias, uint64_t seed,
               uint64_t first)
    : task_(&task),
      letters_(std::move(letters)),
      bias_(bias),
      points_(letters_.size()),
      told_(letters_.size()),
      done_(letters_.size()),
      open_(letters_.size()) {
  for (size_t n = 0; n < letters_.size(); ++n) randoms_.emplace_back(seed, random_stream::samples, first + n);
  const size_t I = WritingTask::point_numbers + task.letters().size();
  batch_.seq_length = 1;
  batch_.batch = static_cast<int>(letters_.size());
  batch_.reals.resize(letters_.size() * I);
  for (size_t n = 0; n < letters_.size(); ++n)
    task.read_point(letters_[n], {}, std::span(batch_.reals).subspan(n * I, I));
}

bool PenRun::advance(Network& network, int rows) {
  const size_t B = letters_.size(), O = static_cast<size_t>(task_->shape().outputs);
  constexpr size_t K = WritingTask::written_numbers;
  for (int64_t done = 0; !finished() && done < rows; done += static_cast<int64_t>(B)) {
    const std::span<const float> outputs = network.read(batch_);
    batch_.restart = false;
    const size_t I = batch_.reals.size() / B;
    for (size_t n = 0; n < B; ++n) {
      if (done_[n]) continue;
      std::array<float, K> point;
      draw_from_mixture(&outputs[n * O], O, bias_, randoms_[n], point.data());
      const bool finite = std::isfinite(point[0]) && std::isfinite(point[1]);
      if (finite) points_[n].insert(points_[n].end(), point.begin(), point.end());
      if (finite) told_[n].insert(told_[n].end(), &outputs[n * O], &outputs[n * O] + O);
      if (finite) task_->read_point(letters_[n], point, std::span(batch_.reals).subspan(n * I, I));
      done_[n] = !finite || point[3] > 0.5f ||
                 points_[n].size() == K * static_cast<size_t>(WritingTask::most_points);
      open_ -= done_[n] ? 1 : 0;
    }
  }
  return finished();
}

bool PenRun::ended(size_t letter) const { return !points_[letter].empty() && points_[letter].back() > 0.5f; }

}  // namespace unroll
