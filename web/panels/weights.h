// Parts of the view "Weights", each drawn into a rectangle of the screen.
#pragma once

#include <imgui.h>

#include "web/app.h"
#include "web/panels/weights_view.h"

namespace unroll {

struct WeightsScene {
  App& app;
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
float check_height();
void draw_check(const WeightsScene&, ImVec2 min, ImVec2 size);  ///< the gradient check's button and its badge

std::string weights_csv(const WeightsScene&);
Json weights_json(const App&);  ///< what it shows, for state_json

}  // namespace unroll
