#include "web/cli/handwriting.h"

#include <algorithm>
#include <cstdio>

namespace unroll::cli {
namespace {

constexpr double gap = 3, margin = 1;       // between letters, around all
constexpr double ascender = -7, floor = 7;  // from the middle of x height to where letters usually reach

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

}  // namespace

std::string handwriting_svg(std::span<const Drawing> letters) {
  double top = ascender, bottom = floor, at = 0;
  std::string paths;
  for (const Drawing& letter : letters) {
    double left = 0, right = 0;
    for (const Stroke& stroke : letter)
      for (const PenPoint point : stroke) {
        left = std::min(left, point.x), right = std::max(right, point.x);
        top = std::min(top, point.y), bottom = std::max(bottom, point.y);
      }
    for (const Stroke& stroke : letter) {
      for (size_t n = 0; n < stroke.size(); ++n)
        paths += (n == 0 ? "M" : "L") + number(at + stroke[n].x - left) + " " + number(stroke[n].y);
      if (stroke.size() == 1) paths += "h0";  // a dot: round ends make one of no length
    }
    at += right - left + gap;
  }
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"" + number(-margin) + " " +
         number(top - margin) + " " + number(std::max(at - gap, 0.0) + 2 * margin) + " " +
         number(bottom - top + 2 * margin) + "\"><path d=\"" + paths +
         "\" fill=\"none\" stroke=\"currentColor\" stroke-width=\".5\" stroke-linecap=\"round\" "
         "stroke-linejoin=\"round\"/></svg>\n";
}

}  // namespace unroll::cli
