#include "web/views/predict/teaching.h"

#include <algorithm>

#include "engine/tasks/lines.h"
#include "web/platform/platform.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {

std::string clean_name(std::string name) {
  std::ranges::replace_if(name, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return std::string(trimmed(name));
}

int count_taught(std::string_view text, const std::string& name) {
  const std::string begins = clean_name(name) + "\t";
  int count = 0;
  for_each_line(text, [&](std::string_view line, size_t) {
    count += line.starts_with(begins) ? 1 : 0;
    return true;
  });
  return count;
}

void teach(Session& session, const std::string& name, const std::string& rest, const char* things) {
  std::string& text = session.wanted.data.text;
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += clean_name(name) + "\t" + rest + "\n";
  session.text_edited();
  ui::say(clean_name(name) + ": " + std::to_string(count_taught(text, name)) + " " + things);
}

void draw_taught(const Session& session, const std::string& name, const char* thing, const char* do_it) {
  const int known = count_taught(session.wanted.data.text, name);
  if (known == 0) return;
  std::string words = clean_name(name) + ": " + std::to_string(known) + " " + thing + (known == 1 ? "" : "s");
  words += known < enough_taught
               ? ", " + std::string(do_it) + " " + std::to_string(enough_taught - known) + " more."
               : ".";
  if (session.data_changed()) words += " It is learned with the restart.";
  ui::dim(words.c_str());
}

void name_field(const char* id, const char* label, const char* placeholder, float beside, size_t most_bytes,
                std::string& name) {
  const platform::TextField field{.id = id,
                                  .label = label,
                                  .placeholder = placeholder,
                                  .width = std::max(ui::content_width() - beside - space::s, 80.0f),
                                  .height = row_height(),
                                  .monospace = false,
                                  .max_bytes = most_bytes};
  platform::text_field(field, name);
  ui::register_widget(id, {std::string(label) + ", text field", "", true});
}

}  // namespace unroll
