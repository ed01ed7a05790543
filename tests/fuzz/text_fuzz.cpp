// A text, and lines with labels, pairs to translate, or drawings with names: any bytes are read or told.
#include <cmath>

#include "engine/base/utf8.h"
#include "engine/tasks/labelled_lines.h"
#include "engine/tasks/pair_lines.h"
#include "engine/tasks/pen_own.h"
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
      "the red house\tla maison rouge\nI don't\tje ne d\xc3\xa9sire pas\r\n\na\tb\n",
      "a\t0 0 0 10 5 10 ; 20 0 20 30\nstar\t1.5 -2 30 40; 3 3\n",
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
  if (const auto lines = read_pair_lines(bytes)) {
    require(!lines->pairs.empty() && !lines->told.empty());
    for (const PairLine& pair : lines->pairs)
      require(pair.line > 0 && !pair.source.empty() && !pair.target.empty());
  } else {
    require_told(lines.error().text());
  }
  if (const auto drawings = read_named_drawings(bytes)) {
    require(drawings->size() <= most_own_drawings);
    for (const NamedDrawing& one : *drawings) {
      require(!one.name.empty() && one.name.size() <= longest_own_name && !one.drawing.empty());
      for (const Stroke& stroke : one.drawing)
        for (const PenPoint point : stroke) require(std::isfinite(point.x) && std::isfinite(point.y));
    }
  } else {
    require_told(drawings.error().text());
  }
}

}  // namespace unroll::fuzz
