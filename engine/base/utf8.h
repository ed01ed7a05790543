// UTF-8 in, Unicode code points, and back.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace unroll {

/// Decodes UTF-8 strictly (no surrogates, no overlong forms, nothing above U+10FFFF). The error names the
/// offset of the first invalid byte, or says that the bytes look like UTF-16 or UTF-32, with a mark or without. What
/// people call one text is one text: a leading byte-order mark is dropped, a line ends in "\n" whether it ended in
/// "\r\n", "\r" or "\n", and a NUL is an error.
Result<std::u32string> decode_utf8(std::string_view bytes);
/// The same as UTF-8 again, for a text that comes from outside: what is shown, learned and saved is this.
Result<std::string> clean_utf8(std::string bytes);
/// Decodes without touching byte-order marks, line ends and NULs: for lists of symbols.
Result<std::u32string> decode_utf8_exact(std::string_view bytes);
/// The inverse. Every code point must be one that decode_utf8 gives.
std::string encode_utf8(std::u32string_view text);
std::string encode_utf8(char32_t symbol);
/// The first `bytes` bytes or a few less, cut between characters.
std::string_view shortened(std::string_view utf8, size_t bytes = 40);

// --- Texts from outside in messages

/// The same on one line and harmless to a terminal: what controls instead of being seen (control characters, marks that
/// turn the direction of writing) is shown as in JSON, \n or \u001b, and bytes that are no UTF-8 as \xff.
std::string readable(std::string_view bytes);
/// Also short, for the middle of a message: "The wind we…".
std::string quotation(std::string_view bytes, size_t most = 40);
/// The same without quotation marks, for names that stand alone: rnn.weight, lanes.hiden.
std::string short_name(std::string_view bytes, size_t most = 40);

}  // namespace unroll
