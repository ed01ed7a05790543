#include "web/app.h"
#include "web/ui.h"

namespace unroll {

void draw_weights(App&, ImVec2 size) {
  ui::begin_card("weights", "Weights", size);
  ui::end_card();
}

}  // namespace unroll
