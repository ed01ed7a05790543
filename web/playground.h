// The program: the App that everything shares, the views, and the frame in which they are drawn. It knows no view but by
// the interface (web/views/view.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "engine/document/views.h"
#include "web/app.h"
#include "web/layout.h"
#include "web/views/view.h"

namespace unroll {

class Playground {
 public:
  void init();
  void prepare();                                     ///< before ImGui's frame
  bool frame();                                       ///< true: another one at once
  bool keeps() const { return app_.keeper.keeps(); }  ///< what was learned is on its way to where it is kept

 private:
  void take_input();
  void shortcuts();
  void use_current_theme();
  void draw();
  void draw_tabs(const Layout&);
  void draw_region(const Region&, size_t index);
  void draw_view(View&, ImVec2 size);
  void publish();
  void speak();  ///< to screen readers; in spoken.cpp
  /// What the page around the frame wants (docs/embedding.md), as JSON; what came of it is published. In obeyed.cpp.
  void obey(const std::string& command);
  Json obeyed();  ///< … and what the lanes answered meanwhile, each once
  // Lessons and the first visit, in guide.cpp.
  void guide();  ///< as a frame begins: does what was pressed, reads the open lesson, sets up its step
  void guide(const std::string& action);
  void open_lesson(const std::string& id, bool train);
  void close_lesson();
  void enter_step(size_t step);
  void set_up_step();
  bool read_open_lesson();  ///< false: it is on its way, or was no lesson and is not open any more
  void welcome();  ///< whether this is a first visit; and what was done in lessons, kept and taken back

  App app_;
  Views views_ = make_views();
  std::map<std::string, float> columns_;  ///< heights that the columns need, by their first views
  float wanted_height_ = 0;               ///< of the window, by its width
  std::string inside_;                    ///< the view of the room `inside` that was open last
  bool dark_ = false, touch_ = false, themed_ = false;
  Experiment remembered_experiment_;  ///< what the address holds
  std::string remembered_example_;
  int64_t noted_ = -1;  ///< of which lanes and interventions edits were noted last
  double published_at_ = -10;
  std::string published_news_;
  /// A question of the page around the frame to a lane, and the version of the answer that was there before.
  struct Asked {
    int64_t id = 0;
    size_t lane = 0;
    int64_t before = 0;
  };
  std::vector<Asked> asked_;
  /// A step of the open lesson that is to be set up, once the lesson was read.
  struct Arrangement {
    std::optional<size_t> step;  ///< from 0; none: the first that is not done
    bool train = false;
    bool instead = false;  ///< of a document that named nothing else: what is there was never asked for
  };
  std::optional<Arrangement> arranging_;
  std::string followed_;                            ///< the lesson that was open in the last frame
  std::pair<std::string, size_t> arranged_{"", 0};  ///< of which lesson and step the experiment is
  bool came_bare_ = false,
       took_progress_ = false;  ///< the address named nothing; what was done before is known
  int64_t kept_progress_ = 0;   ///< Course::version that is kept
  int64_t obeyed_ = 0;          ///< the number of the last command
  Json refused_;                ///< why it was not done; null: it was
  std::string announced_;
  int64_t announced_steps_ = 0;  ///< of all lanes together
  double summary_at_ = 0;        ///< when screen readers are told next how the lanes do
};

// Parts of the frame; each in a file of its name.
void draw_header(App&, const Layout&);
bool has_banner(const App&);  ///< whether the banner has something to say
/// "Changed: restart to apply", or what was left and can be had back.
void draw_banner(App&, ImVec2 at, ImVec2 size);
void draw_arrival(App&);                  ///< asks what to do with a checkpoint whose text is another one
void draw_problems(App&, const Layout&);  ///< errors as dismissible cards
void draw_help(App&, const Views&);
void draw_saving(App&, const Layout&);  ///< the panel of saving, where it is open
// Of what is kept, in words.
std::string age_text(double saved_at);        ///< "3 min ago"
std::string size_text(uint64_t bytes);        ///< "1.2 MB"
std::string loss_text(const KeptRecord&);     ///< ", loss 1.234"; empty where none is known
std::string record_title(const KeptRecord&);  ///< "RNN 256 and LSTM 128 at step 1200, loss 1.234"

/// Everything that is shown, as JSON, for tests and the page's API: what the session knows, and each view's part.
/// `host`: what the page around the frame is told.
Json state_json(const App&, const Views&, Json host);

}  // namespace unroll
