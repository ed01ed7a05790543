#include "web/lessons/markdown.h"

#include <algorithm>

namespace unroll {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

std::vector<Span> read_spans(std::string_view line) {
  struct Mark {
    std::string_view sign;
    Span::Kind kind;
  };
  static constexpr Mark marks[] = {{"**", Span::strong}, {"*", Span::emphasis}, {"`", Span::code}};
  std::vector<Span> spans;
  const auto add = [&](Span::Kind kind, std::string_view text) {
    if (text.empty()) return;
    if (!spans.empty() && spans.back().kind == kind)
      spans.back().text += text;
    else
      spans.push_back({kind, std::string(text)});
  };
  while (!line.empty()) {
    bool found = false;
    for (const Mark& mark : marks) {
      if (!line.starts_with(mark.sign)) continue;
      const size_t end = line.find(mark.sign, mark.sign.size());
      if (end == line.npos || end == mark.sign.size()) continue;
      // "2 * 3 * 4" is no emphasis: what is marked begins and ends with a word. Code may begin and end with a space.
      if (mark.kind != Span::code && (line[mark.sign.size()] == ' ' || line[end - 1] == ' ')) continue;
      add(mark.kind, line.substr(mark.sign.size(), end - mark.sign.size()));
      line.remove_prefix(end + mark.sign.size());
      found = true;
      break;
    }
    if (found) continue;
    const size_t next = line.find_first_of("*`", 1);
    add(Span::plain, line.substr(0, next));
    line.remove_prefix(std::min(next, line.size()));
  }
  return spans;
}

}  // namespace

Blocks read_blocks(std::string_view markdown) {
  Blocks blocks;
  std::string open;  // the paragraph, or the entry of a list, that is being read
  bool is_entry = false, is_code = false;
  const auto finish = [&] {
    if (open.empty()) return;
    if (is_entry && !blocks.empty() && blocks.back().kind == Block::list)
      blocks.back().lines.push_back(read_spans(open));
    else
      blocks.push_back({is_entry ? Block::list : Block::paragraph, {read_spans(open)}});
    open.clear();
  };
  bool gap = false;  // an empty line ends a list
  while (!markdown.empty()) {
    const size_t end = markdown.find('\n');
    const std::string_view whole = markdown.substr(0, end), line = trimmed(whole);
    markdown.remove_prefix(end == markdown.npos ? markdown.size() : end + 1);
    if (line.starts_with("```")) {
      finish();
      is_code = !is_code;
      if (is_code) blocks.push_back({Block::code, {{{Span::code, ""}}}});
    } else if (is_code) {
      std::string& text = blocks.back().lines[0][0].text;
      if (!text.empty()) text += '\n';
      text += whole;
    } else if (line.empty()) {
      finish();
      gap = true;
    } else if (line.starts_with("- ")) {
      finish();
      if (gap && !blocks.empty() && blocks.back().kind == Block::list) blocks.push_back({Block::list, {}});
      is_entry = true;
      gap = false;
      open = line.substr(2);
    } else {
      if (open.empty()) is_entry = false;
      gap = false;
      if (!open.empty()) open += ' ';
      open += line;
    }
  }
  finish();
  return blocks;
}

Json to_json(const Blocks& blocks) {
  static constexpr const char* kinds[] = {"p", "ul", "pre"};
  static constexpr const char* spans[] = {"", "strong", "em", "code"};
  Json list = Json::array();
  for (const Block& block : blocks) {
    Json lines = Json::array();
    for (const auto& line : block.lines) {
      Json parts = Json::array();
      for (const Span& span : line) parts.push_back(Json::array({spans[span.kind], span.text}));
      lines.push_back(std::move(parts));
    }
    list.push_back({{"kind", kinds[block.kind]}, {"lines", std::move(lines)}});
  }
  return list;
}

}  // namespace unroll
