// Lines of one's own with two sides: sentences with a label of two, or pairs. As lines, or in two boxes: of sentences one for
// each label, of pairs one for each side, line beside line.
#include "engine/base/utf8.h"
#include "engine/tasks/labelled_lines.h"
#include "engine/tasks/lines.h"
#include "engine/tasks/pair_lines.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/data/data.h"

namespace unroll::data {
namespace {

constexpr std::string_view word_mark = "#word\t";

/// What was recognised, or what is wrong, into `labelled`; what was read, if it could be.
template <class Lines>
const Lines* tell(const Result<Lines>& lines, Labelled& labelled) {
  labelled.told = lines ? lines->told : "";
  labelled.error.reset();
  if (!lines) labelled.error = lines.error();
  return lines ? &*lines : nullptr;
}

void tell_pairs(std::string_view text, Labelled& labelled) {
  (void)tell(text.empty() ? Result<PairLines>(PairLines{}) : read_pair_lines(text), labelled);
}

/// Each side into its box, right or not, so that nothing is lost while one types.
void read_pairs(std::string_view text, Labelled& labelled) {
  labelled.labels[0] = "source";
  labelled.labels[1] = "target";
  for_each_line(text, [&](std::string_view line, size_t) {
    const size_t tab = std::min(line.find('\t'), line.size());
    labelled.boxes[0] += std::string(line.substr(0, tab)) + "\n";
    labelled.boxes[1] += std::string(line.substr(std::min(tab + 1, line.size()))) + "\n";
    return true;
  });
  tell_pairs(text, labelled);
}

void read_sentences(std::string_view text, Labelled& labelled) {
  if (labelled.labels[0] == "source") labelled.labels[0] = "bad", labelled.labels[1] = "good";
  if (text.empty()) return;
  const auto read = read_labelled_lines(text);
  const LabelledLines* lines = tell(read, labelled);
  if (!lines) return;
  for (size_t id = 0; id < 2; ++id)
    if (!lines->labels[id].empty()) labelled.labels[id] = lines->labels[id];
  for (const LabelledSentence& sentence : lines->sentences)
    labelled.boxes[static_cast<size_t>(sentence.label)] += sentence.text + "\n";
  for_each_line(text, [&](std::string_view line, size_t) {
    if (line.starts_with(word_mark)) labelled.other_lines.emplace_back(line);
    return true;
  });
}

/// The text that the boxes are.
std::string text_of_pairs(const Labelled& labelled) {
  std::vector<std::string> sides[2];
  for (const size_t side : {size_t{0}, size_t{1}})
    for_each_line(labelled.boxes[side], [&](std::string_view line, size_t) {
      sides[side].emplace_back(line);
      return true;
    });
  const size_t count = std::max(sides[0].size(), sides[1].size());
  for (auto& side : sides) side.resize(count);
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += (sides[0][i].empty() && sides[1][i].empty() ? "" : sides[0][i] + "\t" + sides[1][i]) + "\n";
  return text;
}

std::string text_of_sentences(const Labelled& labelled) {
  std::string text;
  for (size_t id = 0; id < 2; ++id)
    for_each_line(labelled.boxes[id], [&](std::string_view line, size_t) {
      if (!trimmed(line).empty()) text += labelled.labels[id] + "\t" + std::string(line) + "\n";
      return true;
    });
  for (const std::string& line : labelled.other_lines) text += line + "\n";
  return text;
}

}  // namespace

void read_labelled(const Session& session, const TaskKind& kind, Labelled& labelled) {
  if (labelled.of == session.data_hash() && labelled.pairs == kind.looks.pairs) return;
  labelled.of = session.data_hash();
  labelled.pairs = kind.looks.pairs;
  labelled.told.clear();
  labelled.error.reset();
  labelled.other_lines.clear();
  for (std::string& box : labelled.boxes) box.clear();
  labelled.pairs ? read_pairs(session.wanted.data.text, labelled)
                 : read_sentences(session.wanted.data.text, labelled);
}

bool labelled_boxes(Labelled& labelled, std::string& text, float height) {
  bool edited = false;
  for (const size_t place : {size_t{0}, size_t{1}}) {
    const size_t id = labelled.pairs ? place : 1 - place;  // the better label above
    const std::string label =
                          labelled.labels[id] + (labelled.pairs ? ", one a line" : ", a sentence to a line"),
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
  text = labelled.pairs ? text_of_pairs(labelled) : text_of_sentences(labelled);
  labelled.told.clear();
  labelled.error.reset();
  if (labelled.pairs) tell_pairs(text, labelled);
  return true;
}

}  // namespace unroll::data
