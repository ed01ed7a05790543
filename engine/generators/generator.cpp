#include "engine/generators/generator.h"

#include <array>
#include <cassert>
#include <cmath>

#include "engine/base/utf8.h"

namespace unroll {

std::span<const Generator* const> generators() {
#define UNROLL_GENERATOR(name) &name##_generator,
  static constexpr std::array list = {
#include "engine/generators/list.h"
  };
#undef UNROLL_GENERATOR
  return list;
}

const Generator* find_generator(std::string_view id) {
  for (const Generator* generator : generators())
    if (generator->id == id) return generator;
  return nullptr;
}

double chance(const Decision& decision) {
  if (decision.chance != nullptr) return decision.chance();
  return logarithm(static_cast<double>(decode_utf8(decision.candidates)->size()));
}

MarkedText chunk_of(const Generator& generator, GeneratedPart part, uint64_t seed, uint64_t stream,
                    uint64_t number, size_t characters) {
  constexpr uint64_t streams = 1024;
  assert(stream < streams);
  constexpr uint64_t uses[] = {random_stream::task_train, random_stream::task_held_out,
                               random_stream::text_counted};
  Random random(part == GeneratedPart::training ? seed : 1, uses[static_cast<size_t>(part)],
                number * streams + stream);
  MarkedText chunk;
  while (chunk.text.size() < characters) generator.piece(random, chunk);
  chunk.text.resize(characters);
  chunk.decided.resize(characters);
  return chunk;
}

std::string shown(const Generator& generator, size_t characters) {
  return encode_utf8(chunk_of(generator, GeneratedPart::counted, 0, 0, 0, characters).text);
}

}  // namespace unroll
