#include "web/views/predict/answer.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/export.h"
#include "web/platform/platform.h"
#include "web/session/json_read.h"
#include "web/session/solutions.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/plot.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/predict/drawing.h"
#include "web/views/predict/foretold.h"
#include "web/views/predict/pad.h"
#include "web/views/predict/recorder.h"
#include "web/views/predict/translation.h"
#include "web/views/predict/verdicts.h"
#include "web/views/published.h"

namespace unroll {
namespace {

constexpr size_t most_shown = 400;  // symbols of a row

/// Of the timeline's example; nothing while the lane has not read it.
std::optional<Solution> solution(const App& app, size_t lane) {
  const ExampleView* example = app.example();
  const LaneView& view = *app.session.lanes[lane];
  if (!example || view.probe.asked != app.probed().key()) return std::nullopt;
  return solution_of(*example, view.probe, view);
}

/// Which of what was said is not what is right, place by place.
std::vector<bool> differing(const std::u32string& said, const std::u32string& right) {
  std::vector<bool> wrong;
  for (size_t i = 0; i < said.size(); ++i) wrong.push_back(said[i] != right[i]);
  return wrong;
}

/// A number line: the right value as a mark, what the lane says as a dot.
void draw_number(float right, float said, float low, float high, float room, Rgb colour) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float bar = std::max(room - 150, 40.0f);
  const auto x = [&](float value) {
    return at.x + 5 + (bar - 10) * std::clamp((value - low) / std::max(high - low, 1e-9f), 0.0f, 1.0f);
  };
  draw->AddRectFilled(at + ImVec2(0, 6), at + ImVec2(bar, 14), solid(p.inset), 4);
  draw->AddRectFilled({x(right) - 1.5f, at.y + 2}, {x(right) + 1.5f, at.y + 18}, solid(p.text));
  draw->AddCircleFilled({x(said), at.y + 10}, 4.5f, solid(colour), 16);
  char text[64];
  std::snprintf(text, sizeof text, "%.4g, off by %.2g", static_cast<double>(said),
                std::abs(static_cast<double>(said - right)));
  draw_text(draw, Face::mono, at + ImVec2(bar + 8, 2), solid(p.text), text);
  ImGui::Dummy({room, 20});
}

constexpr size_t most_lines = 6;  // numbers that are shown one by one; more are a picture

/// Many numbers: the right ones as a line, and what each lane says.
void draw_picture(const App& app, const std::vector<std::optional<Solution>>& all, float low, float high,
                  float height) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const float width = ui::content_width();
  const ImRect area(min + ImVec2(44, 6), min + ImVec2(width - 4, height - 8));
  const Axis up{low, std::max(high, low + 1e-9f), area.Max.y, area.Min.y, false};
  for (const double tick : nice_ticks(up.low, up.high, static_cast<int>(height / 40) + 1)) {
    const float y = std::round(up.pixel(tick)) + 0.5f;
    draw->AddLine({area.Min.x, y}, {area.Max.x, y}, solid(p.border));
    const std::string text = ui::number_text(tick);
    draw_text(draw, Face::small, {area.Min.x - text_size(Face::small, text.c_str()).x - 6, y - 7.5f},
              solid(p.dim), text.c_str());
  }
  const auto line = [&](const Solution& solution, const std::vector<float>& numbers, Rgb colour,
                        float thick) {
    const double last = static_cast<double>(std::max<size_t>(solution.columns.back(), 1));
    for (size_t i = 0; i < numbers.size(); ++i)
      draw->PathLineTo(
          {area.Min.x + area.GetWidth() * static_cast<float>(static_cast<double>(solution.columns[i]) / last),
           up.pixel(static_cast<double>(numbers[i]))});
    draw->PathStroke(solid(colour), ImDrawFlags_None, thick);
  };
  bool right = false;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i] || all[i]->columns.empty()) continue;
    if (!right) line(*all[i], all[i]->right_numbers, p.text, 2.4f);
    right = true;
    line(*all[i], all[i]->said_numbers, p.lane(app.session.lanes[i]->colour), 1.5f);
  }
  ui::register_widget("answer.picture", area.Min, area.Max);
  ImGui::Dummy({width, height});
}

void draw_lane(const App& app, size_t index, const Solution& solution, float low, float high) {
  const Palette& p = palette();
  const LaneView& lane = *app.session.lanes[index];
  const Rgb colour = p.lane(lane.colour);
  const std::string name = app.session.lane_name(index);
  const ui::SpokenGroup group(name);
  ImGui::Dummy({0, space::xs});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw_text(draw, Face::strong, at, solid(colour), name.c_str());
  float after = text_size(Face::strong, name.c_str()).x + space::s;
  std::string verdict;
  if (solution.numbers()) {
    verdict = "off by " + ui::number_text(solution.mean_error()) +
              (solution.columns.size() > 1 ? " on average" : "");
  } else {
    verdict = solution.all_right()           ? "✓ right"
              : solution.columns.size() == 1 ? "✗ wrong"
                                             : std::to_string(solution.hits) + " of " +
                                                   std::to_string(solution.columns.size()) + " right";
  }
  draw_text(draw, Face::small, at + ImVec2(after, 2),
            solid(solution.all_right() ? p.text
                  : solution.numbers() ? p.dim
                                       : p.error),
            verdict.c_str());
  after += text_size(Face::small, verdict.c_str()).x + space::s;
  if (lane.probe.intervened) ui::intervened_mark(draw, at + ImVec2(after, 0), ui::content_width() - after);
  ImGui::Dummy({1, 20});
  ui::register_widget("answer.lane" + std::to_string(index), at, at + ImVec2(ui::content_width(), 40));
  if (solution.columns.size() == 1 && draw_running(app, index)) return;
  if (!solution.numbers())
    return draw_symbol_cells(solution.said, differing(solution.said, solution.right), ui::content_width(),
                             p.text);
  if (solution.columns.size() > most_lines) return;  // draw_picture
  for (size_t i = 0; i < solution.columns.size(); ++i)
    draw_number(solution.right_numbers[i], solution.said_numbers[i], low, high, ui::content_width(), colour);
}

/// What each lane writes, whole: symbols do not stand side by side.
std::string strings_csv(const App& app) {
  Csv csv;
  const bool from = app.task().looks.translates;  // there is a source
  if (from) csv.add("source");
  csv.add("right");
  for (const std::string& lane : app.session.lane_names()) csv.add(lane);
  csv.end_row();
  std::vector<std::optional<Solution>> all;
  for (size_t i = 0; i < app.session.lanes.size(); ++i) all.push_back(solution(app, i));
  const auto any = std::ranges::find_if(all, [](const auto& one) { return one && one->written; });
  if (any == all.end()) return csv.text();
  if (from) csv.add(symbol_texts((*any)->source));
  csv.add(symbol_texts((*any)->target));
  for (const auto& one : all) {
    if (one && one->written)
      csv.add(symbol_texts(*one->written));
    else
      csv.none();
  }
  csv.end_row();
  return csv.text();
}

std::string answer_csv(const App& app) {
  if (app.task().looks.translates || app.task().looks.strings) return strings_csv(app);
  Csv csv;
  csv.add("column").add("right");
  for (const std::string& lane : app.session.lane_names()) csv.add(lane);
  csv.end_row();
  std::vector<std::optional<Solution>> all;
  for (size_t i = 0; i < app.session.lanes.size(); ++i) all.push_back(solution(app, i));
  const auto first = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.has_value(); });
  if (first == all.end()) return csv.text();
  for (size_t k = 0; k < (*first)->columns.size(); ++k) {
    csv.add((*first)->columns[k] + 1);
    const bool numbers = (*first)->numbers();
    if (numbers)
      csv.add((*first)->right_numbers[k]);
    else
      csv.add(symbol_text((*first)->right[k]));
    for (const auto& one : all) {
      if (!one || k >= one->columns.size())
        csv.none();
      else if (numbers)
        csv.add(one->said_numbers[k]);
      else
        csv.add(symbol_text(one->said[k]));
    }
    csv.end_row();
  }
  return csv.text();
}

}  // namespace

void draw_symbol_cells(const std::u32string& symbols, const std::vector<bool>& wrong, float room,
                       Rgb colour) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float width = symbols_width(symbols, 15, 96), height = 20;
  const size_t each = std::max<size_t>(static_cast<size_t>(room / width), 1);
  const size_t shown = std::min(symbols.size(), most_shown);
  for (size_t i = 0; i < shown; ++i) {
    const ImVec2 at(start.x + width * static_cast<float>(i % each),
                    start.y + height * static_cast<float>(i / each));
    const bool is_wrong = i < wrong.size() && wrong[i];
    if (is_wrong) {
      draw->AddRectFilled(at + ImVec2(0.5f, 1), at + ImVec2(width - 0.5f, height - 1), faded(p.error, 0.18f),
                          3);
      draw->AddLine(at + ImVec2(2, height - 2), at + ImVec2(width - 2, height - 2), solid(p.error), 1.5f);
    }
    draw_symbol(draw, at, {width, height}, symbols[i], is_wrong ? p.error : colour);
  }
  ImGui::Dummy({room, height * static_cast<float>((shown + each - 1) / each)});
}

bool own_field(const App& app, OwnSequence& own, float height, size_t max_bytes) {
  const TaskLooks& looks = app.task().looks;
  if (own.task != app.task().name) own = {.task = app.task().name, .text = looks.own_sequence_start};
  const std::string label = "Type " + std::string(looks.own_sequence);
  const platform::TextField field{.id = "own",
                                  .label = label.c_str(),
                                  .placeholder = label.c_str(),
                                  .width = ui::content_width(),
                                  .height = height,
                                  .monospace = false,
                                  .max_bytes = max_bytes};
  platform::text_field(field, own.text);
  ui::register_widget("own", {label + ", text field", "", true});
  return own.text.find_first_not_of(" \n") != std::string::npos;
}

void draw_answer(App& app, OwnSequence& own, ImVec2 size) {
  const Palette& p = palette();
  Session& session = app.session;
  ui::begin_card("predict", "Answer", size, true);
  export_button(app, "predict", [&app] { return answer_csv(app); });
  const auto go = [&](int64_t to) {
    app.chosen.example = to;
    app.chosen.column = -1;
  };
  ui::next_tool(row_height());
  if (ui::button("answer.next",
                 {.icon = Icon::forward, .look = ui::Look::quiet, .tip = "Next held-out example"}))
    go(app.chosen.example + 1);
  ui::next_tool(row_height());
  if (ui::button("answer.previous", {.icon = Icon::back,
                                     .look = ui::Look::quiet,
                                     .tip = "Previous held-out example",
                                     .enabled = app.chosen.example > 0}))
    go(app.chosen.example - 1);
  ui::end_tools();
  const bool translates = app.task().looks.translates, drawn = app.task().looks.drawn,
             heard = app.task().looks.heard;
  if (drawn)
    draw_pad(app, own, size.y);
  else if (heard)
    draw_recorder(app, own, size.y);
  else if (app.task().looks.own_sequence)
    translates ? draw_own_source(app, own) : draw_own_sequence(app, own);
  session.ask_probes(app.probed());
  for (size_t i = 0; i < session.lanes.size(); ++i)
    if (const LaneTask& task = session.lanes[i]->task; task.outputs == 2 && !task.reals && !task.numbers())
      session.ask(i, "running", {{"type", "example"}, {"index", app.probed().example}});
  const ExampleView* example = app.example();
  if (!example) {
    ui::dim("waiting for the lanes…");
    return ui::end_card();
  }
  const std::string what =
      "Held-out example " + std::to_string(example->number + 1) + ": " + app.task().looks.prediction + ".";
  ui::dim(what.c_str());
  if (app.task().looks.writes) {
    draw_foretold(app);
    ui::scroll_by_drag();
    return ui::end_card();
  }
  std::vector<std::optional<Solution>> all;
  for (size_t i = 0; i < session.lanes.size(); ++i) all.push_back(solution(app, i));
  if (example->turn > 0) {
    draw_translations(app, *example, all);
    draw_held_out(app);
    ui::scroll_by_drag();
    return ui::end_card();
  }
  float low = INFINITY, high = -INFINITY;
  const Solution* any = nullptr;
  for (const auto& one : all) {
    if (!one) continue;
    any = &*one;
    for (const auto* numbers : {&one->right_numbers, &one->said_numbers})
      for (const float value : *numbers) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  }
  const float margin = (high - low) * 0.1f;
  if (drawn || heard) {
    draw_symbol_cells(
        app.task().looks.strings ? example->labels : example->classes.substr(example->classes.size() - 1), {},
        ui::content_width(), p.accent_text);
    if (heard) draw_heard_example(app, own, *example);
    draw_held_out_verdicts(app);
    draw_held_out(app);
    ui::scroll_by_drag();
    return ui::end_card();
  }
  if (example->reals.empty()) {
    ui::label("reads", p.dim, Face::small);
    draw_symbol_cells(example->inputs, {}, ui::content_width(), p.dim);
  }
  if (any) {
    ui::label("right", p.dim, Face::small);
    if (any->columns.size() > most_lines && any->numbers()) {
      draw_picture(app, all, low - margin, high + margin,
                   size.y > 0 ? std::clamp(size.y * 0.4f, 90.0f, 220.0f) : 180);
    } else if (any->numbers()) {
      std::string text;
      for (size_t i = 0; i < any->right_numbers.size(); ++i)
        text += (i ? " · " : "") + ui::number_text(static_cast<double>(any->right_numbers[i]));
      ui::label(text.c_str(), p.text, Face::mono);
    } else {
      draw_symbol_cells(any->right, {}, ui::content_width(), p.accent_text);
    }
  }
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i]) draw_lane(app, i, *all[i], low - margin, high + margin);
  if (!any) ui::dim("waiting for the lanes…");
  if (app.task().looks.own_sequence) draw_held_out(app);
  ui::scroll_by_drag();
  ui::end_card();
}

std::string whole_percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f%%", 100 * share);
  return text;
}

Json answer_json(const App& app, const OwnSequence& own) {
  Json lanes = Json::array();
  Json right = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto one = solution(app, i);
    if (!one) {
      lanes.push_back(nullptr);
      continue;
    }
    Json said = Json::array();
    right = Json::array();
    for (size_t k = 0; k < std::min(one->columns.size(), most_published); ++k) {
      said.push_back(one->numbers() ? rounded_or_null(one->said_numbers[k])
                                    : Json(symbol_text(one->said[k])));
      right.push_back(one->numbers() ? rounded_or_null(one->right_numbers[k])
                                     : Json(symbol_text(one->right[k])));
    }
    lanes.push_back({{"said", std::move(said)},
                     {"hits", one->hits},
                     {"asked", one->columns.size()},
                     {"mean_error", number_or_null(one->mean_error())}});
    if (!one->written) continue;
    lanes.back()["written"] = symbol_texts(*one->written);
    lanes.back()["target"] = symbol_texts(one->target);
  }
  Json answer = {{"example", app.chosen.example}, {"right", std::move(right)}, {"lanes", std::move(lanes)}};
  if (app.task().looks.writes) answer["foretold"] = foretold_json(app);
  if (app.task().looks.own_sequence)
    answer["own"] = app.task().looks.drawn        ? pad_json(app, own)
                    : app.task().looks.heard      ? recorder_json(app, own)
                    : app.task().looks.translates ? own_source_json(app, own)
                                                  : own_sequence_json(app, own);
  return answer;
}

}  // namespace unroll
