// What a view is: one room of the front end, with everything that is its own. It holds its state, asks the lanes what it
// needs to know (Session::ask), draws itself, makes its tables (web/export.h), and says what it shows to tests and to the
// page. The program knows views by this interface alone, and a view knows no other view: what they share stands in App.
//
// To add one: a line in engine/document/views.h and a file or folder here that defines make_<name>_view.
#pragma once

#include <imgui.h>

#include <memory>
#include <vector>

#include "engine/base/json.h"
#include "engine/document/views.h"

namespace unroll {

class App;

struct HelpLine {
  const char* term;
  const char* meaning;
};

/// What a view says about itself.
struct AboutView {
  const char* label = "";           ///< of its tab, in the room `inside`
  std::vector<HelpLine> help = {};  ///< what one sees
  std::vector<HelpLine> keys = {};  ///< its shortcuts
  float wide = 1, medium = 1;       ///< share(), by the layout's mode
  float height = 380;               ///< wants()
};

class View {
 public:
  explicit View(AboutView about_it) : about(std::move(about_it)) {}
  virtual ~View() = default;

  /// Its card, at the cursor; size.y 0: as high as it needs.
  virtual void draw(App&, ImVec2 size) = 0;
  /// Its share of the width where views stand side by side, of the task that runs.
  virtual float share(const App&, bool wide) const { return wide ? about.wide : about.medium; }
  /// The height at which all of it can be seen at this width, where it stands beside others or alone; by what it shows, never by
  /// the window.
  virtual float wants(const App&, [[maybe_unused]] float width) const { return about.height; }
  /// Of what it was drawn with last in a column: what it took because the window had it, beyond what it needs.
  virtual float stretched() const { return 0; }
  /// Of the room `inside`: whether it now needs the whole height, so that the timeline does not stand below it.
  virtual bool tall() const { return false; }
  /// In every frame: whether it is on the screen.
  virtual void shown(App&, bool) {}
  /// Adds what it shows to the published state, under a name of its own; asked while it is on the screen or could be
  /// (a view of the room `inside`: while it is the open one).
  virtual void publish(const App&, Json&) const {}

  const AboutView about;
  const char* name = "";  ///< these two as in the table
  Room room = Room::learn;
};

using Views = std::vector<std::unique_ptr<View>>;
/// All views in the order of the table.
Views make_views();

}  // namespace unroll
