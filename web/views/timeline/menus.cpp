// The menus of the timeline: which tracks there are and in which order, and how the units are ordered, with the search
// for units that care about something ("find the cell").
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/timeline/timeline.h"

namespace unroll::timeline {
namespace {

/// A line of the tracks' menu: a check box, and arrows that move a visible track.
void track_line(std::vector<std::string>& shown, const TrackKind& kind) {
  const auto at = std::find(shown.begin(), shown.end(), kind.name);
  bool on = at != shown.end();
  const std::string id = "track." + kind.name;
  const std::string label = kind.title + "##" + id;
  const float width = 300, button = row_height();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(space::s, touch_targets() ? 8.0f : 2.0f));
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 1);
  const bool changed = ImGui::Checkbox(label.c_str(), &on);
  ImGui::PopStyleVar(2);
  if (changed) {
    if (on)
      shown.push_back(kind.name);
    else
      shown.erase(at);
    ui::register_widget(id, {kind.title + ", track", on ? "shown" : "hidden"});
    return;
  }
  ui::register_widget(id, {kind.title + ", track, " + kind.help, on ? "shown" : "hidden"});
  ui::tip(kind.help.c_str());
  ImGui::SameLine();
  if (at != shown.end()) {
    const auto place = at - shown.begin();
    const std::pair<const char*, int> moves[] = {{"up", -1}, {"down", 1}};
    for (const auto& [name, by] : moves) {
      ImGui::SetCursorScreenPos({start.x + width - button * (by < 0 ? 2.0f : 1.0f), start.y});
      const auto other = place + by;
      const std::string spoken = kind.title + (by < 0 ? ", further up" : ", further down");
      const ui::ButtonSpec spec{.icon = by < 0 ? Icon::up : Icon::down,
                                .look = ui::Look::quiet,
                                .tip = by < 0 ? "Further up" : "Further down",
                                .enabled = other >= 0 && other < static_cast<std::ptrdiff_t>(shown.size()),
                                .name = spoken.c_str()};
      if (ui::button((id + "." + name).c_str(), spec))
        std::swap(shown[static_cast<size_t>(place)], shown[static_cast<size_t>(other)]);
    }
  }
  ImGui::SetCursorScreenPos(start);
  ImGui::Dummy({width, button});
}

/// As the first lane says it that has it.
TrackKind track_in_words(std::span<const LaneSpec> lanes, const std::string& name) {
  for (const LaneSpec& lane : lanes)
    if (auto kind = track_of(lane, name)) return std::move(*kind);
  return {.name = name, .label = name, .title = name, .help = "No lane has it"};
}

std::string in_words(const std::string& feature) {
  std::string words = feature;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words == "pattern" ? "your pattern" : words;
}

/// The unit of a lane that is most correlated with a feature, as a button.
void best_unit(App& app, State& own, size_t lane_index, const UnitsAnswer& units,
               const std::string& feature) {
  const std::span<const float> r = units.of(feature);
  const UnitOrder order = order_by_correlation(r);
  if (order.empty() || !std::isfinite(r[order[0]])) {  // nothing in the text has this feature, or everything
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (row_height() - 16) / 2);
    ui::label("–", palette().dim);
    return ImGui::Dummy({0, (row_height() - 16) / 2 - ImGui::GetStyle().ItemSpacing.y});
  }
  char text[48];
  std::snprintf(text, sizeof text, "unit %zu  r = %+.2f", order[0], static_cast<double>(r[order[0]]));
  const std::string id = "units." + feature + ".lane" + std::to_string(lane_index);
  const std::string spoken = in_words(feature) + ", " + app.session.lane_name(lane_index) + ", " + text;
  if (ui::button(id.c_str(), {.label = text,
                              .width = 128,
                              .tip = "Choose this unit and order by this feature",
                              .name = spoken.c_str()})) {
    app.chosen.lane = lane_index;
    app.chosen.unit = static_cast<int>(order[0]);
    own.sort = UnitSort::feature;
    own.feature = feature;
  }
}

void search_units(App& app, State& own) {
  Session& session = app.session;
  const size_t lanes = session.lanes.size();
  ImGui::Dummy({340, 0});
  ui::label("Find the cell", palette().text, Face::strong);
  ui::dim("For each feature of the text, the unit whose state follows it most closely (Pearson's r).");
  const platform::TextField field{.id = "pattern",
                                  .label = "Regular expression",
                                  .placeholder = "a regular expression of your own: \\bthe\\b",
                                  .width = ImGui::GetContentRegionAvail().x,
                                  .height = 0,
                                  .monospace = true,
                                  .max_bytes = 200};
  platform::text_field(field, own.pattern);
  ui::register_widget("pattern", {"Regular expression, text field", "", true});
  std::vector<std::string> features;
  std::optional<Error> error;
  for (size_t i = 0; i < lanes; ++i) {
    const Answer& answer = ask_units(session, i, app.chosen.layer, own.pattern);
    if (answer.error) error = answer.error;
    if (const auto units = units_answer(answer)) features = units->features;
  }
  if (error)
    ui::label((error->what + (error->hint.empty() ? "" : "; " + error->hint)).c_str(), palette().error,
              Face::small);
  if (features.empty()) return ui::dim("waiting for the lanes…");
  if (!ImGui::BeginTable("features", static_cast<int>(lanes) + 1, ImGuiTableFlags_SizingFixedFit)) return;
  ImGui::TableNextColumn();
  for (size_t i = 0; i < lanes; ++i) {
    ImGui::TableNextColumn();
    ui::label(session.lane_name(i).c_str(), palette().lane(session.lanes[i]->colour), Face::strong);
  }
  for (const std::string& feature : features) {
    ImGui::TableNextColumn();
    const bool chosen = own.sort == UnitSort::feature && own.feature == feature;
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (row_height() - 16) / 2);
    ui::label(in_words(feature).c_str(), chosen ? palette().accent_text : palette().text);
    for (size_t i = 0; i < lanes; ++i) {
      ImGui::TableNextColumn();
      if (const auto units = units_answer(session.answer(i, "units")))
        best_unit(app, own, i, *units, feature);
    }
  }
  ImGui::EndTable();
}

}  // namespace

void tracks_menu(App& app, bool brief) {
  if (!ui::begin_menu("timeline.tracks-menu", {.label = brief ? "" : "Tracks",
                                               .icon = Icon::tracks,
                                               .look = ui::Look::quiet,
                                               .tip = "Which tracks are shown, and in which order"}))
    return;
  auto& shown = app.session.wanted.view.tracks;
  const std::vector<std::string> before = shown;
  const std::vector<LaneSpec>& lanes = app.session.wanted.lanes;
  for (const std::string& name : before) track_line(shown, track_in_words(lanes, name));
  if (!before.empty()) ImGui::Separator();
  for (const std::string& name : track_names(lanes))
    if (std::find(before.begin(), before.end(), name) == before.end())
      track_line(shown, track_in_words(lanes, name));
  ImGui::EndPopup();
}

void find_menu(App& app, State& own, bool brief) {
  if (!ui::begin_menu("timeline.find-menu",
                      {.label = brief ? "" : "Find the cell",
                       .icon = Icon::search,
                       .look = ui::Look::quiet,
                       .tip = "Which unit follows quotes, brackets, a pattern of yours"}))
    return;
  search_units(app, own);
  ImGui::EndPopup();
}

void units_menu(App& app, State& own, bool brief, bool with_search) {
  if (!ui::begin_menu("timeline.units-menu",
                      {.label = brief ? "" : "Units",
                       .icon = Icon::sort,
                       .look = ui::Look::quiet,
                       .tip = with_search ? "Order of the units; find the cell" : "Order of the units"}))
    return;
  constexpr const char* words[] = {"index", "activity", "similarity", "feature"};
  int sort = static_cast<int>(own.sort);
  ui::label("Order of the units", palette().text, Face::strong);
  if (ui::segmented("units.sort", words, sort, 340)) own.sort = static_cast<UnitSort>(sort);
  int layers = 1;
  for (const LaneSpec& lane : app.session.wanted.lanes) layers = std::max(layers, lane.layers);
  if (layers > 1) {
    double layer = app.chosen.layer + 1;
    if (ui::number_row("timeline.layer", "Layer", "Which recurrent layer the tracks of units show", layer,
                       {.minimum = 1, .maximum = static_cast<double>(layers), .ladder = {}, .integer = true}))
      app.chosen.layer = static_cast<int>(layer) - 1;
  }
  if (with_search) {
    ImGui::Dummy({340, space::xs});
    search_units(app, own);
  }
  ImGui::EndPopup();
}

}  // namespace unroll::timeline
