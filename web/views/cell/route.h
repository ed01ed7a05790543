// Wires that run horizontally and vertically around boxes, with few bends and crossings. Knows nothing of cells.
#pragma once

#include <vector>

namespace unroll {

struct Spot {
  float x = 0, y = 0;
  bool operator==(const Spot&) const = default;
};
struct SpotBox {
  Spot min, max;
  bool overlaps(const SpotBox& other, float gap = 0) const {
    return min.x < other.max.x + gap && other.min.x < max.x + gap && min.y < other.max.y + gap &&
           other.min.y < max.y + gap;
  }
};

/// Where a wire may leave or enter a box: on its outline, and the direction away from it (0 right, 1 down, 2 left, 3 up).
struct Port {
  Spot at;
  int away = 0;
  float cost = 0;  ///< in pixels of way, of using it
};

/// A plane with boxes and wires. Wires of the same net carry the same value: they may touch and run together.
class Router {
 public:
  void add_box(SpotBox box) { boxes_.push_back(box); }
  void add_wire(int net, const std::vector<Spot>& points);
  /// Lines on which wires may run, beside those through ports.
  void add_column(float x) { xs_.push_back(x); }
  void add_row(float y) { ys_.push_back(y); }

  /// The cheapest way from one of the ports, or from any place of the net's wires, to one of the other ports. It becomes
  /// a wire of the net. Empty when there is none.
  std::vector<Spot> route(int net, const std::vector<Port>& from, const std::vector<Port>& to);

  /// How often wires of different nets cross.
  int crossings() const;

 private:
  struct Segment {
    int net;
    Spot a, b;  // a before b
    bool horizontal() const { return a.y == b.y; }
  };
  struct Search;
  bool blocked(Spot a, Spot b) const;
  float cost(int net, Spot a, Spot b) const { return cost(net, a, b, segments_); }
  static float cost(int net, Spot a, Spot b, const std::vector<Segment>& near);

  std::vector<SpotBox> boxes_;
  std::vector<Segment> segments_;
  std::vector<float> xs_, ys_;
};

}  // namespace unroll
