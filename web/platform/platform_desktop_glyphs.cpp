// Text of any script on the desktop: Pango shapes it (HarfBuzz), finds fonts that have it (fontconfig), and draws it on
// a cairo surface, colour emoji too. Nearly every Linux desktop has both libraries, because GTK uses them; they are
// opened when they are first needed, so that neither building nor starting Unroll needs them. Where they are missing,
// what our own faces lack stays a frame with its code point. Their interfaces have been stable for twenty years; the
// few functions and constants that are needed are declared here.
#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "web/platform/platform.h"

namespace unroll::platform {
namespace {

struct Rectangle {  // PangoRectangle
  int x, y, width, height;
};
constexpr double units = 1024;  // PANGO_SCALE: Pango's units in a pixel
constexpr int argb32 = 0;       // CAIRO_FORMAT_ARGB32: premultiplied, in the machine's byte order
constexpr double widest = 40;   // ems of the longest picture
constexpr const char* faces = "JetBrains Mono, monospace";

struct Libraries {
  void* (*image_surface)(int, int, int);
  uint8_t* (*surface_data)(void*);
  int (*surface_stride)(void*);
  void (*surface_flush)(void*);
  void (*surface_destroy)(void*);
  void* (*cairo_create)(void*);
  void (*cairo_destroy)(void*);
  void (*cairo_source)(void*, double, double, double, double);
  void (*cairo_move_to)(void*, double, double);
  void* (*layout_create)(void*);
  void (*layout_show)(void*, void*);
  void (*layout_text)(void*, const char*, int);
  void (*layout_font)(void*, const void*);
  void (*layout_extents)(void*, Rectangle*, Rectangle*);
  int (*layout_baseline)(void*);
  int (*layout_unknown)(void*);
  void* (*font_from_string)(const char*);
  void (*font_size)(void*, double);
  void (*font_free)(void*);
  void (*unref)(void*);
};

const Libraries* libraries() {
  static Libraries l{};
  static const bool there = [] {
    void* pango = dlopen("libpangocairo-1.0.so.0", RTLD_NOW | RTLD_LOCAL);  // brings the others
    if (!pango) return false;
    bool all = true;
    const auto find = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(pango, name));
      all = all && function;
    };
    find(l.image_surface, "cairo_image_surface_create");
    find(l.surface_data, "cairo_image_surface_get_data");
    find(l.surface_stride, "cairo_image_surface_get_stride");
    find(l.surface_flush, "cairo_surface_flush");
    find(l.surface_destroy, "cairo_surface_destroy");
    find(l.cairo_create, "cairo_create");
    find(l.cairo_destroy, "cairo_destroy");
    find(l.cairo_source, "cairo_set_source_rgba");
    find(l.cairo_move_to, "cairo_move_to");
    find(l.layout_create, "pango_cairo_create_layout");
    find(l.layout_show, "pango_cairo_show_layout");
    find(l.layout_text, "pango_layout_set_text");
    find(l.layout_font, "pango_layout_set_font_description");
    find(l.layout_extents, "pango_layout_get_extents");
    find(l.layout_baseline, "pango_layout_get_baseline");
    find(l.layout_unknown, "pango_layout_get_unknown_glyphs_count");
    find(l.font_from_string, "pango_font_description_from_string");
    find(l.font_size, "pango_font_description_set_absolute_size");
    find(l.font_free, "pango_font_description_free");
    find(l.unref, "g_object_unref");
    return all;
  }();
  return there ? &l : nullptr;
}

/// A surface with a layout of the text on it.
class Drawing {
 public:
  Drawing(const Libraries& l, const std::string& text, float em, int width, int height)
      : l_(l),
        surface_(l.image_surface(argb32, width, height)),
        cairo_(l.cairo_create(surface_)),
        layout_(l.layout_create(cairo_)) {
    void* font = l.font_from_string(faces);
    l.font_size(font, static_cast<double>(em) * units);
    l.layout_font(layout_, font);
    l.font_free(font);
    l.layout_text(layout_, text.data(), static_cast<int>(text.size()));
  }
  ~Drawing() {
    l_.unref(layout_);
    l_.cairo_destroy(cairo_);
    l_.surface_destroy(surface_);
  }
  Drawing(const Drawing&) = delete;
  Drawing& operator=(const Drawing&) = delete;

  void* layout() const { return layout_; }
  /// With the layout's origin at (x, y).
  void show(double x, double y) {
    l_.cairo_source(cairo_, 1, 1, 1, 1);
    l_.cairo_move_to(cairo_, x, y);
    l_.layout_show(cairo_, layout_);
    l_.surface_flush(surface_);
  }
  const uint8_t* row(int y) const { return l_.surface_data(surface_) + y * l_.surface_stride(surface_); }

 private:
  const Libraries& l_;
  void *surface_, *cairo_, *layout_;
};

}  // namespace

std::optional<Glyph> draw_glyph(const std::string& utf8, float em) {
  const Libraries* l = libraries();
  if (!l) return std::nullopt;
  const Drawing measured(*l, utf8, em, 1, 1);
  if (l->layout_unknown(measured.layout()) > 0) return std::nullopt;
  Rectangle ink{}, logical{};
  l->layout_extents(measured.layout(), &ink, &logical);
  const int base = static_cast<int>(std::lround(l->layout_baseline(measured.layout()) / units));
  const auto before = [](int at) { return static_cast<int>(std::floor(at / units)) - 1; };
  const auto after = [](int at) { return static_cast<int>(std::ceil(at / units)) + 1; };
  const int left = before(ink.x), top = before(ink.y);
  Glyph glyph;
  glyph.advance = static_cast<float>(logical.width / units);
  if (ink.width <= 0 || ink.height <= 0) return glyph;
  glyph.width = std::min(after(ink.x + ink.width) - left, static_cast<int>(widest * static_cast<double>(em)));
  glyph.height = std::min(after(ink.y + ink.height) - top, static_cast<int>(6 * em));
  glyph.left = left;
  glyph.top = top - base;
  Drawing drawing(*l, utf8, em, glyph.width, glyph.height);
  drawing.show(-left, -top);
  for (int y = 0; y < glyph.height; ++y) {
    const auto* pixels = reinterpret_cast<const uint32_t*>(drawing.row(y));
    for (int x = 0; x < glyph.width; ++x) {
      const uint32_t pixel = pixels[x], alpha = pixel >> 24;
      for (int shift : {16, 8, 0}) {
        const uint32_t value = (pixel >> shift) & 255u;
        const uint32_t straight = alpha ? std::min(255u, (value * 255u + alpha / 2) / alpha) : 0u;
        glyph.coloured = glyph.coloured || (alpha > 64 && straight < 200);
        glyph.rgba.push_back(static_cast<uint8_t>(straight));
      }
      glyph.rgba.push_back(static_cast<uint8_t>(alpha));
    }
  }
  return glyph;
}

}  // namespace unroll::platform
