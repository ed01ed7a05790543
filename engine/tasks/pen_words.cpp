#include "engine/tasks/pen_words.h"

#include <algorithm>

namespace unroll {
namespace {

constexpr std::string_view words[] = {
    "able",   "about",  "above",  "actor",  "after",  "again",  "age",    "ago",    "air",    "all",
    "also",   "angel",  "animal", "ant",    "apple",  "april",  "arm",    "army",   "art",    "ask",
    "aunt",   "autumn", "away",   "baby",   "back",   "bag",    "bake",   "ball",   "banana", "band",
    "bank",   "bath",   "beach",  "bean",   "bear",   "bed",    "bee",    "beer",   "bell",   "below",
    "bench",  "best",   "bike",   "bird",   "black",  "blood",  "blue",   "boat",   "body",   "bone",
    "book",   "boot",   "box",    "boy",    "brave",  "bread",  "bridge", "bright", "brown",  "brush",
    "bus",    "butter", "cake",   "camel",  "camp",   "candle", "car",    "card",   "castle", "cat",
    "cave",   "chair",  "cheese", "cherry", "city",   "clean",  "clock",  "cloud",  "club",   "coat",
    "coffee", "coin",   "cold",   "cook",   "copper", "corn",   "cow",    "crab",   "cream",  "cup",
    "cut",    "dance",  "dark",   "day",    "deep",   "deer",   "desk",   "dinner", "doctor", "dog",
    "door",   "dove",   "dragon", "draw",   "dream",  "dress",  "drink",  "drum",   "duck",   "dust",
    "eagle",  "early",  "earth",  "east",   "easy",   "eat",    "egg",    "empty",  "end",    "enjoy",
    "eye",    "face",   "fair",   "fall",   "farm",   "fast",   "father", "fire",   "fish",   "flag",
    "floor",  "flower", "fly",    "fog",    "food",   "foot",   "forest", "fork",   "fox",    "fresh",
    "friend", "frog",   "fruit",  "full",   "game",   "garden", "gate",   "ghost",  "girl",   "glass",
    "goat",   "gold",   "good",   "grass",  "green",  "hair",   "half",   "hand",   "happy",  "hat",
    "heart",  "hello",  "help",   "hill",   "home",   "honey",  "horse",  "hotel",  "hour",   "house",
    "ice",    "idea",   "iron",   "island", "jacket", "jam",    "job",    "joke",   "juice",  "jump",
    "jungle", "kettle", "key",    "king",   "kiss",   "kite",   "knee",   "knife",  "lake",   "lamp",
    "large",  "leaf",   "lemon",  "letter", "light",  "lion",   "long",   "love",   "lucky",  "lunch",
    "magic",  "map",    "market", "maze",   "meat",   "milk",   "mirror", "money",  "monkey", "moon",
    "mother", "mouse",  "music",  "name",   "neck",   "needle", "nest",   "new",    "night",  "noise",
    "north",  "nose",   "nut",    "ocean",  "oil",    "olive",  "onion",  "open",   "orange", "oven",
    "owl",    "page",   "paint",  "paper",  "park",   "party",  "pear",   "pen",    "pepper", "piano",
    "pie",    "pig",    "pilot",  "pink",   "pizza",  "plane",  "plant",  "poem",   "pond",   "pony",
    "potato", "prize",  "pupil",  "puzzle", "quack",  "queen",  "quick",  "quiet",  "quiz",   "rabbit",
    "radio",  "rain",   "red",    "rice",   "ring",   "river",  "road",   "rock",   "roof",   "room",
    "root",   "rope",   "rose",   "ruby",   "sad",    "safe",   "salad",  "salt",   "sand",   "sea",
    "seven",  "sheep",  "ship",   "shirt",  "shoe",   "shop",   "silver", "six",    "skin",   "sky",
    "sleep",  "slow",   "small",  "smile",  "snow",   "soap",   "sock",   "soft",   "song",   "soup",
    "south",  "space",  "spoon",  "spring", "square", "star",   "stone",  "storm",  "story",  "street",
    "sugar",  "sun",    "sweet",  "swim",   "table",  "tail",   "taxi",   "tea",    "tent",   "thing",
    "tiger",  "time",   "toe",    "tomato", "tooth",  "tower",  "town",   "toy",    "train",  "tree",
    "truck",  "tulip",  "uncle",  "under",  "unit",   "valley", "velvet", "vet",    "violin", "visit",
    "voice",  "wagon",  "walk",   "wall",   "warm",   "water",  "wave",   "week",   "west",   "whale",
    "wheat",  "wheel",  "white",  "wind",   "window", "wine",   "winter", "wolf",   "wood",   "word",
    "world",  "yard",   "year",   "yellow", "young",  "zebra",  "zero",   "zone",   "zoo",
};

constexpr std::string_view vowels = "aeiouy", consonants = "bcdfghjklmnpqrstvwxz";
constexpr double letter_strength = 0.6;  // of what a hand changes is in each letter, the rest in the whole
constexpr double least_gap = 8, most_gap = 24;  // between letters, in the font's hundredths
constexpr double drift = 3;                     // of a letter up or down

/// Slant, rotation and width of a whole line.
Drawing tilted(const Drawing& drawing, double strength, Random& random) {
  const auto amount = [&](double most) {
    return strength * most * static_cast<double>(random.uniform(-1, 1));
  };
  const double slant = amount(0.25), wide = 1 + std::max(amount(0.2), -0.7);
  const double t = amount(0.04), cosine = (1 - t * t) / (1 + t * t),
               sine = 2 * t / (1 + t * t);  // up to 5 degrees
  Drawing result = drawing;
  for (Stroke& stroke : result)
    for (PenPoint& point : stroke) {
      const double x = wide * (point.x - slant * point.y);
      point = {cosine * x - sine * point.y, sine * x + cosine * point.y};
    }
  return result;
}

}  // namespace

std::span<const std::string_view> pen_words() { return words; }

std::string made_up_word(size_t letters, Random& random) {
  std::string word;
  do {
    word.clear();
    while (word.size() < letters) {
      const bool after_vowel = !word.empty() && vowels.find(word.back()) != vowels.npos;
      const bool vowel = random.uniform() < (after_vowel ? 0.2f : 0.5f);
      const std::string_view from = vowel ? vowels : consonants;
      word += from[random.below(static_cast<uint32_t>(from.size()))];
    }
  } while (std::ranges::binary_search(words, std::string_view(word)));
  return word;
}

Drawing written_by_hand(std::span<const Drawing* const> glyphs, double strength, Random& random) {
  Drawing line;
  double right = 0;  // of what is written
  const bool joins = random.uniform() < 0.33f;
  bool joinable = false;
  for (const Drawing* glyph : glyphs) {
    const DrawingBox box = box_of(*glyph);
    const double gap = least_gap + (most_gap - least_gap) * static_cast<double>(random.uniform()),
                 up = strength * drift * static_cast<double>(random.uniform(-1, 1)),
                 left = line.empty() ? 0 : right + gap;
    const Drawing drawn = drawn_by_hand(*glyph, letter_strength * strength, random);
    for (size_t s = 0; s < drawn.size(); ++s) {
      if (s > 0 || !joins || !joinable || drawn.size() > 1) line.emplace_back();
      for (const PenPoint point : drawn[s]) {
        const PenPoint placed = {left + box.size * (point.x + 0.5),
                                 box.corner.y + up + box.size * (point.y + 0.5)};
        right = std::max(right, placed.x);
        line.back().push_back(placed);
      }
    }
    joinable = drawn.size() == 1;
  }
  return tilted(line, strength, random);
}

Drawing written_again(const Drawing& drawing, double strength, Random& random) {
  Drawing shaken = drawing;
  const double trembling = strength * 0.01 * box_of(drawing).size;
  for (Stroke& stroke : shaken)
    for (PenPoint& point : stroke)
      point = {point.x + trembling * random.normal(), point.y + trembling * random.normal()};
  return tilted(shaken, strength, random);
}

}  // namespace unroll
