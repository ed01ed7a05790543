#include "engine/tasks/pen_strokes.h"

#include <algorithm>
#include <cmath>

namespace unroll {
namespace {

constexpr double pitch = 0.1;           // of the height, between points that are read
constexpr double fine_pitch = 0.03;     // between those of a hand, before frames are skipped
constexpr double most_steps = 64;       // of `pitch` in a drawing
constexpr double widest = 3;            // width / height
constexpr int most_number = 9999;       // of a coordinate
constexpr double least_spread = 0.02;   // of heights in a line, of its width: flat ones are no letters
constexpr double line_pitch = 0.7;      // of the spread, between points of a line
constexpr double straight_until = 0.2;  // cosine of the bend at a point from which on it is a corner

double distance(PenPoint a, PenPoint b) {
  const double x = b.x - a.x, y = b.y - a.y;
  return std::sqrt(x * x + y * y);
}

PenPoint between(PenPoint a, PenPoint b, double part) {
  return {a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)};
}

/// Cuts off what is no corner.
Stroke rounded(const Stroke& stroke) {
  Stroke result;
  for (size_t at = 0; at < stroke.size(); ++at) {
    const PenPoint point = stroke[at];
    if (at > 0 && at + 1 < stroke.size()) {
      const PenPoint before = stroke[at - 1], after = stroke[at + 1];
      const double product =
          (point.x - before.x) * (after.x - point.x) + (point.y - before.y) * (after.y - point.y);
      if (product > straight_until * distance(before, point) * distance(point, after)) {
        result.push_back(between(before, point, 0.75));
        result.push_back(between(point, after, 0.25));
        continue;
      }
    }
    result.push_back(point);
  }
  return result;
}

template <class Change>
void change_each(Drawing& drawing, const Change& change) {
  for (Stroke& stroke : drawing)
    for (PenPoint& point : stroke) point = change(point);
}

}  // namespace

Drawing read_drawing(std::string_view text) {
  Drawing drawing(1);
  int number = -1, x = -1;  // −1: none yet
  const auto take = [&] {
    if (number < 0) return;
    if (x < 0) {
      x = number;
    } else {
      drawing.back().push_back({static_cast<double>(x), static_cast<double>(number)});
      x = -1;
    }
    number = -1;
  };
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = std::min(10 * std::max(number, 0) + (c - '0'), most_number);
      continue;
    }
    take();
    if (c != ';') continue;
    x = -1;
    if (!drawing.back().empty()) drawing.emplace_back();
  }
  take();
  if (drawing.back().empty()) drawing.pop_back();
  return drawing;
}

double length_of(const Stroke& stroke) {
  double length = 0;
  for (size_t at = 1; at < stroke.size(); ++at) length += distance(stroke[at - 1], stroke[at]);
  return length;
}

Stroke resampled(const Stroke& stroke, size_t count) {
  const double length = length_of(stroke);
  if (!(length > 0)) return {stroke.front()};
  Stroke result = {stroke.front()};
  double passed = 0;  // up to the point before `at`
  for (size_t at = 1; at < stroke.size(); ++at) {
    const double piece = distance(stroke[at - 1], stroke[at]);
    while (result.size() + 1 < count) {
      const double wanted = length * static_cast<double>(result.size()) / static_cast<double>(count - 1);
      if (wanted > passed + piece) break;
      result.push_back(between(stroke[at - 1], stroke[at], piece > 0 ? (wanted - passed) / piece : 0));
    }
    passed += piece;
  }
  while (result.size() < count) result.push_back(stroke.back());
  return result;
}

Drawing resampled_by(const Drawing& drawing, double step) {
  Drawing result;
  for (const Stroke& stroke : drawing) {
    const double steps = length_of(stroke) / step;
    result.push_back(steps < 0.5 ? Stroke{stroke.front()}
                                 : resampled(stroke, 1 + static_cast<size_t>(std::max(steps + 0.5, 1.0))));
  }
  return result;
}

DrawingBox box_of(const Drawing& drawing) {
  PenPoint least = drawing.front().front(), most = least;
  for (const Stroke& stroke : drawing)
    for (const PenPoint point : stroke) {
      least = {std::min(least.x, point.x), std::min(least.y, point.y)};
      most = {std::max(most.x, point.x), std::max(most.y, point.y)};
    }
  const double width = most.x - least.x;
  return {least, width, std::max(most.y - least.y, width / widest)};
}

Drawing fitted(const Drawing& drawing) {
  if (drawing.empty()) return {};
  const auto [corner, width, size] = box_of(drawing);
  Drawing result = drawing;
  for (Stroke& stroke : result)
    for (PenPoint& point : stroke)
      point = {size > 0 ? (point.x - corner.x) / size : 0, size > 0 ? (point.y - corner.y) / size : 0};
  return result;
}

namespace {

/// Each point's way from the one before, the first one's from `before`, in `unit`; points `step` apart.
PenReading read_points(const Drawing& drawing, PenPoint before, double step, double unit, size_t most) {
  PenReading reading;
  const Drawing points = resampled_by(drawing, step);
  for (size_t s = 0; s < points.size(); ++s)
    for (size_t at = 0; at < points[s].size() && reading.size() < most; ++at) {
      const PenPoint point = points[s][at];
      for (const double number :
           {(point.x - before.x) / unit, (point.y - before.y) / unit, at == 0 ? 1.0 : 0.0})
        reading.reals.push_back(static_cast<float>(number));
      reading.stroke_of.push_back(static_cast<int>(s));
      before = point;
    }
  return reading;
}

}  // namespace

PenReading read_pen_from(const Drawing& drawing, PenPoint from, double step) {
  double length = 0;
  for (const Stroke& stroke : drawing) length += length_of(stroke);
  return read_points(drawing, from, std::max(step, length / most_steps), step, PenReading::most_points);
}

PenReading read_pen(const Drawing& given) {
  const Drawing drawing = fitted(given);
  PenPoint middle = {0, 0};  // of the box
  for (const Stroke& stroke : drawing)
    for (const PenPoint point : stroke)
      middle = {std::max(middle.x, point.x / 2), std::max(middle.y, point.y / 2)};
  return read_pen_from(drawing, middle, pitch);
}

PenReading read_pen_line(const Drawing& drawing) {
  if (drawing.empty()) return {};
  const DrawingBox box = box_of(drawing);
  double length = 0, sum = 0, squares = 0;  // of heights below the corner, along the line
  for (const Stroke& stroke : drawing)
    for (size_t at = 1; at < stroke.size(); ++at) {
      const double piece = distance(stroke[at - 1], stroke[at]), a = stroke[at - 1].y - box.corner.y,
                   b = stroke[at].y - box.corner.y;
      length += piece;
      sum += piece * (a + b) / 2;
      squares += piece * (a * a + a * b + b * b) / 3;
    }
  const double mean = length > 0 ? sum / length : 0,
               spread = length > 0 ? std::sqrt(std::max(squares / length - mean * mean, 0.0)) : 0;
  double unit = std::max(spread, least_spread * box.width) * line_pitch;
  if (!(unit > 0)) unit = 1;
  return read_points(drawing, {box.corner.x, box.corner.y + mean}, unit, unit, most_line_points);
}

Drawing drawn_by_hand(const Drawing& glyph, double strength, Random& random) {
  Drawing drawing = fitted(glyph);
  const auto amount = [&](double most) {
    return strength * most * static_cast<double>(random.uniform(-1, 1));
  };

  const double trembling = strength * 0.025;
  for (Stroke& stroke : drawing) {
    const PenPoint place = {0.025 * strength * random.normal(), 0.025 * strength * random.normal()};
    for (PenPoint& point : stroke)
      point = {point.x + place.x + trembling * random.normal(),
               point.y + place.y + trembling * random.normal()};
    for (int twice = 0; twice < 2; ++twice) stroke = rounded(stroke);
  }

  drawing = resampled_by(drawing, fine_pitch);
  const double skipped = strength > 0 ? 0.6 * static_cast<double>(random.uniform()) : 0;
  for (Stroke& stroke : drawing) {
    const PenPoint last = stroke.back();
    size_t kept = 1;
    for (size_t at = 1; at + 1 < stroke.size(); ++at)
      if (static_cast<double>(random.uniform()) >= skipped) stroke[kept++] = stroke[at];
    if (stroke.size() > 1) {
      stroke.resize(kept);
      stroke.push_back(last);
    }
  }
  drawing = resampled_by(drawing, pitch / 2);

  const double right = amount(0.15), down = amount(0.15), slant = amount(0.3);
  // A rotation by up to 14 degrees either way; t is the tangent of half the angle.
  const double t = amount(0.12), cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
  const double wide = 1 + std::max(amount(0.3), -0.7);
  change_each(drawing, [&](PenPoint point) -> PenPoint {
    const double depth = 1 + std::max(right * (point.x - 0.5) + down * (point.y - 0.5), -0.8);
    const double x = (point.x - 0.5 - slant * (point.y - 0.5)) / depth, y = (point.y - 0.5) / depth;
    return {wide * (cosine * x - sine * y), sine * x + cosine * y};
  });
  return drawing;
}

Drawing placed_as(const Drawing& glyph, const Drawing& drawn) {
  const auto [corner, width, size] = box_of(glyph);
  Drawing result = drawn;
  change_each(result, [&](PenPoint point) -> PenPoint {
    return {corner.x + size * (point.x + 0.5), corner.y + size * (point.y + 0.5)};
  });
  return result;
}

}  // namespace unroll
