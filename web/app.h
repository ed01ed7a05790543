// What all parts of the front end share: the session, what is chosen, the built-in texts, and how numbers are shown.
// Views get the App, read the session, and change session.wanted through the session's functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/lessons/course.h"
#include "web/session/edits.h"
#include "web/session/keeper.h"
#include "web/session/session.h"

namespace unroll {

/// A built-in text, or built-in data of another task, from examples/index.json.
struct BuiltIn {
  std::string id, group, title, good_for;
  std::string file;            ///< in `examples`; empty: it is generated (engine/generators) and never ends
  std::string task;            ///< which one it is for; empty: it is a text
  std::string source, notice;  ///< of what others made: who, in a line, and the file with the whole notice
};

/// Bytes of an own text that the page keeps for a reload.
inline constexpr size_t longest_kept = 4'000'000;

/// What all views follow.
struct Chosen {
  int column = -1;          ///< the time step: a column of the timeline; −1: none
  size_t visible_end = 50;  ///< of the timeline's columns: behind the last one
  size_t lane = 0;
  int layer = 0;
  int unit = 0;         ///< of that lane and layer
  int64_t example = 0;  ///< which held-out one is looked at, of a task that is no text
};

/// How much room there is (web/layout.h).
enum class Mode { wide, medium, phone };

class App {
 public:
  Session session;
  Chosen chosen;
  std::vector<BuiltIn> examples;   ///< texts: those without end first, then those of examples/index.json
  std::vector<BuiltIn> task_data;  ///< of other tasks
  Keeper keeper;                   ///< what is kept for the next visit, and files of the whole
  Edits edits;                     ///< what can be undone
  Course course;                   ///< the lessons

  void load_examples();
  /// `from`: the file that it is from, for messages; empty: the address or the page's API.
  void open_experiment(const std::string& json, const std::string& from = "");
  void open_default();
  void choose_example(const BuiltIn&);  ///< a text, or data of the task that runs; of the lists above
  /// What is built in for a task; null: nothing.
  const BuiltIn* built_in_data(const TaskKind&) const;
  void take_data();  ///< as a frame begins: goes on with what waited for a file that is there now
  /// The experiment that the task starts with; what was trained is left as by opening a file.
  void choose_task(const TaskKind&);
  const TaskKind& task() const { return *find_task_kind(session.wanted.data.task.name); }
  void open_file(platform::File);
  /// The experiment with the text as `example` when it still is one, so that addresses stay short.
  Experiment to_share() const;

  /// "train", "step", "reset", "new-seed", "undo", "redo", "save", "theme", "share", "help": buttons, shortcuts and the page's
  /// buttons. What concerns lessons and the first visit is put into `guided`, for web/guide.cpp.
  void act(const std::string& action);
  std::vector<std::string> guided;
  bool lessons_listed = false;  ///< the list of lessons is shown
  bool welcoming = false;       ///< the choice of a first visit is
  /// A lesson is open, or their list.
  bool lessons_open() const { return lessons_listed || course.entry(session.wanted.view.lesson); }
  void note_edits();         ///< what there is now, if it is another than before
  bool saving_open = false;  ///< the panel of saving
  bool help_open = false;
  bool address_is_wrong = false;  ///< it asks for what was refused
  double copied_at = -10;         ///< when the link was copied

  Mode mode = Mode::wide;  ///< of this frame's layout
  /// Of panels as view.hide names them: whether it is not to be seen, or not to be changed.
  bool hides(std::string_view panel) const;
  bool locks(std::string_view panel) const;
  /// What the lanes say and what a loss is counted in, as the first one's head has it (LaneTask).
  bool numbers() const { return !session.lanes.empty() && session.lanes[0]->task.numbers(); }
  bool squared() const { return numbers() && session.lanes[0]->task.squared(); }
  bool densities() const { return numbers() && !squared(); }
  bool bits() const { return !numbers() && session.wanted.view.units == "bits"; }
  double in_units(double nats) const { return bits() ? nats / 0.69314718055994531 : nats; }
  const char* unit() const { return squared() ? "squared error" : bits() ? "bits" : "nats"; }
  /// What the lanes are asked about: of a text view.probe as this frame began, or a part of the held-out text; of another
  /// task the chosen example.
  const Probed& probed() const { return probed_; }
  /// Whether that is an example.
  bool shows_example() const { return probed_.example >= 0; }
  /// It, once it was told; null for a text.
  const ExampleView* example() const { return session.example_told(probed_.example); }
  /// What the timeline's columns read, as the lanes know it: what they answered for, else what was asked.
  const std::u32string& timeline_text() const { return timeline_text_; }
  /// The chosen time step; else of an example where its answer is needed, of a text the last character that the timeline
  /// shows; 0 when there is no text.
  size_t time_step() const;
  void update();  ///< as a frame begins: these texts, and that what is chosen is there

 private:
  /// data.example → data.text, unless it is generated. Returns which example it was; empty: none was read.
  Result<std::string> resolve(Experiment&) const;
  void take_text(const std::string& example, DataSpec& data);
  void open_whole(platform::File);        ///< a .unroll file
  void hear_file(const platform::File&);  ///< a recording, one more of a task that hears
  void walk_edits(bool back);
  /// Whether that built-in data is still being fetched; then `then` is called when it has come, or will not come.
  bool waits_for(const std::string& example, std::function<void()> then);
  const BuiltIn* find_example(const std::string& id) const;  ///< of both lists

  struct Coming {
    std::string asset;
    std::function<void()> then;
  };
  std::optional<Coming> coming_;
  Probed probed_;
  std::u32string timeline_text_;
};

}  // namespace unroll
