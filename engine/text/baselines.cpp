#include "engine/text/baselines.h"

#include <cmath>
#include <limits>

namespace unroll {

namespace {

/// All n-grams of one order: (context, character) → a dense number, with counts. Open addressing, linear
/// probing.
class Grams {
 public:
  static constexpr uint32_t none = std::numeric_limits<uint32_t>::max();

  struct Gram {
    uint64_t key;            ///< number of the context in the order below, and the character
    uint32_t count = 0;      ///< c(h w): how often seen
    uint32_t followed = 0;   ///< c(h w ·): how often seen with a character after it
    uint32_t followers = 0;  ///< T(h w): by how many different ones
  };

  Grams() : slots_(1024, none) {}

  uint32_t find(uint32_t context, int32_t symbol) const { return slots_[slot_of(key_of(context, symbol))]; }
  uint32_t add(uint32_t context, int32_t symbol) {
    if (grams_.size() * 2 >= slots_.size()) grow();
    const uint64_t key = key_of(context, symbol);
    uint32_t& slot = slots_[slot_of(key)];
    if (slot == none) {
      slot = static_cast<uint32_t>(grams_.size());
      grams_.push_back({.key = key});
    }
    ++grams_[slot].count;
    return slot;
  }
  Gram& operator[](uint32_t gram) { return grams_[gram]; }

 private:
  static uint64_t key_of(uint32_t context, int32_t symbol) {
    return static_cast<uint64_t>(context) << 32 | static_cast<uint32_t>(symbol);
  }
  /// The slot that holds the key, or the empty one where it belongs.
  size_t slot_of(uint64_t key) const {
    uint64_t hash = key * 0x9E3779B97F4A7C15u;  // 2^64 / golden ratio: Knuth, TAOCP 3, §6.4
    hash ^= hash >> 32;
    const size_t mask = slots_.size() - 1;
    size_t at = static_cast<size_t>(hash) & mask;
    while (slots_[at] != none && grams_[slots_[at]].key != key) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    slots_.assign(slots_.size() * 2, none);
    for (uint32_t gram = 0; gram < grams_.size(); ++gram) slots_[slot_of(grams_[gram].key)] = gram;
  }

  std::vector<Gram> grams_;
  std::vector<uint32_t> slots_;
};

}  // namespace

/// Order by order: first every character of the training part is counted after its context, then every
/// character of the measured part gets its probability from the order below and these counts. Only two orders
/// are in memory.
struct BaselineMeter::Parts {
  std::span<const int32_t> train, measured;
  Baselines result;

  int order = 1;
  bool counting = true;
  size_t at = 0;                           // next position of the part that is walked
  Grams contexts, grams;                   // of order − 1 and order
  std::vector<uint32_t> train_context;     // context of every training character, as a number in `contexts`
  std::vector<uint32_t> measured_context;  // likewise; none = never seen
  std::vector<double> probability;         // of every measured character by the order below

  explicit Parts(const Corpus& corpus)
      : train(corpus.train()), measured(corpus.valid().empty() ? corpus.train() : corpus.valid()) {
    result.on_valid = !corpus.valid().empty();
    result.uniform = std::log(static_cast<double>(corpus.vocabulary.size()));
    result.best = std::numeric_limits<double>::infinity();
    train_context.assign(train.size(), contexts.add(Grams::none, 0));  // order 0: one empty context
    measured_context.assign(measured.size(), 0);
    probability.assign(measured.size(), 1.0 / corpus.vocabulary.size());
  }

  /// An n-gram needs n − 1 characters before it: the first ones of a text are counted in lower orders only.
  /// Each context becomes that of the next order: this one, longer by the character just seen.
  void count(size_t end) {
    for (; at < end; ++at) {
      const uint32_t context = train_context[at];
      if (context == Grams::none) continue;
      const uint32_t gram = grams.add(context, train[at]);
      Grams::Gram& before = contexts[context];
      ++before.followed;
      if (grams[gram].count == 1) ++before.followers;
      train_context[at] = gram;
    }
  }

  void measure(size_t end) {
    for (; at < end; ++at) {
      const uint32_t context = measured_context[at];
      if (context == Grams::none) continue;  // backs off whole: the probability stays that of the order below
      const uint32_t gram = grams.find(context, measured[at]);
      const Grams::Gram& before = contexts[context];
      const double count = gram == Grams::none ? 0 : grams[gram].count;
      const double followed = before.followed, followers = before.followers;
      if (followed > 0) probability[at] = (count + followers * probability[at]) / (followed + followers);
      measured_context[at] = gram;
    }
  }

  /// The number found at a position is the context of the one after it.
  static void move_on(std::vector<uint32_t>& context) {
    for (size_t i = context.size(); i-- > 1;) context[i] = context[i - 1];
    context[0] = Grams::none;
  }

  void finish_order() {
    double sum = 0;
    for (size_t i = 1; i < probability.size(); ++i) sum -= std::log(probability[i]);
    const double loss_per_character = sum / static_cast<double>(probability.size() - 1);
    if (order == 1) result.unigram = loss_per_character;
    if (order == 2) result.bigram = loss_per_character;
    if (loss_per_character < result.best) {
      result.best = loss_per_character;
      result.best_order = order;
    }
    move_on(train_context);
    move_on(measured_context);
    contexts = std::move(grams);
    grams = Grams();
    ++order;
  }
};

BaselineMeter::BaselineMeter(const Corpus& corpus) : parts_(std::make_unique<Parts>(corpus)) {}
BaselineMeter::~BaselineMeter() = default;
const Baselines& BaselineMeter::result() const { return parts_->result; }

bool BaselineMeter::advance(int64_t characters) {
  Parts& p = *parts_;
  if (p.order > Baselines::max_order) return true;
  const size_t size = p.counting ? p.train.size() : p.measured.size();
  const size_t end = std::min(size, p.at + static_cast<size_t>(characters));
  if (p.counting) {
    p.count(end);
  } else {
    p.measure(end);
  }
  if (end < size) return false;
  if (!p.counting) p.finish_order();
  p.counting = !p.counting;
  p.at = 0;
  return p.order > Baselines::max_order;
}

Baselines measure_baselines(const Corpus& corpus) {
  BaselineMeter meter(corpus);
  while (!meter.advance(1 << 20)) {
  }
  return meter.result();
}

}  // namespace unroll
