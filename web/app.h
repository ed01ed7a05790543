// What all parts of the front end share: the session, what is chosen, the built-in texts, and how numbers are shown.
// Views get the App, read the session, and change session.wanted through the session's functions.
#pragma once

#include <string>
#include <vector>

#include "web/session/session.h"

namespace unroll {

/// A built-in text, from examples/index.json.
struct Example {
  std::string id, group, title, good_for, file;
};

/// Bytes of an own text that the page keeps for a reload.
inline constexpr size_t longest_kept = 4'000'000;

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

class App {
 public:
  Session session;
  Chosen chosen;
  std::vector<Example> examples;

  void load_examples();
  /// `from`: the file that it is from, for messages; empty: the address or the page's API.
  void open_experiment(const std::string& json, const std::string& from = "");
  void open_default();
  void choose_example(size_t index);
  void open_file(platform::File);
  /// The experiment with the text as `example` when it still is one, so that addresses stay short.
  Experiment to_share() const;

  /// "train", "step", "reset", "new-seed", "theme", "share", "help": buttons, shortcuts and the page's buttons.
  void act(const std::string& action);
  bool help_open = false;
  bool address_is_wrong = false;  ///< it asks for what was refused
  double copied_at = -10;         ///< when the link was copied

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
  /// data.example → data.text. Returns which example it was; empty: none.
  Result<std::string> resolve(Experiment&) const;
  void take_text(const std::string& example, std::string& text);

  std::string probe_text_;
  std::u32string timeline_text_;
};

}  // namespace unroll
