#include "web/views/cell/placing.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace unroll {
namespace {

using Kind = SketchItem::Kind;
using From = SketchSource::Kind;

// Between rows from middle to middle, with a function on the way down from a line, and from the lowest to the gates.
constexpr float least_gap = 26, least_hanging_gap = 42, least_last_gap = 17;

class Placer {
 public:
  Placer(const CellGraph& graph, const CellSketch& sketch, Spot min, Spot size)
      : graph_(graph),
        sketch_(sketch),
        min_(min),
        size_(size),
        spine_of_(sketch.items.size(), -1),
        rank_(sketch.items.size(), 0),
        line_rank_(graph.states.size(), 0),
        row_(sketch.items.size(), 0),
        users_(sketch.items.size()),
        feeds_(sketch.items.size(), unknown) {
    for (size_t s = 0; s < sketch.spines.size(); ++s)
      for (const int item : sketch.spines[s]) spine_of_[index(item)] = static_cast<int>(s);
    for (size_t i = 0; i < sketch.items.size(); ++i)
      for (const SketchInput& input : sketch.items[i].inputs)
        if (input.from.kind == From::item) users_[index(input.from.index)].push_back(static_cast<int>(i));
  }

  Placing run() {
    p_.at.resize(sketch_.items.size());
    p_.half.resize(sketch_.items.size());
    choose_rows();
    place_rows();
    place_columns();
    return std::move(p_);
  }

 private:
  static size_t index(int i) { return static_cast<size_t>(i); }
  const SketchItem& item(int i) const { return sketch_.items[index(i)]; }
  bool in_row(int i) const { return sketch_.in_row(i); }
  bool on_line(int i) const { return spine_of_[index(i)] >= 0; }
  bool is_free(int i) const { return !in_row(i) && !on_line(i) && item(i).under < 0; }

  /// Whether a state's line is made of it.
  bool feeds_line(int i) const {
    char& known = feeds_[index(i)];
    if (known != unknown) return known == yes;
    known = no;
    for (const int user : users_[index(i)])
      if (on_line(user) || (is_free(user) && feeds_line(user))) known = yes;
    return known == yes;
  }
  /// A function of nothing but a line, on the way down to what uses it.
  bool hangs(int i) const {
    if (!is_free(i) || item(i).kind != Kind::pill || users_[index(i)].size() != 1 || feeds_line(i))
      return false;
    if (!is_free(users_[index(i)][0])) return false;
    const SketchSource& from = item(i).inputs[0].from;
    return from.kind == From::item && (on_line(from.index) || hangs(from.index));
  }

  // Rank 1 is the row of gates; lines are above everything that they are made of.
  int rank(int i) {
    if (item(i).under >= 0) return 0;
    if (in_row(i)) return 1;
    if (on_line(i)) return line_rank(spine_of_[index(i)]);
    int& known = rank_[index(i)];
    if (known > 0) return known;
    int most = 1, highest_line = 0;
    for (const SketchInput& input : item(i).inputs) {
      if (input.from.kind != From::item || hangs(input.from.index)) continue;
      if (on_line(input.from.index))
        highest_line = std::max(highest_line, rank(input.from.index));
      else
        most = std::max(most, rank(input.from.index));
    }
    const bool above = feeds_line(i);
    return known = 1 + (above ? std::max(most, highest_line) : most);
  }
  int line_rank(int state) {
    int& known = line_rank_[index(state)];
    if (known > 0) return known;
    int most = 1;
    for (const int on : sketch_.spines[index(state)])
      for (const SketchInput& input : item(on).inputs)
        if (input.from.kind == From::item && spine_of_[index(input.from.index)] != state)
          most = std::max(most, rank(input.from.index));
    return known = 1 + most;
  }

  /// Rows are keyed by twice the rank; lines stand above the items of their rank.
  float line_key(size_t state) {
    return 2 * static_cast<float>(line_rank(static_cast<int>(state))) + 1 - 0.01f * static_cast<float>(state);
  }
  void choose_rows() {
    std::map<float, int> others;  // how many items make the row necessary
    for (size_t s = 0; s < sketch_.spines.size(); ++s)
      if (!sketch_.spines[s].empty()) keys_.push_back(line_key(s));
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const int n = static_cast<int>(i);
      if (!is_free(n) || hangs(n)) continue;
      row_[i] = 2 * static_cast<float>(rank(n));
      ++others[row_[i]];
    }
    // One that is alone in its row goes up to the next one with items, if what uses it is still above.
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const int n = static_cast<int>(i);
      if (row_[i] == 0 || others[row_[i]] != 1 || item(n).kind == Kind::derived) continue;
      float limit = 1000;
      for (const int user : users_[i])
        limit = std::min(limit, on_line(user)           ? line_key(index(spine_of_[index(user)]))
                                : row_[index(user)] > 0 ? row_[index(user)]
                                                        : limit);
      const auto next = others.upper_bound(row_[i]);
      if (next == others.end() || next->first > limit || next->second == 0) continue;
      --others[row_[i]];
      row_[i] = next->first;
      ++others[row_[i]];
    }
    for (const auto& [key, count] : others)
      if (count > 0) keys_.push_back(key);
    std::sort(keys_.begin(), keys_.end());
  }

  void place_rows() {
    const float side = size_.x < 420 ? 48.0f : 60.0f;
    p_.edge_left = min_.x;
    p_.edge_right = min_.x + size_.x;
    p_.left = min_.x + side;
    p_.right = p_.edge_right - side;
    p_.bottom = min_.y + size_.y;
    const auto columns = static_cast<float>(std::max<size_t>(sketch_.order.size(), 3));
    int branches = 0;  // of lines, down to where gates tap them: at the left of the gates
    for (size_t s = 0; s < graph_.states.size(); ++s)
      branches += p_.line_of(sketch_, s) && taps(static_cast<int>(s));
    first_column_ = p_.left + (branches > 0 ? 3 + 6 * static_cast<float>(branches - 1) : 0.0f);
    column_ = (p_.right - first_column_) / columns;
    gate_width_ = std::floor(std::min(column_ / 2 - 3, 50.0f));
    p_.aside = std::round(std::min(0.66f * gate_width_, 30.0f));
    const float spare = std::max(size_.y - 190.0f, 0.0f);

    // From the bottom: the input, the lines of all units, the gates.
    std::vector<size_t> tapped;  // from the lowest: h, then the others from the last
    for (size_t s = graph_.states.size(); s-- > 0;)
      if (taps(static_cast<int>(s))) tapped.push_back(s);
    if (const auto h = std::find(tapped.begin(), tapped.end(), index(graph_.output)); h != tapped.end())
      std::rotate(tapped.begin(), h, h + 1);
    const bool below = std::any_of(sketch_.items.begin(), sketch_.items.end(),
                                   [](const SketchItem& one) { return one.under >= 0; });
    const float top = std::round(min_.y + 24 + std::min(spare * 0.05f, 6.0f));
    float gate_height = 21 + std::min(spare * 0.06f, 5.0f), bus = 24 + std::min(spare * 0.12f, 14.0f);
    float above = (below ? 44.0f : 26.0f) + std::min(spare * 0.16f, 18.0f);
    const std::vector<float> least = least_gaps();
    float need = 0;
    for (const float gap : least) need += gap;
    const auto room = [&] {
      p_.input = std::round(p_.bottom - 14 - std::min(spare * 0.04f, 4.0f));
      p_.buses.assign(graph_.states.size(), 0.0f);
      float y = p_.input;
      for (const size_t s : tapped) {
        y -= y == p_.input ? bus : std::max(bus * 0.7f, 14.0f);
        p_.buses[s] = std::round(y);
      }
      if (tapped.empty()) y -= 2;
      p_.gates = std::round(y - above - gate_height);
      return p_.gates - gate_height - top;
    };
    // Where it is too little: gates of one line, then taps and the lines of all units closer, then everything.
    if (const float less = need - room(); less > 0) gate_height = std::max(gate_height - less / 2, 10.0f);
    if (const float less = need - room(); less > 0) above = std::max(above - less, below ? 34.0f : 18.0f);
    if (const float less = need - room(); less > 0) bus = std::max(bus - less, 18.0f);
    const float share = room() / std::max(need, 1.0f);
    gate_height = std::round(gate_height);
    p_.radius = std::clamp(std::floor(least_gap * std::min(share, 1.0f) / 2 - 3), 6.0f, 10.0f);
    const float derived = std::clamp(std::floor(least_gap * std::min(share, 1.0f) / 2 - 3), 7.0f, 11.0f);
    std::vector<float> rows(keys_.size());
    float y = top;
    for (size_t k = keys_.size(); k-- > 0;) {
      rows[k] = std::round(y);
      y += least[k] * share;
    }
    const auto row_y = [&](float key) {
      return rows[static_cast<size_t>(std::lower_bound(keys_.begin(), keys_.end(), key - 0.001f) -
                                      keys_.begin())];
    };
    p_.lines.assign(graph_.states.size(), 0.0f);
    for (size_t s = 0; s < sketch_.spines.size(); ++s)
      if (!sketch_.spines[s].empty()) p_.lines[s] = row_y(line_key(s));
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const int n = static_cast<int>(i);
      Spot& half = p_.half[i];
      switch (item(n).kind) {
        case Kind::gate:
          half = {gate_width_, gate_height};
          break;
        case Kind::derived:
          half = {std::min(gate_width_, 36.0f), in_row(n) ? std::min(gate_height, 13.0f) : derived};
          break;
        case Kind::circle:
          half = {p_.radius, p_.radius};
          break;
        case Kind::pill:
          half = {in_row(n) ? 14.0f : pill_width(item(n).text),
                  in_row(n) ? std::min(gate_height, 11.0f) : std::min(p_.radius, 8.0f)};
          break;
        case Kind::matrix:
          half = {std::min(gate_width_, 20.0f), std::min(gate_height, 13.0f)};
          break;
      }
      if (in_row(n)) p_.at[i].y = p_.gates;
      if (on_line(n)) p_.at[i].y = p_.lines[index(spine_of_[i])];
      if (row_[i] > 0) p_.at[i].y = row_y(row_[i]);
    }
    for (size_t i = 0; i < sketch_.items.size(); ++i)
      if (const int under = sketch_.items[i].under; under >= 0)
        p_.at[i].y = std::round(p_.gates + gate_height + above * (below ? 0.5f : 1.0f));
  }
  /// By row: to the one below it.
  std::vector<float> least_gaps() {
    std::vector<float> gaps(keys_.size(), least_gap);
    if (!gaps.empty()) gaps[0] = least_last_gap;
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const int n = static_cast<int>(i);
      if (!hangs(n) || hangs(item(n).inputs[0].from.index)) continue;
      const float key = line_key(index(spine_of_[index(item(n).inputs[0].from.index)]));
      const auto row =
          static_cast<size_t>(std::lower_bound(keys_.begin(), keys_.end(), key - 0.001f) - keys_.begin());
      gaps[row] = least_hanging_gap;
    }
    return gaps;
  }
  static float pill_width(const std::string& text) {
    return std::max(10.0f, 3 + 3.6f * static_cast<float>(text.size()));
  }

  bool taps(int state) const {
    bool line = !sketch_.spines[index(state)].empty(), other = false;
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const SketchItem& one = sketch_.items[i];
      for (const SketchInput& input : one.inputs) {
        if (input.from != SketchSource{From::before, state}) continue;
        if (one.kind == Kind::gate || one.kind == Kind::matrix || one.under >= 0) return true;
        other = true;
      }
    }
    const auto names_it = [&](const SketchSource& after) {
      return after == SketchSource{From::before, state};
    };
    return !line && (other || std::any_of(sketch_.after.begin(), sketch_.after.end(), names_it));
  }

  float column(size_t place) const {
    return std::round(first_column_ + column_ * (static_cast<float>(place) + shift_));
  }

  void place_columns() {
    shift_ = 0.5f + (3.0f - std::min(3.0f, static_cast<float>(sketch_.order.size()))) / 2;
    for (size_t place = 0; place < sketch_.order.size(); ++place)
      p_.at[index(sketch_.order[place])].x = column(place);
    for (size_t i = 0; i < sketch_.items.size(); ++i)
      if (const int under = sketch_.items[i].under; under >= 0)
        p_.at[i].x = std::round(p_.at[index(under)].x - p_.aside / 2);
    for (const float key : keys_) {
      std::vector<int> row;
      for (size_t i = 0; i < sketch_.items.size(); ++i)
        if (row_[i] == key) row.push_back(static_cast<int>(i));
      for (const int i : row) p_.at[index(i)].x = wished(i);
      spread(row);
      for (size_t s = 0; s < sketch_.spines.size(); ++s)
        if (!sketch_.spines[s].empty() && std::abs(line_key(s) - key) < 0.001f) {
          place_spine(sketch_.spines[s]);
          step_aside(sketch_.spines[s]);
        }
    }
    for (size_t i = 0; i < sketch_.items.size(); ++i)
      if (hangs(static_cast<int>(i))) place_hanging(static_cast<int>(i));
  }
  /// The middle of what it is made of.
  float wished(int i) const {
    float sum = 0, count = 0, line = 0;
    for (const SketchInput& input : item(i).inputs) {
      if (input.from.kind != From::item) continue;
      const int from = input.from.index;
      if (on_line(from)) {
        line = std::max(line, p_.at[index(from)].x);
      } else if (!hangs(from)) {
        sum += p_.at[index(from)].x;
        ++count;
      }
    }
    if (count > 0) return std::round(sum / count);
    return line > 0 ? line + 40 : (p_.left + p_.right) / 2;
  }
  /// Apart from each other, within the body.
  void spread(std::vector<int> row) {
    if (row.empty()) return;
    std::sort(row.begin(), row.end(), [&](int a, int b) {
      return std::pair(p_.at[index(a)].x, a) < std::pair(p_.at[index(b)].x, b);
    });
    const auto gap = [&](int a, int b) { return p_.half[index(a)].x + p_.half[index(b)].x + 12; };
    float low = p_.left + 12 + p_.half[index(row[0])].x;
    for (size_t k = 0; k < row.size(); ++k) {
      float& x = p_.at[index(row[k])].x;
      x = std::max(x, low);
      if (k + 1 < row.size()) low = x + gap(row[k], row[k + 1]);
    }
    float high = p_.right - 12 - p_.half[index(row.back())].x;
    for (size_t k = row.size(); k-- > 0;) {
      float& x = p_.at[index(row[k])].x;
      x = std::round(std::min(x, high));
      if (k > 0) high = x - gap(row[k - 1], row[k]);
    }
  }
  void place_spine(const std::vector<int>& spine) {
    float low = p_.left + 14;
    for (const int i : spine) {
      float sum = 0, count = 0;
      for (const SketchInput& input : item(i).inputs)
        if (input.from.kind == From::item && !on_line(input.from.index)) {
          sum += p_.at[index(input.from.index)].x;
          ++count;
        }
      p_.at[index(i)].x = std::max(count > 0 ? std::round(sum / count) : low + 14, low + p_.half[index(i)].x);
      low = p_.at[index(i)].x + p_.half[index(i)].x + 14;
    }
    float high = p_.right - 14;
    for (size_t k = spine.size(); k-- > 0;) {
      const size_t i = index(spine[k]);
      p_.at[i].x = std::round(std::min(p_.at[i].x, high - p_.half[i].x));
      high = p_.at[i].x - p_.half[i].x - 12;
    }
  }
  /// A box on a line does not stand over one on a line below, which would be in the way of what it reads.
  void step_aside(const std::vector<int>& spine) {
    if (spine.size() != 1 || item(spine[0]).kind != Kind::derived) return;
    const size_t own = index(spine[0]);
    for (const int other : boxes_) {
      const float apart = p_.half[own].x + p_.half[index(other)].x + 24;
      if (std::abs(p_.at[own].x - p_.at[index(other)].x) >= apart) continue;
      const float right = p_.at[index(other)].x + apart, left = p_.at[index(other)].x - apart;
      const bool fits = right + p_.half[own].x + 12 <= p_.right;
      p_.at[own].x = std::max(fits ? right : left, p_.left + p_.half[own].x + 12);
    }
    boxes_.push_back(spine[0]);
  }
  void place_hanging(int i) {
    int above = 0, below = 0, line = i, user = i;  // of the chain, and its ends
    while (hangs(line)) line = item(line).inputs[0].from.index, ++above;
    while (hangs(user)) user = users_[index(user)][0], ++below;
    const float from = p_.at[index(line)].y, to = p_.at[index(user)].y;
    const float share = static_cast<float>(above) / static_cast<float>(above + below) * 0.92f;
    p_.at[index(i)] = {p_.at[index(user)].x, std::round(from + (to - from) * share)};
    p_.half[index(i)].x = std::min(p_.half[index(i)].x, p_.right - 3 - p_.at[index(i)].x);
  }

  const CellGraph& graph_;
  const CellSketch& sketch_;
  const Spot min_, size_;
  std::vector<int> spine_of_, rank_, line_rank_;
  std::vector<float> row_, keys_;  // of free items; of all rows above the gates, from the lowest
  std::vector<std::vector<int>> users_;
  static constexpr char unknown = 0, no = 1, yes = 2;
  mutable std::vector<char> feeds_;
  std::vector<int> boxes_;  // on lines
  float column_ = 0, first_column_ = 0, gate_width_ = 0, shift_ = 0.5f;
  Placing p_;
};

}  // namespace

Placing place_items(const CellGraph& graph, const CellSketch& sketch, Spot min, Spot size) {
  return Placer(graph, sketch, min, size).run();
}

}  // namespace unroll
