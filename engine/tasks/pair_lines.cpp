#include "engine/tasks/pair_lines.h"

#include <optional>
#include <set>
#include <utility>

#include "engine/base/number.h"
#include "engine/tasks/lines.h"

namespace unroll {
namespace {

constexpr const char* format = "a line is the source, a tab and the target";

}  // namespace

Result<PairLines> read_pair_lines(std::string_view text) {
  PairLines lines;
  std::optional<Error> error;
  std::set<std::pair<std::string, std::string>> seen;
  std::set<std::string> sources;
  size_t again = 0;
  for_each_line(text, [&](std::string_view line, size_t number) {
    if (trimmed(line).empty() && line.find('\t') == line.npos) return true;
    const size_t tab = line.find('\t');
    const auto refuse = [&](const char* what, const char* hint) {
      error = at_line(number, what, hint);
      return false;
    };
    if (tab == line.npos) return refuse("has no tab", format);
    if (line.find('\t', tab + 1) != line.npos)
      return refuse("has two tabs or more", "a line is the source, a tab and the target: nothing else");
    PairLine pair{number, std::string(trimmed(line.substr(0, tab))),
                  std::string(trimmed(line.substr(tab + 1)))};
    if (pair.source.empty()) return refuse("has no source before its tab", format);
    if (pair.target.empty()) return refuse("has no target behind its tab", format);
    if (!seen.emplace(pair.source, pair.target).second) {
      ++again;
      return true;
    }
    sources.insert(pair.source);
    lines.pairs.push_back(std::move(pair));
    return true;
  });
  if (error) return *error;
  if (lines.pairs.empty()) return Error{"", "there is no pair", format};
  lines.told = counted(lines.pairs.size(), "pair", "pairs") + ": a source, a tab, its target";
  if (sources.size() < lines.pairs.size())
    lines.told += "; " + counted(sources.size(), "different source", "different sources");
  if (again > 0) lines.told += "; " + counted(again, "line comes", "lines come") + " again, read once";
  return lines;
}

}  // namespace unroll
