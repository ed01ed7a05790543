#include "web/views/samples/series.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/export.h"
#include "web/session/answers.h"
#include "web/session/scores.h"
#include "web/toolkit/plot.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

constexpr float strip_height = 26;  // the whole series below the part that is looked at
constexpr double least_length = 16;

struct Picture {
  App& app;
  const SeriesView& series;
  SeriesWindow& own;
  ImDrawList* draw;
  ImRect area;
  Axis x, y;

  float at(double step) const { return x.pixel(step); }
  ImVec2 at(double step, double value) const { return {x.pixel(step), y.pixel(value)}; }
};

int64_t clamped(const SeriesView& series, double origin) {
  return std::clamp<int64_t>(std::llround(origin), series.first_origin, series.length() - 1);
}

/// Keeps the window within the series and what may follow it.
void keep_inside(const SeriesView& series, SeriesWindow& own) {
  const double end = static_cast<double>(series.length() + series.steps);
  own.length = std::clamp(own.length, std::min(least_length, end), end);
  own.from = std::clamp(own.from, 0.0, end - own.length);
}

/// So that what comes before the origin and what is said about afterwards are both seen.
void show_origin(const SeriesView& series, SeriesWindow& own) {
  const double place = (static_cast<double>(own.origin) - own.from) / own.length;
  const double ahead = static_cast<double>(own.origin + series.steps) - own.from;
  if (place < 0.15 || ahead > own.length)
    own.from =
        static_cast<double>(own.origin) -
        std::clamp(own.length - 1.3 * static_cast<double>(series.steps), 0.4 * own.length, 0.8 * own.length);
  keep_inside(series, own);
}

/// Another series: its held-out part begins where the lanes go on from.
void choose_window(const SeriesView& series, SeriesWindow& own) {
  std::string of = series.title + " " + std::to_string(series.length()) + " " + std::to_string(series.train);
  if (own.of == of) return;
  own = {.of = std::move(of)};
  own.origin = clamped(series, static_cast<double>(series.train - 1));
  own.length = std::max(6.0 * static_cast<double>(series.steps), 48.0);
  keep_inside(series, own);
  own.from = static_cast<double>(own.origin) - 0.6 * own.length;
  keep_inside(series, own);
}

void zoom(const SeriesView& series, SeriesWindow& own, double factor) {
  const double place = (static_cast<double>(own.origin) - own.from) / own.length;
  own.length *= factor;
  keep_inside(series, own);
  own.from = static_cast<double>(own.origin) - place * own.length;
  keep_inside(series, own);
}

/// The vertical axis: what is seen of the series and of the forecasts.
Axis value_axis(const App& app, const SeriesView& series, const SeriesWindow& own, float bottom, float top) {
  double low = INFINITY, high = -INFINITY;
  const auto add = [&](float value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, static_cast<double>(value));
    high = std::max(high, static_cast<double>(value));
  };
  const auto first = static_cast<size_t>(own.from);
  const auto end = std::min(series.values.size(), static_cast<size_t>(own.from + own.length) + 2);
  for (size_t t = first; t < end; ++t) add(series.values[t]);
  const double tall = high > low ? high - low : 1;
  for (size_t i = 0; i < app.session.lanes.size(); ++i)
    if (const auto answer = forecast_told(app.session, i, own))
      for (const auto line : {answer->low, answer->high, answer->forecast})
        for (const float value : line)  // an untrained lane may go anywhere; that is cut off
          if (static_cast<double>(value) > low - tall && static_cast<double>(value) < high + tall) add(value);
  if (!(high >= low)) low = 0, high = 1;
  const double margin = high > low ? 0.06 * (high - low) : std::max(1e-6, 0.1 * std::abs(high));
  return {low - margin, high + margin, bottom, top, false};
}

/// Places of labels along the time: of seasons where these are long enough for their words.
void draw_time(const Picture& view) {
  const Palette& p = palette();
  const double per_label = static_cast<double>(view.area.GetWidth()) / 110;
  const double rough = std::max(view.own.length / std::max(per_label, 1.0), 1.0);
  double gap = 0;
  for (const double season : view.series.seasons)
    for (const double factor : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0})
      if (gap == 0 && season == std::floor(season) && season * factor >= rough) gap = season * factor;
  if (gap == 0) {
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0})
      if (gap == 0 && factor * power >= rough) gap = factor * power;
  }
  gap = std::max(gap, 1.0);
  float free = view.area.Min.x - 20;
  for (double t = std::ceil(view.own.from / gap) * gap; t <= view.own.from + view.own.length; t += gap) {
    const std::string label = view.series.axis.label(static_cast<int64_t>(t));
    const float width = text_size(Face::small, label.c_str()).x, x = view.at(t);
    const float left = std::min(x - width / 2, view.area.Max.x - width);
    view.draw->AddLine({x, view.area.Max.y}, {x, view.area.Max.y + 3}, solid(p.strong_border));
    if (left < free + 8) continue;
    draw_text(view.draw, Face::small, {left, view.area.Max.y + 4}, solid(p.dim), label.c_str());
    free = left + width;
  }
}

void draw_values_axis(const Picture& view) {
  const Palette& p = palette();
  for (const double tick :
       nice_ticks(view.y.low, view.y.high, static_cast<int>(view.area.GetHeight() / 44) + 1)) {
    const float y = std::round(view.y.pixel(tick)) + 0.5f;
    view.draw->AddLine({view.area.Min.x, y}, {view.area.Max.x, y}, solid(p.border));
    const std::string text = std::abs(tick) >= 10000 ? ui::count_text(tick) : ui::number_text(tick);
    draw_text(view.draw, Face::small, {view.area.Min.x - text_size(Face::small, text.c_str()).x - 8, y - 8},
              solid(p.dim), text.c_str());
  }
}

/// The values from `first` to `last`; a gap stays one, and a value between two gaps is a point.
void draw_line(const Picture& view, int64_t first, int64_t last, Rgb colour, float thick) {
  first = std::max<int64_t>(first, static_cast<int64_t>(view.own.from) - 1);
  last = std::min<int64_t>(last, static_cast<int64_t>(view.own.from + view.own.length) + 1);
  const auto value = [&](int64_t t) {
    return t < 0 || t >= view.series.length() ? NAN : view.series.values[static_cast<size_t>(t)];
  };
  int points = 0;
  const auto end = [&] {
    if (points > 1) view.draw->PathStroke(solid(colour), ImDrawFlags_None, thick);
    view.draw->PathClear();
    points = 0;
  };
  for (int64_t t = std::max<int64_t>(first, 0); t <= last; ++t) {
    if (!std::isfinite(value(t))) {
      end();
      continue;
    }
    const ImVec2 at = view.at(static_cast<double>(t), static_cast<double>(value(t)));
    if (points == 0 && !std::isfinite(value(t + 1))) view.draw->AddCircleFilled(at, thick, solid(colour), 10);
    view.draw->PathLineTo(at);
    if (++points == 4000) {  // a path has its limits
      end();
      --t;
    }
  }
  end();
}

void draw_fan(const Picture& view, size_t lane) {
  const auto answer = forecast_told(view.app.session, lane, view.own);
  if (!answer) return;
  const Rgb colour = palette().lane(view.app.session.lanes[lane]->colour);
  const float start = view.series.values[static_cast<size_t>(view.own.origin)];
  const auto place = [&](size_t h, float value) {
    return view.at(static_cast<double>(answer->origin) + 1 + static_cast<double>(h),
                   static_cast<double>(value));
  };
  const bool joined = std::isfinite(start);
  const ImVec2 from = view.at(static_cast<double>(answer->origin), joined ? static_cast<double>(start) : 0);
  ImVec2 low = from, high = from;
  for (size_t h = 0; h < answer->forecast.size(); ++h) {
    const ImVec2 next_low = place(h, answer->low[h]), next_high = place(h, answer->high[h]);
    if (h > 0 || joined) view.draw->AddQuadFilled(low, high, next_high, next_low, faded(colour, 0.16f));
    low = next_low;
    high = next_high;
  }
  if (joined) view.draw->PathLineTo(from);
  for (size_t h = 0; h < answer->forecast.size(); ++h) view.draw->PathLineTo(place(h, answer->forecast[h]));
  view.draw->PathStroke(solid(colour), ImDrawFlags_None, 2.2f);
}

/// What is trained on and what is held out, in words where there is room.
void draw_parts(const Picture& view) {
  const Palette& p = palette();
  const float x =
      std::clamp(view.at(static_cast<double>(view.series.train) - 0.5), view.area.Min.x, view.area.Max.x);
  if (view.series.train < view.series.length()) {
    const float end = std::min(view.at(static_cast<double>(view.series.length()) - 0.5), view.area.Max.x);
    if (end > x)
      view.draw->AddRectFilled({x, view.area.Min.y}, {end, view.area.Max.y}, faded(p.accent, 0.07f));
  }
  const auto word = [&](const char* text, float from, float to) {
    const float width = text_size(Face::small, text).x;
    if (to - from < width + 2 * space::s) return;
    draw_text(view.draw, Face::small, {from + space::s, view.area.Min.y + 2}, solid(p.dim), text);
  };
  word("trained on", view.area.Min.x, x);
  word("held out", x, view.area.Max.x);
}

void draw_origin(const Picture& view, bool focused) {
  const Palette& p = palette();
  const float x = view.at(static_cast<double>(view.own.origin));
  if (x < view.area.Min.x - 1 || x > view.area.Max.x + 1) return;
  view.draw->AddLine({x, view.area.Min.y + 20}, {x, view.area.Max.y}, solid(p.accent_text), 1.5f);
  const ImVec2 knob(x, view.area.Max.y - 9);
  view.draw->AddCircleFilled(knob, 7, solid(p.card), 20);
  view.draw->AddCircle(knob, 7, solid(p.accent_text), 20, focused || view.own.dragged ? 3.0f : 2.0f);
  for (const float side : {-1.0f, 1.0f})  // it goes both ways
    view.draw->AddTriangleFilled(knob + ImVec2(side * 4.5f, 0), knob + ImVec2(side * 1.5f, -3),
                                 knob + ImVec2(side * 1.5f, 3), solid(p.accent_text));
  const std::string label = "from " + view.series.axis.label(view.own.origin);
  const float width = text_size(Face::small, label.c_str()).x;
  const float left = std::clamp(x - width / 2, view.area.Min.x + 2,
                                std::max(view.area.Max.x - width - 2, view.area.Min.x + 2));
  view.draw->AddRectFilled({left - 4, view.area.Min.y + 17}, {left + width + 4, view.area.Min.y + 34},
                           solid(p.card), 4);
  draw_text(view.draw, Face::small, {left, view.area.Min.y + 18}, solid(p.accent_text), label.c_str());
}

/// The whole series, with the part that is looked at; pressing it goes there.
void draw_strip(const Picture& view, ImVec2 min, float width) {
  const Palette& p = palette();
  const ImVec2 size(width, strip_height), max = min + size;
  ImGui::SetCursorScreenPos(min);
  ImGui::InvisibleButton("strip", size);
  ui::register_widget("series.strip", min, max);
  const double all = static_cast<double>(view.series.length() + view.series.steps);
  if (ImGui::IsItemActive() && !ui::drag_scrolling()) {
    const double share = static_cast<double>((ImGui::GetIO().MousePos.x - min.x) / width);
    view.own.origin = clamped(view.series, share * all);
    view.own.from = static_cast<double>(view.own.origin) - 0.6 * view.own.length;
    keep_inside(view.series, view.own);
  }
  view.draw->AddRectFilled(min, max, solid(p.inset), 4);
  const auto x = [&](double step) { return min.x + static_cast<float>(step / all) * width; };
  view.draw->AddRectFilled({x(static_cast<double>(view.series.train)), min.y},
                           {x(static_cast<double>(view.series.length())), max.y}, faded(p.accent, 0.10f));
  float low = INFINITY, high = -INFINITY;
  for (const float value : view.series.values)
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  const auto y = [&](float value) {
    return max.y - 3 - (strip_height - 6) * (value - low) / std::max(high - low, 1e-12f);
  };
  const auto columns = static_cast<int>(width);
  for (int c = 0; c < columns; ++c) {  // of each column of pixels all that it holds
    const auto first = static_cast<size_t>(static_cast<double>(c) / columns * all);
    const auto end =
        std::min(view.series.values.size(),
                 std::max(first + 1, static_cast<size_t>(static_cast<double>(c + 1) / columns * all) + 1));
    float least = INFINITY, most = -INFINITY;
    for (size_t t = first; t < end; ++t)
      if (std::isfinite(view.series.values[t]))
        least = std::min(least, view.series.values[t]), most = std::max(most, view.series.values[t]);
    if (!(most >= least)) continue;
    const float at = min.x + static_cast<float>(c);
    view.draw->AddRectFilled({at, y(most)}, {at + 1, y(least) + 1}, faded(p.text, 0.55f));
  }
  view.draw->AddRect({x(view.own.from), min.y}, {std::min(x(view.own.from + view.own.length), max.x), max.y},
                     solid(p.accent_text), 4, 0, 1.5f);
}

/// "RNN 64, off by 312 MW" for each lane; what the black line is.
void draw_legend(const App& app, const SeriesView& series, const SeriesWindow& own) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float width = ui::content_width();
  ImVec2 at = start;
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto answer = forecast_told(app.session, i, own);
    const double error = answer ? mean_error(series, *answer) : NAN;
    const std::string name = app.session.lane_name(i),
                      value = std::isfinite(error) ? "off by " + score_text(error, series.unit) : "";
    const float name_width = text_size(Face::text, name.c_str()).x,
                entry = 28 + name_width + text_size(Face::small, value.c_str()).x;
    if (at.x + entry > start.x + width && at.x > start.x) at = {start.x, at.y + 20};
    draw->AddLine({at.x, at.y + 9}, {at.x + 14, at.y + 9}, solid(p.lane(app.session.lanes[i]->colour)), 2.2f);
    draw_text(draw, Face::text, {at.x + 20, at.y}, solid(p.text), name.c_str());
    draw_text(draw, Face::small, {at.x + 26 + name_width, at.y + 2}, solid(p.dim), value.c_str());
    at.x += entry + space::m;
  }
  ImGui::Dummy({width, at.y - start.y + 18});
}

/// What stands at a step: the value, and what every lane said of it.
void read_step(const Picture& view, int64_t step) {
  const Palette& p = palette();
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    ui::label(view.series.axis.label(step).c_str(), p.dim, Face::small);
    if (ImGui::BeginTable("values", 2, ImGuiTableFlags_SizingFixedFit)) {
      const auto row = [&](const std::string& name, Rgb colour, float value) {
        ImGui::TableNextColumn();
        ui::label(name.c_str(), colour);
        ImGui::TableNextColumn();
        ui::label(score_text(static_cast<double>(value), view.series.unit).c_str(), p.text, Face::mono);
      };
      row(step < view.series.length() ? "value" : "not known yet", p.text,
          step < view.series.length() ? view.series.values[static_cast<size_t>(step)] : NAN);
      for (size_t i = 0; i < view.app.session.lanes.size(); ++i) {
        const auto answer = forecast_told(view.app.session, i, view.own);
        const int64_t h = answer ? step - answer->origin - 1 : -1;
        if (h >= 0 && h < static_cast<int64_t>(answer->forecast.size()))
          row(view.app.session.lane_name(i), p.lane(view.app.session.lanes[i]->colour),
              answer->forecast[static_cast<size_t>(h)]);
      }
      ImGui::EndTable();
    }
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

/// Pointer, finger and arrow keys move the origin. Returns whether the picture has the keyboard.
bool move_origin(Picture& view) {
  const ImGuiIO& io = ImGui::GetIO();
  SeriesWindow& own = view.own;
  const bool active = ImGui::IsItemActive() && !ui::drag_scrolling();
  // A finger may be about to scroll: it moves the origin once it goes sideways, or by a tap.
  const ImVec2 drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
  const bool sideways =
      !touch_targets() || own.dragged || (std::abs(drag.x) > 6 && std::abs(drag.x) > std::abs(drag.y));
  const bool tapped =
      ImGui::IsItemDeactivated() && !ui::drag_scrolling() && io.MouseDragMaxDistanceSqr[0] < 64;
  if ((active && sideways && ImGui::IsMouseDown(ImGuiMouseButton_Left)) ||
      (tapped && view.area.Contains(io.MousePos))) {
    own.origin = clamped(view.series, view.x.value(io.MousePos.x));
    own.dragged = active;
  }
  if (!active && own.dragged) {  // let go
    own.dragged = false;
    show_origin(view.series, own);
  }
  const bool focused = ImGui::IsItemFocused();
  if (!focused) return false;
  int64_t by = 0;
  for (const auto& [key, amount] : {std::pair{ImGuiKey_LeftArrow, int64_t{-1}},
                                    {ImGuiKey_RightArrow, int64_t{1}},
                                    {ImGuiKey_PageUp, -view.series.steps},
                                    {ImGuiKey_PageDown, view.series.steps}}) {
    ImGui::SetKeyOwner(key, ImGui::GetItemID());  // from the next frame on the keys are not for the focus
    if (ImGui::IsKeyPressed(key)) by += amount * (io.KeyShift && std::abs(amount) == 1 ? 10 : 1);
  }
  if (by != 0) {
    own.origin = clamped(view.series, static_cast<double>(own.origin + by));
    show_origin(view.series, own);
  }
  return true;
}

}  // namespace

void draw_series(App& app, SeriesWindow& own, ImVec2 size) {
  const Palette& p = palette();
  Session& session = app.session;
  const SeriesView* series = session.ask_series();
  ui::begin_card("samples", "Series", size);
  export_button(app, "samples", [&app, &own] { return series_csv(app, own); });
  if (!series) {
    ui::end_tools();
    ui::dim("waiting for the lanes…");
    return ui::end_card();
  }
  choose_window(*series, own);
  for (const auto& [id, icon, tip, factor] : {std::tuple{"series.zoom-in", Icon::plus, "Fewer steps", 0.7},
                                              {"series.zoom-out", Icon::minus, "More steps", 1 / 0.7},
                                              {"series.fit", Icon::fit, "The whole series", 1e9}}) {
    ui::next_tool(row_height());
    if (ui::button(id, {.icon = icon, .look = ui::Look::quiet, .tip = tip})) zoom(*series, own, factor);
  }
  ui::end_tools();
  for (size_t i = 0; i < session.lanes.size(); ++i)
    if (session.lanes[i]->task.name == app.task().name)
      session.ask(i, forecast_question, {{"type", "forecast"}, {"origin", own.origin}});
  {
    const WithFont small(Face::small);
    const std::string what = series->quantity + (series->source.empty() ? "" : ". " + series->source);
    ui::label(ui::shortened(what, ui::content_width()).c_str(), p.dim, Face::small);
    ui::tip(what.c_str());
  }
  draw_legend(app, *series, own);

  const float width = ui::content_width();
  const float room = size.y > 0 ? ImGui::GetContentRegionAvail().y - 2 : 300.0f;
  const bool strip = room > 150;
  const float height = std::max(room - (strip ? strip_height + space::s : 0), 90.0f);
  const ImVec2 min = ImGui::GetCursorScreenPos();
  Picture view{.app = app,
               .series = *series,
               .own = own,
               .draw = ImGui::GetWindowDrawList(),
               .area = ImRect(min + ImVec2(46, 2), min + ImVec2(width - 2, height - 20)),
               .x = {},
               .y = {}};
  const auto scale = [&] {
    view.x = {own.from, own.from + own.length, view.area.Min.x, view.area.Max.x, false};
    view.y = value_axis(app, *series, own, view.area.Max.y, view.area.Min.y + 16);
  };
  scale();
  ImGui::SetCursorScreenPos(view.area.Min);
  ImGui::InvisibleButton("origin", view.area.GetSize());
  const bool hovered = ImGui::IsItemHovered() && !ui::drag_scrolling();
  const ImGuiID item = ImGui::GetItemID();
  ui::register_widget("series.origin", {"Where the forecasts begin, slider, arrow keys move it",
                                        spoken_series(app, *series, own)});
  const bool focused = move_origin(view);
  if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  scale();

  draw_values_axis(view);
  draw_time(view);
  ImGui::PushClipRect(view.area.Min, view.area.Max, true);
  draw_parts(view);
  draw_line(view, own.origin, series->length() - 1, mix(p.card, p.text, 0.55f), 1.4f);
  draw_line(view, 0, own.origin, p.text, 1.6f);
  for (size_t i = 0; i < session.lanes.size(); ++i) draw_fan(view, i);
  draw_origin(view, focused);
  ImGui::PopClipRect();
  ImGui::RenderNavHighlight(view.area, item);
  if (hovered && !touch_targets()) {
    const int64_t step = std::clamp<int64_t>(std::llround(view.x.value(ImGui::GetIO().MousePos.x)), 0,
                                             series->length() + series->steps - 1);
    const float x = view.at(static_cast<double>(step));
    view.draw->AddLine({x, view.area.Min.y}, {x, view.area.Max.y}, faded(p.text, 0.35f), 1);
    read_step(view, step);
  }
  if (strip) draw_strip(view, min + ImVec2(46, height + space::s), width - 48);
  ImGui::SetCursorScreenPos(min);
  ImGui::Dummy({width, room});
  ui::end_card();
}

}  // namespace unroll
