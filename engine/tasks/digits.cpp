// Sequential digits: a picture of 8 × 8 pixels is read one pixel at a time, row by row; at the end: which digit was it? After Le
// et al. 2015 (28 × 28 there, also with the pixels in a fixed random order). The digits are drawn here: strokes of a font of
// our own (two or three forms of each digit), distorted, under a pen of varying width, with a little noise. The amounts of the
// eight distortions are a point of a ball; training draws from the ball of radius 1, the held-out digits from the shell outside
// of it (1 to 1.25), so that every one of them is distorted more than any in training.
#include <array>
#include <limits>

#include "engine/tasks/pen_strokes.h"
#include "engine/tasks/puzzles.h"
#include "engine/tasks/settings.h"

namespace unroll {
namespace {

constexpr TaskField digits_fields[] = {{"distortion",
                                        TaskFieldType::real,
                                        0,
                                        2,
                                        1,
                                        {},
                                        "strength of all distortions; 0: only pen and noise vary"},
                                       {"scrambled",
                                        TaskFieldType::boolean,
                                        0,
                                        1,
                                        0,
                                        {},
                                        "pixels in one fixed random order instead of row by row"}};

constexpr int side = 8, pixels = side * side, digits = 10;

/// As read_drawing reads it, in hundredths of the glyph's box, from its upper left corner.
struct Form {
  int digit;
  const char* strokes;
};
constexpr Form font[] = {
    {0, "50 0 20 10 3 35 3 65 20 90 50 100 80 90 97 65 97 35 80 10 50 0"},
    {0, "55 0 35 12 22 40 20 70 35 97 50 100 68 88 80 60 80 30 70 8 55 0"},
    {1, "50 0 50 100"},
    {1, "22 25 55 0 55 100"},
    {1, "25 22 52 0 52 100 ; 20 100 85 100"},
    {2, "5 25 20 5 50 0 82 7 95 28 80 50 40 75 5 100 98 100"},
    {2, "10 15 45 0 80 12 85 35 55 65 15 93 20 100 45 92 95 97"},
    {3, "8 8 40 0 80 8 90 26 75 43 40 48 80 55 95 75 80 94 40 100 5 90"},
    {3, "5 0 90 0 45 40 80 50 95 72 75 95 35 100 5 88"},
    {4, "75 100 75 0 3 68 100 68"},
    {4, "20 0 12 55 95 55 ; 78 10 72 100"},
    {5, "90 0 20 0 12 45 50 38 85 48 95 70 80 93 40 100 5 90"},
    {5, "85 0 25 3 20 42 60 40 90 60 80 90 45 100 10 95"},
    {6, "85 5 50 10 20 35 5 65 15 92 50 100 85 92 95 70 80 50 50 45 20 52 6 68"},
    {6, "70 0 25 40 8 70 25 97 60 100 88 85 85 62 55 52 15 65"},
    {7, "3 0 97 0 40 100"},
    {7, "5 5 95 0 60 50 45 100 ; 28 52 85 48"},
    {8,
     "50 0 20 7 12 25 25 42 50 48 75 42 88 25 80 7 50 0 ; 50 48 15 58 3 77 20 96 50 100 80 96 97 77 85 58 50 "
     "48"},
    {8, "85 12 50 0 15 12 20 35 50 50 85 68 85 90 50 100 15 90 15 68 50 50 82 35 85 12"},
    {9, "15 95 50 90 80 65 95 35 85 8 50 0 15 8 5 30 20 50 50 55 80 48 94 32"},
    {9, "90 30 75 5 40 0 10 15 8 38 30 52 65 48 90 30 88 100"},
};

struct Point {
  float x, y;
};
/// From one point to the next, with the pen down.
struct Line {
  Point from, to;
};

std::vector<Line> read_lines(std::string_view strokes) {
  const auto in_box = [](PenPoint point) {
    return Point{static_cast<float>(point.x) / 100.0f, static_cast<float>(point.y) / 100.0f};
  };
  std::vector<Line> lines;
  for (const Stroke& stroke : read_drawing(strokes))
    for (size_t next = 1; next < stroke.size(); ++next)
      lines.push_back({in_box(stroke[next - 1]), in_box(stroke[next])});
  return lines;
}

/// Amounts from −1 to 1 of what a form goes through. Only + − × ÷ √: the same pixels on every machine.
struct Distortion {
  float rotation, slant, width, height, right, down, bend, taper;
};

/// From the glyph's box to the picture, in pixels.
Point place(Point point, const Distortion& amount) {
  float x = point.x - 0.5f;
  const float v = point.y - 0.5f;
  x *= 1.0f + 0.5f * amount.taper * v;
  x += amount.bend * (v * v - 0.08f) - 0.6f * amount.slant * v;
  x *= 4.6f * (1.0f + 0.3f * amount.width);
  const float y = 5.8f * v * (1.0f + 0.25f * amount.height);
  // A rotation by up to 25 degrees either way; t is the tangent of half the angle.
  const float t = 0.22f * amount.rotation, cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
  return {0.5f * side + cosine * x - sine * y + 1.2f * amount.right,
          0.5f * side + sine * x + cosine * y + amount.down};
}

float distance_to_segment(Point p, Point a, Point b) {
  const float dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
  const float along =
      square > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / square, 0.0f, 1.0f) : 0.0f;
  const float x = p.x - a.x - along * dx, y = p.y - a.y - along * dy;
  return std::sqrt(x * x + y * y);
}

}  // namespace

const TaskKind digits_kind = {
    .name = "digits",
    .title = "Sequential digits",
    .family = "Puzzles of memory",
    .about =
        "A small picture, read pixel by pixel: which digit was it? The first strokes must be kept to the "
        "end.",
    .source = "Le, Jaitly & Hinton 2015 (1504.00941), section 4.2, there with 28 × 28 pixels",
    .fields = digits_fields,
    .looks = {.column = "pixel", .prediction = "digit"},
    .start = R"({"unroll": 1, "data": {"task": {"name": "digits"}},
      "train": {"batch": 32, "rate": 0.005},
      "lanes": [{"cell": "rnn", "hidden": 128, "rate": 0.002}, {"cell": "lstm", "hidden": 64}]})"};

namespace {

class Digits final : public SequenceTask {
 public:
  explicit Digits(const Experiment& experiment)
      : SequenceTask(experiment, pixels, 1000),
        strength_(static_cast<float>(TaskSettings(experiment).real("distortion"))) {
    for (const Form& form : font) forms_[static_cast<size_t>(form.digit)].push_back(read_lines(form.strokes));
    for (size_t pixel = 0; pixel < pixels; ++pixel) order_[pixel] = pixel;
    if (!TaskSettings(experiment).is_on("scrambled")) return;
    Random random(28);  // one order for all seeds, as permuted MNIST has
    for (uint32_t pixel = pixels; pixel > 1; --pixel)
      std::swap(order_[pixel - 1], order_[random.below(pixel)]);
  }

  const TaskKind& kind() const override { return digits_kind; }
  TaskShape shape() const override { return {.inputs = 1, .reals = true, .outputs = digits}; }
  std::vector<std::string> input_names() const override { return {}; }
  std::vector<std::string> output_names() const override { return puzzles::names("0123456789"); }
  Measure measure() const override { return {.name = "digits right", .higher_is_better = true, .unit = "%"}; }

  void draw(Random& random, Sequence& sequence) const override {
    draw_digit(random, std::sqrt(random.uniform()), sequence);
  }
  void draw_held_out(Random& random, Sequence& sequence) const override {
    draw_digit(random, 1.0f + 0.25f * random.uniform(), sequence);
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    const int said = puzzles::most_probable(puzzles::row(outputs, pixels - 1, digits));
    tally.add(said == sequence.classes.back() ? 1 : 0);
  }

  std::vector<Baseline> baselines() const override {
    constexpr int64_t known_digits = 1000;
    std::vector<Sequence> known;
    for (int64_t number = 0; number < known_digits; ++number) known.push_back(training(number));
    std::array<double, digits> seen = {};
    double nearest_right = 0;
    for (int64_t index = 0; index < held_out(); ++index) {
      const Sequence digit = held_out(index);
      seen[static_cast<size_t>(digit.classes.back())] += 1;
      float least = std::numeric_limits<float>::max();
      int32_t said = 0;
      for (const Sequence& other : known) {
        float distance = 0;
        for (size_t pixel = 0; pixel < pixels; ++pixel) {
          const float difference = digit.reals[pixel] - other.reals[pixel];
          distance += difference * difference;
        }
        if (distance >= least) continue;
        least = distance;
        said = other.classes.back();
      }
      nearest_right += said == digit.classes.back() ? 1 : 0;
    }
    const double all = static_cast<double>(held_out());
    return {{.name = "memoryless",
             .value = *std::ranges::max_element(seen) / all,
             .about = "always says the digit that is most frequent",
             .loss = std::log(digits)},
            {.name = "nearest neighbour",
             .value = nearest_right / all,
             .about = "sees the whole picture: the digit of the most similar of 1,000 training pictures"}};
  }

  Example example(int64_t index) const override {
    Example result = SequenceTask::example(index);
    for (const size_t pixel : order_)
      result.columns.push_back(std::to_string(pixel / side + 1) + ":" + std::to_string(pixel % side + 1));
    return result;
  }

 private:
  void draw_digit(Random& random, float radius, Sequence& sequence) const {
    const size_t digit = random.below(digits);
    const std::vector<std::vector<Line>>& forms = forms_[digit];
    const std::vector<Line>& form = forms[random.below(static_cast<uint32_t>(forms.size()))];
    // A direction of eight dimensions, all equally likely.
    std::array<float, 8> a;
    float square = 0;
    for (float& amount : a) {
      amount = static_cast<float>(random.normal());
      square += amount * amount;
    }
    for (float& amount : a) amount *= strength_ * radius / std::sqrt(std::max(square, 1e-12f));
    const Distortion distortion = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
    const float pen = random.uniform(0.35f, 0.65f);

    std::array<float, pixels> picture = {};
    for (const Line& line : form) {
      const Point from = place(line.from, distortion), to = place(line.to, distortion);
      for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column) {
          const Point centre = {static_cast<float>(column) + 0.5f, static_cast<float>(row) + 0.5f};
          const float ink = std::clamp(pen + 0.5f - distance_to_segment(centre, from, to), 0.0f, 1.0f);
          float& pixel = picture[static_cast<size_t>(side * row + column)];
          pixel = std::max(pixel, ink);
        }
    }
    for (float& pixel : picture)
      pixel = std::clamp(pixel + 0.05f * static_cast<float>(random.normal()), 0.0f, 1.0f);

    sequence.length = pixels;
    sequence.reals.resize(pixels);
    for (size_t t = 0; t < pixels; ++t) sequence.reals[t] = picture[order_[t]];
    sequence.classes.assign(pixels, 0);
    sequence.classes.back() = static_cast<int32_t>(digit);
    sequence.weights.assign(pixels, 0.0f);
    sequence.weights.back() = 1.0f;
    const auto first = std::ranges::find_if(sequence.reals, [](float ink) { return ink > 0.5f; });
    if (first != sequence.reals.end())
      sequence.marks.push_back(
          {Mark::Kind::enters, static_cast<int>(first - sequence.reals.begin()), "first ink"});
    sequence.marks.push_back({Mark::Kind::needed, pixels - 1, "the digit"});
  }

  std::array<std::vector<std::vector<Line>>, digits> forms_;  // of each digit; each is lines
  std::array<size_t, pixels> order_;                          // step → pixel
  float strength_;
};

}  // namespace

Result<std::shared_ptr<const Task>> create_digits(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<Digits>(experiment));
}

}  // namespace unroll
