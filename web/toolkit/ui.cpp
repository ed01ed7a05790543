#include "web/toolkit/ui.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "web/platform/platform.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/surface.h"

namespace unroll::ui {
namespace {

struct Card {
  std::string id;
  std::unique_ptr<SpokenGroup> group;
  float tools_right;  // window coordinates, as the next two
  float title_y;
  ImVec2 content;
};

struct State {
  std::map<std::string, ImVec4, std::less<>> widgets;
  std::vector<Card> cards;
  ImGuiID pressed = 0;        // item whose tool tip is quiet
  std::set<ImGuiID> touched;  // windows under the finger when it came down
  ImGuiID scroll_window = 0;  // the one that it scrolls
  bool scrolling = false;
  bool kept = false;  // the finger is an item's (keep_drag)
  std::string said;
};
State state;

constexpr float icon_size = 16;

}  // namespace

// --- The register ---------------------------------------------------------------------------------------------

void register_widget(std::string_view id, ImVec2 min, ImVec2 max) {
  const ImRect clip = ImGui::GetCurrentWindowRead()->ClipRect;
  const ImVec2 a = ImMax(min, clip.Min), b = ImMin(max, clip.Max);
  if (b.x - a.x < 1 || b.y - a.y < 1) return;
  state.widgets.insert_or_assign(std::string(id), ImVec4(a.x, a.y, b.x - a.x, b.y - a.y));
}

void register_widget(std::string_view id, Spoken spoken) {
  register_widget(id, ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
  add_stop(id, std::move(spoken));
}

std::string take_widgets() {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [id, r] : state.widgets)
    all[id] = {std::lround(r.x), std::lround(r.y), std::lround(r.z), std::lround(r.w)};
  state.widgets.clear();
  return all.dump();
}

// --- Cards ----------------------------------------------------------------------------------------------------

namespace {

/// The surface of the child window that has just begun, in place of the one that Dear ImGui draws: on its parent, so
/// below everything that the child draws, its scroll bar too.
void draw_surface() {
  const ImGuiWindow* window = ImGui::GetCurrentWindowRead();
  ImDrawList* draw = window->ParentWindow->DrawList;
  const ImVec2 min = window->Pos, max = window->Pos + window->Size;
  fill_surface(draw, min, max, window->WindowRounding, palette().card);
  draw->AddRect(min, max, solid(palette().border), window->WindowRounding);
}

}  // namespace

void begin_card(const char* id, const char* title, ImVec2 size, bool scrolls) {
  const Palette& p = palette();
  ImGui::PushStyleColor(ImGuiCol_ChildBg, 0u);
  ImGui::PushStyleColor(ImGuiCol_Border, 0u);
  ImGui::PushStyleVar(ImGuiStyleVar_ChildBorderSize, 1);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::l, space::m));
  ImGuiChildFlags flags = ImGuiChildFlags_Border | ImGuiChildFlags_AlwaysUseWindowPadding;
  if (size.y <= 0) flags |= ImGuiChildFlags_AutoResizeY;
  const ImGuiWindowFlags window =
      scrolls ? ImGuiWindowFlags_None : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
  ImGui::BeginChild(id, size, flags, window);
  keep_unseen_items();
  ImGui::PopStyleVar(2);
  ImGui::PopStyleColor(2);
  draw_surface();
  const ImVec2 cursor = ImGui::GetCursorPos();
  const float row = row_height();
  const ImVec2 content(cursor.x, cursor.y + row + space::s);
  state.cards.push_back({id, std::make_unique<SpokenGroup>(title),
                         cursor.x + ImGui::GetContentRegionAvail().x, cursor.y, content});
  ImGui::SetCursorPosY(cursor.y + (row - ImGui::GetTextLineHeight()) / 2);
  label(title, p.text, Face::strong);
  end_tools();
}

void hint_below() {
  const ImGuiWindow* window = ImGui::GetCurrentWindowRead();
  if (window->ScrollMax.y - window->Scroll.y < 4 || (window->Flags & ImGuiWindowFlags_NoScrollWithMouse))
    return;
  const ImVec2 min = window->InnerRect.Min, max = window->InnerRect.Max;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const Rgb colour = !state.cards.empty() ? palette().card : palette().page;
  const ImU32 none = faded(colour, 0), full = solid(colour);
  draw->PushClipRect(min, max);
  draw->AddRectFilledMultiColor({min.x + 1, max.y - 28}, {max.x - 1, max.y - 1}, none, none, full, full);
  const float middle = std::round((min.x + max.x) / 2);
  draw_icon(draw, Icon::down, {middle, max.y - 9}, solid(palette().dim), 14);
  draw->PopClipRect();
}

void end_tools() { ImGui::SetCursorPos(state.cards.back().content); }

void end_card() {
  hint_below();
  ImGui::EndChild();
  register_widget("panel." + state.cards.back().id, ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
  state.cards.pop_back();
}

void next_tool(float width) {
  Card& card = state.cards.back();
  ImGui::SetCursorPos(ImVec2(card.tools_right - width, card.title_y));
  card.tools_right -= width + space::xs;
}

float content_width() { return ImGui::GetContentRegionAvail().x; }

void intervened_mark(ImDrawList* draw, ImVec2 at, float room) {
  const Rgb colour = palette().warning;
  const ImVec2 size = text_size(Face::small, "intervened") + ImVec2(10, 2);
  if (size.x > room) return draw_icon(draw, Icon::warning, at + ImVec2(8, 8), solid(colour), 14);
  draw->AddRectFilled(at, at + size, faded(colour, 0.14f), 4);
  draw_text(draw, Face::small, at + ImVec2(5, 1), solid(colour), "intervened");
}

// --- Buttons --------------------------------------------------------------------------------------------------

float button_width(const ButtonSpec& spec) {
  if (spec.width > 0) return spec.width;
  const float height = spec.height > 0 ? spec.height : row_height();
  if (!spec.label[0]) return height;
  const WithFont strong(spec.look == Look::primary ? Face::strong : Face::text);
  const float text = ImGui::CalcTextSize(spec.label).x;
  return std::ceil(text + 2 * space::m + (spec.icon == Icon::none ? 0 : icon_size + 6));
}

bool button(const char* id, const ButtonSpec& spec) {
  const Palette& p = palette();
  const ImVec2 size(button_width(spec), spec.height > 0 ? spec.height : row_height());
  const ImVec2 min = ImGui::GetCursorScreenPos(), max = min + size;
  ImGui::BeginDisabled(!spec.enabled);
  const bool pressed = ImGui::InvisibleButton(id, size) && !drag_scrolling();
  const bool hovered = ImGui::IsItemHovered(), held = ImGui::IsItemActive();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float opacity = spec.enabled ? 1.0f : 0.4f;
  Rgb ink = spec.look == Look::quiet ? p.dim : p.text;
  if (spec.look == Look::primary) {
    draw->AddRectFilled(min, max, faded(hovered || held ? p.accent_strong : p.accent, opacity), corner() + 2);
    ink = p.on_accent;
  } else if (spec.look == Look::plain) {
    const float tint = held ? 0.12f : hovered ? 0.07f : 0.02f;
    draw->AddRectFilled(min, max, faded(mix(p.inset, p.text, tint), opacity), corner());
    draw->AddRect(min, max, faded(p.border, opacity), corner());
  } else if (hovered || held) {
    draw->AddRectFilled(min, max, faded(p.text, held ? 0.12f : 0.07f), corner());
    ink = p.text;
  }
  const WithFont face(spec.look == Look::primary ? Face::strong : Face::text);
  const ImVec2 text = ImGui::CalcTextSize(spec.label);
  const float icon = spec.icon == Icon::none ? 0 : icon_size, gap = icon > 0 && spec.label[0] ? 6.0f : 0;
  float x = min.x + (size.x - icon - gap - text.x) / 2;
  const float middle = (min.y + max.y) / 2;
  draw_icon(draw, spec.icon, ImVec2(x + icon / 2, middle), faded(ink, opacity));
  x += icon + gap;
  if (spec.label[0])
    draw->AddText(ImVec2(std::round(x), std::round(middle - text.y / 2)), faded(ink, opacity), spec.label);
  ImGui::RenderNavHighlight(ImRect(min, max), ImGui::GetItemID());
  ImGui::EndDisabled();
  const char* name = spec.name ? spec.name : spec.label[0] || !spec.tip ? spec.label : spec.tip;
  register_widget(id, {std::string(name) + ", button", spec.state ? spec.state : ""});
  if (spec.tip) tip(spec.tip);
  return pressed;
}

bool begin_menu(const char* id, const ButtonSpec& spec, float padding) {
  next_tool(button_width(spec));
  if (button(id, spec)) ImGui::OpenPopup(id);
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  const float screen = ImGui::GetMainViewport()->Size.y;
  const bool above = min.y > screen / 2;
  const float room = (above ? min.y : screen - max.y) - 4 - space::s;  // it scrolls when it needs more
  ImGui::SetNextWindowPos({max.x, above ? min.y - 4 : max.y + 4}, ImGuiCond_Always, {1, above ? 1.0f : 0.0f});
  ImGui::SetNextWindowSizeConstraints({0, 0}, {FLT_MAX, room});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(padding, padding));
  const bool open = ImGui::BeginPopup(id);
  ImGui::PopStyleVar();
  return open;
}

float segmented_width(std::span<const char* const> words) {
  float widest = 0;  // all segments are equally wide
  for (const char* word : words) widest = std::max(widest, ImGui::CalcTextSize(word).x);
  return std::ceil(4 + static_cast<float>(words.size()) * (widest + 2 * space::s));
}

bool segmented(const char* id, std::span<const char* const> words, int& chosen, float width,
               const char* help) {
  const Palette& p = palette();
  const float height = row_height();
  const ImVec2 min = ImGui::GetCursorScreenPos();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(min, min + ImVec2(width, height), solid(p.inset), corner() + 1);
  draw->AddRect(min, min + ImVec2(width, height), solid(p.border), corner() + 1);
  bool changed = false;
  const float segment = (width - 4) / static_cast<float>(words.size());
  ImGui::PushID(id);
  ImGui::BeginGroup();
  for (size_t i = 0; i < words.size(); ++i) {
    const ImVec2 a = min + ImVec2(2 + segment * static_cast<float>(i), 2),
                 b = a + ImVec2(segment, height - 4);
    ImGui::SetCursorScreenPos(a);
    if (ImGui::InvisibleButton(words[i], b - a) && !drag_scrolling() && chosen != static_cast<int>(i)) {
      chosen = static_cast<int>(i);
      changed = true;
    }
    const bool on = chosen == static_cast<int>(i);
    register_widget(
        std::string(id) + "." + words[i],
        {std::string(words[i]) + (help ? ", " + std::string(help) : ""), on ? "chosen" : "not chosen"});
    if (help) tip(help);
    if (on) {
      draw->AddRectFilled(a, b, solid(p.dark ? p.strong_border : p.card), corner() - 1);
      if (!p.dark) draw->AddRect(a, b, solid(p.strong_border), corner() - 1);
    } else if (ImGui::IsItemHovered()) {
      draw->AddRectFilled(a, b, faded(p.text, 0.06f), corner() - 1);
    }
    const ImVec2 text = ImGui::CalcTextSize(words[i]);
    draw->AddText(ImVec2(std::round((a.x + b.x - text.x) / 2), std::round((a.y + b.y - text.y) / 2)),
                  solid(on ? p.text : p.dim), words[i]);
    ImGui::RenderNavHighlight(ImRect(a, b), ImGui::GetItemID());
  }
  ImGui::SetCursorScreenPos(min);
  ImGui::Dummy(ImVec2(width, height));
  ImGui::EndGroup();
  ImGui::PopID();
  return changed;
}

bool fold(const char* id, const char* text, bool& open) {
  const Palette& p = palette();
  const ImVec2 min = ImGui::GetCursorScreenPos(), size(content_width(), row_height());
  if (ImGui::InvisibleButton(id, size) && !drag_scrolling()) open = !open;
  register_widget(id, {std::string(text) + ", button", open ? "open" : "closed"});
  const Rgb ink = ImGui::IsItemHovered() ? p.text : p.dim;
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw_icon(draw, open ? Icon::up : Icon::down, min + ImVec2(7, size.y / 2), solid(ink), 14);
  draw->AddText(min + ImVec2(20, (size.y - ImGui::GetTextLineHeight()) / 2), solid(ink), text);
  ImGui::RenderNavHighlight(ImRect(min, min + size), ImGui::GetItemID());
  return open;
}

// --- Text -----------------------------------------------------------------------------------------------------

void label(const char* text, Rgb colour, Face face) { write(face, colour, text); }

void dim(const char* text) { write(Face::small, palette().dim, text, content_width()); }

void tip_text(const char* text) {
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 8);
  if (ImGui::BeginTooltip()) {
    write(Face::text, palette().text, text, 300);
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar(2);
}

void tip(const char* text) {
  if (touch_targets()) return;  // a finger does not hover; the help says the same
  // What was pressed needs no explanation until the pointer comes back to it.
  const ImGuiID item = ImGui::GetItemID();
  if (ImGui::IsItemActivated()) state.pressed = item;
  if (!ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) {
    if (state.pressed == item && !ImGui::IsItemActive()) state.pressed = 0;
  } else if (state.pressed != item &&
             ImGui::IsItemHovered(ImGuiHoveredFlags_DelayNormal | ImGuiHoveredFlags_AllowWhenDisabled)) {
    tip_text(text);
  }
}

std::string shortened(const std::string& text, float width) {
  if (ImGui::CalcTextSize(text.c_str()).x <= width) return text;
  std::string cut = text;
  while (!cut.empty() && ImGui::CalcTextSize((cut + "…").c_str()).x > width) {
    cut.pop_back();
    while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xc0) == 0x80) cut.pop_back();
    if (!cut.empty() && static_cast<unsigned char>(cut.back()) >= 0xc0) cut.pop_back();
  }
  return cut + "…";
}

void say(const std::string& sentence) { state.said += (state.said.empty() ? "" : ". ") + sentence; }
std::string take_said() { return std::exchange(state.said, {}); }

// --- Scrolling by finger --------------------------------------------------------------------------------------

bool drag_scrolling() { return state.scrolling; }

void keep_drag() { state.kept |= ImGui::IsItemActive(); }

void scroll_by_drag(bool horizontal) {
  if (!platform::touch_first() || state.kept) return;
  ImGuiWindow* window = ImGui::GetCurrentWindow();
  const ImGuiIO& io = ImGui::GetIO();
  if (ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !state.scrolling &&
      window->Rect().Contains(io.MousePos) &&
      ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows | ImGuiHoveredFlags_AllowWhenBlockedByActiveItem))
    state.touched.insert(window->ID);
  if (!state.touched.contains(window->ID) || !ImGui::IsMouseDown(ImGuiMouseButton_Left)) return;
  const ImVec2 drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
  const float along = horizontal ? drag.x : drag.y, across = horizontal ? drag.y : drag.x;
  if (!state.scrolling && std::abs(along) > 8 && std::abs(along) > std::abs(across)) {
    const float at = horizontal ? window->Scroll.x : window->Scroll.y;
    const float end = horizontal ? window->ScrollMax.x : window->ScrollMax.y;
    if (along > 0 ? at <= 0 : at >= end) return;  // the next one around it may
    state.scroll_window = window->ID;
    state.scrolling = true;
    ImGui::ClearActiveID();  // the button under the finger lets go
  }
  if (!state.scrolling || state.scroll_window != window->ID) return;
  if (horizontal)
    ImGui::SetScrollX(window, window->Scroll.x - io.MouseDelta.x);
  else
    ImGui::SetScrollY(window, window->Scroll.y - io.MouseDelta.y);
}

void end_frame() {
  end_stops();
  if (ImGui::IsMouseDown(ImGuiMouseButton_Left)) return;
  state.touched.clear();
  state.scrolling = state.kept = false;
}

}  // namespace unroll::ui
