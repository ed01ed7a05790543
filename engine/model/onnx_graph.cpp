// ONNX messages: the numbers are the fields' in onnx.proto.
#include "engine/model/onnx_graph.h"

namespace unroll::onnx {
namespace {

ProtoMessage value_info(const std::string& name, Type type, const std::vector<Dimension>& shape) {
  ProtoMessage dimensions;
  for (const Dimension& one : shape)
    dimensions.message(
        1, one.size >= 0 ? ProtoMessage().integer(1, one.size) : ProtoMessage().text(2, one.name));
  const ProtoMessage tensor = ProtoMessage().integer(1, static_cast<int>(type)).message(2, dimensions);
  return ProtoMessage().text(1, name).message(2, ProtoMessage().message(1, tensor));
}

ProtoMessage tensor_head(const std::string& name, Type type, const std::vector<int64_t>& shape) {
  ProtoMessage tensor;
  for (const int64_t size : shape) tensor.integer(1, size);
  return tensor.integer(2, static_cast<int>(type)).text(8, name);
}

/// AttributeProto.AttributeType
constexpr int float_type = 1, int_type = 2, text_type = 3, graph_type = 5, ints_type = 7, texts_type = 8;

}  // namespace

Attributes& Attributes::add(std::string_view name, int64_t value) {
  all_.push_back(ProtoMessage().text(1, name).integer(3, value).integer(20, int_type));
  return *this;
}
Attributes& Attributes::add(std::string_view name, float value) {
  all_.push_back(ProtoMessage().text(1, name).real(2, value).integer(20, float_type));
  return *this;
}
Attributes& Attributes::add(std::string_view name, std::string_view text) {
  all_.push_back(ProtoMessage().text(1, name).text(4, text).integer(20, text_type));
  return *this;
}
Attributes& Attributes::add(std::string_view name, const std::vector<int64_t>& values) {
  ProtoMessage one = ProtoMessage().text(1, name);
  for (const int64_t value : values) one.integer(8, value);
  all_.push_back(one.integer(20, ints_type));
  return *this;
}
Attributes& Attributes::add(std::string_view name, const std::vector<std::string>& texts) {
  ProtoMessage one = ProtoMessage().text(1, name);
  for (const std::string& text : texts) one.text(9, text);
  all_.push_back(one.integer(20, texts_type));
  return *this;
}
Attributes& Attributes::add_graph(std::string_view name, const ProtoMessage& graph) {
  all_.push_back(ProtoMessage().text(1, name).message(6, graph).integer(20, graph_type));
  return *this;
}

void Graph::input(const std::string& name, Type type, const std::vector<Dimension>& shape) {
  inputs_.message(11, value_info(name, type, shape));
}
void Graph::output(const std::string& name, Type type, const std::vector<Dimension>& shape) {
  outputs_.message(12, value_info(name, type, shape));
}

std::string Graph::constant(const std::string& name, const std::vector<int64_t>& shape,
                            std::span<const float> values) {
  constants_.message(5, tensor_head(name, Type::real, shape).floats(9, values));
  return name;
}
std::string Graph::constant(const std::string& name, const std::vector<int64_t>& values) {
  constants_.message(
      5, tensor_head(name, Type::integer, {static_cast<int64_t>(values.size())}).integers(9, values));
  return name;
}

std::string Graph::node(std::string_view op, const std::vector<std::string>& inputs,
                        const std::string& output, const Attributes& attributes) {
  nodes(op, inputs, {output}, attributes);
  return output;
}
void Graph::nodes(std::string_view op, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs, const Attributes& attributes) {
  ProtoMessage one;
  for (const std::string& input : inputs) one.text(1, input);
  for (const std::string& output : outputs) one.text(2, output);
  one.text(3, "make " + outputs.front()).text(4, op);
  for (const ProtoMessage& attribute : attributes.all()) one.message(5, attribute);
  nodes_.message(1, one);
}

ProtoMessage Graph::finished() const {
  ProtoMessage graph;
  graph.append(nodes_).text(2, name_).append(constants_).append(inputs_).append(outputs_);
  return graph;
}

}  // namespace unroll::onnx
