#include "web/views/predict/spelling.h"

#include <algorithm>

#include "engine/base/ctc.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/strokes.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

constexpr float least_curve = 0.1f;  // the probability that a label must reach somewhere to be drawn

std::u32string symbols_of(const std::vector<int32_t>& labels, const LaneView& lane) {
  std::u32string symbols;
  for (const int32_t label : labels) symbols += lane.vocabulary[static_cast<size_t>(label)];
  return symbols;
}

/// Letters side by side, words with a space between.
std::string words_of(const std::u32string& symbols) {
  std::string text = symbol_texts(symbols);
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

/// The likeliest string after each point, where it is another than before.
struct Change {
  size_t point;
  std::u32string string;
};
std::vector<Change> changes_of(const Verdict& verdict, const LaneView& lane) {
  std::vector<Change> changes;
  std::vector<int32_t> before;
  CtcBeam beam;
  for (size_t n = 0; n < verdict.count(); ++n) {
    beam.read(verdict.after(n));
    std::vector<int32_t> now = beam.best();
    if (now == before) continue;
    changes.push_back({n, symbols_of(now, lane)});
    before = std::move(now);
  }
  return changes;
}

/// Each point's share of the line: in the lane's colour where it says a label.
std::vector<Rgb> colours_of(const Verdict& verdict, Rgb colour) {
  std::vector<Rgb> colours;
  for (size_t n = 0; n < verdict.count(); ++n)
    colours.push_back(mix(palette().text, colour, 1 - verdict.after(n)[0]));
  return colours;
}

/// The curves over the points, each label's letter over its highest place.
void draw_curves(const Verdict& verdict, const LaneView& lane, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  constexpr float letters = 16;
  const float floor = min.y + size.y, most = size.y - letters,
              step = size.x / static_cast<float>(std::max<size_t>(verdict.count() - 1, 1));
  const auto at = [&](size_t n, size_t label) {
    return ImVec2(min.x + step * static_cast<float>(n), floor - most * verdict.after(n)[label]);
  };
  draw->AddRectFilled({min.x, floor - most}, {min.x + size.x, floor}, solid(p.inset), 3);
  const auto line = [&](size_t label, Rgb colour, float thick) {
    for (size_t n = 0; n < verdict.count(); ++n) draw->PathLineTo(at(n, label));
    draw->PathStroke(solid(colour), ImDrawFlags_None, thick);
  };
  line(0, p.dim, 1);
  for (size_t label = 1; label < verdict.classes; ++label) {
    std::vector<std::pair<size_t, float>> peaks;  // of each stretch in which it is likely
    bool inside = false;
    for (size_t n = 0; n < verdict.count(); ++n) {
      const float share = verdict.after(n)[label];
      if (share >= least_curve && !inside) peaks.emplace_back(n, share);
      inside = share >= least_curve;
      if (inside && share > peaks.back().second) peaks.back() = {n, share};
    }
    if (peaks.empty()) continue;
    line(label, p.lane(lane.colour), 1.5f);
    for (const auto& [n, share] : peaks) {
      const ImVec2 top = at(n, label);
      const float half = is_named(lane.vocabulary[label]) ? 24 : 8;
      draw_symbol(draw, {top.x - half, top.y - letters}, {2 * half, letters}, lane.vocabulary[label], p.text);
    }
  }
}

}  // namespace

std::u32string spelled(const Verdict& verdict, const LaneView& lane) {
  return symbols_of(ctc_decoded(verdict.said, verdict.classes), lane);
}

std::string spelled_text(const Verdict& verdict, const LaneView& lane) {
  const std::u32string string = spelled(verdict, lane);
  return string.empty() ? "nothing" : words_of(string);
}

std::string spelling_way(const Verdict& verdict, const LaneView& lane) {
  std::string text;
  const char* between = std::ranges::any_of(lane.vocabulary, is_named) ? " · " : " ";
  for (const Change& change : changes_of(verdict, lane))
    text += (text.empty() ? "" : between) + (change.string.empty() ? "–" : words_of(change.string));
  return text;
}

double blank_share(const Verdict& verdict) {
  double sum = 0;
  for (size_t n = 0; n < verdict.count(); ++n) sum += static_cast<double>(verdict.after(n)[0]);
  return sum / static_cast<double>(verdict.count());
}

void draw_spelling(const App& app, size_t index, const std::optional<Verdict>& verdict,
                   const std::string& widget, std::optional<bool> right) {
  const Palette& p = palette();
  const LaneView& lane = *app.session.lanes[index];
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  draw_lane_says(app, index, verdict ? spelled_text(*verdict, lane) : "…", right);
  const float width = ui::content_width();
  constexpr float curves = 62, gap = 4;
  const bool drawn = app.task().looks.drawn;  // what is heard stands above all lanes
  const float drawing = drawn ? 56 : 0;
  const ImVec2 below = ImGui::GetCursorScreenPos();
  if (drawn) draw->AddRectFilled(below, below + ImVec2(width, drawing), solid(p.inset), corner());
  if (verdict) {
    if (drawn)
      draw_strokes(draw, below + ImVec2(4, 4), {width - 8, drawing - 8}, verdict->points,
                   colours_of(*verdict, p.lane(lane.colour)), 2.5f);
    draw_curves(*verdict, lane, below + ImVec2(0, drawing + gap), {width, curves});
  }
  ImGui::Dummy({width, drawing + gap + curves});
  if (verdict) {
    const std::string words =
        "Blank " + whole_percent(blank_share(*verdict)) + ". On the way: " + spelling_way(*verdict, lane);
    const WithFont small(Face::small);
    ui::label(ui::shortened(words, width).c_str(), p.dim, Face::small);
  }
  ui::register_widget(widget, at, {at.x + width, ImGui::GetCursorScreenPos().y});
}

}  // namespace unroll
