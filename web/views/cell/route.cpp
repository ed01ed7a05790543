#include "web/views/cell/route.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <queue>
#include <utility>

namespace unroll {
namespace {

constexpr float bend = 14, crossing = 45, together = 4000, close = 120;  // costs, in pixels of way
constexpr float stub = 3, clearance = 2.5f, beside = 5;

constexpr float far_away = std::numeric_limits<float>::infinity();

Spot moved(Spot at, int direction, float by) {
  constexpr float dx[] = {1, 0, -1, 0}, dy[] = {0, 1, 0, -1};
  return {at.x + dx[direction] * by, at.y + dy[direction] * by};
}

float length(Spot a, Spot b) { return std::abs(a.x - b.x) + std::abs(a.y - b.y); }

/// Sorted, without those closer than a pixel to the one before.
std::vector<float> lines(std::vector<float> all) {
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end(), [](float a, float b) { return b - a < 0.01f; }), all.end());
  return all;
}

size_t index_of(const std::vector<float>& sorted, float value) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value - 0.01f);
  return std::min(static_cast<size_t>(at - sorted.begin()), sorted.size() - 1);
}

/// Without points in the middle of a straight piece.
std::vector<Spot> straightened(const std::vector<Spot>& points) {
  std::vector<Spot> kept;
  for (const Spot& point : points) {
    if (!kept.empty() && length(kept.back(), point) < 0.01f) continue;
    const size_t n = kept.size();
    if (n >= 2 && ((kept[n - 2].x == kept[n - 1].x && kept[n - 1].x == point.x) ||
                   (kept[n - 2].y == kept[n - 1].y && kept[n - 1].y == point.y)))
      kept.pop_back();
    kept.push_back(point);
  }
  return kept;
}

}  // namespace

void Router::add_wire(int net, const std::vector<Spot>& points) {
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    Segment segment{net, points[i], points[i + 1]};
    if (segment.b.x < segment.a.x || segment.b.y < segment.a.y) std::swap(segment.a, segment.b);
    segments_.push_back(segment);
    if (segment.horizontal())
      ys_.push_back(segment.a.y);
    else
      xs_.push_back(segment.a.x);
  }
}

bool Router::blocked(Spot a, Spot b) const {
  const SpotBox way{{std::min(a.x, b.x), std::min(a.y, b.y)}, {std::max(a.x, b.x), std::max(a.y, b.y)}};
  return std::any_of(boxes_.begin(), boxes_.end(),
                     [&](const SpotBox& box) { return way.overlaps(box, clearance); });
}

/// Of a piece of way, the bends not counted.
float Router::cost(int net, Spot a, Spot b, const std::vector<Segment>& near) {
  float cost = length(a, b);
  const bool horizontal = a.y == b.y;
  const float low = horizontal ? std::min(a.x, b.x) : std::min(a.y, b.y);
  const float high = horizontal ? std::max(a.x, b.x) : std::max(a.y, b.y);
  const float line = horizontal ? a.y : a.x;
  for (const Segment& other : near) {
    const float other_line = other.horizontal() ? other.a.y : other.a.x;
    const float from = other.horizontal() ? other.a.x : other.a.y,
                to = other.horizontal() ? other.b.x : other.b.y;
    if (other.horizontal() == horizontal) {
      const float off = std::abs(other_line - line), shared = std::min(to, high) - std::max(from, low);
      if (off < beside && shared > 0.01f) {
        if (other.net != net)
          cost += off < 2 ? together : close;
        else if (off < 0.01f)
          cost -= shared * 0.9f;  // along a wire that is there already
      }
    } else if (other.net != net && other_line > low + 0.01f && other_line <= high + 0.01f &&
               line >= from - 0.01f && line <= to + 0.01f) {
      cost += crossing;
    }
  }
  return cost;
}

/// Dijkstra over the crossings of all lines, in four directions.
struct Router::Search {
  Router& router;
  const int net;
  const std::vector<float> xs, ys;
  std::vector<float> cost;
  std::vector<int> before;
  std::vector<float> across,
      down;  // what the way from a place to the next one costs; negative: not known yet
  std::vector<std::vector<Segment>> by_row, by_column;  // those that matter to a way along it
  using Entry = std::pair<float, int>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;

  Search(Router& r, int n, std::vector<float> columns, std::vector<float> rows)
      : router(r),
        net(n),
        xs(std::move(columns)),
        ys(std::move(rows)),
        cost(xs.size() * ys.size() * 4, far_away),
        before(cost.size(), -1),
        across(xs.size() * ys.size(), -1.0f),
        down(across.size(), -1.0f),
        by_row(ys.size()),
        by_column(xs.size()) {
    for (const Segment& segment : r.segments_) {
      for (size_t y = 0; y < ys.size(); ++y)
        if (ys[y] > segment.a.y - beside && ys[y] < segment.b.y + beside) by_row[y].push_back(segment);
      for (size_t x = 0; x < xs.size(); ++x)
        if (xs[x] > segment.a.x - beside && xs[x] < segment.b.x + beside) by_column[x].push_back(segment);
    }
  }

  int number(size_t x, size_t y, int direction) const {
    return static_cast<int>((y * xs.size() + x) * 4) + direction;
  }
  int number(Spot at, int direction) const {
    return number(index_of(xs, at.x), index_of(ys, at.y), direction);
  }
  Spot spot(int place) const {
    const auto at = static_cast<size_t>(place / 4);
    return {xs[at % xs.size()], ys[at / xs.size()]};
  }
  void reach(int place, float at, int from) {
    if (!(at < cost[static_cast<size_t>(place)])) return;
    cost[static_cast<size_t>(place)] = at;
    before[static_cast<size_t>(place)] = from;
    open.emplace(at, place);
  }
  void step(int place) {
    const float here = cost[static_cast<size_t>(place)];
    const int direction = place % 4;
    for (const int turned : {(direction + 1) % 4, (direction + 3) % 4})
      reach(place - direction + turned, here + bend, place);
    const auto at = static_cast<size_t>(place / 4);
    const size_t x = at % xs.size(), y = at / xs.size();
    constexpr int dx[] = {1, 0, -1, 0}, dy[] = {0, 1, 0, -1};
    const std::ptrdiff_t nx = static_cast<std::ptrdiff_t>(x) + dx[direction],
                         ny = static_cast<std::ptrdiff_t>(y) + dy[direction];
    if (nx < 0 || ny < 0 || nx >= static_cast<std::ptrdiff_t>(xs.size()) ||
        ny >= static_cast<std::ptrdiff_t>(ys.size()))
      return;
    const auto to_x = static_cast<size_t>(nx), to_y = static_cast<size_t>(ny);
    reach(number(to_x, to_y, direction), here + way(x, y, to_x, to_y), place);
  }
  /// Between neighbours. What a way costs depends on its direction only where a wire ends on it.
  float way(size_t x, size_t y, size_t to_x, size_t to_y) {
    const bool horizontal = y == to_y;
    float& known = (horizontal ? across : down)[std::min(y, to_y) * xs.size() + std::min(x, to_x)];
    if (known >= 0) return known;
    const Spot a{xs[std::min(x, to_x)], ys[std::min(y, to_y)]},
        b{xs[std::max(x, to_x)], ys[std::max(y, to_y)]};
    if (router.blocked(a, b)) return known = far_away;
    return known = std::max(Router::cost(net, a, b, horizontal ? by_row[y] : by_column[x]), 0.0f);
  }
};

std::vector<Spot> Router::route(int net, const std::vector<Port>& from, const std::vector<Port>& to) {
  // Straight, where two ports face each other.
  std::vector<Spot> best;
  float least = far_away;
  for (const Port& a : from)
    for (const Port& b : to) {
      const bool vertical = a.away % 2 == 1;
      const bool facing = (a.away + 2) % 4 == b.away &&
                          (vertical ? std::abs(a.at.x - b.at.x) < 0.01f : std::abs(a.at.y - b.at.y) < 0.01f);
      if (!facing || length(moved(a.at, a.away, 1), b.at) > length(a.at, b.at)) continue;
      const float way = length(a.at, b.at);
      if (way > 2 * clearance + 1 &&
          blocked(moved(a.at, a.away, clearance + 0.5f), moved(b.at, b.away, clearance + 0.5f)))
        continue;
      const float price = cost(net, a.at, b.at) + a.cost + b.cost;
      if (price < least) {
        least = price;
        best = {a.at, b.at};
      }
    }

  std::vector<float> xs = xs_, ys = ys_;
  for (const std::vector<Port>* ports : {&from, &to})
    for (const Port& port : *ports) {
      const Spot at = moved(port.at, port.away, stub);
      xs.push_back(at.x);
      ys.push_back(at.y);
    }
  Search search(*this, net, lines(std::move(xs)), lines(std::move(ys)));
  for (const Port& port : from) {
    const Spot at = moved(port.at, port.away, stub);
    search.reach(search.number(at, port.away), cost(net, port.at, at) + port.cost, -1);
  }
  for (const Segment& segment : segments_) {
    if (segment.net != net) continue;
    for (const float along : segment.horizontal() ? search.xs : search.ys) {
      if (along < (segment.horizontal() ? segment.a.x : segment.a.y) ||
          along > (segment.horizontal() ? segment.b.x : segment.b.y))
        continue;
      const Spot at = segment.horizontal() ? Spot{along, segment.a.y} : Spot{segment.a.x, along};
      for (int direction = 0; direction < 4; ++direction)
        search.reach(search.number(at, direction), bend / 2, -1);
    }
  }
  std::vector<int> goals;
  std::vector<float> last;
  for (const Port& port : to) {
    const Spot at = moved(port.at, port.away, stub);
    goals.push_back(search.number(at, (port.away + 2) % 4));
    last.push_back(cost(net, at, port.at) + port.cost);
  }
  int reached = -1;
  while (!search.open.empty()) {
    const auto [at, place] = search.open.top();
    search.open.pop();
    if (at >= least) break;
    if (at > search.cost[static_cast<size_t>(place)]) continue;
    for (size_t i = 0; i < goals.size(); ++i)
      if (goals[i] == place && at + last[i] < least) {
        least = at + last[i];
        reached = static_cast<int>(i);
        best.clear();
      }
    search.step(place);
  }
  if (reached >= 0) {
    best.push_back(to[static_cast<size_t>(reached)].at);
    int place = goals[static_cast<size_t>(reached)], start = place;
    for (; place >= 0; place = search.before[static_cast<size_t>(place)]) {
      best.push_back(search.spot(place));
      start = place;
    }
    for (const Port& port : from)
      if (search.number(moved(port.at, port.away, stub), port.away) == start &&
          search.spot(start) == moved(port.at, port.away, stub)) {
        best.push_back(port.at);
        break;
      }
    std::reverse(best.begin(), best.end());
    best = straightened(best);
  }
  if (!best.empty()) add_wire(net, best);
  return best;
}

int Router::crossings() const {
  int count = 0;
  for (size_t i = 0; i < segments_.size(); ++i)
    for (size_t j = i + 1; j < segments_.size(); ++j) {
      const Segment &a = segments_[i], &b = segments_[j];
      if (a.net == b.net || a.horizontal() == b.horizontal()) continue;
      const Segment &h = a.horizontal() ? a : b, &v = a.horizontal() ? b : a;
      constexpr float inside = 0.5f;
      if (v.a.x > h.a.x + inside && v.a.x < h.b.x - inside && h.a.y > v.a.y + inside &&
          h.a.y < v.b.y - inside)
        ++count;
    }
  return count;
}

}  // namespace unroll
