#include <array>

#include "engine/base/mixture.h"
#include "engine/tasks/pen_font.h"
#include "engine/tasks/pen_nearest.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/verdicts.h"
#include "engine/tasks/writing_task.h"

namespace unroll {
namespace {

constexpr const char* class_words[] = {"letters", "digits"};
constexpr const char* class_notes[] = {"the 26 lower-case ones", ""};
constexpr const char* style_words[] = {"all", "print", "joined", "looped", "plotter", "book", "italic"};
static_assert(std::size(style_words) == pen_style_count + 1);
constexpr const char* number_words[] = {"to the right", "down", "pen lifted"};
enum class Classes { letters, digits };

constexpr TaskField writing_fields[] = {
    {.name = "classes",
     .type = TaskFieldType::choice,
     .minimum = 0,
     .maximum = 1,
     .initial = 0,
     .words = class_words,
     .help = "what is written",
     .notes = class_notes},
    {.name = "style",
     .type = TaskFieldType::choice,
     .minimum = 0,
     .maximum = pen_style_count,
     .initial = 0,
     .words = style_words,
     .help = "how: one style of the font, or all, of which the network takes one or the other as it begins"},
    {.name = "distortion",
     .type = TaskFieldType::real,
     .minimum = 0,
     .maximum = 2,
     .initial = 0.5,
     .words = {},
     .help = "how much noise, slant, perspective, rotation and scaling change what is learned from"},
    {.name = "stray",
     .type = TaskFieldType::real,
     .minimum = 0,
     .maximum = 1,
     .initial = 0.1,
     .words = {},
     .help = "how far beside its path each point is put in training, in tenths of the height: the way back "
             "is learned, too",
     .zero = "never"},
    {.name = "components",
     .type = TaskFieldType::integer,
     .minimum = 1,
     .maximum = 32,
     .initial = 10,
     .words = {},
     .help = "normal densities in the mixture that foretells the next point; 1: it can only be unsure",
     .rare = true}};

constexpr int64_t held_out_each = 10, known_each = 15;  // drawings of each letter
constexpr double step = 10, middle = 70;  // in the font's hundredths: of a unit; the pen begins there

}  // namespace

WritingTask::WritingTask(const Experiment& experiment)
    : SequenceTask(experiment, most_points,
                   held_out_each *
                       (TaskSettings(experiment).choice<Classes>("classes") == Classes::letters ? 26 : 10)),
      strength_(TaskSettings(experiment).real("distortion")),
      stray_(TaskSettings(experiment).real("stray")),
      components_(TaskSettings(experiment).whole("components")) {
  const TaskSettings settings(experiment);
  const bool letters = settings.choice<Classes>("classes") == Classes::letters;
  const auto style = static_cast<size_t>(settings.whole("style"));
  for (const PenGlyph& glyph : letters ? pen_letters() : pen_digits()) {
    std::vector<Drawing>& drawings = glyphs_.emplace_back();
    for (size_t one = 0; one < pen_style_count; ++one)
      if (style == 0 || one + 1 == style) drawings.push_back(read_drawing(glyph.strokes[one]));
    letters_ += glyph.name;
  }
  const auto all = static_cast<int64_t>(letters_.size());
  for (int64_t number = 0; number < known_each * all; ++number) {
    const auto drawn = static_cast<size_t>(number % all);
    Random random = training_random(number);
    const auto& styles = glyphs_[drawn];
    const size_t of = random.below(static_cast<uint32_t>(styles.size()));
    const PenReading reading = read_pen(drawn_by_hand(styles[of], strength_, random));
    known_.emplace_back(compared_path(reading.reals, glyph_points), static_cast<int32_t>(drawn));
  }
}

const TaskKind& WritingTask::kind() const { return writing_kind; }

TaskShape WritingTask::shape() const {
  const MixtureShape outputs = {.components = static_cast<size_t>(components_), .bits = written_numbers - 2};
  return {.inputs = static_cast<int>(point_numbers + letters_.size()),
          .reals = true,
          .outputs = static_cast<int>(outputs.outputs()),
          .head = Head::mixture};
}

SequenceTask::Measure WritingTask::measure() const {
  return {.name = "letters readable", .higher_is_better = true, .unit = "%"};
}

void WritingTask::draw(Random& random, Sequence& sequence) const {
  make(random.below(static_cast<uint32_t>(letters_.size())), random, stray_, sequence);
}

Sequence WritingTask::held_out(int64_t index) const {
  Sequence sequence;
  Random random = held_out_random(index);
  make(static_cast<size_t>(static_cast<uint64_t>(index) % letters_.size()), random, 0, sequence);
  return sequence;
}

Sequence WritingTask::drawn(int64_t number) const {
  Sequence sequence;
  Random random = training_random(number);
  make(random.below(static_cast<uint32_t>(letters_.size())), random, 0, sequence);
  return sequence;
}

void WritingTask::make(size_t letter, Random& random, double stray, Sequence& sequence) const {
  const auto& styles = glyphs_[letter];
  const Drawing& glyph = styles[random.below(static_cast<uint32_t>(styles.size()))];
  const Drawing drawn = placed_as(glyph, drawn_by_hand(glyph, strength_, random));
  double left = glyph.front().front().x;
  for (const Stroke& stroke : glyph)
    for (const PenPoint point : stroke) left = std::min(left, point.x);
  const PenReading reading = read_pen_from(drawn, {left, middle}, step);
  const size_t N = reading.size(), I = point_numbers + letters_.size();
  sequence.length = static_cast<int>(N);
  sequence.reals.resize(N * I);
  std::array<float, written_numbers> before{};  // the point that was read
  PenPoint beside = {0, 0};                     // so far it lies from where it should
  for (size_t n = 0; n < N; ++n) {
    const bool last = n + 1 == N, lifted = last || reading.stroke_of[n + 1] != reading.stroke_of[n];
    const float* point = &reading.reals[PenReading::numbers * n];
    read_point(static_cast<int32_t>(letter), std::span(before).first(n == 0 ? 0 : written_numbers),
               std::span(sequence.reals).subspan(n * I, I));
    before = {static_cast<float>(static_cast<double>(point[0]) - beside.x),
              static_cast<float>(static_cast<double>(point[1]) - beside.y), lifted ? 1.0f : 0.0f,
              last ? 1.0f : 0.0f};
    sequence.values.insert(sequence.values.end(), before.begin(), before.end());
    if (stray > 0) {
      beside = {stray * random.normal(), stray * random.normal()};
      before[0] += static_cast<float>(beside.x);
      before[1] += static_cast<float>(beside.y);
    }
    const bool begins = n == 0 || reading.stroke_of[n] != reading.stroke_of[n - 1];
    const std::string stroke = "stroke " + std::to_string(reading.stroke_of[n] + 1);
    if (begins) sequence.marks.push_back({Mark::Kind::needed, static_cast<int>(n), stroke});
    sequence.columns.push_back(std::string(1, letters_[letter]) + ", before point " + std::to_string(n + 1));
  }
}

void WritingTask::read_point(int32_t letter, std::span<const float> point, std::span<float> row) const {
  std::ranges::fill(row, 0.0f);
  row[0] = point.empty() ? 0 : point[0];
  row[1] = point.empty() ? 0 : point[1];
  row[2] = point.empty() ? 1 : point[2];
  row[point_numbers + static_cast<size_t>(letter)] = 1;
}

int32_t WritingTask::letter(char32_t symbol) const {
  const size_t at = symbol < 128 ? letters_.find(static_cast<char>(symbol)) : letters_.npos;
  return at == letters_.npos ? -1 : static_cast<int32_t>(at);
}

int32_t WritingTask::letter_of(const Sequence& sequence) const {
  const auto hot = std::span(sequence.reals).subspan(point_numbers, letters_.size());
  return static_cast<int32_t>(std::ranges::max_element(hot) - hot.begin());
}

Drawing WritingTask::drawing_of(std::span<const float> points) {
  Drawing drawing;
  PenPoint at = {0, 0};
  bool begins = true;
  for (size_t n = 0; n + written_numbers <= points.size(); n += written_numbers) {
    at = {at.x + static_cast<double>(points[n]), at.y + static_cast<double>(points[n + 1])};
    if (begins) drawing.emplace_back();
    drawing.back().push_back(at);
    begins = points[n + 2] > 0.5f;
  }
  return drawing;
}

int32_t WritingTask::recognised(const Drawing& drawing) const {
  if (drawing.empty()) return -1;
  const Stroke path = compared_path(read_pen(drawing).reals, glyph_points);
  return verdicts::nearest(known_,
                           [&](const Stroke& other) { return distance_by_warping(path, other, glyph_band); });
}

const TaskKind writing_kind = {
    .name = "writing",
    .title = "Writing",
    .family = "Handwriting",
    .about =
        "A pen that writes the letter it is asked for: of each point the network foretells the next one, "
        "as a cloud of possible ones, and goes on from what it drew. From scribble to letter.",
    .source = "Graves 2013, section 4 (arXiv 1308.0850)",
    .fields = writing_fields,
    .looks = {.column = "point",
              .prediction = "next point",
              .own_sequence_start = "unroll 2013",
              .numbers = number_words,
              .writes = true},
    .start = R"({"unroll": 1, "data": {"task": {"name": "writing"}},
      "train": {"batch": 32, "rate": 0.005},
      "lanes": [{"cell": "rnn", "hidden": 128, "rate": 0.002}, {"cell": "lstm", "hidden": 96}]})"};

Result<std::shared_ptr<const Task>> create_writing(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<const WritingTask>(experiment));
}

}  // namespace unroll
