#include "engine/tasks/sound_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <optional>

namespace unroll {
namespace {

constexpr double pi = std::numbers::pi;

// --- Resampling -----------------------------------------------------------------------------------------------------

constexpr int rate_step = 25;          // so that at most 320 places between two samples have weights
constexpr double zero_crossings = 40;  // of the sinc, to either side
constexpr double kaiser_shape = 12.3;  // side lobes at −120 dB
constexpr double passed = 0.9;         // of half the lower rate; above it the filter falls

/// Modified Bessel function of order 0.
double bessel(double x) {
  double sum = 1, term = 1;
  for (int n = 1; term > 1e-17 * sum; ++n) {
    term *= (x / 2 / n) * (x / 2 / n);
    sum += term;
  }
  return sum;
}

/// The filter's answer `t` samples of its own rate from its middle, where `cut` is twice the highest frequency that passes.
double answer(double t, double cut, double reach) {
  const double edge = 1 - (t / reach) * (t / reach);
  if (edge <= 0) return 0;
  const double sinc = t == 0 ? cut : std::sin(pi * cut * t) / (pi * t);
  return sinc * bessel(kaiser_shape * std::sqrt(edge)) / bessel(kaiser_shape);
}

// --- The spectrum of a window ---------------------------------------------------------------------------------------

constexpr size_t points = 256, half = points / 2;  // of the transform
using Spectrum = std::array<std::complex<double>, points>;

/// In place (Cooley & Tukey 1965).
void transform(Spectrum& values) {
  for (size_t at = 1, other = 0; at < points; ++at) {
    size_t bit = points / 2;
    for (; other & bit; bit /= 2) other ^= bit;
    other ^= bit;
    if (at < other) std::swap(values[at], values[other]);
  }
  for (size_t width = 2; width <= points; width *= 2) {
    const double angle = -2 * pi / static_cast<double>(width);
    for (size_t k = 0; k < width / 2; ++k) {
      const std::complex<double> turn = std::polar(1.0, angle * static_cast<double>(k));
      for (size_t at = k; at < points; at += width) {
        const std::complex<double> odd = turn * values[at + width / 2];
        values[at + width / 2] = values[at] - odd;
        values[at] += odd;
      }
    }
  }
}

/// Of each band the weights of the frequencies: triangles from the middle of the band below to that of the one above.
std::array<std::array<double, half + 1>, sound_bands> triangles() {
  std::array<std::array<double, half + 1>, sound_bands> weights = {};
  const double step = mel(sound_rate / 2.0) / (sound_bands + 1);
  for (size_t band = 0; band < sound_bands; ++band)
    for (size_t bin = 0; bin <= half; ++bin) {
      const double at = mel(static_cast<double>(bin) * sound_rate / points) / step;
      weights[band][bin] = std::max(1 - std::abs(at - static_cast<double>(band + 1)), 0.0);
    }
  return weights;
}

// --- Speech and silence ---------------------------------------------------------------------------------------------

constexpr float speech_begins = 0.3f;  // of the way from quiet to loud
constexpr float least_way = 2.5f;      // nats; below it nothing is quiet
constexpr float quietest = 11;         // nats below the loudest: 48 dB
constexpr size_t kept_around = 3;      // columns before and after
constexpr size_t least_word = 6;       // columns

/// The logarithm of the power in a column.
float loudness(std::span<const float> column) {
  const float loudest = std::ranges::max(column);
  float sum = 0;
  for (const float band : column) sum += std::exp(band - loudest);
  return loudest + std::log(sum);
}

/// Columns in which somebody speaks, the first and the one after the last.
struct Speech {
  size_t first, end;
};
/// The stretches between which it is quiet for `pause` columns or more; nothing where none is quiet.
std::vector<Speech> stretches(std::span<const float> columns, size_t pause) {
  const size_t count = columns.size() / sound_bands;
  std::vector<float> loud;
  for (size_t n = 0; n < count; ++n) loud.push_back(loudness(columns.subspan(n * sound_bands, sound_bands)));
  std::vector<float> sorted = loud;
  std::ranges::sort(sorted);
  if (count == 0 || sorted.back() - sorted[count / 10] < least_way) return {};
  const float quiet = sorted[count / 10], speech = quiet + speech_begins * (sorted.back() - quiet);
  std::vector<Speech> all;
  for (size_t n = 0; n < count; ++n) {
    if (loud[n] <= speech) continue;
    if (all.empty() || n - all.back().end >= pause) all.push_back({n, n});
    all.back().end = n + 1;
  }
  return all;
}

std::optional<Speech> speech_in(std::span<const float> columns) {
  const auto all = stretches(columns, columns.size());
  return all.empty() ? std::nullopt : std::optional(all.front());
}

/// With a little around it.
std::vector<float> part_of(std::span<const float> columns, Speech speech) {
  const size_t begin = speech.first - std::min(speech.first, kept_around),
               end = std::min(speech.end + kept_around, columns.size() / sound_bands);
  const auto part = columns.subspan(begin * sound_bands, (end - begin) * sound_bands);
  return {part.begin(), part.end()};
}

}  // namespace

double mel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }

std::vector<double> resampled_sound(std::span<const float> samples, int from, int to) {
  from = std::max((from + rate_step / 2) / rate_step, 1) * rate_step;
  if (from == to) return {samples.begin(), samples.end()};
  // Output n lies at input n·down/up; the places between two inputs repeat after `up` of them, and so do the weights.
  const int common = std::gcd(from, to);
  const size_t up = static_cast<size_t>(to / common), down = static_cast<size_t>(from / common);
  const double cut = passed * std::min(1.0, static_cast<double>(to) / from), reach = zero_crossings / cut;
  const auto taps = static_cast<ptrdiff_t>(std::ceil(reach));
  std::vector<std::vector<double>> weights(up);
  const size_t count = (samples.size() * up + down - 1) / down;
  std::vector<double> result(count);
  for (size_t n = 0; n < count; ++n) {
    const size_t phase = n * down % up;
    const auto middle = static_cast<ptrdiff_t>(n * down / up);
    std::vector<double>& weight = weights[phase];
    if (weight.empty())
      for (ptrdiff_t tap = -taps; tap <= taps; ++tap)
        weight.push_back(answer(
            static_cast<double>(tap) - static_cast<double>(phase) / static_cast<double>(up), cut, reach));
    const ptrdiff_t first = std::max<ptrdiff_t>(-taps, -middle),
                    last = std::min(taps, std::ssize(samples) - 1 - middle);
    double sum = 0;
    for (ptrdiff_t tap = first; tap <= last; ++tap)
      sum += weight[static_cast<size_t>(tap + taps)] *
             static_cast<double>(samples[static_cast<size_t>(middle + tap)]);
    result[n] = sum;
  }
  return result;
}

std::vector<float> log_mel(std::span<const double> samples) {
  static const auto weights = triangles();
  std::array<double, sound_window> hann;
  for (size_t n = 0; n < sound_window; ++n)
    hann[n] = 0.5 - 0.5 * std::cos(2 * pi * static_cast<double>(n) / sound_window);
  std::vector<float> result;
  for (size_t begin = 0; begin + sound_window <= samples.size(); begin += sound_hop) {
    Spectrum spectrum = {};
    for (size_t n = 0; n < sound_window; ++n) spectrum[n] = hann[n] * samples[begin + n];
    transform(spectrum);
    for (size_t band = 0; band < sound_bands; ++band) {
      double power = 0;
      for (size_t bin = 0; bin <= half; ++bin) power += weights[band][bin] * std::norm(spectrum[bin]);
      result.push_back(static_cast<float>(std::log(std::max(power, double{sound_silence}))));
    }
  }
  return result;
}

std::vector<float> sound_columns(std::span<const float> samples, int rate) {
  const std::vector<float> windows = log_mel(resampled_sound(samples, rate));
  const size_t count = windows.size() / sound_bands / 2;
  std::vector<float> columns(count * sound_bands);
  for (size_t n = 0; n < count; ++n)
    for (size_t band = 0; band < sound_bands; ++band)
      columns[n * sound_bands + band] =
          (windows[2 * n * sound_bands + band] + windows[(2 * n + 1) * sound_bands + band]) / 2;
  return columns;
}

std::vector<float> spoken_part(std::span<const float> columns) {
  const auto speech = speech_in(columns);
  return speech ? part_of(columns, *speech) : std::vector<float>(columns.begin(), columns.end());
}

std::vector<std::vector<float>> spoken_parts(std::span<const float> columns, size_t pause) {
  std::vector<std::vector<float>> parts;
  for (const Speech& speech : stretches(columns, pause)) parts.push_back(part_of(columns, speech));
  if (parts.empty() && !columns.empty()) parts.emplace_back(columns.begin(), columns.end());
  return parts;
}

bool is_spoken(std::span<const float> columns) { return speech_in(columns).has_value(); }

bool has_fallen_silent(std::span<const float> columns, size_t silence) {
  const auto speech = speech_in(columns);
  return speech && speech->end - speech->first >= least_word &&
         columns.size() / sound_bands - speech->end >= silence;
}

std::vector<float> normalised_sound(std::span<const float> columns) {
  std::vector<float> result(columns.begin(), columns.end());
  if (columns.empty()) return result;
  const float quiet = std::ranges::max(columns) - quietest;
  for (float& band : result) band = std::max(band, quiet);
  const size_t count = columns.size() / sound_bands;
  double square = 0;
  for (size_t band = 0; band < sound_bands; ++band) {
    double mean = 0;
    for (size_t n = 0; n < count; ++n) mean += static_cast<double>(result[n * sound_bands + band]);
    mean /= static_cast<double>(count);
    for (size_t n = 0; n < count; ++n) {
      const double away = static_cast<double>(result[n * sound_bands + band]) - mean;
      square += away * away;
      result[n * sound_bands + band] = static_cast<float>(away);
    }
  }
  const double deviation = std::sqrt(square / static_cast<double>(result.size()));
  for (float& band : result)
    band = deviation > 1e-3 ? static_cast<float>(static_cast<double>(band) / deviation) : 0;
  return result;
}

}  // namespace unroll
