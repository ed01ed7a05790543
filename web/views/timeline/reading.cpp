// Reading a column of the timeline: the exact values behind its colours, of every lane.
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

void read_surprise(const Scene& view, size_t lane_index, size_t column) {
  const Palette& p = palette();
  const App& app = view.app;
  const LaneView& lane = *app.session.lanes[lane_index];
  const ProbeResult& probe = lane.probe;
  const double loss = static_cast<double>(probe.loss[column]);
  ImGui::TableNextColumn();
  ui::label(app.session.lane_name(lane_index).c_str(), p.lane(lane.colour), Face::strong);
  char text[64];
  if (app.numbers())
    std::snprintf(text, sizeof text, "%.4g %s", loss, app.unit());
  else
    std::snprintf(text, sizeof text, "%.2f %s (%.1f%%)", app.in_units(loss), app.unit(),
                  100 * std::exp(-loss));
  ImGui::TableNextColumn();
  ui::label(text, p.text, Face::mono);
  if (!probe.said.empty()) {
    ImGui::TableNextColumn();
    const size_t each = probe.said.size() / probe.loss.size();
    std::string says = "says";
    for (size_t k = 0; k < std::min<size_t>(each, 4); ++k)
      says += " " + ui::number_text(static_cast<double>(probe.said[column * each + k]));
    ui::label(says.c_str(), p.dim, Face::small);
    for (int k = 1; k < Session::top; ++k) ImGui::TableNextColumn();
    return;
  }
  for (int k = 0; k < Session::top; ++k) {
    ImGui::TableNextColumn();
    if (k >= probe.top) continue;
    const size_t at = column * static_cast<size_t>(probe.top) + static_cast<size_t>(k);
    const int32_t id = probe.top_ids[at];
    if (id < 0 || static_cast<size_t>(id) >= lane.vocabulary.size()) continue;
    const ImVec2 cell = ImGui::GetCursorScreenPos();
    const char32_t symbol = lane.vocabulary[static_cast<size_t>(id)];
    const float width = is_named(symbol) ? text_size(Face::small, symbol_text(symbol).c_str()).x + 2 : 14.0f;
    draw_symbol(ImGui::GetWindowDrawList(), cell, {width, 18}, symbol, p.text);
    std::snprintf(text, sizeof text, "%.0f%%", 100 * static_cast<double>(probe.top_probs[at]));
    ImGui::SetCursorScreenPos({cell.x + width + 2, cell.y + 2});
    ui::label(text, p.dim, Face::small);
  }
}

/// "unit 17: c 0.832 · f 0.991" of the visible tracks, and how much the column counts for the chosen character.
void read_tracks(const Scene& view, size_t lane_index, size_t column, size_t unit) {
  const LaneView& lane = *view.app.session.lanes[lane_index];
  const LaneTracks& tracks = view.own.tracks[lane.colour];
  std::string units, shares;
  char text[64];
  for (const std::string& name : view.app.session.wanted.view.tracks) {
    const auto picture = tracks.pictures.find(name);
    const auto kind = track_of(lane.applied, name);
    if (picture == tracks.pictures.end() || !kind) continue;
    const Heatmap& heat = picture->second;
    if (kind->shape == TrackShape::units) {
      const double value = static_cast<double>(heat.at(tracks.place_of(unit), column));
      if (!std::isfinite(value)) continue;
      std::snprintf(text, sizeof text, "%s %.3f", kind->label.c_str(), value);
      units += (units.empty() ? "" : " · ") + std::string(text);
    } else if (name == "flow" || name == "saliency") {
      const double value = static_cast<double>(heat.at(0, column));
      if (!std::isfinite(value)) continue;
      std::snprintf(text, sizeof text, "%s %.3g%%", kind->label.c_str(), 100 * std::pow(10.0, value));
      shares += (shares.empty() ? "" : " · ") + std::string(text);
    }
  }
  const Palette& p = palette();
  const std::string name = view.app.session.lane_name(lane_index);
  if (!units.empty())
    ui::label((name + ", unit " + std::to_string(unit) + ": " + units).c_str(), p.text, Face::small);
  if (!shares.empty())
    ui::label((name + ", of the latest character's: " + shares).c_str(), p.dim, Face::small);
}

}  // namespace

void read_column(const Scene& view, size_t column, const Row* row, bool at_pointer) {
  const Palette& p = palette();
  const App& app = view.app;
  const float x = at_pointer ? ImGui::GetIO().MousePos.x : view.x_of(column);
  const float share = (x - view.columns.Min.x) / std::max(view.columns.GetWidth(), 1.0f);
  const float top = std::max(view.columns.Min.y, view.draw->GetClipRectMin().y);
  constexpr float room = 240;  // for the tool tip above the rows; else it stands beside the column
  const float screen = ImGui::GetIO().DisplaySize.x;
  float& width = *ImGui::GetStateStorage()->GetFloatRef(ImGui::GetID("reading"));  // as it was drawn last
  if (top - 28 > room)
    ImGui::SetNextWindowPos({x, top - 28}, ImGuiCond_Always, {std::clamp(share, 0.0f, 1.0f), 1});
  else
    ImGui::SetNextWindowPos({std::clamp(share < 0.5f ? x + view.column + 20 : x - 20 - width, 0.0f,
                                        std::max(screen - width, 0.0f)),
                             top});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    const bool first = column == 0 && !app.shows_example();
    ui::label(column_words(app, column).c_str(), p.text, Face::text);
    if (first) ui::dim("Nothing came before the first character.");
    if (app.example() && !app.example()->asks(column)) ui::dim("Nothing is asked here.");
    if (!first && ImGui::BeginTable("column", 2 + Session::top, ImGuiTableFlags_SizingFixedFit)) {
      for (size_t i = 0; i < app.session.lanes.size(); ++i)
        if (const auto& losses = app.session.lanes[i]->probe.loss;
            column < losses.size() && std::isfinite(losses[column]))
          read_surprise(view, i, column);
      ImGui::EndTable();
    }
    for (size_t i = 0; i < app.session.lanes.size(); ++i) {
      const bool pointed = row && row->lane == i && row->kind && row->kind->shape == TrackShape::units;
      const size_t unit = pointed                ? unit_at(view, *row, ImGui::GetIO().MousePos.y)
                          : i == app.chosen.lane ? static_cast<size_t>(app.chosen.unit)
                                                 : 0;
      read_tracks(view, i, column, unit);
    }
    width = ImGui::GetWindowWidth();
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

}  // namespace unroll::timeline
