#include "web/views/predict/recorder.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "engine/tasks/sound_features.h"
#include "engine/tasks/sound_lines.h"
#include "web/session/json_read.h"
#include "web/toolkit/heatmap.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/predict/drawing.h"
#include "web/views/predict/teaching.h"
#include "web/views/published.h"

namespace unroll {

/// What is heard, as a picture.
class SoundPicture {
 public:
  /// (N, bands), normalised.
  void set(std::span<const float> columns) {
    if (std::ranges::equal(columns, shown_)) return;
    shown_.assign(columns.begin(), columns.end());
    const size_t count = columns.size() / sound_bands;
    std::vector<float> values(columns.size());
    for (size_t n = 0; n < count; ++n)
      for (size_t band = 0; band < sound_bands; ++band)
        values[(sound_bands - 1 - band) * count + n] = columns[n * sound_bands + band];
    heat_.set(values, sound_bands, count, ++version_);
  }
  void draw(ImDrawList* draw, const ImRect& area) {
    const Palette& p = palette();
    heat_.draw(draw, area.Min, area.Max, {0, static_cast<double>(heat_.columns()), 0, sound_bands},
               {-1.8f, 2.2f, &p.ramp, p.inset});
  }

 private:
  std::vector<float> shown_;
  Heatmap heat_;  // (bands, columns), the highest first
  int64_t version_ = 0;
};

/// What is being recorded, and the pictures of what was heard.
struct Recorder {
  bool on = false;       ///< somebody pressed Record, and it has not ended
  bool teaches = false;  ///< it becomes one to learn from when it ends
  int rate = 0;
  std::vector<float> samples;
  bool asking = false;  ///< the browser asks its user
  std::string trouble;  ///< why nothing is recorded, and what to do
  size_t heard = 0;     ///< samples of which own.text tells
  std::string shown;    ///< what `own` shows, as a text of columns
  SoundPicture own, example;
};

namespace {

constexpr const char* question = "own";
constexpr double longest_word = 3.2, longest_string = 10.2;  // seconds of a recording, silence included
constexpr size_t silence_after_word = 25, silence_after_string = 50;  // columns that end it
constexpr float example_height = 56;
constexpr const char* speaker = "me";

/// Of what was heard, or where the lane has not read the last columns yet, of what was heard before them.
std::optional<Verdict> own_verdict(const App& app, size_t index, const OwnSequence& own) {
  const Answer& answer = app.session.answer(index, question);
  if (own.text.empty() || read::text(answer.header, "text").empty()) return std::nullopt;
  return verdict_of(answer, *app.session.lanes[index]);
}

void begin(Recorder& recorder, OwnSequence& own, bool teaches) {
  recorder.on = true;
  recorder.teaches = teaches;
  recorder.samples.clear();
  recorder.heard = 0;
  recorder.trouble.clear();
  own.text.clear();
  platform::open_microphone();
}

/// One says a string of words, and not a word to learn from.
bool records_string(const App& app, const Recorder& recorder) {
  return app.task().looks.strings && !recorder.teaches;
}

/// What all of it is heard as. Gives whether that is the end.
bool hear(const App& app, Recorder& recorder, OwnSequence& own) {
  const bool string = records_string(app, recorder);
  recorder.heard = recorder.samples.size();
  const std::vector<float> columns = sound_columns(recorder.samples, recorder.rate);
  if (is_spoken(columns))
    own.text = sound_text(spoken_part(columns), string ? most_string_columns : most_sound_columns);
  return has_fallen_silent(columns, string ? silence_after_string : silence_after_word) ||
         static_cast<double>(recorder.heard) >
             (string ? longest_string : longest_word) * static_cast<double>(recorder.rate);
}

void end(App& app, Recorder& recorder, OwnSequence& own) {
  platform::close_microphone();
  recorder.on = recorder.asking = false;
  if (recorder.samples.empty()) return;  // stopped before there was a microphone
  if (recorder.heard < recorder.samples.size()) hear(app, recorder, own);
  if (own.text.empty()) {
    recorder.trouble =
        "Nothing was heard but silence. Speak closer to the microphone, or choose another one in the "
        "browser.";
  } else if (recorder.teaches) {
    teach(app.session, own.sign, speaker + ("\t" + own.text), "recordings");
  }
}

/// Takes what the microphone heard; it ends by itself when a word was said, or a string of them.
void listen(App& app, Recorder& recorder, OwnSequence& own) {
  platform::Microphone now = platform::microphone();
  recorder.asking = now.state == platform::Microphone::State::asking;
  if (now.state == platform::Microphone::State::off) {
    recorder.on = false;
    recorder.trouble = now.trouble;
    return;
  }
  if (now.heard.empty()) return;
  recorder.rate = now.rate;
  recorder.samples.insert(recorder.samples.end(), now.heard.begin(), now.heard.end());
  constexpr size_t often =
      40;  // all of it is heard anew when a fortieth is new: so the whole costs what forty do
  if ((recorder.samples.size() - recorder.heard) * often < recorder.samples.size()) return;
  if (hear(app, recorder, own)) end(app, recorder, own);
}

/// What was heard, high sounds above low ones; below it how sure each lane was after each column.
void draw_heard(const App& app, Recorder& recorder, const OwnSequence& own, float height) {
  const Palette& p = palette();
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const float width = ui::content_width();
  const ImRect area(min, min + ImVec2(width, height));
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(area.Min, area.Max, solid(p.inset), corner());
  ImGui::Dummy(area.GetSize());
  std::string spoken = own.text.empty() ? "nothing was recorded" : "";
  if (own.text.empty()) {
    const std::string words = recorder.asking ? "The browser asks whether this page may hear: allow it"
                              : recorder.on
                                  ? records_string(app, recorder) ? "Say some words now" : "Say the word now"
                                  : "What is heard shows here";
    draw_text(draw, Face::text, area.GetCenter() - text_size(Face::text, words.c_str()) / 2, solid(p.dim),
              words.c_str());
  } else {
    if (own.text != recorder.shown) {
      recorder.shown = own.text;
      recorder.own.set(normalised_sound(read_sound_text(own.text, most_string_columns)));
    }
    recorder.own.draw(draw, area);
  }
  float line = area.Min.y + space::s;
  for (size_t i = 0; i < app.session.lanes.size(); ++i)
    if (const auto verdict = own_verdict(app, i, own)) {
      const LaneView& lane = *app.session.lanes[i];
      const std::string words = told(*verdict, lane);
      spoken += (spoken.empty() ? "" : "; ") + app.session.lane_name(i) + ": " + words;
      const float left = area.Max.x - space::m - text_size(Face::strong, words.c_str()).x;
      draw->AddRectFilled({left - 4, line - 1}, {area.Max.x - space::s, line + 17}, faded(p.inset, 0.85f), 4);
      draw_text(draw, Face::strong, {left, line}, solid(p.lane(lane.colour)), words.c_str());
      line += 20;
    }
  ui::register_widget("sound.heard", {"What was heard", spoken});
}

void draw_buttons(App& app, Recorder& recorder, OwnSequence& own) {
  const bool recording = recorder.on && !recorder.teaches;
  if (ui::button(
          "sound.record",
          {.label = recording ? "Stop" : "Record",
           .icon = recording ? Icon::pause : Icon::play,
           .look = ui::Look::primary,
           .tip = app.task().looks.strings
                      ? "Say words of these one after the other: what the lanes read shows while you speak"
                      : "Say a word: what the lanes take it for shows while you speak",
           .enabled = !recorder.on || recording})) {
    if (recording)
      end(app, recorder, own);
    else
      begin(recorder, own, false);
  }
  ImGui::SameLine();
  if (ui::button("sound.clear", {.label = "Clear",
                                 .icon = Icon::close,
                                 .tip = "Forget what was heard",
                                 .enabled = !own.text.empty() && !recorder.on}))
    own.text.clear();
  if (!recorder.trouble.empty())
    write(Face::small, palette().error, recorder.trouble.c_str(), ui::content_width());
}

/// A word's name, and a button that records one to learn from.
void draw_teaching(App& app, Recorder& recorder, OwnSequence& own) {
  const bool teaching = recorder.on && recorder.teaches;
  const ui::ButtonSpec keep{.label = teaching ? "Stop" : "Teach it",
                            .icon = teaching ? Icon::pause : Icon::plus,
                            .tip = "Record this word as one to learn from: five times each are enough",
                            .enabled = teaching || (!recorder.on && !clean_name(own.sign).empty())};
  name_field("sound.name", "Word of your own", "A word, then say it", ui::button_width(keep),
             longest_sound_name, own.sign);
  ImGui::SameLine();
  if (ui::button("sound.teach", keep)) {
    if (teaching)
      end(app, recorder, own);
    else
      begin(recorder, own, true);
  }
  draw_taught(app.session, own.sign, "recording", "say it");
}

}  // namespace

void draw_recorder(App& app, OwnSequence& own, float room) {
  Session& session = app.session;
  if (own.task != app.task().name) own = {.task = app.task().name, .text = "", .sign = own.sign};
  if (!own.recorder) own.recorder = std::make_shared<Recorder>();
  Recorder& recorder = *own.recorder;
  if (recorder.on) listen(app, recorder, own);
  const float most = touch_targets() ? 180 : 130;
  draw_heard(app, recorder, own, room > 0 ? std::clamp(room * 0.3f, 80.0f, most) : most);
  draw_buttons(app, recorder, own);
  draw_teaching(app, recorder, own);
  for (size_t i = 0; i < session.lanes.size() && !own.text.empty(); ++i) {
    if (session.lanes[i]->task.name != app.task().name) continue;
    session.ask(i, question, {{"type", "example"}, {"text", own.text}});
    const ui::SpokenGroup group(session.lane_name(i));
    draw_verdict(app, i, own_verdict(app, i, own), "own.lane" + std::to_string(i));
  }
  ImGui::Dummy({0, space::s});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddLine(at, at + ImVec2(ui::content_width(), 0), solid(palette().border));
  ImGui::Dummy({0, space::xs});
}

void draw_heard_example(const App& app, OwnSequence& own, const ExampleView& example) {
  if (!own.recorder || !app.task().looks.heard || example.reals.size() != example.size() * sound_bands)
    return;
  const ImVec2 min = ImGui::GetCursorScreenPos(), size(ui::content_width(), example_height);
  own.recorder->example.set(example.reals);
  own.recorder->example.draw(ImGui::GetWindowDrawList(), {min, min + size});
  ImGui::Dummy(size);
}

Json recorder_json(const App& app, const OwnSequence& own) {
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const auto verdict = own_verdict(app, i, own);
    if (!verdict) {
      lanes.push_back(nullptr);
      continue;
    }
    const LaneView& lane = *app.session.lanes[i];
    lanes.push_back({{"read", read::text(app.session.answer(i, question).header, "text")},
                     {"verdict", told(*verdict, lane)},
                     {"way", way(*verdict, lane)}});
  }
  const Recorder* recorder = own.recorder.get();
  return {{"text", own.text},
          {"recording", recorder && recorder->on},
          {"asking", recorder && recorder->asking},
          {"trouble", recorder ? recorder->trouble : ""},
          {"lanes", std::move(lanes)},
          {"sign", own.sign},
          {"known", count_taught(app.session.wanted.data.text, own.sign)}};
}

}  // namespace unroll
