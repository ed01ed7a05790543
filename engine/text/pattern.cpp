#include "engine/text/pattern.h"

#include <algorithm>
#include <optional>
#include <span>

#include "engine/text/text.h"
#include "engine/text/text_class.h"

namespace unroll {

bool Pattern::Set::has(char32_t symbol) const {
  const bool found = std::ranges::any_of(items, [&](const Item& item) {
    switch (item.named) {
      case 'd':
        return is_digit(symbol) != item.negated;
      case 'w':
        return is_word_character(symbol) != item.negated;
      case 's':
        return (symbol == U' ' || symbol == U'\t' || symbol == U'\n') != item.negated;
      default:
        return is_between(symbol, item.first, item.last);
    }
  });
  return found != negated;
}

/// Recursive descent; recursion is as deep as groups are nested, at most the pattern's length. A part of the
/// program that stands for a part of the pattern is entered at its first instruction and left after its last,
/// and links are relative, so parts can be moved and copied as they are.
class PatternParser {
 public:
  explicit PatternParser(std::u32string_view pattern) : pattern_(pattern) {}

  Result<Pattern> parse() {
    if (pattern_.empty() || pattern_.size() > Pattern::longest)
      return Error{"pattern", "has " + std::to_string(pattern_.size()) + " characters",
                   "allowed: 1 to " + std::to_string(Pattern::longest)};
    alternatives();
    if (!error_ && place_ < pattern_.size()) fail(place_, ") closes nothing", "\\) for the character");
    if (error_) return *error_;
    emit({.kind = Instruction::Kind::match});
    return std::move(result_);
  }

 private:
  using Instruction = Pattern::Instruction;
  using Set = Pattern::Set;
  using Item = Pattern::Item;

  bool at_end() const { return error_ || place_ == pattern_.size(); }
  bool is_next(char32_t symbol) const { return !at_end() && pattern_[place_] == symbol; }
  bool take(char32_t symbol) {
    const bool is = is_next(symbol);
    place_ += is;
    return is;
  }
  void fail(size_t place, const std::string& what, const std::string& allowed) {
    if (!error_)
      error_ =
          Error{"pattern", "character " + std::to_string(place + 1) + ": " + what, "allowed: " + allowed};
  }

  std::vector<Instruction>& program() { return result_.program_; }
  int size() { return static_cast<int>(program().size()); }
  void emit(const Instruction& one) { insert(size(), one); }
  void insert(int at, const Instruction& one) {
    program().insert(program().begin() + at, one);
    if (program().size() > Pattern::most_instructions)
      fail(place_ - 1, "the pattern becomes too large here",
           std::to_string(Pattern::most_instructions) +
               " instructions: a character is one, | and * are two, and {m,n} counts as if written out");
  }
  void emit_set(Set set) {
    emit({.kind = Instruction::Kind::character, .set = static_cast<int>(result_.sets_.size())});
    result_.sets_.push_back(std::move(set));
  }

  /// a|b: fork a jump b
  void alternatives() {
    const int begin = size();
    sequence();
    if (!take(U'|')) return;
    const int length = size() - begin;
    insert(begin, {.kind = Instruction::Kind::fork, .next = 1, .other = length + 2});
    const int jump = size();
    emit({.kind = Instruction::Kind::jump});
    alternatives();
    program()[static_cast<size_t>(jump)].next = size() - jump;
  }

  void sequence() {
    while (!at_end() && !is_next(U'|') && !is_next(U')')) repeated();
  }

  void repeated() {
    const int begin = size();
    atom();
    size_t least = 1;
    std::optional<size_t> most = 1;
    const size_t place = place_;
    if (take(U'*')) {
      least = 0, most = {};
    } else if (take(U'+')) {
      most = {};
    } else if (take(U'?')) {
      least = 0;
    } else if (take(U'{')) {
      least = number();
      most = least;
      if (take(U',')) most = is_next(U'}') ? std::optional<size_t>() : number();
      const bool fits = take(U'}') && least <= most.value_or(least);
      if (!fits || std::max(least, most.value_or(0)) > Pattern::most_repeats)
        fail(place, "{ begins no count",
             "{m}, {m,} or {m,n} with numbers up to " + std::to_string(Pattern::most_repeats) +
                 ", or \\{ for the character");
    } else {
      return;
    }
    if (is_next(U'*') || is_next(U'+') || is_next(U'?') || is_next(U'{'))
      fail(place_, "repeats what is repeated already", "a group around it: (a+)*");
    repeat(begin, least, most);
  }

  size_t number() {
    size_t value = 0;
    const size_t begin = place_;
    for (; !at_end() && is_digit(pattern_[place_]) && value <= Pattern::most_repeats; ++place_)
      value = value * 10 + (pattern_[place_] - U'0');
    return place_ > begin ? value : Pattern::most_repeats + 1;
  }

  /// The part from `begin` on, `least` to `most` times; `most` empty = without end.
  void repeat(int begin, size_t least, std::optional<size_t> most) {
    const std::vector<Instruction> part(program().begin() + begin, program().end());
    const int length = static_cast<int>(part.size());
    const auto append = [&] {
      for (const Instruction& one : part)
        if (!error_) emit(one);
    };
    program().resize(static_cast<size_t>(begin));
    for (size_t n = 0; n < least; ++n) append();
    if (!most) {  // fork part jump
      emit({.kind = Instruction::Kind::fork, .next = 1, .other = length + 2});
      append();
      emit({.kind = Instruction::Kind::jump, .next = -(length + 1)});
    } else {  // fork part, as often as may be
      for (size_t n = least; n < *most && !error_; ++n) {
        const int left = static_cast<int>(*most - n);
        emit({.kind = Instruction::Kind::fork, .next = 1, .other = left * (length + 1)});
        append();
      }
    }
    if (least == 0 && most == 0) emit({.kind = Instruction::Kind::jump});
  }

  void atom() {
    const size_t place = place_;
    const char32_t symbol = pattern_[place_++];
    switch (symbol) {
      case U'(': {
        if (take(U'?') && !take(U':'))
          return fail(place_ - 1, "? repeats nothing", "( ) and (?: ) for grouping, \\? for the character");
        const int begin = size();
        alternatives();
        if (size() == begin) emit({.kind = Instruction::Kind::jump});  // so that every part has a size
        if (!take(U')')) fail(place, "( is not closed", "( ), or \\( for the character");
        return;
      }
      case U'[':
        return set(place);
      case U'.':
        return emit_set({.items = {{.first = U'\n', .last = U'\n'}}, .negated = true});
      case U'^':
        return emit({.kind = Instruction::Kind::line_begin});
      case U'$':
        return emit({.kind = Instruction::Kind::line_end});
      case U'*':
      case U'+':
      case U'?':
      case U'{':
        return fail(place, encode_utf8(symbol) + " repeats nothing",
                    "\\" + encode_utf8(symbol) + " for the character");
      case U'\\':
        if (take(U'b')) return emit({.kind = Instruction::Kind::word_edge});
        return emit_set({.items = {escaped(place)}});
      default:
        return emit_set({.items = {{.first = symbol, .last = symbol}}});
    }
  }

  /// After the \ at `place`.
  Item escaped(size_t place) {
    const char32_t symbol = place_ < pattern_.size() ? pattern_[place_++] : U'a';
    const char32_t literal = symbol == U'n' ? U'\n' : symbol == U't' ? U'\t' : symbol;
    for (const char named : {'d', 'w', 's'}) {
      const char32_t lower = static_cast<char32_t>(named), upper = lower - U'a' + U'A';
      if (symbol == lower || symbol == upper) return {.named = named, .negated = symbol == upper};
    }
    if (literal == symbol && is_word_character(symbol))
      fail(place, "\\ before this has no meaning",
           "\\d \\w \\s \\D \\W \\S \\n \\t \\b, and \\ before punctuation");
    return {.first = literal, .last = literal};
  }

  /// After the [ at `place`.
  void set(size_t place) {
    Set set;
    set.negated = take(U'^');
    const auto one = [&] {
      const size_t here = place_++;
      return pattern_[here] == U'\\' ? escaped(here) : Item{.first = pattern_[here], .last = pattern_[here]};
    };
    while (!at_end() && !is_next(U']')) {
      const size_t here = place_;
      Item item = one();
      const bool is_range = is_next(U'-') && place_ + 1 < pattern_.size() && pattern_[place_ + 1] != U']';
      if (is_range) {
        ++place_;
        const Item last = one();
        if (item.named || last.named || last.first < item.first)
          fail(here, "is no range of characters", "a-z, the lower one first");
        item.last = last.last;
      }
      set.items.push_back(item);
    }
    if (!take(U']')) fail(place, "[ is not closed", "[ ], or \\[ for the character");
    if (set.items.empty()) fail(place, "[ ] holds nothing", "\\] for the character ]");
    emit_set(std::move(set));
  }

  std::u32string_view pattern_;
  size_t place_ = 0;
  Pattern result_;
  std::optional<Error> error_;
};

Result<Pattern> Pattern::parse(std::u32string_view pattern) { return PatternParser(pattern).parse(); }

/// The automaton on one text. Its state at position n (before character n) is the set of instructions that a
/// match may stand at.
class Pattern::Run {
 public:
  Run(const Pattern& pattern, std::u32string_view text)
      : pattern_(pattern),
        text_(text),
        M_(pattern.program_.size()),
        leads_((text.size() + 1) * M_),
        sources_(M_) {
    for (size_t at = 0; at < M_; ++at) {
      const Instruction& one = pattern.program_[at];
      if (one.kind == Instruction::Kind::character || one.kind == Instruction::Kind::match) continue;
      sources_[target(at, one.next)].push_back(at);
      if (one.kind == Instruction::Kind::fork) sources_[target(at, one.other)].push_back(at);
    }
  }

  std::vector<uint8_t> inside_matches() {
    for (size_t n = text_.size() + 1; n-- > 0;) look_back(n);
    std::vector<uint8_t> inside(text_.size());
    for (size_t begin = 0; begin < text_.size();) {
      const size_t end = leads(begin)[0] ? end_of_match(begin) : begin;
      std::fill(inside.begin() + static_cast<ptrdiff_t>(begin), inside.begin() + static_cast<ptrdiff_t>(end),
                uint8_t{1});
      begin = std::max(begin + 1, end);
    }
    return inside;
  }

 private:
  static size_t target(size_t at, int link) { return at + static_cast<size_t>(static_cast<ptrdiff_t>(link)); }
  /// (M) whether the end of a match can be reached from an instruction at position n.
  uint8_t* leads(size_t n) { return &leads_[n * M_]; }

  /// Whether an instruction that reads nothing lets a match pass at position n.
  bool passes(Instruction::Kind kind, size_t n) const {
    const bool first = n == 0, last = n == text_.size();
    const bool word_before = !first && is_word_character(text_[n - 1]),
               word_after = !last && is_word_character(text_[n]);
    switch (kind) {
      case Instruction::Kind::line_begin:
        return first || text_[n - 1] == U'\n';
      case Instruction::Kind::line_end:
        return last || text_[n] == U'\n';
      case Instruction::Kind::word_edge:
        return word_before != word_after;
      default:
        return true;
    }
  }

  /// leads(n) from leads(n + 1).
  void look_back(size_t n) {
    uint8_t* now = leads(n);
    std::vector<uint8_t> accepts(pattern_.sets_.size());
    if (n < text_.size())
      for (size_t s = 0; s < accepts.size(); ++s) accepts[s] = pattern_.sets_[s].has(text_[n]);
    const auto reach = [&](size_t at) {
      if (now[at]) return;
      now[at] = 1;
      stack_.push_back(at);
    };
    for (size_t at = 0; at < M_; ++at) {
      const Instruction& one = pattern_.program_[at];
      if (one.kind == Instruction::Kind::match ||
          (one.kind == Instruction::Kind::character && n < text_.size() &&
           accepts[static_cast<size_t>(one.set)] && leads(n + 1)[target(at, one.next)]))
        reach(at);
    }
    while (!stack_.empty()) {
      const size_t at = stack_.back();
      stack_.pop_back();
      for (const size_t source : sources_[at])
        if (passes(pattern_.program_[source].kind, n)) reach(source);
    }
  }

  /// The end of the longest match from `begin`, where one begins.
  size_t end_of_match(size_t begin) {
    std::vector<size_t> states{0}, after;
    size_t end = begin;
    for (size_t n = begin; !states.empty(); ++n) {
      // Everything that is reached without reading, in the order of finding it; what leads nowhere is left out.
      std::vector<uint8_t> found(M_);
      std::vector<size_t> all;
      const auto reach = [&](size_t at) {
        if (found[at] || !leads(n)[at]) return;
        found[at] = 1;
        all.push_back(at);
      };
      for (const size_t at : states) reach(at);
      after.clear();
      for (size_t k = 0; k < all.size(); ++k) {
        const size_t at = all[k];
        const Instruction& one = pattern_.program_[at];
        if (one.kind == Instruction::Kind::match) {
          end = n;
        } else if (one.kind == Instruction::Kind::character) {
          if (n < text_.size() && leads(n + 1)[target(at, one.next)] &&
              pattern_.sets_[static_cast<size_t>(one.set)].has(text_[n]))
            after.push_back(target(at, one.next));
        } else if (passes(one.kind, n)) {
          reach(target(at, one.next));
          if (one.kind == Instruction::Kind::fork) reach(target(at, one.other));
        }
      }
      states = after;
    }
    return end;
  }

  const Pattern& pattern_;
  std::u32string_view text_;
  size_t M_;                                  // instructions
  std::vector<uint8_t> leads_;                // (N + 1, M)
  std::vector<std::vector<size_t>> sources_;  // of each instruction: those that go on there without reading
  std::vector<size_t> stack_;
};

std::vector<uint8_t> Pattern::inside_matches(std::u32string_view text) const {
  return Run(*this, text).inside_matches();
}

}  // namespace unroll
