// The language of cells: what is read, what its tensors are called, and what people are told.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/base/random.h"
#include "engine/cells/language.h"

using namespace unroll;

namespace {

const char* const lstm = R"(cell lstm  "Long short-term memory"   # Gers 2000
state c, h
i = sigmoid(lin(x) + lin(h[t-1]))    # input gate
f = sigmoid(lin(x) + lin(h[t-1]))
g = tanh(lin(x) + lin(h[t-1]))
o = sigmoid(lin(x) + lin(h[t-1]))
c = f * c[t-1] + i * g
h = o * tanh(c)
init f.bias = 1
)";

/// The cell that `text` gives; fails the test with what is wrong with it.
std::shared_ptr<const CellGraph> sound(const std::string& text) {
  const CellReading reading = read_cell(text);
  for (const CellProblem& problem : reading.problems) FAIL_CHECK(problem.text());
  REQUIRE(reading.graph);
  return reading.graph;
}

/// A cell with one state h, whose right side is this.
std::string with(const std::string& right) { return "cell a\nstate h\nh = " + right + "\n"; }

std::string only_problem(const std::string& text) {
  const CellReading reading = read_cell(text);
  CHECK_FALSE(reading.graph);
  REQUIRE(reading.problems.size() == 1);
  return reading.problems[0].text();
}

std::vector<std::string> problems(const std::string& text) {
  std::vector<std::string> texts;
  for (const CellProblem& problem : read_cell(text).problems) texts.push_back(problem.text());
  return texts;
}

/// "weight_ih 4", "weight_hh 4", …
std::vector<std::string> tensors(const CellGraph& graph) {
  std::vector<std::string> all;
  for (const CellTensor& tensor : graph.tensors)
    all.push_back(tensor.name + " " + std::to_string(tensor.blocks));
  return all;
}

std::string shown_again(const std::string& right) {
  const auto graph = sound(with(right));
  return expression(*graph, graph->equation("h")->node);
}

}  // namespace

TEST_CASE("cell language: an lstm is read as it stands, with title, help and states") {
  const auto graph = sound(lstm);
  CHECK(graph->name == "lstm");
  CHECK(graph->title == "Long short-term memory");
  CHECK(graph->help == "Gers 2000");
  CHECK(graph->text == lstm);
  REQUIRE(graph->states.size() == 2);
  CHECK(graph->states[0].name == "c");
  CHECK(graph->output == 1);
  REQUIRE(graph->equations.size() == 6);
  const CellEquation& i = graph->equations[0];
  CHECK(i.name == "i");
  CHECK(i.help == "input gate");
  CHECK(i.right == "sigmoid(lin(x) + lin(h[t-1]))");
  CHECK(i.place == CellPlace{3, 1, 1});
  CHECK(graph->nodes[static_cast<size_t>(i.node)].place == CellPlace{3, 5, 29});
  CHECK(i.state == -1);
  CHECK(graph->equation("c")->state == 0);
  CHECK(graph->equation("q") == nullptr);
}

TEST_CASE("cell language: rnn, lstm and gru have PyTorch's tensors, in its order") {
  using Shape = CellTensor::Shape;
  for (const auto& [text, gates] :
       {std::pair<std::string, int>{with("tanh(lin(x) + lin(h[t-1]))"), 1},
        {lstm, 4},
        {"cell gru\nstate h\nr = sigmoid(lin(x) + lin(h[t-1]))\nz = sigmoid(lin(x) + lin(h[t-1]))\n"
         "n = tanh(lin(x) + r * lin(h[t-1]))\nh = (1 - z) * n + z * h[t-1]\n",
         3}}) {
    const auto graph = sound(text);
    const std::string blocks = " " + std::to_string(gates);
    CHECK(tensors(*graph) == std::vector<std::string>{"weight_ih" + blocks, "weight_hh" + blocks,
                                                      "bias_ih" + blocks, "bias_hh" + blocks});
    CHECK(graph->tensors[0].shape == Shape::matrix_of_input);
    CHECK(graph->tensors[1].shape == Shape::matrix);
    CHECK(graph->tensors[2].shape == Shape::vector);
    const uint64_t G = static_cast<uint64_t>(gates);
    CHECK(parameter_count(*graph, 128, 65) == G * 128 * (65 + 128 + 2));
  }
}

TEST_CASE(
    "cell language: blocks of a tensor stand in the order of the text, whatever the order of the step") {
  const auto graph = sound(
      "cell a\nstate h\nh = o * n\nn = tanh(lin(x) + mat(h[t-1]))\no = sigmoid(mat(h[t-1]) + lin(x))\n");
  CHECK(tensors(*graph) == std::vector<std::string>{"weight_ih 2", "weight_hh 2", "bias_ih 2"});
  for (const CellNode& node : graph->nodes)
    if (node.op == CellOp::linear) CHECK(node.weight.block == (node.equation == 2 ? 1 : 0));
  for (size_t i = 0; i < graph->nodes.size(); ++i) {
    CHECK(graph->nodes[i].a < static_cast<int>(i));
    CHECK(graph->nodes[i].b < static_cast<int>(i));
  }
}

TEST_CASE("cell language: other tensors are named after what they multiply") {
  const auto graph = sound(R"(cell a
state c, h
u = bias
r = sigmoid(lin(x) + diag(c[t-1]) + heads(2, mat(h[t-1])))
n = tanh(mat(r * h[t-1]) + diag(r) + diag(r * u) + norm(lin(c[t-1])))
c = lin(n) + heads(4, lin(n))
h = mat(c[t-1]) + c + n
)");
  CHECK(tensors(*graph) ==
        std::vector<std::string>{"weight_ih 1", "weight_heads2_hh 1", "weight_in_n 1", "weight_ch 2",
                                 "weight_of_n 1", "weight_heads4_of_n 1", "bias_ih 1", "bias_ch 1",
                                 "bias_of_n 1", "bias_heads4_of_n 1", "bias 1", "weight_diag_c 1",
                                 "weight_diag_of_r 1", "weight_diag_in_n 1", "weight_norm 1", "bias_norm 1"});
  CHECK(hidden_multiple(*graph) == 4);
  const CellTensor& heads = graph->tensors[1];
  CHECK(heads.columns(12, 7) == 6);
  CHECK(heads.size(12, 7) == 72);
  CHECK(graph->tensors[0].size(12, 7) == 84);
}

TEST_CASE("cell language: precedence is that of mathematics") {
  CHECK(shown_again("1 - lin(x) - 2 + 3*4") == "1 - lin(x) - 2 + 12");
  CHECK(shown_again("1 - (lin(x) - 2)") == "1 - (lin(x) - 2)");
  CHECK(shown_again("2 * (lin(x) + 1) / 4") == "2 * (lin(x) + 1) / 4");
  CHECK(shown_again("2 / (lin(x) / 4)") == "2 / (lin(x) / 4)");
  CHECK(shown_again("-lin(x) * -(lin(x) + 1)") == "-lin(x) * -(lin(x) + 1)");
  CHECK(shown_again("max(lin(x), -1) + min(.5, lin(x))") == "max(lin(x), -1) + min(0.5, lin(x))");
  CHECK(shown_again("heads(2, mat(h[t-1])) + diag(h[t-1]) + norm(mat(x)) + bias") ==
        "heads(2, mat(h[t-1])) + diag(h[t-1]) + norm(mat(x)) + bias");
  CHECK(shown_again("lin(x) \u2212 h[t\u22121] \u2299 h[t-1] \u00B7 2") == "lin(x) - h[t-1] * h[t-1] * 2");
}

TEST_CASE(
    "cell language: a matrix is a state of columns, and goes by heads; sums across units are no numbers") {
  const auto graph = sound(
      "cell a\nstate c, n, h\nk = lin(x) / sqrt(heads(2, sum(1)))\nc = heads(2, outer(k, n)) + c[t-1] * k\n"
      "n = n[t-1] + mean(k)\nh = heads(2, times(c[t-1], k)) + sum(c_read)\nc_read = heads(2, times(c, n))\n");
  CHECK(graph->states[0].heads == 2);
  CHECK(graph->states[0].columns(12) == 6);
  CHECK(graph->states[1].columns(12) == 1);
  CHECK(hidden_multiple(*graph) == 2);
  int matrices = 0;
  for (const CellNode& node : graph->nodes) {
    matrices += node.matrix;
    CHECK(columns_of(node, 12) == (node.matrix ? 6 : 1));
  }
  CHECK(matrices == 4);  // the sum, its two terms and c[t-1]
  CHECK(expression(*graph, graph->equation("c")->node) == "heads(2, outer(k, n)) + c[t-1] * k");
  CHECK(expression(*graph, graph->equation("k")->node) == "lin(x) / sqrt(heads(2, sum(1)))");
  CHECK(expression(*graph, graph->equation("h")->node) == "heads(2, times(c[t-1], k)) + sum(c_read)");
  const float row[] = {3, 1, 4, 2};
  double shown[2];
  values_of_units(row, 2, 2, shown);
  CHECK(shown[0] == 5);
  CHECK(shown[1] == doctest::Approx(std::sqrt(5)));
}

TEST_CASE("cell language: numbers are folded, with names and without") {
  const auto graph = sound(
      "cell a\nstate h\nhalf = 1 / 2\nquarter = half * half\nk = quarter\nh = (k + sqrt(4)) * lin(x)\n");
  CHECK(graph->nodes[static_cast<size_t>(graph->equation("quarter")->node)].value == 0.25);
  CHECK(graph->equation("k")->node != graph->equation("quarter")->node);
  const CellNode& h = graph->nodes[static_cast<size_t>(graph->equation("h")->node)];
  CHECK(graph->nodes[static_cast<size_t>(h.a)].value == 2.25);
}

TEST_CASE("cell language: an equation that only names another value has a node of its own") {
  const auto graph = sound("cell a\nstate c, h\ng = tanh(lin(x) + p)\np = c[t-1]\nc = g\nh = g\n");
  for (const char* name : {"c", "p", "h"})
    CHECK(graph->nodes[static_cast<size_t>(graph->equation(name)->node)].op == CellOp::copy);
  std::vector<int> nodes;
  for (const CellEquation& equation : graph->equations) nodes.push_back(equation.node);
  std::ranges::sort(nodes);
  CHECK(std::ranges::adjacent_find(nodes) == nodes.end());
}

TEST_CASE("cell language: states have first values") {
  const auto graph =
      sound("cell a\nstate m = -1e9, c = 1/4, h\nm = lin(x) + m[t-1]\nc = m * c[t-1]\nh = c\n");
  CHECK(graph->states[0].initial == -1e9);
  CHECK(graph->states[1].initial == 0.25);
  CHECK(graph->states[2].initial == 0);
}

TEST_CASE(
    "cell language: init f.bias sets the bias of the input, the others are 0; a line on one equation goes "
    "first") {
  const std::string gates =
      "cell a\nstate h\nf = sigmoid(lin(x) + lin(h[t-1]))\nh = f * tanh(lin(x) + lin(h[t-1]))\n";
  using Kind = CellInit::Kind;
  const auto init_of = [](const CellGraph& graph, const char* tensor, int block) {
    for (const CellInit& init : graph.inits)
      if (graph.tensors[static_cast<size_t>(init.tensor)].name == tensor && init.block == block) return init;
    return CellInit{-1, -1, Kind::number, 0, 0};
  };
  const auto graph =
      sound(gates +
            "init f.bias = chrono(100)\ninit h.bias = -chrono(100)\ninit bias_hh = 3\ninit h.weight_hh = "
            "orthogonal\ninit weight_hh = identity\ninit weight_ih = uniform(-1/2, 1/2)\n"
            "bound f.weight_hh in [-1, 2]\n");
  CHECK(init_of(*graph, "bias_ih", 0).kind == Kind::chrono);
  CHECK(init_of(*graph, "bias_ih", 0).a == 100);
  CHECK(init_of(*graph, "bias_ih", 0).b == 1);
  CHECK(init_of(*graph, "bias_ih", 1).b == -1);
  CHECK(init_of(*graph, "bias_hh", 0).kind == Kind::number);
  CHECK(init_of(*graph, "bias_hh", 0).a == 0);
  CHECK(init_of(*graph, "weight_hh", 0).kind == Kind::identity);
  CHECK(init_of(*graph, "weight_hh", 0).a == 1);
  CHECK(init_of(*graph, "weight_hh", 1).kind == Kind::orthogonal);
  CHECK(init_of(*graph, "weight_ih", 1).a == -0.5);
  CHECK(graph->inits.size() == 8);
  REQUIRE(graph->bounds.size() == 1);
  CHECK(graph->bounds[0].low == -1);
  CHECK(graph->bounds[0].high == 2);

  const auto other = sound(gates + "init f.bias_hh = 2\ninit f.bias = 1\n");
  CHECK(init_of(*other, "bias_hh", 0).a == 2);
  CHECK(init_of(*other, "bias_ih", 0).a == 1);
  CHECK(other->inits.size() == 2);

  // Layer normalisation begins with gain 1 and shift 0.
  const auto norm = sound(with("tanh(norm(mat(x)) + bias)") + "init h.bias = 5\n");
  CHECK(init_of(*norm, "weight_norm", 0).a == 1);
  CHECK(init_of(*norm, "bias_norm", 0).a == 0);
  CHECK(init_of(*norm, "bias", 0).a == 5);
}

TEST_CASE("cell language: the ends of lines, a mark before the text and comments alone change nothing") {
  std::string text = std::string("\xEF\xBB\xBF# a remark\n\n") + lstm;
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\r\n");
  CHECK(tensors(*sound(text)) == tensors(*sound(lstm)));
}

TEST_CASE("cell language: whatever is wrong is told at its place, with what is allowed") {
  struct Case {
    const char *text, *told;
  };
  const Case cases[] = {
      {"",
       "line 1, column 1: there is no cell (cell NAME \"Title\", state h, and h = tanh(lin(x) + "
       "lin(h[t-1])))"},
      {"state h\nh = tanh(lin(x))\n",
       "line 1, column 1: state stands here (a cell begins with its name: cell NAME \"Title\"  # source)"},
      {"cell a b\nstate h\nh = lin(x)\n",
       "line 1, column 8: b stands here (behind the name a title in quotation marks, and # before the "
       "source)"},
      {"cell a \"b\nstate h\nh = lin(x)\n", "line 1, column 8: the quotation is not closed (end it with \")"},
      {"cell a\ncell b\nstate h\nh = lin(x)\n", "line 2, column 1: a second line cell (one cell a text)"},
      {"cell a\nh = lin(x)\n",
       "line 1, column 1: no line says what is carried from step to step (state h, or more: state c, h)"},
      {"cell a\nstate c\nc = lin(x)\n",
       "line 2, column 7: h is no state, and h is what goes up to the next layer (state …, h)"},
      {"cell a\nstate c h\nc = lin(x)\nh = c\n",
       "line 2, column 9: h stands here (states with a comma between them, each with its first value if that "
       "is not 0: "
       "state c, m = -1, h)"},
      {"cell a\nstate h, h\nh = lin(x)\n", "line 2, column 10: h is a state already (each state once)"},
      {"cell a\nstate c, h\nh = lin(x) + c[t-1]\n",
       "line 2, column 7: nothing sets the state c (an equation c = …)"},
      {"cell a\nstate h\nh = lin(x)\nh = lin(x)\n",
       "line 4, column 1: h is set twice, also on line 3 (one equation for each name)"},
      {"cell a\nstate c, h\nc = lin(x)\nh = c\n",
       "line 2, column 7: nothing reads c[t-1] (leave it out of the states: c is a value of this step only)"},
      {"cell a\nstate h\nh = lin(x)\ng = lin(x)\n",
       "line 4, column 1: nothing that leads to h reads g (read it in another equation, or leave it out)"},
      {"cell a\nstate c, h\nh = lin(x)\nc = tanh(c[t-1])\n",
       "line 4, column 1: nothing that leads to h reads c (read it in another equation, or leave it out)"},
      {"cell a\nstate h\nh = tanh(lin(h[t-1]))\n",
       "line 1, column 1: nothing reads the input x (lin(x) or mat(x) in some equation)"},
      {"cell a\nstate h\nf = sigmoid(lin(x) + g)\ng = tanh(f)\nh = g\n",
       "line 3, column 1: within one step f needs g needs f (read a value one step before at one of these "
       "places: f[t-1], "
       "with f among the states)"},
      {"cell a\nstate h\nh = lin(x) + h\n",
       "line 3, column 1: within one step h needs h (read h[t-1], the value one step before, at one of "
       "these places)"},
      {"cell a\nstate h\ntanh = 1\nh = lin(x)\n",
       "line 3, column 1: tanh has a meaning of its own (another name for an equation)"},
      {"cell a\nstate i, h\nh = lin(x)\n",
       "line 2, column 7: a state i would have the tensor weight_ih, which is the input's (another name)"},
      {"cell a\nstate h\nabcdefghijklmnopqrstuvwxyz = 1\nh = lin(x)\n",
       "line 3, column 1: abcdefghijklmnopqrstuvwxyz is a long name (at most 24 characters)"},
      {"cell a\nstate h\nh = lin(x)\ninit g.bias = 1\n", "line 4, column 6: g is no equation (h)"},
      {"cell a\nstate h\nh = mat(x)\ninit h.bias = 1\n",
       "line 4, column 8: h has no bias (lin(…), bias or norm(…) in it)"},
      {"cell a\nstate h\nh = lin(x)\ninit h.weight_hi = 1\n",
       "line 4, column 8: h has no tensor weight_hi (did you mean weight_ih?)"},
      {"cell a\nstate h\nh = lin(x)\ninit weight_ih = identity\n",
       "line 4, column 18: weight_ih is no square matrix (a matrix of a state, such as weight_hh)"},
      {"cell a\nstate h\nh = lin(x)\ninit weight_ih = zero\n",
       "line 4, column 18: zero is no way to begin (a number, uniform(a, b), normal(mean, deviation), "
       "identity, orthogonal, "
       "log_uniform(a, b), chrono(span))"},
      {"cell a\nstate h\nh = lin(x)\ninit weight_ih = uniform(1)\n",
       "line 4, column 18: 1 numbers (uniform(-0.1, 0.1))"},
      {"cell a\nstate h\nh = lin(x)\ninit h.bias = 1\ninit h.bias_ih = 2\n",
       "line 5, column 8: bias_ih has its first values from line 4 already (one line init for them)"},
      {"cell a\nstate h\nh = lin(x)\nbound weight_ih in [1, 0]\n",
       "line 4, column 20: from 1 to 0 (the lower end first)"},
      {"cell a\nstate h\nh = lin(x)\nbound weight_ih [1, 0]\n",
       "line 4, column 17: [ stands here (bound weight_diag_h in [-1, 1])"},
      {"cell a\nstate h\ng = outer(lin(x), lin(x))\nh = lin(x)\n",
       "line 3, column 1: g has outer(…), so it would be a matrix, which only a state can be (c = f * c[t-1] "
       "+ "
       "outer(v, k), with c among the states)"},
      {"cell a\nstate h\nh = h[t-1] + outer(lin(x), lin(x))\n",
       "line 3, column 1: h has outer(…), so it would be a matrix, which h cannot be (c = f * c[t-1] + "
       "outer(v, k), with c among the states)"},
      {"cell a\nstate c, h\nk = lin(x)\nc = tanh(c[t-1]) + outer(k, k)\nh = k\n",
       "line 4, column 1: c has outer(…), so it would be a matrix, but not in this form (c = f * c[t-1] + "
       "outer(v, k), with c among the states)"},
      {"cell a\nstate c, h\nk = lin(x)\nc = c[t-1] + outer(k, k)\nh = k + c\n",
       "line 5, column 9: c is a matrix, and this takes a vector (times(c, q) reads it; its own equation is "
       "c = "
       "f * c[t-1] + outer(v, k))"},
      {"cell a\nstate c, h\nk = lin(x)\nc = c[t-1] + outer(k, k)\nh = k * times(c, c[t-1])\n",
       "line 5, column 18: c is a matrix, and this takes a vector (times(c, q) reads it; its own equation is "
       "c = "
       "f * c[t-1] + outer(v, k))"},
      {"cell a\nstate c, h\nk = lin(x)\nc = c[t-1] + outer(k, k)\nh = c[t-1]\n",
       "line 5, column 5: c is a matrix, and this takes a vector (times(c, q) reads it; its own equation is "
       "c = "
       "f * c[t-1] + outer(v, k))"},
      {"cell a\nstate h\nk = lin(x)\nh = times(k, k)\n",
       "line 4, column 11: times(c, q) of what is no matrix (a state whose equation is c = f * c[t-1] + "
       "outer(v, k))"},
      {"cell a\nstate c, h\nk = lin(x)\nc = c[t-1] + heads(2, outer(k, k))\nh = times(c, k)\n",
       "line 5, column 5: a matrix of 2 heads, read as one of 1 (heads(2, times(…)))"},
      {"cell a\nstate c, h\nk = lin(x)\nc = c[t-1] + outer(k, 1)\nh = times(c, k)\n",
       "line 4, column 23: the number 1 (a state or an expression)"},
      {"cell a\nstate h\nsum = lin(x)\nh = lin(x)\n",
       "line 3, column 1: sum has a meaning of its own (another name for an equation)"},
      {"cell a\nstate h\nh = lin(x) + \xFF\n",
       "line 3, column 14: 0xFF is not valid UTF-8 here (save the text as UTF-8 and try again)"},
  };
  for (const Case& one : cases) CHECK(only_problem(one.text) == std::string(one.told));
}

TEST_CASE("cell language: whatever is wrong in a right side is told at its place, with what is allowed") {
  struct Case {
    const char *right, *told;
  };
  const Case cases[] = {
      {"tnah(lin(x))", "column 5: tnah is no function (did you mean tanh?)"},
      {"lin(x) + hh", "column 14: hh is not known here (did you mean h?)"},
      {"lin(x) + q", "column 14: q is not known here (x, bias, h or h[t-1])"},
      {"lin(x) + H[t-1]", "column 14: H is no state (did you mean h?)"},
      {"lin(x) + x",
       "column 14: x is as wide as the input, and everything else is hidden_size wide (lin(x) or mat(x))"},
      {"x",
       "column 5: x is as wide as the input, and everything else is hidden_size wide (lin(x) or mat(x))"},
      {"lin(x + 1)",
       "column 9: x is as wide as the input, and everything else is hidden_size wide (lin(x) or mat(x))"},
      {"diag(x)",
       "column 10: x is as wide as the input, and everything else is hidden_size wide (lin(x) or mat(x))"},
      {"heads(2, mat(x))",
       "column 5: a matrix of the input in blocks (heads are of a state or another hidden_size wide value)"},
      {"lin(x) + lin(3)", "column 18: the number 3 (x, a state or an expression)"},
      {"lin(x) / 0", "column 14: a division by 0 (any other number)"},
      {"lin(x) + 1 / 0", "column 14: the value of this is not finite (numbers up to 1e+30)"},
      {"lin(x) + 1e31",
       "column 14: \"1e31\" is too large (numbers are written 2, 0.5 or 1e-3, and go to 1e+30)"},
      {"lin(x) + 1.2.3",
       "column 14: \"1.2.3\" is no number (numbers are written 2, 0.5 or 1e-3, and go to 1e+30)"},
      {"lin(x) ^ 2", "column 12: \"^\" has no meaning here (write a power as a product: a * a)"},
      {"2 lin(x)", "column 7: lin stands here (+ - * / or the end of the line)"},
      {"tanh(lin(x)", "column 16: the line ends here (+ - * / or the ) that closes tanh()"},
      {"lin(x))", "column 11: ) stands here (+ - * / or the end of the line)"},
      {"max(lin(x))", "column 15: ) stands here (max(a, b))"},
      {"tanh(lin(x), 1)", "column 16: , stands here (tanh of one value)"},
      {"tanh + lin(x)", "column 10: + stands here (tanh is a function: tanh(…))"},
      {"", "column 5: the line ends here (a name, a number, a function or ()"},
      {"lin(x) + h[t]", "column 14: this step's h (h alone, or h[t-1], the value one step before)"},
      {"lin(x) + h[t-2]",
       "column 18: 2 stands here (h[t-1], the value one step before; a longer way back needs a state for "
       "each step)"},
      {"lin(x[t-1])",
       "column 9: the input one step before (x; a state p with p = … carries a value on, and p[t-1] reads "
       "it)"},
      {"heads(17, mat(h[t-1]))", "column 11: 17 stands here (how many blocks: 1 to 16)"},
      {"heads(2, tanh(x))",
       "column 14: tanh stands here (heads(4, mat(h[t-1])): a matrix in 4 blocks, or sum, mean, outer or "
       "times of 4 heads)"},
      {"uniform",
       "column 5: uniform is no value (x, an equation, a state such as h[t-1], a number or a function)"},
  };
  for (const Case& one : cases) CHECK(only_problem(with(one.right)) == std::string("line 3, ") + one.told);
  CHECK(only_problem("cell a\nstate h\ng = lin(x)\nh = lin(x) + g[t-1] + g\n") ==
        "line 4, column 14: g is no state, so nothing is known of it one step before (add it to the states: "
        "state …, g)");
  CHECK(only_problem("cell a\nstate c, h\nk = 3\nc = k\nh = lin(x) + c[t-1]\n") ==
        "line 4, column 5: c is 3 in every step (a state that follows from x or from a state)");
}

TEST_CASE("cell language: independent mistakes are told at once, in the order of the text") {
  CHECK(problems("cell a\nstate c, h\nh = o * tanh(cc)\nc = f * c[t-1] + i * g\ni = sigmod(lin(x))\nf = 1 - "
                 "j)\ng = x\n"
                 "o = sigmoid(lin(x)\n") ==
        std::vector<std::string>{
            "line 3, column 14: cc is not known here (did you mean c?)",
            "line 5, column 5: sigmod is no function (did you mean sigmoid?)",
            "line 6, column 10: ) stands here (+ - * / or the end of the line)",
            "line 7, column 5: x is as wide as the input, and everything else is hidden_size wide (lin(x) or "
            "mat(x))",
            "line 8, column 19: the line ends here (+ - * / or the ) that closes sigmoid()"});
}

TEST_CASE("cell language: limits are kept, and told") {
  const auto many = [](int n, const auto& piece) {
    std::string all;
    for (int i = 0; i < n; ++i) all += piece(i);
    return all;
  };
  using L = CellLimits;
  const auto equations = [&](int n) {  // h and n − 1 others in a chain
    return "cell a\nstate h\nh = e1\n" +
           many(n - 2,
                [](int i) {
                  return "e" + std::to_string(i + 1) + " = tanh(e" + std::to_string(i + 2) + ")\n";
                }) +
           "e" + std::to_string(n - 1) + " = lin(x)\n";
  };
  CHECK(problems(equations(L::equations)).empty());
  CHECK(only_problem(equations(L::equations + 1)) == "line 43, column 1: 41 equations (at most 40)");
  const auto states = [&](int n) {
    return "cell a\nstate h" + many(n - 1, [](int i) { return ", s" + std::to_string(i); }) + "\nh = lin(x)" +
           many(n - 1, [](int i) { return " + s" + std::to_string(i) + "[t-1]"; }) + "\n" +
           many(n - 1, [](int i) { return "s" + std::to_string(i) + " = h\n"; });
  };
  CHECK(problems(states(L::states)).empty());
  CHECK(only_problem(states(L::states + 1)) == "line 2, column 38: 9 states (at most 8)");
  const auto brackets = [&](int n) {
    return with(std::string(static_cast<size_t>(n), '(') + "lin(x)" +
                std::string(static_cast<size_t>(n), ')'));
  };
  CHECK(problems(brackets(L::depth - 2)).empty());
  CHECK(problems(brackets(L::depth + 1)).size() == 1);
  CHECK(problems(brackets(4000)).size() == 1);
  CHECK(problems(with(std::string(8000, '-'))).size() == 1);
  CHECK(problems(with("lin(x)" + many(149, [](int) { return " + h[t-1]"; }))).empty());
  CHECK(problems(with("lin(x)" + many(150, [](int) { return " + h[t-1]"; }))).size() == 1);
  CHECK(only_problem(std::string(9000, ' ')) == "line 1, column 1: the text has 9000 bytes (at most 8192)");
  CHECK(problems("cell a\nstate h\n" + many(1000, [](int) { return "q\n"; })).size() == L::problems);
  CHECK(problems(many(1000, [](int i) { return "a" + std::to_string(i) + "=a\n"; })).size() <= L::problems);
}

TEST_CASE("cell language: nothing typed crashes: cells with letters changed, lost and repeated") {
  Random random(7);
  const auto below = [&](size_t n) {
    return static_cast<size_t>(random.uniform() * static_cast<float>(n)) % n;
  };
  const std::string signs = "()[]+-*/=,.#\"tx1h \n\xC3";
  int sound_ones = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = lstm;
    for (size_t changes = 1 + below(6); changes > 0 && !text.empty(); --changes) {
      const size_t at = below(text.size());
      const size_t kind = below(4);
      if (kind == 0) text[at] = signs[below(signs.size())];
      if (kind == 1) text.erase(at, 1 + below(8));
      if (kind == 2) text.insert(at, text.substr(below(text.size()), below(30)));
      if (kind == 3) text.insert(at, 1, signs[below(signs.size())]);
    }
    const CellReading reading = read_cell(text);
    CHECK((reading.graph == nullptr) == !reading.problems.empty());
    if (reading.graph) ++sound_ones;
  }
  CHECK(sound_ones > 30);
}
