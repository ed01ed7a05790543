#include "web/toolkit/icons.h"

#include <cmath>
#include <initializer_list>

namespace unroll {
namespace {

constexpr float pi = 3.14159265f;

/// Strokes in icon coordinates: (0, 0) is the centre, the icon reaches from −8 to 8.
struct Pen {
  ImDrawList* draw;
  ImVec2 centre;
  ImU32 colour;
  float scale;
  float width;

  ImVec2 at(float x, float y) const { return {centre.x + x * scale, centre.y + y * scale}; }
  void line(std::initializer_list<ImVec2> points, bool closed = false) const {
    for (ImVec2 p : points) draw->PathLineTo(at(p.x, p.y));
    draw->PathStroke(colour, closed ? ImDrawFlags_Closed : ImDrawFlags_None, width);
  }
  void shape(std::initializer_list<ImVec2> points) const {
    for (ImVec2 p : points) draw->PathLineTo(at(p.x, p.y));
    draw->PathFillConvex(colour);
  }
  void arc(float x, float y, float radius, float from, float to) const {
    draw->PathArcTo(at(x, y), radius * scale, from * pi, to * pi, 20);
    draw->PathStroke(colour, ImDrawFlags_None, width);
  }
  void circle(float x, float y, float radius) const {
    draw->AddCircle(at(x, y), radius * scale, colour, 20, width);
  }
  void dot(float x, float y, float radius) const {
    draw->AddCircleFilled(at(x, y), radius * scale, colour, 12);
  }
  void box(float x0, float y0, float x1, float y1, float radius) const {
    draw->AddRect(at(x0, y0), at(x1, y1), colour, radius * scale, ImDrawFlags_None, width);
  }
};

void draw_sun(const Pen& pen) {
  pen.circle(0, 0, 2.8f);
  for (int i = 0; i < 8; ++i) {
    const float x = std::cos(static_cast<float>(i) * pi / 4), y = std::sin(static_cast<float>(i) * pi / 4);
    pen.line({{5 * x, 5 * y}, {6.6f * x, 6.6f * y}});
  }
}

}  // namespace

void draw_icon(ImDrawList* draw, Icon icon, ImVec2 centre, ImU32 colour, float size) {
  const float scale = size / 16.0f;
  const Pen pen{draw, centre, colour, scale, 1.4f * scale};
  switch (icon) {
    case Icon::none:
      break;
    case Icon::play:
      pen.shape({{-4, -5.5f}, {6, 0}, {-4, 5.5f}});
      break;
    case Icon::pause:
      pen.shape({{-5, -5}, {-1.6f, -5}, {-1.6f, 5}, {-5, 5}});
      pen.shape({{1.6f, -5}, {5, -5}, {5, 5}, {1.6f, 5}});
      break;
    case Icon::step:
      pen.shape({{-5, -5}, {3, 0}, {-5, 5}});
      pen.shape({{4, -5}, {5.6f, -5}, {5.6f, 5}, {4, 5}});
      break;
    case Icon::back:
      pen.shape({{5, -5}, {5, 5}, {-3, 0}});
      pen.shape({{-4, -5}, {-4, 5}, {-5.6f, 5}, {-5.6f, -5}});
      break;
    case Icon::reset:
      pen.arc(0, 0, 5.2f, -0.75f, 0.95f);
      pen.line({{-6.4f, -6.2f}, {-3.7f, -3.7f}, {-0.2f, -4.6f}});
      break;
    case Icon::undo:
      pen.line({{-2.2f, -5.6f}, {-5.2f, -2.6f}, {-2.2f, 0.4f}});
      pen.line({{-5.2f, -2.6f}, {1.6f, -2.6f}});
      pen.arc(1.6f, 1.2f, 3.8f, -0.5f, 0.5f);
      pen.line({{1.6f, 5}, {-2, 5}});
      break;
    case Icon::redo:
      pen.line({{2.2f, -5.6f}, {5.2f, -2.6f}, {2.2f, 0.4f}});
      pen.line({{5.2f, -2.6f}, {-1.6f, -2.6f}});
      pen.arc(-1.6f, 1.2f, 3.8f, 0.5f, 1.5f);
      pen.line({{-1.6f, 5}, {2, 5}});
      break;
    case Icon::dice:
      pen.box(-5.5f, -5.5f, 5.5f, 5.5f, 2);
      pen.dot(-2.4f, -2.4f, 1.1f);
      pen.dot(0, 0, 1.1f);
      pen.dot(2.4f, 2.4f, 1.1f);
      break;
    case Icon::sun:
      draw_sun(pen);
      break;
    case Icon::moon:
      pen.arc(0, 0, 5.5f, 0.02f, 1.48f);
      pen.arc(3.1f, -3.1f, 4.4f, 0.31f, 1.19f);
      break;
    case Icon::link:
      pen.circle(-4, 0, 2);
      pen.circle(4, -4.2f, 2);
      pen.circle(4, 4.2f, 2);
      pen.line({{-2.2f, -0.9f}, {2.2f, -3.3f}});
      pen.line({{-2.2f, 0.9f}, {2.2f, 3.3f}});
      break;
    case Icon::help:
      pen.circle(0, 0, 6.2f);
      pen.arc(0, -1.6f, 2.1f, -0.95f, 0.35f);
      pen.line({{0.6f, 0.3f}, {0, 1.6f}});
      pen.dot(0, 3.6f, 0.9f);
      break;
    case Icon::plus:
      pen.line({{0, -4.5f}, {0, 4.5f}});
      [[fallthrough]];
    case Icon::minus:
      pen.line({{-4.5f, 0}, {4.5f, 0}});
      break;
    case Icon::close:
      pen.line({{-4, -4}, {4, 4}});
      pen.line({{-4, 4}, {4, -4}});
      break;
    case Icon::copy:
      pen.box(-2.5f, -2.5f, 5.5f, 5.5f, 1.5f);
      pen.line({{2.5f, -5.5f}, {-5.5f, -5.5f}, {-5.5f, 2.5f}});
      break;
    case Icon::book:
      pen.line({{0, -4},
                {-2.5f, -5.5f},
                {-7, -5.5f},
                {-7, 4},
                {-2.5f, 4},
                {0, 5.5f},
                {2.5f, 4},
                {7, 4},
                {7, -5.5f},
                {2.5f, -5.5f},
                {0, -4}});
      pen.line({{0, -4}, {0, 5.5f}});
      break;
    case Icon::file:
      pen.line({{1, -6}, {-4.5f, -6}, {-4.5f, 6}, {4.5f, 6}, {4.5f, -2.5f}}, false);
      pen.line({{1, -6}, {4.5f, -2.5f}, {1, -2.5f}}, true);
      break;
    case Icon::save:
      pen.line({{0, -5.5f}, {0, 2}});
      pen.line({{-3, -1}, {0, 2}, {3, -1}});
      pen.line({{-5.5f, 2.5f}, {-5.5f, 5.5f}, {5.5f, 5.5f}, {5.5f, 2.5f}});
      break;
    case Icon::down:
      pen.line({{-3.5f, -1.8f}, {0, 1.8f}, {3.5f, -1.8f}});
      break;
    case Icon::up:
      pen.line({{-3.5f, 1.8f}, {0, -1.8f}, {3.5f, 1.8f}});
      break;
    case Icon::pencil:
      pen.line({{-5.5f, 5.5f}, {-4.8f, 2.6f}, {3, -5.2f}, {5.2f, -3}, {-2.6f, 4.8f}}, true);
      break;
    case Icon::fit:
      pen.line({{-6, -4}, {-6, 4}});
      pen.line({{6, -4}, {6, 4}});
      pen.line({{-4, 0}, {4, 0}});
      pen.line({{-2.2f, -1.8f}, {-4, 0}, {-2.2f, 1.8f}});
      pen.line({{2.2f, -1.8f}, {4, 0}, {2.2f, 1.8f}});
      break;
    case Icon::balance:
      pen.line({{-5, -2}, {5, -2}});
      pen.line({{-5, 2}, {5, 2}});
      break;
    case Icon::warning:
      pen.line({{0, -5.5f}, {6, 5}, {-6, 5}}, true);
      pen.line({{0, -1.6f}, {0, 1.6f}});
      pen.dot(0, 3.4f, 0.8f);
      break;
    case Icon::forward:
      pen.line({{-5.5f, 0}, {5, 0}});
      pen.line({{1.5f, -3.5f}, {5, 0}, {1.5f, 3.5f}});
      break;
    case Icon::tracks:
      pen.box(-6, -5.5f, 6, -2, 1);
      pen.box(-6, 2, 6, 5.5f, 1);
      break;
    case Icon::sort:
      pen.line({{-6, -4.5f}, {6, -4.5f}});
      pen.line({{-6, 0}, {2.5f, 0}});
      pen.line({{-6, 4.5f}, {-1, 4.5f}});
      break;
    case Icon::search:
      pen.circle(-1.5f, -1.5f, 4);
      pen.line({{1.5f, 1.5f}, {6, 6}});
      break;
    case Icon::cloud:
      pen.arc(-3.6f, 1.4f, 2.6f, 0.5f, 1.45f);
      pen.arc(0, -1.2f, 3.7f, 1.08f, 1.92f);
      pen.arc(3.6f, 1.4f, 2.6f, -0.45f, 0.5f);
      pen.line({{-3.6f, 4}, {3.6f, 4}});
      break;
    case Icon::sliders:
      pen.line({{-6, -3}, {-1.5f, -3}});
      pen.circle(0.5f, -3, 2);
      pen.line({{2.5f, -3}, {6, -3}});
      pen.line({{-6, 3}, {-4.5f, 3}});
      pen.circle(-2.5f, 3, 2);
      pen.line({{-0.5f, 3}, {6, 3}});
      break;
    case Icon::check:
      pen.line({{-5, 0.5f}, {-1.5f, 4}, {5, -4}});
      break;
  }
}

}  // namespace unroll
