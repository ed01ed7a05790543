#include "engine/tasks/number_words.h"

#include <cassert>
#include <string_view>

namespace unroll {
namespace {

constexpr int thousand = 1000, hundred = 100;

// --- English

constexpr std::string_view english_small[] = {"zero",    "one",     "two",       "three",    "four",
                                              "five",    "six",     "seven",     "eight",    "nine",
                                              "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                              "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::string_view english_tens[] = {"",      "",      "twenty",  "thirty", "forty",
                                             "fifty", "sixty", "seventy", "eighty", "ninety"};

std::string english(int n) {
  if (n >= thousand)
    return english(n / thousand) + " thousand" + (n % thousand ? " " + english(n % thousand) : "");
  if (n >= hundred)
    return english(n / hundred) + " hundred" + (n % hundred ? " " + english(n % hundred) : "");
  if (n < 20) return std::string(english_small[n]);
  return std::string(english_tens[n / 10]) + (n % 10 ? "-" + std::string(english_small[n % 10]) : "");
}

// --- French: 70 to 79 go on from sixty, 80 to 99 from four times twenty

constexpr std::string_view french_small[] = {"zéro",  "un",     "deux",     "trois",  "quatre", "cinq",
                                             "six",   "sept",   "huit",     "neuf",   "dix",    "onze",
                                             "douze", "treize", "quatorze", "quinze", "seize"};
constexpr std::string_view french_tens[] = {"", "", "vingt", "trente", "quarante", "cinquante", "soixante"};

/// `last`: nothing follows but the end, so that four times twenty, and hundreds, have their s.
std::string french(int n, bool last = true) {
  if (n >= thousand) {
    const std::string count = n / thousand == 1 ? "" : french(n / thousand, false) + " ";
    return count + "mille" + (n % thousand ? " " + french(n % thousand) : "");
  }
  if (n >= hundred) {
    const std::string count = n / hundred == 1 ? "" : french(n / hundred) + " ";
    if (n % hundred) return count + "cent " + french(n % hundred, last);
    return count + (n > hundred && last ? "cents" : "cent");
  }
  if (n <= 16) return std::string(french_small[n]);
  if (n < 20) return "dix-" + french(n - 10);
  if (n == 80) return last ? "quatre-vingts" : "quatre-vingt";
  if (n > 80) return "quatre-vingt-" + french(n - 80);
  const int base = n >= 60 ? 60 : n / 10 * 10;
  const std::string tens(french_tens[base / 10]);
  if (n == base) return tens;
  return tens + (n - base == 1 || n - base == 11 ? " et " : "-") + french(n - base);
}

// --- German: units before tens

constexpr std::string_view german_small[] = {"null",   "eins", "zwei", "drei", "vier", "fünf", "sechs",
                                             "sieben", "acht", "neun", "zehn", "elf",  "zwölf"};
constexpr std::string_view german_tens[] = {"",        "zehn",    "zwanzig", "dreißig", "vierzig",
                                            "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"};

/// Before another word one is "ein".
std::string german_unit(int n) { return n == 1 ? "ein" : std::string(german_small[n]); }

/// `last`: no word of the number follows.
std::string german(int n, bool last = true) {
  if (n >= thousand)
    return german(n / thousand, false) + "|tausend" + (n % thousand ? "|" + german(n % thousand) : "");
  if (n >= hundred)
    return german_unit(n / hundred) + "|hundert" + (n % hundred ? "|" + german(n % hundred, last) : "");
  if (n == 1) return last ? "eins" : "ein";
  if (n <= 12) return std::string(german_small[n]);
  if (n < 20) {
    const std::string unit = n == 16 ? "sech" : n == 17 ? "sieb" : std::string(german_small[n - 10]);
    return unit + "|zehn";
  }
  return (n % 10 ? german_unit(n % 10) + "|und|" : "") + std::string(german_tens[n / 10]);
}

}  // namespace

std::string number_words(Language language, int number) {
  assert(number >= 0 && number < thousand * thousand);
  switch (language) {
    case Language::english:
      return english(number);
    case Language::french:
      return french(number);
    case Language::german:
      break;
  }
  return german(number);
}

}  // namespace unroll
