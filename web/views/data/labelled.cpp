// Sentences of one's own with a label of two: lines, or two boxes that hold the sentences of one label each.
#include "engine/base/utf8.h"
#include "engine/tasks/labelled_lines.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/data/data.h"

namespace unroll::data {
namespace {

constexpr std::string_view word_mark = "#word\t";

/// Each line that holds something.
template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") != line.npos) take(line);
  }
}

}  // namespace

void read_labelled(const Session& session, Labelled& labelled) {
  if (labelled.of == session.data_hash()) return;
  labelled.of = session.data_hash();
  labelled.told.clear();
  labelled.error.reset();
  labelled.other_lines.clear();
  for (std::string& box : labelled.boxes) box.clear();
  const std::string& text = session.wanted.data.text;
  if (text.empty()) return;
  const auto lines = read_labelled_lines(text);
  if (!lines) {
    labelled.error = lines.error();
    return;
  }
  labelled.told = lines->told;
  for (size_t id = 0; id < 2; ++id)
    if (!lines->labels[id].empty()) labelled.labels[id] = lines->labels[id];
  for (const LabelledSentence& sentence : lines->sentences)
    labelled.boxes[static_cast<size_t>(sentence.label)] += sentence.text + "\n";
  for_each_line(text, [&](std::string_view line) {
    if (line.starts_with(word_mark)) labelled.other_lines.emplace_back(line);
  });
}

bool labelled_boxes(Labelled& labelled, std::string& text, float height) {
  bool edited = false;
  for (const size_t id : {size_t{1}, size_t{0}}) {  // the better one above
    const std::string label = labelled.labels[id] + ", a sentence to a line",
                      name = "box" + std::to_string(id);
    ui::label(labelled.labels[id].c_str(), palette().text);
    const platform::TextField field{.id = name.c_str(),
                                    .label = label.c_str(),
                                    .placeholder = label.c_str(),
                                    .width = ui::content_width(),
                                    .height = height,
                                    .monospace = false,
                                    .max_bytes = Limits::text_bytes};
    edited |= platform::text_field(field, labelled.boxes[id]);
    ui::register_widget(name, {label + ", text field", "", true});
  }
  if (!edited) return false;
  labelled.told.clear();
  labelled.error.reset();
  text.clear();
  for (size_t id = 0; id < 2; ++id)
    for_each_line(labelled.boxes[id], [&](std::string_view line) {
      text += labelled.labels[id] + "\t" + std::string(line) + "\n";
    });
  for (const std::string& line : labelled.other_lines) text += line + "\n";
  return true;
}

}  // namespace unroll::data
