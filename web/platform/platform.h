// All that differs between the browser and the desktop, and nothing else. Two implementations: platform_web.cpp and
// platform_desktop.cpp; CMake chooses. The front end never asks which one it runs on. Lengths are layout units: CSS
// pixels in the browser, screen coordinates on the desktop. Everything is for the main thread unless it says otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace unroll::platform {

// --- Bytes that are held ------------------------------------------------------------------------------------------

/// Bytes that the platform holds as long as somebody has this: checkpoints, which may be large. In the browser they lie outside
/// of this program's memory, which never shrinks.
class HeldBytes {
 public:
  virtual ~HeldBytes() = default;
  virtual uint64_t size() const = 0;
};
using Held = std::shared_ptr<const HeldBytes>;

/// A file in parts: the bytes, then what is held, which may be null.
struct Part {
  std::vector<uint8_t> bytes;
  Held held = nullptr;
};

// --- Lanes ------------------------------------------------------------------------------------------------------

/// The front end's end of a lane: commands in, events out, both as encoded messages (engine/lane/protocol.h).
/// Owns the thread or worker; destroying it ends that. Commands sent before the lane is ready are kept for it.
///
/// A worker may end by itself. The lane then sends a last event of the platform's own,
///   ended    {what, hint, step}   step: of the state that was kept, −1 = none
/// and hears nothing until it is revived, or configured, which begins anew. Revived from its state it answers
///   revived  as `configured`      paused at the state's step
/// The payload of an event `checkpoint` or `onnx` is held: hold() gives it, once.
class LanePort {
 public:
  virtual ~LanePort() = default;
  virtual void send(std::vector<uint8_t> command) = 0;
  virtual bool poll(std::vector<uint8_t>& event) = 0;  ///< false when no event waits
  virtual bool revive() { return false; }  ///< after `ended`; false: there is no state, configure it
};
std::unique_ptr<LanePort> open_lane();
/// The bytes of such an event: its payload, or in the browser what its header's `held` stands for.
Held hold(int64_t held, std::vector<uint8_t> payload);

// --- Frames -----------------------------------------------------------------------------------------------------

struct Program {
  std::function<void()> init;     ///< after the window, the GL context and ImGui's context exist
  std::function<void()> prepare;  ///< before ImGui::NewFrame: the font atlas may change here
  std::function<bool()>
      frame;  ///< between ImGui::NewFrame and Render; true = another frame at once (animation)
  std::function<void()> shutdown;  ///< before the GL context goes
  /// Desktop: asked once the window was closed, until it says no or some seconds have passed: something is still being kept.
  std::function<bool()> keeps;
};
/// Runs init once and frame for every frame to draw: after input, after wake(), and while frame asks for more.
/// Does not return before the window closes (desktop) or at all (browser).
int run(int argc, char** argv, const char* title, const Program& program);

/// Something changed: draw soon. From any thread. Frames that only wake() asked for are spaced so that drawing takes
/// a small part of the time (desktop: web/platform/pace.h, browser: web/page/bridge.mjs), and never more than 30 a second.
void wake();

void wake_in(double seconds);  ///< one frame then, even if nothing happens
double seconds();              ///< monotonic time

/// Another number when the graphics context was lost: whatever was made in it under an earlier number (textures,
/// programs) is gone and has to be made again. Frames without a context are not rendered. On the desktop always 0.
int64_t graphics_generation();

/// What a frame looks like, in device pixels.
struct Picture {
  int width, height;
  std::vector<uint8_t> rgb;  ///< (height, width, 3), the top row first
};
/// The next frame is drawn for a picture: nothing is pointed at, and text fields are part of it. `take` gets it.
void take_picture(std::function<void(Picture)> take);

// --- Surroundings -----------------------------------------------------------------------------------------------

float pixel_ratio();  ///< device pixels per layout unit
bool prefers_dark();
bool prefers_reduced_motion();
bool touch_first();  ///< coarse pointer: larger targets

/// Colours of everything that the platform draws itself, as 0xRRGGBB.
struct Colours {
  bool dark;
  uint32_t page, field, text, dim, border, accent;
};
void set_colours(const Colours&);

// --- Text fields ------------------------------------------------------------------------------------------------

/// A multi-line or single-line text field at ImGui's cursor position; it becomes ImGui's last item. In the browser it
/// is a DOM element above the canvas (paste, IME, mobile keyboards, undo); where a popup, a modal window or the edge
/// of a scrolled region would cover a part of it, its text is drawn in ImGui instead. On the desktop it is ImGui's.
struct TextField {
  const char* id;           ///< stable name, also its DOM id
  const char* label;        ///< accessible name
  const char* placeholder;  ///< shown while the text is empty
  float width, height;      ///< 0 height = one line
  bool monospace;
  size_t max_bytes;
};
/// Returns true when the user edited `text` since the last call.
bool text_field(const TextField&, std::string& text);

/// A number that can be typed, at ImGui's cursor position; it becomes ImGui's last item, for dragging. The caller draws
/// the number, except while it is typed. In the browser a DOM input above the canvas, on the desktop ImGui's.
struct NumberField {
  const char* id;     ///< stable name, also its DOM id
  const char* label;  ///< accessible name
  const char* range;  ///< what is allowed, in words
  float width, height;
  bool integer;
  double minimum, maximum, value;
  const char* typed;  ///< the value with all its digits, as it is edited
  const char* shown;  ///< as it is drawn, with its unit
};
struct NumberEdit {
  bool typing = false;               ///< it has the keyboard
  std::optional<std::string> typed;  ///< entered since the last call
  int steps = 0;                     ///< of the arrow keys, after that
};
NumberEdit number_field(const NumberField&);

void focus_field(const char* id);
bool field_focused();  ///< some field has the keyboard: single-key shortcuts must wait

// --- Files, clipboard, links --------------------------------------------------------------------------------------

void set_clipboard(const std::string&);
void save_file(const std::string& name, std::span<const uint8_t> bytes, const char* mime);
void save_file(const std::string& name, std::span<const Part> parts, const char* mime);

/// A file that the user opened, dropped on the window, or named on the command line; or what was kept.
struct File {
  std::string name;
  std::vector<uint8_t> bytes;
  std::string record = {};  ///< it was kept in this one
  bool older = false;       ///< … and is the generation before the newest
};
bool can_open_files();  ///< false where there is no file chooser; dropping works everywhere
void open_file();       ///< the user chooses; the file arrives through take_file
std::optional<File> take_file();

/// What the microphone heard since the last call, as the device has it, a channel alone.
struct Microphone {
  enum class State { off, asking, on };
  State state = State::off;
  int rate = 0;  ///< samples a second
  std::string trouble =
      {};  ///< why it is off and what to do, a sentence for people; empty: nobody asked for it
  std::vector<float> heard = {};  ///< samples, −1 … 1
};
/// Within the user's click; a frame comes when it is on, was refused, or heard something. Off again as soon as nobody records.
void open_microphone();
void close_microphone();
Microphone microphone();

/// JSON (not validated) of an experiment that the address, the page's API or a file argument asked for.
std::optional<std::string> take_experiment();
/// Browser: the URL hash, empty = none; desktop: nothing.
void remember_experiment(const std::string& json);
/// Gives the experiment away, within the user's click. The browser copies the page's address with the experiment in it,
/// or offers a file, and says itself what came of it: false. The desktop copies the experiment itself: true.
bool share(const std::string& json);

// --- What is kept for the next visit -------------------------------------------------------------------------------

// Records of whole experiments, each of two generations, so that one is whole whatever happens while the other is written. The
// browser keeps them in IndexedDB (web/page/shelf.mjs), and a record that one page has, no other page writes; the desktop
// keeps files (platform_desktop_kept.h), and there a page is a program that runs.

/// How people are told of it.
struct KeepingWords {
  const char* where;    ///< "in this browser"
  const char* warning;  ///< what else may become of it; empty: nothing
  const char* end;      ///< what takes what is not kept: "a reload or a closed tab"
};
const KeepingWords& keeping_words();

/// What there is, as JSON, when it has changed since the last call:
///   {possible, framed, on, trouble, records: [{id, saved_at, bytes, mine, taken, about}]}
/// possible: there is such a thing here at all. framed: the page is in a frame of another. on: the user's switch. trouble: why
/// nothing can be kept, or was not the last time, in words; empty: nothing. saved_at: seconds since 1970. mine: this page writes it; taken: another
/// page has it. about: as it was given. The newest first.
std::optional<std::string> take_kept();
/// Writes a generation of a record, a new one where `record` is empty; later take_kept tells of it. Which record it is.
std::string keep(const std::string& record, const std::string& about, std::span<const Part> file);
/// The newest generation, or the one before it, comes through take_file, and the record is then this page's.
void open_kept(const std::string& record, bool older);
void export_kept(const std::string& record, const std::string& name);  ///< as save_file
void forget_kept(const std::string& record);                           ///< empty: all of them
void switch_keeping(bool on);
/// Once after the page was hidden, or the window closed: it may not come back.
bool take_hiding();
/// A short text by its name, from an earlier visit; empty: none, or the browser keeps none. Whether anything may be kept is for
/// the caller to ask (web/session/keeper.h).
std::string kept_note(const char* name);
void keep_note(const char* name, const std::string& text);

// --- Lessons ------------------------------------------------------------------------------------------------------

/// Whether there is something beside the canvas that shows lessons (web/page/lesson.mjs): the desktop has none.
bool shows_lessons();

// --- For screen readers, tests and the page's API -----------------------------------------------------------------

void announce(const std::string& status);  ///< in few words: DOM status line; window title on the desktop
void say(const std::string& text);  ///< to screen readers only: DOM status line; nothing on the desktop
void publish_state(const std::string& json);
void publish_widgets(const std::string& json);  ///< {id: [x, y, width, height]} of what is visible
std::optional<std::string> take_action();       ///< id of an action pressed outside the canvas

// --- Glyphs of any script -------------------------------------------------------------------------------------------

/// A picture of a short text in the system's fonts, shaped as the system does it: a grapheme cluster, or a word of a
/// cursive script. In device pixels.
struct Glyph {
  int width = 0, height = 0;  ///< 0: nothing to be seen
  int left = 0, top = 0;      ///< of its corner, from the pen on the baseline, y down
  float advance = 0;          ///< of the pen
  bool coloured = false;      ///< has colours of its own; else it is white, to be tinted
  std::vector<uint8_t> rgba;  ///< (height, width, 4), straight alpha
};
/// `em` in device pixels. Nothing where no font has the text's characters.
std::optional<Glyph> draw_glyph(const std::string& utf8, float em);

// --- Assets -------------------------------------------------------------------------------------------------------

/// Bytes of an asset by name ("fonts/Inter-Regular.otf", "shaders/heatmap.frag", "examples/index.json"); empty when
/// it is missing, or on its way.
std::vector<uint8_t> asset(const char* name);
/// Whether that is being fetched, from the first time that it is asked for on: a large one that few need. A frame comes
/// when it is there, or will not come.
bool asset_is_coming(const char* name);
/// First lines of every shader: the version and precision this platform's GL wants.
const char* shader_prefix();

}  // namespace unroll::platform
