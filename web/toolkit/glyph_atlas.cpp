#include "web/toolkit/glyph_atlas.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/text/text.h"
#include "web/platform/platform.h"
#include "web/toolkit/opengl.h"
#include "web/toolkit/theme.h"

namespace unroll {
namespace {

constexpr int page_size = 1024;   // pixels; 4 MiB
constexpr size_t most_pages = 6;  // at a pixel ratio of 1 some 2,500 Chinese characters each
constexpr double budget = 0.010;  // seconds of drawing new pictures in a frame

/// A texture, filled in rows from the top: the last one grows to the right, the next begins below the highest picture.
struct Page {
  GLuint texture = 0;
  int x = 0, y = 0, row = 0;
  int uses = 0;  // in this frame
};

struct Entry {
  AtlasGlyph glyph{};
  size_t page = 0;  // an index, when the picture has a size
};

struct Hash {
  using is_transparent = void;
  size_t operator()(std::u32string_view text) const { return std::hash<std::u32string_view>()(text); }
};

struct Atlas {
  std::vector<Page> pages;
  std::unordered_map<std::u32string, Entry, Hash, std::equal_to<>> entries;
  int64_t generation = -1;  // of the graphics that the textures are in
  float ratio = 1;
  double spent = 0;  // in this frame
  bool full = false;
  int emptied = 0;
};
Atlas atlas;

GLuint new_texture() {
  GLuint texture = 0;
  glGenTextures(1, &texture);
  glBindTexture(GL_TEXTURE_2D, texture);
  for (GLenum side : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T})
    glTexParameteri(GL_TEXTURE_2D, side, GL_CLAMP_TO_EDGE);
  for (GLenum filter : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER})
    glTexParameteri(GL_TEXTURE_2D, filter, GL_LINEAR);
  const std::vector<uint8_t> nothing(size_t{4} * page_size * page_size);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, page_size, page_size, 0, GL_RGBA, GL_UNSIGNED_BYTE, nothing.data());
  return texture;
}

/// The page with room for a picture at its (x, y), or none. A pixel stays free around each.
std::optional<size_t> page_for(int width, int height) {
  if (width + 2 > page_size || height + 2 > page_size) return std::nullopt;
  for (size_t i = 0; i < atlas.pages.size(); ++i) {
    Page& page = atlas.pages[i];
    if (page.x + width + 1 > page_size) {
      page.x = 0;
      page.y += page.row + 1;
      page.row = 0;
    }
    if (page.y + height + 1 <= page_size) return i;
  }
  if (atlas.pages.size() == most_pages) return std::nullopt;
  atlas.pages.push_back({.texture = new_texture()});
  return atlas.pages.size() - 1;
}

/// False when there is no room.
bool place(const platform::Glyph& picture, Entry& entry) {
  GLint before = 0;
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &before);
  const auto found = page_for(picture.width, picture.height);
  if (found) {
    Page& page = atlas.pages[*found];
    entry.page = *found;
    glBindTexture(GL_TEXTURE_2D, page.texture);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glTexSubImage2D(GL_TEXTURE_2D, 0, page.x, page.y, picture.width, picture.height, GL_RGBA,
                    GL_UNSIGNED_BYTE, picture.rgba.data());
    AtlasGlyph& glyph = entry.glyph;
    glyph.page = static_cast<ImTextureID>(reinterpret_cast<void*>(static_cast<uintptr_t>(page.texture)));
    const auto share = [](int pixel) { return static_cast<float>(pixel) / page_size; };
    glyph.uv_min = {share(page.x), share(page.y)};
    glyph.uv_max = {share(page.x + picture.width), share(page.y + picture.height)};
    page.x += picture.width + 1;
    page.row = std::max(page.row, picture.height);
  }
  glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(before));
  return found.has_value();
}

/// False: not now.
bool make(std::u32string_view text, float em, Entry& entry) {
  if (atlas.full || atlas.spent > budget) return false;
  const double begin = platform::seconds();
  const auto picture = platform::draw_glyph(encode_utf8(text), em * atlas.ratio);
  bool placed = true;
  AtlasGlyph& glyph = entry.glyph;
  glyph.missing = !picture;
  if (picture) {
    const auto units = [](int pixels) { return static_cast<float>(pixels) / atlas.ratio; };
    glyph.coloured = picture->coloured;
    glyph.advance = std::ceil(picture->advance) / atlas.ratio;
    glyph.offset = {units(picture->left), units(picture->top)};
    const bool seen = picture->width > 0 && picture->height > 0;
    if (seen) glyph.size = {units(picture->width), units(picture->height)};
    if (seen && !place(*picture, entry)) {
      atlas.full = true;
      placed = false;
    }
  }
  atlas.spent += std::max(1e-5, platform::seconds() - begin);
  return placed;
}

void empty(size_t index) {
  std::erase_if(atlas.entries,
                [&](const auto& item) { return item.second.glyph.size.x > 0 && item.second.page == index; });
  Page& page = atlas.pages[index];
  page.x = page.y = page.row = 0;
  ++atlas.emptied;
}

}  // namespace

const AtlasGlyph* atlas_glyph(std::u32string_view text, float em) {
  auto found = atlas.entries.find(text);
  if (found == atlas.entries.end()) {
    Entry entry;
    if (!make(text, em, entry)) {
      platform::wake();
      return nullptr;
    }
    found = atlas.entries.emplace(text, entry).first;
  }
  const Entry& entry = found->second;
  if (entry.glyph.size.x > 0) ++atlas.pages[entry.page].uses;
  return &entry.glyph;
}

void draw_glyph(ImDrawList* draw, const AtlasGlyph& glyph, ImVec2 pen, Rgb colour, float opacity,
                float scale) {
  if (glyph.size.x <= 0) return;
  const auto snapped = [](float at) { return std::round(at * atlas.ratio) / atlas.ratio; };
  const ImVec2 min(snapped(pen.x + glyph.offset.x * scale), snapped(pen.y + glyph.offset.y * scale));
  const ImVec2 max(min.x + glyph.size.x * scale, min.y + glyph.size.y * scale);
  draw->AddImage(glyph.page, min, max, glyph.uv_min, glyph.uv_max,
                 faded(glyph.coloured ? Rgb{0xffffff} : colour, opacity));
}

void prepare_glyphs(float pixel_ratio) {
  if (const int64_t now = platform::graphics_generation(); now != atlas.generation) {
    atlas.pages.clear();  // gone with their context
    atlas.entries.clear();
    atlas.generation = now;
  }
  if (pixel_ratio != atlas.ratio) {
    for (size_t i = 0; i < atlas.pages.size(); ++i) empty(i);
    atlas.entries.clear();  // those without a picture, too
    atlas.ratio = pixel_ratio;
  } else if (atlas.full || atlas.entries.size() > 40'000) {
    const auto least = std::min_element(atlas.pages.begin(), atlas.pages.end(),
                                        [](const Page& a, const Page& b) { return a.uses < b.uses; });
    if (least != atlas.pages.end()) empty(static_cast<size_t>(least - atlas.pages.begin()));
    std::erase_if(atlas.entries, [](const auto& item) { return item.second.glyph.size.x <= 0; });
  }
  atlas.full = false;
  atlas.spent = 0;
  for (Page& page : atlas.pages) page.uses = 0;
}

AtlasUse atlas_use() {
  const auto missing = std::count_if(atlas.entries.begin(), atlas.entries.end(),
                                     [](const auto& item) { return item.second.glyph.missing; });
  return {static_cast<int>(atlas.entries.size()) - static_cast<int>(missing), static_cast<int>(missing),
          static_cast<int>(atlas.pages.size()), atlas.emptied};
}

}  // namespace unroll
