#include "web/views/predict/pad.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "engine/tasks/pen_own.h"
#include "web/session/json_read.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/predict/drawing.h"
#include "web/views/predict/teaching.h"
#include "web/views/published.h"

namespace unroll {
namespace {

constexpr const char* question = "own";
constexpr float units = 400;                            // of the text's numbers, in the pad's height
constexpr float least_way = 6, least_way_of_words = 9;  // of them between two points: words have more
constexpr size_t most_bytes = 1980;                     // of view.prefix

/// Of what stands on the pad, or where the lane has not read the last stroke yet, of what stood there before it.
std::optional<Verdict> own_verdict(const App& app, size_t index) {
  const Answer& answer = app.session.answer(index, question);
  if (app.session.wanted.view.prefix.empty() || read::text(answer.header, "text").empty())
    return std::nullopt;
  return verdict_of(answer, *app.session.lanes[index]);
}

/// Pixels of a unit: as large as it was drawn, or smaller where the pad has become narrower.
float scale_of(const Drawing& drawing, const ImRect& pad) {
  double right = 1;
  for (const Stroke& stroke : drawing)
    for (const PenPoint point : stroke) right = std::max(right, point.x);
  return std::min(pad.GetHeight() / units, pad.GetWidth() / static_cast<float>(right));
}

ImVec2 place_of(PenPoint point, const ImRect& pad, float scale) {
  return pad.Min + ImVec2(static_cast<float>(point.x), static_cast<float>(point.y)) * scale;
}

/// A point of the pad as it stands in the text.
std::string point_text(ImVec2 at, const ImRect& pad, float scale) {
  const ImVec2 inside = ImClamp(at, pad.Min, pad.Max) - pad.Min;
  return std::to_string(std::lround(inside.x / scale)) + " " + std::to_string(std::lround(inside.y / scale));
}

/// The held-out drawing as a text for the pad; of what a lane reads of it.
std::string text_of(std::span<const float> points) {
  ImVec2 at(0, 0), least(0, 0), most(0, 0);
  const auto each = [&](const auto& take) {
    at = {0, 0};
    for (size_t n = 0; n < points.size() / 3; ++n) {
      at = {at.x + points[3 * n], at.y + points[3 * n + 1]};
      take(n);
    }
  };
  each([&](size_t) {
    least = ImMin(least, at);
    most = ImMax(most, at);
  });
  const float scale = units * 0.8f / std::max(most.y - least.y, 1.0f);
  std::string text;
  each([&](size_t n) {
    if (n > 0) text += points[3 * n + 2] > 0.5f ? " ; " : " ";
    text += std::to_string(static_cast<int>(std::lround((at.x - least.x + 1) * scale))) + " " +
            std::to_string(static_cast<int>(std::lround((at.y - least.y) * scale + units * 0.1f)));
  });
  return text;
}

/// The pad itself: the pointer draws on it.
void draw_surface(App& app, bool& pen_down, float height) {
  const Palette& p = palette();
  std::string& drawn = app.session.wanted.view.prefix;
  const float width = ui::content_width();
  const ImRect pad(ImGui::GetCursorScreenPos(), ImGui::GetCursorScreenPos() + ImVec2(width, height));
  ImGui::InvisibleButton("pad", pad.GetSize());
  ui::keep_drag();
  const ImVec2 pointer = ImGui::GetIO().MousePos;
  const bool down = ImGui::IsItemActive() && ImGui::IsMouseDown(ImGuiMouseButton_Left);
  Drawing drawing = read_drawing(drawn);
  float scale = scale_of(drawing, pad);
  const auto add = [&](const char* parted) {
    if (drawn.size() >= most_bytes) return;
    drawn += parted + point_text(pointer, pad, scale);
    drawing = read_drawing(drawn);
    scale = scale_of(drawing, pad);
  };
  if (ImGui::IsItemActivated() && down && pad.Contains(pointer)) {
    add(drawn.empty() ? "" : " ; ");
    pen_down = true;
  } else if (down && pen_down) {
    const float least = (app.task().looks.strings ? least_way_of_words : least_way) * height / units;
    if (drawing.empty() ||
        ImLengthSqr(pointer - place_of(drawing.back().back(), pad, scale)) >= least * least)
      add(" ");
  } else {
    pen_down = false;
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(pad.Min, pad.Max, solid(p.inset), corner());
  draw->AddRect(pad.Min, pad.Max, solid(p.border), corner());
  ImGui::RenderNavHighlight(pad, ImGui::GetItemID());
  std::string spoken = drawn.empty() ? "nothing is drawn" : "";
  float line = pad.Min.y + space::s;  // of the verdicts in the pad's corner, where the eye is while one draws
  for (size_t i = 0; i < app.session.lanes.size() && !drawn.empty(); ++i)
    if (const auto verdict = own_verdict(app, i)) {
      const LaneView& lane = *app.session.lanes[i];
      const std::string words = told(*verdict, lane);
      spoken += (spoken.empty() ? "" : "; ") + app.session.lane_name(i) + ": " + words;
      draw_text(draw, Face::strong, {pad.Max.x - space::s - text_size(Face::strong, words.c_str()).x, line},
                solid(p.lane(lane.colour)), words.c_str());
      line += 18;
    }
  ui::register_widget("pad", {"Pad to draw on, with mouse, finger or pen", spoken});

  if (drawn.empty()) {
    const char* words = app.task().looks.strings ? "Write a word here" : "Draw here";
    draw_text(draw, Face::text, pad.GetCenter() - text_size(Face::text, words) / 2, solid(p.dim), words);
  }
  draw->PushClipRect(pad.Min, pad.Max, true);
  constexpr float thick = 4;
  for (const Stroke& stroke : drawing)
    for (size_t n = 0; n < stroke.size(); ++n) {
      const ImVec2 at = place_of(stroke[n], pad, scale);
      draw->AddCircleFilled(at, thick / 2 - 0.3f, solid(p.text), 10);
      if (n > 0) draw->AddLine(place_of(stroke[n - 1], pad, scale), at, solid(p.text), thick);
    }
  draw->PopClipRect();
}

void draw_tools(App& app) {
  std::string& drawn = app.session.wanted.view.prefix;
  const bool words = ui::content_width() >= 280;  // else the icons alone
  if (ui::button("pad.undo", {.label = words ? "Undo" : "",
                              .icon = Icon::undo,
                              .tip = "Take the last stroke away",
                              .enabled = !drawn.empty()})) {
    const size_t last = drawn.rfind(" ; ");
    drawn.resize(last == drawn.npos ? 0 : last);
  }
  ImGui::SameLine();
  if (ui::button("pad.clear", {.label = words ? "Clear" : "",
                               .icon = Icon::close,
                               .tip = "Clear the pad",
                               .enabled = !drawn.empty()}))
    drawn.clear();
  ImGui::SameLine();
  const ExampleView* example = app.example();
  if (ui::button("pad.example", {.label = words ? "Example" : "",
                                 .icon = Icon::copy,
                                 .tip = "Put the held-out drawing on the pad",
                                 .enabled = example != nullptr}))
    drawn = text_of(example->reals);
  if (drawn.size() >= most_bytes) ui::dim("The pad is full: no more points are taken.");
}

/// A name for what is on the pad, and a button that makes it a line of data.text.
void draw_teaching(App& app, std::string& sign) {
  Session& session = app.session;
  const ui::ButtonSpec keep{.label = "Teach it",
                            .icon = Icon::plus,
                            .tip = "This drawing becomes one to learn from: five of each are enough",
                            .enabled = !session.wanted.view.prefix.empty() && !clean_name(sign).empty()};
  name_field("pad.name", "Name of a sign of your own", "Name of a sign", ui::button_width(keep),
             longest_own_name, sign);
  ImGui::SameLine();
  if (ui::button("pad.teach", keep)) {
    teach(session, sign, session.wanted.view.prefix, "drawings");
    session.wanted.view.prefix.clear();
  }
  draw_taught(session, sign, "drawing", "draw");
}

}  // namespace

void draw_pad(App& app, OwnSequence& own, float room) {
  Session& session = app.session;
  const float most = touch_targets() ? 240 : 190;
  draw_surface(app, own.pen_down, room > 0 ? std::clamp(room * 0.42f, 110.0f, most) : most);
  draw_tools(app);
  draw_teaching(app, own.sign);
  const std::string& drawn = session.wanted.view.prefix;
  bool any = false;
  for (size_t i = 0; i < session.lanes.size() && !drawn.empty(); ++i) {
    if (session.lanes[i]->task.name != app.task().name) continue;
    session.ask(i, question, {{"type", "example"}, {"text", drawn}});
    const auto verdict = own_verdict(app, i);
    any |= verdict.has_value();
    const ui::SpokenGroup group(session.lane_name(i));
    draw_verdict(app, i, verdict, "own.lane" + std::to_string(i));
  }
  if (any && !app.task().looks.strings)
    ui::dim("The stronger the line, the surer the lane was of its letter there.");
  ImGui::Dummy({0, space::s});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddLine(at, at + ImVec2(ui::content_width(), 0), solid(palette().border));
  ImGui::Dummy({0, space::xs});
}

Json pad_json(const App& app, const OwnSequence& own) {
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto verdict = own_verdict(app, i);
    if (!verdict) {
      lanes.push_back(nullptr);
      continue;
    }
    const LaneView& lane = *app.session.lanes[i];
    Json certain = Json::array();
    for (size_t n = 0; n < verdict->count(); ++n)
      certain.push_back(rounded_or_null(std::ranges::max(verdict->after(n))));
    lanes.push_back({{"read", read::text(app.session.answer(i, question).header, "text")},
                     {"verdict", told(*verdict, lane)},
                     {"way", way(*verdict, lane)},
                     {"certain", std::move(certain)}});
  }
  return {{"text", app.session.wanted.view.prefix},
          {"lanes", std::move(lanes)},
          {"sign", own.sign},
          {"known", count_taught(app.session.wanted.data.text, own.sign)}};
}

}  // namespace unroll
