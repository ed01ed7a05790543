#include "web/toolkit/soft_wrap.h"

#include <algorithm>

namespace unroll {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }  // of UTF-8

}  // namespace

std::string with_soft_breaks(std::string_view text, const LineEnd& line_end) {
  std::string wrapped;
  wrapped.reserve(text.size() + text.size() / 32);
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view paragraph = text.substr(begin, end - begin);
    while (!paragraph.empty()) {
      const size_t length = std::clamp<size_t>(line_end(paragraph), 1, paragraph.size());
      wrapped += paragraph.substr(0, length);
      paragraph.remove_prefix(length);
      if (!paragraph.empty()) wrapped += "\r\n";
    }
    if (end < text.size()) wrapped += '\n';
    begin = end + 1;
  }
  return wrapped;
}

std::string without_soft_breaks(std::string_view wrapped) {
  std::string text;
  text.reserve(wrapped.size());
  for (size_t i = 0; i < wrapped.size(); ++i) {
    if (wrapped[i] != '\r') {
      text += wrapped[i];
    } else if (i + 1 < wrapped.size() && wrapped[i + 1] == '\n') {
      ++i;
    }
  }
  return text;
}

Settled settle(std::string_view before, std::string_view after, size_t cursor) {
  const size_t shorter = std::min(before.size(), after.size());
  size_t same = 0, same_end = 0;  // bytes that the edit left at both ends
  while (same < shorter && before[same] == after[same]) ++same;
  while (same_end < shorter - same &&
         before[before.size() - 1 - same_end] == after[after.size() - 1 - same_end])
    ++same_end;
  const std::string_view removed = before.substr(same, before.size() - same - same_end);
  std::string_view inserted = after.substr(same, after.size() - same - same_end);
  std::string_view head = before.substr(0, same), tail = before.substr(before.size() - same_end);
  // A soft break of which the edit took a half is none any more.
  const bool half_before = !head.empty() && head.back() == '\r';
  const bool half_after = !tail.empty() && tail.front() == '\n' && same + removed.size() > 0 &&
                          before[same + removed.size() - 1] == '\r';
  if (half_before) head.remove_suffix(1);
  if (half_after) tail.remove_prefix(1);
  Settled result{without_soft_breaks(head), 0};
  std::string rest = without_soft_breaks(tail);
  if (inserted.empty() && removed == "\n" && half_before && !result.text.empty()) {
    while (result.text.size() > 1 && continues(result.text.back())) result.text.pop_back();
    result.text.pop_back();
  } else if (inserted.empty() && removed == "\r" && half_after && !rest.empty()) {
    size_t length = 1;
    while (length < rest.size() && continues(rest[length])) ++length;
    rest.erase(0, length);
  }
  const std::string middle = without_soft_breaks(inserted);
  result.cursor = result.text.size() + middle.size();
  // An edit that is undone may leave the cursor elsewhere.
  if (cursor < same) result.cursor = without_soft_breaks(after.substr(0, cursor)).size();
  result.text += middle + rest;
  result.cursor = std::min(result.cursor, result.text.size());
  return result;
}

size_t in_wrapped(std::string_view wrapped, size_t cursor) {
  size_t i = 0;
  for (size_t text = 0; i < wrapped.size(); ++i) {
    if (wrapped[i] == '\r') {
      ++i;  // and its \n
      continue;
    }
    if (text++ == cursor) break;
  }
  return std::min(i, wrapped.size());
}

}  // namespace unroll
