#include "web/views/samples/examples.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/export.h"
#include "web/session/solutions.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/strokes.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/published.h"

namespace unroll {
namespace {

constexpr int64_t most_examples = 12;

/// A short answer in words: "✓ B", "✗ A", "8 of 10", "0.93".
std::string brief(const Solution& solution) {
  if (solution.written) return (solution.translated() ? "✓ " : "✗ ") + symbol_texts(*solution.written);
  if (solution.columns.empty()) return "–";
  if (solution.numbers())
    return solution.columns.size() == 1 ? ui::number_text(static_cast<double>(solution.said_numbers[0]))
                                        : "off by " + ui::number_text(solution.mean_error());
  if (solution.columns.size() == 1)
    return (solution.all_right() ? "✓ " : "✗ ") + symbol_text(solution.said[0]);
  return (solution.all_right() ? "✓ " : "") + std::to_string(solution.hits) + " of " +
         std::to_string(solution.columns.size());
}

std::string right_words(const Solution& solution, size_t most) {
  if (solution.numbers())
    return solution.columns.size() == 1 ? ui::number_text(static_cast<double>(solution.right_numbers[0]))
                                        : std::to_string(solution.columns.size()) + " numbers";
  if (!solution.source.empty()) return symbol_texts(solution.source) + " → " + symbol_texts(solution.target);
  const std::u32string& right = solution.written ? solution.target : solution.right;
  return symbol_texts(right.substr(0, most)) + (right.size() > most ? "…" : "");
}

/// One example as a row that can be pressed: its number, what is right, each lane's answer.
void draw_row(App& app, int64_t number, const std::vector<std::optional<Solution>>& all, float width) {
  const Palette& p = palette();
  const float height = touch_targets() ? 40.0f : 24.0f;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const std::string id = "examples.row" + std::to_string(number);
  const bool chosen = app.chosen.example == number;
  if (ImGui::InvisibleButton(id.c_str(), {width, height}) && !ui::drag_scrolling()) {
    app.chosen.example = number;
    app.chosen.column = -1;
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  if (chosen || ImGui::IsItemHovered())
    draw->AddRectFilled(at - ImVec2(4, 0), at + ImVec2(width + 4, height),
                        faded(p.text, chosen ? 0.08f : 0.05f), 4);
  const auto columns = static_cast<float>(all.size() + 1);
  const float first = 30, each = (width - first) / columns, y = at.y + (height - 15) / 2;
  draw_text(draw, Face::small, {at.x, y}, solid(p.dim), std::to_string(number + 1).c_str());
  std::string spoken = "Example " + std::to_string(number + 1);
  const auto any = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.has_value(); });
  if (any != all.end()) {
    const std::string right = right_words(**any, 16);
    spoken += ", right " + right;
    const WithFont small(Face::small);
    float left = 0;
    const ExampleView* example = app.session.example_told(number);
    if (example && app.task().looks.drawn) {
      const float side = height - 4, wide = app.task().looks.strings ? std::min(2.5f * side, each / 2) : side;
      draw_strokes(draw, at + ImVec2(first, 2), {wide, side}, example->reals,
                   std::vector<Rgb>(example->size(), p.text), 1.5f);
      left = wide + space::s;
    }
    draw_text(draw, Face::small, {at.x + first + left, y}, solid(p.accent_text),
              ui::shortened(right, each - left - 6).c_str());
  }
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string words = all[i] ? brief(*all[i]) : "…";
    spoken += ", " + app.session.lane_name(i) + " " + words;
    const bool right = all[i] && (all[i]->written ? all[i]->translated() : all[i]->all_right());
    const bool wrong = all[i] && !all[i]->numbers() && !right;
    const WithFont small(Face::small);
    draw_text(draw, Face::small, {at.x + first + each * static_cast<float>(i + 1), y},
              solid(wrong ? p.error : p.text), ui::shortened(words, each - 6).c_str());
  }
  ui::register_widget(id, {spoken + ", button", chosen ? "chosen" : ""});
  ui::tip("Show this example on the timeline");
  ImGui::RenderNavHighlight(ImRect(at, at + ImVec2(width, height)), ImGui::GetItemID());
}

std::string examples_csv(const App& app) {
  Csv csv;
  csv.add("example").add("right");
  for (const std::string& lane : app.session.lane_names()) csv.add(lane);
  csv.end_row();
  for (int64_t number = 0; number < most_examples; ++number) {
    const auto first = told_solution(app.session, 0, number);
    if (!first) continue;
    csv.add(number + 1).add(right_words(*first, std::u32string::npos));
    for (size_t i = 0; i < app.session.lanes.size(); ++i) {
      const auto one = told_solution(app.session, i, number);
      if (!one)
        csv.none();
      else if (one->numbers())
        csv.add(brief(*one));
      else if (one->written)
        csv.add(symbol_texts(*one->written));
      else
        csv.add(symbol_texts(one->said));
    }
    csv.end_row();
  }
  return csv.text();
}

}  // namespace

void draw_examples(App& app, ImVec2 size) {
  const Palette& p = palette();
  Session& session = app.session;
  ui::begin_card("samples", "Examples", size);
  export_button(app, "samples", [&app] { return examples_csv(app); });
  ui::end_tools();
  const float width = ui::content_width(), row = touch_targets() ? 40.0f : 24.0f;
  const ImVec2 head = ImGui::GetCursorScreenPos();
  const float first = 30, each = (width - first) / static_cast<float>(session.lanes.size() + 1);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw_text(draw, Face::small, {head.x + first, head.y}, solid(p.dim),
            app.task().looks.translates ? "source" : "right");
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const WithFont strong(Face::strong);
    draw_text(draw, Face::strong, {head.x + first + each * static_cast<float>(i + 1), head.y - 1},
              solid(p.lane(session.lanes[i]->colour)), ui::shortened(session.lane_name(i), each - 6).c_str());
  }
  ImGui::Dummy({width, 18});
  const float room = ImGui::GetContentRegionAvail().y - 4;
  const auto fit = static_cast<int64_t>(room / (row + ImGui::GetStyle().ItemSpacing.y));
  const int64_t shown = size.y > 0 ? std::clamp<int64_t>(fit, 1, most_examples) : 6;
  for (int64_t number = 0; number < shown; ++number) {
    std::vector<std::optional<Solution>> all;
    for (size_t i = 0; i < session.lanes.size(); ++i) all.push_back(ask_solution(session, i, number));
    draw_row(app, number, all, width);
  }
  ui::end_card();
}

Json examples_json(const App& app) {
  Json rows = Json::array();
  for (int64_t number = 0; number < most_examples; ++number) {
    Json lanes = Json::array();
    for (size_t i = 0; i < app.session.lanes.size(); ++i) {
      const auto one = told_solution(app.session, i, number);
      lanes.push_back(one ? Json(brief(*one)) : Json(nullptr));
    }
    if (!lanes.empty() && !lanes[0].is_null())
      rows.push_back({{"example", number}, {"lanes", std::move(lanes)}});
  }
  return rows;
}

}  // namespace unroll
