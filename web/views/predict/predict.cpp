// What comes next (of another task than text: answer.h, standing.h): the learner types a beginning, each lane says how probable each next character is, and a click on
// one appends it. "Continue" lets every lane write on.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "engine/generators/generator.h"
#include "engine/text/text.h"
#include "web/app.h"
#include "web/export.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/predict/answer.h"
#include "web/views/predict/standing.h"
#include "web/views/predict/verdicts.h"
#include "web/views/view.h"

namespace unroll {
namespace {

/// "U+4E2D and 2 others are not in the text"
std::string unknown_note(const std::u32string& unknown) {
  std::string list;
  for (size_t i = 0; i < std::min<size_t>(unknown.size(), 6); ++i)
    list += (i ? " " : "") + symbol_name(unknown[i]);
  if (unknown.size() > 6) list += " …";
  return "Not in the text, so unknown to the lanes and skipped: " + list;
}

/// A beginning to predict on from: the text's own.
std::string beginning_of(const DataSpec& data) {
  if (const Generator* generator = generator_of(data)) return generator->beginning;
  std::u32string start = to_symbols(std::string_view(data.text).substr(0, 64));
  if (start.size() > 12) start.resize(12);
  if (const size_t end = start.rfind(U' '); end != std::u32string::npos && end > 3) start.resize(end + 1);
  return encode_utf8(start);
}

/// The most probable characters of one lane as bars. Returns the chosen character, or 0.
char32_t draw_bars(const LaneView& lane, const std::string& id, ImVec2 min, float width, int rows) {
  const Palette& p = palette();
  const Rgb colour = p.lane(lane.colour);
  const std::vector<float>& all = lane.prediction.probabilities;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float row = touch_targets() ? 36.0f : 22.0f;
  if (all.empty() || all.size() != lane.vocabulary.size()) {
    ImGui::SetCursorScreenPos(min);
    ImGui::Dummy({width, row * static_cast<float>(rows)});
    draw_text(draw, Face::small, min + ImVec2(0, 4), solid(p.dim), "waiting for the lane…");
    return 0;
  }
  std::vector<size_t> order(all.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t shown = std::min(order.size(), static_cast<size_t>(rows));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](size_t a, size_t b) { return all[a] > all[b] || (all[a] == all[b] && a < b); });
  char32_t chosen = 0;
  const float symbol_width = 22, number_width = width >= 120 ? 46.0f : 40.0f;
  for (size_t i = 0; i < shown; ++i) {
    const char32_t symbol = lane.vocabulary[order[i]];
    const float probability = all[order[i]];
    const ImVec2 at(min.x, min.y + row * static_cast<float>(i)), size(width, row);
    ImGui::SetCursorScreenPos(at);
    const std::string name = id + std::to_string(i);
    if (ImGui::InvisibleButton(name.c_str(), size) && !ui::drag_scrolling()) chosen = symbol;
    char percent[16];
    std::snprintf(percent, sizeof percent, probability >= 0.0995f ? "%.0f%%" : "%.1f%%",
                  static_cast<double>(probability) * 100);
    ui::register_widget(name, {symbol_name(symbol) + ", " + percent + ", append, button"});
    if (!touch_targets() && ImGui::IsItemHovered(ImGuiHoveredFlags_DelayNormal))
      ui::tip_text(("Append " + symbol_name(symbol)).c_str());
    if (ImGui::IsItemHovered())
      draw->AddRectFilled(at - ImVec2(2, 0), at + size + ImVec2(2, 0), faded(p.text, 0.06f), 4);
    draw_symbol(draw, at, {symbol_width, row}, symbol, p.text);
    const ImVec2 bar(at.x + symbol_width + 2, at.y + row / 2 - 6);
    const float most = width - symbol_width - 2 - number_width;
    draw->AddRectFilled(bar, bar + ImVec2(most, 12), solid(p.inset), 3);
    draw->AddRectFilled(bar, bar + ImVec2(std::max(2.0f, most * probability), 12), solid(colour), 3);
    const float percent_width = text_size(Face::mono, percent).x;
    draw_text(draw, Face::mono, {at.x + width - percent_width, at.y + (row - 14) / 2}, solid(p.text),
              percent);
    ImGui::RenderNavHighlight(ImRect(at, at + size), ImGui::GetItemID());
  }
  return chosen;
}

/// What a lane wrote after the prefix. Returns true when the learner takes it over.
bool draw_continuation(const LaneView& lane, const std::string& id) {
  const Palette& p = palette();
  const Rgb colour = p.lane(lane.colour);
  const std::u32string prefix = to_symbols(lane.continuation.prefix),
                       text = to_symbols(lane.continuation.text);
  std::u32string all = prefix.substr(prefix.size() - std::min<size_t>(prefix.size(), 24));
  const size_t known = all.size();
  all += text;
  const float width = ui::content_width();
  const float room = width - 14;
  const auto lines = lay_out(all, room);
  const ImVec2 min = ImGui::GetCursorScreenPos(),
               size(width, line_height() * static_cast<float>(lines.size()));
  const bool taken = ImGui::InvisibleButton(id.c_str(), size) && !ui::drag_scrolling();
  ui::register_widget(id, {"It wrote: " + lane.continuation.text + ", take it over, button"});
  ui::tip("Take this text over as the beginning");
  ImDrawList* draw = ImGui::GetWindowDrawList();
  if (ImGui::IsItemHovered()) draw->AddRectFilled(min, min + size, faded(p.text, 0.06f), 4);
  draw->AddRectFilled(min, min + ImVec2(3, size.y), solid(colour), 1.5f);
  float y = min.y;
  for (const TextLine& line : lines) {
    const ImVec2 at(min.x + 12 + line.indent(room), y);
    for (const Piece& piece : line.pieces)
      draw_piece(draw, at, all, piece, piece.begin < known ? p.dim : p.text);
    y += line_height();
  }
  ImGui::RenderNavHighlight(ImRect(min, min + size), ImGui::GetItemID());
  return taken;
}

std::string predict_csv(const Session& session) {
  Csv csv;
  csv.add("character");
  for (const std::string& lane : session.lane_names()) csv.add(lane + " probability");
  csv.end_row();
  std::u32string symbols;
  for (const auto& lane : session.lanes)
    if (symbols.empty()) symbols = lane->vocabulary;
  for (char32_t symbol : symbols) {
    csv.add(encode_utf8(symbol));
    for (const auto& lane : session.lanes) {
      const size_t at = lane->vocabulary.find(symbol);
      const auto& all = lane->prediction.probabilities;
      csv.add(at < all.size() ? all[at] : NAN);
    }
    csv.end_row();
  }
  return csv.text();
}

class PredictView final : public View {
 public:
  PredictView()
      : View({.help =
                  {{"What comes next",
                    "Type a beginning; the bars are each lane's probabilities of the next character. A click "
                    "appends it. Continue lets each lane write on."}},
              .wide = 0.30f}) {}
  void draw(App&, ImVec2 size) override;
  void publish(const App& app, Json& state) const override {
    if (app.task().looks.forecasts)
      state["standing"] = standing_json(app, measure_);
    else if (!app.session.reads_text()) {
      state["answer"] = answer_json(app, own_);
      state["held_out"] = held_out_json(app);
    }
  }

 private:
  OwnSequence own_;
  int measure_ = 0;  // of standing.h
  int continue_length_ = 40;
  std::string suggested_;  // the text's own beginning, as view.prefix got it: it goes when the text goes
  bool emptied_ = false;   // the learner wants none
};

}  // namespace

void PredictView::draw(App& app, ImVec2 size) {
  if (app.task().looks.forecasts) return draw_standing(app, measure_, size);
  if (!app.session.reads_text()) return draw_answer(app, own_, size);
  const Palette& p = palette();
  Session& session = app.session;
  std::string& prefix = session.wanted.view.prefix;
  ui::begin_card("predict", "What comes next", size, true);
  export_button(app, "predict", [&app] { return predict_csv(app.session); });
  ui::end_tools();
  if (!session.data_changed() && !platform::field_focused()) {
    const std::string own = beginning_of(session.wanted.data);
    if (prefix.empty() ? !emptied_ : prefix == suggested_) prefix = own;
    suggested_ = own;
  }
  const platform::TextField field{.id = "prefix",
                                  .label = "Beginning of a text",
                                  .placeholder = "Type a beginning",
                                  .width = ui::content_width(),
                                  .height = touch_targets() ? 64.0f : 48.0f,
                                  .monospace = true,
                                  .max_bytes = 2000};
  if (platform::text_field(field, prefix)) emptied_ = prefix.empty();
  ui::register_widget("prefix", {"Beginning of a text, text field", "", true});
  session.ask_predictions(prefix);
  need_symbols(to_symbols(prefix));

  std::u32string unknown;
  for (const auto& lane : session.lanes)
    if (!lane->prediction.unknown.empty()) unknown = lane->prediction.unknown;
  if (!unknown.empty()) {
    ImGui::PushTextWrapPos(0);
    ui::label(unknown_note(unknown).c_str(), p.warning, Face::small);
    ImGui::PopTextWrapPos();
  }

  // Lanes side by side, as many columns as fit.
  const float width = ui::content_width(), gap = space::m;
  const int lanes = static_cast<int>(session.lanes.size());
  const int columns = std::clamp(static_cast<int>((width + gap) / (104 + gap)), 1, lanes);
  const float cell = (width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns);
  const float row = touch_targets() ? 36.0f : 22.0f;
  const int bands = (lanes + columns - 1) / columns;
  const float room = (ImGui::GetContentRegionAvail().y - row_height() - 12) / static_cast<float>(bands) - 36;
  const int rows = size.y > 0 ? std::clamp(static_cast<int>(room / row), 3, 30) : 8;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float band = 26 + row * static_cast<float>(rows) + space::s;
  for (int i = 0; i < lanes; ++i) {
    const LaneView& lane = *session.lanes[static_cast<size_t>(i)];
    const ImVec2 at = start + ImVec2(static_cast<float>(i % columns) * (cell + gap),
                                     static_cast<float>(i / columns) * band);
    const Rgb colour = p.lane(lane.colour);
    std::string lane_title;
    {
      const WithFont strong(Face::strong);
      lane_title = ui::shortened(session.lane_name(static_cast<size_t>(i)), cell);
    }
    draw_text(ImGui::GetWindowDrawList(), Face::strong, at, solid(colour), lane_title.c_str());
    if (lane.prediction.intervened) {
      const float after = text_size(Face::strong, lane_title.c_str()).x + space::xs;
      ui::intervened_mark(ImGui::GetWindowDrawList(), at + ImVec2(after, 0), cell - after);
    }
    const std::string id = "predict.lane" + std::to_string(i) + ".";
    const ui::SpokenGroup group(lane_title);
    if (const char32_t chosen = draw_bars(lane, id, at + ImVec2(0, 24), cell, rows))
      prefix += encode_utf8(chosen);
  }
  ImGui::SetCursorScreenPos(start + ImVec2(0, band * static_cast<float>(bands)));

  const float stepper = touch_targets() ? 148.0f : 108.0f;
  if (ui::button("continue", {.label = "Continue",
                              .icon = Icon::forward,
                              .width = std::min(width - stepper - space::s, 240.0f),
                              .tip = "Every lane writes on from here, drawn as the samples are"}))
    session.ask_continuations(prefix, continue_length_);
  ImGui::SameLine();
  constexpr double lengths[] = {20, 40, 60, 80, 100};
  double length = continue_length_;
  if (ui::number_field("continue.length", "Characters to write", length,
                       {.minimum = 1, .maximum = 1000, .ladder = lengths, .integer = true}, stepper))
    continue_length_ = static_cast<int>(length);
  ui::tip("Characters to write");
  for (size_t i = 0; i < session.lanes.size(); ++i)
    if (!session.lanes[i]->continuation.text.empty() &&
        draw_continuation(*session.lanes[i], "predict.lane" + std::to_string(i) + ".continuation"))
      prefix = session.lanes[i]->continuation.prefix + session.lanes[i]->continuation.text;
  ui::scroll_by_drag();
  ui::end_card();
}

std::unique_ptr<View> make_predict_view() { return std::make_unique<PredictView>(); }

}  // namespace unroll
