#include "web/platform/platform_web_input.h"

#include <emscripten/html5.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <cctype>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "web/platform/platform.h"
#include "web/toolkit/focus.h"

// clang-format off
EM_JS(void, focus_canvas, (), { document.getElementById('canvas').focus({ preventScroll: true }); });
EM_JS(bool, canvas_has_focus, (), { return document.activeElement?.id === 'canvas'; });
EM_JS(bool, field_has_focus, (), { return !!document.activeElement?.closest('#fields'); });
/// The keyboard belongs to the canvas unless another element of the page has the focus.
EM_JS(bool, canvas_has_keyboard, (), {
  const focused = document.activeElement;
  return !focused || focused === document.body || focused.id === 'canvas';
});
/// The key that is pressed now belongs to an input method (web/page/fields.mjs, composes).
EM_JS(bool, key_composes, (), {
  const event = globalThis.event;
  return !!event && (event.isComposing || event.keyCode === 229);
});
EM_JS(void, enter_field, (const char* id), { Module.host.focusField(UTF8ToString(id)); });
/// Where the canvas begins in the page: a lesson may stand above it.
EM_JS(double, canvas_top, (), { return Module.host.top; });
/// The page stands in another one, which the wheel and the finger scroll where they have no use here.
EM_JS(bool, is_framed, (), { return self !== top; });
// clang-format on

namespace unroll::platform {
namespace {

constexpr const char* canvas = "#canvas";
Pace* pace = nullptr;
bool escaped = false;  // after Escape, Tab leaves the canvas
/// The direction in which the browser's Tab goes through the page; 0: Tab stays in the canvas and its fields.
int page_walks = 0;

ImGuiIO& noted_input() {
  pace->input();
  pace->at(seconds() + 0.55);  // for tool tips, which wait for the pointer to rest
  return ImGui::GetIO();
}

bool on_mouse(int type, const EmscriptenMouseEvent* event, void*) {
  ImGuiIO& io = noted_input();
  io.AddMouseSourceEvent(ImGuiMouseSource_Mouse);
  const ImVec2 at(static_cast<float>(event->clientX), static_cast<float>(event->clientY - canvas_top()));
  // Beside the canvas, over a lesson, nothing of it is hovered; but a drag goes on there.
  const bool inside = at.x >= 0 && at.y >= 0 && at.x < io.DisplaySize.x && at.y < io.DisplaySize.y;
  if (type == EMSCRIPTEN_EVENT_MOUSEMOVE && event->buttons == 0 && !inside)
    io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
  else
    io.AddMousePosEvent(at.x, at.y);
  const int button = event->button == 2 ? 1 : event->button == 1 ? 2 : 0;
  if (type == EMSCRIPTEN_EVENT_MOUSEDOWN || type == EMSCRIPTEN_EVENT_MOUSEUP)
    io.AddMouseButtonEvent(button, type == EMSCRIPTEN_EVENT_MOUSEDOWN);
  if (type == EMSCRIPTEN_EVENT_MOUSELEAVE) io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
  return false;  // the browser gives the canvas the focus
}

bool on_press(int, const EmscriptenMouseEvent*, void*) {
  escaped = false;
  page_walks = 0;
  return false;
}

/// The window under a place that the wheel or a finger could scroll; with `by`, only one that is not at its end in
/// that direction (negative: towards the top).
bool scrolls_at(ImVec2 at, float by = 0) {
  const ImGuiContext& context = *ImGui::GetCurrentContext();
  for (int i = context.Windows.Size - 1; i >= 0; --i) {
    const ImGuiWindow* window = context.Windows[i];
    if (!window->WasActive || window->Hidden || !window->OuterRectClipped.Contains(at)) continue;
    for (; window; window = window->ParentWindow) {
      const float rest = by < 0 ? window->Scroll.y : window->ScrollMax.y - window->Scroll.y;
      if (window->ScrollMax.y > 0 && (by == 0 || rest >= 1)) return true;
    }
    return false;
  }
  return false;
}

/// Whether the finger on the screen is for this page. In a frame a vertical drag scrolls the page around it unless the
/// view under it scrolls that way; taps and horizontal drags are always for this one. The first move decides.
bool finger_is_ours = true, finger_moves = false;
ImVec2 finger_start;

bool on_touch(int type, const EmscriptenTouchEvent* event, void*) {
  ImGuiIO& io = noted_input();
  if (event->numTouches < 1) return false;
  const EmscriptenTouchPoint& finger = event->touches[0];
  const ImVec2 at(static_cast<float>(finger.targetX), static_cast<float>(finger.targetY));
  io.AddMouseSourceEvent(ImGuiMouseSource_TouchScreen);
  if (type == EMSCRIPTEN_EVENT_TOUCHCANCEL) {  // the browser scrolls: nothing was pressed
    io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
    io.AddMouseButtonEvent(0, false);
    return false;
  }
  io.AddMousePosEvent(at.x, at.y);
  if (type == EMSCRIPTEN_EVENT_TOUCHSTART) {
    finger_start = at;
    finger_is_ours =
        !is_framed();  // until it moves: what the page takes here, the browser never scrolls with
    finger_moves = false;
    focus_canvas();  // a field lets go, and the keyboard on the screen goes away
    io.AddMouseButtonEvent(0, true);
  }
  if (type == EMSCRIPTEN_EVENT_TOUCHEND) {
    io.AddMouseButtonEvent(0, false);
    io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);  // nothing is hovered when no finger is there
    return true;                              // no mouse events for the same tap
  }
  if (type == EMSCRIPTEN_EVENT_TOUCHMOVE && !finger_moves && at.y != finger_start.y) {
    finger_moves = true;
    finger_is_ours = !is_framed() || scrolls_at(finger_start, finger_start.y - at.y);
  }
  return finger_is_ours;
}

/// Whether the wheel does something where the pointer is; else it scrolls the page that embeds this one.
bool wheel_has_use(const EmscriptenWheelEvent& event) {
  const ImGuiContext& context = *ImGui::GetCurrentContext();
  const ImVec2 at(static_cast<float>(event.mouse.clientX),
                  static_cast<float>(event.mouse.clientY - canvas_top()));
  if (context.ActiveId != 0) return true;
  const bool zooms = event.mouse.ctrlKey || event.mouse.metaKey,
             sideways = std::abs(event.deltaX) > std::abs(event.deltaY);
  if (is_framed() && !zooms && !sideways) return scrolls_at(at, static_cast<float>(event.deltaY));
  return context.HoveredIdPreviousFrame != 0 || scrolls_at(at);
}

bool on_wheel(int, const EmscriptenWheelEvent* event, void*) {
  if (!wheel_has_use(*event)) return false;
  const double notch = event->deltaMode == DOM_DELTA_PIXEL ? 100 : event->deltaMode == DOM_DELTA_LINE ? 3 : 1;
  ImGuiIO& io = noted_input();
  io.AddKeyEvent(ImGuiMod_Ctrl, event->mouse.ctrlKey || event->mouse.metaKey);
  io.AddMouseWheelEvent(static_cast<float>(-event->deltaX / notch),
                        static_cast<float>(-event->deltaY / notch));
  return true;
}

ImGuiKey key_of(std::string_view key) {
  struct Name {
    std::string_view dom;
    ImGuiKey key;
  };
  static constexpr Name names[] = {
      {"ArrowLeft", ImGuiKey_LeftArrow},
      {"ArrowRight", ImGuiKey_RightArrow},
      {"ArrowUp", ImGuiKey_UpArrow},
      {"ArrowDown", ImGuiKey_DownArrow},
      {"PageUp", ImGuiKey_PageUp},
      {"PageDown", ImGuiKey_PageDown},
      {"Home", ImGuiKey_Home},
      {"End", ImGuiKey_End},
      {"Delete", ImGuiKey_Delete},
      {"Backspace", ImGuiKey_Backspace},
      {"Enter", ImGuiKey_Enter},
      {"Escape", ImGuiKey_Escape},
      {" ", ImGuiKey_Space},
      {",", ImGuiKey_Comma},
      {".", ImGuiKey_Period},
      {"/", ImGuiKey_Slash},
      {"?", ImGuiKey_Slash},
      {"-", ImGuiKey_Minus},
      {"[", ImGuiKey_LeftBracket},
      {"]", ImGuiKey_RightBracket},
      {"F1", ImGuiKey_F1},
  };
  for (const Name& name : names)
    if (name.dom == key) return name.key;
  if (key.size() != 1) return ImGuiKey_None;
  const char c = key[0];
  if (c >= 'a' && c <= 'z') return static_cast<ImGuiKey>(ImGuiKey_A + (c - 'a'));
  if (c >= 'A' && c <= 'Z') return static_cast<ImGuiKey>(ImGuiKey_A + (c - 'A'));
  if (c >= '0' && c <= '9') return static_cast<ImGuiKey>(ImGuiKey_0 + (c - '0'));
  return ImGuiKey_None;
}

/// The key as the browser names it, or by its place on the keyboard where it does not (Shift+Tab of GTK).
std::string name_of(const EmscriptenKeyboardEvent& event) {
  const std::string_view key = event.key, code = event.code;
  if (!key.empty() && key != "Unidentified") return std::string(key);
  if (code.starts_with("Key") && code.size() == 4)
    return {static_cast<char>(std::tolower(static_cast<unsigned char>(code[3])))};
  if (code.starts_with("Digit") && code.size() == 6) return {code[5]};
  static constexpr std::pair<std::string_view, std::string_view> others[] = {
      {"Space", " "}, {"Comma", ","},       {"Period", "."},       {"Slash", "/"},
      {"Minus", "-"}, {"BracketLeft", "["}, {"BracketRight", "]"}, {"NumpadEnter", "Enter"}};
  for (const auto& [place, name] : others)
    if (place == code) return std::string(name);
  return std::string(code);  // Tab, Enter, Escape, ArrowUp …
}

/// Tab: within the canvas and the fields that stand over it as they are drawn, at the ends on through the page, which has
/// the buttons before the canvas and the fields behind it. True when the browser must not take it.
bool on_tab(int direction) {
  const bool in_field = field_has_focus();
  const bool leaves = in_field ? page_walks != 0 : !canvas_has_focus() || escaped;
  escaped = false;
  if (leaves) {
    ImGui::GetCurrentContext()->NavDisableHighlight = true;
    page_walks = direction;
    return false;
  }
  if (in_field) focus_canvas();
  noted_input();
  page_walks = ui::walk(direction) ? 0 : direction;
  // A field takes the keyboard now: what is typed before the next frame is meant for it.
  if (page_walks == 0) enter_field(ui::focused().c_str());
  return page_walks == 0;
}

bool on_key(int type, const EmscriptenKeyboardEvent* event, void*) {
  const bool down = type == EMSCRIPTEN_EVENT_KEYDOWN;
  const std::string key = name_of(*event);
  if (down && key_composes()) return key == "Tab";  // nothing leads away from a text that is being composed
  const bool chord = event->ctrlKey || event->metaKey || event->altKey;
  if (key == "Tab") return down && !chord && on_tab(event->shiftKey ? -1 : 1);
  if (down && key == "Escape") page_walks = 0;
  if (down && !canvas_has_keyboard()) return false;
  if (down && key == "Enter" && !chord && ui::focus_is_field()) {
    enter_field(ui::focused().c_str());
    return true;
  }
  constexpr ImGuiPopupFlags any = ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel;
  if (down) escaped = key == "Escape" && !ImGui::IsAnyItemActive() && !ImGui::IsPopupOpen(nullptr, any);
  ImGuiIO& io = noted_input();
  io.AddKeyEvent(ImGuiMod_Ctrl, event->ctrlKey);
  io.AddKeyEvent(ImGuiMod_Shift, event->shiftKey || key == "?");
  io.AddKeyEvent(ImGuiMod_Alt, event->altKey);
  io.AddKeyEvent(ImGuiMod_Super, event->metaKey);
  const ImGuiKey known = key_of(key);
  if (known != ImGuiKey_None) io.AddKeyEvent(known, down);
  const bool symbol = key.size() == 1 || static_cast<unsigned char>(key[0]) >= 0x80;
  if (down && !chord && symbol && io.WantTextInput) io.AddInputCharactersUTF8(key.c_str());
  const bool select_all = event->ctrlKey && key == "a";  // of a number that is typed, never of the page
  // The browser's own undo would reach into a field that has not the keyboard.
  const bool undo = (event->ctrlKey || event->metaKey) && (key == "z" || key == "Z" || key == "y");
  return down && (select_all || undo || (!chord && known != ImGuiKey_None));
}

bool on_focus(int type, const EmscriptenFocusEvent* event, void*) {
  const bool gained = type == EMSCRIPTEN_EVENT_FOCUS;
  noted_input().AddFocusEvent(gained);
  if (gained) ui::focus_named(event->id);  // of a field: from there Tab goes on
  if (gained && page_walks && std::string_view(event->id) == "canvas") {
    ui::walk_in(page_walks);
    page_walks = 0;
    enter_field(ui::focused().c_str());
  }
  return false;
}

}  // namespace

void listen_for_input(Pace& noted) {
  pace = &noted;
  const auto window = EMSCRIPTEN_EVENT_TARGET_WINDOW;
  emscripten_set_mousedown_callback(canvas, nullptr, true, on_mouse);
  emscripten_set_mousedown_callback(window, nullptr, true, on_press);
  emscripten_set_mouseup_callback(window, nullptr, true, on_mouse);
  emscripten_set_mousemove_callback(window, nullptr, true, on_mouse);
  emscripten_set_mouseleave_callback(canvas, nullptr, true, on_mouse);
  emscripten_set_touchstart_callback(canvas, nullptr, true, on_touch);
  emscripten_set_touchmove_callback(canvas, nullptr, true, on_touch);
  emscripten_set_touchend_callback(canvas, nullptr, true, on_touch);
  emscripten_set_touchcancel_callback(canvas, nullptr, true, on_touch);
  emscripten_set_wheel_callback(canvas, nullptr, true, on_wheel);
  emscripten_set_keydown_callback(window, nullptr, true, on_key);
  emscripten_set_keyup_callback(window, nullptr, true, on_key);
  emscripten_set_focus_callback(window, nullptr, true, on_focus);
  emscripten_set_blur_callback(window, nullptr, true, on_focus);
}

}  // namespace unroll::platform
