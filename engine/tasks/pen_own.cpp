#include "engine/tasks/pen_own.h"

#include <algorithm>
#include <optional>
#include <set>

#include "engine/tasks/lines.h"

namespace unroll {
namespace {

constexpr const char* format = "a line is NAME, a tab and the points: x y x y ; x y, where ; lifts the pen";

}  // namespace

Result<std::vector<NamedDrawing>> read_named_drawings(std::string_view text, double pitch) {
  std::vector<NamedDrawing> all;
  std::set<std::string> names;
  std::optional<Error> error;
  for_each_line(text, [&](std::string_view line, size_t number) {
    const auto wrong = [&](std::string what, std::string hint = format) {
      error = at_line(number, std::move(what), std::move(hint));
      return false;
    };
    const size_t tab = line.find('\t');
    if (tab == line.npos) return trimmed(line).empty() || wrong("has no tab");
    const std::string name(trimmed(line.substr(0, tab)));
    if (name.empty()) return wrong("has no name");
    if (name.size() > longest_own_name)
      return wrong("a name of " + std::to_string(name.size()) + " bytes",
                   "allowed: up to " + std::to_string(longest_own_name));
    const Drawing drawing = fitted(read_drawing(line.substr(tab + 1)));
    if (drawing.empty()) return wrong("nothing is drawn");
    names.insert(name);
    if (names.size() > most_own_names)
      return wrong("one name too many", "allowed: up to " + std::to_string(most_own_names));
    if (all.size() == most_own_drawings)
      return wrong("one drawing too many", "allowed: up to " + std::to_string(most_own_drawings));
    all.push_back({name, resampled_by(drawing, pitch)});
    return true;
  });
  if (error) return *error;
  return all;
}

}  // namespace unroll
