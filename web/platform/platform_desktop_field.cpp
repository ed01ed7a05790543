#include "web/platform/platform_desktop_field.h"

#include <imgui_internal.h>

#include <algorithm>
#include <map>

#include "web/toolkit/soft_wrap.h"

namespace unroll::platform {
namespace {

struct Editor {
  std::string text, wrapped;  // as they were last
  float width = 0;            // for which it was wrapped
  int cursor = 0;
  bool edited = false;
};
std::map<ImGuiID, Editor> editors;

std::string wrap(const std::string& text, float width) {
  const ImFont* font = ImGui::GetFont();
  return with_soft_breaks(text, [&](std::string_view line) {
    const char* end = line.data() + line.size();
    const char* at = font->CalcWordWrapPositionA(font->Scale, line.data(), end, width);
    while (at < end && *at == ' ') ++at;  // spaces stay at the end of their line
    return static_cast<size_t>(at - line.data());
  });
}

int on_edit(ImGuiInputTextCallbackData* data) {
  auto& editor = *static_cast<Editor*>(data->UserData);
  if (data->EventFlag == ImGuiInputTextFlags_CallbackResize) {
    editor.wrapped.resize(static_cast<size_t>(data->BufTextLen));
    data->Buf = editor.wrapped.data();
  } else if (data->EventFlag == ImGuiInputTextFlags_CallbackEdit) {
    const std::string after(data->Buf, static_cast<size_t>(data->BufTextLen));
    const Settled settled =
        settle(wrap(editor.text, editor.width), after, static_cast<size_t>(data->CursorPos));
    editor.text = settled.text;
    editor.edited = true;
    const std::string wrapped = wrap(settled.text, editor.width);
    if (wrapped != after) {
      data->DeleteChars(0, data->BufTextLen);
      data->InsertChars(0, wrapped.c_str());
    }
    data->CursorPos = static_cast<int>(in_wrapped(wrapped, settled.cursor));
    data->SelectionStart = data->SelectionEnd = data->CursorPos;
    editor.cursor = data->CursorPos;
  } else if (data->CursorPos > 0 && data->CursorPos < data->BufTextLen &&
             data->Buf[data->CursorPos - 1] == '\r') {
    data->CursorPos += data->CursorPos > editor.cursor ? 1 : -1;  // not within a soft break
    if (!data->HasSelection()) data->SelectionStart = data->SelectionEnd = data->CursorPos;
    editor.cursor = data->CursorPos;
  } else {
    editor.cursor = data->CursorPos;
  }
  return 0;
}

}  // namespace

bool edit_wrapped(const char* id, ImVec2 size, std::string& text) {
  Editor& editor = editors[ImGui::GetID(id)];
  const ImGuiStyle& style = ImGui::GetStyle();
  const float width = std::max(size.x - 2 * style.FramePadding.x - style.ScrollbarSize, 20.0f);
  if (editor.text != text || editor.width != width) {
    editor.text = text;
    editor.width = width;
    editor.wrapped = wrap(text, width);
  }
  editor.edited = false;
  ImGui::InputTextMultiline(id, editor.wrapped.data(), editor.wrapped.capacity() + 1, size,
                            ImGuiInputTextFlags_CallbackResize | ImGuiInputTextFlags_CallbackEdit |
                                ImGuiInputTextFlags_CallbackAlways | ImGuiInputTextFlags_NoHorizontalScroll,
                            on_edit, &editor);
  if (!editor.edited) return false;
  text = editor.text;
  return true;
}

std::string copied(const char* text) { return without_soft_breaks(text); }

}  // namespace unroll::platform
