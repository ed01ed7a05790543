// Tales without end of somebody who lost something and asks one animal after the other for it. Sentences are easy to learn;
// who it was, what was lost and who is asked must be held from sentence to sentence. And animals have a language in which
// every word is said twice: its letters, which nobody can guess, must be held for the length of the word.
#include <string>

#include "engine/base/utf8.h"
#include "engine/generators/generator.h"
#include "engine/generators/pick.h"

namespace unroll {
namespace {

// The words of a list begin with different letters, so that a first letter decides the word. Of the names every other one is
// a woman's.
constexpr std::string_view people[] = {"Ada", "Bruno", "Clara", "Dudley", "Elsie", "Felix", "Greta", "Hugo"};
constexpr std::string_view things[] = {"boot",   "cushion",   "drum",    "hat",
                                       "kettle", "moustache", "pudding", "teapot"};
constexpr std::string_view animals[] = {"badger", "duck", "fox", "goose", "newt", "owl", "snail", "walrus"};

// In a sentence stand for words of the tale: $N the person, $t the thing, $a the animal that is asked, $A the same with a
// capital, $b the one that shall be asked next; $h for she or he, $s for her or his; $w a word of the animals, $W the same
// again.
constexpr std::string_view beginnings[] = {
    "Once there was a baker called $N. $N had a $t, and it was the best $t in the town. One night $h woke, "
    "and the $t was gone. ",
    "There was once a sailor called $N. $N kept a $t in $s bed, and no $t was kept better. One morning $h "
    "looked, and the $t was gone. ",
    "On a hill lived $N, alone with a $t. $N sang to $s $t every day, and the $t never sang back. Then $h "
    "woke, and the $t was gone. "};
constexpr std::string_view questions[] = {
    "So $N went to the $a. “$w, $W. $A,” said $h, “have you seen my $t?” ",
    "$N asked the $a. “$w, $W. Dear $a,” said $N, “who has my $t?” ",
    "The $a was asleep. “$w, $W. Wake up, $a,” cried $N, “where is my $t?” "};
constexpr std::string_view denials[] = {
    "“$w, $W. $w, $W. No, $N,” said the $a. “I have no $t, dear $N. Ask the $b.” ",
    "“$w, $W. $w, $W. Poor $N,” said the $a, “a $t is not a thing I eat. Ask the $b.” ",
    "“$w, $W. $w, $W. A $t spoke to me once,” said the $a, “and it was rude, $N. Ask the $b.” ",
    "The $a laughed at $N. “$w, $W. $w, $W. Your $t? Oh, $N, go and ask the $b.” "};
constexpr std::string_view endings[] = {
    "“Yes, $N,” said the $a, “I am sitting on your $t.” And $N took $s $t home, and $h gave the $a a kiss.\n",
    "“Yes, $N,” said the $a, “I took the $t, for I was cold.” So $N gave the $a $s scarf, and $h went home "
    "with $s $t.\n",
    "The $a blushed. “Dear $N,” said the $a, “I thought the $t was my aunt.” And $N forgave the $a, and $h "
    "kissed $s $t.\n"};
constexpr uint32_t fewest_denials = 3, most_denials = 6;

constexpr std::string_view letters = "abdeou";
constexpr uint32_t shortest_word = 4, longest_word = 7;

constexpr int name = 1, she_or_he = 2, her_or_his = 3, thing = 4, animal = 5, animal_with_capital = 6,
              word_again = 7;
constexpr Decision decisions[] = {
    {.what = "the name", .candidates = "ABCDEFGH"},    {.what = "she or he", .candidates = "hs"},
    {.what = "her or his", .candidates = "ei"},        {.what = "the thing", .candidates = "bcdhkmpt"},
    {.what = "the animal", .candidates = "bdfgnosw"},  {.what = "the animal", .candidates = "BDFGNOSW"},
    {.what = "the word again", .candidates = "abdeou"}};

struct Tale {
  uint32_t person, thing, asked, next;
  bool person_known = false, thing_known = false;  // said before
  std::string word = {};                           // of the animals, the last one
};

char capital(char letter) { return static_cast<char>(letter - 'a' + 'A'); }

void tell(Random& random, std::string_view sentence, Tale& tale, MarkedText& out) {
  const auto add = [&](std::string_view word, size_t decided_at, int decision) {
    for (size_t i = 0; i < word.size(); ++i)
      out.add(static_cast<char32_t>(word[i]), i == decided_at ? decision : 0);
  };
  const bool woman = tale.person % 2 == 0;
  const std::u32string text = *decode_utf8(sentence);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != U'$') {
      out.add(text[i]);
      continue;
    }
    const std::string_view asked = animals[tale.asked];
    switch (text[++i]) {
      case U'N':
        add(people[tale.person], 0, tale.person_known ? name : 0);
        tale.person_known = true;
        break;
      case U't':
        add(things[tale.thing], 0, tale.thing_known ? thing : 0);
        tale.thing_known = true;
        break;
      case U'a':
        add(asked, 0, animal);
        break;
      case U'A':
        out.add(static_cast<char32_t>(capital(asked[0])), animal_with_capital);
        out.add(asked.substr(1));
        break;
      case U'b':
        add(animals[tale.next], 0, 0);
        break;
      case U'w':
        tale.word.clear();
        for (uint32_t left = shortest_word + random.below(longest_word - shortest_word + 1); left > 0; --left)
          tale.word += letters[random.below(static_cast<uint32_t>(letters.size()))];
        out.add(tale.word);
        break;
      case U'W':
        for (const char letter : tale.word) out.add(static_cast<char32_t>(letter), word_again);
        break;
      case U'h':
        add(woman ? "she" : "he", 0, she_or_he);
        break;
      case U'H':
        out.add(woman ? "She" : "He");
        break;
      case U's':
        add(woman ? "her" : "his", 1, her_or_his);
        break;
    }
  }
}

uint32_t another(Random& random, uint32_t than) {
  const uint32_t drawn = random.below(static_cast<uint32_t>(std::size(animals)) - 1);
  return drawn + (drawn >= than ? 1 : 0);
}

void piece(Random& random, MarkedText& out) {
  Tale tale{.person = random.below(std::size(people)),
            .thing = random.below(std::size(things)),
            .asked = random.below(std::size(animals)),
            .next = 0};
  tell(random, pick(random, beginnings), tale, out);
  for (uint32_t left = fewest_denials + random.below(most_denials - fewest_denials + 1); left > 0; --left) {
    tale.next = another(random, tale.asked);
    tell(random, pick(random, questions), tale, out);
    tell(random, pick(random, denials), tale, out);
    tale.asked = tale.next;
  }
  tell(random, pick(random, questions), tale, out);
  tell(random, pick(random, endings), tale, out);
}

}  // namespace

const Generator tale_generator = {
    .id = "tale",
    .group = "Long memory",
    .title = "Tales without end",
    .good_for =
        "What Unroll is for: sentences are learned in seconds; a word that an animal says twice must be held "
        "letter by letter, and who it was and what was lost from sentence to sentence.",
    .alphabet = "\n ,.?ABCDEFGHINOPSTWYabcdefghiklmnoprstuvwxy“”",
    .decisions = decisions,
    .beginning = "Once there was a baker called Clara. ",
    .timeline =
        "There was once a sailor called Hugo. Hugo kept a teapot in his bed, and no teapot was kept better. "
        "One morning he looked, and the teapot was gone. Hugo asked the walrus. “bedo, bedo. Dear walrus,” "
        "said Hugo, "
        "“who has my teapot?” “ouda, ouda. dabeo, ",
    .piece = piece};

}  // namespace unroll
