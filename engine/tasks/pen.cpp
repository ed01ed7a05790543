// Letters or digits as a pen draws them, read point by point: which one is it? After each point a verdict; what counts is the last
// one. The glyphs are a font of our own in six styles (pen_font.h), drawn as by a hand that is never quite the same
// (drawn_by_hand). One style is held out whole: it stands for a writer whom training never saw.
#include "engine/tasks/pen_font.h"
#include "engine/tasks/pen_nearest.h"
#include "engine/tasks/pen_own.h"
#include "engine/tasks/pen_sequence.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/verdicts.h"

namespace unroll {
namespace {

constexpr const char* class_words[] = {"letters", "digits"};
constexpr const char* class_notes[] = {"the 26 lower-case ones", ""};
enum class Classes { letters, digits };

constexpr TaskField pen_fields[] = {{.name = "classes",
                                     .type = TaskFieldType::choice,
                                     .minimum = 0,
                                     .maximum = 1,
                                     .initial = 0,
                                     .words = class_words,
                                     .help = "what is drawn",
                                     .notes = class_notes},
                                    {.name = "unseen",
                                     .type = TaskFieldType::choice,
                                     .minimum = 0,
                                     .maximum = pen_style_count - 1,
                                     .initial = pen_style_count - 1,
                                     .words = pen_styles,
                                     .help = "the style that is held out: training draws from the other five",
                                     .notes = pen_style_notes},
                                    {.name = "distortion",
                                     .type = TaskFieldType::real,
                                     .minimum = 0,
                                     .maximum = 2,
                                     .initial = 1,
                                     .words = {},
                                     .help = "how much noise, slant, perspective, rotation and scaling "
                                             "change what is drawn; 0: every glyph is as in the font"}};

constexpr int64_t held_out_drawings = 780;  // each letter, and each digit, as often
constexpr int64_t known_drawings = 400;     // training drawings that nearest neighbours know

class Pen final : public SequenceTask {
 public:
  Pen(const Experiment& experiment, std::vector<NamedDrawing> own)
      : SequenceTask(experiment, PenReading::most_points, held_out_drawings),
        strength_(TaskSettings(experiment).real("distortion")),
        unseen_(static_cast<size_t>(TaskSettings(experiment).whole("unseen"))) {
    const bool letters = TaskSettings(experiment).choice<Classes>("classes") == Classes::letters;
    for (const PenGlyph& glyph : letters ? pen_letters() : pen_digits()) {
      std::vector<Drawing>& styles = glyphs_.emplace_back();
      for (const char* strokes : glyph.strokes) styles.push_back(read_drawing(strokes));
      names_.emplace_back(1, glyph.name);
    }
    for (NamedDrawing& one : own) {
      const auto known = std::ranges::find(names_, one.name);
      const auto drawn = static_cast<size_t>(known - names_.begin());
      if (known == names_.end()) names_.push_back(std::move(one.name));
      own_.resize(names_.size());
      own_[drawn].push_back(std::move(one.drawing));
    }
    own_.resize(names_.size());
  }

  const TaskKind& kind() const override { return pen_kind; }
  TaskShape shape() const override {
    return {.inputs = PenReading::numbers, .reals = true, .outputs = static_cast<int>(names_.size())};
  }
  std::vector<std::string> input_names() const override { return {}; }
  std::vector<std::string> output_names() const override { return names_; }
  Measure measure() const override {
    return {.name = "drawings right", .higher_is_better = true, .unit = "%"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    const size_t drawn = random.below(static_cast<uint32_t>(names_.size()));
    const std::vector<Drawing>& own = own_[drawn];
    // One's own drawings are a style more, or the only one.
    const size_t styles = drawn < glyphs_.size() ? pen_style_count - 1 : 0;
    const size_t style = random.below(static_cast<uint32_t>(styles + (own.empty() ? 0 : 1)));
    if (style < styles)
      return make(drawn, glyphs_[drawn][style + (style >= unseen_ ? 1 : 0)], random, sequence);
    make(drawn, own[random.below(static_cast<uint32_t>(own.size()))], random, sequence);
  }

  /// The font's classes take turns; of one's own drawings none is held out.
  Sequence held_out(int64_t index) const override {
    Sequence sequence;
    Random random = held_out_random(index);
    const auto drawn = static_cast<size_t>(static_cast<uint64_t>(index) % glyphs_.size());
    make(drawn, glyphs_[drawn][unseen_], random, sequence);
    return sequence;
  }

  std::optional<Example> own_example(std::string_view text) const override {
    return drawing_example(read_pen(read_drawing(text)));
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    verdicts::judge(sequence, outputs, static_cast<int>(names_.size()), tally);
  }

  std::vector<Baseline> baselines() const override {
    std::vector<std::pair<Stroke, int32_t>> known;
    for (int64_t number = 0; number < known_drawings; ++number) {
      const Sequence drawing = training(number);
      known.emplace_back(compared_path(drawing.reals, glyph_points), drawing.classes.back());
    }
    double by_points = 0, by_warping = 0;
    for (int64_t index = 0; index < held_out_drawings; ++index) {
      const Sequence drawing = held_out(index);
      const Stroke path = compared_path(drawing.reals, glyph_points);
      const auto nearest_is_right = [&](const auto& distance) {
        const auto from = [&](const Stroke& other) { return distance(path, other); };
        return verdicts::nearest(known, from) == drawing.classes.back() ? 1 : 0;
      };
      by_points += nearest_is_right(distance_by_points);
      by_warping += nearest_is_right(
          [](const Stroke& a, const Stroke& b) { return distance_by_warping(a, b, glyph_band); });
    }
    const double all = static_cast<double>(held_out_drawings), font = static_cast<double>(glyphs_.size());
    return {
        {.name = "most frequent",
         .value = 1 / font,
         .about = "always says the same; all come equally often",
         .loss = std::log(font)},
        {.name = "nearest neighbour",
         .value = by_points / all,
         .about = "of 400 training drawings the one whose 24 points, equally far apart, lie nearest"},
        {.name = "DTW",
         .value = by_warping / all,
         .about = "the same where one may be up to five points ahead of the other (dynamic time warping)"}};
  }

 private:
  void make(size_t drawn, const Drawing& glyph, Random& random, Sequence& sequence) const {
    take_reading(read_pen(drawn_by_hand(glyph, strength_, random)), sequence);
    verdicts::set_class(sequence, static_cast<int32_t>(drawn));
  }

  std::vector<std::vector<Drawing>> glyphs_;  // of each class of the font, of each style
  std::vector<std::vector<Drawing>> own_;     // of each class; the font's come first
  std::vector<std::string> names_;
  double strength_;
  size_t unseen_;
};

}  // namespace

const TaskKind pen_kind = {
    .name = "pen",
    .title = "Pen",
    .family = "Handwriting",
    .about =
        "A letter as a pen draws it, point by point: which one is it? It says so after each point, long "
        "before the letter is done.",
    .source = "",
    .fields = pen_fields,
    .looks = {.column = "point",
              .prediction = "letter",
              .own_data =
                  "a drawing to a line: its name, a tab, and its points x y, with ; where the pen is lifted",
              .own_sequence =
                  "a drawing: its points \"x y\" one after the other, and ; where the pen is lifted",
              .drawn = true,
              .numbers = pen_numbers},
    .start = R"({"unroll": 1, "data": {"task": {"name": "pen"}},
      "train": {"batch": 32, "rate": 0.005},
      "lanes": [{"cell": "rnn", "hidden": 96, "layers": 2, "rate": 0.002}, {"cell": "lstm", "hidden": 64, "layers": 2}]})"};

Result<std::shared_ptr<const Task>> create_pen(const Experiment& experiment, const Json&) {
  auto own = read_named_drawings(experiment.data.text);
  if (!own) return Error{"data.text, " + own.error().where, own.error().what, own.error().hint};
  return std::shared_ptr<const Task>(std::make_shared<const Pen>(experiment, std::move(*own)));
}

}  // namespace unroll
