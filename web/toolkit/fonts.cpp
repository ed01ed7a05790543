#include "web/toolkit/fonts.h"

#include <imgui_impl_opengl3.h>

#include <array>
#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "web/platform/platform.h"

namespace unroll {
namespace {

struct FaceSpec {
  const char* asset;
  float size;  // from ascent to descent, as Dear ImGui counts: 1.21 em in Inter, 1.32 em in JetBrains Mono
};
constexpr std::array<FaceSpec, static_cast<size_t>(Face::count)> specs = {{
    {"inter.ttf", 16},
    {"inter-semibold.ttf", 16},
    {"inter.ttf", 14},
    {"inter-semibold.ttf", 21},
    {"jetbrains-mono.ttf", 16},
}};

struct Fonts {
  std::array<ImFont*, specs.size()> faces{};
  std::array<ImVector<ImWchar>, 2> ranges;  // of the interface, of the monospaced face
  std::set<char32_t> wanted;                // beyond the basic ranges
  float ratio = 0;
  bool stale = true;
};
Fonts fonts;

constexpr char32_t last_of_basic = 0xff;  // ASCII and Latin-1 are always there
// What the interface itself says: quotes, dashes, dots, arrows, signs of the formulas.
constexpr const char* interface_symbols = "–—‘’“”„…•‹›×−≈≤≥√∞→←↑↓↵·½αβσ";

void build() {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  atlas.Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight | ImFontAtlasFlags_NoBakedLines;
  for (bool mono : {false, true}) {
    ImFontGlyphRangesBuilder builder;
    builder.AddRanges(atlas.GetGlyphRangesDefault());
    builder.AddText(interface_symbols);
    if (mono)
      for (char32_t symbol : fonts.wanted) builder.AddChar(static_cast<ImWchar>(symbol));
    fonts.ranges[mono].clear();
    builder.BuildRanges(&fonts.ranges[mono]);
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    const bool mono = static_cast<Face>(i) == Face::mono;
    ImFontConfig config;
    config.OversampleH = fonts.ratio < 1.5f ? 2 : 1;
    config.OversampleV = 1;
    config.PixelSnapH = mono;
    const float pixels = std::round(specs[i].size * fonts.ratio);
    const std::vector<uint8_t> file = platform::asset(specs[i].asset);
    if (file.empty()) {
      config.SizePixels = pixels;
      fonts.faces[i] = atlas.AddFontDefault(&config);
    } else {
      void* copy = IM_ALLOC(file.size());  // the atlas owns it
      std::memcpy(copy, file.data(), file.size());
      fonts.faces[i] = atlas.AddFontFromMemoryTTF(copy, static_cast<int>(file.size()), pixels, &config,
                                                  fonts.ranges[mono].Data);
    }
  }
  atlas.Build();
  for (size_t i = 0; i < specs.size(); ++i) fonts.faces[i]->Scale = specs[i].size / fonts.faces[i]->FontSize;
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
  atlas.ClearInputData();
  ImGui::GetIO().FontDefault = fonts.faces[0];
}

}  // namespace

ImFont* font(Face face) { return fonts.faces[static_cast<size_t>(face)]; }
float font_size(Face face) { return specs[static_cast<size_t>(face)].size; }

ImVec2 text_size(Face face, const char* text) {
  return font(face)->CalcTextSizeA(font_size(face), FLT_MAX, 0, text);
}

void draw_text(ImDrawList* draw, Face face, ImVec2 at, ImU32 colour, const char* text, float wrap) {
  draw->AddText(font(face), font_size(face), at, colour, text, nullptr, wrap);
}

void prepare_fonts(float pixel_ratio) {
  if (!fonts.stale && pixel_ratio == fonts.ratio) return;
  fonts.ratio = pixel_ratio;
  fonts.stale = false;
  build();
}

void need_symbols(std::u32string_view symbols) {
  for (char32_t symbol : symbols) {
    if (symbol <= last_of_basic || symbol > 0xffff) continue;  // the atlas holds the basic plane
    if (fonts.wanted.insert(symbol).second) fonts.stale = true;
  }
}

bool has_symbol(char32_t symbol) {
  return symbol > 0x20 && symbol != 0x7f && symbol <= 0xffff && !(symbol >= 0x80 && symbol <= 0xa0) &&
         symbol != 0xad && font(Face::mono)->FindGlyphNoFallback(static_cast<ImWchar>(symbol)) != nullptr;
}

float mono_advance() {
  const ImFont* mono = font(Face::mono);
  return mono->GetCharAdvance('0') * mono->Scale;
}

}  // namespace unroll
