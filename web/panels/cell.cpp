#include "web/app.h"
#include "web/ui.h"

namespace unroll {

void draw_cell(App&, ImVec2 size) {
  ui::begin_card("cell", "Cell", size);
  ui::end_card();
}

}  // namespace unroll
