#include "web/app.h"
#include "web/ui.h"

namespace unroll {

void draw_one_step(App&, ImVec2 size) {
  ui::begin_card("one_step", "One step", size);
  ui::end_card();
}

}  // namespace unroll
