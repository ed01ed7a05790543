#include "web/views/cell/editor.h"

#include <algorithm>
#include <cmath>

#include "engine/cells/shipped.h"
#include "engine/text/text.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

/// Line number `line`, from 1.
std::string line_of(const std::string& text, int line) {
  size_t from = 0;
  for (int i = 1; i < line && from != std::string::npos; ++i) {
    from = text.find('\n', from);
    if (from != std::string::npos) ++from;
  }
  return from == std::string::npos ? "" : text.substr(from, text.find('\n', from) - from);
}

/// A name for a cell that was made from one that ships: my_lstm, my_lstm2, …
std::string new_name(const Experiment& experiment, const std::string& name) {
  std::string wanted = "my_" + name;
  for (int i = 2; shipped_cell(wanted) || own_cell(experiment, wanted); ++i)
    wanted = "my_" + name + std::to_string(i);
  return wanted;
}

/// The text with another name in its first line.
std::string renamed(const std::string& text, const std::string& name, const std::string& wanted) {
  const size_t word = text.find("cell"), at = word == std::string::npos ? word : text.find(name, word + 4);
  return at == std::string::npos ? text : text.substr(0, at) + wanted + text.substr(at + name.size());
}

/// Whether a cell of this text would take the name of one that ships.
bool takes_shipped_name(const CellGraph& graph) {
  const ShippedCell* shipped = shipped_cell(graph.name);
  return shipped && shipped->text != graph.text;
}

}  // namespace

void CellEditor::follow(const App& app, size_t lane) {
  const LaneSpec& spec = app.session.wanted.lanes[lane];
  const std::string& text = graph_of(spec)->text;
  if (text == lane_text_) return;
  if (text_ == lane_text_) text_ = text;
  lane_text_ = text;
  read();
}

void CellEditor::read() {
  if (text_ == read_text_ && (graph_ || !problems_.empty())) return;
  read_text_ = text_;
  problems_.clear();
  if (auto graph = graph_of_text(text_))
    graph_ = std::move(graph);
  else
    problems_ = read_cell(text_).problems;
}

LaneSpec CellEditor::spec(const App& app) const {
  LaneSpec spec = app.session.wanted.lanes[app.chosen.lane];
  spec.name.clear();
  spec.nonlinearity = Nonlinearity::tanh;
  spec.cell = graph_->name;
  const ShippedCell* shipped = shipped_cell(graph_->name);
  spec.equations = shipped && shipped->text == graph_->text ? "" : graph_->text;
  return spec;
}

int64_t CellEditor::parameters(const App& app) const {
  const auto shape = app.session.shape();
  return graph_ && shape ? parameter_count(spec(app), *shape) : 0;
}

/// What the text is: a cell that ships, one of the experiment's own, or a new one.
std::string CellEditor::state(const App& app) const {
  if (!problems_.empty())
    return problems_.size() == 1 ? "1 mistake" : std::to_string(problems_.size()) + " mistakes";
  if (!graph_) return "";
  const ShippedCell* shipped = shipped_cell(graph_->name);
  if (shipped && shipped->text == text_) return graph_->name + ", as shipped";
  if (const CellSpec* own = own_cell(app.session.wanted, graph_->name))
    return graph_->name + (own->text == text_ ? ", your own" : ", your own, changed");
  if (shipped)
    return "made from " + graph_->name + ": trains as " + new_name(app.session.wanted, graph_->name);
  return graph_->name + ", your own, new";
}

/// A lane of what is typed beside the others, as large as the first; lanes of the same name get the new equations.
void CellEditor::train(App& app) {
  Session& session = app.session;
  if (takes_shipped_name(*graph_))
    text_ = renamed(text_, graph_->name, new_name(session.wanted, graph_->name));
  read();
  if (!problems_.empty()) return;
  LaneSpec spec = this->spec(app);
  spec.forget_bias = LaneSpec().forget_bias;
  spec.init = Init::uniform;
  spec.chrono = 0;
  const bool there = std::any_of(session.wanted.lanes.begin(), session.wanted.lanes.end(),
                                 [&](const LaneSpec& lane) { return lane.cell == spec.cell; });
  if (!spec.equations.empty()) {
    const auto set = set_cell(session.wanted, text_);
    if (!set) return session.report(set.error(), "cell");
    session.settle("cell");
  }
  if (there && !spec.equations.empty()) return session.edited();
  const size_t before = session.lanes.size();
  session.add_lane(session.matched(std::move(spec), 0));
  if (session.lanes.size() > before) app.chosen.lane = session.lanes.size() - 1;
  lane_text_ = text_;
}

/// The line, the place in it, and what may stand there.
void CellEditor::draw_problems(ImVec2 min, float width, float& y) const {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  for (size_t i = 0; i < told_; ++i) {
    const CellProblem& problem = problems_[i];
    const std::u32string line = to_symbols(line_of(text_, problem.place.line));
    const auto column = std::min(static_cast<size_t>(std::max(problem.place.column, 1)) - 1, line.size());
    // As much of the line as fits, with the place in it.
    const auto fits = static_cast<size_t>(std::max((width - 2 * space::s) / mono_advance(), 8.0f));
    const size_t from = column + 8 > fits ? column + 8 - fits : 0;
    const std::string excerpt = encode_utf8(line.substr(from, fits));
    draw->AddRectFilled({min.x, y}, {min.x + width, y + 20}, faded(p.error, 0.08f), corner());
    draw_text(draw, Face::mono, {min.x + space::s, y + 2}, solid(p.text), excerpt.c_str());
    const float mark = min.x + space::s + mono_advance() * static_cast<float>(column - from);
    const float wide = mono_advance() * static_cast<float>(std::max(problem.place.length, 1));
    draw->AddLine({mark, y + 18}, {std::min(mark + wide, min.x + width - 2), y + 18}, solid(p.error), 2);
    const std::string text = problem.text();
    const float tall =
        font(Face::small)->CalcTextSizeA(font_size(Face::small), FLT_MAX, width, text.c_str()).y;
    draw_text(draw, Face::small, {min.x, y + 23}, solid(p.error), text.c_str(), width);
    ui::register_widget("cell.problem" + std::to_string(i), {min.x, y}, {min.x + width, y + 23 + tall});
    y += 23 + tall + space::s;
  }
}

float CellEditor::draw(App& app, ImVec2 min, ImVec2 size) {
  read();
  // A start, what it is, and the way into a lane.
  ImGui::SetCursorScreenPos(min);
  const ui::ButtonSpec start{.label = "Start from", .icon = Icon::down, .look = ui::Look::quiet};
  const std::string begun = text_;
  if (ui::button("cell.start", start)) ImGui::OpenPopup("cell.starts");
  const float screen = ImGui::GetMainViewport()->Size.y;
  ImGui::SetNextWindowPos({min.x, min.y + row_height() + 4});
  ImGui::SetNextWindowSizeConstraints({0, 0}, {ImGui::GetMainViewport()->Size.x - 2 * space::m,
                                               std::max(screen - min.y - row_height() - space::l, 160.0f)});
  if (ImGui::BeginPopup("cell.starts")) {
    const auto entry = [&](std::string_view name, const std::string& text, const std::string& title) {
      const std::string id = "cell.start." + std::string(name), label = std::string(name) + "  " + title;
      if (ImGui::Selectable((label + "##" + id).c_str(), text == text_, 0, ImVec2(0, row_height() - 8)))
        text_ = text;
      ui::register_widget(id, {label, text == text_ ? "chosen" : "not chosen"});
    };
    for (const CellSpec& own : app.session.wanted.cells) entry(own.name, own.text, "your own");
    for (const ShippedCell& cell : shipped_cells())
      entry(cell.name, std::string(cell.text), cell.graph->title);
    ImGui::EndPopup();
  }
  const bool problem = !problems_.empty();
  const bool full = static_cast<int>(app.session.lanes.size()) >= Limits::lanes;
  const ui::ButtonSpec train{
      .label = "Train it",
      .icon = Icon::plus,
      .tip = problem ? "First mend what is marked below the text"
             : full  ? "There are as many lanes as there may be: remove one first"
                     : "A lane of this cell beside the others, on the same text, batches and seed",
      .enabled = !problem && !full && graph_};
  const float wide = ui::button_width(train);
  ImGui::SetCursorScreenPos(min + ImVec2(size.x - wide, 0));
  if (ui::button("cell.train", train)) this->train(app);
  const float row = row_height() + space::xs;

  // The field takes what the mistakes leave.
  const auto lines = static_cast<float>(std::count(text_.begin(), text_.end(), '\n') + 1);
  const float each = 55, least = 84;  // of a mistake, whose message may take two lines; of the field
  const float spare = size.y > 0 ? size.y - row - 20 - least : 3 * each;
  told_ = std::min(problems_.size(), static_cast<size_t>(std::clamp(spare / each, 1.0f, 3.0f)));
  const float told = 20 + each * static_cast<float>(told_);
  const float most = std::clamp(screen - 200, 120.0f, 320.0f);  // so much of a column is in sight at once
  const float natural = std::clamp(lines * 18 + 16, 120.0f, most);
  const float height = size.y > 0 ? std::max(size.y - row - told, least) : natural;
  ImGui::SetCursorScreenPos(min + ImVec2(0, row));
  const platform::TextField field{.id = "cell.text",
                                  .label = "Equations of the cell",
                                  .placeholder = "cell mine\nstate h\nh = tanh(lin(x) + lin(h[t-1]))",
                                  .width = size.x,
                                  .height = height,
                                  .monospace = true,
                                  .max_bytes = CellLimits::bytes};
  platform::text_field(field, text_);
  ui::register_widget("cell.text", {"Equations of the cell, text field", state(app), true});
  if (text_ != begun) read();
  told_ = std::min(told_, problems_.size());  // fewer than there was room made for

  float y = min.y + row + height + space::xs;
  std::string words = state(app);
  if (told_ > 0 && told_ < problems_.size())
    words += told_ == 1 ? "; the first:" : "; the first " + std::to_string(told_) + ":";
  if (const int64_t count = parameters(app); problems_.empty() && count > 0)
    words += " · " + ui::count_text(static_cast<double>(count)) + " parameters with " +
             std::to_string(spec(app).hidden) + " units";
  draw_text(ImGui::GetWindowDrawList(), Face::small, {min.x, y},
            solid(problems_.empty() ? palette().dim : palette().error), ui::shortened(words, size.x).c_str());
  ui::register_widget("cell.state", {min.x, y}, {min.x + size.x, y + 16});
  y += 20;
  draw_problems(min, size.x, y);
  return y - min.y;
}

Json CellEditor::json(const App& app) const {
  Json problems = Json::array();
  for (const CellProblem& one : problems_)
    problems.push_back({{"line", one.place.line}, {"column", one.place.column}, {"text", one.text()}});
  return {{"text", text_},
          {"state", state(app)},
          {"problems", problems},
          {"parameters", parameters(app)},
          {"unchanged", unchanged()},
          {"name", graph_ ? Json(graph_->name) : Json(nullptr)}};
}

}  // namespace unroll
