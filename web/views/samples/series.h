// In place of samples, of a task whose values follow each other in time: the series, what is held out of it, and how every
// lane goes on from an origin that can be moved. For web/views/samples only.
#pragma once

#include <imgui.h>

#include "web/app.h"
#include "web/session/answers.h"

namespace unroll {

/// Which part is looked at, and from where the lanes go on.
struct SeriesWindow {
  std::string of;        ///< the series that it was chosen for
  int64_t origin = 0;    ///< the last value that the lanes know
  double from = 0;       ///< the step at the left edge
  double length = 1;     ///< steps
  bool dragged = false;  ///< the origin is being moved
};

void draw_series(App&, SeriesWindow&, ImVec2 size);
Json series_json(const App&, const SeriesWindow&);

// --- series_told.cpp

inline constexpr const char* forecast_question = "forecast";
/// A lane's answer for the origin; nothing before it came.
std::optional<ForecastAnswer> forecast_told(const Session&, size_t lane, const SeriesWindow&);
/// Of the absolute errors where the values are known; NaN: nowhere.
double mean_error(const SeriesView&, const ForecastAnswer&);
std::string spoken_series(const App&, const SeriesView&, const SeriesWindow&);
std::string series_csv(const App&, const SeriesWindow&);

}  // namespace unroll
