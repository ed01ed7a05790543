// The task's score: over the steps, with what needs no network as dashed lines, and its curve as it is now: accuracy by
// lag, error by horizon.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include "engine/generators/generator.h"
#include "web/export.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/curves/curves.h"

namespace unroll::curves {
namespace {

constexpr float gutter_width = 84;

/// Grows to what is worth showing.
struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool any() const { return high >= low; }
};

/// The vertical axis: shares from 0 to 1, errors from 0.
Axis value_axis(const Extent& extent, const std::string& unit, float bottom, float top) {
  if (!extent.any()) return {0, 1, bottom, top, false};
  if (unit == "%") return {0, std::max(1.0, extent.high), bottom, top, false};
  const double high = extent.high > 0 ? extent.high * 1.08 : 1;
  return {std::min(0.0, extent.low * 1.08), high, bottom, top, false};
}

/// Lane names with values, and where there is room what the value is.
void draw_legend(const App& app, const std::vector<std::string>& values, const std::string& what) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  Flow flow;
  const std::vector<std::string> names = app.session.lane_names();
  for (size_t i = 0; i < names.size(); ++i) {
    std::string name;
    {
      const WithFont face(Face::text);
      name = ui::shortened(names[i], 150);
    }
    const float width = text_size(Face::text, name.c_str()).x;
    const ImVec2 at = flow.next(22 + width + 6 + text_size(Face::mono, values[i].c_str()).x);
    draw->AddLine({at.x, at.y + 9}, {at.x + 14, at.y + 9}, solid(p.lane(app.session.lanes[i]->colour)), 2.2f);
    draw_text(draw, Face::text, {at.x + 22, at.y}, solid(p.text), name.c_str());
    draw_text(draw, Face::mono, {at.x + 28 + width, at.y + 1}, solid(p.text), values[i].c_str());
  }
  const ImVec2 at = flow.next(text_size(Face::small, what.c_str()).x);
  draw_text(draw, Face::small, {at.x, at.y + 2}, solid(p.dim), what.c_str());
  flow.end();
}

/// The picture's place with its axes still to be drawn. Returns whether it is pointed at.
bool place_plot(Plot& plot, const char* id, float wanted) {
  const float width = ui::content_width();
  const float height =
      std::max(120.0f, wanted > 0 ? ImGui::GetContentRegionAvail().y : std::min(300.0f, width * 0.8f));
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const float gutter = width > 280 ? gutter_width : 0;
  plot.draw = ImGui::GetWindowDrawList();
  plot.area = ImRect(min + ImVec2(44, 6), min + ImVec2(width - gutter, height - 22));
  ImGui::InvisibleButton(id, {width, height});
  ui::register_widget("curves.plot", plot.area.Min, plot.area.Max);
  return ImGui::IsItemHovered() && plot.area.Contains(ImGui::GetIO().MousePos) && !ui::drag_scrolling();
}

void say_in_plot(const Plot& plot, const char* words) {
  const ImVec2 size = ImGui::CalcTextSize(words), centre = plot.area.GetCenter();
  plot.draw->AddText({centre.x - size.x / 2, centre.y - 10}, solid(palette().dim), words);
}

/// A tool tip with a line for each lane, and for whatever else has a value there.
template <class LaneValue, class LevelValue>
void read_values(const App& app, const std::string& head, const std::string& unit, LaneValue&& lane_value,
                 LevelValue&& level_value) {
  const Palette& p = palette();
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    ui::label(head.c_str(), p.dim, Face::small);
    if (ImGui::BeginTable("values", 2, ImGuiTableFlags_SizingFixedFit)) {
      const auto row = [&](const std::string& name, Rgb colour, double value) {
        ImGui::TableNextColumn();
        ui::label(name.c_str(), colour, Face::text);
        ImGui::TableNextColumn();
        ui::label(score_text(value, unit).c_str(), p.text, Face::mono);
      };
      for (size_t i = 0; i < app.session.lanes.size(); ++i)
        row(app.session.lane_name(i), p.lane(app.session.lanes[i]->colour), lane_value(i));
      if (app.session.baselines)
        for (const BaselineView& one : app.session.baselines->all)
          if (const double value = level_value(one); std::isfinite(value)) row(one.name, p.dim, value);
      ImGui::EndTable();
    }
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

std::string measure_name(const ScoreView& score, int other) {
  const auto index = static_cast<size_t>(other);
  return other >= 0 && index < score.others.size() ? score.others[index].first : score.name;
}

/// A further measure in a few words.
std::string about(const std::string& name) {
  if (name == decisive_loss) return name + ": nats of what only memory tells, 0 is perfect";
  if (name == decisive_right) return name + ": of what only memory tells, how much is told right";
  return name;
}

/// Whether the baseline's value is by this measure.
bool measures(const BaselineView& one, const ScoreView& score, int other) {
  return one.of == (other < 0 ? "" : measure_name(score, other));
}

const ScoreLine* line_of(const std::optional<ScoreView>& score, size_t which) {
  return score && which < score->curves.size() ? &score->curves[which] : nullptr;
}

double value_at(const ScoreLine* line, double at) {
  if (!line) return NAN;
  for (size_t i = 0; i < line->at.size(); ++i)
    if (line->at[i] == at) return line->value[i];
  return NAN;
}

/// Curves whose points are joined where they follow each other; a gap stays one.
void draw_line(const Plot& plot, const ScoreLine& line, Rgb colour, bool dashed) {
  const float room = plot.area.GetWidth() / static_cast<float>(std::max<size_t>(line.at.size(), 1));
  ImVec2 before;
  bool joined = false;
  for (size_t i = 0; i < line.at.size(); ++i) {
    if (!std::isfinite(line.value[i])) {
      joined = false;
      continue;
    }
    const ImVec2 at = plot.at(line.at[i], line.value[i]);
    if (joined && dashed) {
      const ImVec2 way = at - before;
      const float length = std::max(std::sqrt(way.x * way.x + way.y * way.y), 1.0f);
      for (float from = 0; from < length; from += 8)
        plot.draw->AddLine(before + way * (from / length),
                           before + way * (std::min(from + 4, length) / length), faded(colour, 0.8f), 1);
    } else if (joined) {
      plot.draw->AddLine(before, at, solid(colour), 2);
    }
    if (!dashed && room >= 7) draw_dot(plot.draw, at, colour);
    before = at;
    joined = true;
  }
}

}  // namespace

const ScoreView* any_score(const Session& session) {
  for (const auto& lane : session.lanes)
    if (lane->scores.newest()) return &*lane->scores.newest();
  return nullptr;
}

void draw_score(App& app, int other, float wanted) {
  const Session& session = app.session;
  const ScoreView* score = any_score(session);
  if (!score) return;
  const std::string name = measure_name(*score, other), unit = unit_of(*score, other);
  std::vector<std::string> values;
  for (const auto& lane : session.lanes)
    values.push_back(
        lane->scores.points().empty() ? "–" : score_text(lane->scores.points().back().of(other), unit));
  draw_legend(
      app, values,
      other >= 0 ? about(name)
                 : name + (score->higher_is_better ? ", higher is better" : ", lower is better") +
                       (score->count > 0 ? ", of " + ui::count_text(static_cast<double>(score->count)) : ""));
  Plot plot{};
  const bool hovered = place_plot(plot, "plot", wanted);
  Extent extent;
  for (const auto& lane : session.lanes)
    for (const ScoreHistory::Point& point : lane->scores.points()) extent.add(point.of(other));
  std::vector<Level> levels;
  if (session.baselines)
    for (const BaselineView& one : session.baselines->all)
      if (measures(one, *score, other)) levels.push_back({one.name, one.value});
  // What is far worse than all lanes must not flatten them; it is left out, and the table has it.
  const double worst = extent.high;
  for (const Level& level : levels)
    if (!extent.any() || unit == "%" || level.value <= 3 * std::max(worst, 1e-12)) extent.add(level.value);
  plot.x = {0, static_cast<double>(std::max<int64_t>(session.step(), 20)), plot.area.Min.x, plot.area.Max.x,
            false};
  plot.y = value_axis(extent, unit, plot.area.Max.y, plot.area.Min.y);
  draw_axes(plot, unit);
  draw_levels(plot, levels, ui::content_width() > 280 ? gutter_width : 0);
  ImGui::PushClipRect(plot.area.Min - ImVec2(4, 4), plot.area.Max + ImVec2(4, 4), true);
  for (const auto& lane : session.lanes) {
    const Rgb colour = palette().lane(lane->colour);
    const auto& points = lane->scores.points();
    for (const ScoreHistory::Point& point : points)
      plot.draw->PathLineTo(plot.at(static_cast<double>(point.step), point.of(other)));
    plot.draw->PathStroke(solid(colour), ImDrawFlags_None, 2.2f);
    const float room = plot.area.GetWidth() / static_cast<float>(std::max<size_t>(points.size(), 1));
    for (size_t i = 0; i < points.size(); ++i)
      if (room >= 9 || i + 1 == points.size())
        draw_dot(plot.draw, plot.at(static_cast<double>(points[i].step), points[i].of(other)), colour);
  }
  ImGui::PopClipRect();
  if (session.step() == 0) say_in_plot(plot, "Press Train to begin");
  if (!hovered) return;
  const int64_t step = std::max<int64_t>(std::llround(plot.x.value(ImGui::GetIO().MousePos.x)), 0);
  const float x = plot.x.pixel(static_cast<double>(step));
  plot.draw->AddLine({x, plot.area.Min.y}, {x, plot.area.Max.y}, faded(palette().text, 0.4f), 1);
  read_values(
      app, "step " + std::to_string(step), unit,
      [&](size_t i) {
        const ScoreHistory::Point* point = session.lanes[i]->scores.at(step);
        return point ? point->of(other) : NAN;
      },
      [&](const BaselineView& one) { return measures(one, *score, other) ? one.value : NAN; });
}

void draw_no_score(App& app, const std::string& measure, float wanted) {
  const Session& session = app.session;
  draw_legend(app, std::vector<std::string>(session.lanes.size(), "–"), about(measure));
  Plot plot{};
  place_plot(plot, "plot", wanted);
  std::vector<Level> levels;
  Extent extent;
  if (session.baselines)
    for (const BaselineView& one : session.baselines->all)
      if (one.of == measure) {
        levels.push_back({one.name, one.value});
        extent.add(one.value);
      }
  plot.x = {0, 20, plot.area.Min.x, plot.area.Max.x, false};
  plot.y = value_axis(extent, "", plot.area.Max.y, plot.area.Min.y);
  draw_axes(plot);
  draw_levels(plot, levels, ui::content_width() > 280 ? gutter_width : 0);
  if (session.step() == 0) say_in_plot(plot, "Press Train to begin");
}

void draw_score_curve(App& app, size_t which, float wanted) {
  const Session& session = app.session;
  const ScoreView* score = any_score(session);
  if (!score || which >= score->curves.size()) return;
  const ScoreLine& first = score->curves[which];
  std::vector<std::string> values;
  for (const auto& lane : session.lanes) {
    const ScoreLine* line = line_of(lane->scores.newest(), which);
    values.push_back(line ? score_text(line->value.back(), score->unit) : "–");
  }
  draw_legend(app, values, first.name + " by " + first.x + "; the number is the last point's");
  Plot plot{};
  const bool hovered = place_plot(plot, "curve", wanted);
  Extent across, up;
  const auto add = [&](const ScoreLine& line) {
    for (double at : line.at) across.add(at);
    for (double value : line.value) up.add(value);
  };
  for (const auto& lane : session.lanes)
    if (const ScoreLine* line = line_of(lane->scores.newest(), which)) add(*line);
  const auto beside = [&](const BaselineView& one) {
    return one.curve && one.curve->x == first.x && one.curve->name == first.name ? &*one.curve : nullptr;
  };
  if (session.baselines)
    for (const BaselineView& one : session.baselines->all)
      if (const ScoreLine* line = beside(one)) add(*line);
  const double low = across.any() ? across.low : 0, high = across.any() ? across.high : 1;
  plot.x = {low, std::max(high, low + 1), plot.area.Min.x, plot.area.Max.x, false};
  plot.y = value_axis(up, score->unit, plot.area.Max.y, plot.area.Min.y);
  draw_axes(plot, score->unit);
  ImGui::PushClipRect(plot.area.Min - ImVec2(4, 4), plot.area.Max + ImVec2(4, 4), true);
  std::vector<Level> ends;
  if (session.baselines)
    for (const BaselineView& one : session.baselines->all)
      if (const ScoreLine* line = beside(one)) {
        draw_line(plot, *line, palette().dim, true);
        ends.push_back({one.name, line->value.back()});
      }
  for (const auto& lane : session.lanes)
    if (const ScoreLine* line = line_of(lane->scores.newest(), which))
      draw_line(plot, *line, palette().lane(lane->colour), false);
  ImGui::PopClipRect();
  std::vector<float> centres;
  for (const Level& end : ends) centres.push_back(plot.y.pixel(end.value));
  keep_apart(centres, 14, plot.area.Min.y + 2, plot.area.Max.y - 2);
  for (size_t i = 0; i < ends.size() && ui::content_width() > 280; ++i)
    draw_text(plot.draw, Face::small, {plot.area.Max.x + 8, centres[i] - 7.5f}, solid(palette().dim),
              ui::shortened(ends[i].label, gutter_width - 8).c_str());
  if (!hovered) return;
  const double at = std::round(plot.x.value(ImGui::GetIO().MousePos.x));
  const float x = plot.x.pixel(at);
  plot.draw->AddLine({x, plot.area.Min.y}, {x, plot.area.Max.y}, faded(palette().text, 0.4f), 1);
  read_values(
      app, first.x + " " + ui::number_text(at), score->unit,
      [&](size_t i) { return value_at(line_of(session.lanes[i]->scores.newest(), which), at); },
      [&](const BaselineView& one) { return value_at(beside(one), at); });
}

std::string score_csv(const Session& session, int other) {
  const ScoreView* score = any_score(session);
  Csv csv;
  csv.add("step");
  for (const std::string& lane : session.lane_names())
    csv.add(lane + " " + (score ? measure_name(*score, other) : "score"));
  std::vector<double> beside;
  if (score && session.baselines)
    for (const BaselineView& one : session.baselines->all)
      if (measures(one, *score, other)) {
        csv.add(one.name);
        beside.push_back(one.value);
      }
  csv.end_row();
  std::set<int64_t> steps;
  for (const auto& lane : session.lanes)
    for (const ScoreHistory::Point& point : lane->scores.points()) steps.insert(point.step);
  for (int64_t step : steps) {
    csv.add(step);
    for (const auto& lane : session.lanes) {
      const ScoreHistory::Point* point = lane->scores.at(step);
      csv.add(point && point->step == step ? point->of(other) : NAN);
    }
    for (const double value : beside) csv.add(value);
    csv.end_row();
  }
  return csv.text();
}

std::string score_curve_csv(const Session& session, size_t which) {
  const ScoreView* score = any_score(session);
  Csv csv;
  if (!score || which >= score->curves.size()) return csv.text();
  const ScoreLine& first = score->curves[which];
  csv.add(first.x);
  for (const std::string& lane : session.lane_names()) csv.add(lane + " " + first.name);
  csv.end_row();
  for (double at : first.at) {
    csv.add(at);
    for (const auto& lane : session.lanes) csv.add(value_at(line_of(lane->scores.newest(), which), at));
    csv.end_row();
  }
  return csv.text();
}

}  // namespace unroll::curves
