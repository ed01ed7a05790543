// The one table of the front end's views, by the names that view.tab and view.hide of an experiment have for them. It
// stands here because every program reads experiments. A view is a line of this table and a file or folder in
// web/views, which says everything else about it (web/views/view.h).
#pragma once

/// VIEW(name, room): a view and the room of the layout in which it stands, in the order in which views are shown.
#define UNROLL_VIEWS(VIEW) \
  VIEW(data, text)         \
  VIEW(lanes, lanes)       \
  VIEW(training, lanes)    \
  VIEW(curves, learn)      \
  VIEW(samples, learn)     \
  VIEW(timeline, timeline) \
  VIEW(predict, predict)   \
  VIEW(memory, inside)     \
  VIEW(cell, inside)       \
  VIEW(gates, inside)      \
  VIEW(weights, inside)    \
  VIEW(step, inside)

namespace unroll {

/// Where a view stands. Each room is a tab where the window is too small for several at once. The views of `inside`
/// share one place: view.tab names the one that is open, and view.hide hides all of them as "inside", or each by its name.
enum class Room { learn, inside, timeline, predict, text, lanes };
inline constexpr const char* room_names[] = {"learn", "inside", "timeline", "predict", "text", "lanes"};

struct ViewName {
  const char* name;
  Room room;
};
/// The bar at the top, which is no view and is shown, hidden and locked like one.
inline constexpr const char* header_panel = "header";
#define UNROLL_VIEW_NAME(name, room) {#name, Room::room},
inline constexpr ViewName view_names[] = {UNROLL_VIEWS(UNROLL_VIEW_NAME)};
#undef UNROLL_VIEW_NAME

}  // namespace unroll
