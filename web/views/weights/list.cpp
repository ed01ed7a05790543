// The left part of the view "Weights": every block with its norms, and the gradient check.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/toolkit/focus.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/weights/blocks.h"
#include "web/views/weights/weights.h"

namespace unroll {
namespace {

constexpr float heads = 20;
constexpr float check_badge = 132;  // width of the brief badge
constexpr const char* check_label = "Check the gradient";

float check_width() { return ui::button_width({.label = check_label}); }
bool is_good(const CheckFacts& check) { return check.error < CheckFacts::allowed; }
float list_row() { return touch_targets() ? 40.0f : 24.0f; }

struct Columns {
  bool update;  // the norm of the update has a column
  float names, cell;
  static constexpr float gap = 6;
  float x(size_t column) const { return names + gap + (cell + gap) * static_cast<float>(column); }
};

Columns columns_of(float width) {
  const bool update = width >= 340;
  const float n = update ? 4 : 3, names = std::clamp(width * 0.40f, 112.0f, 190.0f);
  return {update, names, (width - names - n * Columns::gap) / n};
}

std::string shape_text(const BlockShape& shape) {
  return shape.columns == 1 ? std::to_string(shape.rows)
                            : std::to_string(shape.rows) + "×" + std::to_string(shape.columns);
}

struct Axes {
  Decades weights, gradient, update, ratio;
};

void draw_row(const WeightsScene& scene, const BlockShape& shape, const BlockNorms* norms, const Axes& axes,
              ImVec2 at, float width) {
  const Palette& p = palette();
  const Columns columns = columns_of(width);
  const ImVec2 size(width, list_row());
  const std::string id = "weights.block." + shape.name;
  ImGui::SetCursorScreenPos(at);
  if (ImGui::InvisibleButton(id.c_str(), size) && !ui::drag_scrolling()) scene.own.block = shape.name;
  ui::register_widget(id,
                      {shape.name + ", weights", shape.name == scene.block.name ? "chosen" : "not chosen"});
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const bool chosen = shape.name == scene.block.name;
  const ImVec2 reach(4, 0);
  if (chosen)
    draw->AddRectFilled(at - reach, at + size + reach, faded(p.accent, p.dark ? 0.26f : 0.11f), 4);
  else if (ImGui::IsItemHovered())
    draw->AddRectFilled(at - reach, at + size + reach, faded(p.text, 0.05f), 4);
  ImGui::RenderNavHighlight(ImRect(at, at + size), ImGui::GetItemID());
  const std::string shape_words = shape_text(shape);
  const float shape_width = text_size(Face::small, shape_words.c_str()).x;
  const std::string name = short_name(shape.name);
  const float y = std::round(at.y + (size.y - 15) / 2);
  draw_text(draw, Face::small, {at.x, y}, solid(p.text), name.c_str());
  if (text_size(Face::small, name.c_str()).x + shape_width + 8 <= columns.names)
    draw_text(draw, Face::small, {at.x + columns.names - shape_width, y}, solid(p.dim), shape_words.c_str());
  if (!norms) return;
  const float high = std::min(size.y - 4, 22.0f), top = std::round(at.y + (size.y - high) / 2);
  const int digits = columns.cell < 56 ? 2 : 3;
  size_t column = 0;
  const auto bar = [&](const Decades& axis, float value) {
    draw_bar(draw, {at.x + columns.x(column++), top}, {columns.cell, high},
             axis.share(static_cast<double>(value)), scene.colour,
             figure(static_cast<double>(value), digits));
  };
  bar(axes.weights, norms->weights);
  bar(axes.gradient, norms->gradient);
  if (columns.update) bar(axes.update, norms->update);
  // The ratio: its number, and below it a mark on an axis around the healthy thousandth.
  const ImVec2 min(at.x + columns.x(column), top), max = min + ImVec2(columns.cell, high);
  draw->AddRectFilled(min, max, solid(p.inset), 3);
  const auto x = [&](double ratio) { return min.x + columns.cell * axes.ratio.share(ratio); };
  const ImVec2 strip_min(x(least_ratio), max.y - 4), strip_max(x(most_ratio), max.y - 1);
  draw->AddRectFilled(strip_min, strip_max, faded(p.good, 0.28f), 1.5f);
  const auto ratio = static_cast<double>(norms->ratio);
  const std::string words = figure(ratio, digits);
  const bool well = !std::isfinite(ratio) || ratio == 0 || healthy(ratio);
  if (std::isfinite(ratio) && ratio > 0)
    draw->AddRectFilled({x(ratio) - 1.5f, max.y - 6}, {x(ratio) + 1.5f, max.y},
                        solid(well ? p.good : p.warning), 1);
  const float words_width = text_size(Face::small, words.c_str()).x;
  draw_text(draw, Face::small, {max.x - words_width - 4, y - 2}, solid(well ? p.text : p.warning),
            words.c_str());
}

/// The samples of a check, the worst first.
void read_check(const CheckFacts& check) {
  const Palette& p = palette();
  std::vector<CheckSample> samples = check.samples;
  const auto miss = [](const CheckSample& s) { return std::abs(s.backward - s.difference); };
  std::sort(samples.begin(), samples.end(),
            [&](const CheckSample& a, const CheckSample& b) { return miss(a) > miss(b); });
  const size_t shown = std::min<size_t>(samples.size(), 12);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    ui::label(("the " + std::to_string(shown) + " farthest apart of " + std::to_string(samples.size()) +
               " parameters drawn by chance")
                  .c_str(),
              p.dim, Face::small);
    if (ImGui::BeginTable("check", 4, ImGuiTableFlags_SizingFixedFit)) {
      for (const char* head : {"parameter", "backward", "difference", "apart"}) {
        ImGui::TableNextColumn();
        ui::label(head, p.dim, Face::small);
      }
      for (size_t i = 0; i < shown; ++i) {
        const CheckSample& s = samples[i];
        ImGui::TableNextColumn();
        ui::label((short_name(s.block) + "[" + std::to_string(s.index) + "]").c_str(), p.text, Face::small);
        for (double value : {s.backward, s.difference, miss(s)}) {
          ImGui::TableNextColumn();
          ui::label(figure(value).c_str(), p.text, Face::mono);
        }
      }
      ImGui::EndTable();
    }
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

/// The button at the cursor.
void check_button(const WeightsScene& scene) {
  Session& session = scene.app.session;
  const bool waits = session.waits(scene.index, "gradient_check");
  if (ui::button("weights.check",
                 {.label = waits ? "Checking…" : check_label,
                  .width = check_width(),
                  .tip = "Compares the backward pass of this lane, as it is now, with finite "
                         "differences on the first 64 columns of the timeline",
                  .enabled = !waits && scene.app.timeline_text().size() >= 2}))
    check_gradient(session, scene.index, scene.app.probed(), scene.app.timeline_text());
}

/// The surface of a badge at the cursor; pointing at it reads the samples.
void draw_badge(const CheckFacts& check, ImVec2 size, Rgb ink) {
  const Palette& p = palette();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton("weights.badge", size);
  ui::register_widget("weights.badge",
                      {is_good(check) ? "The gradient check passed" : "The gradient check failed"});
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(at, at + size, solid(mix(p.card, ink, p.dark ? 0.2f : 0.1f)), corner());
  draw_icon(draw, is_good(check) ? Icon::check : Icon::warning, at + ImVec2(15, size.y / 2), solid(ink), 14);
  ImGui::RenderNavHighlight(ImRect(at, at + size), ImGui::GetItemID());
  if (ImGui::IsItemHovered() || ImGui::IsItemFocused()) read_check(check);
}

}  // namespace

float block_list_height(const WeightsScene& scene) {
  return heads + list_row() * static_cast<float>(block_shapes(scene.lane).size());
}

void draw_block_list(const WeightsScene& scene, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  const std::vector<BlockShape> shapes = block_shapes(scene.lane);
  const Answer& answer = scene.app.session.answer(scene.index, "blocks");
  const std::vector<BlockNorms> norms = block_norms(answer.header, answer.values);
  Axes axes;
  for (const BlockNorms& block : norms) {
    axes.weights.take(static_cast<double>(block.weights));
    axes.gradient.take(static_cast<double>(block.gradient));
    axes.update.take(static_cast<double>(block.update));
    axes.ratio.take(static_cast<double>(block.ratio));
  }
  for (double ratio : {least_ratio / 10, most_ratio * 10}) axes.ratio.take(ratio);
  for (Decades* axis : {&axes.weights, &axes.gradient, &axes.update, &axes.ratio}) axis->widen();

  const Columns columns = columns_of(size.x);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const auto head = [&](size_t column, const char* word) {
    const float width = text_size(Face::small, word).x;
    draw_text(draw, Face::small, {min.x + columns.x(column) + columns.cell - width - 4, min.y}, solid(p.dim),
              word);
  };
  size_t column = 0;
  head(column++, "weights");
  head(column++, "gradient");
  if (columns.update) head(column++, "update");
  head(column, columns.cell < 60 ? "ratio" : "upd./weights");
  ImGui::SetCursorScreenPos(min + ImVec2(columns.x(0), 0));
  ImGui::InvisibleButton("weights.heads", {size.x - columns.x(0), heads - 2});
  ui::tip(
      "Euclidean norms of each block: of its weights, of the last step's gradient before clipping, and of "
      "what that step "
      "added. The last is the update beside the weights: about a thousandth is healthy, far more is too "
      "fast.");

  ImGui::SetCursorScreenPos(min + ImVec2(-4, heads));
  const bool fits = block_list_height(scene) <= size.y + 1;
  ImGui::BeginChild(
      "weights.list", {size.x + 8, size.y - heads}, ImGuiChildFlags_None,
      fits ? ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse : ImGuiWindowFlags_None);
  ui::keep_unseen_items();
  ImVec2 at = ImGui::GetCursorScreenPos() + ImVec2(4, 0);
  for (const BlockShape& shape : shapes) {
    const auto found = std::find_if(norms.begin(), norms.end(),
                                    [&](const BlockNorms& one) { return one.name == shape.name; });
    draw_row(scene, shape, found == norms.end() ? nullptr : &*found, axes, at, size.x);
    at.y += list_row();
  }
  ImGui::SetCursorScreenPos(at - ImVec2(0, 1));
  ImGui::Dummy({1, 1});
  if (!fits) ui::scroll_by_drag();
  ImGui::EndChild();
}

void check_tools(const WeightsScene& scene) {
  const Palette& p = palette();
  ui::next_tool(check_width());
  check_button(scene);
  const Answer& answer = scene.app.session.answer(scene.index, "gradient_check");
  const auto check = gradient_check_of(scene.app.session, scene.index);
  if (!check && !answer.error) return;
  const std::string words = answer.error      ? "refused"
                            : is_good(*check) ? "agrees to " + figure(check->error, 2)
                                              : figure(check->error, 2) + " apart";
  ui::next_tool(check_badge);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const Rgb ink = check && !answer.error && is_good(*check) ? p.good : p.warning;
  if (answer.error) {
    ImGui::InvisibleButton("weights.refused", {check_badge, row_height()});
    draw_icon(ImGui::GetWindowDrawList(), Icon::warning, at + ImVec2(15, row_height() / 2), solid(ink), 14);
    if (ImGui::IsItemHovered()) ui::tip_text(answer.error->text().c_str());
  } else {
    draw_badge(*check, {check_badge, row_height()}, ink);
  }
  draw_text(ImGui::GetWindowDrawList(), Face::small, at + ImVec2(28, std::round((row_height() - 15) / 2)),
            solid(ink), words.c_str());
}

float check_tools_width() { return check_width() + check_badge + 2 * space::s; }

float check_height() { return row_height() + space::xs + 40; }

void draw_check(const WeightsScene& scene, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  Session& session = scene.app.session;
  ImGui::SetCursorScreenPos(min);
  check_button(scene);
  const Answer& answer = session.answer(scene.index, "gradient_check");
  const float used = check_width() + space::m;
  const bool beside = size.x - used >= 290;
  const ImVec2 at = min + (beside ? ImVec2(used, 0) : ImVec2(0, row_height() + space::xs));
  const float width = beside ? size.x - used : size.x;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  if (answer.error) {
    draw_text(draw, Face::small, at, solid(p.warning), answer.error->text().c_str(), width);
    return;
  }
  const auto check = gradient_check_of(session, scene.index);
  if (!check) {
    draw_text(draw, Face::small, at + ImVec2(0, beside ? (row_height() - 15) / 2 : 0), solid(p.dim),
              "backward pass against finite differences", width);
    return;
  }
  const bool well = is_good(*check);
  const std::string words = well ? "backward = finite differences to " + figure(check->error)
                                 : "backward and finite differences are " + figure(check->error) + " apart";
  const std::string when = "at step " + std::to_string(check->step) + ", " +
                           std::to_string(check->samples.size()) + " parameters; relative error";
  const ImVec2 badge(std::min(width, std::max(text_size(Face::small, words.c_str()).x,
                                              text_size(Face::small, when.c_str()).x) +
                                         36),
                     38);
  ImGui::SetCursorScreenPos(at);
  const Rgb ink = well ? p.good : p.warning;
  draw_badge(*check, badge, ink);
  draw->PushClipRect(at, at + badge, true);
  draw_text(draw, Face::small, at + ImVec2(28, 3), solid(ink), words.c_str());
  draw_text(draw, Face::small, at + ImVec2(28, 19), solid(p.dim), when.c_str());
  draw->PopClipRect();
}

}  // namespace unroll
