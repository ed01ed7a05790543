// What the lanes learn: the task first, then its own settings, and the data that it learns from: for a text, or a task
// that takes data of one's own, a field to type or paste into, built-in texts, files, and what it counts.
#include "web/views/data/data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "web/toolkit/focus.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/view.h"

namespace unroll {
namespace {

constexpr size_t longest_editable = 400'000;  // bytes; longer texts are shown in part and replaced as a whole

void tasks_list(App& app, float width) {
  std::vector<data::Choice> choices;
  const std::span<const TaskKind* const> kinds = task_kinds();
  int chosen = 0;
  std::string title;
  for (const TaskKind* kind : kinds) {
    if (kind->name == app.session.wanted.data.task.name) {
      chosen = static_cast<int>(choices.size());
      title = kind->title;
    }
    choices.push_back({std::string("tasks.") + kind->name, kind->family, kind->title, kind->about});
  }
  const int clicked = data::choice_list("tasks", "Task, list", title, choices, chosen, width);
  if (clicked >= 0 && clicked != chosen) app.choose_task(*kinds[static_cast<size_t>(clicked)]);
}

void examples_list(App& app, float width) {
  std::vector<data::Choice> choices;
  int chosen = -1;
  std::string title = "Own text";
  for (const BuiltIn& example : app.examples) {
    if (example.id == app.session.built_in()) {
      chosen = static_cast<int>(choices.size());
      title = example.title;
    }
    choices.push_back({"example." + example.id, example.group, example.title, example.good_for});
  }
  const int clicked = data::choice_list("examples", "Built-in texts, list", title, choices, chosen, width);
  if (clicked >= 0) app.choose_example(app.examples[static_cast<size_t>(clicked)]);
}

void draw_counts(const Session& session) {
  const Palette& p = palette();
  const TextCounts& counts = session.text_counts();
  if (counts.error) {
    ImGui::PushTextWrapPos(0);
    ui::label(counts.error->text().c_str(), p.error, Face::small);
    ImGui::PopTextWrapPos();
    return;
  }
  std::string text = counts.endless
                         ? "Without end · "
                         : ui::count_text(static_cast<double>(counts.characters)) + " characters · ";
  text += std::to_string(counts.symbols) + (counts.endless ? " different characters · " : " different · ");
  text += counts.valid ? ui::count_text(static_cast<double>(counts.valid)) + " held out" : "none held out";
  ui::dim(text.c_str());
}

/// Why the lanes could not begin with a task's data.
void draw_refusal(const Session& session) {
  for (const auto& lane : session.lanes)
    if (lane->refused) {
      ImGui::PushTextWrapPos(0);
      ui::label(lane->refused->text().c_str(), palette().error, Face::small);
      ImGui::PopTextWrapPos();
      return;
    }
}

/// In place of that: a sample of a text without end. What is typed or pasted into it makes it a text of one's own.
void endless_field(App& app, std::string& sample, float height) {
  Session& session = app.session;
  ui::dim(
      "A sample: the text is made while the lanes read it, and none of it comes again. Type or paste here to "
      "learn a text of your own.");
  const platform::TextField field{.id = "text",
                                  .label = "Sample of the text to learn",
                                  .placeholder = "",
                                  .width = ui::content_width(),
                                  .height = height,
                                  .monospace = true,
                                  .max_bytes = Limits::text_bytes};
  if (platform::text_field(field, sample)) {
    session.wanted.data.text = std::exchange(sample, {});
    session.text_edited();
  }
  ui::register_widget("text", {"Sample of an endless text, text field", "", true});
}

/// The field of the text that is learned.
void text_field(App& app, const char* placeholder, float height) {
  Session& session = app.session;
  std::string& text = session.wanted.data.text;
  if (text.size() <= longest_editable) {
    const platform::TextField field{.id = "text",
                                    .label = "Text to learn",
                                    .placeholder = placeholder,
                                    .width = ui::content_width(),
                                    .height = height,
                                    .monospace = true,
                                    .max_bytes = Limits::text_bytes};
    if (platform::text_field(field, text)) session.text_edited();
    return ui::register_widget("text", {"Text to learn, text field", "", true});
  }
  char note[200];
  std::snprintf(
      note, sizeof note, "%.1f MB of text: too long to edit here. All of it is learned.%s",
      static_cast<double>(text.size()) / 1e6,
      text.size() > longest_kept
          ? " Too long for the page's address: unless it is saved, open its file again after a reload."
          : "");
  ui::dim(note);
  if (ui::button("clear-text", {.label = "Clear and type another"})) {
    text.clear();
    session.text_edited();
  }
}

void share_row(Session& session) {
  constexpr double shares[] = {0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5};
  double percent = std::round(session.wanted.data.valid * 1000) / 10;
  std::array<double, std::size(shares)> ladder{};
  std::transform(std::begin(shares), std::end(shares), ladder.begin(), [](double s) { return s * 100; });
  const Field& field = unroll::field("data", "valid");
  if (ui::number_row("valid", "Held out", field.help, percent,
                     {.minimum = 0,
                      .maximum = std::floor(field.maximum * 100),
                      .ladder = ladder,
                      .integer = false,
                      .zero = "none",
                      .unit = "%"})) {
    session.wanted.data.valid = percent / 100;
    session.data_edited();
  }
}

class DataView final : public View {
 public:
  DataView()
      : View({.help = {
                  {"Data",
                   "The task: what the lanes learn, and its own settings. Of a text the last part is held "
                   "out: the lanes never train on it, and are tested on it. Of a puzzle new sequences are "
                   "drawn as long as they train, and others for the test."},
                  {"Texts without end",
                   "Made while the lanes read them, so that nothing is learned by heart. The field shows a "
                   "sample; what is typed or pasted there is a text of your own."},
                  {"Lines of your own",
                   "Sentences with a label, or pairs of a source and a target, are pasted or dropped with a "
                   "tab between, "
                   "or typed into two boxes."}}}) {}
  void draw(App&, ImVec2 size) override;
  float stretched() const override { return stretched_; }
  void publish(const App& app, Json& state) const override {
    if (app.task().looks.table) state["table"] = data::table_json(table_);
    if (app.task().looks.labelled || app.task().looks.pairs)
      state["labelled"] = {{"told", labelled_.told},
                           {"labels", {labelled_.labels[0], labelled_.labels[1]}},
                           {"error", labelled_.error ? Json(labelled_.error->text()) : Json(nullptr)}};
  }

 private:
  float field_height(const App&, ImVec2 size);

  void built_in_data(App&, const BuiltIn&);
  void labelled_data(App&, const char* placeholder, float height);

  const Generator* sampled_ = nullptr;  ///< what sample_ is of
  std::string sample_;
  bool notice_ = false;
  float stretched_ = 0;               ///< of the field's height
  bool more_ = false, read_ = false;  // rare settings are shown, and those of how data is read
  data::TableRead table_;
  data::Labelled labelled_;
};

float DataView::field_height(const App& app, ImVec2 size) {
  constexpr float least = 96;
  const float available = ImGui::GetMainViewport()->Size.y;
  float height = std::clamp(std::round(available * 0.18f), least, 320.0f);
  if (app.mode == Mode::medium)
    height = available - (touch_targets() ? 380.0f : 304.0f);
  else if (size.y > 0)
    height = size.y - 204;
  else if (
      touch_targets())  // on a small phone a finger must find room below it: the field takes what touches it
    height = std::round(available * 0.45f) - 110;
  height = std::max(height, least);
  stretched_ = height - least;
  return height;
}

/// Data that came with the program: chosen or not, and who made it.
void DataView::built_in_data(App& app, const BuiltIn& data) {
  const bool chosen = app.session.example == data.id;
  std::vector<data::Choice> choices = {{"data." + data.id, "Built in", data.title, data.good_for}};
  const int clicked = data::choice_list("data", "Built-in data, list", chosen ? data.title : "Own data",
                                        choices, chosen ? 0 : -1, ui::content_width());
  if (clicked == 0 && !chosen) app.choose_example(data);
  if (!chosen) return;
  ui::dim(data.source.c_str());
  if (data.notice.empty() || !ui::fold("notice", "Notice", notice_)) return;
  const std::string name = "examples/" + data.notice;
  const std::vector<uint8_t> bytes = platform::asset(name.c_str());
  ui::dim(bytes.empty() ? "…" : std::string(bytes.begin(), bytes.end()).c_str());
}

/// Lines with labels, or pairs, or two boxes; what was recognised below them.
void DataView::labelled_data(App& app, const char* placeholder, float height) {
  Session& session = app.session;
  data::read_labelled(session, app.task(), labelled_);
  const bool short_enough = session.wanted.data.text.size() <= longest_editable;
  constexpr const char* ways[] = {"Lines", "Two boxes"};
  int way = labelled_.as_boxes ? 1 : 0;
  if (short_enough && ui::segmented("labelled", ways, way, ui::content_width(),
                                    labelled_.pairs ? "How pairs are given" : "How sentences are given"))
    labelled_.as_boxes = way == 1;
  if (!labelled_.as_boxes || !short_enough) {
    text_field(app, placeholder, height);
  } else {
    constexpr float least = 64;
    const float box = std::max(height / 2 - 12, least);
    stretched_ = 2 * (box - least);
    if (data::labelled_boxes(labelled_, session.wanted.data.text, box)) {
      session.text_edited();
      data::boxes_taken(session, labelled_);
    }
  }
  if (labelled_.error)
    write(Face::small, palette().error, labelled_.error->text().c_str(), ui::content_width());
  else if (!labelled_.told.empty())
    ui::dim(labelled_.told.c_str());
}

}  // namespace

void DataView::draw(App& app, ImVec2 size) {
  Session& session = app.session;
  stretched_ = 0;
  ui::begin_card("data", "Data", size);
  const TaskKind& kind = app.task();
  const bool is_text = app.session.is_text();
  const ui::ButtonSpec open{
      .icon = Icon::file, .look = ui::Look::quiet, .tip = "Open a text file. Dropping one works too"};
  if (kind.looks.own_data && platform::can_open_files()) {
    ui::next_tool(row_height());
    if (ui::button("open-file", open)) platform::open_file();
  }
  const float menu = std::min(ui::content_width() - 96, 220.0f);
  if (task_kinds().size() > 1) {
    ui::next_tool(menu);
    tasks_list(app, menu);
  }
  ui::end_tools();

  if (!is_text || task_kinds().size() > 1) ui::dim(kind.about);
  if (*kind.source) ui::dim((std::string("After ") + kind.source).c_str());
  TaskSpec& task = session.wanted.data.task;
  if (data::task_rows(kind, task, data::Rows::general, more_)) session.data_edited();
  if (kind.looks.own_data && has_effect(task, kind.looks.own_data_use)) {
    if (is_text && !app.examples.empty()) examples_list(app, ui::content_width());
    const Generator* generator = session.generator();
    if (std::exchange(sampled_, generator) != generator) sample_ = generator ? unroll::shown(*generator) : "";
    const char* placeholder =
        is_text ? "Type or paste a text of at least a few hundred characters, or drop a file."
                : kind.looks.own_data;
    if (const BuiltIn* data = app.built_in_data(kind)) built_in_data(app, *data);
    if (generator)
      endless_field(app, sample_, field_height(app, size));
    else if (kind.looks.drawn)
      data::own_taught(
          session, "drawing",
          "Signs of your own: draw one under Answer, name it and teach it, five times each; they are "
          "learned beside the rest.");
    else if (kind.looks.heard)
      data::own_taught(
          session, "recording",
          "Words of your own: name one under Answer and say it, five times each, or drop WAV files here.");
    else if (kind.looks.labelled || kind.looks.pairs)
      labelled_data(app, placeholder, field_height(app, size));
    else
      text_field(app, placeholder, field_height(app, size));
    if (is_text) draw_counts(session);
    if (kind.looks.table && !session.wanted.data.text.empty()) data::table_preview(session, table_);
    if (data::task_rows(kind, task, data::Rows::of_own_data, read_)) session.data_edited();
    if (!generator && !kind.looks.drawn) share_row(session);
  }
  const bool told = (kind.looks.labelled || kind.looks.pairs) && labelled_.error;
  if (!is_text && !told) draw_refusal(session);
  ui::end_card();
}

std::unique_ptr<View> make_data_view() { return std::make_unique<DataView>(); }

}  // namespace unroll
