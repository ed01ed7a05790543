// A text, and lines with labels: any bytes are read or told.
#include "engine/base/utf8.h"
#include "engine/tasks/labelled_lines.h"
#include "engine/text/text.h"
#include "tests/fuzz/fuzz.h"

namespace unroll::fuzz {

std::vector<std::string> seeds() {
  return {
      "Once upon a time there was a \xc3\xa9t\xc3\xa9, \xf0\x9f\x98\x80 and a "
      "\xe2\x80\x9cquotation\xe2\x80\x9d.\r\nIt ended.\rTwice.\n",
      "good\tthe soup was hot\nbad\tthe soup was cold, though\ngood\tnot bad at all\n",
      "text,label\n\"a \"\"fine\"\" day, it was\",1\n\"rain\nall day\",0\nsun,1\n",
      "#fine\t3\n#grim\t-2\n1\tfine\n0\tgrim\n",
  };
}

void try_input(std::string_view bytes) {
  if (const auto text = decode_utf8(bytes)) {
    const auto again = decode_utf8(encode_utf8(*text));
    require(again && *again == *text);
  } else {
    require_told(text.error().text());
  }
  require(readable(bytes).find('\n') == std::string::npos);
  require(bool(decode_utf8(readable(bytes))) && quotation(bytes).size() < 400);
  if (const auto corpus = make_corpus(bytes, 0.1)) {
    require(corpus->train_size >= 2 && corpus->train_size <= corpus->ids.size());
    for (const int32_t id : corpus->ids) require(id >= 0 && id < corpus->vocabulary.size());
  } else {
    require_told(corpus.error().text());
  }
  if (const auto lines = read_labelled_lines(bytes)) {
    require(!lines->told.empty() && lines->labels[0] != lines->labels[1]);
    for (const LabelledSentence& sentence : lines->sentences)
      require(!sentence.text.empty() && (sentence.label == 0 || sentence.label == 1));
  } else {
    require_told(lines.error().text());
  }
}

}  // namespace unroll::fuzz
