// What is kept for the next visit, in this browser or on this computer, so that a reload, a crash or a closed tab takes at most half a minute of training:
// decides when the lanes are asked for a file of the whole experiment, and knows what is there. Also gives that file when the
// learner saves. The platform carries and keeps the bytes (web/platform/platform.h); nothing is brought back unasked.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "web/session/session.h"

namespace unroll {

/// A whole experiment that is kept.
struct KeptRecord {
  std::string id;
  double saved_at = 0;  ///< seconds since 1970
  uint64_t bytes = 0;
  bool mine = false;   ///< this page writes it
  bool taken = false;  ///< another page has it
  std::string lanes;   ///< "RNN 256 and LSTM 128"
  int64_t step = 0;
  int64_t judged = 0;  ///< the last held-out loss's step, of the lane that has the oldest; 0: none
  double loss = 0;     ///< smoothed; NaN: not known
  bool squared = false;
  static constexpr size_t most_curve = 64;
  std::vector<float> curve;   ///< a few smoothed losses, at most so many
  std::string experiment_of;  ///< Keeper::mark of what was learned
};

class Keeper {
 public:
  /// Seconds between two savings of a record of up to 50 MB, of a larger one in proportion.
  static constexpr double period = 20, per_bytes = 50e6;

  /// Call every frame: takes news, asks, and hands on what has come.
  void update(Session&);
  /// Seconds until a frame is needed for that; negative: none.
  double next_due(const Session&) const;

  bool keeps() const { return record_wanted_; }  ///< the lanes were asked for what is to be kept

  void save_file(Session&);  ///< the learner gets the whole experiment as a file
  bool saves_file() const { return file_wanted_; }

  bool possible() const { return possible_; }  ///< there is a place to keep anything
  bool on(const ViewSpec&) const;              ///< it is done: the switch, and in frames the wish of the view
  bool switched_on() const { return switch_; }
  void switch_to(bool on);
  const std::string& trouble() const { return trouble_; }  ///< in words; empty: none
  const std::vector<KeptRecord>& records() const { return records_; }
  uint64_t bytes() const;                        ///< of all of them, both generations
  const KeptRecord* mine(const Session&) const;  ///< the one that it is kept in now
  /// What is offered: of the records that no page has the newest that is of the experiment shown, else the newest; nothing once this page has
  /// trained something of that experiment itself, or what was put off.
  const KeptRecord* offered(const Session&) const;
  void put_off(const std::string& id) { put_off_.insert(id); }  ///< for this visit
  void go_on(const std::string& id);                            ///< opens it
  void export_file(const KeptRecord&);
  void forget(const std::string& id);  ///< empty: everything

  /// The same for the same data, training settings and lanes.
  static std::string mark(const Session&);

 private:
  bool dirty(const Session&) const;
  /// mark() of what is shown, written anew only when that is another: it is asked for several times a frame.
  const std::string& shown_mark(const Session&) const;
  void read_news(const std::string& json);

  bool possible_ = false, framed_ = false, switch_ = true;
  std::string trouble_, told_;  ///< told: of which the learner was told
  std::vector<KeptRecord> records_;
  std::set<std::string> put_off_;
  bool file_wanted_ = false, record_wanted_ = false;
  bool hides_ = false;  ///< the page was hidden: what is there is kept soon
  double asked_at_ = -1e9, period_ = period;
  // What was saved last: how many lanes, the generation, how far the lanes are, and the experiment.
  int64_t saved_there_ = 0, saved_generation_ = -1;
  std::vector<int64_t> saved_progress_;
  Experiment saved_;
  std::vector<InterventionSet> saved_interventions_;
  struct Marked {
    uint64_t data = 0;
    Experiment experiment;  ///< without its text
    std::string mark;
  };
  mutable Marked marked_;
};

}  // namespace unroll
