// Names and lines of what somebody teaches on the page: drawings, recordings. data.text has a line of each, its name first and a
// tab behind it. For web/views/predict only.
#pragma once

#include <string>
#include <string_view>

#include "web/views/predict/answer.h"

namespace unroll {

inline constexpr int enough_taught = 5;  ///< of one name

/// So that it is one line's name: no tab, no line end, no blank around it.
std::string clean_name(std::string name);
/// How many lines of that name there are.
int count_taught(std::string_view text, const std::string& name);
/// Adds a line of that name, whose rest is given, and says how many there are: "yes: 3 recordings".
void teach(Session&, const std::string& name, const std::string& rest, const char* things);
/// How many there are of that name, and how many more it needs: "yes: 3 recordings, record 2 more."
void draw_taught(const Session&, const std::string& name, const char* thing, const char* do_it);
/// The field for the name; `beside`: the width of what stands beside it.
void name_field(const char* id, const char* label, const char* placeholder, float beside, size_t most_bytes,
                std::string& name);

}  // namespace unroll
