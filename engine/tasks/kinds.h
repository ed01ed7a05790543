// The table of tasks, as documents, the command line and the front end know them: names, fields with range and help, and a
// start. Of engine/tasks this header is what the document's layer may see (engine/document/experiment.h checks `data.task`
// with it); it includes nothing but the standard library. A task is a file in this folder that defines its TaskKind, and
// a line in list.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unroll {

enum class TaskFieldType { boolean, integer, real, choice, text };

/// When something has an effect: while that choice among the task's fields has one of these words.
struct TaskFieldUse {
  const char* field = nullptr;  ///< null: always
  std::span<const char* const> words = {};
};

struct TaskField {
  const char* name;  ///< as in JSON and after --set: "length"
  TaskFieldType type;
  double minimum, maximum;  ///< numbers: the range, both ends allowed; texts: bytes
  double initial;  ///< the default; of a boolean 0 or 1, of a choice the number of its word; texts: empty
  std::span<const char* const> words;  ///< of a choice
  const char* help;                    ///< one line for people
  TaskFieldUse use = {};
  bool rare = false;                        ///< few need it: panels show it to those who ask for more
  std::span<const char* const> notes = {};  ///< of a choice: what each word means, where that helps
  const char* zero = nullptr;  ///< of a number: the word for its 0, where that stands for something else
};

/// A field's value: the number (as in `initial`), or the text.
struct TaskValue {
  double number = 0;
  std::string text = {};

  bool operator==(const TaskValue&) const = default;
};

/// What the views need to know before any sequence is there.
struct TaskLooks {
  const char* column;      ///< what a column of the timeline is: "character", "word", "time step", "month"
  const char* prediction;  ///< what is predicted: "next character", "verdict", "sum", "passengers"
  /// Where data of one's own can be given (data.text): what it must be, for people; null: this task is generated only.
  const char* own_data = nullptr;
  TaskFieldUse own_data_use = {};  ///< when it is read
  /// Its lines are a table (engine/tasks/series_csv.h), read as the fields separator, decimal, header, dates, date_column,
  /// column and inputs say; else text, or sentences with a label (labelled).
  bool table = false, labelled = false;
  /// Its lines are pairs (engine/tasks/pair_lines.h): a source, a tab, a target.
  bool pairs = false;
  /// Where a sequence of one's own can be given to a trained network (Task::own_example): what it is, "a sentence"; else null.
  const char* own_sequence = nullptr;
  const char* own_sequence_start = "";  ///< what stands there to begin with; of `writes` what is written
  /// A source is read and a target is written (Task::as_translation); own_sequence is a source then.
  bool translates = false;
  /// What is read are drawings, point by point (engine/tasks/pen_strokes.h); own_sequence is one, as a text of points.
  bool drawn = false;
  /// What is right is a string of labels that have no places (Head::ctc).
  bool strings = false;
  /// What is read are sounds, column by column (engine/tasks/sound_lines.h); own_sequence is one, as a text of columns.
  bool heard = false;
  /// What the first numbers are that a column reads, where these are several.
  std::span<const char* const> numbers = {};
  /// Values that follow each other in time, of which forecasts can be asked (Task::as_series).
  bool forecasts = false;
  /// The network writes letters with a pen when asked for them (Task::as_writing).
  bool writes = false;
};

struct TaskKind {
  const char* name;   ///< in documents and on the command line: "adding"
  const char* title;  ///< on the screen: "Adding problem"
  const char*
      family;         ///< by which menus are grouped: "Text", "Puzzles of memory", "Time series", "Sentiment"
  const char* about;  ///< a line or two for people: what must be remembered, and for how long
  const char* source;  ///< of the definition: "Hochreiter & Schmidhuber 1997, section 5.4"; may be empty
  std::span<const TaskField> fields;
  TaskLooks looks;
  /// An experiment (JSON) with this task whose point shows within a minute in a tab.
  const char* start;
};

/// All of them, language modelling ("text") first, families together.
std::span<const TaskKind* const> task_kinds();
/// null when there is none of that name.
const TaskKind* find_task_kind(std::string_view name);

/// Which task, and its settings.
struct TaskSpec {
  std::string name = "text";
  /// One for each field of the kind, in its order; empty stands for the defaults.
  std::vector<TaskValue> values = {};

  bool operator==(const TaskSpec&) const = default;
};

/// A field's value, given or default. The kind and the field exist.
TaskValue value_of(const TaskSpec&, std::string_view field);
/// Whether that has an effect: the choice, a field of the spec's kind, has one of the words.
bool has_effect(const TaskSpec&, const TaskFieldUse&);
inline double number_of(const TaskSpec& spec, std::string_view field) { return value_of(spec, field).number; }

}  // namespace unroll
