// The few signs of Markdown that lessons use, read into blocks that a page or a window can show: paragraphs, lists whose
// lines begin with "- ", and ``` code ```; within a line **strong**, *emphasised* and `code`. Anything else is text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.h"

namespace unroll {

struct Span {
  enum Kind { plain, strong, emphasis, code } kind = plain;
  std::string text;

  bool operator==(const Span&) const = default;
};

struct Block {
  enum Kind { paragraph, list, code } kind = paragraph;
  std::vector<std::vector<Span>>
      lines;  ///< a paragraph has one; a list one for each entry; code one of one span

  bool operator==(const Block&) const = default;
};
using Blocks = std::vector<Block>;

Blocks read_blocks(std::string_view markdown);
/// [{"kind": "p" | "ul" | "pre", "lines": [[["", "text"], ["strong", "text"], …], …]}, …]: kinds are names of HTML's elements.
Json to_json(const Blocks&);

}  // namespace unroll
