// The chosen block of the view "Weights": as a heatmap with its scale, as a histogram, and the spectrum of the layer's
// recurrent weight.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/session/json_read.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/plot.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/weights/blocks.h"
#include "web/views/weights/weights.h"

namespace unroll {
namespace {

constexpr float head = 20, legend = 26;

void note(ImVec2 min, ImVec2 size, const char* words, Rgb ink) {
  const float width = std::min(size.x - 16, 320.0f);
  const ImVec2 text = ImGui::CalcTextSize(words, nullptr, false, width);
  draw_text(ImGui::GetWindowDrawList(), Face::text, min + (size - text) * 0.5f, solid(ink), words, width);
}

std::string signed_figure(double value) {
  return (value > 0 ? "+" : value < 0 ? "−" : "") + figure(std::abs(value));
}

/// The ramp with the numbers at its ends and in the middle.
void draw_scale(ImVec2 at, float width, double end, bool open) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  constexpr int parts = 60;
  for (int i = 0; i < parts; ++i) {
    const float a = at.x + width * static_cast<float>(i) / parts,
                b = at.x + width * static_cast<float>(i + 1) / parts;
    draw->AddRectFilled({a, at.y}, {b, at.y + 8},
                        solid(p.diverging.at((static_cast<float>(i) + 0.5f) / parts)));
  }
  draw->AddRect(at, at + ImVec2(width, 8), solid(p.border));
  for (int i = 0; i <= 2; ++i) {
    const std::string text =
        i == 1 ? "0" : (open ? (i == 0 ? "≤ " : "≥ ") : "") + signed_figure(i == 0 ? -end : end);
    const float share = 0.5f * static_cast<float>(i), text_width = text_size(Face::small, text.c_str()).x;
    draw_text(draw, Face::small, {at.x + (width - text_width) * share, at.y + 10}, solid(p.dim),
              text.c_str());
  }
}

/// Letters of the gates along the bands, and lines between them.
void draw_bands(const WeightsScene& scene, const ImRect& area) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const std::vector<std::string>& gates = scene.block.band_names;
  const float band = area.GetHeight() / static_cast<float>(scene.block.bands);
  for (size_t g = 0; g < scene.block.bands; ++g) {
    const float y = area.Min.y + band * static_cast<float>(g);
    if (g > 0) draw->AddLine({area.Min.x - 14, y}, {area.Max.x, y}, solid(p.card), 2);
    if (g > 0) draw->AddLine({area.Min.x - 14, y}, {area.Max.x, y}, solid(p.dim), 1);
    const ImVec2 size = text_size(Face::strong, gates[g].c_str());
    draw_text(draw, Face::strong, {area.Min.x - 7 - size.x / 2, std::round(y + (band - size.y) / 2)},
              solid(p.dim), gates[g].c_str());
  }
}

/// Along a one-hot input or the decoder: the characters, where there is room for them.
void draw_characters(const WeightsScene& scene, const ImRect& area, bool across) {
  const Palette& p = palette();
  const std::u32string& symbols = across ? scene.lane.inputs : scene.lane.vocabulary;
  const float step =
      (across ? area.GetWidth() : area.GetHeight()) / static_cast<float>(std::max<size_t>(symbols.size(), 1));
  const auto every = static_cast<size_t>(std::ceil((across ? 8.0f : 12.0f) / std::max(step, 0.01f)));
  need_symbols(symbols);
  for (size_t i = 0; i < symbols.size(); i += every) {
    const float middle = (static_cast<float>(i) + 0.5f) * step;
    const ImVec2 at = across ? ImVec2(area.Min.x + middle - 5, area.Min.y - 15)
                             : ImVec2(area.Min.x - 13, area.Min.y + middle - 7);
    draw_symbol(ImGui::GetWindowDrawList(), at, {10, 14}, symbols[i], p.dim);
  }
}

void read_cell(const WeightsScene& scene, const ImRect& area) {
  const BlockShape& block = scene.block;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const auto index = [](float share, size_t count) {
    return static_cast<size_t>(
        std::clamp(share * static_cast<float>(count), 0.0f, static_cast<float>(count) - 0.5f));
  };
  const size_t row = index((mouse.y - area.Min.y) / area.GetHeight(), block.drawn_rows());
  const size_t column = index((mouse.x - area.Min.x) / area.GetWidth(), block.drawn_columns());
  const float value = scene.matrix->values[row * block.drawn_columns() + column];
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    ui::label(place_name(scene.lane, block, row, column).c_str(), palette().text);
    ui::label(signed_figure(static_cast<double>(value)).c_str(), palette().text, Face::mono);
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

}  // namespace

void draw_matrix(const WeightsScene& scene, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  const WeightsState& view = scene.own;
  const BlockShape& block = scene.block;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const std::string title = short_name(block.name) + (view.change ? ", change since step 0" : "");
  draw_text(draw, Face::text, min, solid(p.text), title.c_str());
  const bool symbols_across = block.layer == 0 && block.columns > 1 &&
                              block.columns == scene.lane.inputs.size() &&
                              scene.lane.applied.embedding == 0 && is_input(block);
  const bool symbols_down =
      block.layer < 0 && block.columns > 1 && !is_attention(block) && !scene.lane.vocabulary.empty();
  const bool bands = block.layer >= 0 && block.bands > 1;
  const ImRect area(min + ImVec2(bands || symbols_down ? 18 : 0, head + (symbols_across ? 14 : 2)),
                    min + size - ImVec2(0, legend + space::s));
  ui::register_widget("weights.matrix", area.Min, area.Max);
  const Answer& answer = scene.app.session.answer(scene.index, "weights");
  if (!scene.matrix) {
    draw->AddRectFilled(area.Min, area.Max, solid(p.inset), 4);
    const std::string words = answer.error ? answer.error->text() : "waiting for the lane…";
    note(area.Min, area.GetSize(), words.c_str(), answer.error ? p.warning : p.dim);
    return;
  }
  const float scale = view.facts.scale;
  Heatmap& map = scene.own.picture;
  map.set(scene.matrix->values, block.drawn_rows(), block.drawn_columns(), scene.matrix->version);
  map.draw(draw, area.Min, area.Max,
           {0, static_cast<double>(block.drawn_columns()), 0, static_cast<double>(block.drawn_rows())},
           {-scale, scale, &p.diverging, p.inset});
  draw->AddRect(area.Min, area.Max, solid(p.border));
  if (bands) draw_bands(scene, area);
  if (symbols_across || symbols_down) draw_characters(scene, area, symbols_across);
  draw_scale({area.Min.x, area.Max.y + space::s}, area.GetWidth(), static_cast<double>(scale),
             view.facts.largest > static_cast<double>(scale));
  ImGui::SetCursorScreenPos(area.Min);
  ImGui::InvisibleButton("weights.cells", area.GetSize());
  if (ImGui::IsItemHovered() && !touch_targets()) read_cell(scene, area);
}

void draw_histogram(const WeightsScene& scene, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  const WeightsState& view = scene.own;
  const MatrixFacts& facts = view.facts;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw_text(draw, Face::text, min, solid(p.text), "Distribution");
  if (!scene.matrix || facts.count == 0) return;
  if (facts.initial) {
    const float width = text_size(Face::small, "at step 0").x;
    const float x = min.x + size.x - width;
    draw->AddLine({x - 22, min.y + 9}, {x - 6, min.y + 9}, solid(p.text), 1.2f);
    draw_text(draw, Face::small, {x, min.y + 1}, solid(p.dim), "at step 0");
  }
  const ImRect area(min + ImVec2(0, head + 4), min + size - ImVec2(0, 34));
  int64_t most = 1;
  for (size_t b = 0; b < Histogram::bins; ++b) {
    most = std::max(most, facts.histogram.counts[b]);
    if (facts.initial) most = std::max(most, facts.initial->counts[b]);
  }
  const float wide = area.GetWidth() / Histogram::bins;
  const auto y = [&](int64_t count) {
    return area.Max.y - area.GetHeight() * static_cast<float>(count) / static_cast<float>(most);
  };
  const auto x = [&](size_t bin) { return area.Min.x + wide * static_cast<float>(bin); };
  for (size_t b = 0; b < Histogram::bins; ++b)
    if (facts.histogram.counts[b] > 0)
      draw->AddRectFilled({x(b), std::min(y(facts.histogram.counts[b]), area.Max.y - 1)},
                          {x(b + 1) - 0.5f, area.Max.y}, faded(scene.colour, 0.75f));
  if (facts.initial) {
    for (size_t b = 0; b < Histogram::bins; ++b) {
      draw->PathLineTo({x(b), y(facts.initial->counts[b])});
      draw->PathLineTo({x(b + 1), y(facts.initial->counts[b])});
    }
    draw->PathStroke(solid(p.text), ImDrawFlags_None, 1.2f);
  }
  draw->AddLine({area.Min.x, area.Max.y}, {area.Max.x, area.Max.y}, solid(p.strong_border));
  for (int i = 0; i <= 2; ++i) {
    const double end = facts.histogram.reach;
    const std::string text = i == 1 ? "0" : signed_figure(i == 0 ? -end : end);
    const float share = 0.5f * static_cast<float>(i), width = text_size(Face::small, text.c_str()).x;
    draw_text(draw, Face::small, {area.Min.x + (area.GetWidth() - width) * share, area.Max.y + 2},
              solid(p.dim), text.c_str());
  }
  const std::string words = "mean " + signed_figure(facts.mean) + ", deviation " + figure(facts.deviation);
  draw_text(draw, Face::small, {min.x, area.Max.y + 18}, solid(p.dim), words.c_str());

  ImGui::SetCursorScreenPos(area.Min);
  ImGui::InvisibleButton("weights.histogram", {area.GetWidth(), std::max(area.GetHeight(), 1.0f)});
  ui::register_widget("weights.histogram", ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
  if (!ImGui::IsItemHovered() || touch_targets()) return;
  const float place = (ImGui::GetIO().MousePos.x - area.Min.x) / wide;
  const auto bin = static_cast<size_t>(std::clamp(place, 0.0f, static_cast<float>(Histogram::bins) - 0.5f));
  const int64_t count = facts.histogram.counts[bin];
  const std::string range =
      signed_figure(facts.histogram.edge(bin)) + " to " + signed_figure(facts.histogram.edge(bin + 1));
  std::string counted = std::to_string(count) + " of " + std::to_string(facts.count) + " (" +
                        percent(static_cast<double>(count) / static_cast<double>(facts.count)) + ")";
  if (facts.initial) counted += ", at step 0: " + std::to_string(facts.initial->counts[bin]);
  ui::tip_text((range + "\n" + counted).c_str());
}

float spectrum_height(const WeightsScene& scene) {
  return head + 18 * static_cast<float>(recurrent_blocks(scene.lane.applied)) + 34;
}

void draw_spectrum(const WeightsScene& scene, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const auto layer = static_cast<size_t>(std::max(scene.block.layer, 0));
  const std::string title = recurrent_blocks(scene.lane.applied) > 0
                                ? "Spectrum of weight_hh_l" + std::to_string(layer)
                                : "No recurrent matrix, so no spectrum";
  draw_text(draw, Face::text, min, solid(p.text), title.c_str());
  const Answer& answer = scene.app.session.answer(scene.index, "spectrum");
  const std::vector<std::string> gates = read::texts(answer.header, "gates");
  const bool known = answer.header.is_object() && answer.values.size() == 2 * gates.size();
  if (answer.error || !known) {
    const std::string words = answer.error                      ? answer.error->text()
                              : scene.lane.applied.hidden > 512 ? "measured for at most 512 hidden units"
                                                                : "measuring…";
    draw_text(draw, Face::small, min + ImVec2(0, head), solid(answer.error ? p.warning : p.dim),
              words.c_str(), size.x);
    return;
  }
  ui::register_widget("weights.spectrum", min, min + size);
  double most = 1.25;
  for (float value : answer.values) most = std::max(most, static_cast<double>(value) * 1.05);
  const float numbers = 74, left = min.x + 16, right = min.x + size.x - numbers;
  const Axis axis{0, most, left, right, false};
  const float top = min.y + head + 2, bottom = top + 18 * static_cast<float>(gates.size());
  const float one = std::round(axis.pixel(1)) + 0.5f;
  draw->AddLine({one, top - 2}, {one, bottom}, solid(p.dim));
  draw->AddRectFilled({one, top}, {right, bottom - 2}, faded(p.warning, 0.10f), 3);
  for (size_t g = 0; g < gates.size(); ++g) {
    const float y = top + 18 * static_cast<float>(g) + 8;
    const auto singular = static_cast<double>(answer.values[2 * g]),
               radius = static_cast<double>(answer.values[2 * g + 1]);
    draw_text(draw, Face::strong, {min.x, y - 8}, solid(p.dim), gates[g].c_str());
    draw->AddLine({left, y}, {right, y}, solid(p.border));
    draw->AddLine({axis.pixel(radius), y}, {axis.pixel(singular), y}, faded(scene.colour, 0.5f), 2);
    draw->AddCircleFilled({axis.pixel(singular), y}, 4, solid(scene.colour), 16);
    draw->AddCircleFilled({axis.pixel(radius), y}, 4, solid(p.card), 16);
    draw->AddCircle({axis.pixel(radius), y}, 4, solid(scene.colour), 16, 1.6f);
    const std::string words = figure(singular) + "  " + figure(radius);
    const float width = text_size(Face::small, words.c_str()).x;
    draw_text(draw, Face::small, {min.x + size.x - width, y - 7.5f}, solid(p.text), words.c_str());
  }
  draw_text(draw, Face::small, {one - text_size(Face::small, "1").x / 2, bottom}, solid(p.dim), "1");
  const float y = bottom + 16;
  draw->AddCircleFilled({min.x + 5, y + 8}, 4, solid(scene.colour), 16);
  draw_text(draw, Face::small, {min.x + 13, y}, solid(p.dim), "singular value");
  const float second = min.x + 13 + text_size(Face::small, "singular value").x + 14;
  draw->AddCircle({second, y + 8}, 4, solid(scene.colour), 16, 1.6f);
  draw_text(draw, Face::small, {second + 8, y}, solid(p.dim), "eigenvalue");
  ImGui::SetCursorScreenPos(min);
  ImGui::InvisibleButton("weights.spectrum.tip", size);
  ui::tip(
      "How much one step back through time can stretch a gradient (largest singular value of the gate's "
      "block) and what "
      "many steps do to it in the long run (largest modulus of an eigenvalue): above 1 it may grow, below 1 "
      "it fades");
}

}  // namespace unroll
