#include "web/views/predict/drawing.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "web/session/json_read.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/strokes.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/predict/spelling.h"

namespace unroll {
namespace {

constexpr const char* question = "running";
constexpr size_t told_letters = 3;
constexpr float band_height = 16;

size_t likeliest(std::span<const float> probabilities) {
  return static_cast<size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

/// Of each point, the stronger the surer the lane was there.
std::vector<Rgb> colours_of(const Verdict& verdict) {
  std::vector<Rgb> colours;
  for (size_t n = 0; n < verdict.count(); ++n) {
    const auto probabilities = verdict.after(n);
    colours.push_back(palette().ramp.at(0.2f + 0.8f * probabilities[likeliest(probabilities)]));
  }
  return colours;
}

/// A band along the columns of what is heard: what the lane took it for, where that begins, the stronger the surer it was there.
void draw_certainty(const Verdict& verdict, const LaneView& lane, ImVec2 at, float width) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const std::vector<Rgb> colours = colours_of(verdict);
  const float each = width / static_cast<float>(verdict.count());
  const auto x_of = [&](size_t n) { return at.x + each * static_cast<float>(n); };
  for (size_t n = 0; n < verdict.count(); ++n)
    draw->AddRectFilled({x_of(n), at.y}, {x_of(n + 1), at.y + band_height}, solid(colours[n]));
  for (size_t n = 0, end = 0; n < verdict.count(); n = end) {
    const size_t id = likeliest(verdict.after(n));
    for (end = n + 1; end < verdict.count() && likeliest(verdict.after(end)) == id;) ++end;
    const std::string word = symbol_text(lane.vocabulary[id]);
    if (text_size(Face::small, word.c_str()).x + 4 > x_of(end) - x_of(n)) continue;
    if (n > 0) draw->AddLine({x_of(n), at.y}, {x_of(n), at.y + band_height}, solid(palette().card), 1);
    draw_text(draw, Face::small, {x_of(n) + 3, at.y + 1}, solid(ink_on(colours[(n + end) / 2])),
              word.c_str());
  }
}

}  // namespace

std::optional<Verdict> verdict_of(const Answer& answer, const LaneView& lane) {
  const size_t n = read::count(answer.header, "length"), classes = lane.vocabulary.size();
  const auto numbers = static_cast<size_t>(lane.task.inputs);
  if (answer.error || n == 0 || classes == 0 || !lane.task.reals ||
      answer.values.size() != n * (numbers + 2 + classes))
    return std::nullopt;
  return Verdict{std::span(answer.values).first(numbers * n), std::span(answer.values).last(n * classes),
                 classes};
}

std::string told(const Verdict& verdict, const LaneView& lane) {
  if (lane.task.strings()) return spelled_text(verdict, lane);
  const auto last = verdict.after(verdict.count() - 1);
  const size_t id = likeliest(last);
  return symbol_text(lane.vocabulary[id]) + ", " + whole_percent(static_cast<double>(last[id]));
}

std::string way(const Verdict& verdict, const LaneView& lane) {
  if (lane.task.strings()) return spelling_way(verdict, lane);
  std::string text;
  size_t before = verdict.classes;
  for (size_t n = 0; n < verdict.count(); ++n) {
    const size_t id = likeliest(verdict.after(n));
    if (id != before) text += (text.empty() ? "" : " ") + symbol_text(lane.vocabulary[id]);
    before = id;
  }
  return text;
}

void draw_lane_says(const App& app, size_t index, std::string words, std::optional<bool> right) {
  const Palette& p = palette();
  const LaneView& lane = *app.session.lanes[index];
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const std::string name = app.session.lane_name(index);
  const float width = ui::content_width();
  draw_text(draw, Face::strong, at, solid(p.lane(lane.colour)), name.c_str());
  float after = text_size(Face::strong, name.c_str()).x + space::s;
  if (right) words = (*right ? "✓ " : "✗ ") + words;
  draw_text(draw, Face::text, at + ImVec2(after, 0), solid(right && !*right ? p.error : p.text),
            words.c_str());
  after += text_size(Face::text, words.c_str()).x + space::s;
  if (lane.probe.intervened) ui::intervened_mark(draw, at + ImVec2(after, 0), width - after);
  ImGui::Dummy({width, 18});
}

void draw_verdict(const App& app, size_t index, const std::optional<Verdict>& verdict,
                  const std::string& widget, std::optional<bool> right) {
  const Palette& p = palette();
  const LaneView& lane = *app.session.lanes[index];
  if (lane.task.strings()) return draw_spelling(app, index, verdict, widget, right);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ui::content_width();
  draw_lane_says(app, index, verdict ? told(*verdict, lane) : "…", right);
  constexpr float side = 66, row = 20;
  const bool drawn = app.task().looks.drawn;
  if (app.task().looks.heard) {
    if (verdict) draw_certainty(*verdict, lane, ImGui::GetCursorScreenPos(), width);
    ImGui::Dummy({width, band_height});
  }
  const ImVec2 below = ImGui::GetCursorScreenPos();
  if (drawn) draw->AddRectFilled(below, below + ImVec2(side, side), solid(p.inset), corner());
  if (verdict) {
    if (drawn)
      draw_strokes(draw, below + ImVec2(4, 4), {side - 8, side - 8}, verdict->points, colours_of(*verdict),
                   2.5f);
    const auto last = verdict->after(verdict->count() - 1);
    std::vector<size_t> order(last.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const size_t shown = std::min(order.size(), told_letters);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                      [&](size_t a, size_t b) { return last[a] > last[b] || (last[a] == last[b] && a < b); });
    float name = 14;  // width of the widest
    for (size_t k = 0; k < shown; ++k)
      name = std::max(name, text_size(Face::text, symbol_text(lane.vocabulary[order[k]]).c_str()).x);
    name = std::min(name, width / 3) + 6;
    const float left = below.x + (drawn ? side + space::m : 0),
                most = std::max(below.x + width - left - name - 44, 20.0f);
    for (size_t k = 0; k < shown; ++k) {
      const float y = below.y + 3 + row * static_cast<float>(k), share = last[order[k]];
      std::string said = symbol_text(lane.vocabulary[order[k]]);
      if (said.size() > 1) said = ui::shortened(said, name - 6);
      draw_text(draw, Face::text, {left, y}, solid(p.text), said.c_str());
      draw->AddRectFilled({left + name, y + 3}, {left + name + most, y + 15}, solid(p.inset), 3);
      draw->AddRectFilled({left + name, y + 3}, {left + name + std::max(most * share, 2.0f), y + 15},
                          solid(p.lane(lane.colour)), 3);
      draw_text(draw, Face::mono, {left + name + 6 + most, y + 1}, solid(p.text),
                whole_percent(static_cast<double>(share)).c_str());
    }
  }
  ImGui::Dummy({width, side});
  if (verdict) {
    const WithFont small(Face::small);
    ui::label(ui::shortened("On the way: " + way(*verdict, lane), width).c_str(), p.dim, Face::small);
  }
  ui::register_widget(widget, at, {at.x + width, ImGui::GetCursorScreenPos().y});
}

void draw_held_out_verdicts(App& app) {
  Session& session = app.session;
  const ExampleView* example = app.example();
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    session.ask(i, question, {{"type", "example"}, {"index", app.probed().example}});
    const Answer& answer = session.answer(i, question);
    const auto verdict = verdict_of(answer, *session.lanes[i]);
    if (!example || !verdict || read::integer(answer.header, "index", -1) != example->number) continue;
    const LaneView& lane = *session.lanes[i];
    const bool right =
        lane.task.strings()
            ? spelled(*verdict, lane) == example->labels
            : lane.vocabulary[likeliest(verdict->after(verdict->count() - 1))] == example->classes.back();
    const ui::SpokenGroup group(session.lane_name(i));
    draw_verdict(app, i, verdict, "answer.lane" + std::to_string(i), right);
  }
}

}  // namespace unroll
