#include "web/toolkit/colour.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace unroll {
namespace {

float channel(Rgb colour, int shift) { return static_cast<float>((colour >> shift) & 255u) / 255.0f; }
float to_linear(float s) { return s <= 0.04045f ? s / 12.92f : std::pow((s + 0.055f) / 1.055f, 2.4f); }
float from_linear(float l) {
  return l <= 0.0031308f ? 12.92f * l : 1.055f * std::pow(l, 1.0f / 2.4f) - 0.055f;
}
uint32_t to_byte(float linear) {
  return static_cast<uint32_t>(
      std::lround(std::clamp(from_linear(std::max(linear, 0.0f)), 0.0f, 1.0f) * 255.0f));
}

}  // namespace

Oklab to_oklab(Rgb colour) {
  const float r = to_linear(channel(colour, 16)), g = to_linear(channel(colour, 8)),
              b = to_linear(channel(colour, 0));
  const float l = std::cbrt(0.4122214708f * r + 0.5363325363f * g + 0.0514459929f * b);
  const float m = std::cbrt(0.2119034982f * r + 0.6806995451f * g + 0.1073969566f * b);
  const float s = std::cbrt(0.0883024619f * r + 0.2817188376f * g + 0.6299787005f * b);
  return {0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s,
          1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s,
          0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s};
}

Rgb from_oklab(Oklab lab) {
  const float l = std::pow(lab.lightness + 0.3963377774f * lab.a + 0.2158037573f * lab.b, 3.0f);
  const float m = std::pow(lab.lightness - 0.1055613458f * lab.a - 0.0638541728f * lab.b, 3.0f);
  const float s = std::pow(lab.lightness - 0.0894841775f * lab.a - 1.2914855480f * lab.b, 3.0f);
  return to_byte(4.0767416621f * l - 3.3077115913f * m + 0.2309699292f * s) << 16 |
         to_byte(-1.2684380046f * l + 2.6097574011f * m - 0.3413193965f * s) << 8 |
         to_byte(-0.0041960863f * l - 0.7034186147f * m + 1.7076147010f * s);
}

float luminance(Rgb colour) {
  return 0.2126f * to_linear(channel(colour, 16)) + 0.7152f * to_linear(channel(colour, 8)) +
         0.0722f * to_linear(channel(colour, 0));
}

float contrast(Rgb a, Rgb b) {
  const float x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05f) / (std::min(x, y) + 0.05f);
}

Rgb mix(Rgb from, Rgb to, float share) {
  const Oklab a = to_oklab(from), b = to_oklab(to);
  const auto between = [share](float x, float y) { return x + share * (y - x); };
  return from_oklab({between(a.lightness, b.lightness), between(a.a, b.a), between(a.b, b.b)});
}

Ramp Ramp::sequential(bool dark) {
  const Rgb blue = dark ? 0x16233f : 0x123a78;
  const Rgb yellow = dark ? 0xffe48a : 0xfdf6df;
  Ramp ramp;
  for (int i = 0; i < stops; ++i) {
    const float share = static_cast<float>(i) / (stops - 1);
    ramp.colours_[static_cast<size_t>(i)] = dark ? mix(blue, yellow, share) : mix(yellow, blue, share);
  }
  return ramp;
}

Ramp Ramp::diverging(bool dark) {
  const Rgb orange = dark ? 0xf6a04d : 0xa84a00;
  const Rgb blue = dark ? 0x62b0ff : 0x0b5cad;
  const Rgb middle = dark ? 0x20242b : 0xf6f4ef;
  constexpr int half = (stops - 1) / 2;
  Ramp ramp;
  for (int i = 0; i < stops; ++i) {
    const float share = static_cast<float>(std::abs(i - half)) / half;
    ramp.colours_[static_cast<size_t>(i)] = mix(middle, i < half ? orange : blue, share);
  }
  return ramp;
}

Rgb Ramp::at(float share) const {
  const float place = std::clamp(share, 0.0f, 1.0f) * (stops - 1);
  const int below = std::min(static_cast<int>(place), stops - 2);
  const Rgb a = colours_[static_cast<size_t>(below)], b = colours_[static_cast<size_t>(below) + 1];
  const float t = place - static_cast<float>(below);
  Rgb result = 0;
  for (int shift : {16, 8, 0}) {
    const float value = channel(a, shift) + t * (channel(b, shift) - channel(a, shift));
    result |= static_cast<uint32_t>(std::lround(value * 255.0f)) << shift;
  }
  return result;
}

Rgb ink_on(Rgb background) {
  return contrast(background, 0x000000) > contrast(background, 0xffffff) ? 0x000000 : 0xffffff;
}

}  // namespace unroll
