#include "engine/text/text.h"

#include <doctest/doctest.h>

#include <numeric>

#include "engine/document/experiment.h"

using namespace unroll;

TEST_CASE("UTF-8: every code point survives encoding and decoding") {
  std::u32string all;
  for (char32_t c = 1; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 37) {
    if (c < 0xD800 || c > 0xDFFF) all.push_back(c);
  }
  all.push_back(0x10FFFF);
  const auto back = decode_utf8_exact(encode_utf8(all));
  REQUIRE(back);
  CHECK(*back == all);
}

TEST_CASE("UTF-8: invalid bytes are reported with their offset") {
  const auto offset_of = [](std::string_view bytes) {
    const auto text = decode_utf8(bytes);
    return text ? std::string("valid") : text.error().where;
  };
  CHECK(offset_of("abc\x80") == "byte 3");               // stray continuation
  CHECK(offset_of("\xC0\xAF") == "byte 0");              // overlong
  CHECK(offset_of("a\xE0\x80\x80") == "byte 1");         // overlong
  CHECK(offset_of("\xF0\x8F\xBF\xBF") == "byte 0");      // overlong
  CHECK(offset_of("ab\xED\xA0\x80") == "byte 2");        // surrogate
  CHECK(offset_of("\xF4\x90\x80\x80") == "byte 0");      // above U+10FFFF
  CHECK(offset_of("\xF8\x88\x80\x80\x80") == "byte 0");  // five bytes
  CHECK(offset_of("na\xC3") == "byte 2");                // cut off
  CHECK(offset_of("\xE2\x82") == "byte 0");              // cut off
  CHECK(offset_of("\xE2\x82\xAC") == "valid");           // €
  CHECK(decode_utf8("x\xFFy").error().text() ==
        "byte 1: 0xFF is not valid UTF-8 here (save the text as UTF-8 and try again)");
}

TEST_CASE("UTF-8: byte-order mark dropped, line ends made one character, NULs refused") {
  CHECK(*decode_utf8("\xEF\xBB\xBFone\r\ntwo\rthree\r\n\r\r\n") == U"one\ntwo\nthree\n\n\n");
  CHECK(*clean_utf8("\xEF\xBB\xBFone\r\ntwo\rthr\u20AC\x01") == "one\ntwo\nthr\u20AC\x01");
  CHECK(*clean_utf8("as it is\n\t") == "as it is\n\t");
  CHECK(decode_utf8(std::string_view("abc\0d", 5)).error().where == "byte 3");
  CHECK(clean_utf8(std::string(1, '\0')).error().what.find("NUL (U+0000)") != std::string::npos);
  CHECK(decode_utf8_exact(std::string_view("\0\r", 2))->size() == 2);
  CHECK(*decode_utf8("\r\r\n\n\r") == U"\n\n\n\n");
  CHECK(*decode_utf8("") == U"");
  CHECK(decode_utf8_exact("\xEF\xBB\xBFx\r\n")->size() == 4);
}

TEST_CASE("UTF-8: UTF-16 and UTF-32 are called by their names, with a mark and without") {
  const auto what = [](std::string_view bytes) {
    const auto text = decode_utf8(bytes);
    return text ? std::string("a text") : text.error().what;
  };
  const auto wide = [](std::u32string_view text, int size, bool big) {
    std::string bytes;
    for (const char32_t symbol : text) {
      for (int i = 0; i < size; ++i)
        bytes += static_cast<char>(static_cast<uint32_t>(symbol) >> 8 * (big ? size - 1 - i : i) & 0xFFu);
    }
    return bytes;
  };
  for (const bool big : {false, true}) {
    CAPTURE(big);
    for (const std::u32string_view text :
         {std::u32string_view(U"It was late."), std::u32string_view(U"Hi"),
          std::u32string_view(U"Было поздно и темно.\n"), std::u32string_view(U"Ήταν αργά. Πήγε.\n"),
          std::u32string_view(U"天色已晚，他走了。\n一天很黑。\n"),
          std::u32string_view(U"시간이 늦었다. 그는 갔다.\n"),
          std::u32string_view(U"もう遅い。彼は行った。\n"), std::u32string_view(U"déjà vu, naïve\r\n")}) {
      CHECK(what(wide(text, 2, big)) == "this looks like UTF-16, not UTF-8");
      CHECK(what(wide(U"\uFEFF" + std::u32string(text), 2, big)) == "this looks like UTF-16, not UTF-8");
      CHECK(what(wide(text, 4, big)) == "this looks like UTF-32, not UTF-8");
      CHECK(what(wide(U"\uFEFF" + std::u32string(text), 4, big)) == "this looks like UTF-32, not UTF-8");
    }
  }
  // Texts that hold control characters are texts.
  CHECK(what("a\tb\tc\td\n1\t2\t3\t4\n") == "a text");
  CHECK(what(std::string_view("one\0two\0three\0", 14)).starts_with("a NUL"));
  CHECK(what(std::string_view("\0", 1)).starts_with("a NUL"));
  CHECK(what("\x1b[1mbold\x1b[0m") == "a text");
  CHECK(what("caf\xE9 au lait, tr\xE8s t\xF4t le matin, \xE0 la gare") == "0xE9 is not valid UTF-8 here");
  CHECK(what("\x89PNG\r\n\x1a\n") == "0x89 is not valid UTF-8 here");
  CHECK(what("caf\xE9 au lait") == "0xE9 is not valid UTF-8 here");
}

TEST_CASE("messages: what they quote is short, on one line, and cannot act on a terminal") {
  CHECK(readable("rnn.weight é 天") == "rnn.weight é 天");
  CHECK(readable("a\x1b[2Jb") == "a\\u001B[2Jb");
  CHECK(readable("a\r\n\tb\x7f") == "a\\r\\n\\tb\\u007F");
  CHECK(readable("a\xC2\x9B"
                 "2J") == "a\\u009B2J");           // CSI as one character
  CHECK(readable("a\xE2\x80\xAE") == "a\\u202E");  // turns what follows around
  CHECK(readable("a\xFF\x80z") == "a\\xFF\\x80z");
  CHECK(quotation("hiden") == "\"hiden\"");
  CHECK(quotation(std::string(1000, 'x')) == "\"" + std::string(40, 'x') + "…\"");
  CHECK(shortened(std::string(100, '\x80')).size() >= 37);
  const Error error{std::string(1 << 20, 'w'), "\x1b]0;title\a", std::string(1 << 20, '\x1b')};
  CHECK(error.text().size() < 10000);
  CHECK(error.text().find('\x1b') == std::string::npos);
  CHECK(error.text().find('\a') == std::string::npos);
}

TEST_CASE("UTF-8: shortened texts are cut between characters") {
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 3) == "abc");
  CHECK(shortened("a€€", 3) == "a");
  CHECK(shortened("a€€", 4) == "a€");
  CHECK(shortened("€", 0) == "");
}

TEST_CASE("vocabulary: sorted, ids both ways, unknown symbols named once") {
  const Vocabulary vocabulary = Vocabulary::of(U"hello wörld €");
  CHECK(vocabulary.symbols() == U" dehlorwö€");
  for (int id = 0; id < vocabulary.size(); ++id) CHECK(vocabulary.id(vocabulary.symbol(id)) == id);
  CHECK(vocabulary.id(U'z') == -1);
  const auto encoded = vocabulary.encode(U"hex zap xz");
  CHECK(encoded.unknown == U"xzap");
  CHECK(vocabulary.decode(encoded.ids) == U"he  ");
}

TEST_CASE("vocabulary: a stored list is checked") {
  CHECK(Vocabulary::from_symbols(U"\nab€"));
  CHECK_FALSE(Vocabulary::from_symbols(U""));
  CHECK_FALSE(Vocabulary::from_symbols(U"ba"));
  CHECK_FALSE(Vocabulary::from_symbols(U"aab"));
  CHECK_FALSE(Vocabulary::from_symbols(std::u32string{U'a', char32_t{0xD800}}));
  CHECK_FALSE(Vocabulary::from_symbols(std::u32string{char32_t{0x110000}}));
  std::u32string many(static_cast<size_t>(Limits::vocabulary) + 1, U'a');
  std::iota(many.begin(), many.end(), char32_t{0x10000});
  CHECK_FALSE(Vocabulary::from_symbols(many));
  many.pop_back();
  CHECK(Vocabulary::from_symbols(many));
}

TEST_CASE("corpus: the split, and what is too little") {
  const auto corpus = make_corpus("abcdefghij", 0.3);
  REQUIRE(corpus);
  CHECK(corpus->train().size() == 7);
  CHECK(corpus->valid().size() == 3);
  CHECK(corpus->vocabulary.decode(corpus->valid()) == U"hij");
  CHECK(make_corpus("abcdefghij", 0.1)->valid().empty());  // one character alone predicts nothing
  CHECK(make_corpus("abcdefghij", 0.0)->train().size() == 10);
  CHECK(make_corpus("a", 0.0).error().what == "1 characters to train on are too few");
  CHECK(make_corpus("", 0.1).error().what == "0 characters to train on are too few");
  CHECK(make_corpus("one\rtwo\r\nthree\n", 0)->vocabulary.id(U'\r') == -1);
  CHECK(make_corpus("abc\xFF", 0.1).error().where == "byte 3");
  std::u32string many(static_cast<size_t>(Limits::vocabulary) + 1, U'a');
  std::iota(many.begin(), many.end(), char32_t{0x10000});
  CHECK_FALSE(make_corpus(encode_utf8(many), 0.1));
}

TEST_CASE("streams: contiguous, targets one ahead, epochs wrap") {
  std::vector<int32_t> ids(101);
  std::iota(ids.begin(), ids.end(), 0);
  const Streams streams(ids, 4, 6);  // 25 characters a stream, 4 chunks of 6
  CHECK(streams.batch() == 4);
  CHECK(streams.seq_length() == 6);
  CHECK(streams.steps_per_epoch() == 4);
  std::vector<int32_t> inputs(24), targets(24);
  for (int64_t index = 0; index < 9; ++index) {
    CHECK(streams.fill(index, inputs, targets) == (index % 4 == 0));
    for (int t = 0; t < 6; ++t) {
      for (int b = 0; b < 4; ++b) {
        const auto at = static_cast<size_t>(t * 4 + b);
        CHECK(inputs[at] == b * 25 + static_cast<int>(index % 4) * 6 + t);
        CHECK(targets[at] == inputs[at] + 1);
      }
    }
  }
}

TEST_CASE("streams: a short text shrinks the batch first, then the sequence") {
  std::vector<int32_t> ids(201);
  const auto sizes = [&](size_t n, int batch, int seq_length) {
    const Streams streams({ids.data(), n}, batch, seq_length);
    return std::vector<int64_t>{streams.batch(), streams.seq_length(), streams.steps_per_epoch()};
  };
  CHECK(sizes(201, 16, 64) == std::vector<int64_t>{3, 64, 1});
  CHECK(sizes(65, 16, 64) == std::vector<int64_t>{1, 64, 1});
  CHECK(sizes(64, 16, 64) == std::vector<int64_t>{1, 63, 1});
  CHECK(sizes(2, 16, 64) == std::vector<int64_t>{1, 1, 1});
  for (size_t n = 2; n <= 201; ++n) {  // every chunk lies inside the text
    const Streams streams({ids.data(), n}, 7, 9);
    std::iota(ids.begin(), ids.end(), 0);
    std::vector<int32_t> in(static_cast<size_t>(streams.batch() * streams.seq_length())), out(in.size());
    streams.fill(streams.steps_per_epoch() - 1, in, out);
    for (const int32_t id : out) CHECK(id < static_cast<int32_t>(n));
  }
}
