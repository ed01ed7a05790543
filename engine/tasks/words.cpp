// Short words as a pen writes them, read point by point: which letters are these? Nobody says where in the line one ends and
// the next begins; the network finds that out by connectionist temporal classification (engine/base/ctc.h). Training words are
// made up, held out are English ones, in a style that training never saw: a word can be right by its letters only.
#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/tasks/label_strings.h"
#include "engine/tasks/pen_font.h"
#include "engine/tasks/pen_nearest.h"
#include "engine/tasks/pen_own.h"
#include "engine/tasks/pen_sequence.h"
#include "engine/tasks/pen_words.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/verdicts.h"

namespace unroll {
namespace {

constexpr int shortest_word = 3, longest_word = 6;  // of pen_words()
constexpr TaskField words_fields[] = {
    {.name = "letters",
     .type = TaskFieldType::integer,
     .minimum = shortest_word,
     .maximum = longest_word,
     .initial = 5,
     .words = {},
     .help = "the most letters of a word; in training each number from 1 is as likely"},
    {.name = "unseen",
     .type = TaskFieldType::choice,
     .minimum = 0,
     .maximum = pen_style_count - 1,
     .initial = pen_style_count - 1,
     .words = pen_styles,
     .help = "the style that is held out: training writes in the other five",
     .notes = pen_style_notes},
    {.name = "distortion",
     .type = TaskFieldType::real,
     .minimum = 0,
     .maximum = 2,
     .initial = 1,
     .words = {},
     .help = "how much noise, slant, perspective, rotation and scaling "
             "change what is written; 0: every letter is as in the font"}};

constexpr const char* blank_name = "–";
constexpr int64_t known_lines = 200;    // training drawings that the nearest drawing knows
constexpr size_t compared_points = 32;  // of a drawing, by these
constexpr size_t most_warped = 6;       // points by which one may be ahead of the other
constexpr uint32_t own_share = 4;       // one training drawing of so many is one's own, where there are such
constexpr double own_pitch = 0.03;      // of the height, between the points of one's own

using Labels = std::vector<int32_t>;

/// Those that are held out: each is judged once.
std::vector<std::string_view> words_of(const Experiment& experiment) {
  std::vector<std::string_view> words(pen_words().begin(), pen_words().end());
  const auto most = static_cast<size_t>(TaskSettings(experiment).whole("letters"));
  std::erase_if(words, [&](std::string_view word) { return word.size() > most; });
  return words;
}

class Words final : public SequenceTask {
 public:
  Words(const Experiment& experiment, const std::vector<NamedDrawing>& own)
      : SequenceTask(experiment, static_cast<int>(most_line_points),
                     static_cast<int64_t>(words_of(experiment).size())),
        letters_(static_cast<size_t>(TaskSettings(experiment).whole("letters"))),
        strength_(TaskSettings(experiment).real("distortion")),
        unseen_(static_cast<size_t>(TaskSettings(experiment).whole("unseen"))),
        words_(words_of(experiment)) {
    names_.push_back(blank_name);
    for (const PenGlyph& glyph : pen_letters()) {
      std::vector<Drawing>& styles = glyphs_.emplace_back();
      for (const char* strokes : glyph.strokes) styles.push_back(read_drawing(strokes));
      names_.emplace_back(1, glyph.name);
    }
    for (const NamedDrawing& one : own) {
      const auto letters = decode_utf8_exact(one.name);
      if (!letters) continue;  // data.text has none that is not
      OwnWord& word = own_.emplace_back(OwnWord{one.drawing, {}});
      for (const char32_t letter : *letters) word.labels.push_back(label_of(encode_utf8(letter)));
    }
  }

  const TaskKind& kind() const override { return words_kind; }
  TaskShape shape() const override {
    return {.inputs = PenReading::numbers,
            .reals = true,
            .outputs = static_cast<int>(names_.size()),
            .head = Head::ctc};
  }
  std::vector<std::string> input_names() const override { return {}; }
  std::vector<std::string> output_names() const override { return names_; }
  Measure measure() const override {
    return {.name = "letter error", .higher_is_better = false, .unit = "%"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    if (!own_.empty() && random.below(own_share) == 0) {
      const OwnWord& one = own_[random.below(static_cast<uint32_t>(own_.size()))];
      take_reading(read_pen_line(written_again(one.drawing, strength_, random)), sequence);
      sequence.classes = one.labels;
      return mark_end(sequence);
    }
    // Each letter in a style of its own: so none can be told by its neighbours' style.
    write(
        made_up_word(1 + random.below(static_cast<uint32_t>(letters_)), random),
        [&] {
          const size_t style = random.below(pen_style_count - 1);
          return style + (style >= unseen_ ? 1 : 0);
        },
        random, sequence);
  }

  using SequenceTask::held_out;
  /// The English words take turns, not in the order of the alphabet.
  Sequence held_out(int64_t index) const override {
    Sequence sequence;
    Random random = held_out_random(index);
    const size_t count = words_.size(), turn = static_cast<size_t>(static_cast<uint64_t>(index) % count);
    constexpr size_t stride = 101;  // a prime, of which no list is a multiple: all come
    write(words_[(turn * stride) % count], [&] { return unseen_; }, random, sequence);
    return sequence;
  }

  std::optional<Example> own_example(std::string_view text) const override {
    return drawing_example(read_pen_line(read_drawing(text)));
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    label_strings::judge(sequence, outputs, names_.size(), "words", tally);
  }
  void complete(Score& score) const override { label_strings::complete(score); }

  std::vector<Baseline> baselines() const override {
    std::vector<std::pair<Stroke, Labels>> known;
    for (int64_t number = 0; number < known_lines; ++number) {
      Sequence line = training(number);
      known.emplace_back(compared_path(line.reals, compared_points), std::move(line.classes));
    }
    double by_points = 0, by_warping = 0, letters = 0;
    for (int64_t index = 0; index < held_out(); ++index) {
      const Sequence line = held_out(index);
      const Stroke path = compared_path(line.reals, compared_points);
      letters += static_cast<double>(line.classes.size());
      const auto edits_of_nearest = [&](const auto& distance) {
        const auto from = [&](const Stroke& other) { return distance(path, other); };
        return edit_distance(verdicts::nearest(known, from), line.classes);
      };
      by_points += edits_of_nearest(distance_by_points);
      by_warping += edits_of_nearest(
          [](const Stroke& a, const Stroke& b) { return distance_by_warping(a, b, most_warped); });
    }
    return {
        {.name = "writes nothing", .value = 1, .about = "the string of blanks: every letter is missing"},
        {.name = "nearest drawing",
         .value = by_points / letters,
         .about =
             "the word of that of 200 training drawings whose 32 points, equally far apart, lie nearest"},
        {.name = "DTW",
         .value = by_warping / letters,
         .about = "the same where one may be up to six points ahead of the other (dynamic time warping)"}};
  }

 private:
  struct OwnWord {
    Drawing drawing;
    Labels labels;
  };

  /// style(): that of the next letter.
  template <class Style>
  void write(std::string_view word, const Style& style, Random& random, Sequence& sequence) const {
    std::vector<const Drawing*> glyphs;
    for (const char letter : word) {
      const auto number = static_cast<size_t>(letter - 'a');
      glyphs.push_back(&glyphs_[number][style()]);
      sequence.classes.push_back(static_cast<int32_t>(number) + 1);
    }
    take_reading(read_pen_line(written_by_hand(glyphs, strength_, random)), sequence);
    mark_end(sequence);
  }
  static void mark_end(Sequence& sequence) {
    sequence.marks.push_back({Mark::Kind::needed, sequence.length - 1, "the whole word"});
  }

  /// A new one for a letter that has none so far.
  int32_t label_of(const std::string& name) {
    const auto known = std::find(names_.begin() + 1, names_.end(), name);
    if (known == names_.end()) {
      names_.push_back(name);
      return static_cast<int32_t>(names_.size()) - 1;
    }
    return static_cast<int32_t>(known - names_.begin());
  }

  size_t letters_;
  double strength_;
  size_t unseen_;
  std::vector<std::string_view> words_;       // that are held out
  std::vector<std::vector<Drawing>> glyphs_;  // of each letter, of each style
  std::vector<OwnWord> own_;
  std::vector<std::string> names_;  // the blank's first
};

}  // namespace

const TaskKind words_kind = {
    .name = "words",
    .title = "Words",
    .family = "Handwriting",
    .about =
        "A short word as a pen writes it, point by point: which letters are these? Nobody says where one "
        "ends and the "
        "next begins; the network finds that out (connectionist temporal classification).",
    .source = "Graves et al. 2006",
    .fields = words_fields,
    .looks = {.column = "point",
              .prediction = "the word",
              .own_data =
                  "a drawing to a line: the word, a tab, and its points x y, with ; where the pen is lifted",
              .own_sequence =
                  "a drawing: its points \"x y\" one after the other, and ; where the pen is lifted",
              .drawn = true,
              .strings = true,
              .numbers = pen_numbers},
    .start = R"({"unroll": 1, "data": {"task": {"name": "words"}},
      "train": {"batch": 16, "rate": 0.004},
      "lanes": [{"cell": "rnn", "hidden": 128, "layers": 2, "rate": 0.001}, {"cell": "lstm", "hidden": 96, "layers": 2, "dropout": 0.2}]})"};

Result<std::shared_ptr<const Task>> create_words(const Experiment& experiment, const Json&) {
  auto own = read_named_drawings(experiment.data.text, own_pitch);
  if (!own) return Error{"data.text, " + own.error().where, own.error().what, own.error().hint};
  return std::shared_ptr<const Task>(std::make_shared<const Words>(experiment, *own));
}

}  // namespace unroll
