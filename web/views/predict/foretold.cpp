#include "web/views/predict/foretold.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "engine/tasks/loss.h"
#include "web/session/json_read.h"
#include "web/toolkit/strokes.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/published.h"

namespace unroll {
namespace {

constexpr const char* question = "running";

/// A lane's answer to the example: targets (N, K) and what it said before each of them, (N, O).
struct Foretold {
  std::span<const float> points, told;
  size_t each = 0, outputs = 0;
  size_t size() const { return points.size() / each; }
  std::span<const float> before(size_t n) const { return told.subspan(n * outputs, outputs); }
  double loss() const {
    double sum = 0;
    for (size_t n = 0; n < size(); ++n) sum += loss_of_numbers(Head::mixture, before(n), &points[n * each]);
    return sum / static_cast<double>(size());
  }
};

std::optional<Foretold> foretold_by(const App& app, size_t index) {
  const LaneView& lane = *app.session.lanes[index];
  const Answer& answer = app.session.answer(index, question);
  const size_t n = read::count(answer.header, "length"), I = static_cast<size_t>(lane.task.inputs),
               K = static_cast<size_t>(lane.task.targets()), O = static_cast<size_t>(lane.task.outputs);
  if (lane.task.head != Head::mixture || answer.error || n == 0 ||
      answer.values.size() != n * (I + K + 1 + O) ||
      read::integer(answer.header, "index", -1) != app.probed().example)
    return std::nullopt;
  const std::span<const float> all = answer.values;
  return Foretold{all.subspan(n * I, n * K), all.last(n * O), K, O};
}

void draw_lane(const App& app, size_t index, float height) {
  const Palette& p = palette();
  const LaneView& lane = *app.session.lanes[index];
  const Rgb colour = p.lane(lane.colour);
  const std::string name = app.session.lane_name(index);
  const auto foretold = foretold_by(app, index);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ui::content_width();
  draw_text(draw, Face::strong, at, solid(colour), name.c_str());
  if (foretold)
    draw_text(draw, Face::small, at + ImVec2(text_size(Face::strong, name.c_str()).x + space::s, 2),
              solid(p.dim), (ui::number_text(foretold->loss()) + " nats a point").c_str());
  ImGui::Dummy({width, 18});
  at = ImGui::GetCursorScreenPos();
  const ImVec2 size(width, height);
  draw->AddRectFilled(at, at + size, solid(p.inset), corner());
  ui::register_widget("foretold.lane" + std::to_string(index), at, at + size);
  if (foretold) {
    ImVec2 pen(0, 0), least(0, 0), most(0, 0);
    for (size_t n = 0; n < foretold->size(); ++n) {
      pen = {pen.x + foretold->points[n * foretold->each], pen.y + foretold->points[n * foretold->each + 1]};
      least = ImMin(least, pen);
      most = ImMax(most, pen);
    }
    constexpr float margin = 2;  // in the drawing's units, for the clouds
    const ImVec2 whole = most - least + ImVec2(2 * margin, 2 * margin);
    const float scale = std::min(size.x / whole.x, size.y / whole.y);
    pen = at + size / 2.0f - (least + most) / 2 * scale;
    draw->PushClipRect(at, at + size, true);
    bool down = false;
    for (size_t n = 0; n < foretold->size(); ++n) {
      const float* point = &foretold->points[n * foretold->each];
      draw_mixture(draw, pen, scale, foretold->before(n), 0, colour);
      const ImVec2 next = pen + ImVec2(point[0], point[1]) * scale;
      if (down) draw->AddLine(pen, next, solid(p.text), 1.2f);
      draw->AddCircleFilled(next, 1.6f, solid(p.text), 8);
      pen = next;
      down = point[2] < 0.5f;
    }
    draw->PopClipRect();
  }
  ImGui::Dummy(size);
}

}  // namespace

void draw_foretold(App& app) {
  Session& session = app.session;
  const auto count = static_cast<float>(session.lanes.size());
  const float room = (ImGui::GetContentRegionAvail().y - 24) / count - 30;
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    session.ask(i, question, {{"type", "example"}, {"index", app.probed().example}});
    const ui::SpokenGroup group(session.lane_name(i));
    draw_lane(app, i, std::clamp(room, 90.0f, 200.0f));
  }
  ui::dim("The drawing, and around it where each lane expected its next point, given all before it.");
}

Json foretold_json(const App& app) {
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto foretold = foretold_by(app, i);
    lanes.push_back(foretold ? number_or_null(foretold->loss()) : Json(nullptr));
  }
  return {{"example", app.probed().example}, {"lanes", std::move(lanes)}};
}

}  // namespace unroll
