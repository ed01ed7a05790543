// Inside the data panel: what its parts share. For web/views/data only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/tasks/kinds.h"
#include "engine/tasks/series_csv.h"
#include "web/app.h"

namespace unroll::data {

/// A line of a list that is grouped by headings.
struct Choice {
  std::string id;  ///< of its widget
  std::string group, title, about;
};

/// A box with what is chosen, which opens as a list. Returns the choice that was clicked, or −1.
int choice_list(const char* id, const char* spoken, const std::string& title, std::span<const Choice>,
                int chosen, float width);

/// Which of the task's fields: those that say how data of one's own are read stand below these.
enum class Rows { general, of_own_data };
/// Rows for fields that have an effect, from the task's table; the rare ones fold away unless `more`. Returns whether one
/// was edited.
bool task_rows(const TaskKind&, TaskSpec&, Rows, bool& more);

/// A table of one's own as it was read, with the error where it could not be.
struct TableRead {
  std::optional<uint64_t> of;  ///< Session::data_hash
  std::optional<Result<CsvTable>> table;
};
/// What was recognised in it, in words, its first rows, and what is wrong in it.
void table_preview(const Session&, TableRead&);
Json table_json(const TableRead&);

/// Lines with two sides, as such or in two boxes: sentences with a label of two (a box for each label), or pairs (for each side).
struct Labelled {
  std::optional<uint64_t> of;  ///< Session::data_hash
  bool pairs = false;
  std::string labels[2] = {"bad", "good"};  ///< above the boxes
  std::string boxes[2];                     ///< the sentences or sides of each, a line each
  std::vector<std::string> other_lines;     ///< of the text, that are no sentences: the word list
  std::string told;                         ///< what was recognised
  std::optional<Error> error;
  bool as_boxes = false;  ///< how they are shown
};
/// Reads the text where it, or the task, is another one than before.
void read_labelled(const Session&, const TaskKind&, Labelled&);
/// Two fields in place of that of the text. Returns whether the text was edited; then call boxes_taken.
bool labelled_boxes(Labelled&, std::string& text, float height);
/// What was typed into the boxes is the session's text now.
inline void boxes_taken(const Session& session, Labelled& labelled) { labelled.of = session.data_hash(); }

/// Drawings or recordings that were taught, with a button each that forgets those of a name. `thing`: "drawing"; `none`: what
/// is said where there are none.
void own_taught(Session&, const char* thing, const char* none);

}  // namespace unroll::data
