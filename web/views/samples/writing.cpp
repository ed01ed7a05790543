#include "web/views/samples/writing.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/export.h"
#include "web/session/answers.h"
#include "web/session/json_read.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/strokes.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/published.h"

namespace unroll {
namespace {

constexpr const char* question = "strokes";
constexpr size_t most_letters = 64;  // as the command takes them
constexpr float letter_gap =
    3;  // between two letters, in tenths of the height between ascender and base line
constexpr float least_reach = 8;  // above and below the middle of x height
constexpr float most_reach = 40;  // of a scribble
constexpr double rarer = 2;       // a line is kept for each time that as many steps were done
constexpr size_t most_lines = 12;

/// What the lanes write: what was typed, or the task's own word.
std::string word_of(const App& app) {
  const std::string& typed = app.session.wanted.view.prefix;
  return typed.empty() ? app.task().looks.own_sequence_start
                       : encode_utf8(to_symbols(typed).substr(0, most_letters));
}

std::optional<StrokesAnswer> written_by(const App& app, size_t lane) {
  return strokes_answer(app.session.answer(lane, question), *app.session.lanes[lane]);
}

struct Extent {
  float left = 0, right = 0, top = 0, bottom = 0;
};

Extent extent_of(std::span<const float> points) {
  Extent all{0, 0, -least_reach, least_reach};
  float x = 0, y = 0;
  for (size_t n = 0; n < points.size(); n += StrokesAnswer::numbers) {
    x = std::clamp(x + points[n], -most_reach, most_reach);
    y = std::clamp(y + points[n + 1], -most_reach, most_reach);
    all = {std::min(all.left, x), std::max(all.right, x), std::min(all.top, y), std::max(all.bottom, y)};
  }
  return all;
}

/// Letters side by side on a line, as large as the box allows. `told`, where there are some: the mixtures of each.
void draw_line_of_letters(ImDrawList* draw, ImVec2 min, ImVec2 size,
                          std::span<const std::span<const float>> letters,
                          std::span<const std::span<const float>> told, double bias, Rgb colour,
                          float thick) {
  Extent all{0, 0, -least_reach, least_reach};
  float width = letter_gap;
  for (const auto letter : letters) {
    const Extent one = extent_of(letter);
    width += one.right - one.left + letter_gap;
    all.top = std::min(all.top, one.top);
    all.bottom = std::max(all.bottom, one.bottom);
  }
  const float scale = std::min(size.x / width, size.y / (all.bottom - all.top));
  float begins = min.x + scale * letter_gap / 2;
  const float middle = min.y + (size.y - scale * (all.bottom - all.top)) / 2 - scale * all.top;
  draw->PushClipRect(min, min + size, true);
  for (size_t n = 0; n < letters.size(); ++n) {
    const Extent one = extent_of(letters[n]);
    ImVec2 at(begins - scale * one.left, middle);
    bool down = false;
    const size_t points = letters[n].size() / StrokesAnswer::numbers,
                 outputs = n < told.size() && points > 0 ? told[n].size() / points : 0;
    for (size_t t = 0; t < points; ++t) {
      const float* point = &letters[n][t * StrokesAnswer::numbers];
      if (outputs > 0) draw_mixture(draw, at, scale, told[n].subspan(t * outputs, outputs), bias, colour);
      const ImVec2 next = at + ImVec2(point[0], point[1]) * scale;
      if (down) draw->AddLine(at, next, solid(colour), thick);
      draw->AddCircleFilled(next, thick / 2, solid(colour), 8);  // a round end, and a dot
      at = next;
      down = point[2] < 0.5f;
    }
    begins += scale * (one.right - one.left + letter_gap);
  }
  draw->PopClipRect();
}

template <class Letters>
std::vector<std::span<const float>> views_of(const Letters& letters) {
  return {letters.begin(), letters.end()};
}

/// Keeps a line when the lane has clearly done more steps than at the last one.
void keep_line(const LaneView& lane, const StrokesAnswer& written, int64_t step, PenWindow& own) {
  std::vector<PenWindow::Line>& lines = own.lines[lane.colour];
  std::erase_if(lines, [&](const PenWindow::Line& line) { return line.step > step; });  // it was restarted
  const double last = lines.empty() ? -1 : static_cast<double>(lines.back().step);
  if (static_cast<double>(step) < std::max(rarer * last, last + 10)) return;
  PenWindow::Line& line = lines.emplace_back(PenWindow::Line{step, {}});
  for (const StrokesAnswer::Letter& letter : written.letters)
    line.letters.emplace_back(letter.points.begin(), letter.points.end());
  if (lines.size() > most_lines) lines.erase(lines.begin());
}

void draw_lane(App& app, PenWindow& own, size_t index, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  const LaneView& lane = *app.session.lanes[index];
  const Rgb colour = p.lane(lane.colour);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(min, min + ImVec2(3, size.y - 2), solid(colour), 1.5f);
  std::string name;
  {
    const WithFont strong(Face::strong);
    name = ui::shortened(app.session.lane_name(index), size.x - 14);
  }
  draw_text(draw, Face::strong, min + ImVec2(12, 0), solid(colour), name.c_str());
  const float after = 20 + text_size(Face::strong, name.c_str()).x;
  const Answer& answer = app.session.answer(index, question);
  if (read::boolean(answer.header, "intervened"))
    ui::intervened_mark(draw, min + ImVec2(after, 0), size.x - after);
  const ImVec2 at = min + ImVec2(12, 22), room = size - ImVec2(12, 24);
  ui::register_widget("writing.lane" + std::to_string(index), at, at + room);
  const auto written = written_by(app, index);
  if (!written || written->letters.empty()) {
    draw_text(draw, Face::small, at, solid(p.dim), written ? "nothing to write" : "about to write…");
    return;
  }
  keep_line(lane, *written, answer.step, own);

  // The newest line takes half of the room, or as much as its letters fill; the older ones what is left.
  const float newest = std::min(room.y, std::max(room.y * 0.5f, std::min(room.y, 90.0f)));
  constexpr float older = 44, label = 62;
  const auto& lines = own.lines[lane.colour];
  const auto fit = static_cast<size_t>(std::max(0.0f, (room.y - newest) / older));
  std::vector<const PenWindow::Line*> shown;
  for (size_t n = lines.size(); n-- > 0 && shown.size() < fit;)
    if (lines[n].step < answer.step) shown.insert(shown.begin(), &lines[n]);
  float y = at.y;
  for (const PenWindow::Line* line : shown) {
    draw_text(draw, Face::small, {at.x, y + (older - 15) / 2}, solid(p.dim),
              ("step " + std::to_string(line->step)).c_str());
    draw_line_of_letters(draw, {at.x + label, y}, {room.x - label, older - 4}, views_of(line->letters), {}, 0,
                         mix(p.card, colour, 0.7f), 1.3f);
    y += older;
  }
  std::vector<std::span<const float>> letters, told;
  for (const StrokesAnswer::Letter& letter : written->letters) {
    letters.push_back(letter.points);
    if (own.clouds) told.push_back(letter.told);
  }
  draw_text(draw, Face::small, {at.x, y}, solid(p.dim), ("step " + std::to_string(answer.step)).c_str());
  draw_line_of_letters(draw, {at.x, y + 14}, {room.x, at.y + room.y - y - 14}, letters, told, written->bias,
                       colour, 2.4f);
}

/// A row for each point of what every lane writes now.
std::string handwriting_csv(const App& app) {
  Csv csv;
  for (const char* column : {"lane", "letter", "point", "right", "down", "lifted", "ends"}) csv.add(column);
  csv.end_row();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto written = written_by(app, i);
    for (size_t n = 0; written && n < written->letters.size(); ++n)
      for (size_t t = 0; t < written->letters[n].size(); ++t) {
        csv.add(app.session.lane_name(i)).add(written->text.substr(n, 1)).add(t + 1);
        for (size_t k = 0; k < StrokesAnswer::numbers; ++k)
          csv.add(written->letters[n].points[t * StrokesAnswer::numbers + k]);
        csv.end_row();
      }
  }
  return csv.text();
}

void draw_tools(App& app, PenWindow& own) {
  const Palette& p = palette();
  constexpr double ladder[] = {0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5};
  const float stepper = touch_targets() ? 148.0f : 108.0f;
  const bool fits = ui::content_width() >= text_size(Face::strong, "Handwriting").x + space::m + stepper +
                                               3 * (row_height() + space::xs);  // beside the title
  const char* help = field("view", "neatness").help;
  double& neatness = app.session.wanted.view.neatness;
  const ui::NumberSpec spec{.minimum = Limits::neatness.minimum,
                            .maximum = Limits::neatness.maximum,
                            .ladder = ladder,
                            .integer = false};
  if (fits) {
    ui::next_tool(stepper);
    ui::number_field("neatness", "Neatness", neatness, spec, stepper);
    ui::tip(help);
  }
  ui::next_tool(row_height());
  if (ui::button("writing.again",
                 {.icon = Icon::dice, .look = ui::Look::quiet, .tip = "Write it another time"}))
    ++own.seed;
  ui::next_tool(row_height());
  if (ui::button("writing.clouds", {.icon = Icon::cloud,
                                    .look = own.clouds ? ui::Look::plain : ui::Look::quiet,
                                    .tip = "Show where each next point was expected",
                                    .state = own.clouds ? "on" : "off"}))
    own.clouds = !own.clouds;
  const float label = text_size(Face::small, "neatness").x;
  if (fits && ui::content_width() > 240 + stepper + label) {
    ui::next_tool(label);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (row_height() - 15) / 2);
    ui::label("neatness", p.dim, Face::small);
  }
  ui::end_tools();
  if (!fits) ui::number_row("neatness", "Neatness", help, neatness, spec);
}

}  // namespace

void draw_handwriting(App& app, PenWindow& own, ImVec2 size) {
  Session& session = app.session;
  ui::begin_card("samples", "Handwriting", size);
  export_button(app, "samples", [&app] { return handwriting_csv(app); });
  draw_tools(app, own);
  std::string& typed = session.wanted.view.prefix;
  const platform::TextField field{.id = "writing.word",
                                  .label = "Word to write",
                                  .placeholder = "A word to write",
                                  .width = ui::content_width(),
                                  .height = row_height(),
                                  .monospace = false,
                                  .max_bytes = most_letters};
  platform::text_field(field, typed);
  ui::register_widget("writing.word", {"Word to write, text field", "", true});
  const std::string word = word_of(app);
  const double neatness = session.wanted.view.neatness;
  std::string of = word + "\n" + ui::number_text(neatness) + "\n" + std::to_string(own.seed);
  if (own.of != of) own.lines.clear();
  own.of = std::move(of);
  std::string unknown;
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    if (session.lanes[i]->task.name != app.task().name) continue;
    session.ask(i, question, {{"type", "strokes"}, {"text", word}, {"bias", neatness}, {"seed", own.seed}});
    unknown = read::text(session.answer(i, question).header, "unknown");
  }
  std::erase(unknown, ' ');
  if (!typed.empty() && !unknown.empty()) ui::dim(("It has never seen: " + unknown).c_str());

  const auto count = static_cast<float>(session.lanes.size());
  const float width = ui::content_width(), gap = space::l;
  const bool columns = width >= 420 && count > 1;
  const float total = size.y > 0 ? ImGui::GetContentRegionAvail().y : columns ? 220.0f : 180.0f * count;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const ImVec2 cell = columns ? ImVec2((width - gap * (count - 1)) / count, total)
                              : ImVec2(width, (total - space::m * (count - 1)) / count);
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const auto at = static_cast<float>(i);
    draw_lane(app, own, i,
              start + (columns ? ImVec2(at * (cell.x + gap), 0) : ImVec2(0, at * (cell.y + space::m))), cell);
  }
  ImGui::Dummy({width, total - 1});
  ui::end_card();
}

Json handwriting_json(const App& app, const PenWindow& own) {
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto written = written_by(app, i);
    if (!written) {
      lanes.push_back(nullptr);
      continue;
    }
    Json letters = Json::array();
    for (const StrokesAnswer::Letter& letter : written->letters) {
      size_t strokes = 0;
      for (size_t t = 0; t < letter.size(); ++t)
        strokes += letter.points[t * StrokesAnswer::numbers + 2] > 0.5f || t + 1 == letter.size() ? 1 : 0;
      letters.push_back({{"points", letter.size()}, {"strokes", strokes}, {"ended", letter.ended}});
    }
    const auto kept = own.lines.find(app.session.lanes[i]->colour);
    Json steps = Json::array();
    for (size_t n = 0; kept != own.lines.end() && n < kept->second.size(); ++n)
      steps.push_back(kept->second[n].step);
    const Answer& answer = app.session.answer(i, question);
    lanes.push_back({{"step", answer.step},
                     {"text", written->text},
                     {"bias", written->bias},
                     {"letters", std::move(letters)},
                     {"points", list_json(answer.values)},
                     {"lines", std::move(steps)}});
  }
  return {{"word", word_of(app)},
          {"neatness", app.session.wanted.view.neatness},
          {"seed", own.seed},
          {"clouds", own.clouds},
          {"lanes", std::move(lanes)}};
}

}  // namespace unroll
