#include "web/toolkit/theme.h"

#include "web/platform/platform.h"

namespace unroll {
namespace {

const Palette light = {
    .dark = false,
    .page = 0xf4f3f0,
    .card = 0xffffff,
    .inset = 0xf6f5f2,
    .border = 0xe4e2dc,
    .strong_border = 0xcbc8c0,
    .text = 0x1d1d1f,
    .dim = 0x62626a,
    .accent = 0x4f4bb8,
    .accent_strong = 0x433f9f,
    .on_accent = 0xffffff,
    .accent_text = 0x4a46b0,
    .good = 0x1d6b3c,
    .warning = 0x8a5a00,
    .error = 0xb3261e,
    .lanes = {0xc2410c, 0x0062a3, 0x00795a, 0xa23b87, 0x806600, 0x5a4fcf, 0x0f7285, 0x6b5d52},
    .ramp = Ramp::sequential(false),
    .diverging = Ramp::diverging(false),
};

const Palette dark = {
    .dark = true,
    .page = 0x141416,
    .card = 0x1d1d20,
    .inset = 0x262629,
    .border = 0x303034,
    .strong_border = 0x48484e,
    .text = 0xececee,
    .dim = 0xa3a3ab,
    .accent = 0x6c67d6,
    .accent_strong = 0x625dcb,
    .on_accent = 0xffffff,
    .accent_text = 0xaeaaf8,
    .good = 0x7fd19b,
    .warning = 0xe9b44c,
    .error = 0xff8a80,
    .lanes = {0xff9d5c, 0x5cb8f5, 0x3ccf9c, 0xec8fd0, 0xe8d35a, 0xada6ff, 0x5fd3e0, 0xc9b8a8},
    .ramp = Ramp::sequential(true),
    .diverging = Ramp::diverging(true),
};

const Palette* current = &light;
bool touch_now = false;

}  // namespace

const Palette& palette() { return *current; }
bool touch_targets() { return touch_now; }
float row_height() { return touch_now ? 40.0f : 28.0f; }
float corner() { return 6.0f; }

void use_theme(bool use_dark, bool touch) {
  current = use_dark ? &dark : &light;
  touch_now = touch;
  const Palette& p = *current;
  platform::set_colours({p.dark, p.page, p.inset, p.text, p.dim, p.border, p.accent_text});

  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle();
  style.WindowPadding = {space::l, space::l};
  style.FramePadding = {space::s, (row_height() - 16.0f) / 2.0f};  // 16: line height of Face::text
  style.ItemSpacing = {space::s, space::s};
  style.ItemInnerSpacing = {space::xs, space::xs};
  style.TouchExtraPadding = touch ? ImVec2(4, 4) : ImVec2(0, 0);
  style.ScrollbarSize = touch ? 6.0f : 8.0f;
  style.ScrollbarRounding = 4;
  style.GrabMinSize = touch ? 24.0f : 14.0f;
  style.GrabRounding = corner();
  style.FrameRounding = corner();
  style.PopupRounding = 10;
  style.WindowRounding = 12;
  style.ChildRounding = 12;
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 0;
  style.FrameBorderSize = 0;
  style.PopupBorderSize = 1;
  style.DisabledAlpha = 0.45f;
  style.HoverDelayNormal = 0.5f;
  style.HoverDelayShort = 0.35f;
  style.AntiAliasedLinesUseTex = false;  // the atlas is rebuilt at other scales; lines are drawn as geometry

  ImVec4* c = style.Colors;
  for (int i = 0; i < ImGuiCol_COUNT; ++i) c[i] = vec4(p.text);
  c[ImGuiCol_Text] = vec4(p.text);
  c[ImGuiCol_TextDisabled] = vec4(p.dim);
  c[ImGuiCol_WindowBg] = vec4(p.page);
  c[ImGuiCol_ChildBg] = vec4(p.page, 0);
  c[ImGuiCol_PopupBg] = vec4(p.card);
  c[ImGuiCol_Border] = vec4(p.border);
  c[ImGuiCol_BorderShadow] = vec4(p.border, 0);
  c[ImGuiCol_FrameBg] = vec4(p.inset);
  c[ImGuiCol_FrameBgHovered] = vec4(mix(p.inset, p.text, 0.05f));
  c[ImGuiCol_FrameBgActive] = vec4(mix(p.inset, p.text, 0.08f));
  c[ImGuiCol_ScrollbarBg] = vec4(p.page, 0);
  c[ImGuiCol_ScrollbarGrab] = vec4(p.strong_border, 0.7f);
  c[ImGuiCol_ScrollbarGrabHovered] = vec4(p.strong_border);
  c[ImGuiCol_ScrollbarGrabActive] = vec4(p.dim);
  c[ImGuiCol_CheckMark] = vec4(p.accent_text);
  c[ImGuiCol_SliderGrab] = vec4(p.accent);
  c[ImGuiCol_SliderGrabActive] = vec4(p.accent_strong);
  c[ImGuiCol_Button] = vec4(p.inset);
  c[ImGuiCol_ButtonHovered] = vec4(mix(p.inset, p.text, 0.07f));
  c[ImGuiCol_ButtonActive] = vec4(mix(p.inset, p.text, 0.12f));
  c[ImGuiCol_Header] = vec4(p.accent, 0.14f);
  c[ImGuiCol_HeaderHovered] = vec4(p.text, 0.06f);
  c[ImGuiCol_HeaderActive] = vec4(p.text, 0.10f);
  c[ImGuiCol_Separator] = vec4(p.border);
  c[ImGuiCol_TextSelectedBg] = vec4(p.accent, 0.35f);
  c[ImGuiCol_NavHighlight] = vec4(p.accent_text);
  c[ImGuiCol_NavWindowingHighlight] = vec4(p.accent_text);
  c[ImGuiCol_NavWindowingDimBg] = vec4(p.page, 0.5f);
  c[ImGuiCol_ModalWindowDimBg] = vec4(0x000000, p.dark ? 0.55f : 0.32f);
  c[ImGuiCol_DragDropTarget] = vec4(p.accent_text);
}

}  // namespace unroll
