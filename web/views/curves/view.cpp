// How the lanes learn: the loss over the steps (of a text without end first of what memory decides in it); where the task has a score of its own, that over the steps as well, and
// the score's curve (by lag, by horizon) as it is now.
#include "web/views/view.h"

#include <algorithm>
#include <cctype>

#include "engine/generators/generator.h"
#include "web/export.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/curves/curves.h"

namespace unroll {
namespace {

using namespace curves;

class CurvesView final : public View {
 public:
  CurvesView()
      : View(
            {.help =
                 {{"Loss",
                   "How surprised a lane is per character: lower is better, 0 is certain. Faint: each "
                   "step's batch. Line: "
                   "smoothed over about 50 steps. Dots: the held-out text, with a diamond at its best; when "
                   "it "
                   "rises from there, the text is being memorised. Dashed: what simple counting reaches."},
                  {"Baselines",
                   "uniform: every character as likely. unigram: by its frequency. bigram: given the "
                   "one before. "
                   "n-gram: the best of longer contexts. Below the bigram, a lane has learned more than "
                   "pairs."},
                  {"Decisive loss",
                   "Of a text without end: the loss of the characters that only memory tells, the right one "
                   "known "
                   "to be one of a few. 0: nothing is forgotten. Dashed: chance, for one who knows the rules "
                   "and "
                   "has forgotten what decides."},
                  {"Score",
                   "How well a lane does its task, on held-out sequences. Dashed: what needs no network. Its "
                   "curve shows the same by the distance that something must be remembered."}},
             .wide = 0.42f,
             .medium = 0.58f}) {}
  void draw(App&, ImVec2 size) override;
  void publish(const App& app, Json& state) const override;
  /// A series takes the room of its picture.
  float share(const App& app, bool wide) const override {
    const float all = View::share(app, wide);
    return app.task().looks.forecasts ? 0.75f * all : all;
  }

 private:
  /// One of the pictures: the loss, the score, one of its further measures, or one of its curves.
  struct Picture {
    std::string label;
    enum { loss, score, curve, awaited } kind = loss;
    int index = -1;            ///< of the further measure or the curve
    std::string measure = {};  ///< the further measure by name
  };
  /// At least one; what is decided by memory can be awaited before it is measured.
  static std::vector<Picture> pictures(const Session&);
  /// The one that was chosen; a first look is at what memory decides.
  Picture chosen(const std::vector<Picture>&) const;
  /// `titles`: how wide the choice of pictures is that stands left of the tools; 0: there is one picture.
  void draw_tools(App&, const Picture&, float titles);

  std::string shown_;  ///< the label that was chosen; empty: none
};

std::string with_capital(std::string name) {
  name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

constexpr const char* axes[] = {"linear", "log"};

void choose_axis(ViewSpec& view) {
  int axis = view.log;
  if (ui::segmented("axis", axes, axis, ui::segmented_width(axes), "Axis of the loss")) view.log = axis == 1;
}

/// Whether the axis' choice has room in the row of these titles and of what exports; else it has a row of its own.
bool has_axis_beside(float titles) {
  return titles == 0 ||
         titles + ui::segmented_width(axes) + row_height() + 2 * space::s <= ui::content_width();
}

std::vector<CurvesView::Picture> CurvesView::pictures(const Session& session) {
  std::vector<Picture> all = {{"Loss", Picture::loss, -1}};
  const ScoreView* score = any_score(session);
  if (!score) {
    if (const Generator* generator = session.generator();
        generator && !generator->decisions.empty() && session.wanted.data.valid > 0)
      for (const char* measure : {decisive_loss, decisive_right})
        all.push_back({with_capital(measure), Picture::awaited, -1, measure});
    return all;
  }
  if (score->name != "loss") {
    all.push_back({"Score", Picture::score, -1});
  } else {  // a text: what its loss does not show
    for (size_t i = 0; i < score->others.size(); ++i) {
      const std::string& measure = score->others[i].first;
      all.push_back({with_capital(measure), Picture::score, static_cast<int>(i), measure});
    }
  }
  const bool one = score->curves.size() == 1;  // several are told apart by what they measure
  for (size_t i = 0; i < score->curves.size(); ++i)
    all.push_back(
        {one ? "By " + score->curves[i].x : score->curves[i].name, Picture::curve, static_cast<int>(i)});
  return all;
}

CurvesView::Picture CurvesView::chosen(const std::vector<Picture>& all) const {
  const auto with = [&](auto&& fits) { return std::find_if(all.begin(), all.end(), fits); };
  auto found = with([&](const Picture& one) { return one.label == shown_; });
  if (found == all.end()) found = with([](const Picture& one) { return one.measure == decisive_loss; });
  return found == all.end() ? all[0] : *found;
}

void CurvesView::draw_tools(App& app, const Picture& picture, float titles) {
  ViewSpec& view = app.session.wanted.view;
  const bool loss = picture.kind == Picture::loss;
  export_button(app, "curves", [&app, picture] {
    return picture.kind == Picture::score || picture.kind == Picture::awaited
               ? score_csv(app.session, picture.index)
           : picture.kind == Picture::curve ? score_curve_csv(app.session, static_cast<size_t>(picture.index))
                                            : loss_csv(app.session);
  });
  constexpr const char* units[] = {"nats", "bits"};
  int unit = view.units == "bits";
  const float units_width = ui::segmented_width(units);
  if (loss && !app.numbers() && titles == 0) {
    ui::next_tool(units_width);
    if (ui::segmented("units", units, unit, units_width, "Unit of the loss: 1 nat is 1.443 bits"))
      view.units = units[unit];
  }
  if (loss && !app.densities() && has_axis_beside(titles)) {
    ui::next_tool(ui::segmented_width(axes));
    choose_axis(view);
  }
  ui::end_tools();
}

}  // namespace

void CurvesView::draw(App& app, ImVec2 size) {
  const std::vector<Picture> all = pictures(app.session);
  const Picture shown = chosen(all);
  ui::begin_card("curves", all.size() > 1 ? "" : "Loss", size);
  const ImVec2 title = ImGui::GetCursorScreenPos() - ImVec2(0, row_height() + space::s);
  std::vector<const char*> words;
  for (const Picture& one : all) words.push_back(one.label.c_str());
  const float titles = all.size() > 1 ? ui::segmented_width(words) : 0;
  draw_tools(app, shown, titles);
  if (all.size() > 1) {  // in place of the title
    const ImVec2 content = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos(title);
    int index = static_cast<int>(
        std::find_if(all.begin(), all.end(), [&](const Picture& one) { return one.label == shown.label; }) -
        all.begin());
    const float width = std::min(titles, ui::content_width() - row_height());
    if (ui::segmented("curves.show", words, index, width, "What the curves show"))
      shown_ = all[static_cast<size_t>(index)].label;
    ImGui::SetCursorScreenPos(content);
  }
  if (shown.kind == Picture::loss && !app.densities() && !has_axis_beside(titles))
    choose_axis(app.session.wanted.view);
  if (shown.kind == Picture::loss)
    draw_loss(app, size.y);
  else if (shown.kind == Picture::awaited)
    draw_no_score(app, shown.measure, size.y);
  else if (shown.kind == Picture::score)
    draw_score(app, shown.index, size.y);
  else
    draw_score_curve(app, static_cast<size_t>(shown.index), size.y);
  ui::end_card();
}

void CurvesView::publish(const App& app, Json& state) const {
  Json names = Json::array();
  const std::vector<Picture> all = pictures(app.session);
  for (const Picture& one : all) names.push_back(one.label);
  state["curves"] = {{"pictures", std::move(names)}, {"shown", chosen(all).label}};
}

std::unique_ptr<View> make_curves_view() { return std::make_unique<CurvesView>(); }

}  // namespace unroll
