// Lines that are broken for the eye only, for an editor that knows no such thing (Dear ImGui's): a soft break is "\r\n",
// a line break of the text "\n". The editor takes \r for nothing that is seen. Texts have no \r of their own here.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace unroll {

/// Where the line that begins a text without line breaks ends, in bytes: at least one character.
using LineEnd = std::function<size_t(std::string_view)>;

std::string with_soft_breaks(std::string_view text, const LineEnd&);
std::string without_soft_breaks(std::string_view wrapped);

/// What an edit of a wrapped text means for the text.
struct Settled {
  std::string text;
  size_t cursor;  ///< bytes
};
/// `before` was wrapped, `after` is what the editor made of it, with the cursor at `cursor`. Deleting a soft break
/// deletes the character before it (Backspace, which takes its \n) or after it (Delete, which takes its \r).
Settled settle(std::string_view before, std::string_view after, size_t cursor);

/// The cursor's place in the wrapped text; at a soft break, behind it.
size_t in_wrapped(std::string_view wrapped, size_t cursor);

}  // namespace unroll
