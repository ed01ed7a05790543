// Inside the export to ONNX: an ONNX graph that is being written, and the two ways in which a layer becomes a part of one. Private to onnx*.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/protobuf.h"
#include "engine/cells/graph.h"

namespace unroll::onnx {

/// A dimension: a number, or the name of one that is open.
struct Dimension {
  Dimension(int64_t size) : size(size) {}                // NOLINT: implicit by intent
  Dimension(const char* name) : size(-1), name(name) {}  // NOLINT: implicit by intent
  int64_t size;
  const char* name = "";
};
enum class Type : int { real = 1, integer = 7 };  ///< TensorProto.DataType

/// Attributes of a node (AttributeProto).
class Attributes {
 public:
  Attributes& add(std::string_view name, int64_t value);
  Attributes& add(std::string_view name, float value);
  Attributes& add(std::string_view name, std::string_view text);
  Attributes& add(std::string_view name, const std::vector<int64_t>& values);
  Attributes& add(std::string_view name, const std::vector<std::string>& texts);
  Attributes& add_graph(std::string_view name, const ProtoMessage& graph);
  const std::vector<ProtoMessage>& all() const { return all_; }

 private:
  std::vector<ProtoMessage> all_;
};

/// A graph (GraphProto), or the body of one, which also sees the values of the graph around it.
class Graph {
 public:
  explicit Graph(std::string name) : name_(std::move(name)) {}

  void input(const std::string& name, Type, const std::vector<Dimension>& shape);
  void output(const std::string& name, Type, const std::vector<Dimension>& shape);
  /// A constant; its name.
  std::string constant(const std::string& name, const std::vector<int64_t>& shape,
                       std::span<const float> values);
  std::string constant(const std::string& name, const std::vector<int64_t>& values);
  /// A node with one output, called so; its name.
  std::string node(std::string_view op, const std::vector<std::string>& inputs, const std::string& output,
                   const Attributes& attributes = {});
  void nodes(std::string_view op, const std::vector<std::string>& inputs,
             const std::vector<std::string>& outputs, const Attributes& attributes = {});
  ProtoMessage finished() const;

 private:
  std::string name_;
  ProtoMessage nodes_, constants_, inputs_, outputs_;
};

/// A layer whose input x (T, B, I) and states stand in `graph` by their names, the states (1, B, …).
struct Layer {
  const CellGraph& cell;
  int hidden = 0, input = 0;
  std::string name;                             ///< "l0": what every name of it begins with
  std::vector<std::span<const float>> tensors;  ///< in the order of the cell's
  std::string x;
  std::vector<std::string> before;  ///< by state
};
struct LayerResult {
  std::string h;                   ///< (T, B, H)
  std::vector<std::string> after;  ///< by state, (1, B, …)
};

/// As an operator of its own; false: ONNX has none for this cell.
bool add_operator(Graph& graph, const Layer& layer, LayerResult& result);
/// As a Scan over its equations.
LayerResult add_scan(Graph& graph, const Layer& layer);

/// Of a state or a matrix, without the batch: (H), or (H, columns).
std::vector<Dimension> shape_of(const CellState& state, int hidden);

}  // namespace unroll::onnx
