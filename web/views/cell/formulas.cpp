#include "web/views/cell/formulas.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace unroll {
namespace {

using Operands = const double*;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double sigmoid_of_sum(Operands v) { return sigmoid(v[0] + v[1]); }
double tanh_of_sum(Operands v) { return std::tanh(v[0] + v[1]); }
double sum(Operands v) { return v[0] + v[1]; }
double product(Operands v) { return v[0] * v[1]; }

constexpr std::string_view from_before = "";

constexpr Quantity lstm[] = {
    {"c_prev", "c_{t−1}", from_before, "", nullptr, "memory from the step before"},
    {"h_prev", "h_{t−1}", from_before, "", nullptr,
     "hidden state from the step before; the gates read all units"},
    {"x.i", "x_i", "W_{ii} x_t + b_{ii}", "", nullptr, "what the input says to the input gate"},
    {"x.f", "x_f", "W_{if} x_t + b_{if}", "", nullptr, "what the input says to the forget gate"},
    {"x.g", "x_g", "W_{ig} x_t + b_{ig}", "", nullptr, "what the input says to the candidate"},
    {"x.o", "x_o", "W_{io} x_t + b_{io}", "", nullptr, "what the input says to the output gate"},
    {"u.i", "u_i", "W_{hi} h_{t−1} + b_{hi}", "", nullptr, "what all units say to the input gate"},
    {"u.f", "u_f", "W_{hf} h_{t−1} + b_{hf}", "", nullptr, "what all units say to the forget gate"},
    {"u.g", "u_g", "W_{hg} h_{t−1} + b_{hg}", "", nullptr, "what all units say to the candidate"},
    {"u.o", "u_o", "W_{ho} h_{t−1} + b_{ho}", "", nullptr, "what all units say to the output gate"},
    {"i", "i_t", "σ(W_{ii} x_t + b_{ii} + W_{hi} h_{t−1} + b_{hi})", "σ({x.i} + {u.i})", sigmoid_of_sum,
     "input gate: how much of the candidate is written"},
    {"f", "f_t", "σ(W_{if} x_t + b_{if} + W_{hf} h_{t−1} + b_{hf})", "σ({x.f} + {u.f})", sigmoid_of_sum,
     "forget gate: how much of the memory is kept"},
    {"g", "g_t", "tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t−1} + b_{hg})", "tanh({x.g} + {u.g})", tanh_of_sum,
     "candidate: what would be written into the memory"},
    {"o", "o_t", "σ(W_{io} x_t + b_{io} + W_{ho} h_{t−1} + b_{ho})", "σ({x.o} + {u.o})", sigmoid_of_sum,
     "output gate: how much of the memory shows"},
    {"keep", "f_t · c_{t−1}", "f_t · c_{t−1}", "{f} · {c_prev}", product, "what is kept of the memory"},
    {"write", "i_t · g_t", "i_t · g_t", "{i} · {g}", product, "what is written into the memory"},
    {"c", "c_t", "f_t · c_{t−1} + i_t · g_t", "{f} · {c_prev} + {i} · {g}",
     [](Operands v) { return v[0] * v[1] + v[2] * v[3]; }, "memory: what is kept and what is written"},
    {"tanh_c", "tanh(c_t)", "tanh(c_t)", "tanh({c})", [](Operands v) { return std::tanh(v[0]); },
     "the memory, squashed to −1 … 1"},
    {"h", "h_t", "o_t · tanh(c_t)", "{o} · tanh({c})", [](Operands v) { return v[0] * std::tanh(v[1]); },
     "hidden state: for the next step and the output"},
};

constexpr Quantity gru[] = {
    {"h_prev", "h_{t−1}", from_before, "", nullptr,
     "hidden state from the step before; the gates read all units"},
    {"x.r", "x_r", "W_{ir} x_t + b_{ir}", "", nullptr, "what the input says to the reset gate"},
    {"x.z", "x_z", "W_{iz} x_t + b_{iz}", "", nullptr, "what the input says to the update gate"},
    {"x.n", "x_n", "W_{in} x_t + b_{in}", "", nullptr, "what the input says to the candidate"},
    {"u.r", "u_r", "W_{hr} h_{t−1} + b_{hr}", "", nullptr, "what all units say to the reset gate"},
    {"u.z", "u_z", "W_{hz} h_{t−1} + b_{hz}", "", nullptr, "what all units say to the update gate"},
    {"u.n", "u_n", "W_{hn} h_{t−1} + b_{hn}", "", nullptr,
     "what all units say to the candidate, before the reset gate"},
    {"r", "r_t", "σ(W_{ir} x_t + b_{ir} + W_{hr} h_{t−1} + b_{hr})", "σ({x.r} + {u.r})", sigmoid_of_sum,
     "reset gate: how much of the past the candidate hears"},
    {"z", "z_t", "σ(W_{iz} x_t + b_{iz} + W_{hz} h_{t−1} + b_{hz})", "σ({x.z} + {u.z})", sigmoid_of_sum,
     "update gate: how much of the old state is kept"},
    {"gated", "r_t · u_n", "r_t · (W_{hn} h_{t−1} + b_{hn})", "{r} · {u.n}", product,
     "what the reset gate lets the candidate hear of the past"},
    {"n", "n_t", "tanh(W_{in} x_t + b_{in} + r_t · (W_{hn} h_{t−1} + b_{hn}))", "tanh({x.n} + {r} · {u.n})",
     [](Operands v) { return std::tanh(v[0] + v[1] * v[2]); }, "candidate: the new state that is proposed"},
    {"remain", "1 − z_t", "1 − z_t", "1 − {z}", [](Operands v) { return 1 - v[0]; },
     "how much of the candidate is taken"},
    {"write", "(1 − z_t) · n_t", "(1 − z_t) · n_t", "(1 − {z}) · {n}",
     [](Operands v) { return (1 - v[0]) * v[1]; }, "what is taken of the candidate"},
    {"keep", "z_t · h_{t−1}", "z_t · h_{t−1}", "{z} · {h_prev}", product, "what is kept of the old state"},
    {"h", "h_t", "(1 − z_t) · n_t + z_t · h_{t−1}", "(1 − {z}) · {n} + {z} · {h_prev}",
     [](Operands v) { return (1 - v[0]) * v[1] + v[2] * v[3]; },
     "hidden state: for the next step and the output"},
};

/// The h of relu first and that of tanh last, so that each of the two cells is a part of it.
constexpr Quantity rnn[] = {
    {"h", "h_t", "max(0, W_{ih} x_t + b_{ih} + W_{hh} h_{t−1} + b_{hh})", "max(0, {x} + {u})",
     [](Operands v) { return std::max(0.0, v[0] + v[1]); }, "hidden state: for the next step and the output"},
    {"h_prev", "h_{t−1}", from_before, "", nullptr, "hidden state from the step before, of all units"},
    {"x", "x_h", "W_{ih} x_t + b_{ih}", "", nullptr, "what the input says to the unit"},
    {"u", "u_h", "W_{hh} h_{t−1} + b_{hh}", "", nullptr, "what all units say to the unit"},
    {"sum", "x_h + u_h", "W_{ih} x_t + b_{ih} + W_{hh} h_{t−1} + b_{hh}", "{x} + {u}", sum,
     "input and past, added up"},
    {"h", "h_t", "tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t−1} + b_{hh})", "tanh({x} + {u})", tanh_of_sum,
     "hidden state: for the next step and the output"},
};

constexpr std::string_view lstm_equations[] = {"i", "f", "g", "o", "c", "h"};
constexpr std::string_view gru_equations[] = {"r", "z", "n", "h"};
constexpr std::string_view rnn_equations[] = {"x", "u", "h"};

constexpr int fewest_digits = 3, most_digits = 7;

/// Decimals of a result: three, or fewer for large values.
int result_digits(double value) {
  const double size = std::abs(value);
  return size < 1.9995 ? 3 : size < 19.995 ? 2 : 1;
}

/// Every "{row}" of the template replaced by what `text` makes of it.
template <class Text>
std::string filled(std::string_view numbers, const Text& text) {
  std::string all;
  for (size_t i = 0; i < numbers.size();) {
    if (numbers[i] != '{') {
      all += numbers[i++];
      continue;
    }
    const size_t close = numbers.find('}', i);
    const bool first = all.empty() || all.back() == '(';
    all += text(numbers.substr(i + 1, close - i - 1), first);
    i = close + 1;
  }
  return all;
}

}  // namespace

std::string decimals(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, std::abs(value));
  const bool zero = std::strtod(text, nullptr) == 0;
  return (value < 0 && !zero ? "−" : "") + std::string(text);
}

std::span<const Quantity> quantities(const LaneSpec& spec) {
  if (spec.cell == "lstm") return lstm;
  if (spec.cell == "gru") return gru;
  const std::span<const Quantity> both = rnn;
  return spec.nonlinearity == Nonlinearity::relu ? both.first(std::size(rnn) - 1) : both.subspan(1);
}

const Quantity* find_quantity(const LaneSpec& spec, std::string_view id) {
  const auto all = quantities(spec);
  const auto found = std::find_if(all.begin(), all.end(), [&](const Quantity& q) { return q.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::span<const std::string_view> equations(std::string_view cell) {
  if (cell == "lstm") return lstm_equations;
  if (cell == "gru") return gru_equations;
  return rnn_equations;
}

std::vector<std::string_view> operands(const Quantity& quantity) {
  std::vector<std::string_view> rows;
  filled(quantity.numbers, [&](std::string_view row, bool) {
    rows.push_back(row);
    return "";
  });
  return rows;
}

std::vector<float> values_of(const CellReading& reading, const Quantity& quantity) {
  const auto own = reading.row(quantity.id);
  if (!own.empty()) return {own.begin(), own.end()};
  std::vector<float> values(reading.hidden(), std::numeric_limits<float>::quiet_NaN());
  std::vector<std::span<const float>> rows;
  for (const std::string_view name : operands(quantity)) {
    rows.push_back(reading.row(name));
    if (rows.back().empty()) return values;
  }
  if (!quantity.value) return values;
  std::vector<double> of_unit(rows.size());
  for (size_t unit = 0; unit < values.size(); ++unit) {
    for (size_t i = 0; i < rows.size(); ++i) of_unit[i] = static_cast<double>(rows[i][unit]);
    values[unit] = static_cast<float>(quantity.value(of_unit.data()));
  }
  return values;
}

double value_of(const CellReading& reading, const Quantity& quantity, size_t unit) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const auto own = reading.row(quantity.id);
  if (!own.empty()) return unit < own.size() ? static_cast<double>(own[unit]) : none;
  std::vector<double> of_unit;
  for (const std::string_view name : operands(quantity)) {
    const auto row = reading.row(name);
    if (unit >= row.size()) return none;
    of_unit.push_back(static_cast<double>(row[unit]));
  }
  return quantity.value ? quantity.value(of_unit.data()) : none;
}

WorkedOut work_out(const CellReading& reading, const Quantity& quantity) {
  const auto unit = static_cast<size_t>(reading.unit);
  WorkedOut out{"", "", value_of(reading, quantity, unit)};
  const int result = result_digits(out.value);
  out.result = decimals(out.value, result);
  if (!quantity.value || !reading.ready()) return out;
  for (int digits = fewest_digits; digits <= most_digits; ++digits) {
    std::vector<double> shown;
    out.numbers = filled(quantity.numbers, [&](std::string_view row, bool first) {
      const double value = value_of(reading, *find_quantity(reading.spec, row), unit);
      char rounded[64];
      std::snprintf(rounded, sizeof rounded, "%.*f", digits, value);
      shown.push_back(std::strtod(rounded, nullptr));
      const std::string text = decimals(value, digits);
      return shown.back() < 0 && !first ? "(" + text + ")" : text;
    });
    if (decimals(quantity.value(shown.data()), result) == out.result) break;
  }
  return out;
}

}  // namespace unroll
