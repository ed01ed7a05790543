#include "web/views/cell/cell.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/export.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/cell/one_line.h"
#include "web/views/cell/values.h"
#include "web/views/cell/worked_out.h"
#include "web/views/view.h"

namespace unroll {
namespace {

constexpr const char* depths[] = {"Picture", "Vector", "Formula"};

/// In the medium layout the words above the card say it, and its room is needed.
const char* title(const App& app) { return app.mode == Mode::medium ? "" : "Cell"; }
float title_width(const App& app) {
  return app.mode == Mode::medium ? -space::m : text_size(Face::strong, title(app)).x;
}

float lanes_width(const App& app) {
  float width = 4;
  for (const std::string& name : app.session.lane_names())
    width += text_size(Face::strong, name.c_str()).x + 2 * space::s;
  return app.session.lanes.size() > 1 ? std::ceil(width) : 0;
}

/// The lanes' names in their colours, one of them chosen.
void choose_lane(App& app) {
  const Palette& p = palette();
  const ImVec2 start = ImGui::GetCursorScreenPos(), size(lanes_width(app), row_height());
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(start, start + size, solid(p.inset), corner() + 1);
  draw->AddRect(start, start + size, solid(p.border), corner() + 1);
  float x = start.x + 2;
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const std::string name = app.session.lane_name(i), id = "cell.lane" + std::to_string(i);
    const float width = text_size(Face::strong, name.c_str()).x + 2 * space::s;
    const ImVec2 a(x, start.y + 2), b(x + width, start.y + size.y - 2);
    ImGui::SetCursorScreenPos(a);
    if (ImGui::InvisibleButton(id.c_str(), b - a) && !ui::drag_scrolling()) app.chosen.lane = i;
    const bool on = app.chosen.lane == i;
    ui::register_widget(id, {name + ", lane", on ? "chosen" : "not chosen"});
    if (on) {
      draw->AddRectFilled(a, b, solid(p.dark ? p.strong_border : p.card), corner() - 1);
      if (!p.dark) draw->AddRect(a, b, solid(p.strong_border), corner() - 1);
    } else if (ImGui::IsItemHovered()) {
      draw->AddRectFilled(a, b, faded(p.text, 0.06f), corner() - 1);
    }
    draw_text(draw, Face::strong, {a.x + space::s, std::round((a.y + b.y) / 2 - 8)},
              faded(p.lane(app.session.lanes[i]->colour), on ? 1.0f : 0.75f), name.c_str());
    ImGui::RenderNavHighlight(ImRect(a, b), ImGui::GetItemID());
    x += width;
  }
  ImGui::SetCursorScreenPos(start);
  ImGui::Dummy(size);
}

/// The same as a list that opens, for many lanes.
void choose_from_list(App& app, float width) {
  const Palette& p = palette();
  const auto ink = [&](size_t lane) {
    ImGui::PushStyleColor(ImGuiCol_Text, vec4(p.lane(app.session.lanes[lane]->colour)));
  };
  const ImVec2 min = ImGui::GetCursorScreenPos(), max = min + ImVec2(width, row_height());
  ImGui::SetNextItemWidth(width);
  ink(app.chosen.lane);
  const std::string chosen = app.session.lane_name(app.chosen.lane);
  const bool open = ImGui::BeginCombo("##cell.lane", chosen.c_str(), ImGuiComboFlags_NoArrowButton);
  ImGui::PopStyleColor();
  if (!open) ui::add_stop("cell.lane", {"Lane, list", chosen});
  if (open) {
    for (size_t i = 0; i < app.session.lanes.size(); ++i) {
      const std::string id = "cell.lane" + std::to_string(i);
      ink(i);
      ImGui::PushID(id.c_str());
      if (ImGui::Selectable(app.session.lane_name(i).c_str(), app.chosen.lane == i, 0,
                            ImVec2(0, row_height() - 6)))
        app.chosen.lane = i;
      ImGui::PopID();
      ImGui::PopStyleColor();
      ui::register_widget(
          id, {app.session.lane_name(i) + ", lane", app.chosen.lane == i ? "chosen" : "not chosen"});
    }
    ImGui::EndCombo();
  }
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRect(min, max, solid(p.border), corner());
  draw_icon(draw, Icon::down, ImVec2(max.x - 14, (min.y + max.y) / 2), solid(p.dim), 12);
  ui::register_widget("cell.lane", min, max);
}

float stepper_field() { return touch_targets() ? 128.0f : 92.0f; }

/// A word and a stepper from 1 to `count`; the value counts from 0.
void stepper(const char* id, const char* word, int& value, int count) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float label = text_size(Face::small, word).x + 6;
  draw_text(ImGui::GetWindowDrawList(), Face::small, at + ImVec2(0, (row_height() - 14) / 2),
            solid(palette().dim), word);
  ImGui::SetCursorScreenPos(at + ImVec2(label, 0));
  double number = value + 1;
  if (ui::number_field(id, word, number,
                       {.minimum = 1, .maximum = static_cast<double>(count), .ladder = {}, .integer = true},
                       stepper_field()))
    value = static_cast<int>(number) - 1;
}
float stepper_width(const char* word) { return text_size(Face::small, word).x + 6 + (stepper_field()); }

/// Whose numbers are shown: on the card's title row where they fit, else in rows of their own.
void choose_whose(App& app, float title_room) {
  const LaneSpec& spec = app.session.lanes[app.chosen.lane]->applied;
  const bool lanes = app.session.lanes.size() > 1, layers = spec.layers > 1;
  const bool list = lanes_width(app) > ui::content_width();
  const float names = list ? 132.0f : lanes_width(app);
  const float all = (lanes ? names + space::m : 0) + (layers ? stepper_width("layer") + space::m : 0) +
                    stepper_width("unit");
  const ImVec2 below = ImGui::GetCursorScreenPos();
  const float right = below.x + ui::content_width();
  ImVec2 at = below;
  const bool on_title = all <= title_room;
  if (on_title) at = {below.x + title_width(app) + space::m, below.y - row_height() - space::s};
  const float left = at.x;
  const auto place = [&](float width) {
    if (at.x > left && at.x + width > right) at = {left, at.y + row_height() + space::s};
    ImGui::SetCursorScreenPos(at);
    at.x += width + space::m;
  };
  if (lanes) {
    place(names);
    if (list)
      choose_from_list(app, names);
    else
      choose_lane(app);
  }
  if (layers) {
    place(stepper_width("layer"));
    stepper("cell.layer", "layer", app.chosen.layer, spec.layers);
  }
  place(stepper_width("unit"));
  stepper("cell.unit", "unit", app.chosen.unit, spec.hidden);
  ImGui::SetCursorScreenPos(on_title ? below : ImVec2(below.x, at.y + row_height() + space::s));
}

/// All quantities of all units at the chosen character.
std::string cell_csv(const CellNumbers& reading) {
  Csv csv;
  csv.add("unit");
  std::vector<std::vector<float>> columns;
  for (const Quantity& quantity : formulas_of(reading).quantities()) {
    csv.add(quantity.id);
    columns.push_back(values_of(reading, quantity));
  }
  csv.end_row();
  for (size_t unit = 0; unit < reading.hidden(); ++unit) {
    csv.add(unit + 1);
    for (const auto& column : columns) csv.add(column[unit]);
    csv.end_row();
  }
  return csv.text();
}

/// Tools of the title row; returns the room left between the title and them.
float draw_tools(App& app, CellLooks& looks) {
  const float whole = ui::content_width();
  float used = 0;
  const auto tool = [&](float width) {
    ui::next_tool(width);
    used += width + space::xs;
  };
  export_button(app, "cell", [&app] { return cell_csv(read_cell(app)); });
  used += row_height() + space::xs;
  const bool changed = !app.session.lanes[app.chosen.lane]->interventions.empty();
  const bool narrow = whole < 620;
  const ui::ButtonSpec surgery{.label = narrow    ? ""
                                        : changed ? "Intervened"
                                                  : "Intervene",
                               .icon = changed ? Icon::warning : Icon::pencil,
                               .look = looks.surgery ? ui::Look::plain : ui::Look::quiet,
                               .tip = "Clamp gates, silence units, and see the loss and the text answer"};
  tool(ui::button_width(surgery));
  if (ui::button("cell.intervene", surgery)) looks.surgery = !looks.surgery;
  const float words = ui::segmented_width(depths);
  tool(words);
  ui::segmented("cell.depth", depths, looks.depth, words,
                "The numbers of one unit, those of all units, or the equations, which can be edited");
  ui::end_tools();
  return whole - used - title_width(app) - 2 * space::m;
}

// --- Time -------------------------------------------------------------------------------------------------------

void step_time(App& app, const CellNumbers& reading, int by) {
  const auto n = static_cast<int>(reading.text.size());
  if (n > 0) app.chosen.column = std::clamp(static_cast<int>(reading.position) + by, 0, n - 1);
}

void play(App& app, CellLooks& looks, const CellNumbers& reading) {
  if (!looks.playing) return;
  const double now = platform::seconds();
  if (reading.position + 1 >= reading.text.size() || app.help_open) {
    looks.playing = false;
    return;
  }
  if (now >= looks.next_at && reading.ready()) {  // it waits for the lane
    step_time(app, reading, 1);
    looks.next_at = std::max(looks.next_at + CellLooks::seconds_per_character,
                             now + CellLooks::seconds_per_character / 2);
  }
  platform::wake_in(std::max(looks.next_at - now, 0.0));
  if (!platform::prefers_reduced_motion()) platform::wake();  // something moves along the wires
}

void start_playing(App& app, CellLooks& looks, const CellNumbers& reading) {
  looks.playing = !looks.playing;
  looks.next_at = platform::seconds() + CellLooks::seconds_per_character / 2;
  if (looks.playing && reading.position + 1 >= reading.text.size()) app.chosen.column = 0;
}

void draw_transport(App& app, CellLooks& looks, const CellNumbers& reading, ImVec2 at) {
  const float each = row_height() + space::xs;
  const auto n = reading.text.size();
  const std::string column = app.task().looks.column, back = "One " + column + " back",
                    play = "Read on, three " + column + "s a second (P)", on = "One " + column + " on";
  ImGui::SetCursorScreenPos(at);
  if (ui::button("cell.back", {.icon = Icon::back,
                               .look = ui::Look::quiet,
                               .tip = back.c_str(),
                               .enabled = reading.position > 0}))
    step_time(app, reading, -1);
  ImGui::SetCursorScreenPos(at + ImVec2(each, 0));
  if (ui::button("cell.play", {.icon = looks.playing ? Icon::pause : Icon::play,
                               .look = ui::Look::quiet,
                               .tip = play.c_str(),
                               .enabled = n > 1}))
    start_playing(app, looks, reading);
  ImGui::SetCursorScreenPos(at + ImVec2(2 * each, 0));
  if (ui::button("cell.forward", {.icon = Icon::step,
                                  .look = ui::Look::quiet,
                                  .tip = on.c_str(),
                                  .enabled = reading.position + 1 < n}))
    step_time(app, reading, 1);
}

void take_keys(App& app, CellLooks& looks, const CellNumbers& reading) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput || platform::field_focused() || io.KeyCtrl || io.KeyAlt || io.KeySuper) return;
  if (app.help_open) return;
  const int by = ImGui::IsKeyPressed(ImGuiKey_RightBracket) - ImGui::IsKeyPressed(ImGuiKey_LeftBracket);
  app.chosen.unit = std::clamp(app.chosen.unit + by, 0, reading.spec.hidden - 1);
  if (ImGui::IsKeyPressed(ImGuiKey_P, false)) start_playing(app, looks, reading);
  // Where the timeline is on the screen, these are its keys.
  const bool timeline = app.mode == Mode::wide && looks.depth != 2 && !app.hides("timeline");
  const int on = ImGui::IsKeyPressed(ImGuiKey_Period) - ImGui::IsKeyPressed(ImGuiKey_Comma);
  if (on && !timeline) step_time(app, reading, on);
}

// --- The card's content -------------------------------------------------------------------------------------------

/// Why there are no numbers yet; empty when there are.
std::string waiting_for(const App& app, const CellNumbers& reading) {
  const LaneView& lane = *app.session.lanes[reading.lane];
  const Answer& answer = app.session.answer(reading.lane, "cell");
  if (answer.error) return answer.error->text();
  if (reading.ready()) return "";
  if (!lane.configured) return "The lane is being set up…";
  const bool asked = lane.probe.asked == app.probed().key();
  return asked && lane.probe.text.empty() ? "The timeline's text has no character that the lane knows."
                                          : "The lane is reading…";
}

/// Over the picture: why there are no numbers yet.
void draw_waiting(const App& app, const CellNumbers& reading, ImVec2 min, float width) {
  const Palette& p = palette();
  const std::string waits = waiting_for(app, reading);
  if (waits.empty()) return;
  const bool error = app.session.answer(reading.lane, "cell").error.has_value();
  const float wrap = std::min(text_size(Face::text, waits.c_str()).x + 1, width - 80);
  const ImVec2 at(min.x + (width - wrap) / 2, min.y + 6);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float tall = font(Face::text)->CalcTextSizeA(font_size(Face::text), FLT_MAX, wrap, waits.c_str()).y;
  draw->AddRectFilled(at - ImVec2(10, 5), at + ImVec2(wrap + 10, tall + 5), solid(p.card), corner());
  draw->AddRect(at - ImVec2(10, 5), at + ImVec2(wrap + 10, tall + 5), solid(p.border), corner());
  draw_text(draw, Face::text, at, solid(error ? p.error : p.dim), waits.c_str(), wrap);
  ui::register_widget("cell.waiting", at, at + ImVec2(wrap, tall));
}

/// The text with its buttons, and what comes next where that is not beside the diagram. Returns the height.
float draw_time(App& app, CellLooks& looks, const CellNumbers& reading, ImVec2 min, float width, float head,
                bool narrow, bool next) {
  const float tape = row_height(), buttons = 3 * (row_height() + space::xs) + space::xs;
  if (!narrow) {
    draw_transport(app, looks, reading, min);
    draw_tape(app, reading, min + ImVec2(buttons, 0), {width - buttons, tape},
              std::max(head, min.x + buttons + 40));
    if (next) draw_next_row(app, reading, min + ImVec2(0, tape + space::xs), width);
    return tape + (next ? 28 : 0);
  }
  // Narrow: the buttons have a line of their own.
  draw_tape(app, reading, min, {width, tape}, head);
  const float second = tape + space::xs;
  draw_transport(app, looks, reading, min + ImVec2(0, second));
  const std::string place = app.task().looks.column + (" " + std::to_string(reading.position + 1)) + " of " +
                            std::to_string(reading.text.size());
  const float text = text_size(Face::small, place.c_str()).x;
  draw_text(ImGui::GetWindowDrawList(), Face::small, min + ImVec2(width - text, second + (tape - 14) / 2),
            solid(palette().dim), place.c_str());
  if (next) draw_next_row(app, reading, min + ImVec2(0, second + tape + space::xs), width);
  return second + tape + (next ? 28 : 0);
}

/// The third depth: the equations as text to edit, and with numbers; while they are another cell than the lane's, that
/// cell's picture. Returns the height.
float draw_text(App& app, CellLooks& looks, const CellNumbers& reading, ImVec2 min, ImVec2 size) {
  CellEditor& editor = looks.editor;
  editor.follow(app, reading.lane);
  const bool beside = size.x >= 620;
  const float left = beside ? std::floor(size.x * 0.48f) : size.x, height = beside ? size.y : 0;
  const float used = editor.draw(app, min, {beside ? left - space::l : left, height});
  const ImVec2 at = min + (beside ? ImVec2(left, 0) : ImVec2(0, used + space::m));
  const float width = beside ? size.x - left : size.x;
  float below = 0;
  if (editor.unchanged()) {
    below = draw_cell_equations(app, looks, reading, at, {width, height});
  } else if (editor.graph()) {
    CellNumbers drawn = reading;
    drawn.spec = editor.spec(app);
    drawn.names.clear();
    drawn.values = {};
    below = height > 0 ? height : 250;
    draw_cell_diagram(app, looks, drawn, at, {std::max(width, 320.0f), below});
  }
  return beside ? std::max(used, below) : used + space::m + below;
}

/// Diagram or equations with the text, and what comes next; natural height when size.y is 0.
void draw_reading(App& app, CellLooks& looks, const CellNumbers& reading, ImVec2 size) {
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const bool formula = looks.depth == 2, natural = size.y <= 0;
  const bool beside = size.x >= 520 && !formula;  // room for what comes next beside the diagram
  const float list = 138, tape = row_height();
  const float width = beside ? size.x - list - space::l : size.x;
  const bool narrow = size.x < 480;
  const float readout = formula ? 0.0f : narrow ? 72.0f : 20.0f;
  const float time = (narrow ? 2 * tape + space::xs : tape) + (beside ? 0.0f : 28.0f);
  const float room = natural ? 320.0f : size.y - time - readout - 2 * space::s;
  float height = room, head = std::round(min.x + width / 2);
  if (formula) {
    ImGui::BeginChild("cell.equations", {width, natural ? 0 : room},
                      natural ? ImGuiChildFlags_AutoResizeY : ImGuiChildFlags_None);
    ui::keep_unseen_items();
    const ImVec2 inside = ImGui::GetCursorScreenPos();
    height = draw_text(app, looks, reading, inside, {ui::content_width(), natural ? 0 : room});
    ImGui::SetCursorScreenPos(inside);
    ImGui::Dummy({1, height});
    ui::scroll_by_drag();
    ImGui::EndChild();
    if (!natural) height = room;
  } else {
    const Diagram diagram = draw_cell_diagram(app, looks, reading, min, {width, room});
    head = diagram.head;
    if (beside) {
      const float left = min.x + size.x - list;
      const float top = std::clamp(diagram.out.y - 40, min.y, min.y + std::max(room - 130, 0.0f));
      draw_next_column(app, reading, {left, top}, list);
      if (room >= 205)
        draw_cell_legend(looks.depth == 1, {left, min.y + room + tape - (looks.depth == 1 ? 56.0f : 24.0f)},
                         list);
    }
  }
  const float row = min.y + height + (formula ? space::xs : 0);
  const float used = draw_time(app, looks, reading, {min.x, row}, width, head, narrow, !beside);
  if (!formula) draw_readout(app, looks, reading, {min.x, row + used + space::s}, {size.x, readout});
  draw_waiting(app, reading, min, width);
  ImGui::SetCursorScreenPos(min);
  ImGui::Dummy({size.x, row + used + space::s + readout - min.y});
}

class CellView final : public View {
 public:
  CellView()
      : View({.label = "Cell",
              .help = {{"Cell",
                        "The inside of a lane's cell while it reads the chosen character, with the numbers "
                        "of one unit: blue "
                        "is above "
                        "zero, orange below, thicker is more. Point at a part for its formula. Intervene "
                        "clamps gates and "
                        "silences "
                        "units, and says what that does to the loss; training never sees it."}},
              .keys = {{"[ and ]", "previous and next unit of the cell"},
                       {"P", "in the cell: read on through the text, or stop"}},
              .height = 560}) {}
  void draw(App&, ImVec2 size) override;
  bool tall() const override {
    return looks_.depth == 2;
  }  // so that a whole lstm is seen, with what is wrong
  float wants(const App& app, float width) const override {
    const auto& lanes = app.session.lanes;
    const bool flat = looks_.depth < 2 && app.chosen.lane < lanes.size() &&
                      as_one_line(*graph_of(lanes[app.chosen.lane]->applied));
    return View::wants(app, width) - (flat ? 110.0f : 0.0f);
  }
  void publish(const App& app, Json& state) const override {
    if (!app.session.lanes.empty()) state["cell"] = cell_json(app, looks_);
  }

 private:
  CellLooks looks_;
};

}  // namespace

void CellView::draw(App& app, ImVec2 size) {
  CellLooks& looks = looks_;
  ui::begin_card("cell", title(app), size);
  const float room = draw_tools(app, looks);
  choose_whose(app, room);
  ask_cell(app);
  take_keys(app, looks, read_cell(app));
  play(app, looks, read_cell(app));
  const CellNumbers reading = read_cell(app);
  const float width = ui::content_width();
  const bool natural = size.y <= 0, beside = looks.surgery && width >= 560;
  const float column = width >= 760 ? 244.0f : 216.0f;
  const float height = natural ? 0 : ImGui::GetContentRegionAvail().y;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  if (looks.surgery && !natural && !beside) {
    draw_surgery(app, looks, reading, {width, height});
  } else {
    draw_reading(app, looks, reading, {beside ? width - column - space::l : width, height});
    if (beside) {
      ImGui::SetCursorScreenPos(start + ImVec2(width - column, 0));
      draw_surgery(app, looks, reading, {column, height});
    } else if (looks.surgery) {
      draw_surgery(app, looks, reading, {width, 0});
    }
  }
  ui::end_card();
}

std::unique_ptr<View> make_cell_view() { return std::make_unique<CellView>(); }

}  // namespace unroll
