// What stands above the timeline's rows: a text; or of an example where something enters and where it is needed, what is
// read (numbers as bars where there is no room for digits), and what is to be said.
#include <algorithm>
#include <cmath>

#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/timeline/timeline.h"

namespace unroll::timeline {
namespace {

constexpr float text_row = 24, marks_row = 18, number_row = 18, below = 4;
constexpr float digits_from = 24;  // width of a column with room for a number
constexpr size_t most_inputs = 3;  // numbers of a column that are drawn
constexpr float picture_row = 60;  // of a sound

size_t width_of(const ExampleView& example, const std::vector<float>& numbers) {
  return numbers.size() / std::max<size_t>(example.size(), 1);
}

float inputs_height(const App& app, const ExampleView& example) {
  const size_t each = width_of(example, example.reals);
  if (app.task().looks.heard) return picture_row;
  return each == 0 ? text_row : number_row * static_cast<float>(std::min(each, most_inputs));
}

void name_row(const Scene& view, ImDrawList* draw, float y, float height, const char* name) {
  const float x = view.columns.Min.x - view.gutter;
  draw->PushClipRect({x, y}, {view.columns.Min.x - 4, y + height});
  draw_text(draw, Face::small, {x, y + (height - 14) / 2}, solid(palette().dim), name);
  draw->PopClipRect();
}

/// What is right where it has no places: it stands where one looks first.
void draw_string(const Scene& view, ImDrawList* draw, float y, const std::u32string& symbols, Rgb colour) {
  draw_text(draw, Face::strong, {view.columns.Min.x + 2, y + (text_row - 16) / 2}, solid(colour),
            symbol_texts(symbols).c_str());
}

void draw_symbols(const Scene& view, ImDrawList* draw, float y, const std::u32string& symbols, Rgb colour) {
  if (view.column < letters_from) return;
  for (size_t i = view.first; i < std::min(view.end, symbols.size()); ++i)
    if (symbols[i] != 0) draw_symbol(draw, {view.x_of(i), y}, {view.column, text_row}, symbols[i], colour);
}

/// Number `which` of each column: digits where they fit, else bars from 0, or from the least where they have a unit.
void draw_numbers(const Scene& view, ImDrawList* draw, float y, const ExampleView& example,
                  const std::vector<float>& numbers, size_t which, bool asked_only, Rgb colour) {
  const size_t each = width_of(example, numbers);
  float low = example.unit ? INFINITY : 0, high = example.unit ? -INFINITY : 0;
  for (size_t i = which; i < numbers.size(); i += each)
    if (std::isfinite(numbers[i]) && (!asked_only || example.asks(i / each))) {
      low = std::min(low, numbers[i]);
      high = std::max(high, numbers[i]);
    }
  if (!(high > low)) high = low + 1;
  const float base = example.unit ? low : 0;
  const float room = number_row - 3;
  const auto height = [&](float value) { return y + 1 + room * (high - value) / (high - low); };
  for (size_t i = view.first; i < view.end; ++i) {
    const float value = numbers[i * each + which];
    if (!std::isfinite(value) || (asked_only && !example.asks(i))) continue;
    const float x = view.x_of(i);
    // A number that stands alone has room beside its column.
    const bool alone = asked_only && (i == 0 || !example.asks(i - 1)) &&
                       (i + 1 >= numbers.size() / each || !example.asks(i + 1));
    if (view.column >= digits_from || alone) {
      const float width = std::max(view.column, 30.0f);
      draw_symbol(draw, {x + (view.column - width) / 2, y}, {width, number_row},
                  symbol_of(std::span(&value, 1)), colour);
      continue;
    }
    const float a = std::min(height(value), height(base)), b = std::max(height(value), height(base));
    draw->AddRectFilled({x + 0.5f, a}, {x + std::max(view.column - 0.5f, 1.5f), std::max(b, a + 1)},
                        faded(colour, 0.75f));
  }
}

/// All numbers of each column as shades, the first one at the bottom, as high sounds stand above low ones.
void draw_shades(const Scene& view, ImDrawList* draw, float y, const std::vector<float>& numbers,
                 size_t each) {
  const auto [low, high] = std::ranges::minmax(numbers);
  const float room = picture_row - 4, height = room / static_cast<float>(each);
  for (size_t i = view.first; i < view.end; ++i)
    for (size_t which = 0; which < each; ++which) {
      const float share = (numbers[i * each + which] - low) / std::max(high - low, 1e-9f);
      const float top = y + 2 + room - height * static_cast<float>(which + 1), x = view.x_of(i);
      draw->AddRectFilled({x, top},
                          {x + std::max(view.column - (view.column > 4 ? 1.0f : 0.0f), 1.0f), top + height},
                          solid(palette().ramp.at(share)));
    }
}

/// Flags with their words, as far as these have room; a line from what enters to where it is needed.
void draw_marks(const Scene& view, ImDrawList* draw, float y, const ExampleView& example) {
  const Palette& p = palette();
  const auto middle = [&](size_t column) { return view.x_of(column) + view.column / 2; };
  const float floor = y + marks_row - 2;
  float from = INFINITY, to = -INFINITY;
  for (const ExampleView::Mark& mark : example.marks) {
    from = std::min(from, middle(mark.position));
    to = std::max(to, middle(mark.position));
  }
  if (to > from) draw->AddLine({from, floor - 3}, {to, floor - 3}, faded(p.accent, 0.45f), 1);
  float free = view.columns.Min.x;  // right end of the last words
  for (const ExampleView::Mark& mark : example.marks) {
    const float x = middle(mark.position);
    if (x < view.columns.Min.x || x > view.columns.Max.x) continue;  // out of sight
    const ImU32 ink = solid(mark.needed ? p.warning : p.accent_text);
    draw->AddTriangleFilled({x - 4, floor - 7}, {x + 4, floor - 7}, {x, floor}, ink);
    const float width = text_size(Face::small, mark.label.c_str()).x;
    const float most = std::max(view.columns.Max.x - width, view.columns.Min.x);
    const float at = std::min(x + 7, most);
    const bool over = at < x + 4 && at + width > x - 4;  // it stands left of the flag then
    const float left = over ? x - 7 - width : at;
    if (left < free) continue;
    draw_text(draw, Face::small, {left, y - 2}, ink, mark.label.c_str());
    free = left + width + space::s;
  }
}

}  // namespace

float heading_height(const App& app) {
  const ExampleView* example = app.example();
  if (!example) return text_row;
  return (example->marks.empty() ? 0 : marks_row) + inputs_height(app, *example) +
         (example->values.empty() ? text_row : number_row) + below;
}

void draw_heading(const Scene& view, ImDrawList* draw, ImVec2 at) {
  const Palette& p = palette();
  const App& app = view.app;
  const ExampleView* example = app.example();
  if (!example) {
    draw_symbols(view, draw, at.y, app.timeline_text(), p.text);
    if (!app.shows_example()) name_row(view, draw, at.y, text_row, "text");
    return;
  }
  float y = at.y;
  if (!example->marks.empty()) {
    draw_marks(view, draw, y, *example);
    y += marks_row;
  }
  const size_t each = width_of(*example, example->reals);
  if (each == 0) {
    draw_symbols(view, draw, y, example->inputs, p.text);
  } else if (app.task().looks.heard) {
    draw_shades(view, draw, y, example->reals, each);
  } else {
    for (size_t which = 0; which < std::min(each, most_inputs); ++which)
      draw_numbers(view, draw, y + number_row * static_cast<float>(which), *example, example->reals, which,
                   false, p.text);
  }
  const auto names = app.task().looks.numbers;
  if (names.empty() || names.size() > each) name_row(view, draw, y, inputs_height(app, *example), "reads");
  for (size_t which = 0; names.size() <= each && which < std::min(names.size(), most_inputs); ++which)
    name_row(view, draw, y + number_row * static_cast<float>(which), number_row, names[which]);
  y += inputs_height(app, *example);
  if (example->values.empty()) {
    if (example->labels.empty())
      draw_symbols(view, draw, y, example->classes, p.accent_text);
    else
      draw_string(view, draw, y, example->labels, p.accent_text);
    return name_row(view, draw, y, text_row, "right");
  }
  draw_numbers(view, draw, y, *example, example->values, 0, true, p.accent_text);
  name_row(view, draw, y, number_row, "right");
}

std::string column_words(const App& app, size_t column) {
  const std::string number = std::to_string(column + 1), name = symbol_name(app.timeline_text()[column]);
  const ExampleView* example = app.example();
  const bool called = example && column < example->columns.size() && !example->columns[column].empty();
  std::string words =
      (called ? example->columns[column] : std::string(app.task().looks.column) + " " + number) + ": " + name;
  if (!example) return words;
  if (example->asks(column) && !example->labels.empty()) {
    words += ", right: " + symbol_texts(example->labels);
  } else if (example->asks(column)) {
    const size_t each = width_of(*example, example->values);
    words +=
        ", right: " + (each ? symbol_name(symbol_of(std::span(example->values).subspan(column * each, each)))
                            : symbol_name(example->classes[column]));
  }
  for (const ExampleView::Mark& mark : example->marks)
    if (mark.position == column) words += " (" + mark.label + ")";
  return words;
}

void example_tools(App& app, bool brief) {
  int64_t& shown = app.chosen.example;
  const auto go = [&](int64_t to) {
    shown = to;
    app.chosen.column = -1;
  };
  ui::next_tool(row_height());
  if (ui::button("timeline.next-example",
                 {.icon = Icon::forward, .look = ui::Look::quiet, .tip = "Next held-out example"}))
    go(shown + 1);
  ui::next_tool(row_height());
  if (ui::button("timeline.previous-example", {.icon = Icon::back,
                                               .look = ui::Look::quiet,
                                               .tip = "Previous held-out example",
                                               .enabled = shown > 0}))
    go(shown - 1);
  const std::string label = (brief ? "" : "example ") + std::to_string(shown + 1);
  const float width = text_size(Face::small, label.c_str()).x;
  ui::next_tool(width);
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (row_height() - 15) / 2);
  ui::label(label.c_str(), palette().dim, Face::small);
}

}  // namespace unroll::timeline
