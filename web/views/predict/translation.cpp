#include "web/views/predict/translation.h"

#include <algorithm>
#include <cmath>

#include "web/session/json_read.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

constexpr const char *own_question = "own", *attention_question = "attention";
constexpr size_t longest = 400;  // bytes

/// Weights over the source, a row for each symbol that was asked for.
struct Attention {
  std::u32string source, rows;
  std::span<const float> weights;  // (rows, source)
};

/// From an `example` event; nothing without attention. `rows`: what was asked for, the end included.
std::optional<Attention> attention_of(const Answer& answer, const LaneView& lane, std::u32string rows) {
  const size_t turn = read::count(answer.header, "turn"), n = read::count(answer.header, "length");
  if (!lane.task.attention || turn == 0 || turn >= n || rows.size() != n - turn ||
      answer.values.size() < n + (n - turn) * turn)
    return std::nullopt;
  Attention attention{{}, std::move(rows), std::span(answer.values).last((n - turn) * turn)};
  for (const float id : std::span(answer.values).first(turn)) {
    const bool known = id >= 0 && static_cast<size_t>(id) < lane.inputs.size();
    attention.source += known ? lane.inputs[static_cast<size_t>(id)] : U'?';
  }
  return attention;
}

/// What was written from left to right, the source from top to bottom, in the order in which it was read.
void draw_attention(const Attention& attention, Rgb colour, const std::string& widget) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const size_t S = attention.source.size(), D = attention.rows.size();
  const bool words = std::ranges::any_of(attention.source, is_named),
             words_across = std::ranges::any_of(attention.rows, is_named);
  const float left = words ? 64.0f : 16.0f, head = words_across ? 0.0f : 16.0f;
  const float cell = std::clamp((ui::content_width() - left) / static_cast<float>(D), 3.0f, 16.0f);
  const ImVec2 at = ImGui::GetCursorScreenPos(), area = at + ImVec2(left, head);
  for (size_t s = 0; s < S && cell >= 9; ++s)
    draw_symbol(draw, {at.x, area.y + cell * static_cast<float>(s)}, {left - 3, cell}, attention.source[s],
                p.dim);
  for (size_t t = 0; t < D; ++t) {
    const float x = area.x + cell * static_cast<float>(t);
    if (cell >= 9 && !words_across) draw_symbol(draw, {x, at.y}, {cell, head}, attention.rows[t], p.dim);
    for (size_t s = 0; s < S; ++s) {
      const ImVec2 min(x, area.y + cell * static_cast<float>(s));
      const float weight = attention.weights[t * S + s];
      draw->AddRectFilled(min, min + ImVec2(cell - 0.5f, cell - 0.5f), solid(mix(p.inset, colour, weight)));
    }
  }
  const ImVec2 end = area + ImVec2(cell * static_cast<float>(D), cell * static_cast<float>(S));
  draw->AddRect(area, end, solid(p.border));
  ui::register_widget(widget, area, end);
  ImGui::Dummy({end.x - at.x, end.y - at.y});
}

/// The lane's name and a few words behind it.
void draw_head(const App& app, size_t index, const std::string& words, bool good) {
  const Palette& p = palette();
  const LaneView& lane = *app.session.lanes[index];
  const std::string name = app.session.lane_name(index);
  ImGui::Dummy({0, space::xs});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw_text(draw, Face::strong, at, solid(p.lane(lane.colour)), name.c_str());
  float after = text_size(Face::strong, name.c_str()).x + space::s;
  draw_text(draw, Face::small, at + ImVec2(after, 2), solid(good ? p.text : p.error), words.c_str());
  after += text_size(Face::small, words.c_str()).x + space::s;
  if (lane.probe.intervened) ui::intervened_mark(draw, at + ImVec2(after, 0), ui::content_width() - after);
  ImGui::Dummy({1, 20});
}

/// The source of the example that is shown, as one would type it: something that the task's settings allow. Empty: none was told.
std::string example_source(const App& app) {
  const ExampleView* example = app.example();
  if (!example || example->turn == 0) return "";
  std::u32string symbols = example->inputs.substr(0, example->turn);
  const auto fields = app.task().fields;
  const bool reversible = std::ranges::any_of(
      fields, [](const TaskField& field) { return field.name == std::string_view("reversed"); });
  if (reversible && number_of(app.session.wanted.data.task, "reversed") != 0) std::ranges::reverse(symbols);
  std::string text = symbol_texts(symbols);
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

/// What a lane wrote to the source as it stands in the field.
std::optional<std::u32string> own_written(const App& app, size_t index, const OwnSequence& own) {
  const Answer& answer = app.session.answer(index, own_question);
  if (answer.error || read::text(answer.header, "text") != own.text) return std::nullopt;
  return written_of(answer.header, *app.session.lanes[index]);
}

}  // namespace

void draw_translations(App& app, const ExampleView& example,
                       const std::vector<std::optional<Solution>>& all) {
  const Palette& p = palette();
  const auto any = std::ranges::find_if(all, [](const auto& one) { return one && one->written; });
  ui::label("source, in the order of reading", p.dim, Face::small);
  draw_symbol_cells(example.inputs.substr(0, example.turn), {}, ui::content_width(), p.dim);
  if (any == all.end()) return ui::dim("waiting for the lanes…");
  ui::label("right", p.dim, Face::small);
  draw_symbol_cells((*any)->target, {}, ui::content_width(), p.accent_text);
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i] || !all[i]->written) continue;
    const Solution& solution = *all[i];
    const std::vector<bool> wrong = errors_of(*solution.written, solution.target);
    draw_head(app, i, solution.translated() ? "✓ right" : "✗ wrong", solution.translated());
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ui::register_widget("answer.lane" + std::to_string(i), at, at + ImVec2(ui::content_width(), 20));
    if (solution.written->empty())
      ui::dim("It writes nothing.");
    else
      draw_symbol_cells(*solution.written, wrong, ui::content_width(), p.text);
    const std::string taught = "With the right symbols put in its mouth " + std::to_string(solution.hits) +
                               " of " + std::to_string(solution.columns.size()) + " right.";
    ui::dim(taught.c_str());
    LaneView& lane = *app.session.lanes[i];
    if (!lane.task.attention) continue;
    app.session.ask(i, attention_question, {{"type", "example"}, {"index", example.number}});
    const Answer& answer = app.session.answer(i, attention_question);
    if (read::integer(answer.header, "index", -1) != example.number) continue;
    if (const auto attention = attention_of(answer, lane, solution.right)) {
      ui::dim("Where it looks in the source, symbol by symbol of the right translation:");
      draw_attention(*attention, p.lane(lane.colour), "answer.attention" + std::to_string(i));
    }
  }
}

void draw_own_source(App& app, OwnSequence& own) {
  const Palette& p = palette();
  Session& session = app.session;
  const TaskLooks& looks = app.task().looks;
  if (own.task != app.task().name) {
    std::string first = example_source(app);
    if (first.empty()) return;  // which is told soon
    own = {.task = app.task().name, .text = std::move(first)};
  }
  const bool empty = !own_field(app, own, touch_targets() ? 44.0f : 30.0f, longest);
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const LaneView& lane = *session.lanes[i];
    if (empty || lane.task.name != own.task) continue;
    session.ask(i, own_question, {{"type", "example"}, {"text", own.text}});
    const Answer& answer = session.answer(i, own_question);
    const auto written = own_written(app, i, own);
    draw_head(app, i, written ? "writes" : answer.error ? "" : "…", true);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (written && !written->empty())
      draw_symbol_cells(*written, {}, ui::content_width(), p.text);
    else if (written)
      ui::dim("nothing");
    else if (answer.error)
      ui::dim(("It reads nothing of this, or it is longer than all that it ever read: give " +
               std::string(looks.own_sequence) + ".")
                  .c_str());
    if (written && lane.task.attention && !lane.vocabulary.empty())
      if (const auto attention = attention_of(answer, lane, *written + lane.vocabulary[0]))
        draw_attention(*attention, p.lane(lane.colour), "own.attention" + std::to_string(i));
    ui::register_widget("own.lane" + std::to_string(i), at,
                        {at.x + ui::content_width(), ImGui::GetCursorScreenPos().y});
  }
  ImGui::Dummy({0, space::s});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddLine(at, at + ImVec2(ui::content_width(), 0), solid(p.border));
  ImGui::Dummy({0, space::xs});
}

Json own_source_json(const App& app, const OwnSequence& own) {
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto written = own_written(app, i, own);
    lanes.push_back(written ? Json(symbol_texts(*written)) : Json(nullptr));
  }
  return {{"text", own.text}, {"lanes", std::move(lanes)}};
}

}  // namespace unroll
