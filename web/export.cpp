#include "web/export.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/toolkit/png.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"

namespace unroll {
namespace {

std::string file_name(const App& app, const char* panel, const char* ending) {
  return std::string("unroll-") + panel + "-step-" + std::to_string(app.session.step()) + ending;
}

void save_picture(const std::string& name, const ImRect& card) {
  platform::take_picture([name, card](const platform::Picture& frame) {
    const float ratio = platform::pixel_ratio();
    const auto pixel = [ratio](float place, int most) {
      return std::clamp(static_cast<int>(std::lround(place * ratio)), 0, most);
    };
    const int left = pixel(card.Min.x, frame.width), right = pixel(card.Max.x, frame.width);
    const int top = pixel(card.Min.y, frame.height), bottom = pixel(card.Max.y, frame.height);
    if (right <= left || bottom <= top) return;
    std::vector<uint8_t> rgb;
    for (int y = top; y < bottom; ++y) {
      const auto row = frame.rgb.begin() + 3 * static_cast<std::ptrdiff_t>(y) * frame.width;
      rgb.insert(rgb.end(), row + 3 * left, row + 3 * right);
    }
    platform::save_file(name, encode_png(right - left, bottom - top, rgb), "image/png");
  });
}

void save_text(const std::string& name, const std::string& text, const char* type) {
  platform::save_file(name, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, type);
}
void save_table(const std::string& name, const std::string& text) {
  save_text(name, text, "text/csv;charset=utf-8");
}

bool menu_entry(const std::string& id, const char* label) {
  const bool chosen = ImGui::Selectable(label, false, 0, ImVec2(140, row_height() - 6));
  if (!ImGui::IsWindowAppearing())
    ui::register_widget(id,
                        {std::string(label) + ", button"});  // its place is known from the second frame on
  return chosen;
}

}  // namespace

void export_button(App& app, const char* panel, std::function<std::string()> written, Written kind,
                   const std::vector<MoreTable>& more) {
  const bool csv = kind == Written::csv;
  const std::string id = std::string(panel) + ".export";
  const ImRect card = ImGui::GetCurrentWindowRead()->OuterRectClipped;
  const ui::ButtonSpec save{.icon = Icon::save,
                            .look = ui::Look::quiet,
                            .tip = csv ? "Save as a picture or as a table" : "Save as a picture or as text"};
  if (!ui::begin_menu(id.c_str(), save, space::s)) return;
  if (menu_entry(id + ".png", "Picture (PNG)")) save_picture(file_name(app, panel, ".png"), card);
  if (csv && menu_entry(id + ".csv", "Table (CSV)")) save_table(file_name(app, panel, ".csv"), written());
  if (!csv && menu_entry(id + ".txt", "Text"))
    save_text(file_name(app, panel, ".txt"), written(), "text/plain;charset=utf-8");
  for (const MoreTable& table : more)
    if (menu_entry(id + "." + table.name, table.label))
      save_table(file_name(app, (std::string(panel) + "-" + table.name).c_str(), ".csv"), table.written());
  ImGui::EndPopup();
}

}  // namespace unroll
