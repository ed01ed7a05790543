// What all parts of the front end share: the session, what is chosen, the built-in texts, and how numbers are shown.
// Views get the App, read the session, and change session.wanted through the session's functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "web/session/session.h"
#include "web/toolkit/heatmap.h"
#include "web/views/weights/view.h"

namespace unroll {

/// A built-in text, from examples/index.json.
struct Example {
  std::string id, title, good_for, file;
};

/// What all views follow.
struct Chosen {
  int column = -1;          ///< the time step: a column of the timeline; −1: none
  size_t visible_end = 50;  ///< of the timeline's columns: behind the last one
  size_t lane = 0;
  int layer = 0;
  int unit = 0;  ///< of that lane and layer
};

/// How much room there is (web/layout.h).
enum class Mode { wide, medium, phone };

/// Of the cell view.
struct CellLooks {
  static constexpr double seconds_per_character = 1.0 / 3;  ///< while it plays
  int depth = 0;                                            ///< 0 picture, 1 vector, 2 formula
  bool playing = false;                                     ///< the chosen time step walks through the text
  double next_at = 0;                                       ///< when it goes on
  std::string chosen;    ///< the quantity whose formula stays in sight; empty: the main one
  std::string part;      ///< … and is shown: the one pointed at, else the chosen one
  bool surgery = false;  ///< the controls of interventions are open
  bool whole_layer = false;
  int gate = 0;      ///< that is clamped
  float clamp = 0;   ///< to this value
  float memory = 0;  ///< value for c
};

/// What the learner opened, chose or points at: not worth a place in the experiment.
struct Looks {
  bool more_training = false;
  std::vector<bool> lane_open;  ///< unfolded lanes, by index
  int continue_length = 40;
  CellLooks cell;
};

/// Where the view "One step" stands (web/views/one_step/one_step.h).
struct OneStep {
  static constexpr double speeds[] = {3, 12, 40};  ///< moments a second
  bool wanted = false;     ///< a step shall be walked as soon as every lane stands at the same one
  double caught_up = -1;   ///< when lanes that are behind were sent on; negative: not yet
  bool ran = false;        ///< … and some lane ran then
  bool under_way = false;  ///< the lanes walk
  bool playing = false;
  size_t moment = 0;
  size_t scrolled_to = 0;  ///< the moment that the view was last scrolled to
  int speed = 1;
  double due = 0;  ///< time of the next moment while it plays
};

class App {
 public:
  Session session;
  Chosen chosen;
  std::vector<Example> examples;
  Looks looks;
  std::map<std::string, Heatmap> heatmaps;  ///< pictures of the views, by names of their own
  OneStep one_step;
  WeightsView weights;

  void load_examples();
  void open_experiment(const std::string& json);
  void open_default();
  void choose_example(size_t index);
  void open_file(platform::File);
  /// The experiment with the text as `example` when it still is one, so that addresses stay short.
  Experiment to_share() const;

  /// "train", "step", "reset", "new-seed", "theme", "share", "help": buttons, shortcuts and the page's buttons.
  void act(const std::string& action);
  bool help_open = false;
  double copied_at = -10;  ///< when the link was copied

  Mode mode = Mode::wide;  ///< of this frame's layout
  bool bits() const { return session.wanted.view.units == "bits"; }
  double in_units(double nats) const { return bits() ? nats / 0.69314718055994531 : nats; }
  const char* unit() const { return bits() ? "bits" : "nats"; }
  /// What the lanes are asked about: view.probe as this frame began, or a part of the held-out text.
  const std::string& probe_text() const { return probe_text_; }
  /// The text of the timeline as the lanes know it: what they answered for, else what was asked.
  const std::u32string& timeline_text() const { return timeline_text_; }
  /// The chosen time step, or the last character that the timeline shows; 0 when there is no text.
  size_t time_step() const;
  void update();  ///< as a frame begins: these texts, and that what is chosen is there

 private:
  void resolve(Experiment&);  ///< data.example → data.text

  std::string probe_text_;
  std::u32string timeline_text_;
};

}  // namespace unroll
