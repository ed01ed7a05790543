// The text that the lanes learn: a field to type or paste into, built-in texts, files, and what it counts.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "web/app.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/view.h"

namespace unroll {
namespace {

constexpr size_t longest_editable = 400'000;  // bytes; longer texts are shown in part and replaced as a whole

void draw_menu(App& app, float width) {
  const Session& session = app.session;
  std::string title = "Own text";
  for (const Example& example : app.examples)
    if (example.id == session.example) title = example.title;
  ImGui::SetNextItemWidth(width);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::xs, space::xs));
  const float room = ImGui::GetMainViewport()->Size.x - 32;
  ImGui::SetNextWindowSizeConstraints({std::min(360.0f, room), 0}, {room, FLT_MAX});
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const bool open = ImGui::BeginCombo("##examples", title.c_str(),
                                      ImGuiComboFlags_NoArrowButton | ImGuiComboFlags_HeightLargest);
  ImGui::PopStyleVar();
  if (!open) ui::add_stop("examples", {"Built-in texts, list", title});
  if (open) {
    const float row = touch_targets() ? 42.0f : 38.0f;
    std::string group;
    for (size_t i = 0; i < app.examples.size(); ++i) {
      const Example& example = app.examples[i];
      ImDrawList* draw = ImGui::GetWindowDrawList();
      if (example.group != group) {
        const ImVec2 head = ImGui::GetCursorScreenPos();
        draw_text(draw, Face::strong, {head.x + space::s, head.y + 4}, solid(palette().dim),
                  example.group.c_str());
        ImGui::Dummy({1, 20});
        group = example.group;
      }
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const WithFont small(Face::small);
      ImGui::PushID(static_cast<int>(i));
      if (ImGui::Selectable("##choice", example.id == session.example, 0, ImVec2(0, row - 4)))
        app.choose_example(i);
      ui::register_widget("example." + example.id, {example.title + ", " + example.good_for + ", choice",
                                                    example.id == session.example ? "chosen" : ""});
      ui::tip(example.good_for.c_str());
      ImGui::PopID();
      const std::string brief = example.good_for.substr(0, example.good_for.find_first_of(":."));
      const float top = at.y + (row - 38) / 2;
      draw_text(draw, Face::text, {at.x + space::s, top + 1}, solid(palette().text), example.title.c_str());
      draw_text(draw, Face::small, {at.x + space::s, top + 18}, solid(palette().dim), brief.c_str());
    }
    ImGui::EndCombo();
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 max(min.x + width, min.y + row_height());
  draw->AddRect(min, max, solid(palette().border), corner());
  draw_icon(draw, Icon::down, {max.x - 14, (min.y + max.y) / 2}, solid(palette().dim), 12);
  ui::register_widget("examples", min, max);
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
  std::string text = ui::count_text(static_cast<double>(counts.characters)) + " characters · " +
                     std::to_string(counts.symbols) + " different · ";
  text += counts.valid ? ui::count_text(static_cast<double>(counts.valid)) + " held out" : "none held out";
  ui::dim(text.c_str());
}

class DataView final : public View {
 public:
  DataView()
      : View({.help = {{"Text",
                        "What is learned. The last part is held out: the lanes never train on it, and are "
                        "tested on it."}}}) {}
  void draw(App&, ImVec2 size) override;
};

}  // namespace

void DataView::draw(App& app, ImVec2 size) {
  Session& session = app.session;
  ui::begin_card("data", "Text", size);
  const ui::ButtonSpec open{
      .icon = Icon::file, .look = ui::Look::quiet, .tip = "Open a text file. Dropping one works too"};
  if (platform::can_open_files()) {
    ui::next_tool(row_height());
    if (ui::button("open-file", open)) platform::open_file();
  }
  const float menu = std::min(ui::content_width() - 96, 200.0f);
  if (!app.examples.empty()) {
    ui::next_tool(menu);
    draw_menu(app, menu);
  }
  ui::end_tools();

  const float available = ImGui::GetMainViewport()->Size.y;
  const float height = app.mode == Mode::medium
                           ? std::max(available - (touch_targets() ? 330.0f : 270.0f), 96.0f)
                       : size.y > 0      ? size.y - 170
                       : touch_targets() ? std::round(available * 0.42f)
                                         : std::clamp(std::round(available * 0.20f), 96.0f, 320.0f);
  std::string& text = session.wanted.data.text;
  if (text.size() <= longest_editable) {
    const platform::TextField field{
        .id = "text",
        .label = "Text to learn",
        .placeholder = "Type or paste a text of at least a few hundred characters, or drop a file.",
        .width = ui::content_width(),
        .height = height,
        .monospace = true,
        .max_bytes = Limits::text_bytes};
    if (platform::text_field(field, text)) {
      session.example.clear();
      session.text_edited();
    }
    ui::register_widget("text", {"Text to learn, text field", "", true});
  } else {
    char note[160];
    std::snprintf(
        note, sizeof note, "%.1f MB of text: too long to edit here. All of it is learned.%s",
        static_cast<double>(text.size()) / 1e6,
        text.size() > longest_kept ? " Too long to be kept, too: open its file again after a reload." : "");
    ui::dim(note);
    if (ui::button("clear-text", {.label = "Clear and type another"})) {
      text.clear();
      session.example.clear();
      session.text_edited();
    }
  }
  draw_counts(session);

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
    session.text_edited();
  }
  ui::end_card();
}

std::unique_ptr<View> make_data_view() { return std::make_unique<DataView>(); }

}  // namespace unroll
