#include "engine/cells/pytorch.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/json.h"
#include "engine/base/utf8.h"

namespace unroll {
namespace {

/// Names that a step may not take: Python's words and what the text itself uses.
constexpr std::string_view taken_names[] = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",     "await",     "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except",    "finally",   "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda",    "nonlocal",  "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",      "yield",     "torch",
    "F",     "heads",    "norm",  "w",      "x",    "before", "sum_units", "mean_units"};

class Writer {
 public:
  Writer(const CellGraph& graph, const TorchModel& model) : graph_(graph), model_(model) {
    used_.insert(std::begin(taken_names), std::end(taken_names));
    for (const CellEquation& equation : graph.equations) names_.push_back(new_name(equation.name));
    for (const CellState& state : graph.states) before_.push_back(new_name(state.name + "_before"));
  }

  std::string run() {
    header();
    text_ += R"(
import json
import math
import struct
import sys
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F


)";
    shapes();
    if (std::ranges::any_of(graph_.tensors, [](const CellTensor& tensor) { return tensor.heads > 1; }))
      text_ += R"(def heads(v, weight, bias=None):
    """A matrix in blocks along its diagonal, weight (hidden, hidden / blocks), times v."""
    blocks = weight.shape[0] // weight.shape[1]
    product = torch.einsum("bkj,kij->bki", v.unflatten(-1, (blocks, -1)), weight.unflatten(0, (blocks, -1))).flatten(-2)
    return product if bias is None else product + bias


)";
    if (std::ranges::any_of(graph_.nodes, [](const CellNode& one) { return one.op == CellOp::norm; }))
      text_ += R"(def norm(v, gain, shift):
    return F.layer_norm(v, v.shape[-1:], gain, shift, eps=1e-5)


)";
    across_units();
    step();
    text_ +=
        R"(class Layers(nn.Module):
    """Layers of the cell, one above the other. Layer k's tensors end in _lk, as in torch.nn.LSTM."""

    def __init__(self, inputs, hidden, layers):
        super().__init__()
        self.hidden, self.layers = hidden, layers
        for layer in range(layers):
            for name, (blocks, *shape) in shapes(hidden if layer else inputs, hidden).items():
                tensor = torch.empty(blocks * shape[0], *shape[1:]).uniform_(-1 / math.sqrt(hidden), 1 / math.sqrt(hidden))
                self.register_parameter(f"{name}_l{layer}", nn.Parameter(tensor))

    def start(self, batch):
        """The states of every layer before the first step."""
        return [{name: torch.full()" +
        std::string(has_matrix() ? "(batch, *state_shapes(self.hidden)[name])" : "(batch, self.hidden)") +
        R"(, float(first)) for name, first in first_states.items()}
                for _ in range(self.layers)]

    def forward(self, x, states=None):
        """x (time, batch, inputs) -> h of the last layer (time, batch, hidden), states after the last step."""
        states = list(states or self.start(x.shape[1]))
        for layer in range(self.layers):
            w = SimpleNamespace(**{name: getattr(self, f"{name}_l{layer}").chunk(blocks)
                                   for name, (blocks, *_) in shapes(1, self.hidden).items()})
            outputs = []
            for x_t in x:
                states[layer] = step(w, x_t, states[layer])
                outputs.append(states[layer]["h"])
            x = torch.stack(outputs)
        return x, states


)";
    const std::string sizes =
        "vocabulary=" + std::to_string(model_.vocabulary) + ", hidden=" + std::to_string(model_.hidden) +
        ", layers=" + std::to_string(model_.layers) + ", embedding=" + std::to_string(model_.embedding);
    text_ += R"(class Model(nn.Module):
    """Characters in, scores of the next character out."""

    def __init__(self, )" +
             sizes + R"():
        super().__init__()
        self.vocabulary = vocabulary
        self.embedding = nn.Embedding(vocabulary, embedding) if embedding else None
        self.rnn = Layers(embedding or vocabulary, hidden, layers)
        self.decoder = nn.Linear(hidden, vocabulary)

    def forward(self, ids, states=None):
        """ids (time, batch) -> logits (time, batch, vocabulary), states after the last step."""
        x = self.embedding(ids) if self.embedding else F.one_hot(ids, self.vocabulary).to(self.decoder.weight.dtype)
        h, states = self.rnn(x, states)
        return self.decoder(h), states


def load(path):
    """The model of a checkpoint (.safetensors), and its vocabulary: the characters in the order of their ids."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        if name.startswith("unroll."):  # what training needs to go on
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32).reshape(entry["shape"])
    model = Model()
    model.load_state_dict(tensors, strict=True)
    return model.eval(), metadata["vocabulary"]


def main():
    model, vocabulary = load(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        ids = torch.tensor([vocabulary.index(character) for character in file.read()]).unsqueeze(1)
    with torch.no_grad():
        logits = model(ids)[0][:, 0]
    loss = F.cross_entropy(logits[:-1], ids[1:, 0]).item()
    print(json.dumps({"nats": loss, "characters": len(ids) - 1, "next": vocabulary[int(logits[-1].argmax())]}))


if __name__ == "__main__":
    main()
)";
    return text_;
  }

 private:
  std::string new_name(std::string name) {
    while (!used_.insert(name).second) name += '_';
    return name;
  }
  const CellNode& node(int index) const { return graph_.nodes[static_cast<size_t>(index)]; }
  const CellTensor& tensor(const CellParameter& parameter) const {
    return graph_.tensors[static_cast<size_t>(parameter.tensor)];
  }

  /// All that people wrote stands in comments, where nothing can end it but the line.
  void header() {
    text_ += "# " + readable(graph_.name + (graph_.title.empty() ? "" : ": " + graph_.title)) + "\n";
    text_ += "# Written by Unroll from the cell's equations:\n#\n";
    for (std::string_view rest = graph_.text; !rest.empty();) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      text_ += "#   " + readable(line) + "\n";
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    text_ +=
        "#\n# Needs PyTorch 1.13 or later. From Python: model, vocabulary = load(\"MODEL.safetensors\"). As "
        "a program,\n"
        "#   python THIS.py MODEL.safetensors TEXT.txt\n"
        "# prints the mean loss over a text in nats per character, read once from zero states.\n";
  }

  void shapes() {
    text_ +=
        "def shapes(inputs, hidden):\n    \"\"\"Of each tensor: blocks, one below the other, and the shape "
        "of one.\"\"\"\n    return {\n";
    for (const CellTensor& tensor : graph_.tensors) {
      std::string shape = std::to_string(tensor.blocks) + ", hidden";
      if (tensor.shape == CellTensor::Shape::matrix_of_input) shape += ", inputs";
      if (tensor.shape == CellTensor::Shape::matrix)
        shape += tensor.heads > 1 ? ", hidden // " + std::to_string(tensor.heads) : ", hidden";
      text_ += "        \"" + tensor.name + "\": (" + shape + "),\n";
    }
    text_ += "    }\n\n\nfirst_states = {";
    for (size_t s = 0; s < graph_.states.size(); ++s)
      text_ += (s ? ", \"" : "\"") + graph_.states[s].name + "\": " + number(graph_.states[s].initial);
    text_ += "}\n\n\n";
    if (!has_matrix()) return;
    text_ +=
        "def state_shapes(hidden):\n    \"\"\"Of each state of one stream: a matrix has a row for each unit, "
        "the "
        "columns of its head.\"\"\"\n    return {";
    for (size_t s = 0; s < graph_.states.size(); ++s) {
      const int heads = graph_.states[s].heads;
      text_ += (s ? ", \"" : "\"") + graph_.states[s].name + "\": (hidden,";
      text_ += heads == 0 ? ")" : heads == 1 ? " hidden)" : " hidden // " + std::to_string(heads) + ")";
    }
    text_ += "}\n\n\n";
  }

  bool has_matrix() const {
    return std::ranges::any_of(graph_.states, [](const CellState& state) { return state.heads > 0; });
  }

  /// What stands for sum, mean, outer and times, as far as the cell has them.
  void across_units() {
    const auto has = [&](CellOp op) {
      return std::ranges::any_of(graph_.nodes, [&](const CellNode& one) { return one.op == op; });
    };
    if (has(CellOp::sum))
      text_ += R"(def sum_units(v, heads=1):
    """At every unit the sum over the units of its head."""
    v = v.unflatten(-1, (heads, -1))
    return v.sum(-1, keepdim=True).expand_as(v).flatten(-2)


)";
    if (has(CellOp::mean))
      text_ += R"(def mean_units(v, heads=1):
    """At every unit the mean over the units of its head."""
    v = v.unflatten(-1, (heads, -1))
    return v.mean(-1, keepdim=True).expand_as(v).flatten(-2)


)";
    if (has(CellOp::outer))
      text_ += R"(def outer(v, k, heads=1):
    """In each head the matrix v kT: (..., hidden, hidden / heads)."""
    v, k = v.unflatten(-1, (heads, -1)), k.unflatten(-1, (heads, -1))
    return (v.unsqueeze(-1) * k.unsqueeze(-2)).flatten(-3, -2)


)";
    if (has(CellOp::times))
      text_ += R"(def times(matrix, q, heads=1):
    """In each head the matrix times q."""
    matrix, q = matrix.unflatten(-2, (heads, -1)), q.unflatten(-1, (heads, -1))
    return (matrix * q.unsqueeze(-2)).sum(-1).flatten(-2)


)";
  }

  void step() {
    text_ +=
        "def step(w, x, before):\n"
        "    \"\"\"One time step of one layer: x (batch, inputs) and the states before it -> the states "
        "after it, (batch,\n"
        "    hidden) each" +
        std::string(has_matrix() ? " that is no matrix" : "") +
        ". w holds the layer's tensors, each in its blocks.\"\"\"\n";
    for (size_t s = 0; s < graph_.states.size(); ++s) {
      const bool is_read = std::ranges::any_of(graph_.nodes, [&](const CellNode& one) {
        return one.op == CellOp::before && one.state == static_cast<int>(s);
      });
      if (is_read) text_ += "    " + before_[s] + " = before[\"" + graph_.states[s].name + "\"]\n";
    }
    // A step computes equations in the order of their nodes.
    std::vector<size_t> order;
    for (size_t i = 0; i < graph_.equations.size(); ++i) order.push_back(i);
    std::ranges::sort(order, {}, [&](size_t i) { return graph_.equations[i].node; });
    for (const size_t i : order) {
      const CellEquation& equation = graph_.equations[i];
      if (!equation.help.empty()) text_ += "    # " + readable(equation.help) + "\n";
      text_ += "    " + names_[i] + " = " + expression(equation.node, 0, false) + "\n";
    }
    text_ += "    return {";
    for (size_t s = 0; s < graph_.states.size(); ++s)
      text_ += (s ? ", \"" : "\"") + graph_.states[s].name +
               "\": " + names_[static_cast<size_t>(graph_.states[s].equation)];
    text_ += "}\n\n\n";
  }

  static std::string number(double value) {
    const bool is_whole = value == std::floor(value) && std::abs(value) < 1e6;
    return is_whole ? std::to_string(static_cast<int>(value))
                    : Json(value).dump();  // as many digits as it has
  }
  std::string block(const CellParameter& parameter) const {
    return "w." + tensor(parameter).name + "[" + std::to_string(parameter.block) + "]";
  }

  std::string across(const CellNode& one) const {
    const auto operand = [&](int which) {
      const std::string text = expression(which, 0, true);
      return node(which).op == CellOp::number ? "torch.full_like(before[\"h\"], " + text + ")" : text;
    };
    std::string text = one.op == CellOp::sum    ? "sum_units("
                       : one.op == CellOp::mean ? "mean_units("
                                                : std::string(name(one.op)) + "(";
    text += operand(one.a);
    if (one.b >= 0) text += ", " + operand(one.b);
    return text + (one.heads > 1 ? ", " + std::to_string(one.heads) + ")" : ")");
  }
  /// A number or a vector times each column of a matrix.
  std::string matrix_product(const CellNode& one, int least) const {
    const bool first = node(one.a).matrix;
    const int matrix = first ? one.a : one.b, factor = first ? one.b : one.a;
    std::string text = expression(factor, Binding::atom, true);
    if (node(factor).op != CellOp::number) text += ".unsqueeze(-1)";
    text += " * " + expression(matrix, Binding::product + 1, true);
    return Binding::product < least ? "(" + text + ")" : text;
  }

  std::string expression(int index, int least, bool by_name) const {
    for (size_t i = 0; by_name && i < graph_.equations.size(); ++i)
      if (graph_.equations[i].node == index) return names_[i];
    const CellNode& one = node(index);
    const auto operand = [&](int which, int at_least) { return expression(which, at_least, true); };
    const auto bracketed = [&](int own, const std::string& text) {
      return own < least ? "(" + text + ")" : text;
    };
    switch (one.op) {
      case CellOp::input:
        return "x";
      case CellOp::number:
        return bracketed(one.value < 0 ? Binding::sign : Binding::atom, number(one.value));
      case CellOp::before:
        return before_[static_cast<size_t>(one.state)];
      case CellOp::linear: {
        const char* function = tensor(one.weight).heads > 1 ? "heads(" : "F.linear(";
        const std::string bias = one.bias.tensor < 0 ? "" : ", " + block(one.bias);
        return function + operand(one.a, 0) + ", " + block(one.weight) + bias + ")";
      }
      case CellOp::vector:
        return block(one.weight);
      case CellOp::scaled:
        return bracketed(Binding::product, block(one.weight) + " * " + operand(one.a, Binding::product + 1));
      case CellOp::norm:
        return "norm(" + operand(one.a, 0) + ", " + block(one.weight) + ", " + block(one.bias) + ")";
      case CellOp::add:
        return bracketed(Binding::sum,
                         operand(one.a, Binding::sum) + " + " + operand(one.b, Binding::sum + 1));
      case CellOp::subtract:
        return bracketed(Binding::sum,
                         operand(one.a, Binding::sum) + " - " + operand(one.b, Binding::sum + 1));
      case CellOp::sum:
      case CellOp::mean:
      case CellOp::outer:
      case CellOp::times:
        return across(one);
      case CellOp::multiply:
        if (one.matrix) return matrix_product(one, least);
        return bracketed(Binding::product,
                         operand(one.a, Binding::product) + " * " + operand(one.b, Binding::product + 1));
      case CellOp::divide:
        return bracketed(Binding::product,
                         operand(one.a, Binding::product) + " / " + operand(one.b, Binding::product + 1));
      case CellOp::max:
      case CellOp::min: {
        const bool is_max = one.op == CellOp::max, number_first = node(one.a).op == CellOp::number;
        const int value = number_first ? one.b : one.a, other = number_first ? one.a : one.b;
        if (node(other).op == CellOp::number)
          return "torch.clamp(" + operand(value, 0) + (is_max ? ", min=" : ", max=") + operand(other, 0) +
                 ")";
        return (is_max ? "torch.maximum(" : "torch.minimum(") + operand(one.a, 0) + ", " + operand(one.b, 0) +
               ")";
      }
      case CellOp::copy:
        return operand(one.a, least);
      case CellOp::negate:
        return bracketed(Binding::sign, "-" + operand(one.a, Binding::sign));
      case CellOp::softplus:
        return "F.softplus(" + operand(one.a, 0) + ")";
      default:
        return "torch." + std::string(name(one.op)) + "(" + operand(one.a, 0) + ")";
    }
  }

  const CellGraph& graph_;
  const TorchModel& model_;
  std::string text_;
  std::set<std::string, std::less<>> used_;
  std::vector<std::string> names_, before_;  // by equation, by state
};

}  // namespace

std::string pytorch_text(const CellGraph& graph, const TorchModel& model) {
  return Writer(graph, model).run();
}

}  // namespace unroll
