// Drawings of one's own that were taught, or recordings (data.text of a task that reads such): how many of which name, to be
// thrown away.
#include <algorithm>

#include "engine/tasks/lines.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/data/data.h"

namespace unroll::data {
namespace {

/// The names of the lines in the order in which they come first, and how many lines each has.
std::vector<std::pair<std::string, int>> names_of(std::string_view text) {
  std::vector<std::pair<std::string, int>> names;
  for_each_line(text, [&](std::string_view line, size_t) {
    const size_t tab = line.find('\t');
    if (tab == line.npos) return true;
    const auto known = std::ranges::find(names, line.substr(0, tab), &std::pair<std::string, int>::first);
    if (known == names.end())
      names.emplace_back(line.substr(0, tab), 1);
    else
      ++known->second;
    return true;
  });
  return names;
}

/// The lines but those of a name.
std::string without(std::string_view text, const std::string& name) {
  std::string rest;
  for_each_line(text, [&](std::string_view line, size_t) {
    if (!line.starts_with(name + "\t")) rest += std::string(line) + "\n";
    return true;
  });
  return rest;
}

}  // namespace

void own_taught(Session& session, const char* thing, const char* none) {
  std::string& text = session.wanted.data.text;
  const auto names = names_of(text);
  if (names.empty()) return ui::dim(none);
  const std::string things = std::string(thing) + "s";
  if (names.size() > 1 &&
      ui::button("drawings.all",
                 {.label = "Forget all", .icon = Icon::close, .tip = "Begin with none of them"})) {
    text.clear();
    return session.text_edited();
  }
  for (const auto& [name, count] : names) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const std::string id = "drawings." + name,
                      words = name + ": " + std::to_string(count) + " " + (count == 1 ? thing : things),
                      forget = "Forget these " + things;
    const ui::ButtonSpec remove{
        .icon = Icon::close, .look = ui::Look::quiet, .tip = forget.c_str(), .name = forget.c_str()};
    const ui::SpokenGroup group(words);
    const bool gone = ui::button(id.c_str(), remove);
    draw_text(ImGui::GetWindowDrawList(), Face::text,
              at + ImVec2(ui::button_width(remove) + space::s, (row_height() - 16) / 2),
              solid(palette().text), words.c_str());
    if (!gone) continue;
    text = without(text, name);
    session.text_edited();
    break;
  }
}

}  // namespace unroll::data
