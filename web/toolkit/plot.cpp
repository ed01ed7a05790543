#include "web/toolkit/plot.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace unroll {

std::vector<double> nice_ticks(double low, double high, int count) {
  std::vector<double> ticks;
  if (!(high > low) || count < 1) return ticks;
  const double rough = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double gap = 10 * power;
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough) {
      gap = factor * power;
      break;
    }
  for (double tick = std::ceil(low / gap - 1e-9) * gap; tick <= high + gap * 1e-9; tick += gap)
    ticks.push_back(std::abs(tick) < gap * 1e-6 ? 0.0 : tick);
  return ticks;
}

std::vector<double> log_ticks(double low, double high) {
  std::vector<double> ticks;
  const bool sparse = high / low > 1000;
  for (double power = std::pow(10.0, std::floor(std::log10(low))); power <= high; power *= 10)
    for (double factor : {1.0, 2.0, 3.0, 5.0}) {
      if (sparse && factor != 1.0) continue;
      if (power * factor >= low && power * factor <= high) ticks.push_back(power * factor);
    }
  return ticks;
}

float Axis::pixel(double v) const {
  const double share =
      logarithmic ? std::log(std::max(v, 1e-12) / low) / std::log(high / low) : (v - low) / (high - low);
  return from + static_cast<float>(share) * (to - from);
}

double Axis::value(float p) const {
  const double share = static_cast<double>((p - from) / (to - from));
  return logarithmic ? low * std::pow(high / low, share) : low + share * (high - low);
}

void keep_apart(std::vector<float>& centres, float distance, float low, float high) {
  std::vector<size_t> order(centres.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return centres[a] < centres[b]; });
  float least = low;
  for (size_t i : order) {  // push down …
    centres[i] = std::max(centres[i], least);
    least = centres[i] + distance;
  }
  float most = high;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {  // … and back up from the end
    centres[*i] = std::min(centres[*i], most);
    most = centres[*i] - distance;
  }
}

}  // namespace unroll
