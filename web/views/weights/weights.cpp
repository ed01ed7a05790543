// The view "Weights": what the blocks of the chosen lane are like and how they learn, and one of them in full, now and
// over training.
#include "web/views/weights/weights.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/export.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/view.h"
#include "web/views/weights/blocks.h"

namespace unroll {
namespace {

/// Which lane: their names where there is room, else their numbers.
void choose_lane(App& app, float width) {
  const std::vector<std::string> labels = app.session.lane_names();
  std::vector<std::string> numbers;
  for (size_t i = 0; i < labels.size(); ++i) numbers.push_back(std::to_string(i + 1));
  std::vector<const char*> words, brief;
  for (size_t i = 0; i < labels.size(); ++i) {
    words.push_back(labels[i].c_str());
    brief.push_back(numbers[i].c_str());
  }
  const bool fits = ui::segmented_width(words) <= width;
  int chosen = static_cast<int>(app.chosen.lane);
  if (ui::segmented("weights.lane", fits ? words : brief, chosen,
                    std::min(width, ui::segmented_width(fits ? words : brief)), "Which lane"))
    app.chosen.lane = static_cast<size_t>(chosen);
}

void draw_title_row(App& app, const WeightsScene& scene, bool narrow, bool wide) {
  WeightsState& view = scene.own;
  export_button(app, "weights", [&scene] { return weights_csv(scene); }, Written::csv,
                {{"training", "Over training (CSV)", [&scene] {
                    return block_history_csv(scene.app.session.answer(scene.index, "block_history"));
                  }}});
  constexpr const char* kinds[] = {"weights", "change"};
  const float kinds_width = ui::segmented_width(kinds);
  ui::next_tool(kinds_width);
  int kind = view.change;
  if (ui::segmented("weights.kind", kinds, kind, kinds_width,
                    "The weights, or what training added to them since step 0"))
    view.change = kind == 1;
  if (wide) check_tools(scene);
  const float title = 90, room = ui::content_width() - (wide ? check_tools_width() : 0);
  if (!narrow && app.session.lanes.size() > 1) {
    ImGui::SetCursorPos({title + space::l, space::m});
    choose_lane(app, room - title - kinds_width - row_height() - 3 * space::m);
  }
  ui::end_tools();
  if (narrow && app.session.lanes.size() > 1) choose_lane(app, ui::content_width());
}

class WeightsView final : public View {
 public:
  WeightsView()
      : View({.label = "Weights",
              .help = {{"Weights",
                        "Every block of parameters of a lane: its values, how they are spread, how much a "
                        "step changes them. Check "
                        "gradient compares the running model with finite differences."}},
              .height = 520}) {}
  void draw(App&, ImVec2 size) override;
  void publish(const App& app, Json& state) const override { state["weights"] = weights_json(app, own_); }

 private:
  WeightsState own_;
};

}  // namespace

std::string weights_csv(const WeightsScene& scene) {
  Csv csv;
  if (!scene.matrix) return {};
  csv.add(scene.own.change ? "change of " + scene.block.name : scene.block.name);
  for (size_t c = 0; c < scene.block.columns; ++c) csv.add(column_name(scene.lane, scene.block, c));
  csv.end_row();
  for (size_t r = 0; r < scene.block.rows; ++r) {
    csv.add(row_name(scene.lane, scene.block, r));
    for (size_t c = 0; c < scene.block.columns; ++c)
      csv.add(scene.matrix->values[r * scene.block.columns + c]);
    csv.end_row();
  }
  return csv.text();
}

void WeightsView::draw(App& app, ImVec2 size) {
  Session& session = app.session;
  const size_t index = app.chosen.lane;
  LaneView& lane = *session.lanes[index];
  update_weights(own_, session, index);
  const float room = size.x - 2 * space::l;
  const bool narrow = room < 480, wide = room >= 820;
  ui::begin_card("weights", "Weights", size, !wide && size.y > 0);
  const BlockShape block = lane.configured ? chosen_block(own_, lane) : BlockShape{};
  const WeightsScene scene{app,
                           own_,
                           index,
                           lane,
                           block,
                           lane.configured ? shown_matrix(own_, session, index) : nullptr,
                           palette().lane(lane.colour)};
  draw_title_row(app, scene, narrow, wide);
  if (!lane.configured) {
    ui::dim("waiting for the lane…");
    return ui::end_card();
  }
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const float width = ui::content_width(), gap = space::l;
  const float list = block_list_height(scene), spectrum = spectrum_height(scene);
  float height = 0;
  if (wide) {
    height = std::max(220.0f, size.y > 0 ? ImGui::GetContentRegionAvail().y : 320.0f);
    const float left = std::round(std::clamp(width * 0.42f, 350.0f, 480.0f));
    const float right = std::round(std::clamp(width * 0.24f, 200.0f, 320.0f)),
                middle = width - left - right - 2 * gap;
    const float rows = std::min(list, height - least_training_height - space::m);
    draw_block_list(scene, min, {left, rows});
    draw_training(scene, min + ImVec2(0, rows + space::m), {left, std::min(height - rows - space::m, 260.0f)},
                  false);
    draw_matrix(scene, min + ImVec2(left + gap, 0), {middle, height});
    const ImVec2 column = min + ImVec2(left + middle + 2 * gap, 0);
    draw_histogram(scene, column, {right, height - spectrum - space::m});
    draw_spectrum(scene, column + ImVec2(0, height - spectrum), {right, spectrum});
  } else if (!narrow) {
    const float left = std::round(width * 0.56f), right = width - left - gap;
    const float picture = std::max(220.0f, spectrum + 130);
    draw_block_list(scene, min, {width, list});
    const float training = training_height(width, false);
    draw_training(scene, min + ImVec2(0, list + space::m), {width, training}, false);
    const float y = list + training + 2 * space::m;
    draw_matrix(scene, min + ImVec2(0, y), {left, picture});
    draw_histogram(scene, min + ImVec2(left + gap, y), {right, picture - spectrum - space::m});
    draw_spectrum(scene, min + ImVec2(left + gap, y + picture - spectrum), {right, spectrum});
    draw_check(scene, min + ImVec2(0, y + picture + space::m), {width, check_height()});
    height = y + picture + space::m + check_height();
  } else {
    float y = 0;
    draw_block_list(scene, min, {width, list});
    y += list + space::m;
    const float training = training_height(width, true);
    draw_training(scene, min + ImVec2(0, y), {width, training}, true);
    y += training + space::m;
    draw_matrix(scene, min + ImVec2(0, y), {width, 280});
    y += 280 + space::m;
    draw_histogram(scene, min + ImVec2(0, y), {width, 130});
    y += 130 + space::m;
    draw_spectrum(scene, min + ImVec2(0, y), {width, spectrum});
    y += spectrum + space::m;
    draw_check(scene, min + ImVec2(0, y), {width, check_height()});
    height = y + check_height();
  }
  ImGui::SetCursorScreenPos(min);
  ImGui::Dummy({width, height - 1});
  if (!wide && size.y > 0) ui::scroll_by_drag();
  ui::end_card();
}

std::unique_ptr<View> make_weights_view() { return std::make_unique<WeightsView>(); }

}  // namespace unroll
