// Texts that never end: each is made by rules, fresh while training goes on, from Unroll's own random numbers, so that a part
// of it is the same on every machine. What only memory can get right is marked in them. Uses engine/base only.
//
// A document names one in data.example and holds no data.text; the engine makes the text (create_task), so a front end passes
// the name on and resolves nothing.
//
// A text is made of pieces (a line, a tale), drawn independently of each other. To add one: a file in this folder that
// defines its Generator, and a line in list.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"

namespace unroll {

/// Something that a text says once and needs again later, so that a reader must have remembered it (or worked it out). It
/// decides single characters: each is one of `candidates`, and which one follows from what stands before.
struct Decision {
  const char* what;        ///< for people: "the letter", "the sum"
  const char* candidates;  ///< UTF-8
  /// Nats of a decided character, on average, for a reader who knows the rules but has forgotten what decides it, when it
  /// is known to be one of the candidates. null: these are equally likely, ln n.
  double (*chance)() = nullptr;
};

/// Characters, and of each whether it is decided: 0, or 1 + the number of its Decision.
struct MarkedText {
  std::u32string text;
  std::vector<uint8_t> decided;  ///< as long as `text`

  void add(char32_t symbol, int decision = 0) {
    text.push_back(symbol);
    decided.push_back(static_cast<uint8_t>(decision));
  }
  void add(std::string_view ascii) {
    for (const char c : ascii) add(static_cast<char32_t>(c));
  }
};

struct Generator {
  const char* id;     ///< in documents, as data.example: "recall"
  const char* group;  ///< by which menus are grouped: "Long memory"
  const char* title;  ///< on the screen
  const char* good_for;
  const char* alphabet;  ///< UTF-8: every character that can come, in increasing order
  std::span<const Decision> decisions;
  /// Where the page opens it: the beginning whose continuation is predicted, and the text of the timeline. Both end
  /// right before a decided character, where there are any.
  const char* beginning;
  const char* timeline;
  /// Appends one piece.
  void (*piece)(Random&, MarkedText&);
};

/// All of them, in the order of menus.
std::span<const Generator* const> generators();
#define UNROLL_GENERATOR(name) extern const Generator name##_generator;
#include "engine/generators/list.h"
#undef UNROLL_GENERATOR
/// null when there is none of that name.
const Generator* find_generator(std::string_view id);

/// Nats of a decided character for a reader without memory: the chance of its Decision.
double chance(const Decision&);

/// What a score tells of decided characters, by name: the mean nats of the right one, known to be one of its candidates,
/// and the share of which the likeliest candidate was the right one.
inline constexpr const char *decisive_loss = "decisive loss", *decisive_right = "decisive right";

// --- Parts of the endless text ------------------------------------------------------------------------------------------

/// Which text is meant; the same pieces never come in two of them, but by chance.
enum class GeneratedPart {
  training,  ///< read by the networks: depends on the experiment's seed
  held_out,  ///< tested on: the same for every seed
  counted    ///< what n-grams count, and what is shown as the text's beginning: the same for every seed
};

/// Chunk `number` (from 0) of stream `stream` (below 1024), `characters` long: pieces from the first on, the last one cut
/// off. Depends on nothing else, so that it can be made without those before it; a longer chunk begins as a shorter one.
MarkedText chunk_of(const Generator&, GeneratedPart, uint64_t seed, uint64_t stream, uint64_t number,
                    size_t characters);

/// What n-grams count of a text, and what is held out. Whoever names their losses says the first, too: a network reads more
/// of the text, the longer it is trained.
inline constexpr size_t counted_characters = 300'000, held_out_characters = 16'384;

/// What a front end shows of it, UTF-8: the first `characters` of what n-grams count. It is no text that anybody trains on;
/// whoever edits it has a text of their own (data.text), and an end.
std::string shown(const Generator&, size_t characters = 2000);

}  // namespace unroll
