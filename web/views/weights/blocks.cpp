#include "web/views/weights/blocks.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/session/json_read.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/theme.h"
#include "web/views/published.h"

namespace unroll {

std::vector<BlockNorms> block_norms(const Json& header, std::span<const float> values) {
  const std::vector<std::string> names = read::texts(header, "names");
  const Json* sizes = read::field(header, "sizes");
  const size_t n = names.size();
  if (!sizes || !sizes->is_array() || sizes->size() != n || values.size() != 4 * n) return {};
  std::vector<BlockNorms> blocks(n);
  for (size_t i = 0; i < n; ++i) {
    if (!(*sizes)[i].is_number()) return {};
    blocks[i] = {names[i],          (*sizes)[i].get<int64_t>(), values[4 * i],
                 values[4 * i + 1], values[4 * i + 2],          values[4 * i + 3]};
  }
  return blocks;
}

std::string short_name(const std::string& block) {
  return block.starts_with("rnn.") ? block.substr(4) : block;
}

std::string figure(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  char text[32];
  const double size = std::abs(value);
  if (size >= std::pow(10, digits) && size < 1e5)
    std::snprintf(text, sizeof text, "%.0f", value);
  else if (size > 0 && size < 1e-3)
    std::snprintf(text, sizeof text, "%.*e", digits - 1, value);
  else
    std::snprintf(text, sizeof text, "%.*g", digits, value);
  std::string short_text = text;
  if (const size_t e = short_text.find('e'); e != std::string::npos) {  // 1.00e-05 is 1e-5
    while (e + 3 < short_text.size() && short_text[e + 2] == '0') short_text.erase(e + 2, 1);
    if (short_text[e + 1] == '+') short_text.erase(e + 1, 1);
    const size_t end = short_text.find_last_not_of('0', e - 1);
    const size_t keep = short_text[end] == '.' ? end : end + 1;
    if (short_text.find('.') < e) short_text.erase(keep, e - keep);
  }
  return short_text;
}

std::string percent(double share) {
  char text[32];
  const double p = 100 * share;
  if (p > 0 && p < 0.005) return figure(p) + "%";
  std::snprintf(text, sizeof text, p < 0.995 ? "%.2f%%" : p < 99.5 ? "%.1f%%" : "%.0f%%", p);
  return text;
}

void Decades::take(double value) {
  if (!std::isfinite(value) || value <= 0) return;
  low = any() ? std::min(low, value) : value;
  high = std::max(high, value);
}

void Decades::widen() {
  if (!any()) low = high = 1;
  high = std::pow(10.0, std::ceil(std::log10(high) - 1e-9));
  low = std::min(std::pow(10.0, std::floor(std::log10(low) + 1e-9)), high / 10);
  low = std::max(low, high * 1e-8);
}

float Decades::share(double value) const {
  if (!std::isfinite(value) || value <= 0) return 0;
  return static_cast<float>(std::clamp(std::log(value / low) / std::log(high / low), 0.0, 1.0));
}

void draw_bar(ImDrawList* draw, ImVec2 min, ImVec2 size, float share, Rgb colour, const std::string& text,
              float opacity) {
  const Palette& p = palette();
  draw->AddRectFilled(min, min + size, faded(p.inset, opacity), 3);
  if (share > 0)
    draw->AddRectFilled(min, min + ImVec2(std::max(3.0f, size.x * share), size.y),
                        faded(mix(p.card, colour, p.dark ? 0.45f : 0.32f), opacity), 3);
  const ImVec2 extent = text_size(Face::small, text.c_str());
  draw_text(draw, Face::small, {min.x + size.x - extent.x - 4, std::round(min.y + (size.y - extent.y) / 2)},
            faded(p.text, opacity), text.c_str());
}

Json block_norms_json(const std::vector<BlockNorms>& blocks) {
  Json list = Json::array();
  for (const BlockNorms& block : blocks) {
    const auto norm = [](float value) { return number_or_null(static_cast<double>(value)); };
    list.push_back({{"name", block.name},
                    {"size", block.size},
                    {"weights", norm(block.weights)},
                    {"gradient", norm(block.gradient)},
                    {"update", norm(block.update)},
                    {"ratio", norm(block.ratio)}});
  }
  return list;
}

}  // namespace unroll
