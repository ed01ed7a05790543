// Undo and redo: the experiments between edits, in a list that one walks back and forth. Bounded: at most most_steps, and
// most_bytes of them (a text that several have counts once); then the oldest go. Knows no lane: what a document means for them is
// Session::show.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/document/experiment.h"
#include "engine/model/intervention_set.h"

namespace unroll {

/// What an edit changes, and undo brings back.
struct Document {
  Experiment experiment;
  std::string example;                         ///< id of the built-in text that it has; empty: its own
  std::vector<InterventionSet> interventions;  ///< of each lane
  int64_t generation = 0;  ///< of the lanes (Session::generation): another one, other networks

  bool operator==(const Document&) const = default;
};

class Edits {
 public:
  static constexpr size_t most_steps = 256, most_bytes = size_t{64} << 20;
  /// Edits of the same place, as of a text while it is typed, that follow each other within so many seconds are one.
  static constexpr double same_edit = 1.5;

  /// What there is now, at this time: a step when it is not what was noted last. What was undone before is gone then.
  void note(const Document&, double seconds);
  bool can_undo() const { return at_ > 0; }
  bool can_redo() const { return at_ + 1 < all_.size(); }
  std::optional<Document> undo();
  std::optional<Document> redo();
  /// What undo or redo came to, where that is not the document itself: no step.
  void correct(const Document&);

 private:
  struct Entry {
    Document document;  ///< without its text
    std::shared_ptr<const std::string> text;
    size_t bytes = 0;   ///< without the text
    std::string place;  ///< what the edit before it changed, if that was one thing
    double at = 0;
  };
  Entry entry_of(const Document&) const;
  static Document document_of(const Entry&);
  void shorten();

  std::deque<Entry> all_;
  size_t at_ = 0;  ///< the one that there is now
};

/// The only thing in which two documents differ, as a path ("lanes[0].hidden", "data.text"); empty: more than one, or none.
std::string edited_place(const Document&, const Document&);

}  // namespace unroll
