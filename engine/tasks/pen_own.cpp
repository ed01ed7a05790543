#include "engine/tasks/pen_own.h"

#include <algorithm>
#include <set>

namespace unroll {
namespace {

constexpr const char* format = "a line is NAME, a tab and the points: x y x y ; x y, where ; lifts the pen";
constexpr double glyph_pitch = 0.15;  // of the height: about what is between two points of a glyph's bow

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \r"), end = text.find_last_not_of(" \r");
  return begin == text.npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

}  // namespace

Result<std::vector<NamedDrawing>> read_named_drawings(std::string_view text) {
  std::vector<NamedDrawing> all;
  std::set<std::string> names;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimmed(row).empty()) continue;
    const auto wrong = [&](std::string what, std::string hint = format) {
      return Error{"line " + std::to_string(line), std::move(what), std::move(hint)};
    };
    const size_t tab = row.find('\t');
    if (tab == row.npos) return wrong("has no tab");
    const std::string name(trimmed(row.substr(0, tab)));
    if (name.empty()) return wrong("has no name");
    if (name.size() > longest_own_name)
      return wrong("a name of " + std::to_string(name.size()) + " bytes",
                   "allowed: up to " + std::to_string(longest_own_name));
    const Drawing drawing = fitted(read_drawing(row.substr(tab + 1)));
    if (drawing.empty()) return wrong("nothing is drawn");
    names.insert(name);
    if (names.size() > most_own_names)
      return wrong("one name too many", "allowed: up to " + std::to_string(most_own_names));
    if (all.size() == most_own_drawings)
      return wrong("one drawing too many", "allowed: up to " + std::to_string(most_own_drawings));
    all.push_back({name, resampled_by(drawing, glyph_pitch)});
  }
  return all;
}

}  // namespace unroll
