#include "engine/document/experiment_fields.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <type_traits>

#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/cells/language.h"
#include "engine/cells/shipped.h"
#include "engine/document/views.h"

namespace unroll {

namespace {

// --- Words of the choices, in the order of the enumerations
// --------------------------------------------------------

constexpr const char* nonlinearity_words[] = {"tanh", "relu"};
constexpr const char* init_words[] = {"uniform", "orthogonal"};
constexpr const char* optimizer_words[] = {"sgd", "rmsprop", "adam", "adamw"};
constexpr const char* schedule_words[] = {"constant", "cosine"};
constexpr const char* forget_bias_words[] = {"torch"};
constexpr const char* theme_words[] = {"auto", "light", "dark"};
constexpr const char* units_words[] = {"nats", "bits"};
constexpr const char* keep_words[] = {"auto", "on", "off"};
constexpr const char* lesson_lock_words[] = {"next", "choose", "hints"};
constexpr size_t views_inside() {
  return static_cast<size_t>(std::count_if(std::begin(view_names), std::end(view_names),
                                           [](const ViewName& view) { return view.room == Room::inside; }));
}
/// What can be shown, hidden and locked: the bar at the top, each view, and all that share `inside`.
constexpr auto panel_words = [] {
  std::array<const char*, std::size(view_names) + 2> words{header_panel};
  size_t count = 1;
  for (const ViewName& view : view_names) words[count++] = view.name;
  words[count] = room_names[static_cast<size_t>(Room::inside)];
  return words;
}();
/// What can be open: the rooms, and instead of `inside` its views.
constexpr auto tab_words = [] {
  std::array<const char*, std::size(room_names) - 1 + views_inside()> words{};
  size_t count = 0;
  for (size_t room = 0; room < std::size(room_names); ++room) {
    if (static_cast<Room>(room) != Room::inside) {
      words[count++] = room_names[room];
      continue;
    }
    for (const ViewName& view : view_names)
      if (view.room == Room::inside) words[count++] = view.name;
  }
  return words;
}();
constexpr const char* track_words[] = {"surprise", "guesses", "saliency", "flow"};

using Words = std::span<const char* const>;

template <class T>
constexpr Words words_of() {
  if constexpr (std::is_same_v<T, Nonlinearity>) return nonlinearity_words;
  if constexpr (std::is_same_v<T, Init>) return init_words;
  if constexpr (std::is_same_v<T, OptimizerKind>) return optimizer_words;
  if constexpr (std::is_same_v<T, Schedule>) return schedule_words;
  return {};
}

// --- Values of members as JSON
// -------------------------------------------------------------------------------------

template <class T>
Json value_of(const T& member) {
  if constexpr (std::is_enum_v<T>) return name(member);
  if constexpr (!std::is_enum_v<T>) return member;
}
Json value_of(const std::optional<double>& member) {
  return member ? Json(*member) : Json(forget_bias_words[0]);
}

template <class T>
void assign(T& member, const Json& value) {
  if constexpr (std::is_enum_v<T>) {
    const Words words = words_of<T>();
    const auto at = std::find(words.begin(), words.end(), value.get_ref<const std::string&>());
    member = static_cast<T>(at - words.begin());
  } else {
    member = value.get<T>();
  }
}
void assign(std::optional<double>& member, const Json& value) {
  member = value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

/// The part of an experiment that member pointers of S point into.
template <class S, class E>
auto& part(E& experiment, size_t lane) {
  if constexpr (std::is_same_v<S, DataSpec>) return experiment.data;
  if constexpr (std::is_same_v<S, TrainSpec>) return experiment.train;
  if constexpr (std::is_same_v<S, LaneSpec>) return experiment.lanes[lane];
  if constexpr (std::is_same_v<S, ViewSpec>) return experiment.view;
}

template <class S>
constexpr const char* section_of() {
  if constexpr (std::is_same_v<S, DataSpec>) return "data";
  if constexpr (std::is_same_v<S, TrainSpec>) return "train";
  if constexpr (std::is_same_v<S, LaneSpec>) return "lanes";
  if constexpr (std::is_same_v<S, ViewSpec>) return "view";
}

template <class T>
constexpr FieldType type_of(bool has_words) {
  if (std::is_same_v<T, bool>) return FieldType::boolean;
  if (std::is_enum_v<T>) return FieldType::choice;
  if (std::is_integral_v<T>) return FieldType::integer;
  if (std::is_same_v<T, std::string>) return has_words ? FieldType::choice : FieldType::text;
  if (std::is_same_v<T, std::vector<std::string>>) return FieldType::choices;
  return FieldType::real;
}

template <auto Member>
struct Entry;
template <class S, class T, T S::* Member>
struct Entry<Member> {
  static Json get(const Experiment& experiment, size_t lane) {
    return value_of(part<S>(experiment, lane).*Member);
  }
  static void set(Experiment& experiment, size_t lane, const Json& value) {
    assign(part<S>(experiment, lane).*Member, value);
  }
  static constexpr FieldAccess row(const char* name, double minimum, double maximum, const char* help,
                                   Words words = words_of<T>(), bool always = false) {
    return {
        {section_of<S>(), name, type_of<T>(!words.empty()), minimum, maximum, words, help}, always, get, set};
  }
};

constexpr double max_steps = 1e9;

// --- The table
// -----------------------------------------------------------------------------------------------------

/// The words are names of cells that ship; the experiment may have more (experiment_cells.h).
FieldAccess cell_row() {
  static const std::vector<const char*> names = [] {
    std::vector<const char*> list;
    for (const ShippedCell& cell : shipped_cells()) list.push_back(cell.name.data());
    return list;
  }();
  FieldAccess row = Entry<&LaneSpec::cell>::row("cell", 0, 0, "recurrent unit", names, true);
  row.field.type = FieldType::cell;
  return row;
}

/// Beside the words it holds names of equations: what a lane's cell does not have, its lane does not show.
FieldAccess tracks_row() {
  FieldAccess row = Entry<&ViewSpec::tracks>::row("tracks", 0, 0,
                                                  "tracks of the timeline, from top to bottom", track_words);
  row.field.type = FieldType::tracks;
  return row;
}

std::span<const FieldAccess> rows() {
  static const FieldAccess table[] = {
      Entry<&DataSpec::text>::row("text", 0, static_cast<double>(Limits::text_bytes),
                                  "the text to learn, UTF-8"),
      Entry<&DataSpec::example>::row("example", 0, 64,
                                     "instead of a text of your own: the id of a built-in one"),
      Entry<&DataSpec::valid>::row("valid", 0, 0.5,
                                   "share of the text, at its end, that is not trained on but tested on"),

      Entry<&TrainSpec::batch>::row(
          "batch", 1, Limits::batch,
          "places in the text that are read at once; more is steadier and slower per step"),
      Entry<&TrainSpec::seq_length>::row(
          "seq_length", 1, Limits::seq_length,
          "characters a step reads, and how far back a gradient can go (truncated BPTT)"),
      Entry<&TrainSpec::optimizer>::row("optimizer", 0, 0, "how gradients become changes of the weights"),
      Entry<&TrainSpec::rate>::row("rate", 0, 10, "learning rate: the size of each change"),
      Entry<&TrainSpec::momentum>::row("momentum", 0, 0.999, "sgd: share of the last change that is kept"),
      Entry<&TrainSpec::beta1>::row("beta1", 0, 0.9999, "adam, adamw: memory of the mean gradient"),
      Entry<&TrainSpec::beta2>::row("beta2", 0, 0.99999, "adam, adamw: memory of the squared gradient"),
      Entry<&TrainSpec::weight_decay>::row("weight_decay", 0, 1,
                                           "pull of the weights towards 0 (adamw: apart from the gradient)"),
      Entry<&TrainSpec::clip>::row("clip", 0, 1e6, "largest global gradient norm; 0 = no clipping"),
      Entry<&TrainSpec::schedule>::row("schedule", 0, 0,
                                       "learning rate over time; cosine falls to 0 at the last step"),
      Entry<&TrainSpec::warmup>::row("warmup", 0, max_steps, "steps in which the rate rises from 0 first"),
      Entry<&TrainSpec::steps>::row("steps", 0, max_steps, "training ends after this step; 0 = no end"),
      Entry<&TrainSpec::seed>::row("seed", Limits::seed.minimum, Limits::seed.maximum,
                                   "start of the random numbers: same seed, same result"),

      cell_row(),
      Entry<&LaneSpec::hidden>::row("hidden", 1, Limits::hidden, "hidden units per layer", {}, true),
      Entry<&LaneSpec::layers>::row("layers", 1, Limits::layers, "recurrent layers, one on top of the other"),
      Entry<&LaneSpec::embedding>::row("embedding", 0, Limits::embedding,
                                       "size of a learned vector per character; 0 = one-hot"),
      Entry<&LaneSpec::dropout>::row("dropout", 0, 0.9,
                                     "share of units silenced between layers (2 layers and more)"),
      Entry<&LaneSpec::nonlinearity>::row("nonlinearity", 0, 0, "rnn: the function around the sum"),
      Entry<&LaneSpec::init>::row("init", 0, 0,
                                  "recurrent weights at the start: as PyTorch draws them, or orthogonal"),
      Entry<&LaneSpec::forget_bias>::row(
          "forget_bias", -10, 10,
          "cells with a forget gate: its bias at the start; torch = as PyTorch draws it", forget_bias_words),
      Entry<&LaneSpec::chrono>::row(
          "chrono", 0, Limits::chrono,
          "chrono initialisation: the gates of the memory begin so that units last up to so many "
          "characters; 0 = without"),
      Entry<&LaneSpec::rate>::row("rate", 0, 10,
                                  "learning rate of this lane alone; 0 = that of the training"),
      Entry<&LaneSpec::name>::row("name", 0, 40, "what the lane is called; empty = its cell and size"),

      Entry<&ViewSpec::theme>::row("theme", 0, 0, "colours; auto = as the system says", theme_words),
      Entry<&ViewSpec::show>::row("show", 0, 0, "the only panels that are shown; none = all", panel_words),
      Entry<&ViewSpec::hide>::row("hide", 0, 0, "panels that are not shown", panel_words),
      Entry<&ViewSpec::lock>::row("lock", 0, 0, "panels that are shown and cannot be changed", panel_words),
      Entry<&ViewSpec::tab>::row("tab", 0, 0, "what is open", tab_words),
      tracks_row(),
      Entry<&ViewSpec::probe>::row("probe", 0, 20000,
                                   "text of the timeline; empty = a part of the validation text"),
      Entry<&ViewSpec::prefix>::row(
          "prefix", 0, 2000,
          "text whose next character is predicted; of a pen the points on the pad, or the word to write"),
      Entry<&ViewSpec::units>::row("units", 0, 0, "unit of the loss per character", units_words),
      Entry<&ViewSpec::log>::row("log", 0, 0, "logarithmic loss axis"),
      Entry<&ViewSpec::autoplay>::row("autoplay", 0, 0, "training starts by itself"),
      Entry<&ViewSpec::temperature>::row(
          "temperature", Limits::temperature.minimum, Limits::temperature.maximum,
          "of the samples: lower is safer, higher is bolder; 0 = the likeliest always"),
      Entry<&ViewSpec::top_k>::row("top_k", Limits::top_k.minimum, Limits::top_k.maximum,
                                   "samples are drawn from so many likeliest characters; 0 = all"),
      Entry<&ViewSpec::top_p>::row(
          "top_p", Limits::top_p.minimum, Limits::top_p.maximum,
          "samples are drawn from the fewest likeliest characters with this probability; 1 = all"),
      Entry<&ViewSpec::neatness>::row(
          "neatness", Limits::neatness.minimum, Limits::neatness.maximum,
          "of what a pen writes: 0 = as the network is unsure, more = nearer to what it holds likeliest"),
      Entry<&ViewSpec::keep>::row("keep", 0, 0,
                                  "what is learned is kept in the browser for the next visit; auto = but not "
                                  "in a frame of another page",
                                  keep_words),
      Entry<&ViewSpec::lesson>::row("lesson", 0, 40, "the lesson that is open, by its name; empty = none"),
      Entry<&ViewSpec::lesson_step>::row("lesson_step", 1, 99, "which of its steps, from 1"),
      Entry<&ViewSpec::lesson_lock>::row(
          "lesson_lock", 0, 0,
          "what the learner may not do in it: go on before a step is done, choose another, see hints",
          lesson_lock_words),
  };
  return table;
}

std::string listed(Words words, const char* last_separator) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last_separator : ", ";
    text += words[i];
  }
  return text;
}

bool is_word(const Json& value, Words words) {
  return value.is_string() &&
         std::find(words.begin(), words.end(), value.get_ref<const std::string&>()) != words.end();
}

/// Number of edits (insert, delete, replace) that make `a` into `b`. Levenshtein 1966.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

const char* name(Nonlinearity nonlinearity) { return nonlinearity_words[static_cast<size_t>(nonlinearity)]; }
const char* name(Init init) { return init_words[static_cast<size_t>(init)]; }
const char* name(OptimizerKind optimizer) { return optimizer_words[static_cast<size_t>(optimizer)]; }
const char* name(Schedule schedule) { return schedule_words[static_cast<size_t>(schedule)]; }

std::span<const FieldAccess> field_table() { return rows(); }

const FieldAccess* find_field(std::string_view section, std::string_view name) {
  for (const FieldAccess& access : rows()) {
    if (section == access.field.section && name == access.field.name) return &access;
  }
  return nullptr;
}

std::span<const Field> fields() {
  static const std::vector<Field> all = [] {
    std::vector<Field> list;
    for (const FieldAccess& access : rows()) list.push_back(access.field);
    return list;
  }();
  return all;
}

const Field& field(std::string_view section, std::string_view name) {
  const FieldAccess* access = find_field(section, name);
  assert(access != nullptr);
  return fields()[static_cast<size_t>(access - rows().data())];
}

std::string allowed(const Field& field) {
  switch (field.type) {
    case FieldType::boolean:
      return "true or false";
    case FieldType::text:
      return "text of up to " + shown(field.maximum) + " bytes of UTF-8";
    case FieldType::choice:
      return listed(field.words, " or ");
    case FieldType::cell:
      return listed(field.words, ", ") + " or the name of one in \"cells\"";
    case FieldType::choices:
      return "a list of " + listed(field.words, ", ") + ", each at most once";
    case FieldType::tracks:
      return "a list of " + listed(field.words, ", ") +
             " and names of a cell's equations such as c, each at most once";
    case FieldType::integer:
    case FieldType::real:
      break;
  }
  const std::string range = Range{field.minimum, field.maximum}.text();
  return field.words.empty() ? range : range + ", or " + listed(field.words, " or ");
}

Range range(const Field& field) { return {field.minimum, field.maximum, field.type == FieldType::integer}; }

std::string default_text(const Field& field) {
  Experiment defaults;
  defaults.lanes.emplace_back();
  const Json value = find_field(field.section, field.name)->get(defaults, 0);
  if (value.is_number()) return shown(value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Status check_field(const Field& field, const Json& value, const std::string& path) {
  bool fits = false;
  switch (field.type) {
    case FieldType::boolean:
      fits = value.is_boolean();
      break;
    case FieldType::integer:
    case FieldType::real:
      fits = range(field).holds(value) || is_word(value, field.words);
      break;
    case FieldType::choice:
      fits = is_word(value, field.words);
      break;
    case FieldType::cell:  // whether there is one of that name, experiment_cells.h says
      fits = value.is_string();
      break;
    case FieldType::choices:
    case FieldType::tracks:
      if (!value.is_array()) break;
      for (size_t i = 0; i < value.size(); ++i) {
        const std::string place = path + "[" + std::to_string(i) + "]";
        const bool is_equation = field.type == FieldType::tracks && value[i].is_string() &&
                                 can_name_equation(value[i].get_ref<const std::string&>());
        if (!is_equation && !is_word(value[i], field.words))
          return Error{place, found(value[i]),
                       "allowed: " + listed(field.words, field.type == FieldType::tracks ? ", " : " or ") +
                           (field.type == FieldType::tracks ? " or the name of an equation such as c" : "")};
        if (std::count(value.begin(), value.end(), value[i]) > 1)
          return Error{place, found(value[i]) + " twice", "each at most once"};
      }
      fits = true;
      break;
    case FieldType::text: {
      if (!value.is_string()) break;
      const std::string& text = value.get_ref<const std::string&>();
      const auto decoded = decode_utf8(text);
      if (!decoded)
        return Error{path + ", " + decoded.error().where, decoded.error().what, decoded.error().hint};
      fits = static_cast<double>(text.size()) <= field.maximum;
      break;
    }
  }
  const char* which = field.type == FieldType::integer ? "allowed: whole numbers from " : "allowed: ";
  if (!fits) return Error{path, found(value), which + allowed(field)};
  return ok();
}

std::string suggestion(std::string_view name, std::span<const char* const> names) {
  const std::string_view start = shortened(name);
  const char* best = nullptr;
  size_t best_distance = std::max<size_t>(2, start.size() / 2) + 1;
  for (const char* candidate : names) {
    const size_t distance = edit_distance(start, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  const std::string all = "allowed: " + listed(names, ", ");
  return best != nullptr ? "did you mean \"" + std::string(best) + "\"? " + all : all;
}

}  // namespace unroll
