#include "web/views/predict/standing.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/export.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/published.h"

namespace unroll {
namespace {

constexpr const char* measures[] = {"MAE", "RMSE", "MASE"};
constexpr const char* about_measures[] = {
    "MAE: how far off on average", "RMSE: the same, but large errors count more",
    "MASE: MAE by that of last season's value on the training part; below 1 is better than that"};
constexpr double tie = 0.01;  // so near is no difference

/// A line of the table: a lane, or what needs no network.
struct Entry {
  std::string name, about;
  int lane = -1;       ///< its number; −1: it is none
  double value = NAN;  ///< one step ahead
  const ScoreLine* curve = nullptr;
};

double other(const ScoreView& score, std::string_view name) {
  for (const auto& [key, value] : score.others)
    if (key == name) return value;
  return NAN;
}

const ScoreLine* curve_of(const std::vector<ScoreLine>& curves, std::string_view name) {
  const auto found =
      std::find_if(curves.begin(), curves.end(), [&](const auto& one) { return one.name == name; });
  return found == curves.end() ? nullptr : &*found;
}

/// The best first; what was not measured last.
std::vector<Entry> entries(const App& app, int measure) {
  const Session& session = app.session;
  const std::string name = measures[measure];
  std::vector<Entry> all;
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    Entry entry{.name = session.lane_name(i), .about = "", .lane = static_cast<int>(i)};
    if (const auto& score = session.lanes[i]->scores.newest()) {
      entry.value = measure == 0 ? score->value : other(*score, name);
      entry.curve = curve_of(score->curves, name);
    }
    all.push_back(std::move(entry));
  }
  if (session.baselines)
    for (const BaselineView& one : session.baselines->all)
      if (one.of == (measure == 0 ? "" : name))
        all.push_back({one.name, one.about, -1, one.value, one.curve ? &*one.curve : nullptr});
  const auto place = [](const Entry& one) { return std::isfinite(one.value) ? one.value : HUGE_VAL; };
  std::sort(all.begin(), all.end(), [&](const Entry& a, const Entry& b) {
    return place(a) != place(b) ? place(a) < place(b) : a.name < b.name;
  });
  return all;
}

/// How a lane stands beside the best of what needs no network: "autoregression is better: 113.2 MW".
std::string verdict(const std::vector<Entry>& all, const Entry& lane, const std::string& unit) {
  const auto best = std::find_if(all.begin(), all.end(), [](const Entry& one) { return one.lane < 0; });
  if (best == all.end() || !std::isfinite(best->value) || !std::isfinite(lane.value)) return "";
  const std::string value = score_text(best->value, unit);
  if (std::abs(lane.value - best->value) <= tie * best->value)
    return "a tie with " + best->name + ", " + value;
  if (lane.value < best->value)
    return "better than all that need no network; the best is " + best->name + ", " + value;
  const auto better = std::count_if(all.begin(), all.end(),
                                    [&](const Entry& one) { return one.lane < 0 && one.value < lane.value; });
  return best->name + " is still better: " + value +
         (better > 1 ? ", and " + std::to_string(better - 1) + " more" : "");
}

/// "87% of this forecast is yesterday's value."
std::string copy_words(double copy, const std::string& before) {
  char share[16];
  std::snprintf(share, sizeof share, "%.0f%%", 100 * copy);
  if (copy > 0.95) return "This forecast is " + before + " (" + share + ").";
  return std::string(share) + " of this forecast is " + before + ".";
}

void draw_copy_meter(double copy, const std::string& before, Rgb colour) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float bar = 64, share = static_cast<float>(std::clamp(copy, 0.0, 1.0));
  draw->AddRectFilled(at + ImVec2(0, 4), at + ImVec2(bar, 12), solid(p.inset), 4);
  draw->AddRectFilled(at + ImVec2(0, 4), at + ImVec2(std::max(bar * share, 2.0f), 12), solid(colour), 4);
  ImGui::SetCursorScreenPos(at + ImVec2(bar + space::s, 0));
  write(Face::small, p.text, copy_words(copy, before).c_str(), ui::content_width());
  ui::tip(
      "Copy meter. Of what a value brings beyond the one before, this share was not foreseen: 100% is the "
      "value before said "
      "again, 0% a forecast that is right. Where nobody can foresee anything, 100% is no shame.");
}

/// Steps ahead that have a column: the first, the last, and some between.
std::vector<int64_t> horizons(const std::vector<Entry>& all, float width) {
  int64_t last = 1;
  for (const Entry& one : all)
    if (one.curve) last = std::max(last, static_cast<int64_t>(one.curve->at.back()));
  std::vector<int64_t> steps = {1};
  const int more = width > 300 ? 3 : width > 260 ? 2 : 1;
  for (int k = 1; k <= more; ++k) {
    const int64_t step = std::llround(std::pow(static_cast<double>(last), static_cast<double>(k) / more));
    if (step > steps.back()) steps.push_back(step);
  }
  return steps;
}

double value_at(const Entry& entry, int64_t step) {
  if (step == 1 && !entry.curve) return entry.value;
  if (!entry.curve) return NAN;
  for (size_t i = 0; i < entry.curve->at.size(); ++i)
    if (std::llround(entry.curve->at[i]) == step) return entry.curve->value[i];
  return NAN;
}

std::string short_text(double value) {
  if (!std::isfinite(value)) return "–";
  char text[32];
  std::snprintf(text, sizeof text,
                std::abs(value) >= 1000  ? "%.0f"
                : std::abs(value) >= 100 ? "%.1f"
                : std::abs(value) >= 1   ? "%.2f"
                                         : "%.3f",
                value);
  return text;
}

void draw_table(const App& app, const std::vector<Entry>& all) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float width = ui::content_width(), row = 20;
  const std::vector<int64_t> steps = horizons(all, width);
  const float cell = std::clamp(width * 0.55f / static_cast<float>(steps.size() + 1), 42.0f, 58.0f);
  const float one_step = std::max(cell, 50.0f);
  const float names = width - one_step - cell * static_cast<float>(steps.size());
  const auto right = [&](float x, float y, Rgb colour, const std::string& text, Face face) {
    draw_text(draw, face, {x - text_size(face, text.c_str()).x, y}, solid(colour), text.c_str());
  };
  ImVec2 at = ImGui::GetCursorScreenPos();
  right(at.x + names + one_step, at.y, p.dim, "next", Face::small);
  for (size_t k = 0; k < steps.size(); ++k)
    right(at.x + names + one_step + cell * static_cast<float>(k + 1), at.y, p.dim,
          "+" + std::to_string(steps[k]), Face::small);
  ImGui::Dummy({width, 18});
  ui::tip(
      "next: one step ahead, over the whole held-out end. +12: 12 steps ahead, running freely from up to 24 "
      "origins");
  for (const Entry& entry : all) {
    at = ImGui::GetCursorScreenPos();
    const Rgb colour =
        entry.lane >= 0 ? p.lane(app.session.lanes[static_cast<size_t>(entry.lane)]->colour) : p.dim;
    const Face face = entry.lane >= 0 ? Face::strong : Face::small;
    {
      const WithFont font(face);
      draw_text(draw, face, {at.x, at.y + (face == Face::small ? 2.0f : 0.0f)}, solid(colour),
                ui::shortened(entry.name, names - 4).c_str());
    }
    const Rgb ink = entry.lane >= 0 ? p.text : p.dim;
    right(at.x + names + one_step, at.y + 2, ink, short_text(entry.value), Face::small);
    for (size_t k = 0; k < steps.size(); ++k)
      right(at.x + names + one_step + cell * static_cast<float>(k + 1), at.y + 2, ink,
            short_text(value_at(entry, steps[k])), Face::small);
    ImGui::Dummy({width, row - ImGui::GetStyle().ItemSpacing.y});
    if (!entry.about.empty()) ui::tip(entry.about.c_str());
  }
}

std::string standing_csv(const App& app, int measure) {
  Csv csv;
  const std::vector<Entry> all = entries(app, measure);
  csv.add("steps ahead");
  for (const Entry& entry : all) csv.add(entry.name + " " + measures[measure]);
  csv.end_row();
  csv.add("1, whole end");
  for (const Entry& entry : all) csv.add(entry.value);
  csv.end_row();
  size_t rows = 0;
  for (const Entry& entry : all)
    if (entry.curve) rows = std::max(rows, entry.curve->at.size());
  for (size_t r = 0; r < rows; ++r) {
    csv.add(r + 1);
    for (const Entry& entry : all) csv.add(value_at(entry, static_cast<int64_t>(r + 1)));
    csv.end_row();
  }
  return csv.text();
}

}  // namespace

void draw_standing(App& app, int& measure, ImVec2 size) {
  const Palette& p = palette();
  Session& session = app.session;
  const SeriesView* series = session.ask_series();
  ui::begin_card("predict", "How far off", size, true);
  export_button(app, "predict", [&app, measure] { return standing_csv(app, measure); });
  ui::end_tools();
  const float width = std::min(ui::segmented_width(measures), ui::content_width());
  ui::segmented("predict.measure", measures, measure, width, about_measures[measure]);
  const std::vector<Entry> all = entries(app, measure);
  const std::string unit = series && measure < 2 ? series->unit : "";
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const auto entry = std::find_if(all.begin(), all.end(),
                                    [&](const Entry& one) { return one.lane == static_cast<int>(i); });
    const Rgb colour = p.lane(session.lanes[i]->colour);
    ImGui::Dummy({0, 0});
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool measured = entry != all.end() && std::isfinite(entry->value);
    draw_text(ImGui::GetWindowDrawList(), Face::strong, at, solid(colour), session.lane_name(i).c_str());
    const float after = text_size(Face::strong, session.lane_name(i).c_str()).x + space::s;
    const std::string value = measured ? score_text(entry->value, unit) : "not measured yet";
    draw_text(ImGui::GetWindowDrawList(), Face::mono, at + ImVec2(after, 1), solid(measured ? p.text : p.dim),
              value.c_str());
    ImGui::Dummy({ui::content_width(), 18});
    ui::register_widget("standing.lane" + std::to_string(i), at, at + ImVec2(ui::content_width(), 36));
    if (!measured) continue;
    if (const std::string words = verdict(all, *entry, unit); !words.empty()) ui::dim(words.c_str());
    const auto& score = session.lanes[i]->scores.newest();
    if (const double copy = score ? other(*score, "copy") : NAN; std::isfinite(copy) && series)
      draw_copy_meter(copy, series->before, colour);
  }
  ImGui::Dummy({0, space::xs});
  draw_table(app, all);
  ui::scroll_by_drag();
  ui::end_card();
}

Json standing_json(const App& app, int measure) {
  const SeriesView* series = app.session.series_told();
  const std::vector<Entry> all = entries(app, measure);
  Json rows = Json::array(), words = Json::array();
  for (const Entry& entry : all)
    rows.push_back({{"name", entry.name}, {"lane", entry.lane}, {"value", number_or_null(entry.value)}});
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto entry = std::find_if(all.begin(), all.end(),
                                    [&](const Entry& one) { return one.lane == static_cast<int>(i); });
    const auto& score = app.session.lanes[i]->scores.newest();
    const double copy = score ? other(*score, "copy") : NAN;
    words.push_back(
        {{"verdict",
          entry == all.end() || !series ? "" : verdict(all, *entry, measure < 2 ? series->unit : "")},
         {"copy", std::isfinite(copy) && series ? copy_words(copy, series->before) : ""}});
  }
  return {{"measure", measures[measure]}, {"rows", std::move(rows)}, {"lanes", std::move(words)}};
}

}  // namespace unroll
