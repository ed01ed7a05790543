// A network that writes letters with a pen (Graves 2013, arXiv 1308.0850, section 4): of each point it foretells the next one,
// as a mixture of normal densities (engine/base/mixture.h), with whether it ends a stroke, and whether it ends the letter; and
// it writes by drawing from that and reading what it drew. Which letter is wanted stands beside every point as a one-hot;
// Graves' network finds its place in a text by a soft window, here a letter is asked for at a time.
//
// In training each point that is read is put a little beside its path (`stray`), and the next one is still the path's: the
// offset to it leads back (noise injection for imitation: Laskey et al. 2017, DART, arXiv 1703.09327). Who has read good
// drawings only has never seen what it does itself when it writes, and every error takes it farther from what it knows.
//
// A row of inputs: of the point before how far it lies from the one before that, to the right and down, in tenths of the
// height between ascender and base line, and whether the pen is lifted after it; then the one-hot. The first row has 0 0 and a
// lifted pen. Targets: the same two of the next point, whether it ends a stroke, whether it ends the letter.
#pragma once

#include "engine/tasks/pen_strokes.h"
#include "engine/tasks/task.h"

namespace unroll {

class WritingTask final : public SequenceTask {
 public:
  static constexpr size_t point_numbers = 3;    ///< of a row of inputs, before the one-hot
  static constexpr size_t written_numbers = 4;  ///< of a point that is written, as of a row of targets
  static constexpr int most_points = static_cast<int>(PenReading::most_points);
  /// With this bias the letters are written that are judged.
  static constexpr double judged_bias = 1;

  explicit WritingTask(const Experiment&);

  const TaskKind& kind() const override;
  TaskShape shape() const override;
  std::vector<std::string> input_names() const override { return {}; }
  std::vector<std::string> output_names() const override { return {}; }
  void draw(Random&, Sequence&) const override;
  using SequenceTask::held_out;
  Sequence held_out(int64_t index) const override;  ///< the letters take turns
  Measure measure() const override;
  void judge(const Sequence&, std::span<const float>, Tally&) const override {}
  std::unique_ptr<Scorer> scorer() const override;
  int64_t scored_rows() const override;
  std::vector<Baseline> baselines() const override;
  const WritingTask* as_writing() const override { return this; }

  /// The letters or digits that can be asked for, each a character.
  const std::string& letters() const { return letters_; }
  /// Which one it is: an index into these; −1: it is none.
  int32_t letter(char32_t) const;
  int32_t letter_of(const Sequence&) const;
  /// The drawing of training sequence `number`, no point of which lies beside its path.
  Sequence drawn(int64_t number) const;
  /// The letter's row of inputs after a point (written_numbers), or before the first where that is empty.
  void read_point(int32_t letter, std::span<const float> point, std::span<float> row) const;
  /// Points (N, written_numbers) as strokes, in tenths of the height; y goes down from the middle of x height.
  static Drawing drawing_of(std::span<const float> points);
  /// Which letter the nearest of some drawings of the font is, by dynamic time warping; −1: nothing is drawn.
  int32_t recognised(const Drawing&) const;
  /// Letters that are written to be judged.
  int64_t judged() const;

 private:
  /// With points that lie so far (a deviation) from where they should.
  void make(size_t letter, Random&, double stray, Sequence&) const;

  std::string letters_;
  std::vector<std::vector<Drawing>> glyphs_;       // of each letter, in each style that is drawn
  std::vector<std::pair<Stroke, int32_t>> known_;  // as they are compared, and which letter each is
  double strength_, stray_;
  int components_;
};

/// The network writing letters, all at once, each a sequence of its own with a generator of its own.
class PenRun {
 public:
  /// `bias` as in engine/base/mixture.h. The task must outlive it. `first`: the number of the first letter's generator.
  PenRun(const WritingTask&, std::vector<int32_t> letters, double bias, uint64_t seed, uint64_t first = 0);
  /// About so many rows; true when all are written: at their end, or after WritingTask::most_points.
  bool advance(Network&, int rows);
  /// Of each letter its points, (N, WritingTask::written_numbers). One that is not finite ends a letter and is left out.
  const std::vector<std::vector<float>>& points() const { return points_; }
  /// What the network said before it drew each of them, (N, O).
  const std::vector<std::vector<float>>& told() const { return told_; }
  /// Whether the network itself said that the letter ends there.
  bool ended(size_t letter) const;

 private:
  bool finished() const { return open_ == 0; }

  const WritingTask* task_;
  std::vector<int32_t> letters_;
  double bias_;
  std::vector<Random> randoms_;
  std::vector<std::vector<float>> points_, told_;
  std::vector<bool> done_;
  size_t open_;
  Batch batch_;
};

}  // namespace unroll
