// Everything can be saved: a button in a card's title row that saves the card as a picture (PNG, at device pixels, as it
// is drawn, what is scrolled away left out) and what it shows as tables (CSV, RFC 4180, losses in nats) or a text.
// Files are called unroll-<panel>-step-<n>.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "web/app.h"
#include "web/toolkit/csv.h"

namespace unroll {

enum class Written { csv, text };

/// A further table in the menu: "training" in the panel "weights" gives weights.export.training.
struct MoreTable {
  const char* name;
  const char* label;
  std::function<std::string()> written;
};

/// One of the card's tools (ui::next_tool). `panel` names the files and the widgets: "curves" gives curves.export, and in
/// its menu curves.export.png and curves.export.csv (or .txt). `written` is called when that is chosen.
void export_button(App&, const char* panel, std::function<std::string()> written, Written = Written::csv,
                   const std::vector<MoreTable>& more = {});

}  // namespace unroll
