// The table of views (engine/document/views.h) made into views.
#include "web/views/view.h"

namespace unroll {

#define UNROLL_VIEW(name, room) std::unique_ptr<View> make_##name##_view();
UNROLL_VIEWS(UNROLL_VIEW)
#undef UNROLL_VIEW

Views make_views() {
  Views views;
  const auto add = [&](const ViewName& row, std::unique_ptr<View> view) {
    view->name = row.name;
    view->room = row.room;
    views.push_back(std::move(view));
  };
#define UNROLL_VIEW(name, room) add({#name, Room::room}, make_##name##_view());
  UNROLL_VIEWS(UNROLL_VIEW)
#undef UNROLL_VIEW
  return views;
}

}  // namespace unroll
