// Parts of the view "Weights", each drawn into a rectangle of the screen.
#pragma once

#include <imgui.h>

#include "web/app.h"
#include "web/views/weights/view.h"

namespace unroll {

struct WeightsScene {
  App& app;
  WeightsState& own;
  size_t index;  ///< of the lane
  LaneView& lane;
  BlockShape block;
  const Answer* matrix;  ///< null: not answered yet
  Rgb colour;            ///< of the lane
};

float block_list_height(const WeightsScene&);
void draw_block_list(const WeightsScene&, ImVec2 min,
                     ImVec2 size);  ///< norms of all blocks; a press chooses one
void draw_matrix(const WeightsScene&, ImVec2 min, ImVec2 size);
void draw_histogram(const WeightsScene&, ImVec2 min, ImVec2 size);
float spectrum_height(const WeightsScene&);
void draw_spectrum(const WeightsScene&, ImVec2 min, ImVec2 size);
/// The block over training: two charts beside or below each other.
float training_height(float width, bool stacked);
inline constexpr float least_training_height = 100;  ///< beside each other
void draw_training(const WeightsScene&, ImVec2 min, ImVec2 size, bool stacked);
float check_height();
void draw_check(const WeightsScene&, ImVec2 min, ImVec2 size);  ///< the gradient check's button and its badge
/// The same as two of the card's tools, the badge in brief.
void check_tools(const WeightsScene&);
float check_tools_width();

std::string weights_csv(const WeightsScene&);
Json weights_json(const App&, const WeightsState&);  ///< what it shows, for View::publish

}  // namespace unroll
