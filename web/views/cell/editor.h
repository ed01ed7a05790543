// One's own cell: the equations as text, what is wrong with them while one types, and the way into a lane.
#pragma once

#include <imgui.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/cells/language.h"
#include "web/app.h"

namespace unroll {

class CellEditor {
 public:
  /// Shows this lane's equations, unless the learner has begun others.
  void follow(const App&, size_t lane);
  /// The text field with what is wrong below it, and the buttons; height 0: as high as needed. Returns the height used.
  float draw(App&, ImVec2 min, ImVec2 size);

  /// What is typed is what the lane has.
  bool unchanged() const { return text_ == lane_text_; }
  /// The last text that was a cell; null before the first.
  const std::shared_ptr<const CellGraph>& graph() const { return graph_; }
  /// As a lane would have it; its cell is `graph`.
  LaneSpec spec(const App&) const;
  Json json(const App&) const;

 private:
  void read();
  std::string state(const App&) const;
  int64_t parameters(const App&) const;
  void train(App&);
  void draw_problems(ImVec2 min, float width, float& y) const;

  std::string text_, lane_text_, read_text_;
  std::vector<CellProblem> problems_;
  size_t told_ = 0;  ///< of them, where there is room
  std::shared_ptr<const CellGraph> graph_;
};

}  // namespace unroll
