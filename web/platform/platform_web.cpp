// The browser: WebGL 2 on the page's canvas, input from DOM events, everything else by the page's `host` object
// (web/page/bridge.mjs), whose functions are called through the one-liners of platform_web_host.h.
#include <GLES3/gl3.h>
#include <emscripten.h>
#include <emscripten/html5.h>
#include <imgui.h>
#include <imgui_impl_opengl3.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "web/platform/pace.h"
#include "web/platform/platform.h"
#include "web/platform/platform_picture.h"
#include "web/platform/platform_web_host.h"
#include "web/platform/platform_web_input.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/theme.h"

namespace unroll::platform {
namespace {

struct Web {
  Program program;
  double last_frame = 0;
  Pace pace;
  Colours colours{};
  std::map<std::string, std::string, std::less<>> fields;  // the text that each DOM field holds
  std::string typed_in;                                    // the field with the keyboard,
  ImVec2 typed_room;                                       // … its height and the canvas's,
  int brings = 0;                     // … and frames in which it may be out of sight because these changed
  std::function<void(Picture)> take;  // wants the next frame
  bool pictured = false;              // this frame is one for a picture
  int64_t graphics = 0;               // the generation that Dear ImGui's objects are of
};
Web web;

/// A string that a host function made with stringToNewUTF8, or nothing.
std::optional<std::string> taken(char* text) {
  if (!text) return std::nullopt;
  std::string copy(text);
  std::free(text);
  return copy;
}

std::vector<uint8_t> taken(uint8_t* bytes, int size) {
  std::vector<uint8_t> copy;
  if (!bytes) return copy;
  copy.assign(bytes, bytes + size);
  std::free(bytes);
  return copy;
}

// --- Lanes ------------------------------------------------------------------------------------------------------

class WorkerPort final : public LanePort {
 public:
  WorkerPort() : id_(host_open_lane()) {}
  ~WorkerPort() override { host_close_lane(id_); }
  void send(std::vector<uint8_t> command) override {
    host_send_lane(id_, command.data(), static_cast<int>(command.size()));
  }
  bool revive() override { return host_revive_lane(id_); }
  bool poll(std::vector<uint8_t>& event) override {
    int size = 0;
    uint8_t* bytes = host_poll_lane(id_, &size);
    if (!bytes) return false;
    event = taken(bytes, size);
    return true;
  }

 private:
  int id_;
};

/// Bytes that the page holds.
class PageBytes final : public HeldBytes {
 public:
  explicit PageBytes(int held) : held(held), size_(static_cast<uint64_t>(host_held_size(held))) {}
  ~PageBytes() override { host_drop_held(held); }
  uint64_t size() const override { return size_; }
  const int held;

 private:
  const uint64_t size_;
};

void add_parts(std::span<const Part> parts) {
  for (const Part& part : parts) {
    host_add_bytes(part.bytes.data(), static_cast<int>(part.bytes.size()));
    if (part.held) host_add_held(static_cast<const PageBytes&>(*part.held).held);
  }
}

// --- Frames -----------------------------------------------------------------------------------------------------

const char* css_cursor() {
  switch (ImGui::GetMouseCursor()) {
    case ImGuiMouseCursor_TextInput:
      return "text";
    case ImGuiMouseCursor_ResizeEW:
      return "ew-resize";
    case ImGuiMouseCursor_ResizeNS:
      return "ns-resize";
    case ImGuiMouseCursor_Hand:
      return "pointer";
    case ImGuiMouseCursor_NotAllowed:
      return "not-allowed";
    default:
      return "default";
  }
}

/// Whether what is drawn now cannot be changed.
bool locked() { return (ImGui::GetCurrentContext()->CurrentItemFlags & ImGuiItemFlags_Disabled) != 0; }

/// Whether a popup, a modal window or a tool tip lies over a part of the rectangle.
bool covered(const ImRect& rect, bool by_tooltips) {
  const ImGuiContext& context = *ImGui::GetCurrentContext();
  const ImGuiWindow* mine = ImGui::GetCurrentWindowRead()->RootWindow;
  if (const ImGuiWindow* modal = ImGui::GetTopMostAndVisiblePopupModal(); modal && modal->RootWindow != mine)
    return true;
  bool above = false;
  for (const ImGuiWindow* window : context.Windows) {
    if (window->RootWindow == mine) above = true;
    if (!above || window->RootWindow == mine || !window->WasActive || window->Hidden) continue;
    if (!by_tooltips && (window->Flags & ImGuiWindowFlags_Tooltip)) continue;
    if (window->Rect().Overlaps(rect)) return true;
  }
  return false;
}

/// The field's text as a picture, where the DOM field would cover something.
void draw_stand_in(const TextField& field, const std::string& text, const ImRect& rect) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const ImVec2 at = rect.Min + ImVec2(9, 7);
  if (text.empty()) {
    draw_text(draw, Face::text, at, solid(web.colours.dim), field.placeholder, rect.GetWidth() - 18);
    return;
  }
  const float line = 12.5f * 1.4f;
  const auto rows = static_cast<size_t>(std::max(1.0f, rect.GetHeight() / line));
  const float room = rect.GetWidth() - 18;
  const auto columns = static_cast<size_t>(std::max(1.0f, room / mono_advance()));
  const std::u32string symbols = to_symbols(std::string_view(text).substr(0, rows * columns * 4));
  draw->PushClipRect(rect.Min, rect.Max, true);
  float y = at.y - (line_height() - line) / 2;
  for (const TextLine& row : lay_out(symbols, room)) {
    draw_line(draw, {at.x, y}, room, symbols, row, web.colours.text);
    y += line;
    if (y > rect.Max.y) break;
  }
  draw->PopClipRect();
}

/// The size of the frame in device pixels.
std::pair<int, int> pixels() {
  const ImGuiIO& io = ImGui::GetIO();
  return {static_cast<int>(std::lround(io.DisplaySize.x * io.DisplayFramebufferScale.x)),
          static_cast<int>(std::lround(io.DisplaySize.y * io.DisplayFramebufferScale.y))};
}

void render() {
  const ImVec4 page = ImGui::ColorConvertU32ToFloat4(solid(web.colours.page));
  const auto [width, height] = pixels();
  glViewport(0, 0, width, height);
  glClearColor(page.x, page.y, page.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace

/// Makes a frame, and draws it where it can be drawn and seen; called by the page. Returns when the next one is wanted: 0 = not by itself, 1 = at once, -1 = at once, for
/// input that waits, else in so many milliseconds.
extern "C" EMSCRIPTEN_KEEPALIVE int unroll_frame() {
  host_fit_canvas();
  ImGuiIO& io = ImGui::GetIO();
  const double now = seconds();
  io.DeltaTime = static_cast<float>(std::clamp(now - web.last_frame, 1e-4, 1.0));
  web.last_frame = now;
  const float ratio = pixel_ratio();
  io.DisplaySize = {static_cast<float>(host_width()), static_cast<float>(host_height())};
  io.DisplayFramebufferScale = {ratio, ratio};
  const bool draws = host_draws();
  const auto take = draws ? std::exchange(web.take, nullptr) : nullptr;
  const ImVec2 pointer = io.MousePos;
  web.pictured = take != nullptr;
  if (take) io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
  if (draws && web.graphics != graphics_generation()) {  // Dear ImGui makes them anew in its NewFrame
    host_forget_graphics();
    ImGui_ImplOpenGL3_DestroyDeviceObjects();
    web.graphics = graphics_generation();
  }
  web.program.prepare();
  if (draws) ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
  const bool again = web.program.frame();
  ImGui::Render();
  host_set_cursor(css_cursor());
  if (draws) render();
  if (take) {
    const auto [width, height] = pixels();
    take(read_picture(width, height));
    io.AddMousePosEvent(pointer.x, pointer.y);
  }
  const bool more_input = !ImGui::GetCurrentContext()->InputEventsQueue.empty();  // it takes them one by one
  web.pace.drew(now, seconds() - now, again);
  if (more_input) return -1;
  const double wait = web.pace.wait(seconds());
  return wait < 0 ? 0 : wait * 1000 < 2 ? 1 : static_cast<int>(wait * 1000) + 1;
}

int run(int, char**, const char*, const Program& program) {
  web.program = program;
  EmscriptenWebGLContextAttributes attributes;
  emscripten_webgl_init_context_attributes(&attributes);
  attributes.majorVersion = 2;
  attributes.enableExtensionsByDefault = false;  // asking for each of thirty waits for the graphics process
  attributes.alpha = attributes.depth = attributes.stencil = attributes.antialias = false;
  emscripten_webgl_make_context_current(emscripten_webgl_create_context("#canvas", &attributes));
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.BackendPlatformName = "unroll_web";
  io.BackendFlags |= ImGuiBackendFlags_HasMouseCursors;
  io.SetClipboardTextFn = [](void*, const char* text) { host_set_clipboard(text); };
  io.GetClipboardTextFn = [](void*) { return ""; };
  ImGui_ImplOpenGL3_Init("#version 300 es");
  listen_for_input(web.pace);
  web.program.init();
  emscripten_exit_with_live_runtime();  // does not return; the page calls unroll_frame from now on
}

std::unique_ptr<LanePort> open_lane() { return std::make_unique<WorkerPort>(); }
Held hold(int64_t held, std::vector<uint8_t>) { return std::make_shared<PageBytes>(static_cast<int>(held)); }
void wake() { host_wake(); }
void wake_in(double delay) {
  web.pace.at(seconds() + delay);
  host_wake_in(delay);
}
double seconds() { return emscripten_get_now() / 1000; }
void take_picture(std::function<void(Picture)> take) {
  web.take = std::move(take);
  web.pace.input();
}

int64_t graphics_generation() { return host_graphics_generation(); }

float pixel_ratio() { return static_cast<float>(host_pixel_ratio()); }
bool prefers_dark() { return host_prefers_dark(); }
bool prefers_reduced_motion() { return host_prefers_reduced_motion(); }
bool touch_first() { return host_touch_first(); }
void set_colours(const Colours& c) {
  web.colours = c;
  host_set_colours(c.dark, c.page, c.field, c.text, c.dim, c.border, c.accent);
}

// --- Text fields ------------------------------------------------------------------------------------------------

/// A field with the keyboard that grew by what is typed, or whose canvas shrank for a phone's keyboard, is scrolled into
/// sight and keeps the keyboard meanwhile. One that was scrolled away is not.
bool bring(const TextField& field, float height, bool in_sight) {
  const ImVec2 room(height, ImGui::GetMainViewport()->Size.y);
  const bool changed = web.typed_in == field.id && ImLengthSqr(room - web.typed_room) > 0;
  web.typed_in = field.id;
  web.typed_room = room;
  web.brings = in_sight ? 0 : changed ? 6 : std::max(web.brings - 1, 0);
  if (web.brings > 0) ui::bring_item();
  return web.brings > 0;
}

bool text_field(const TextField& field, std::string& text) {
  const float height = field.height > 0 ? field.height : row_height();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImRect rect(at, at + ImVec2(field.width, height));
  const bool chosen = ImGui::InvisibleButton(field.id, rect.GetSize());  // for the keyboard and the layout
  const ImGuiID item = ImGui::GetItemID();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(rect.Min, rect.Max, solid(web.colours.field), corner());
  draw->AddRect(rect.Min, rect.Max, solid(web.colours.border), corner());
  ImGui::RenderNavHighlight(rect, item);
  ImRect inside = ImGui::GetCurrentWindowRead()->ClipRect;
  inside.Expand(1);
  auto known = web.fields.find(field.id);
  const bool has_keyboard = host_field_is_focused(field.id);
  if (has_keyboard) ui::focus_item();  // Tab goes on from here
  const bool brought = has_keyboard && bring(field, height, inside.Contains(rect));
  const bool free = !locked() && (inside.Contains(rect) || brought) && !covered(rect, !has_keyboard);
  if (!free || web.pictured) draw_stand_in(field, text, rect);
  if (free) {
    const float size = touch_targets() ? 16.0f : 12.5f;  // below 16, phones zoom into a focused field
    host_place_field(field.id, field.label, field.placeholder, at.x, at.y, field.width, height,
                     field.height > 0, field.monospace, size, static_cast<double>(field.max_bytes));
    if (known == web.fields.end() || known->second != text) {
      host_set_field(field.id, text.data(), static_cast<int>(text.size()));
      known = web.fields.insert_or_assign(field.id, text).first;
    }
    if (chosen || ui::walked_to(item)) host_focus_field(field.id);
  } else if (chosen) {
    ui::bring_item();
  }
  const auto edit = taken(host_take_field_edit(field.id));
  if (!edit || *edit == text) return false;
  text = *edit;
  web.fields.insert_or_assign(field.id, text);
  return true;
}

NumberEdit number_field(const NumberField& field) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImRect rect(at, at + ImVec2(field.width, field.height));
  const bool chosen = ImGui::InvisibleButton(field.id, rect.GetSize());  // a pointer is the page's affair
  const ImGuiID item = ImGui::GetItemID();
  const bool by_key =
      ImGui::GetIO().NavVisible && ImGui::IsItemFocused() && !ImGui::IsKeyDown(ImGuiKey_Space);
  ImGui::RenderNavHighlight(rect, item);
  ImRect inside = ImGui::GetCurrentWindowRead()->ClipRect;
  inside.Expand(1);
  NumberEdit edit;
  const bool has_keyboard = host_field_is_focused(field.id);
  if (has_keyboard) ui::focus_item();  // Tab goes on from here
  edit.typing = has_keyboard && !web.pictured;
  const bool free = !locked() && inside.Contains(rect) && !covered(rect, false);
  const double size = touch_targets() ? 16 : 12.5;  // below 16, phones zoom into a focused field
  host_place_number(field.id, field.label, field.range, at.x, at.y, field.width, field.height, size, free,
                    field.integer, field.minimum, field.maximum, field.value, field.typed, field.shown);
  // A tap on one that is cut off: the page knows those only that are whole.
  if (chosen && !free && ImGui::GetIO().MouseDragMaxDistanceSqr[0] < 64) ui::bring_item();
  if (ui::walked_to(item) || (chosen && by_key)) host_focus_field(field.id);
  while (const auto done = taken(host_take_number(field.id))) {
    if (done->starts_with('=')) edit.typed = done->substr(1), edit.steps = 0;
    if (*done == ">") ++edit.steps;
    if (*done == "<") --edit.steps;
  }
  return edit;
}

void focus_field(const char* id) { host_focus_field(id); }
bool field_focused() { return host_field_focused(); }

// --- Files and the rest -----------------------------------------------------------------------------------------

void set_clipboard(const std::string& text) { host_set_clipboard(text.c_str()); }
void save_file(const std::string& name, std::span<const uint8_t> bytes, const char* mime) {
  host_save_file(name.c_str(), bytes.data(), static_cast<int>(bytes.size()), mime);
}
void save_file(const std::string& name, std::span<const Part> parts, const char* mime) {
  add_parts(parts);
  host_save_parts(name.c_str(), mime);
}
bool can_open_files() { return true; }
void open_file() { host_open_file(); }
std::optional<File> take_file() {
  char *name = nullptr, *record = nullptr;
  uint8_t* bytes = nullptr;
  bool older = false;
  const int size = host_take_file(&name, &bytes, &record, &older);
  if (size < 0) return std::nullopt;
  return File{taken(name).value_or(""), taken(bytes, size), taken(record).value_or(""), older};
}

void open_microphone() { host_open_microphone(); }
void close_microphone() { host_close_microphone(); }
Microphone microphone() {
  Microphone now{.state = static_cast<Microphone::State>(host_microphone_state()),
                 .rate = host_microphone_rate(),
                 .trouble = taken(host_microphone_trouble()).value_or("")};
  int count = 0;
  while (float* samples = host_take_sound(&count)) {
    now.heard.insert(now.heard.end(), samples, samples + count);
    std::free(samples);
  }
  return now;
}

std::optional<std::string> take_kept() { return taken(host_take_kept()); }
std::string keep(const std::string& record, const std::string& about, std::span<const Part> file) {
  add_parts(file);
  return taken(host_keep(record.c_str(), about.c_str())).value_or("");
}
void open_kept(const std::string& record, bool older) { host_open_kept(record.c_str(), older); }
void export_kept(const std::string& record, const std::string& name) {
  host_export_kept(record.c_str(), name.c_str());
}
void forget_kept(const std::string& record) { host_forget_kept(record.c_str()); }
void switch_keeping(bool on) { host_switch_keeping(on); }
const KeepingWords& keeping_words() {
  static constexpr KeepingWords words = {"in this browser",
                                         " The browser may remove it: keep files of what matters.",
                                         "a reload or a closed tab"};
  return words;
}
bool take_hiding() { return host_take_hiding(); }
std::string kept_note(const char* name) { return taken(host_kept_note(name)).value_or(""); }
void keep_note(const char* name, const std::string& text) { host_keep_note(name, text.c_str()); }
bool shows_lessons() { return true; }

std::optional<std::string> take_experiment() { return taken(host_take_experiment()); }
void remember_experiment(const std::string& json) { host_remember_experiment(json.c_str()); }
bool share(const std::string& json) {
  host_share(json.c_str());
  return false;
}

void announce(const std::string& status) { host_announce(status.c_str()); }
void say(const std::string& text) { host_announce(text.c_str()); }
void publish_state(const std::string& json) { host_publish_state(json.c_str()); }
void publish_widgets(const std::string& json) { host_publish_widgets(json.c_str()); }
std::optional<std::string> take_action() { return taken(host_take_action()); }

std::optional<Glyph> draw_glyph(const std::string& utf8, float em) {
  int facts[5] = {};
  double advance = 0;
  uint8_t* bytes = host_draw_glyph(utf8.c_str(), static_cast<double>(em), facts, &advance);
  if (!bytes) return std::nullopt;
  Glyph glyph{facts[0], facts[1], facts[2], facts[3], static_cast<float>(advance), facts[4] != 0, {}};
  glyph.rgba = taken(bytes, 4 * glyph.width * glyph.height);
  return glyph;
}

bool asset_is_coming(const char* name) { return host_asset_is_coming(name) != 0; }

std::vector<uint8_t> asset(const char* name) {
  int size = 0;
  uint8_t* bytes = host_asset(name, &size);
  return taken(bytes, size);
}
const char* shader_prefix() {
  return "#version 300 es\nprecision highp float;\nprecision highp int;\nprecision highp sampler2D;\n";
}

}  // namespace unroll::platform
