#include "web/toolkit/fonts.h"

#include <imgui_impl_opengl3.h>
#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "web/platform/platform.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/theme.h"

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
  std::set<char32_t> wanted;                // beyond what is always there
  bool latin = false;                       // all of Latin-1 is there, too
  double began = -1;                        // when they were built first
  float ratio = 0;
  bool stale = true;
};
Fonts fonts;

// ASCII and what the interface itself says (quotes, dashes, dots, arrows, signs of the formulas) are there at once. The rest of
// Latin-1 at five sizes would hold up the first pictures: it comes a little later, or when a text has some of it.
constexpr ImWchar ascii[] = {0x20, 0x7e, 0};
constexpr std::u32string_view interface_symbols = U"–—‘’“”„…•‹›±×÷−≈≤≥√∞→←↑↓↵·½αβσ";
constexpr char32_t last_of_latin = 0xff;
constexpr double latin_after = 2;          // seconds
constexpr char32_t last_of_ours = 0x2e7f;  // beyond lie scripts that the monospaced face does not have

void build() {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  atlas.Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight | ImFontAtlasFlags_NoBakedLines;
  for (bool mono : {false, true}) {
    ImFontGlyphRangesBuilder builder;
    builder.AddRanges(fonts.latin ? atlas.GetGlyphRangesDefault() : ascii);
    for (char32_t symbol : interface_symbols) builder.AddChar(static_cast<ImWchar>(symbol));
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

// --- Texts of the interface that quote the learner's ------------------------------------------------------------

/// The text when it has symbols that the face lacks; they are drawn as in web/toolkit/glyphs.h.
std::optional<std::u32string> beyond(Face face, const char* text) {
  const char* end = text + std::strlen(text);
  if (std::all_of(text, end, [](char c) { return static_cast<signed char>(c) >= 0; })) return std::nullopt;
  std::u32string symbols = to_symbols({text, end});
  const ImFont* own = fonts.faces[static_cast<size_t>(face)];
  const bool all = std::all_of(symbols.begin(), symbols.end(), [&](char32_t s) {
    return s < 0x20 || (s <= 0xffff && own->FindGlyphNoFallback(static_cast<ImWchar>(s)));
  });
  if (all) return std::nullopt;
  return symbols;
}

void draw_lines(ImDrawList* draw, Face face, ImVec2 at, ImU32 colour, const std::u32string& text,
                float width) {
  const ImVec4 parts = ImGui::ColorConvertU32ToFloat4(colour);
  const auto part = [](float share) { return static_cast<Rgb>(std::lround(share * 255)); };
  const Rgb rgb = part(parts.x) << 16 | part(parts.y) << 8 | part(parts.z);
  for (const TextLine& line : lay_out(text, width, face)) {
    for (const Piece& piece : line.pieces) draw_piece(draw, at, text, piece, rgb, parts.w, face);
    at.y += specs[static_cast<size_t>(face)].size;
  }
}

ImVec2 size_of(const std::u32string& text, Face face, float width) {
  ImVec2 size(0, 0);
  for (const TextLine& line : lay_out(text, width, face)) {
    size.x = std::max(size.x, line.width);
    size.y += specs[static_cast<size_t>(face)].size;
  }
  return size;
}

}  // namespace

ImFont* font(Face face) { return fonts.faces[static_cast<size_t>(face)]; }
float font_size(Face face) { return specs[static_cast<size_t>(face)].size; }

ImVec2 text_size(Face face, const char* text) {
  if (const auto other = beyond(face, text)) return size_of(*other, face, FLT_MAX);
  return font(face)->CalcTextSizeA(font_size(face), FLT_MAX, 0, text);
}

void draw_text(ImDrawList* draw, Face face, ImVec2 at, ImU32 colour, const char* text, float wrap) {
  if (const auto other = beyond(face, text))
    draw_lines(draw, face, at, colour, *other, wrap > 0 ? wrap : FLT_MAX);
  else
    draw->AddText(font(face), font_size(face), at, colour, text, nullptr, wrap);
}

void write(Face face, Rgb colour, const char* text, float wrap) {
  const WithFont font(face);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  // What the caller set for ImGui's own texts holds, too.
  const float place = ImGui::GetCurrentWindowRead()->DC.TextWrapPos;
  if (wrap <= 0 && place >= 0) wrap = ImGui::CalcWrapWidthForPos(at, place);
  if (const auto other = beyond(face, text)) {
    const float room = wrap > 0 ? wrap : FLT_MAX;
    draw_lines(ImGui::GetWindowDrawList(), face, at, solid(colour), *other, room);
    return ImGui::Dummy(size_of(*other, face, room));
  }
  ImGui::PushStyleColor(ImGuiCol_Text, solid(colour));
  if (wrap > 0) ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + wrap);
  ImGui::TextUnformatted(text);
  if (wrap > 0) ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
}

void prepare_fonts(float pixel_ratio) {
  const double now = platform::seconds();
  if (fonts.began < 0) fonts.began = now;
  if (!fonts.latin && now - fonts.began >= latin_after) fonts.latin = fonts.stale = true;
  if (!fonts.stale && pixel_ratio == fonts.ratio) return;
  fonts.ratio = pixel_ratio;
  fonts.stale = false;
  build();
}

void need_symbols(std::u32string_view symbols) {
  for (char32_t symbol : symbols) {
    if (symbol <= ascii[1] || symbol > last_of_ours) continue;
    if (interface_symbols.find(symbol) != interface_symbols.npos) continue;
    const bool is_new =
        symbol <= last_of_latin ? !std::exchange(fonts.latin, true) : fonts.wanted.insert(symbol).second;
    fonts.stale = fonts.stale || is_new;
  }
}

bool need_latin(std::string_view utf8) {
  // With these bytes the symbols of Latin-1 begin, and no others.
  if (!fonts.latin && utf8.find_first_of("\xc2\xc3") != utf8.npos) fonts.latin = fonts.stale = true;
  return fonts.latin;
}

float mono_advance() {
  const ImFont* mono = font(Face::mono);
  return mono->GetCharAdvance('0') * mono->Scale;
}

}  // namespace unroll
