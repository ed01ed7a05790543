// Dear ImGui's editor for several lines, with lines that break at its right edge.
#pragma once

#include <imgui.h>

#include <string>

namespace unroll::platform {

/// ImGui's last item afterwards. True when the user changed the text.
bool edit_wrapped(const char* id, ImVec2 size, std::string& text);

/// Of a text copied out of such an editor.
std::string copied(const char* text);

}  // namespace unroll::platform
