// The timeline's tracks as data: which kinds there are, what is asked of the lanes for them, and the matrices that
// their pictures show. Draws nothing.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "web/session/answers.h"
#include "web/session/session.h"
#include "web/toolkit/heatmap.h"
#include "web/views/timeline/unit_order.h"

namespace unroll {

enum class TrackShape {
  strip,    ///< a row or two of amounts
  guesses,  ///< the best predictions, as text
  units,    ///< a row for each hidden unit
};

struct TrackKind {
  std::string name;   ///< as in view.tracks, and for units the equation's, as in the lane protocol
  std::string label;  ///< in the gutter
  std::string title;  ///< in the menu
  std::string help;
  TrackShape shape = TrackShape::units;
  bool is_signed = true;  ///< units: from −1 (or −max) to 1, else from 0 to 1
};

/// What a lane shows under this name: what every lane has, or one of its cell's equations, in the words that stand beside it.
/// Nothing where the cell has no such equation: a gru has no c.
std::optional<TrackKind> track_of(const LaneSpec&, std::string_view name);
/// Names of all tracks that some lane can have: those of every lane, states, then other equations.
std::vector<std::string> track_names(std::span<const LaneSpec>);

/// How the rows of units are ordered.
enum class UnitSort { index, activity, similarity, feature };

/// What the views of one lane share.
struct LaneTracks {
  std::map<std::string, Heatmap, std::less<>> pictures;  ///< by the track's name
  UnitOrder order;                                       ///< of the shown layer's units
  std::string ordered_by;                                ///< what `order` was made for
  int64_t order_version = 0;
  size_t place_of(size_t unit) const;  ///< row of a unit; 0 when it has none
};

struct TracksWanted {
  const Probed& probed;
  size_t time_step;                    ///< whose loss saliency and gradient flow reach back from
  int layer;                           ///< clamped to what the lane has
  std::span<const std::string> kinds;  ///< names of the visible tracks
  UnitSort sort;
  std::string_view feature;  ///< of UnitSort::feature
  std::string_view pattern;  ///< the learner's regular expression, may be empty
};

/// Asks the lane for what the visible tracks need and brings the pictures up to date with what it has answered.
void update_tracks(Session&, size_t lane, LaneTracks&, const TracksWanted&);

}  // namespace unroll
