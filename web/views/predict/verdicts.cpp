#include "web/views/predict/verdicts.h"

#include <algorithm>
#include <cmath>

#include "web/session/json_read.h"
#include "web/session/scores.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/published.h"

namespace unroll {
namespace {

constexpr const char* question = "own";
constexpr size_t longest = 2000;  // bytes

/// Words, or what else is read, each with the share of the second answer after it.
struct Running {
  std::vector<std::string> words;
  std::vector<bool> unknown;  ///< read as the symbol of what is not known
  std::vector<float> second;
};

/// From the values of an `example` event: inputs, targets, weights, and two outputs each.
std::optional<Running> running_of(const Answer& answer, const LaneView& lane, size_t n) {
  if (lane.task.outputs != 2 || lane.task.reals || lane.task.numbers() || n == 0 ||
      answer.values.size() != 5 * n)
    return std::nullopt;
  Running running;
  const auto outputs = std::span(answer.values).last(2 * n);
  for (size_t t = 0; t < n; ++t) running.second.push_back(outputs[2 * t + 1]);
  return running;
}

/// The words in their colours, wrapped; below them what the colours mean where `key`.
void draw_words(const Running& running, const LaneView& lane, bool key) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float room = ui::content_width();
  constexpr float height = 22, gap = 3;
  ImVec2 at = start;
  for (size_t t = 0; t < running.words.size(); ++t) {
    const std::string& word = running.words[t];
    const float width = std::max(text_size(Face::text, word.c_str()).x, 8.0f) + 6;
    if (at.x + width > start.x + room && at.x > start.x) at = {start.x, at.y + height + gap};
    const Rgb shade = p.diverging.at(running.second[t]);
    draw->AddRectFilled(at, at + ImVec2(width, height), solid(shade), 4);
    draw_text(draw, Face::text, at + ImVec2(3, 2), solid(ink_on(shade)), word.c_str());
    if (t < running.unknown.size() && running.unknown[t])  // read as "?"
      for (float x = at.x + 3; x < at.x + width - 3; x += 5)
        draw->AddLine({x, at.y + height - 3}, {std::min(x + 2.5f, at.x + width - 3), at.y + height - 3},
                      solid(ink_on(shade)));
    at.x += width + gap;
  }
  ImGui::Dummy({room, at.y + height - start.y});
  if (!key) return;
  ImVec2 place = ImGui::GetCursorScreenPos();
  for (size_t id = 0; id < 2; ++id) {
    const std::string name = "rather " + symbol_text(lane.vocabulary[id]);
    draw->AddRectFilled(place + ImVec2(0, 3), place + ImVec2(12, 13),
                        solid(p.diverging.at(id == 0 ? 0.1f : 0.9f)), 3);
    draw_text(draw, Face::small, place + ImVec2(17, 0), solid(p.dim), name.c_str());
    place.x += 17 + text_size(Face::small, name.c_str()).x + space::l;
  }
  ImGui::Dummy({room, 16});
}

/// "good, 93%": the answer after the last word.
std::string verdict(const LaneView& lane, float second) {
  const size_t id = second > 0.5f ? 1 : 0;
  return symbol_text(lane.vocabulary[id]) + ", " +
         whole_percent(static_cast<double>(id == 1 ? second : 1 - second));
}

/// What a lane made of the sequence as it stands in the field.
std::optional<Running> own_running(const App& app, size_t index, const OwnSequence& own) {
  const Answer& answer = app.session.answer(index, question);
  const LaneView& lane = *app.session.lanes[index];
  if (answer.error || read::text(answer.header, "text") != own.text) return std::nullopt;
  const std::vector<std::string> words = read::texts(answer.header, "columns");
  auto running = running_of(answer, lane, words.size());
  if (!running) return std::nullopt;
  running->words = words;
  for (size_t t = 0; t < words.size(); ++t) {
    const auto id = static_cast<size_t>(std::max(answer.values[t], 0.0f));
    running->unknown.push_back(id < lane.inputs.size() && symbol_text(lane.inputs[id]) != words[t]);
  }
  return running;
}

}  // namespace

bool draw_running(const App& app, size_t index) {
  const LaneView& lane = *app.session.lanes[index];
  const ExampleView* example = app.example();
  const Answer& answer = app.session.answer(index, "running");
  if (!example || read::integer(answer.header, "index", -1) != example->number) return false;
  auto running = running_of(answer, lane, example->size());
  if (!running) return false;
  for (const char32_t symbol : example->inputs) running->words.push_back(symbol_text(symbol));
  draw_words(*running, lane, index + 1 == app.session.lanes.size());
  return true;
}

void draw_own_sequence(App& app, OwnSequence& own) {
  const Palette& p = palette();
  Session& session = app.session;
  const bool empty = !own_field(app, own, touch_targets() ? 64.0f : 48.0f, longest);
  bool unknown = false;
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    if (empty || session.lanes[i]->task.name != own.task) continue;
    session.ask(i, question, {{"type", "example"}, {"text", own.text}});
    const LaneView& lane = *session.lanes[i];
    const auto running = own_running(app, i, own);
    const std::string name = session.lane_name(i),
                      says = running ? verdict(lane, running->second.back()) : "…";
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList* draw = ImGui::GetWindowDrawList();
    draw_text(draw, Face::strong, at, solid(p.lane(lane.colour)), name.c_str());
    draw_text(draw, Face::text, at + ImVec2(text_size(Face::strong, name.c_str()).x + space::s, 0),
              solid(p.text), says.c_str());
    ImGui::Dummy({ui::content_width(), 18});
    if (running) {
      draw_words(*running, lane, i + 1 == session.lanes.size());
      for (const bool one : running->unknown) unknown |= one;
    }
    ui::register_widget("own.lane" + std::to_string(i), at,
                        {at.x + ui::content_width(), ImGui::GetCursorScreenPos().y});
  }
  if (unknown) ui::dim("Dotted: not in the training part, so read as unknown.");
  ImGui::Dummy({0, space::s});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddLine(at, at + ImVec2(ui::content_width(), 0), solid(p.border));
  ImGui::Dummy({0, space::xs});
}

Json own_sequence_json(const App& app, const OwnSequence& own) {
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto running = own_running(app, i, own);
    if (!running) {
      lanes.push_back(nullptr);
      continue;
    }
    lanes.push_back({{"words", running->words},
                     {"second", list_json(running->second)},
                     {"verdict", verdict(*app.session.lanes[i], running->second.back())}});
  }
  return {{"text", own.text}, {"lanes", std::move(lanes)}};
}

Json held_out_json(const App& app) {
  Json lanes = Json::array();
  for (const auto& lane : app.session.lanes) {
    const auto& score = lane->scores.newest();
    if (!score) {
      lanes.push_back(nullptr);
      continue;
    }
    Json others = Json::object();
    for (const auto& [name, value] : score->others) others[name] = number_or_null(value);
    lanes.push_back({{score->name, number_or_null(score->value)}, {"others", std::move(others)}});
  }
  return {{"lanes", std::move(lanes)}};
}

void draw_held_out(const App& app) {
  const Palette& p = palette();
  const Session& session = app.session;
  const ScoreView* any = nullptr;
  for (const auto& lane : session.lanes)
    if (lane->scores.newest()) any = &*lane->scores.newest();
  if (!any) return;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float width = ui::content_width(),
              cell = std::min(84.0f, width * 0.5f / static_cast<float>(session.lanes.size()));
  const float names = width - cell * static_cast<float>(session.lanes.size());
  const auto row = [&](const std::string& name, Rgb colour, const auto& value_of) {
    const WithFont small(Face::small);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw->AddText(at, solid(colour), ui::shortened(name, names - space::s).c_str());
    for (size_t i = 0; i < session.lanes.size(); ++i) {
      const std::string text = value_of(i);
      const float right = at.x + names + cell * static_cast<float>(i + 1);
      draw->AddText({right - ImGui::CalcTextSize(text.c_str()).x, at.y}, solid(p.text), text.c_str());
    }
    ImGui::Dummy({width, 14});
  };
  ImGui::Dummy({0, space::xs});
  ui::label(("Held out, " + ui::count_text(static_cast<double>(any->count))).c_str(), p.text, Face::strong);
  row("", p.dim, [&](size_t i) { return ui::shortened(session.lane_name(i), cell - space::s); });
  const auto told = [&](size_t i, int other) {
    const auto& score = session.lanes[i]->scores.newest();
    if (!score) return std::string("–");
    const auto at = static_cast<size_t>(other);
    return score_text(other < 0                   ? score->value
                      : at < score->others.size() ? score->others[at].second
                                                  : NAN,
                      score->unit);
  };
  row(any->name, p.text, [&](size_t i) { return told(i, -1); });
  for (size_t o = 0; o < any->others.size(); ++o)
    row(any->others[o].first, p.dim, [&](size_t i) { return told(i, static_cast<int>(o)); });
  if (!session.baselines) return;
  std::string without;
  for (const BaselineView& one : session.baselines->all)
    if (one.of.empty())
      without += (without.empty() ? "Without a network: " : ", ") + one.name + " " +
                 score_text(one.value, any->unit);
  if (!without.empty()) ui::dim((without + ".").c_str());
}

}  // namespace unroll
