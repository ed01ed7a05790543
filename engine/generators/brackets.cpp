// Balanced brackets of four kinds; each closing one is decided by its opening one, however far back.
#include "engine/generators/generator.h"

namespace unroll {
namespace {

constexpr std::string_view opening = "([{<", closing = ")]}>";
constexpr uint32_t fewest = 2, most = 28;  // pairs of a line
constexpr uint32_t percent_opening = 56;   // where both may come

/// That a bracket closes now can be known only at the end of a line; which one it must be, always.
constexpr Decision decisions[] = {{.what = "the kind of a closing bracket", .candidates = ")]}>"}};

void piece(Random& random, MarkedText& out) {
  uint32_t left = fewest + random.below(most - fewest + 1);
  std::vector<uint32_t> open;
  while (left > 0 || !open.empty()) {
    if (left > 0 && (open.empty() || random.below(100) < percent_opening)) {
      open.push_back(random.below(static_cast<uint32_t>(opening.size())));
      out.add(static_cast<char32_t>(opening[open.back()]));
      --left;
    } else {
      out.add(static_cast<char32_t>(closing[open.back()]), 1);
      open.pop_back();
    }
  }
  out.add('\n');
}

}  // namespace

const Generator brackets_generator = {.id = "brackets",
                                      .group = "Long memory",
                                      .title = "Nested brackets",
                                      .good_for =
                                          "A stack: every closing bracket is decided by its opening one, "
                                          "however far back; depth needs counting, kinds need order.",
                                      .alphabet = "\n()<>[]{}",
                                      .decisions = decisions,
                                      .beginning = "[<{()[]}>",
                                      .timeline = "({}[<>])\n[<(){}[]>]\n{[()<[]>]([{}])}\n<([{}<[]()>]{})",
                                      .piece = piece};

}  // namespace unroll
