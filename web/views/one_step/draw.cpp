// The picture of a walk: the characters as columns, of every lane the loss at each, the norm of its states and of the
// gradient that comes back through them, on axes that all lanes share; then the blocks of the update. Below, the
// playhead.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/export.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/one_step/one_step.h"
#include "web/views/view.h"

namespace unroll {
namespace {

constexpr float narrowest = 11, widest = 30;  // columns
constexpr float symbol_row = 18, strip = 7;   // the text's rows; a layer's ‖h‖
constexpr float left_gutter = 108, right_gutter = 40;

/// Everything that the lanes' pictures share.
struct Scene {
  App& app;
  const Moments& moments;
  size_t moment;
  std::vector<std::optional<Walk>> walks;
  Phase phase;
  size_t character;                    // at the playhead
  float least_loss = 0, top_loss = 0;  // ends of the axes
  float top_hidden = 0;
  Decades gradient = {}, block_weights = {}, block_gradient = {}, block_update = {}, block_ratio = {};
  ImDrawList* draw = nullptr;
  float left = 0, right = 0;  // of the columns
  float column = 0, scroll = 0;
  float block_row = 21;  // height of a row of the update

  float x_of(size_t t) const { return left + static_cast<float>(t) * column - scroll; }
  float loss_share(float loss) const { return (loss - least_loss) / std::max(top_loss - least_loss, 1e-9f); }
  bool forward_shown(size_t t) const { return phase != Phase::forward || t <= character; }
  bool backward_shown(size_t t) const {
    return phase == Phase::update || (phase == Phase::backward && t >= character);
  }
};

Scene scene_of(App& app, const OneStep& one, const Moments& moments) {
  Scene scene{app, moments, one.moment, {}, moments.phase(one.moment), moments.character(one.moment)};
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    scene.walks.push_back(walk_of(app.session, i));
    const auto& walk = scene.walks.back();
    if (!walk) continue;
    for (float loss : walk->losses) {
      scene.least_loss = std::min(scene.least_loss, loss);
      scene.top_loss = std::max(scene.top_loss, loss);
    }
    for (float norm : walk->hidden) scene.top_hidden = std::max(scene.top_hidden, norm);
    for (float norm : walk->gradient) scene.gradient.take(static_cast<double>(norm));
    for (const BlockNorms& block : walk->blocks) {
      scene.block_weights.take(static_cast<double>(block.weights));
      scene.block_gradient.take(static_cast<double>(block.gradient));
      scene.block_update.take(static_cast<double>(block.update));
      scene.block_ratio.take(static_cast<double>(block.ratio));
    }
  }
  for (double ratio : {least_ratio, most_ratio}) scene.block_ratio.take(ratio);
  for (Decades* decades : {&scene.gradient, &scene.block_weights, &scene.block_gradient, &scene.block_update,
                           &scene.block_ratio})
    decades->widen();
  return scene;
}

/// The lane whose text stands above all: the chosen one where it walked.
const Walk* text_of(const Scene& scene) {
  if (const auto& chosen = scene.walks[scene.app.chosen.lane]) return &*chosen;
  for (const auto& walk : scene.walks)
    if (walk) return &*walk;
  return nullptr;
}

void gutter_label(const Scene& scene, float y, float height, const char* label, const std::string& value) {
  const Palette& p = palette();
  const float x = scene.left - left_gutter;
  const float middle = std::round(y + (height - 15) / 2);
  draw_text(scene.draw, Face::small, {x, middle}, solid(p.dim), label);
  if (value.empty()) return;
  const float width = text_size(Face::small, value.c_str()).x;
  draw_text(scene.draw, Face::small, {scene.left - 8 - width, middle}, solid(p.text), value.c_str());
}

void draw_symbols_row(const Scene& scene, const std::u32string& text, float y) {
  const Palette& p = palette();
  for (size_t t = 0; t < text.size(); ++t) {
    const float x = scene.x_of(t);
    if (x + scene.column < scene.left || x > scene.right) continue;
    const bool here =
        t == scene.character && (scene.phase == Phase::forward || scene.phase == Phase::backward);
    if (here)
      scene.draw->AddRectFilled({x, y}, {x + scene.column, y + symbol_row},
                                faded(p.accent, p.dark ? 0.5f : 0.18f), 3);
    draw_symbol(scene.draw, {x, y}, {scene.column, symbol_row}, text[t], p.text,
                scene.forward_shown(t) ? 1.0f : 0.22f);
  }
}

void draw_lane_tracks(const Scene& scene, size_t index, const Walk& walk, float y, float track) {
  const Palette& p = palette();
  const Rgb colour = p.lane(scene.app.session.lanes[index]->colour);
  ImDrawList* draw = scene.draw;
  const size_t T = walk.characters(), here = std::min(scene.character, T - 1);
  const bool reads = scene.phase == Phase::forward || scene.phase == Phase::backward;
  const float strips = strip * static_cast<float>(walk.layers);
  const float loss_end = y + track, strips_begin = loss_end + 4, gradient_begin = strips_begin + strips + 4,
              gradient_end = gradient_begin + track;
  gutter_label(scene, y, track, "loss",
               reads ? figure(scene.app.in_units(static_cast<double>(walk.losses[here])))
               : scene.phase == Phase::loss ? figure(scene.app.in_units(walk.mean_loss()))
                                            : "");
  gutter_label(scene, strips_begin, strips, "|h|",
               reads ? figure(static_cast<double>(walk.hidden[(walk.layers - 1) * T + here])) : "");
  gutter_label(scene, gradient_begin, track, "gradient",
               scene.phase == Phase::backward ? figure(static_cast<double>(walk.gradient[here])) : "");
  for (float end : {loss_end, gradient_end})
    draw->AddLine({scene.left, end}, {scene.right, end}, solid(p.border));
  // Ends of the axes.
  const auto axis = [&](float at, const std::string& text) {
    draw_text(draw, Face::small, {scene.right + 6, at - 7.5f}, solid(p.dim), text.c_str());
  };
  axis(y + 7, figure(scene.app.in_units(static_cast<double>(scene.top_loss))));
  if (scene.least_loss < 0)
    axis(loss_end - 7, figure(scene.app.in_units(static_cast<double>(scene.least_loss))));
  axis(gradient_begin + 7, figure(scene.gradient.high));
  axis(gradient_end - 7, figure(scene.gradient.low));
  const int decades = static_cast<int>(std::lround(std::log10(scene.gradient.high / scene.gradient.low)));
  for (int i = 0; i < decades; ++i) {
    const float at =
        std::round(gradient_begin + track * static_cast<float>(i) / static_cast<float>(decades)) + 0.5f;
    draw->AddLine({scene.left, at}, {scene.right, at}, faded(p.border, 0.7f));
  }

  draw->PushClipRect({scene.left, y - 2}, {scene.right, gradient_end + 1}, true);
  for (size_t t = 0; t < T; ++t) {
    const float x = scene.x_of(t), wide = scene.column - (scene.column > 6 ? 2.0f : 1.0f);
    if (x + scene.column < scene.left || x > scene.right) continue;
    const float opacity = reads && t == here ? 1.0f : 0.6f;
    if (scene.forward_shown(t)) {
      const float high = std::max(1.5f, track * scene.loss_share(walk.losses[t]));
      if (std::isfinite(walk.losses[t]))
        draw->AddRectFilled({x + 1, loss_end - high}, {x + 1 + wide, loss_end}, faded(colour, opacity), 1.5f);
      for (size_t l = 0; l < walk.layers; ++l) {
        const float share = walk.hidden[l * T + t] / std::max(scene.top_hidden, 1e-9f);
        const float top = strips_begin + strip * static_cast<float>(l);
        draw->AddRectFilled({x, top}, {x + scene.column, top + strip - 1}, solid(p.ramp.at(share)));
      }
    }
    if (scene.backward_shown(t)) {
      const float high = std::max(1.5f, track * scene.gradient.share(static_cast<double>(walk.gradient[t])));
      draw->AddRectFilled({x + 1, gradient_end - high}, {x + 1 + wide, gradient_end}, faded(colour, opacity),
                          1.5f);
    }
  }
  if (reads) {
    const float x = std::round(scene.x_of(here)) + 0.5f;
    draw->AddRect({x - 1, y - 1}, {x + scene.column, gradient_end}, solid(p.accent_text), 3, 0, 1.2f);
  }
  if (scene.phase == Phase::loss) {
    const float at = loss_end - track * scene.loss_share(static_cast<float>(walk.mean_loss()));
    draw->AddLine({scene.left, at}, {scene.right, at}, solid(p.text), 1.5f);
  }
  draw->PopClipRect();
}

/// What every lane says about one character.
void read_character(const Scene& scene, size_t t) {
  const Palette& p = palette();
  const Walk* shared = text_of(scene);
  if (!shared || t >= shared->characters()) return;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    const bool probable = !scene.app.numbers();  // a loss is −ln of a probability
    std::string head = scene.app.task().looks.column + (" " + std::to_string(t + 1));
    if (!shared->numbered)
      head += ": reads " + symbol_name(shared->text[t]) + ", expected " + symbol_name(shared->targets[t]);
    ui::label(head.c_str(), p.text, Face::text);
    if (ImGui::BeginTable("character", probable ? 5 : 4, ImGuiTableFlags_SizingFixedFit)) {
      for (const char* word : {"", "loss", "probability", "|h|", "gradient"}) {
        if (!probable && word == std::string_view("probability")) continue;
        ImGui::TableNextColumn();
        ui::label(word, p.dim, Face::small);
      }
      for (size_t i = 0; i < scene.walks.size(); ++i) {
        const auto& walk = scene.walks[i];
        if (!walk || t >= walk->characters()) continue;
        ImGui::TableNextColumn();
        ui::label(scene.app.session.lane_name(i).c_str(), p.lane(scene.app.session.lanes[i]->colour),
                  Face::strong);
        const auto loss = static_cast<double>(walk->losses[t]);
        std::vector<std::string> values = {figure(scene.app.in_units(loss))};
        if (probable) values.push_back(std::isfinite(loss) ? percent(std::exp(-loss)) : "–");
        values.push_back(
            figure(static_cast<double>(walk->hidden[(walk->layers - 1) * walk->characters() + t])));
        values.push_back(figure(static_cast<double>(walk->gradient[t])));
        for (const std::string& value : values) {
          ImGui::TableNextColumn();
          ui::label(value.c_str(), p.text, Face::mono);
        }
      }
      ImGui::EndTable();
    }
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

/// Lines broken at spaces only: "0.50%" stays whole.
void draw_lines(ImDrawList* draw, ImVec2 at, ImU32 colour, const std::string& words, float width) {
  std::string line;
  for (size_t begin = 0; begin <= words.size();) {
    const size_t end = std::min(words.find(' ', begin), words.size());
    const std::string longer = line + (line.empty() ? "" : " ") + words.substr(begin, end - begin);
    if (!line.empty() && text_size(Face::small, longer.c_str()).x > width) {
      draw_text(draw, Face::small, at, colour, line.c_str());
      at.y += 15;
      line = words.substr(begin, end - begin);
    } else {
      line = longer;
    }
    begin = end + 1;
  }
  draw_text(draw, Face::small, at, colour, line.c_str());
}

/// Lane name and caption, in `room` of height: one line, or the name and two lines below it.
void draw_lane_head(const Scene& scene, size_t index, ImVec2 at, float width, float room) {
  const Palette& p = palette();
  const LaneView& lane = *scene.app.session.lanes[index];
  const std::string name = scene.app.session.lane_name(index);
  draw_text(scene.draw, Face::strong, at, solid(p.lane(lane.colour)), name.c_str());
  std::string words;
  Rgb ink = p.text;
  if (scene.walks[index]) {
    words = caption(scene.app, index, *scene.walks[index], scene.moments, scene.moment);
    if (const Walk* shared = text_of(scene); shared->text != scene.walks[index]->text)
      words = "at step " + std::to_string(scene.walks[index]->step) + ", another text: " + words;
  } else {
    const auto& error = scene.app.session.answer(index, "walk").error;
    words = error ? error->text() : "did not walk this step";
    ink = p.warning;
  }
  const float after = text_size(Face::strong, name.c_str()).x + space::m;
  if (room < 24 + symbol_row) {
    draw_text(scene.draw, Face::text, at + ImVec2(after, 0), solid(ink),
              ui::shortened(words, width - after).c_str());
  } else {
    draw_lines(scene.draw, at + ImVec2(0, 20), solid(ink), words, width);
  }
}

void draw_tracks(Scene& scene, ImVec2 min, ImVec2 size, bool narrow) {
  const Walk* shared = text_of(scene);
  if (!shared) return;
  scene.left = min.x + left_gutter;
  scene.right = min.x + size.x - right_gutter;
  const float room = scene.right - scene.left, T = static_cast<float>(scene.moments.characters);
  scene.column = std::clamp(room / T, narrowest, widest);
  const float whole = scene.column * T;
  scene.right = std::min(scene.right, scene.left + whole);
  const float middle = (static_cast<float>(scene.character) + 0.5f) * scene.column - room / 2;
  scene.scroll = whole > room ? std::round(std::clamp(middle, 0.0f, whole - room)) : 0;

  gutter_label(scene, min.y, symbol_row, shared->numbered ? scene.app.task().looks.column : "reads", "");
  if (!shared->numbered) gutter_label(scene, min.y + symbol_row, symbol_row, "expected", "");
  scene.draw->PushClipRect({scene.left, min.y}, {scene.right, min.y + size.y}, true);
  draw_symbols_row(scene, shared->text, min.y);
  if (!shared->numbered) draw_symbols_row(scene, shared->targets, min.y + symbol_row);
  scene.draw->PopClipRect();

  const auto lanes = static_cast<float>(scene.walks.size());
  const float head = narrow ? 54.0f : 20.0f, top = min.y + 2 * symbol_row + 4;
  const float each = (min.y + size.y - top) / lanes;
  for (size_t i = 0; i < scene.walks.size(); ++i) {
    const float y = top + each * static_cast<float>(i);
    draw_lane_head(scene, i, {min.x, y + 2}, size.x, head);
    if (!scene.walks[i]) continue;
    const float strips = strip * static_cast<float>(scene.walks[i]->layers);
    const float track = std::clamp((each - head - strips - 16) / 2, 18.0f, 64.0f);
    draw_lane_tracks(scene, i, *scene.walks[i], y + head + 4, track);
    ui::register_widget("one_step.lane" + std::to_string(i), {scene.left, y}, {scene.right, y + each});
  }
}

/// A lane's blocks: norms and what the update was beside them.
void draw_update(const Scene& scene, size_t index, ImVec2 min, float width, bool narrow) {
  const Palette& p = palette();
  ImDrawList* draw = scene.draw;
  draw_lane_head(scene, index, min, width, narrow || width < 700 ? 54.0f : 20.0f);
  float y = min.y + (narrow || width < 700 ? 56.0f : 24.0f);
  if (!scene.walks[index]) return;
  const Walk& walk = *scene.walks[index];
  const Rgb colour = p.lane(scene.app.session.lanes[index]->colour);
  const float names = std::clamp(width * 0.26f, 84.0f, 150.0f), gap = 6;
  const float cell = (width - names - 3 * gap) / 4;
  constexpr const char* heads[] = {"weights", "gradient", "update", "upd. / weights"};
  for (size_t c = 0; c < 4; ++c)
    draw_text(draw, Face::small, {min.x + names + (cell + gap) * static_cast<float>(c), y}, solid(p.dim),
              c == 3 && cell < 80 ? "ratio" : heads[c]);
  y += 18;
  const size_t here = scene.moments.block(scene.moment);
  const float high = scene.block_row - 2;
  for (size_t b = 0; b < walk.blocks.size(); ++b, y += scene.block_row) {
    const BlockNorms& block = walk.blocks[b];
    const float opacity = b <= here ? 1.0f : 0.28f;
    if (b == here)
      draw->AddRectFilled({min.x - 4, y - 1}, {min.x + width + 4, y + scene.block_row - 1},
                          faded(p.accent, p.dark ? 0.22f : 0.10f), 4);
    std::string name = short_name(block.name);
    {
      const WithFont small(Face::small);
      name = ui::shortened(name, names - 4);
    }
    draw_text(draw, Face::small, {min.x, std::round(y + (high - 15) / 2)}, faded(p.text, opacity),
              name.c_str());
    const double values[] = {static_cast<double>(block.weights), static_cast<double>(block.gradient),
                             static_cast<double>(block.update), static_cast<double>(block.ratio)};
    const Decades* axes[] = {&scene.block_weights, &scene.block_gradient, &scene.block_update,
                             &scene.block_ratio};
    for (size_t c = 0; c < 4; ++c) {
      const ImVec2 at(min.x + names + (cell + gap) * static_cast<float>(c), y);
      const std::string text =
          c == 3 && std::isfinite(values[c]) ? percent(values[c]) : figure(values[c], cell < 56 ? 2 : 3);
      draw_bar(draw, at, {cell, high}, axes[c]->share(values[c]), colour, text, opacity);
      if (c == 3) {  // where learning is healthy
        const float x = std::round(at.x + cell * axes[c]->share(healthy_ratio)) + 0.5f;
        draw->AddLine({x, at.y}, {x, at.y + high}, faded(p.text, 0.55f * opacity));
      }
    }
  }
}

float update_height(const Scene& scene, float width, bool narrow) {
  return (narrow || width < 700 ? 56.0f : 24.0f) + 18 +
         scene.block_row * static_cast<float>(scene.moments.blocks) + space::s;
}

/// In the place of the picture, while there is none: what the view is for, what it waits for, or what went wrong.
void draw_invitation(const App& app, const OneStep& one, ImVec2 min, ImVec2 size) {
  std::string words = one.ran      ? "lanes that are behind catch up first…"
                      : one.wanted ? "waiting for the lanes to pause…"
                      : one.under_way
                          ? "the lanes do the step…"
                          : "Walk one step: every lane does one real training step, and you watch it in "
                            "slow motion. Forward through the characters, the loss, back through time, "
                            "and what the update changes.";
  Rgb ink = palette().dim;
  for (size_t i = 0; i < app.session.lanes.size() && !one.wanted && !one.under_way; ++i)
    if (const auto& error = app.session.answer(i, "walk").error) {
      words = app.session.lane_name(i) + ": " + error->text();
      ink = palette().warning;
    }
  const float width = std::min(size.x, 440.0f);
  const ImVec2 text = ImGui::CalcTextSize(words.c_str(), nullptr, false, width);
  draw_text(ImGui::GetWindowDrawList(), Face::text,
            {min.x + (size.x - text.x) / 2, min.y + (size.y - text.y) / 2}, solid(ink), words.c_str(), width);
}

class OneStepView final : public View {
 public:
  OneStepView()
      : View({.label = "One step",
              .help = {{"One step",
                        "One real training step in slow motion: the characters forward, the loss, the "
                        "gradient back, the update."}},
              .height = 520}) {}
  void draw(App&, ImVec2 size) override;
  void publish(const App& app, Json& state) const override { state["one_step"] = one_step_json(app, one_); }

 private:
  OneStep one_;
};

}  // namespace

void OneStepView::draw(App& app, ImVec2 size) {
  Session& session = app.session;
  OneStep& one = one_;
  update_one_step(app, one);
  ui::begin_card("one_step", "One step", size);
  export_button(app, "one_step", [&app] { return one_step_csv(app.session); });
  const ui::ButtonSpec walk{
      .label = "Walk one step",
      .icon = Icon::forward,
      .tip = "Every lane does one real training step and records it; training pauses first",
      .enabled = !session.text_counts().error && !one.wanted && !one.under_way};
  ui::next_tool(ui::button_width(walk));
  if (ui::button("one_step.walk", walk)) want_walk(app, one);
  const Moments moments = moments_of(session);
  Scene scene = scene_of(app, one, moments);
  if (const Walk* shared = text_of(scene)) {
    const std::string facts = "step " + std::to_string(shared->step) + ", rate " + figure(shared->rate);
    const float width = text_size(Face::small, facts.c_str()).x;
    if (ui::content_width() > 420) {
      ui::next_tool(width + space::s);
      ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (row_height() - 15) / 2);
      ui::label(facts.c_str(), palette().dim, Face::small);
    }
  }
  ui::end_tools();

  const bool narrow = ui::content_width() < 480;
  const float width = ui::content_width(), lanes = static_cast<float>(session.lanes.size());
  const float transport = narrow ? 2 * (row_height() + space::s) : row_height();
  const int columns =
      std::clamp(static_cast<int>((width + space::l) / (260 + space::l)), 1, static_cast<int>(lanes));
  const float table = (width - space::l * static_cast<float>(columns - 1)) / static_cast<float>(columns);
  const float tables = std::ceil(lanes / static_cast<float>(columns)) * update_height(scene, table, narrow);
  const float strips =
      strip * static_cast<float>(
                  std::max_element(session.wanted.lanes.begin(), session.wanted.lanes.end(),
                                   [](const LaneSpec& a, const LaneSpec& b) { return a.layers < b.layers; })
                      ->layers);
  const float least = 2 * symbol_row + 4 + lanes * ((narrow ? 54.0f : 20.0f) + strips + 20 + 2 * 22);
  const float natural = std::max(least + lanes * 24, tables);
  const float room = size.y > 0 ? ImGui::GetContentRegionAvail().y - transport - space::s : natural;
  const float spare = room - tables;
  if (static_cast<int>(lanes) == columns && spare > 0)
    scene.block_row = std::min(26.0f, std::floor(21 + spare / static_cast<float>(moments.blocks + 1)));
  const float needed = std::max(room, scene.phase == Phase::update ? tables : least);

  if (narrow) draw_transport(one, moments, true);  // where the page scrolls it stays in sight
  ImGui::BeginChild("one_step.view", {width, std::max(room, 80.0f)}, ImGuiChildFlags_None,
                    needed > room + 1 ? ImGuiWindowFlags_None
                                      : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  ui::keep_unseen_items();
  scene.draw = ImGui::GetWindowDrawList();
  const ImVec2 min = ImGui::GetCursorScreenPos(), extent(ui::content_width(), needed);
  if (moments.count() == 0 || one.wanted || one.under_way) {
    draw_invitation(app, one, min, {extent.x, room});
    ImGui::Dummy({extent.x, room - 1});
  } else if (scene.phase == Phase::update) {
    if (one.scrolled_to != one.moment) {  // the block in question stays in sight
      const float row = needed * static_cast<float>(moments.block(one.moment)) /
                        static_cast<float>(std::max<size_t>(moments.blocks, 1));
      if (columns == static_cast<int>(lanes)) ImGui::SetScrollY(std::max(0.0f, row - room / 2));
      one.scrolled_to = one.moment;
    }
    const float cell = (extent.x - space::l * static_cast<float>(columns - 1)) / static_cast<float>(columns);
    const float height = update_height(scene, cell, narrow);
    for (size_t i = 0; i < scene.walks.size(); ++i)
      draw_update(scene, i,
                  min + ImVec2((cell + space::l) * static_cast<float>(static_cast<int>(i) % columns),
                               height * static_cast<float>(static_cast<int>(i) / columns)),
                  cell, narrow);
    ImGui::Dummy({extent.x, needed - 1});
  } else {
    draw_tracks(scene, min, extent, narrow);
    ImGui::SetCursorScreenPos({scene.left, min.y});
    ImGui::InvisibleButton("one_step.columns", {std::max(scene.right - scene.left, 1.0f), needed - 1});
    ui::register_widget("one_step.columns", ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
    const float pointer = ImGui::GetIO().MousePos.x;
    const auto pointed =
        static_cast<size_t>(std::max(0.0f, (pointer - scene.left + scene.scroll) / scene.column));
    if (ImGui::IsItemHovered() && !touch_targets() && !one.playing) read_character(scene, pointed);
    if (ImGui::IsItemDeactivated() && !ui::drag_scrolling() &&
        ImGui::GetIO().MouseDragMaxDistanceSqr[0] < 16 && pointed < moments.characters)
      go_to_moment(one, scene.phase == Phase::backward ? 2 * moments.characters - pointed : pointed);
  }
  ui::scroll_by_drag();
  ImGui::EndChild();
  if (!narrow) draw_transport(one, moments, false);
  ui::end_card();
}

std::unique_ptr<View> make_step_view() { return std::make_unique<OneStepView>(); }

}  // namespace unroll
