// The rows of the timeline: how high they are, and their pictures.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/timeline/timeline.h"

namespace unroll::timeline {
namespace {

constexpr float lane_gap = 12, below_track = 2, below_rows = 4;
constexpr float highest_line = 44, highest_units = 400, lowest_units = 44;
constexpr int fewest_guesses = 1;

float natural_line() { return touch_targets() ? 22.0f : 18.0f; }

/// No more than there are classes; numbers are said once.
int guess_rows(const Scene& view, const LaneView& lane, bool folded) {
  const int most = folded || lane.task.numbers() ? 1 : view.sizes.guesses;
  return lane.task.outputs > 0 ? std::clamp(most, 1, std::max(lane.task.outputs, 1)) : most;
}

float height_of(const Scene& view, const LaneView& lane, const TrackKind& kind, bool folded) {
  switch (kind.shape) {
    case TrackShape::guesses:
      return view.sizes.line * static_cast<float>(guess_rows(view, lane, folded));
    case TrackShape::units:
      return folded ? view.sizes.line : view.sizes.units;
    case TrackShape::strip:
      break;
  }
  const bool two = kind.name == "flow" && graph_of(lane.applied)->output != 0;
  return two ? std::round(view.sizes.line * 1.6f) : view.sizes.line;
}

/// The rows with the sizes in `view`.
void stack(Scene& view) {
  view.rows.clear();
  const App& app = view.app;
  float y = 0;
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const LaneView& lane = *app.session.lanes[i];
    const bool lane_folded = view.own.folded.contains("lane" + std::to_string(lane.colour));
    bool named = false;
    const auto add = [&](std::optional<TrackKind> kind, float height, bool folded) {
      view.rows.push_back({i, std::move(kind), !named, folded, y, height});
      named = true;
      y += height + below_track;
    };
    for (const std::string& name : app.session.wanted.view.tracks) {
      const auto kind = track_of(lane.applied, name);
      if (!kind) continue;
      if (!named && kind->shape != TrackShape::strip) add({}, 20, false);
      if (lane_folded && named) break;
      const bool folded = view.own.folded.contains(name);
      add(kind, height_of(view, lane, *kind, folded), folded);
    }
    if (!named) add({}, 20, false);
    y += lane_gap - below_track;
  }
  view.height = y - lane_gap + below_rows;
}

/// What a lane says where it says numbers: one below the other, as dark as they are wrong.
void draw_said(const Scene& view, const LaneView& lane, ImVec2 at) {
  const Palette& p = palette();
  const ProbeResult& probe = lane.probe;
  const size_t each = probe.said.size() / std::max<size_t>(probe.loss.size(), 1);
  for (size_t i = view.first; i < std::min(view.end, probe.loss.size()); ++i) {
    if (!std::isfinite(probe.loss[i])) continue;
    const float wrong = std::sqrt(
        std::clamp((probe.loss[i] - view.least_loss) / (view.most_loss - view.least_loss), 0.0f, 1.0f));
    const Rgb shade = mix(p.card, p.lane(lane.colour), 0.1f + 0.4f * (1 - wrong));
    // A number needs more room than its column may have, and where few are asked for there is some.
    const float width = std::max(view.column, 30.0f), x = view.x_of(i) + (view.column - width) / 2;
    const bool alone = view.column >= 24 || (i > 0 && !std::isfinite(probe.loss[i - 1]));
    const ImVec2 min(view.x_of(i) + 0.5f, at.y + 0.5f);
    view.draw->AddRectFilled(min, {min.x + view.column - 1, at.y + view.sizes.line - 0.5f}, solid(shade), 3);
    if (alone)
      draw_symbol(view.draw, {x, at.y}, {width, view.sizes.line},
                  symbol_of(std::span(probe.said).subspan(i * each, std::min<size_t>(each, 1))), p.text);
  }
}

/// What the lane says where right is a string without places: the blank as the card's shade, a label where it is said, once.
void draw_path(const Scene& view, const Row& row, ImVec2 at, size_t shown) {
  const Palette& p = palette();
  const LaneView& lane = view.lane(row);
  const ProbeResult& probe = lane.probe;
  const auto top = static_cast<size_t>(probe.top);
  const float line = view.sizes.line;
  constexpr float letter = 14, least_told = 0.02f;
  for (size_t k = 0; k < shown; ++k) {
    const float y = at.y + line * static_cast<float>(k);
    for (const bool letters : {false, true}) {  // above the shades of the columns beside them
      int32_t before = 0;
      for (size_t i = view.first; i < std::min(view.end, probe.loss.size()); ++i) {
        const int32_t id = probe.top_ids[i * top + k];
        const float probability = probe.top_probs[i * top + k];
        const bool begins = id != before;
        before = id;
        if (id < 0 || static_cast<size_t>(id) >= lane.vocabulary.size() || !(probability >= least_told))
          continue;
        const float x = view.x_of(i);
        const Rgb shade = mix(p.card, id == 0 ? p.dim : p.lane(lane.colour),
                              (id == 0 ? 0.25f : 0.7f) * std::sqrt(probability));
        if (!letters)
          view.draw->AddRectFilled({x, y + 0.5f}, {x + std::max(view.column - 0.5f, 1.0f), y + line - 0.5f},
                                   solid(shade));
        else if (id > 0 && begins && (k == 0 || view.column >= letters_from))
          draw_symbol(view.draw, {x + (view.column - letter) / 2, y}, {letter, line},
                      lane.vocabulary[static_cast<size_t>(id)], p.text);
      }
    }
  }
}

void draw_guesses(const Scene& view, const Row& row, ImVec2 at) {
  const Palette& p = palette();
  const LaneView& lane = view.lane(row);
  const ProbeResult& probe = lane.probe;
  const auto top = static_cast<size_t>(probe.top);
  const size_t shown = std::min(static_cast<size_t>(guess_rows(view, lane, row.folded)), top);
  const float line = view.sizes.line;
  if (!probe.said.empty()) return draw_said(view, lane, at);
  if (lane.task.strings()) return draw_path(view, row, at, shown);
  const size_t from = view.app.shows_example() ? 0 : 1;  // nothing predicts the first character
  for (size_t i = std::max(view.first, from); i < std::min(view.end, probe.loss.size()); ++i) {
    if (i >= probe.right.size() || probe.right[i] == 0) continue;
    const float x = view.x_of(i);
    for (size_t k = 0; k < shown; ++k) {
      const int32_t id = probe.top_ids[i * top + k];
      const float probability = probe.top_probs[i * top + k];
      if (id < 0 || static_cast<size_t>(id) >= lane.vocabulary.size() || !std::isfinite(probability))
        continue;
      const char32_t symbol = lane.vocabulary[static_cast<size_t>(id)];
      const float y = at.y + line * static_cast<float>(k);
      const bool right = symbol == probe.right[i];
      const Rgb shade = mix(p.card, p.lane(lane.colour), 0.55f * std::sqrt(probability));
      const ImVec2 min(x + 0.5f, y + 0.5f), max(x + view.column - 0.5f, y + line - 0.5f);
      view.draw->AddRectFilled(min, max, solid(shade), 3);
      if (view.column < letters_from) continue;
      draw_symbol(view.draw, {x, y}, {view.column, line}, symbol, right ? p.text : mix(p.text, shade, 0.15f));
      if (right) view.draw->AddRect(min, max, solid(p.text), 3);
    }
  }
}

/// The chosen unit's row, framed.
void mark_unit(const Scene& view, const Row& row, ImVec2 min, ImVec2 max, size_t units) {
  const Chosen& chosen = view.app.chosen;
  if (row.folded || chosen.lane != row.lane || static_cast<size_t>(chosen.unit) >= units) return;
  const float each = (max.y - min.y) / static_cast<float>(units);
  const float y =
      min.y + each * static_cast<float>(view.tracks(row).place_of(static_cast<size_t>(chosen.unit)));
  const float grown = std::max(0.0f, (3 - each) / 2);
  view.draw->AddRect({min.x, y - grown - 1}, {max.x, y + each + grown + 1}, solid(palette().accent_text), 1);
}

void draw_picture(const Scene& view, const Row& row, Heatmap& heat, ImVec2 at) {
  const size_t end = std::min(view.end, heat.columns());
  if (view.first >= end) return;
  const ImVec2 min(view.x_of(view.first), at.y), max(view.x_of(end), at.y + row.height);
  CellRange range{static_cast<double>(view.first), static_cast<double>(end), 0,
                  static_cast<double>(heat.rows())};
  if (row.kind->shape == TrackShape::units && row.folded) {
    const size_t unit = row.lane == view.app.chosen.lane ? static_cast<size_t>(view.app.chosen.unit) : 0;
    range.first_row = static_cast<double>(view.tracks(row).place_of(unit));
    range.last_row = range.first_row + 1;
  }
  heat.draw(view.draw, min, max, range, scale_of(view, row, heat));
  if (row.kind->shape == TrackShape::units) mark_unit(view, row, min, max, heat.rows());
}

/// "f", "c ±2.5": what a picture of units shows, with its scale where there is room.
void label_units(const Scene& view, const Row& row, ImVec2 at) {
  const Palette& p = palette();
  const auto found = view.tracks(row).pictures.find(row.kind->name);
  draw_text(view.draw, Face::strong, at, solid(p.text), row.kind->label.c_str());
  const float after = text_size(Face::strong, row.kind->label.c_str()).x + 6;
  if (row.folded) {
    const std::string unit =
        "unit " + std::to_string(row.lane == view.app.chosen.lane ? view.app.chosen.unit : 0);
    return draw_text(view.draw, Face::small, at + ImVec2(after, 1), solid(p.dim), unit.c_str());
  }
  if (found == view.tracks(row).pictures.end() || row.height < lowest_units) return;
  const ColourScale scale = scale_of(view, row, found->second);
  char high[24];
  const bool both = row.kind->is_signed;
  std::snprintf(high, sizeof high, both ? "± %.3g" : "%.3g", static_cast<double>(scale.high));
  draw_scale(view, at + ImVec2(0, 20), std::min(view.gutter - 16, 64.0f), scale, both ? "" : "0",
             both ? high : "", both ? "" : high);
}

}  // namespace

void lay_out(Scene& view, float room) {
  const Sizes comfortable{natural_line(), 3, 64};
  view.sizes = comfortable;
  stack(view);
  if (room <= 0) return;
  const auto fits = [&](Sizes tried) {
    const Sizes before = view.sizes;
    view.sizes = tried;
    stack(view);
    if (view.height <= room) return true;
    view.sizes = before;
    return false;
  };
  if (view.height > room) {  // smaller, or comfortable and scrolled
    bool fitting = false;
    for (int guesses = 2; guesses >= fewest_guesses && !fitting; --guesses)
      for (float units : {64.0f, 54.0f, lowest_units})
        fitting = fitting || fits({comfortable.line, guesses, units});
  } else {
    while (view.sizes.guesses < Session::top &&
           fits({view.sizes.line, view.sizes.guesses + 1, view.sizes.units})) {
    }
    while (view.sizes.units < highest_units &&
           fits({view.sizes.line, view.sizes.guesses, view.sizes.units + 4})) {
    }
    while (view.sizes.line < highest_line &&
           fits({view.sizes.line + 1, view.sizes.guesses, view.sizes.units})) {
    }
  }
  stack(view);
}

ColourScale scale_of(const Scene& view, const Row& row, const Heatmap& heat) {
  const Palette& p = palette();
  const std::string& name = row.kind->name;
  if (row.kind->shape == TrackShape::units) {
    if (!row.kind->is_signed) return {0, 1, &p.ramp, p.inset};
    const float most = heat.extent() > 1 ? std::ceil(heat.extent() * 2) / 2 : 1;
    return {-most, most, &p.diverging, p.inset};
  }
  if (name == "surprise") return {view.least_loss, view.most_loss, &p.ramp, p.inset};
  return {-flow_decades, 0, &p.ramp, p.inset};  // the decadic logarithm of the share of lag 0
}

void draw_scale(const Scene& view, ImVec2 at, float width, const ColourScale& scale, const char* low,
                const char* middle, const char* high) {
  const Palette& p = palette();
  constexpr int parts = 48;
  for (int i = 0; i < parts; ++i) {
    const float a = at.x + width * static_cast<float>(i) / parts,
                b = at.x + width * static_cast<float>(i + 1) / parts;
    view.draw->AddRectFilled({a, at.y}, {b, at.y + 8},
                             solid(scale.ramp->at((static_cast<float>(i) + 0.5f) / parts)));
  }
  view.draw->AddRect(at, {at.x + width, at.y + 8}, solid(p.border));
  const char* numbers[] = {low, middle, high};
  for (int i = 0; i < 3; ++i) {
    const float share = 0.5f * static_cast<float>(i);
    const float x = at.x + (width - text_size(Face::small, numbers[i]).x) * share;
    draw_text(view.draw, Face::small, {x, at.y + 9}, solid(p.dim), numbers[i]);
  }
}

void draw_row(const Scene& view, const Row& row) {
  if (!row.kind) return;
  const ImVec2 at(view.columns.Min.x, view.columns.Min.y + row.y);
  ui::register_widget("timeline.lane" + std::to_string(row.lane) + "." + row.kind->name + ".picture", at,
                      {view.columns.Max.x, at.y + row.height});
  if (row.kind->shape == TrackShape::guesses) return draw_guesses(view, row, at);
  LaneTracks& tracks = view.tracks(row);
  if (row.kind->name == "surprise") {
    const ProbeResult& probe = view.lane(row).probe;
    tracks.pictures["surprise"].set(probe.loss, 1, probe.loss.size(), probe.version);
  }
  const auto found = tracks.pictures.find(row.kind->name);
  if (found != tracks.pictures.end()) draw_picture(view, row, found->second, at);
}

void draw_gutter(Scene& view) {
  const Palette& p = palette();
  for (const Row& row : view.rows) {
    const LaneView& lane = view.lane(row);
    const ImVec2 at(view.columns.Min.x - view.gutter, view.columns.Min.y + row.y);
    const std::string fold = row.named ? "lane" + std::to_string(lane.colour) : row.kind->name;
    const std::string id = row.named ? "timeline.lane" + std::to_string(row.lane)
                                     : "timeline.lane" + std::to_string(row.lane) + "." + row.kind->name;
    ImGui::SetCursorScreenPos(at);
    if (ImGui::InvisibleButton(id.c_str(), {view.gutter - 8, row.height}) && !ui::drag_scrolling()) {
      if (!view.own.folded.erase(fold)) view.own.folded.insert(fold);
    }
    const std::string spoken = row.named ? view.app.session.lane_name(row.lane) + ", tracks, button"
                                         : row.kind->title + ", track, button";
    ui::register_widget(id, {spoken, view.own.folded.contains(fold) ? "folded" : "unfolded"});
    ui::tip(row.named ? "Fold and unfold this lane" : row.kind->help.c_str());
    ImGui::RenderNavHighlight(ImRect(at, at + ImVec2(view.gutter - 8, row.height)), ImGui::GetItemID());
    if (row.named) {
      const std::string name = view.app.session.lane_name(row.lane);
      draw_text(view.draw, Face::strong, at, solid(p.lane(lane.colour)), name.c_str());
    } else if (row.kind->shape == TrackShape::units) {
      label_units(view, row, at);
    } else if (row.kind->shape == TrackShape::guesses) {
      constexpr const char* labels[Session::top] = {"1st guess", "2nd", "3rd", "4th", "5th"};
      const bool numbers = lane.task.numbers();
      for (int k = 0; k < guess_rows(view, lane, row.folded); ++k)
        draw_text(view.draw, Face::small,
                  at + ImVec2(0, (view.sizes.line - 14) / 2 + view.sizes.line * static_cast<float>(k)),
                  solid(p.dim), numbers ? "says" : labels[k]);
    } else {
      draw_text(view.draw, Face::small, at + ImVec2(0, (row.height - 14) / 2), solid(p.dim),
                row.kind->label.c_str());
      if (row.height > view.sizes.line) {  // two strips: the memory above, the hidden state below
        const float x = view.gutter - 20;
        draw_text(view.draw, Face::small, at + ImVec2(x, row.height / 4 - 8), solid(p.dim), "c");
        draw_text(view.draw, Face::small, at + ImVec2(x, row.height * 3 / 4 - 8), solid(p.dim), "h");
      }
    }
    if (row.named && !lane.interventions.empty())
      draw_icon(view.draw, Icon::warning, at + ImVec2(view.gutter - 16, 9), solid(p.warning), 13);
  }
}

size_t unit_at(const Scene& view, const Row& row, float y) {
  const LaneTracks& tracks = view.tracks(row);
  if (tracks.order.empty()) return 0;
  if (row.folded) return row.lane == view.app.chosen.lane ? static_cast<size_t>(view.app.chosen.unit) : 0;
  const float share = (y - view.columns.Min.y - row.y) / std::max(row.height, 1.0f);
  const auto place = static_cast<size_t>(std::max(0.0f, share * static_cast<float>(tracks.order.size())));
  return tracks.order[std::min(place, tracks.order.size() - 1)];
}

}  // namespace unroll::timeline
