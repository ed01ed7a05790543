#include "web/toolkit/focus.h"

#include <imgui_internal.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace unroll::ui {
namespace {

struct Stop {
  std::string name, group;
  Spoken spoken;
  ImGuiID item, scope;
  ImGuiWindow* window;
  ImRect place;  // relative to the window
  bool enabled;  // else Tab goes past it, also from it when it had the focus before
};

struct Walking {
  std::vector<Stop> stops;      // of the last whole frame
  std::vector<Stop> gathering;  // of the frame that is drawn now
  bool used = false;  // until something was, a focus that is not shown is only what Dear ImGui begins with
  ImGuiID walked_to = 0;
  int later = 0;                    // a direction to walk in when what was typed before has arrived
  std::vector<std::string> groups;  // that are open
  std::string said_name, said_group, said_state;
};
Walking walking;

/// All, or those of the menu or dialog that is open.
std::vector<const Stop*> reachable() {
  const auto& popups = ImGui::GetCurrentContext()->OpenPopupStack;
  std::vector<const Stop*> stops;
  for (const Stop& stop : walking.stops)
    if (popups.empty() || stop.window->RootWindow == popups.back().Window) stops.push_back(&stop);
  return stops;
}

/// The control with the focus, while it is shown.
const Stop* shown_focus() {
  const ImGuiContext& context = *ImGui::GetCurrentContext();
  if (context.NavDisableHighlight) return nullptr;
  for (const Stop& stop : walking.stops)
    if (stop.item == context.NavId) return &stop;
  return nullptr;
}

/// A press of the pointer came before and is not drawn yet: it may move the focus.
bool press_waits() {
  const auto& queue = ImGui::GetCurrentContext()->InputEventsQueue;
  return std::any_of(queue.begin(), queue.end(), [](const ImGuiInputEvent& event) {
    return event.Type == ImGuiInputEventType_MouseButton;
  });
}

bool is_inside(const ImGuiWindow* window, const ImGuiWindow* outer) {
  while (window && window != outer) window = window->ParentWindow;
  return window != nullptr;
}

void focus(ImGuiID item, ImGuiID scope, ImGuiWindow* window, const ImRect& place) {
  ImGuiContext& context = *ImGui::GetCurrentContext();
  walking.used = true;
  if (context.ActiveId != item) ImGui::ClearActiveID();
  if (context.NavWindow != window) ImGui::FocusWindow(window);
  ImGui::SetNavID(item, ImGuiNavLayer_Main, scope, place);
}

void walk_to(const Stop& stop) {
  ImGuiContext& context = *ImGui::GetCurrentContext();
  focus(stop.item, stop.scope, stop.window, stop.place);
  ImGui::ScrollToRectEx(stop.window, ImGui::WindowRectRelToAbs(stop.window, stop.place),
                        ImGuiScrollFlags_KeepVisibleEdgeX | ImGuiScrollFlags_KeepVisibleEdgeY);
  context.NavDisableHighlight = false;
  context.NavDisableMouseHover = context.NavMousePosDirty = true;  // until the pointer moves
  walking.walked_to = stop.item;
}

}  // namespace

SpokenGroup::SpokenGroup(std::string_view title) { walking.groups.emplace_back(title); }
SpokenGroup::~SpokenGroup() { walking.groups.pop_back(); }

void add_stop(std::string_view name, Spoken spoken) {
  const ImGuiContext& context = *ImGui::GetCurrentContext();
  ImGuiWindow* window = context.CurrentWindow;
  const ImGuiLastItemData& item = context.LastItemData;
  if (window->SkipItems || item.ID == 0 || (item.InFlags & ImGuiItemFlags_NoNav)) return;
  for (const Stop& stop : walking.gathering)
    if (stop.item == item.ID) return;
  std::string group;
  for (const std::string& title : walking.groups) group += (group.empty() ? "" : ", ") + title;
  walking.gathering.push_back(
      {std::string(name), std::move(group), std::move(spoken), item.ID, context.CurrentFocusScopeId, window,
       ImGui::WindowRectAbsToRel(window, item.Rect), (item.InFlags & ImGuiItemFlags_Disabled) == 0});
}

void keep_unseen_items() {
  ImGuiWindow* window = ImGui::GetCurrentWindowRead();
  if (window->HiddenFramesCanSkipItems > 0 && !window->ParentWindow->SkipItems) window->SkipItems = false;
}

void end_stops() {
  if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) walking.used = true;
  walking.stops.swap(walking.gathering);
  walking.gathering.clear();
  if (!walking.later || !ImGui::GetCurrentContext()->InputEventsQueue.empty()) return;
  if (!walk(std::exchange(walking.later, 0))) ImGui::ClearActiveID();
}

bool walk(int direction) {
  ImGuiContext& context = *ImGui::GetCurrentContext();
  if (context.IO.WantTextInput ? !context.InputEventsQueue.empty() : press_waits()) {
    walking.later = direction;
    return true;
  }
  const bool popup = !context.OpenPopupStack.empty();
  const std::vector<const Stop*> stops = reachable();
  const auto count = static_cast<std::ptrdiff_t>(stops.size());
  const bool chosen = walking.used || !context.NavDisableHighlight;
  const auto at_focus = [&](const Stop* stop) { return chosen && stop->item == context.NavId; };
  // Where the focus is on no control, the first one of the card that it is in comes next.
  const auto in_focus = [&](const Stop* stop) {
    return stop->window->ChildId == context.NavId || is_inside(stop->window, context.NavWindow);
  };
  auto at = std::find_if(stops.begin(), stops.end(), at_focus) - stops.begin();
  if (at == count) {
    at = std::find_if(stops.begin(), stops.end(), in_focus) - stops.begin();
    if (at == count) at = 0;
    if (direction > 0) --at;
  }
  for (std::ptrdiff_t passed = 0; passed < count; ++passed) {
    at += direction;
    if (popup) at = (at + count) % count;
    if (at < 0 || at >= count) break;
    const Stop& stop = *stops[static_cast<size_t>(at)];
    if (!stop.enabled) continue;
    walk_to(stop);
    return true;
  }
  if (popup) return true;
  context.NavDisableHighlight = true;
  return false;
}

void walk_in(int direction) {
  std::vector<const Stop*> stops = reachable();
  if (direction < 0) std::reverse(stops.begin(), stops.end());
  const auto first = std::find_if(stops.begin(), stops.end(), [](const Stop* stop) { return stop->enabled; });
  if (first != stops.end()) walk_to(**first);
}

void focus_named(std::string_view name) {
  const auto at = std::find_if(walking.stops.begin(), walking.stops.end(),
                               [&](const Stop& stop) { return stop.name == name; });
  if (at != walking.stops.end()) focus(at->item, at->scope, at->window, at->place);
}

std::string focused() {
  const Stop* stop = shown_focus();
  return stop ? stop->name : std::string();
}

bool focus_is_field() {
  const Stop* stop = shown_focus();
  return stop && stop->spoken.field;
}

std::string take_spoken(bool field_has_keyboard) {
  const Stop* stop = shown_focus();
  if (!stop) {
    walking.said_name.clear();
    return {};
  }
  std::string now;
  if (stop->name != walking.said_name) {
    if (stop->group != walking.said_group && !stop->group.empty()) now = stop->group + ": ";
    now += stop->spoken.text + (stop->spoken.state.empty() ? "" : ", " + stop->spoken.state);
  } else if (stop->spoken.state != walking.said_state) {
    now = stop->spoken.state;
  }
  walking.said_name = stop->name;
  walking.said_group = stop->group;
  walking.said_state = stop->spoken.state;
  return field_has_keyboard ? std::string() : now;
}

bool walked_to(ImGuiID item) {
  if (walking.walked_to != item || ImGui::GetCurrentContext()->NavId != item) return false;
  walking.walked_to = 0;
  return true;
}

void focus_item() {
  const ImGuiContext& context = *ImGui::GetCurrentContext();
  const ImGuiLastItemData& item = context.LastItemData;
  if (context.NavId == item.ID || context.CurrentWindow->SkipItems) return;
  focus(item.ID, context.CurrentFocusScopeId, context.CurrentWindow,
        ImGui::WindowRectAbsToRel(context.CurrentWindow, item.Rect));
}

void bring_item() {
  focus_item();
  ImGui::ScrollToItem(ImGuiScrollFlags_KeepVisibleEdgeX | ImGuiScrollFlags_KeepVisibleEdgeY);
  walking.walked_to = ImGui::GetItemID();
}

}  // namespace unroll::ui
