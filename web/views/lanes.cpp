// The lanes: what each model is, how many parameters it has, and where it stands.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/base/number.h"
#include "engine/cells/shipped.h"
#include "web/app.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/view.h"

namespace unroll {
namespace {

constexpr double sizes[] = {8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048};
constexpr double layer_counts[] = {1, 2, 3, 4};
constexpr double embeddings[] = {0, 8, 16, 32, 64, 128, 256, 512, 1024};
constexpr double dropouts[] = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
constexpr double biases[] = {-1, 0, 0.5, 1, 2, 3, 5};
constexpr double spans[] = {0, 10, 30, 100, 300, 1000};
constexpr double own_rates[] = {0,     0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.004, 0.006,
                                0.008, 0.012,  0.02,   0.03,   0.05,  0.1,   0.2,   0.5,   1};

enum class Change { none, spec, rate, remove, duplicate };

bool integer_row(const std::string& id, const char* label, const char* name, int& value,
                 std::span<const double> ladder, const char* zero = nullptr) {
  const Field& field = unroll::field("lanes", name);
  double number = value;
  const bool edited = ui::number_row(
      (id + name).c_str(), label, field.help, number,
      {.minimum = field.minimum, .maximum = field.maximum, .ladder = ladder, .integer = true, .zero = zero});
  value = static_cast<int>(number);
  return edited;
}

bool real_row(const std::string& id, const char* label, const char* name, double& value,
              std::span<const double> ladder, const char* zero = nullptr) {
  const Field& field = unroll::field("lanes", name);
  return ui::number_row(
      (id + name).c_str(), label, field.help, value,
      {.minimum = field.minimum, .maximum = field.maximum, .ladder = ladder, .integer = false, .zero = zero});
}

template <class Enum>
bool choice(const std::string& id, const char* label, const char* name, Enum& value) {
  const Field& field = unroll::field("lanes", name);
  int chosen = static_cast<int>(value);
  const bool edited = ui::choice_row((id + name).c_str(), label, field.help, field.words, chosen);
  value = static_cast<Enum>(chosen);
  return edited;
}

/// The cells that ship, and one's own.
bool choose_cell(Experiment& experiment, size_t index, const std::string& id) {
  const Field& field = unroll::field("lanes", "cell");
  std::vector<const char*> names(field.words.begin(), field.words.end());
  for (const CellSpec& own : experiment.cells) names.push_back(own.name.c_str());
  LaneSpec& spec = experiment.lanes[index];
  int chosen = static_cast<int>(std::find(names.begin(), names.end(), spec.cell) - names.begin());
  std::vector<const char*> titles;
  for (const char* name : names) {
    const ShippedCell* shipped = shipped_cell(name);
    titles.push_back(shipped ? shipped->graph->title.c_str() : "your own");
  }
  const bool edited = ui::choice_row((id + "cell").c_str(), "Cell", field.help, names, chosen, titles);
  if (edited && !set_field(experiment, field, index, names[static_cast<size_t>(chosen)])) return false;
  if (edited && !can_chrono(spec)) spec.chrono = 0;
  ui::dim(graph_of(spec)->title.c_str());
  return edited;
}

/// The settings of an open lane.
Change edit_lane(App& app, size_t index, const std::string& id) {
  LaneSpec& spec = app.session.wanted.lanes[index];
  Change change = Change::none;
  const auto note = [&change](bool edited, Change kind = Change::spec) {
    if (edited) change = kind;
  };
  const std::string plain_name = cell_and_size(spec), name_id = id + "name";
  const platform::TextField name{.id = name_id.c_str(),
                                 .label = "Name of the lane",
                                 .placeholder = plain_name.c_str(),
                                 .width = ui::content_width(),
                                 .height = 0,
                                 .monospace = false,
                                 .max_bytes = static_cast<size_t>(field("lanes", "name").maximum)};
  platform::text_field(name, spec.name);
  ui::register_widget(name_id, {"Name of the lane, text field", "", true});
  note(choose_cell(app.session.wanted, index, id));
  note(integer_row(id, "Hidden units", "hidden", spec.hidden, sizes));
  note(integer_row(id, "Layers", "layers", spec.layers, layer_counts));
  note(integer_row(id, "Embedding", "embedding", spec.embedding, embeddings, "one-hot"));
  if (spec.layers > 1) note(real_row(id, "Dropout", "dropout", spec.dropout, dropouts, "none"));
  if (has_nonlinearity(spec)) note(choice(id, "Nonlinearity", "nonlinearity", spec.nonlinearity));
  if (has_forget_bias(spec)) {
    bool torch = !spec.forget_bias.has_value();
    double bias = spec.forget_bias.value_or(1);
    constexpr const char* kinds[] = {"set", "as PyTorch"};
    int kind = torch ? 1 : 0;
    const bool switched = ui::choice_row((id + "forget_kind").c_str(), "Forget bias",
                                         field("lanes", "forget_bias").help, kinds, kind);
    note(switched);
    if (switched) spec.forget_bias = kind == 1 ? std::nullopt : std::optional(bias);
    if (!torch && real_row(id, "Its value", "forget_bias", bias, biases)) {
      spec.forget_bias = bias;
      note(true);
    }
  }
  if (can_chrono(spec) && integer_row(id, "Chrono span", "chrono", spec.chrono, spans, "none")) {
    if (spec.chrono > 0) spec.chrono = std::max(spec.chrono, Limits::chrono_least);
    note(true);
  }
  note(choice(id, "Initial weights", "init", spec.init));
  note(real_row(id, "Own learning rate", "rate", spec.rate, own_rates, "shared"), Change::rate);

  const bool several = app.session.lanes.size() > 1;
  const float half = (ui::content_width() - space::s) / 2;
  if (ui::button(
          (id + "match").c_str(),
          {.label = "Match size",
           .icon = Icon::balance,
           .width = half,
           .tip =
               "Choose the hidden size that gives as many parameters as the other lane has, for a fair race",
           .enabled = several}))
    app.session.match_parameters(index);
  ImGui::SameLine();
  if (ui::button((id + "duplicate").c_str(),
                 {.label = "Duplicate",
                  .icon = Icon::copy,
                  .width = half,
                  .enabled = static_cast<int>(app.session.lanes.size()) < Limits::lanes}))
    change = Change::duplicate;
  if (ui::button(
          (id + "save").c_str(),
          {.label = "Save",
           .icon = Icon::save,
           .width = half,
           .tip = "Download the weights as .safetensors: PyTorch loads them, and Unroll resumes from them",
           .enabled = app.session.lanes[index]->configured}))
    app.session.save_lane(index);
  ImGui::SameLine();
  if (ui::button((id + "onnx").c_str(),
                 {.label = "Save as ONNX",
                  .icon = Icon::save,
                  .width = half,
                  .tip = "Download the network for programs that only use it, such as onnxruntime",
                  .enabled = app.session.lanes[index]->configured}))
    app.session.save_onnx(index);
  if (ui::button((id + "remove").c_str(),
                 {.label = "Remove", .icon = Icon::close, .width = half, .enabled = several}))
    change = Change::remove;
  return change;
}

/// The line that names a lane and folds its settings.
void lane_head(App& app, size_t index, const std::string& id, bool& open) {
  const Palette& p = palette();
  const Session& session = app.session;
  const LaneView& lane = *session.lanes[index];
  const Rgb colour = p.lane(lane.colour);
  const ImVec2 min = ImGui::GetCursorScreenPos(), size(ui::content_width(), touch_targets() ? 52.0f : 44.0f);
  if (ImGui::InvisibleButton((id + "fold").c_str(), size) && !ui::drag_scrolling()) open = !open;
  ui::tip(open ? "Fold this lane's settings" : "Change this lane's settings");
  ImDrawList* draw = ImGui::GetWindowDrawList();
  if (ImGui::IsItemHovered())
    draw->AddRectFilled(min - ImVec2(8, 0), min + size + ImVec2(8, 0), faded(p.text, 0.04f), corner());
  const float top = min.y + (size.y - 36) / 2;
  draw->AddRectFilled({min.x, top + 2}, {min.x + 4, top + 34}, solid(colour), 2);

  std::string parameters;
  if (const auto shape = session.shape())
    parameters = ui::count_text(static_cast<double>(parameter_count(session.wanted.lanes[index], *shape))) +
                 " parameters";
  const ImVec2 parameters_size = text_size(Face::small, parameters.c_str());
  const WithFont strong(Face::strong);
  const std::string name = ui::shortened(session.lane_name(index), size.x - 14 - 24 - parameters_size.x - 8);
  draw->AddText({min.x + 14, top}, solid(p.text), name.c_str());
  draw_text(draw, Face::small, {min.x + size.x - 24 - parameters_size.x, top + 1.5f}, solid(p.dim),
            parameters.c_str());
  draw_icon(draw, open ? Icon::up : Icon::down, {min.x + size.x - 8, min.y + size.y / 2}, solid(p.dim), 14);

  std::string state;
  if (lane.end) {
    state = "stopped at step " + std::to_string(lane.step);
  } else if (session.lane_changed(index) && session.trained()) {
    const std::string next = cell_and_size(session.wanted.lanes[index]);
    state = lane.fingerprint.empty()              ? "starts with the restart"
            : next == cell_and_size(lane.applied) ? "changed: begins anew with the restart"
                                                  : "becomes " + next + " with the restart";
  } else if (lane.refused) {
    state = "cannot be trained: " + lane.refused->what;
  } else if (lane.diverged) {
    state = "diverged at step " + std::to_string(lane.step + 1);
  } else if (lane.step > 0 && lane.history.now()) {
    char values[64];
    std::snprintf(values, sizeof values, "train %.3f", app.in_units(lane.history.now()->smooth));
    state = values;
    if (!lane.history.valid().empty()) {
      std::snprintf(values, sizeof values, "  held out %.3f", app.in_units(lane.history.valid().back().loss));
      state += values;
    }
    if (!app.squared()) state += std::string(" ") + app.unit();
    if (lane.chars_per_second > 0) state += " · " + ui::count_text(lane.chars_per_second) + "/s";
    if (lane.running && lane.cores > 1) state += " · " + std::to_string(lane.cores) + " cores";
  } else {
    state = lane.configured ? "ready" : "getting ready…";
  }
  const bool alert =
      lane.end || lane.diverged || lane.refused || (session.lane_changed(index) && session.trained());
  draw_text(draw, Face::small, {min.x + 14, top + 19}, solid(alert ? p.warning : p.dim), state.c_str());
  ui::register_widget(id + "fold", {"Settings of " + name + ", " + parameters + ", " + state + ", button",
                                    open ? "open" : "closed"});
  ImGui::RenderNavHighlight(ImRect(min, min + size), ImGui::GetItemID());
}

/// Why the lane stopped, and the way back.
void draw_end(Session& session, size_t index, const std::string& id) {
  const LaneView::End& end = *session.lanes[index]->end;
  const WithFont small(Face::small);
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + ui::content_width());
  ImGui::TextUnformatted(("It stopped: " + end.error.what + ".").c_str());
  if (!end.error.hint.empty()) ImGui::TextUnformatted((end.error.hint + ".").c_str());
  ImGui::PopTextWrapPos();
  const std::string label = end.kept_step > 0 ? "Bring back, at step " + std::to_string(end.kept_step)
                                              : "Bring back, from the start";
  const ui::ButtonSpec back{.label = label.c_str(),
                            .icon = Icon::reset,
                            .width = ui::content_width(),
                            .tip = end.kept_step > 0 ? "Go on from the last state that was kept"
                                                     : "No state was kept: it begins at step 0"};
  if (ui::button((id + "revive").c_str(), back)) session.revive(index);
}

/// A lane to add: a cell that is not there yet, as large as the first lane.
LaneSpec new_lane(const Session& session) {
  LaneSpec spec;
  for (const std::string cell : {"lstm", "rnn", "gru"})
    if (std::none_of(session.wanted.lanes.begin(), session.wanted.lanes.end(),
                     [&](const LaneSpec& lane) { return lane.cell == cell; }))
      spec.cell = cell;
  return session.matched(std::move(spec), 0);
}

class LanesView final : public View {
 public:
  LanesView()
      : View({.help = {{"Lanes",
                        "One model each. All see the same text in the same batches, with the same seed, so "
                        "the race is fair. "
                        "Match size gives a lane as many parameters as the other."}}}) {}
  void draw(App&, ImVec2 size) override;

 private:
  std::vector<bool> open_;  ///< unfolded lanes, by index
};

}  // namespace

void LanesView::draw(App& app, ImVec2 size) {
  Session& session = app.session;
  ui::begin_card("lanes", "Lanes", size);
  const ui::ButtonSpec add{.label = "Add",
                           .icon = Icon::plus,
                           .look = ui::Look::quiet,
                           .tip = "Another model on the same text, batches and seed",
                           .enabled = static_cast<int>(session.lanes.size()) < Limits::lanes};
  ui::next_tool(ui::button_width(add));
  if (ui::button("add-lane", add)) {
    session.add_lane(new_lane(session));
  }
  ui::end_tools();
  open_.resize(session.lanes.size());
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, space::xs));
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const std::string id = "lane" + std::to_string(i) + ".";
    bool open = open_[i];
    lane_head(app, i, id, open);
    open_[i] = open;
    if (session.lanes[i]->end) draw_end(session, i, id);
    if (!open) continue;
    const ui::SpokenGroup group(session.lane_name(i));
    const Change change = edit_lane(app, i, id);
    if (change == Change::spec) session.edited();
    if (change == Change::rate) session.tune();
    for (const std::string& notice : session.lanes[i]->notices) ui::dim(notice.c_str());
    if (const int64_t left_out = session.lanes[i]->left_out; left_out > 0)
      ui::dim((counted(static_cast<size_t>(left_out), "sequence was", "sequences were") +
               " left out of training: too short for the labels to be said.")
                  .c_str());
    if (const auto& own = session.lanes[i]->own)
      ui::dim(("From " + own->file +
               (own->text_hash == hash_of(session.wanted.data) ? ": it goes on with its own settings"
                                                               : ": it goes on with its own text") +
               ". Reset begins it anew with what is shown.")
                  .c_str());
    if (change == Change::duplicate) {
      session.add_lane(session.wanted.lanes[i]);
      break;
    }
    if (change == Change::remove) {
      session.remove_lane(i);
      app.chosen.lane = std::min(app.chosen.lane, session.lanes.size() - 1);
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
    ImGui::Dummy({0, space::xs});
  }
  ImGui::PopStyleVar();
  ui::end_card();
}

std::unique_ptr<View> make_lanes_view() { return std::make_unique<LanesView>(); }

}  // namespace unroll
