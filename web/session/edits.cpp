#include "web/session/edits.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/json.h"

namespace unroll {
namespace {

/// The places in which two values differ, until there are two.
void differences(const Json& a, const Json& b, const std::string& path, std::vector<std::string>& found) {
  if (a == b || found.size() > 1) return;
  if (a.is_object() && b.is_object()) {
    std::set<std::string> keys;
    for (const auto& [key, value] : a.items()) keys.insert(key);
    for (const auto& [key, value] : b.items()) keys.insert(key);
    for (const std::string& key : keys)
      differences(a.value(key, Json()), b.value(key, Json()), path.empty() ? key : path + "." + key, found);
    return;
  }
  if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (size_t i = 0; i < a.size(); ++i)
      differences(a[i], b[i], path + "[" + std::to_string(i) + "]", found);
    return;
  }
  found.push_back(path);
}

/// All of it but the text.
Json rest_of(const Document& document) {
  Experiment rest = document.experiment;
  rest.data.text.clear();
  if (!document.example.empty()) rest.data.example = document.example;
  return Json::parse(to_json(rest), nullptr, false);
}

}  // namespace

std::string edited_place(const Document& a, const Document& b) {
  if (a.generation != b.generation || a.interventions != b.interventions) return "";
  std::vector<std::string> found;
  if (a.experiment.data.text != b.experiment.data.text) found.push_back("data.text");
  // Choosing a built-in text changes both: that is no typing.
  differences(rest_of(a), rest_of(b), "", found);
  return found.size() == 1 ? found[0] : "";
}

Edits::Entry Edits::entry_of(const Document& document) const {
  Entry entry{document, nullptr, 0, "", 0};
  std::string& text = entry.document.experiment.data.text;
  for (const Entry& other : all_)
    if (*other.text == text) entry.text = other.text;
  if (!entry.text) entry.text = std::make_shared<const std::string>(std::move(text));
  text.clear();
  entry.bytes = sizeof(Entry) + to_json(entry.document.experiment).size();
  for (const InterventionSet& set : document.interventions) entry.bytes += set.size() * sizeof(Intervention);
  return entry;
}

Document Edits::document_of(const Entry& entry) {
  Document document = entry.document;
  document.experiment.data.text = *entry.text;
  return document;
}

void Edits::note(const Document& now, double seconds) {
  if (all_.empty()) {
    all_.push_back(entry_of(now));
    return;
  }
  Entry& last = all_[at_];
  if (*last.text == now.experiment.data.text) {
    std::string& text = last.document.experiment.data.text;
    text = *last.text;
    const bool same = last.document == now;
    text.clear();
    if (same) return;
  }
  const std::string place = edited_place(document_of(last), now);
  all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(at_) + 1, all_.end());
  Entry entry = entry_of(now);
  entry.place = place;
  entry.at = seconds;
  if (at_ > 0 && !place.empty() && last.place == place && seconds - last.at < same_edit) {
    last = std::move(entry);
  } else {
    all_.push_back(std::move(entry));
    ++at_;
  }
  shorten();
}

void Edits::shorten() {
  const auto bytes = [this] {
    size_t sum = 0;
    const std::string* before = nullptr;
    for (const Entry& entry : all_) {
      sum += entry.bytes + (entry.text.get() == before ? 0 : entry.text->size());
      before = entry.text.get();
    }
    return sum;
  };
  while (at_ > 0 && (all_.size() > most_steps + 1 || bytes() > most_bytes)) {
    all_.pop_front();
    --at_;
  }
}

std::optional<Document> Edits::undo() {
  if (!can_undo()) return std::nullopt;
  all_[at_].place.clear();  // what is typed from now on is a new edit
  return document_of(all_[--at_]);
}

std::optional<Document> Edits::redo() {
  if (!can_redo()) return std::nullopt;
  return document_of(all_[++at_]);
}

void Edits::correct(const Document& now) {
  Entry entry = entry_of(now);
  all_[at_] = std::move(entry);
}

}  // namespace unroll
