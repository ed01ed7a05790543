#include "web/app.h"
#include "web/ui.h"

namespace unroll {

void draw_memory(App&, ImVec2 size) {
  ui::begin_card("memory", "Memory", size);
  ui::end_card();
}

}  // namespace unroll
