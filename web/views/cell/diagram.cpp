#include "web/views/cell/diagram.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "engine/cells/node_names.h"
#include "web/views/cell/one_line.h"
#include "web/views/cell/placing.h"
#include "web/views/cell/sketch.h"

namespace unroll {
namespace {

using Node = DiagramNode::Kind;
using Kind = SketchItem::Kind;
using From = SketchSource::Kind;
using Align = DiagramNumber::Align;

constexpr float space_to_next = 10;  // what goes to the next step only ends before what comes next

class Drawer {
 public:
  Drawer(const CellGraph& graph, Spot min, Spot size)
      : graph_(graph),
        sketch_(sketch_cell(graph)),
        names_(node_names(graph)),
        p_(place_items(graph, sketch_, min, size)) {
    d_.body = {{p_.left, min.y}, {p_.right, p_.bottom - 6}};
    d_.head = std::round((p_.left + p_.right) / 2);
    const float narrow = sketch_.order.empty() ? 50.0f : p_.half[index(sketch_.order[0])].x;
    d_.strip = narrow < 40 ? Spot{36, 13} : Spot{48, 14};
  }

  Diagram run() {
    add_nodes();
    add_lines();
    add_taps();
    add_states();
    add_channels();
    add_routes();
    add_exits();
    d_.crossings = router_.crossings();
    add_numbers();
    return std::move(d_);
  }

 private:
  static size_t index(int i) { return static_cast<size_t>(i); }
  const SketchItem& item(int i) const { return sketch_.items[index(i)]; }
  Spot at(int i) const { return p_.at[index(i)]; }
  Spot half(int i) const { return p_.half[index(i)]; }
  const std::string& name(int node) const { return names_[index(node)]; }
  std::string before_name(size_t state) const { return graph_.states[state].name + "_prev"; }
  int net(SketchSource from) const {
    return from.kind == From::item ? from.index : from.kind == From::before ? 1000 + from.index : 2000;
  }

  void wire(std::string id, std::vector<Spot> points, int net, bool arrow = true, bool bundle = false) {
    router_.add_wire(net, points);
    d_.wires.push_back({std::move(id), std::move(points), arrow, bundle, net});
  }

  void add_nodes() {
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const SketchItem& one = sketch_.items[i];
      const Node kind = one.kind == Kind::gate      ? Node::gate
                        : one.kind == Kind::derived ? Node::derived
                        : one.kind == Kind::circle  ? Node::circle
                        : one.kind == Kind::pill    ? Node::pill
                                                    : Node::matrix;
      d_.nodes.push_back({name(one.node), kind, p_.at[i], p_.half[i], one.text, one.node});
      router_.add_box(d_.nodes.back().box());
    }
  }

  /// States that run through the cell.
  void add_lines() {
    for (size_t s = 0; s < graph_.states.size(); ++s) {
      const std::vector<int>& spine = sketch_.spines[s];
      if (spine.empty()) continue;
      const float y = p_.lines[s];
      wire(before_name(s), {{p_.edge_left, y}, {at(spine[0]).x - half(spine[0]).x, y}},
           1000 + static_cast<int>(s));
      for (size_t k = 0; k < spine.size(); ++k) {
        const int i = spine[k];
        const bool last = k + 1 == spine.size();
        const float end = last ? exit_x(s) : at(spine[k + 1]).x - half(spine[k + 1]).x;
        wire(name(item(i).node), {{at(i).x + half(i).x, y}, {end, y}}, i);
      }
      if (static_cast<int>(s) == graph_.output) d_.out = {p_.edge_right, y};
    }
  }
  float exit_x(size_t state) const {
    return static_cast<int>(state) == graph_.output ? p_.edge_right : p_.edge_right - space_to_next;
  }

  struct Tap {
    int item, node, state;  // state −1: the input
    float x, to;
  };
  bool is_tap(const SketchItem& one, const SketchInput& input) const {
    if (one.kind != Kind::gate && one.kind != Kind::matrix && one.under < 0) return false;
    return input.from.kind == From::input ||
           (input.from.kind == From::before && p_.buses[index(input.from.index)] > 0);
  }
  float bus_row(int state) const { return state < 0 ? p_.input : p_.buses[index(state)]; }

  /// What gates take from the lines of all units and of the input, from below: the higher the line, the more to the left.
  void add_taps() {
    std::vector<Tap> taps;
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const int n = static_cast<int>(i);
      const SketchItem& one = item(n);
      std::vector<Tap> own;
      bool below = false;
      for (const SketchInput& input : one.inputs) {
        if (input.from.kind == From::item && item(input.from.index).under == n) {
          if (!below) ports_.emplace_back(n, at(input.from.index).x);
          below = true;
        }
        if (is_tap(one, input))
          own.push_back({n, input.node, input.from.kind == From::before ? input.from.index : -1, 0,
                         at(n).y + half(n).y});
      }
      std::sort(own.begin(), own.end(), [&](const Tap& a, const Tap& b) {
        return std::tuple(bus_row(a.state), a.node) < std::tuple(bus_row(b.state), b.node);
      });
      const float wide = one.under >= 0 || one.kind == Kind::matrix ? 0.0f : p_.aside;
      const auto count = static_cast<float>(own.size());
      for (size_t k = 0; k < own.size(); ++k) {
        const auto place = static_cast<float>(k);
        float off = own.size() == 1 ? (below ? wide : 0.0f) : wide * (2 * place / (count - 1) - 1);
        if (below && own.size() > 1) off = wide * place / (count - 1);
        own[k].x = std::round(at(n).x + off);
        if (one.under >= 0 && k > 0) continue;  // a product of two that come from below: the second is routed
        tapped_.emplace_back(n, own[k].node);
        taps.push_back(own[k]);
      }
    }
    for (size_t s = 0; s < graph_.states.size(); ++s) add_bus(static_cast<int>(s), taps);
    add_bus(-1, taps);
    for (const Tap& tap : taps) {
      const int of = tap.state < 0 ? 2000 : 1000 + tap.state;
      wire(tap_name(tap.node, tap.state), {{tap.x, bus_row(tap.state)}, {tap.x, tap.to}}, of);
    }
  }
  std::string tap_name(int node, int state) const {
    if (node >= 0 && !name(node).empty()) return name(node);
    return state < 0 ? "input" : before_name(index(state));
  }

  void add_bus(int state, const std::vector<Tap>& taps) {
    const float y = bus_row(state);
    if (y <= 0) return;
    float low = d_.head, high = state < 0 ? d_.head : p_.edge_left;
    for (const Tap& tap : taps)
      if (tap.state == state) {
        low = std::min(low, tap.x);
        high = std::max(high, tap.x);
      }
    if (state < 0) {
      wire("input", {{d_.head, p_.bottom}, {d_.head, y}}, 2000, false, true);
      if (high > low) wire("input", {{low, y}, {high, y}}, 2000, false, true);
      return;
    }
    const int of = 1000 + state;
    const std::string id = before_name(index(state));
    if (high <= p_.edge_left) high = p_.left + 30;
    if (!sketch_.spines[index(state)].empty()) {  // it branches off its line
      const float branch = p_.left + 3 + 6 * static_cast<float>(branches_++);
      wire(id, {{branch, p_.lines[index(state)]}, {branch, y}, {high, y}}, of, false, true);
    } else {
      wire(id, {{p_.edge_left, y}, {high, y}}, of, false, true);
    }
  }

  /// The states' names at both edges.
  void add_states() {
    std::vector<size_t> left, right;
    const float side = p_.left - p_.edge_left;
    std::vector<std::pair<float, size_t>> in, out;
    for (size_t s = 0; s < graph_.states.size(); ++s) {
      const bool line = !sketch_.spines[s].empty();
      if (line || p_.buses[s] > 0) in.emplace_back(line ? p_.lines[s] : p_.buses[s], s);
      if (line) {
        out.emplace_back(p_.lines[s], s);
        exits_.push_back(p_.lines[s]);
      }
    }
    for (size_t s = 0; s < graph_.states.size(); ++s) {
      if (!sketch_.spines[s].empty()) continue;
      const SketchSource from = sketch_.after[s];
      const float wished = from.kind == From::item && !on_line(from.index) ? at(from.index).y
                           : from.kind == From::item                       ? at(from.index).y + 40
                           : from.kind == From::before && p_.lines[index(from.index)] > 0
                               ? p_.lines[index(from.index)] + 40
                               : p_.gates;
      out.emplace_back(free_exit(wished), s);
    }
    std::sort(in.begin(), in.end());
    std::sort(out.begin(), out.end());
    const auto place = [&](const std::vector<std::pair<float, size_t>>& rows, Node kind) {
      for (size_t k = 0; k < rows.size(); ++k) {
        const auto [y, s] = rows[k];
        const float below = k + 1 < rows.size() ? rows[k + 1].first - y : 100.0f;
        const float height = below < 43 ? 10.0f : 20.0f;
        const float x = kind == Node::before ? p_.edge_left + side / 2 - 2 : p_.edge_right - side / 2 + 2;
        const std::string id = kind == Node::before ? before_name(s) : graph_.states[s].name;
        // A compact one has its name over the wire and nothing below it.
        d_.nodes.push_back(
            {id, kind, {x, height < 20 ? y - 11 : y}, {side / 2 - 3, height}, graph_.states[s].name, -1});
        if (kind == Node::after) exit_of_.emplace_back(s, y);
      }
    };
    place(in, Node::before);
    place(out, Node::after);
  }
  bool on_line(int i) const {
    for (const std::vector<int>& spine : sketch_.spines)
      if (std::find(spine.begin(), spine.end(), i) != spine.end()) return true;
    return false;
  }
  /// A row at the right edge that is apart from the others.
  float free_exit(float wished) {
    const auto free = [&](float y) {
      return std::all_of(exits_.begin(), exits_.end(),
                         [&](float other) { return std::abs(other - y) >= 22; });
    };
    float y = wished;
    for (float off = 0; off < 400 && !free(y); off += 2) {
      y = wished + off;
      if (free(y) && y < p_.bottom - 20) break;
      y = wished - off;
      if (free(y) && y > d_.body.min.y + 20) break;
    }
    exits_.push_back(y);
    return y;
  }

  /// Lines on which wires may run.
  void add_channels() {
    std::vector<float> rows{p_.input, p_.gates}, across, down;
    for (const float line : p_.lines)
      if (line > 0) rows.push_back(line);
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const Spot a = p_.at[i], h = p_.half[i];
      for (const float sign : {-1.0f, 1.0f}) {
        across.push_back(a.x + sign * (h.x + 7));
        down.push_back(a.y + sign * (h.y + 7));
      }
      rows.push_back(a.y);
    }
    std::sort(rows.begin(), rows.end());
    for (size_t k = 0; k + 1 < rows.size(); ++k)
      if (rows[k + 1] - rows[k] > 8) down.push_back(std::round((rows[k] + rows[k + 1]) / 2));
    for (size_t k = 0; k + 1 < sketch_.order.size(); ++k) {
      const float middle = std::round((at(sketch_.order[k]).x + at(sketch_.order[k + 1]).x) / 2);
      for (const float off : {0.0f, -7.0f, 7.0f}) across.push_back(middle + off);
    }
    for (const float x : {p_.left + 7, p_.left + 14, p_.right - 7, p_.right - 14}) across.push_back(x);
    // Of very many boxes not all lines, which would take long to search.
    const float apart = sketch_.items.size() > 16 ? 10.0f : 0.0f;
    const auto thinned = [&](std::vector<float> lines) {
      std::sort(lines.begin(), lines.end());
      std::vector<float> kept;
      for (const float line : lines)
        if (kept.empty() || line - kept.back() >= apart) kept.push_back(line);
      return kept;
    };
    for (const float x : thinned(across)) router_.add_column(x);
    for (const float y : thinned(down)) router_.add_row(y);
  }

  std::vector<Port> outputs(int i) const {
    const Spot a = at(i), h = half(i);
    constexpr float sideways = 30;  // what comes from below goes on upwards
    const Port top{{a.x, a.y - h.y}, 3}, bottom{{a.x, a.y + h.y}, 1, sideways};
    Port right{{a.x + h.x, a.y}, 0}, left{{a.x - h.x, a.y}, 2};
    if (on_line(i)) return {right};
    if (!sketch_.in_row(i)) return {top, right, left, bottom};
    right.cost = left.cost = sideways;
    return {top, right, left};
  }
  std::vector<Port> entries(int i) const {
    const Spot a = at(i), h = half(i);
    const Port top{{a.x, a.y - h.y}, 3}, right{{a.x + h.x, a.y}, 0}, left{{a.x - h.x, a.y}, 2},
        bottom{{a.x, a.y + h.y}, 1};
    if (on_line(i)) {
      std::vector<Port> all{bottom, top};
      if (item(i).kind == Kind::derived)
        for (const float off : {-0.5f, 0.5f})
          for (const Port& port : {bottom, top})
            all.push_back({{std::round(a.x + off * h.x), port.at.y}, port.away});
      return all;
    }
    if (item(i).kind != Kind::gate && item(i).kind != Kind::derived) return {bottom, left, right, top};
    std::vector<Port> all{left, right};
    const float off = std::round(h.x / 2);
    for (const float x : {a.x - off, a.x + off}) all.push_back({{x, top.at.y}, 3});
    if (item(i).kind == Kind::derived)
      for (const float x : {a.x, a.x - off, a.x + off}) all.push_back({{x, bottom.at.y}, 1});
    return all;
  }

  /// Whatever is not a line or a tap, the shortest first.
  void add_routes() {
    struct Need {
      float way;
      int item;
      size_t input;
    };
    std::vector<Need> needs;
    for (size_t i = 0; i < sketch_.items.size(); ++i) {
      const int n = static_cast<int>(i);
      for (size_t k = 0; k < item(n).inputs.size(); ++k) {
        const SketchInput& input = item(n).inputs[k];
        if (std::find(tapped_.begin(), tapped_.end(), std::pair(n, input.node)) != tapped_.end()) continue;
        if (along_line(n, input.from)) continue;
        float way = 500;
        if (input.from.kind == From::item) {
          const Spot a = at(n), b = at(input.from.index);
          way = std::abs(a.x - b.x) + std::abs(a.y - b.y) - (a.x == b.x ? 100.0f : 0.0f);
        }
        needs.push_back({way, n, k});
      }
    }
    std::sort(needs.begin(), needs.end(), [](const Need& a, const Need& b) {
      return std::tuple(a.way, a.item, a.input) < std::tuple(b.way, b.item, b.input);
    });
    for (const Need& need : needs) {
      const SketchInput& input = item(need.item).inputs[need.input];
      std::vector<Port> from, to = entries(need.item);
      if (input.from.kind == From::item) from = outputs(input.from.index);
      if (input.from.kind == From::item && item(input.from.index).under == need.item) {
        const float x = at(input.from.index).x;
        to = {{{x, at(need.item).y + half(need.item).y}, 1}};
      }
      std::erase_if(to, [&](const Port& port) { return taken(port, net(input.from)); });
      std::erase_if(from, [&](const Port& port) { return taken(port, net(input.from)); });
      const std::vector<Spot> points = router_.route(net(input.from), from, to);
      if (points.size() < 2) continue;
      ends_.push_back({points.back(), net(input.from)});
      ends_.push_back({points.front(), net(input.from)});
      d_.wires.push_back({wire_name(input), points, true, false, net(input.from)});
    }
  }
  /// A wire from an item carries its value; one from a line of units may carry what weights make of it.
  std::string wire_name(const SketchInput& input) const {
    if (input.from.kind == From::item && item(input.from.index).under < 0)
      return name(item(input.from.index).node);
    return name(input.node).empty()
               ? (input.from.kind == From::before ? before_name(index(input.from.index)) : "input")
               : name(input.node);
  }
  bool along_line(int to, SketchSource from) const {
    for (size_t s = 0; s < sketch_.spines.size(); ++s) {
      const std::vector<int>& spine = sketch_.spines[s];
      const auto place = std::find(spine.begin(), spine.end(), to);
      if (place == spine.end()) continue;
      if (place == spine.begin()) {
        if (from == SketchSource{From::before, static_cast<int>(s)}) return true;
      } else if (from == SketchSource{From::item, *(place - 1)}) {
        return true;
      }
    }
    return false;
  }
  bool taken(const Port& port, int net) const {
    for (const auto& [end, of] : ends_)
      if (of != net && std::abs(end.x - port.at.x) < 2 && std::abs(end.y - port.at.y) < 2) return true;
    return false;
  }

  void add_exits() {
    for (const auto& [s, y] : exit_of_) {
      if (!sketch_.spines[s].empty()) continue;
      const SketchSource from = sketch_.after[s];
      std::vector<Port> ports;
      if (from.kind == From::item) ports = outputs(from.index);
      std::erase_if(ports, [&](const Port& port) { return taken(port, net(from)); });
      const std::vector<Spot> points = router_.route(net(from), ports, {{{exit_x(s), y}, 2}});
      if (points.size() >= 2) d_.wires.push_back({graph_.states[s].name, points, true, false, net(from)});
      if (static_cast<int>(s) == graph_.output) d_.out = {p_.edge_right, y};
    }
  }

  // --- Numbers --------------------------------------------------------------------------------------------------

  struct Candidate {
    Spot at;
    Align align;
  };
  static std::vector<Candidate> candidates(const DiagramWire& wire) {
    std::vector<std::pair<Spot, Spot>> pieces;
    for (size_t i = 0; i + 1 < wire.points.size(); ++i)
      pieces.emplace_back(wire.points[i], wire.points[i + 1]);
    const auto length = [](const std::pair<Spot, Spot>& p) {
      return std::abs(p.first.x - p.second.x) + std::abs(p.first.y - p.second.y);
    };
    std::sort(pieces.begin(), pieces.end(), [&](const auto& a, const auto& b) {
      return std::tuple(-length(a), a.first.x, a.first.y) < std::tuple(-length(b), b.first.x, b.first.y);
    });
    std::vector<Candidate> all;
    for (const auto& [a, b] : pieces)
      for (const float share : {0.5f, 0.36f, 0.64f, 0.24f, 0.76f}) {
        const Spot at{std::round(a.x + (b.x - a.x) * share), std::round(a.y + (b.y - a.y) * share)};
        if (a.y == b.y) {
          all.push_back({{at.x, at.y - 11}, Align::middle});
          all.push_back({{at.x, at.y + 11}, Align::middle});
        } else {
          all.push_back({{at.x + 5, at.y}, Align::left});
          all.push_back({{at.x - 5, at.y}, Align::right});
        }
      }
    return all;
  }

  /// At each wire whose value stands in no box, where there is room.
  void add_numbers() {
    std::vector<std::string> told{"input"};
    for (const DiagramNode& node : d_.nodes)
      if (node.kind == Node::gate || node.kind == Node::derived ||
          ((node.kind == Node::before || node.kind == Node::after) && node.half.y >= 20))
        told.push_back(node.id);
    // The taps first: they have the least room.
    std::vector<const DiagramWire*> wires;
    for (const bool taps : {true, false})
      for (const DiagramWire& wire : d_.wires)
        if (!wire.bundle && (wire.net >= 1000) == taps) wires.push_back(&wire);
    for (const DiagramWire* wire : wires) {
      if (std::find(told.begin(), told.end(), wire->id) != told.end()) continue;
      std::vector<Candidate> places = candidates(*wire);
      if (wire->net == 2000) {  // between the line of the input and that of the units, at the left of the tap
        float next = wire->points[1].y;
        for (const float bus : p_.buses) next = bus > 0 ? std::max(next, bus) : next;
        const Spot at{wire->points[0].x, std::round((p_.input + next) / 2) + 1};
        places.insert(places.begin(), {{{at.x - 5, at.y}, Align::right}, {{at.x + 5, at.y}, Align::left}});
      } else if (wire->net >= 1000 && wire->points.size() == 2) {
        const float half = std::round((wire->points[0].y + wire->points[1].y) / 2);
        places.insert(places.begin(), {{wire->points[0].x + 5, half}, Align::left});
      }
      // The value of a function on a short wire stands beside the function.
      for (const DiagramNode& node : d_.nodes)
        if (node.kind == Node::pill && node.id == wire->id)
          places.push_back({{node.at.x - node.half.x - 4, node.at.y}, Align::right});
      if (place_number(*wire, places)) told.push_back(wire->id);
    }
  }
  bool place_number(const DiagramWire& wire, const std::vector<Candidate>& places) {
    const Candidate* best = nullptr;
    int least = 2;
    for (const Candidate& place : places) {
      const DiagramNumber number{wire.id, place.at, place.align};
      const int price = price_of(number, wire);
      if (price < least) {
        least = price;
        best = &place;
      }
    }
    if (!best) return false;
    d_.numbers.push_back({wire.id, best->at, best->align});
    return true;
  }
  /// How many wires it hides; more than it may where it would hide something else.
  int price_of(const DiagramNumber& number, const DiagramWire& own) const {
    const SpotBox box = d_.place_of(number);
    if (box.min.x < d_.body.min.x || box.max.x > d_.body.max.x || box.min.y < d_.body.min.y ||
        box.max.y > d_.body.max.y)
      return 100;
    for (const DiagramNode& node : d_.nodes)
      if (node.box().overlaps(box, 1)) return 100;
    for (const DiagramNumber& other : d_.numbers)
      if (d_.place_of(other).overlaps(box, 1)) return 100;
    int hidden = 0;
    for (const DiagramWire& wire : d_.wires)
      for (size_t i = 0; i + 1 < wire.points.size(); ++i) {
        const Spot a = wire.points[i], b = wire.points[i + 1];
        const SpotBox way{{std::min(a.x, b.x) - 1, std::min(a.y, b.y) - 1},
                          {std::max(a.x, b.x) + 1, std::max(a.y, b.y) + 1}};
        if (way.overlaps(box)) hidden += &wire == &own ? 2 : 1;
      }
    return hidden;
  }

  const CellGraph& graph_;
  const CellSketch sketch_;
  const std::vector<std::string> names_;
  const Placing p_;
  Router router_;
  Diagram d_;
  int branches_ = 0;
  std::vector<std::pair<int, int>> tapped_;   // item and node of inputs that have their wire
  std::vector<std::pair<int, float>> ports_;  // of gates that something stands below
  std::vector<std::pair<Spot, int>> ends_;    // of routed wires, with their net
  std::vector<float> exits_;
  std::vector<std::pair<size_t, float>> exit_of_;
};

}  // namespace

SpotBox Diagram::place_of(const DiagramNumber& number) const {
  const float share = number.align == Align::left ? 0.0f : number.align == Align::right ? 1.0f : 0.5f;
  const Spot min{number.at.x - strip.x * share, number.at.y - strip.y / 2};
  return {min, {min.x + strip.x, min.y + strip.y}};
}

Diagram lay_out_cell(const CellGraph& graph, Spot min, Spot size) {
  if (const std::optional<OneLine> line = as_one_line(graph)) return lay_out_line(graph, *line, min, size);
  return Drawer(graph, min, size).run();
}

}  // namespace unroll
