// What stands around the cell's diagram: the text that runs below it, what comes next, the formula of what the learner
// points at; and the equations, when they are shown instead of the diagram.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/toolkit/glyphs.h"
#include "web/toolkit/math_text.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/cell/cell.h"
#include "web/views/cell/worked_out.h"

namespace unroll {
namespace {

using Guesses = std::vector<std::pair<char32_t, float>>;

/// Of the places of their symbols.
float symbol_room(const Guesses& guesses) {
  std::u32string symbols;
  for (const auto& [symbol, _] : guesses) symbols += symbol;
  return symbols_width(symbols, 18, 48);
}

void draw_guess(const App& app, const CellNumbers& reading, std::pair<char32_t, float> guess, float room,
                ImVec2 min, float width) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const auto [symbol, probability] = guess;
  const std::u32string& expected = app.session.lanes[reading.lane]->probe.right;
  const size_t at = said_at(app, reading);
  const bool right = at < expected.size() && expected[at] == symbol;
  draw_symbol(draw, min, {room, 20}, symbol, p.text);
  if (right) draw->AddRect(min + ImVec2(1, 1), min + ImVec2(room - 1, 19), solid(p.text), 3);
  char percent[16];
  std::snprintf(percent, sizeof percent, "%.0f%%", 100 * static_cast<double>(probability));
  const float most = width - room - 38;  // of the bar; without room for one, the number alone
  if (most < 12) return draw_text(draw, Face::small, min + ImVec2(room + 2, 3), solid(p.dim), percent);
  const ImVec2 bar = min + ImVec2(room + 4, 5);
  draw->AddRectFilled(bar, bar + ImVec2(most, 10), solid(p.inset), 3);
  draw->AddRectFilled(bar, bar + ImVec2(std::max(2.0f, most * probability), 10),
                      solid(p.lane(app.session.lanes[reading.lane]->colour)), 3);
  const float number = text_size(Face::small, percent).x;
  draw_text(draw, Face::small, {min.x + width - number, min.y + 3}, solid(p.dim), percent);
}

/// What a lane says where it says numbers.
void draw_numbers(const App& app, const CellNumbers& reading, ImVec2 at) {
  const ProbeResult& probe = app.session.lanes[reading.lane]->probe;
  const size_t column = said_at(app, reading);
  if (probe.said.empty() || column >= probe.loss.size()) return;
  const size_t each = probe.said.size() / probe.loss.size();
  for (size_t k = 0; k < std::min<size_t>(each, Session::top); ++k) {
    const std::string number = ui::number_text(static_cast<double>(probe.said[column * each + k]));
    draw_text(ImGui::GetWindowDrawList(), Face::mono, at + ImVec2(0, 21 * static_cast<float>(k)),
              solid(palette().text), number.c_str());
  }
}

}  // namespace

/// The text as a tape whose chosen character is below `head`; a click or a drag chooses another one.
void draw_tape(App& app, const CellNumbers& reading, ImVec2 min, ImVec2 size, float head) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float cell = symbols_width(reading.text, mono_advance() + 4, 72);
  const auto n = static_cast<int>(reading.text.size());
  const auto x_of = [&](int index) {
    return head + (static_cast<float>(index - static_cast<int>(reading.position)) - 0.5f) * cell;
  };
  ImGui::SetCursorScreenPos(min);
  ImGui::InvisibleButton("cell.tape", size);
  const std::string here = n > 0 ? symbol_name(reading.text[reading.position]) : "no text";
  ui::register_widget("cell.tape", {std::string("Place: ") + app.task().looks.column,
                                    here + ", " + std::to_string(reading.position + 1)});
  if (n > 0 && ImGui::IsItemDeactivated() && !ui::drag_scrolling()) {
    const int by = static_cast<int>(std::floor((ImGui::GetIO().MousePos.x - head) / cell + 0.5f));
    app.chosen.column = std::clamp(static_cast<int>(reading.position) + by, 0, n - 1);
  }
  draw->PushClipRect(min, min + size, true);
  const ImVec2 box(std::round(x_of(static_cast<int>(reading.position))), min.y + 2);
  if (n > 0) {
    draw->AddRectFilled(box, box + ImVec2(cell, size.y - 4), solid(mix(p.card, p.accent, 0.18f)), 4);
    draw->AddRect(box, box + ImVec2(cell, size.y - 4), solid(p.accent_text), 4, 0, 1.5f);
  }
  for (int i = 0; i < n; ++i) {
    const float x = x_of(i);
    if (x + cell < min.x || x > min.x + size.x) continue;
    const bool read = i <= static_cast<int>(reading.position);
    draw_symbol(draw, {x, min.y}, {cell, size.y}, reading.text[static_cast<size_t>(i)], p.text,
                i == static_cast<int>(reading.position) ? 1.0f
                : read                                  ? 0.75f
                                                        : 0.3f);
  }
  draw->PopClipRect();
  ImGui::RenderNavHighlight(ImRect(min, min + size), ImGui::GetItemID());
}

void draw_next_column(const App& app, const CellNumbers& reading, ImVec2 min, float width) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const int above = reading.spec.layers - 1 - reading.layer;
  draw->AddLine(min - ImVec2(9, 0), min + ImVec2(-9, 130), solid(p.border), 1.5f);
  draw_text(draw, above > 0 ? Face::text : Face::strong, min, solid(p.text),
            (std::string(above == 0   ? ""
                         : above == 1 ? "… "
                                      : "…… ") +
             app.task().looks.prediction)
                .c_str());
  draw_numbers(app, reading, min + ImVec2(0, 23));
  const Guesses guesses = next_characters(app, reading);
  const float room = symbol_room(guesses);
  for (size_t i = 0; i < guesses.size(); ++i)
    draw_guess(app, reading, guesses[i], room, min + ImVec2(0, 23 + 21 * static_cast<float>(i)), width);
  ui::register_widget("cell.next", min, min + ImVec2(width, 130));
}

void draw_next_row(const App& app, const CellNumbers& reading, ImVec2 min, float width) {
  const Palette& p = palette();
  draw_text(ImGui::GetWindowDrawList(), Face::small, min + ImVec2(0, 3), solid(p.dim),
            app.session.reads_text() ? "next" : "says");
  draw_numbers(app, reading, min + ImVec2(36, 3));
  const Guesses guesses = next_characters(app, reading);
  const float room = symbol_room(guesses);
  const float from = 36, each = std::min((width - from) / static_cast<float>(Session::top), 110.0f);
  for (size_t i = 0; i < guesses.size(); ++i)
    draw_guess(app, reading, guesses[i], room, min + ImVec2(from + each * static_cast<float>(i), 0),
               each - 12);
  ui::register_widget("cell.next", min, min + ImVec2(width, 20));
}

/// What the shown quantity means, how it is computed, and the same with its numbers.
void draw_readout(const App& app, const CellLooks& looks, const CellNumbers& reading, ImVec2 min,
                  ImVec2 size) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const Quantity* quantity = formulas_of(reading).find(looks.part);
  ui::register_widget("cell.readout", min, min + size);
  if (!quantity) {
    const bool first = reading.layer == 0;
    draw_text(
        draw, Face::small, min, solid(p.dim),
        (first ? std::string("input: the ") + app.task().looks.column + ", one weight column for each value"
               : std::string("input: what the layer below says"))
            .c_str());
    return;
  }
  const WorkedOut worked = work_out(reading, *quantity);
  const char* forced = imposed(app, reading, quantity->id);
  std::string words(quantity->words);
  if (forced[0]) words += std::string(" – ") + forced;
  std::string symbols(quantity->symbol);
  if (!forced[0] && !quantity->formula.empty() && quantity->formula != quantity->symbol)
    symbols += " = " + std::string(quantity->formula);
  std::string numbers = forced[0] || worked.numbers.empty() ? "" : "= " + worked.numbers + " ";
  numbers += "= " + worked.result;
  // Words, symbols and numbers in one line; if that is too short, the symbols go first, then the words. Where there
  // is room for more, the words are above, in two lines if need be, and the numbers below the symbols.
  const bool single = size.y < 30;
  const float meaning = text_size(Face::small, words.c_str()).x + space::l;
  const float second = math_width(Face::text, numbers);
  if (single && meaning + math_width(Face::text, symbols) + 8 + second > size.x) symbols = quantity->symbol;
  const float first = math_width(Face::text, symbols);
  const bool one_line = single || first + 8 + second <= size.x;
  const bool beside = meaning + first + 8 + second <= size.x;
  const Face face = one_line || std::max(first, second) <= size.x ? Face::text : Face::small;
  const float tall =
      font(Face::small)->CalcTextSizeA(font_size(Face::small), FLT_MAX, size.x, words.c_str()).y;
  const ImVec2 at = min + (beside ? ImVec2(meaning, -1) : ImVec2(0, single ? -1 : tall + 4));
  draw->PushClipRect(min - ImVec2(0, 2), min + size, true);
  if (beside || !single)
    draw_text(draw, Face::small, min, solid(forced[0] ? p.warning : p.dim), words.c_str(),
              beside ? 0 : size.x);
  draw_math(draw, face, at, solid(p.text), symbols);
  draw_math(draw, face, at + (one_line ? ImVec2(first + 8, 0) : ImVec2(0, 20)), solid(p.accent_text),
            numbers);
  draw->PopClipRect();
}

void show_part(CellLooks& looks, const CellNumbers& reading, const std::string& pointed_at) {
  if (looks.chosen != "input" && !formulas_of(reading).find(looks.chosen)) looks.chosen.clear();
  const CellGraph& graph = formulas_of(reading).graph();
  const std::string& main = graph.states[0].name;  // the memory
  looks.part = !pointed_at.empty() ? pointed_at : !looks.chosen.empty() ? looks.chosen : main;
}

/// An equation of the list and the widths of its parts.
struct EquationLine {
  const Quantity* quantity;
  std::string symbol, formula, numbers, result, words;
  const char* forced;
};

float draw_cell_equations(App& app, CellLooks& looks, const CellNumbers& reading, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  std::vector<EquationLine> lines;
  float symbols = 0, formulas = 0, numbers = 0, results = 0, words = 0;
  for (const Quantity* one : formulas_of(reading).equations()) {
    const Quantity& quantity = *one;
    const WorkedOut worked = work_out(reading, quantity);
    const char* forced = imposed(app, reading, quantity.id);
    const EquationLine& line = lines.emplace_back(
        EquationLine{&quantity, std::string(quantity.symbol), "= " + std::string(quantity.formula),
                     forced[0] || worked.numbers.empty() ? std::string(forced) : "= " + worked.numbers,
                     "= " + worked.result, std::string(quantity.words), forced});
    symbols = std::max(symbols, math_width(Face::strong, line.symbol) + 6);
    formulas = std::max(formulas, math_width(Face::text, line.formula) + space::l);
    numbers = std::max(numbers, math_width(Face::text, line.numbers) + space::s);
    results = std::max(results, math_width(Face::strong, line.result));
    words = std::max(words, text_size(Face::small, line.words.c_str()).x + space::xl);
  }
  // One line each with the meaning at the end, or below; or formula and numbers below each other.
  const float all = symbols + formulas + numbers + results + 2 * space::m;
  const bool wide = all <= size.x, meaning_beside = all + words <= size.x;
  const float text = meaning_beside ? 18.0f : wide ? 35.0f : 54.0f;
  const float row = std::clamp(size.y / static_cast<float>(lines.size()), text + 10, text + 26);
  float y = min.y;
  std::string hot;
  for (const EquationLine& line : lines) {
    const ImVec2 a(min.x, y), extent(size.x, row - 4);
    const std::string name = "cell.equation." + std::string(line.quantity->id);
    ImGui::SetCursorScreenPos(a);
    if (ImGui::InvisibleButton(name.c_str(), extent) && !ui::drag_scrolling())
      looks.chosen = line.quantity->id;
    ui::register_widget(name, {line.words + ": " + line.symbol + " " + line.formula + ", equation",
                               looks.chosen == line.quantity->id ? "chosen" : "not chosen"});
    const bool on = ImGui::IsItemHovered() || (ImGui::GetIO().NavVisible && ImGui::IsItemFocused());
    if (on) hot = line.quantity->id;
    draw->AddRectFilled(a, a + extent, solid(on ? mix(p.inset, p.text, 0.06f) : p.inset), corner());
    if (line.forced[0]) draw->AddRect(a, a + extent, solid(p.warning), corner(), 0, 1.5f);
    const Rgb ink = line.forced[0] ? p.warning : p.dim;
    ImVec2 at(min.x + space::m, std::round(y + (extent.y - text) / 2));
    const ImVec2 below = at + ImVec2(0, wide ? 18 : 37);
    draw_math(draw, Face::strong, at, solid(p.text), line.symbol);
    at.x += symbols;
    draw_math(draw, Face::text, at, solid(p.text), line.formula);
    at = wide ? at + ImVec2(formulas, 0) : ImVec2(min.x + space::m, at.y + 18);
    const float result = math_width(Face::strong, line.result) + space::s;
    const bool fits = wide || math_width(Face::text, line.numbers) + result <= size.x - 2 * space::m;
    draw_math(draw, fits ? Face::text : Face::small, at, solid(ink), line.numbers);
    at.x = wide ? at.x + numbers : min.x + size.x - space::m - math_width(Face::strong, line.result);
    draw_math(draw, Face::strong, at, solid(p.accent_text), line.result);
    draw_text(draw, Face::small, meaning_beside ? at + ImVec2(results + space::xl, 1) : below, solid(p.dim),
              line.words.c_str());
    ImGui::RenderNavHighlight(ImRect(a, a + extent), ImGui::GetItemID());
    y += row;
  }
  show_part(looks, reading, hot);
  return y - min.y;
}

}  // namespace unroll
