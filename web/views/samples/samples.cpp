// What each lane writes while it learns (of another task than text: examples.h, series.h, writing.h), as a ticker: the newest text at the bottom, with the step it was written at.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "engine/text/text.h"
#include "web/app.h"
#include "web/export.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/samples/examples.h"
#include "web/views/samples/series.h"
#include "web/views/samples/writing.h"
#include "web/views/view.h"

namespace unroll {
namespace {

/// A lane's writing in a rectangle: as many of the last lines as fit.
void draw_writing(const LaneView& lane, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float row = line_height();
  const int rows = std::max(1, static_cast<int>(size.y / row));
  const size_t most =
      static_cast<size_t>(rows) * static_cast<size_t>(std::max(1.0f, size.x / mono_advance()));

  struct Row {
    std::u32string_view text;  // of its paragraph
    TextLine line;
    int64_t step;  // of a label; −1: text
    bool old;
  };
  std::vector<Row> all;  // from the last one up
  for (size_t i = lane.written.size(); i-- > 0 && static_cast<int>(all.size()) < rows;) {
    const Paragraph& paragraph = lane.written[i];
    std::u32string_view text = paragraph.text;
    if (text.size() > most) text = text.substr(text.size() - most);
    std::vector<TextLine> lines = lay_out(text, size.x - 1);
    for (size_t l = lines.size(); l-- > 0;) {
      if (lines[l].pieces.empty() && l + 1 == lines.size() && i + 1 != lane.written.size()) continue;
      all.push_back({text, std::move(lines[l]), -1, i + 1 < lane.written.size()});
    }
    all.push_back({{}, {}, paragraph.step, false});
  }
  if (static_cast<int>(all.size()) > rows) all.resize(static_cast<size_t>(rows));
  float y = min.y;
  for (auto line = all.rbegin(); line != all.rend(); ++line, y += row) {
    if (line->step >= 0) {
      const std::string label = "step " + std::to_string(line->step);
      draw_text(draw, Face::small, {min.x, y + 3}, solid(p.dim), label.c_str());
      const float after = min.x + text_size(Face::small, label.c_str()).x + space::s;
      draw->AddLine({after, y + 11}, {min.x + size.x, y + 11}, solid(p.border));
    } else {
      draw_line(draw, {min.x, y}, size.x - 1, line->text, line->line, line->old ? p.dim : p.text);
    }
  }
}

/// Everything that is kept of what the lanes wrote.
std::string samples_text(const Session& session) {
  const std::vector<std::string> labels = session.lane_names();
  std::string text;
  for (size_t i = 0; i < session.lanes.size(); ++i)
    for (const Paragraph& paragraph : session.lanes[i]->written)
      text += "--- " + labels[i] + ", step " + std::to_string(paragraph.step) + "\n" +
              encode_utf8(paragraph.text) + "\n";
  return text;
}

/// Which characters are drawn from, beside the temperature.
void sampling_menu(ViewSpec& view) {
  const bool all = view.top_k == 0 && view.top_p >= 1;
  std::string label;
  if (view.top_k > 0) label = "top " + std::to_string(view.top_k);
  if (view.top_p < 1) label += (label.empty() ? "p " : ", p ") + ui::number_text(view.top_p);
  if (!ui::begin_menu("samples.sampling",
                      {.label = all ? "" : label.c_str(),
                       .icon = Icon::sliders,
                       .look = ui::Look::quiet,
                       .tip = "Top-k and top-p: draw from the likeliest characters only"}))
    return;
  ImGui::Dummy({300, 0});
  constexpr double counts[] = {0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 100};
  constexpr double shares[] = {0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1};
  const Field& k = field("view", "top_k");
  const Field& p = field("view", "top_p");
  double count = view.top_k;
  if (ui::number_row(
          "top_k", "Top-k", k.help, count,
          {.minimum = k.minimum, .maximum = k.maximum, .ladder = counts, .integer = true, .zero = "all"}))
    view.top_k = static_cast<int>(count);
  ui::number_row("top_p", "Top-p", p.help, view.top_p,
                 {.minimum = p.minimum, .maximum = p.maximum, .ladder = shares, .integer = false});
  ui::dim("1 in Top-p and all in Top-k: every character may be drawn.");
  ImGui::EndPopup();
}
class SamplesView final : public View {
 public:
  SamplesView()
      : View({.help =
                  {{"Samples",
                    "What each lane writes at this moment. Temperature: lower is safer, higher is bolder."}},
              .wide = 0.28f,
              .medium = 0.42f}) {}
  void draw(App&, ImVec2 size) override;
  float wants(const App& app, float width) const override {
    const auto lanes = static_cast<float>(app.session.lanes.size());
    const bool columns = width >= 460 || !app.session.reads_text();
    return columns ? View::wants(app, width) : std::max(280.0f, 60 + 150 * lanes);
  }
  void shown(App& app, bool on_screen) override { app.session.set_writing(on_screen); }
  void publish(const App& app, Json& state) const override {
    if (app.task().looks.forecasts)
      state["series"] = series_json(app, series_);
    else if (app.task().looks.writes)
      state["handwriting"] = handwriting_json(app, pen_);
    else if (!app.session.reads_text())
      state["examples"] = examples_json(app);
  }
  float share(const App& app, bool wide) const override {
    const float all = View::share(app, wide);
    return app.task().looks.forecasts || app.task().looks.writes ? 1.6f * all : all;
  }

 private:
  SeriesWindow series_;
  PenWindow pen_;
};

}  // namespace

void SamplesView::draw(App& app, ImVec2 size) {
  if (app.task().looks.forecasts) return draw_series(app, series_, size);
  if (app.task().looks.writes) return draw_handwriting(app, pen_, size);
  if (!app.session.reads_text()) return draw_examples(app, size);
  const Palette& p = palette();
  Session& session = app.session;
  ui::begin_card("samples", "Samples", size);
  export_button(app, "samples", [&app] { return samples_text(app.session); }, Written::text);
  constexpr double temperatures[] = {0,   0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8,
                                     0.9, 1,   1.1, 1.2, 1.5, 2,   3,   5};
  const float stepper = touch_targets() ? 148.0f : 108.0f;
  const float title = text_size(Face::strong, "Samples").x + space::m;
  const bool fits =
      ui::content_width() >= title + stepper + 2 * (row_height() + space::xs);  // beside the title
  const char* help = field("view", "temperature").help;
  double& temperature = session.wanted.view.temperature;
  const ui::NumberSpec spec{.minimum = 0, .maximum = 5, .ladder = temperatures, .integer = false};
  if (fits) {
    ui::next_tool(stepper);
    ui::number_field("temperature", "Temperature", temperature, spec, stepper);
    ui::tip(help);
  }
  sampling_menu(session.wanted.view);
  const float label = text_size(Face::small, "temperature").x;
  if (size.x > 240 + stepper + label - 60) {
    ui::next_tool(label);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (row_height() - 15) / 2);
    ui::label("temperature", p.dim, Face::small);
  }
  ui::end_tools();
  if (!fits) ui::number_row("temperature", "Temperature", help, temperature, spec);

  const auto count = static_cast<float>(session.lanes.size());
  const float width = ui::content_width();
  const bool columns = width >= 420 && count > 1;
  const float total = size.y > 0 ? ImGui::GetContentRegionAvail().y : columns ? 220.0f : 168.0f * count;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float gap = space::l;
  const ImVec2 cell = columns ? ImVec2((width - gap * (count - 1)) / count, total)
                              : ImVec2(width, (total - space::m * (count - 1)) / count);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const LaneView& lane = *session.lanes[i];
    const auto at = static_cast<float>(i);
    const ImVec2 min =
        start + (columns ? ImVec2(at * (cell.x + gap), 0) : ImVec2(0, at * (cell.y + space::m)));
    const Rgb colour = p.lane(lane.colour);
    draw->AddRectFilled(min, min + ImVec2(3, cell.y - 2), solid(colour), 1.5f);
    std::string name;
    {
      const WithFont strong(Face::strong);
      name = ui::shortened(session.lane_name(i), cell.x - 14);
    }
    draw_text(draw, Face::strong, min + ImVec2(12, 0), solid(colour), name.c_str());
    if (!lane.interventions.empty()) {
      const float after = 20 + text_size(Face::strong, name.c_str()).x;
      ui::intervened_mark(draw, min + ImVec2(after, 0), cell.x - after);
    }
    const ImVec2 text = min + ImVec2(12, 24), text_size(cell.x - 12, cell.y - 26);
    ui::register_widget("samples.lane" + std::to_string(i), text, text + text_size);
    if (lane.written.empty()) {
      const char* note = lane.running ? "about to write…" : "It writes while it learns.";
      draw_text(draw, Face::small, text + ImVec2(0, 3), solid(p.dim), note);
      continue;
    }
    draw->PushClipRect(text, text + text_size, true);
    draw_writing(lane, text, text_size);
    draw->PopClipRect();
  }
  ImGui::Dummy({width, total - 1});
  ui::end_card();
}

std::unique_ptr<View> make_samples_view() { return std::make_unique<SamplesView>(); }

}  // namespace unroll
