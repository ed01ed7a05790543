#include "engine/lane/commands.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

#include "engine/base/utf8.h"
#include "engine/text/text.h"

namespace unroll {

namespace {

/// Reads the fields of one command. After the first error everything else is skipped, and finish() returns
/// it.
class Reader {
 public:
  explicit Reader(const Json& header) : header_(header) { known_.insert("type"); }
  /// Of an object inside a command; `path` as in "set[2].".
  Reader(const Json& object, std::string path) : header_(object), path_(std::move(path)) {}

  int64_t integer(const char* name, int64_t lowest, int64_t highest, std::optional<int64_t> otherwise = {}) {
    const Json* value = number(name, {static_cast<double>(lowest), static_cast<double>(highest), true},
                               otherwise.has_value());
    return value ? value->get<int64_t>() : otherwise.value_or(lowest);
  }

  double real(const char* name, const Range& range, std::optional<double> otherwise = {}) {
    const Json* value = number(name, range, otherwise.has_value());
    return value ? value->get<double>() : otherwise.value_or(range.minimum);
  }

  /// A number in the range of an experiment's field, when it is there.
  std::optional<double> setting(const char* name) {
    known_.insert(name);
    if (!header_.contains(name)) return {};
    return real(name, range(field("train", name)));
  }

  bool boolean(const char* name, std::optional<bool> otherwise = {}) {
    const Json* value = find(name, "true or false", otherwise.has_value());
    if (!value) return otherwise.value_or(false);
    if (!value->is_boolean()) fail(name, *value, "true or false");
    return value->is_boolean() && value->get<bool>();
  }

  /// A whole number as an int, which holds the range.
  int small(const char* name, int64_t lowest, int64_t highest, std::optional<int64_t> otherwise = {}) {
    return static_cast<int>(integer(name, lowest, highest, otherwise));
  }

  bool has(const char* name) const { return header_.contains(name); }

  /// One of a few words; the first when there is an error.
  std::string word(const char* name, std::span<const char* const> words,
                   std::optional<std::string> otherwise = {}) {
    const Json* value = find(name, listed(words), otherwise.has_value());
    if (!value) return otherwise.value_or(words.front());
    return one_of(words, name, *value);
  }

  /// The name of something in a cell; whether the cell has it is the lane's to say.
  std::string name(const char* field) {
    const Json* value = find(field, name_range, false);
    return value ? name_in(field, *value) : "";
  }

  /// One and up to `most` of them.
  std::vector<std::string> names(const char* field, size_t most) {
    std::vector<std::string> found;
    const Json* value = list(field, 1, most, "names of the cell's equations");
    for (size_t n = 0; value && n < value->size(); ++n)
      found.push_back(name_in(place(field, n), (*value)[n]));
    return found;
  }

  /// A list of objects; `read_one` reads the fields of each.
  template <class Read>
  void objects(const char* name, size_t most, Read read_one) {
    const Json* value = list(name, 0, most, "objects");
    for (size_t n = 0; value && n < value->size(); ++n) {
      const std::string here = place(name, n);
      if (!(*value)[n].is_object()) return fail(here, (*value)[n], "an object");
      Reader part((*value)[n], here + ".");
      read_one(part);
      if (std::optional<Error> error = part.finish()) return fail(*error);
    }
  }

  std::u32string text(const char* name, size_t longest = CommandLimits::text_characters) {
    const std::string range = "a text of at most " + std::to_string(longest) + " characters";
    const Json* value = find(name, range, false);
    if (!value) return {};
    if (!value->is_string()) {
      fail(name, *value, range);
      return {};
    }
    Result<std::u32string> symbols = decode_utf8(value->get_ref<const std::string&>());
    if (!symbols) {
      fail(Error{path_ + name, symbols.error().what, symbols.error().hint});
      return {};
    }
    if (symbols->size() > longest) {
      fail(
          Error{path_ + name, "has " + std::to_string(symbols->size()) + " characters", "allowed: " + range});
      return {};
    }
    return std::move(*symbols);
  }

  SamplingOptions sampling() {
    SamplingOptions options;
    options.temperature = real("temperature", Limits::temperature, options.temperature);
    options.top_k = static_cast<int>(real("top_k", Limits::top_k, options.top_k));
    options.top_p = real("top_p", Limits::top_p, options.top_p);
    return options;
  }

  int64_t id() { return integer("id", 0, CommandLimits::number); }

  Experiment experiment(const char* name) {
    const Json* value = find(name, "an experiment", false);
    if (!value) return {};
    Result<Experiment> read = parse_experiment(json_text(*value));
    if (read) return std::move(*read);
    const std::string& where = read.error().where;
    fail(Error{where.empty() ? name : std::string(name) + "." + where, read.error().what, read.error().hint});
    return {};
  }

  /// The first error; else one for a field that none of the calls above asked for.
  std::optional<Error> finish() {
    if (error_) return error_;
    for (const auto& [name, value] : header_.items()) {
      if (known_.count(name)) continue;
      std::string allowed;
      for (const std::string& known : known_) allowed += (allowed.empty() ? "" : ", ") + known;
      return Error{path_ + short_name(name), "is no field of this command", "allowed: " + allowed};
    }
    return {};
  }

 private:
  static std::string listed(std::span<const char* const> words) {
    std::string all;
    for (const char* word : words) all += (all.empty() ? "" : ", ") + std::string(word);
    return all;
  }
  static std::string place(const char* name, size_t n) {
    return std::string(name) + "[" + std::to_string(n) + "]";
  }
  std::string one_of(std::span<const char* const> words, const std::string& where, const Json& value) {
    for (const char* word : words)
      if (value == word) return word;
    fail(where, value, listed(words));
    return words.front();
  }
  std::string name_in(const std::string& where, const Json& value) {
    if (value.is_string() && value.get_ref<const std::string&>().size() <= CommandLimits::name_bytes)
      return value.get<std::string>();
    fail(where, value, name_range);
    return "";
  }
  /// The number of a field; null when it is not there, or there is an error.
  const Json* number(const char* name, const Range& range, bool optional) {
    const std::string allowed = (range.whole ? "" : "a number, ") + range.text();
    const Json* value = find(name, allowed, optional);
    if (!value || range.holds(*value)) return value;
    fail(name, *value, allowed);
    return nullptr;
  }
  const Json* list(const char* name, size_t least, size_t most, const std::string& of) {
    const std::string range =
        "a list of " + std::to_string(least) + " to " + std::to_string(most) + ": " + of;
    const Json* value = find(name, range, false);
    if (value && value->is_array() && value->size() >= least && value->size() <= most) return value;
    if (value) fail(name, *value, range);
    return nullptr;
  }
  const Json* find(const char* name, const std::string& allowed, bool optional) {
    known_.insert(name);
    const auto at = header_.find(name);
    if (at != header_.end()) return error_ ? nullptr : &*at;
    if (!optional) fail(Error{path_ + name, "is missing", "allowed: " + allowed});
    return nullptr;
  }
  void fail(const std::string& name, const Json& value, const std::string& allowed) {
    fail(Error{path_ + name, found(value), "allowed: " + allowed});
  }
  void fail(Error error) {
    if (!error_) error_ = std::move(error);
  }

  static constexpr const char* name_range = "the name of one of the cell's equations";

  const Json& header_;
  std::string path_;  // of the object, in front of its fields
  std::set<std::string> known_;
  std::optional<Error> error_;
};

using Parse = Command (*)(Reader&, std::vector<uint8_t>& payload);

struct Entry {
  const char* type;
  bool has_payload;
  Parse parse;
};

Command parse_configure(Reader& read, std::vector<uint8_t>&) {
  command::Configure configure;
  configure.experiment = read.experiment("experiment");
  const int64_t lanes = static_cast<int64_t>(configure.experiment.lanes.size());
  configure.lane = static_cast<int>(read.integer("lane", 0, lanes - 1));
  return configure;
}

Command parse_run(Reader& read, std::vector<uint8_t>&) {
  const int64_t none = -1;
  const int64_t until = read.integer("until", 0, CommandLimits::number, none);
  return until == none ? command::Run{} : command::Run{until};
}

Command parse_write(Reader& read, std::vector<uint8_t>&) {
  command::Write write;
  write.on = read.boolean("on");
  write.options = read.sampling();
  write.rate = read.real("rate", {1, CommandLimits::write_rate}, write.rate);
  return write;
}

Command parse_sample(Reader& read, std::vector<uint8_t>&) {
  command::Sample sample;
  sample.id = read.id();
  sample.prompt = read.text("prompt");
  sample.length = read.integer("length", 0, CommandLimits::sample_length);
  sample.options = read.sampling();
  sample.seed = static_cast<uint64_t>(read.integer("seed", 0, CommandLimits::number, 1));
  return sample;
}

/// What a probe reads.
template <class Asked>
void read_text_or_example(Reader& read, Asked& asked, size_t longest = CommandLimits::text_characters) {
  if (read.has("example"))
    asked.example = read.integer("example", 0, CommandLimits::number);
  else
    asked.text = read.text("text", longest);
}

Command parse_probe(Reader& read, std::vector<uint8_t>&) {
  command::Probe probe;
  probe.id = read.id();
  read_text_or_example(read, probe);
  probe.top = static_cast<int>(read.integer("top", 1, CommandLimits::probe_top, probe.top));
  return probe;
}

Command parse_activations(Reader& read, std::vector<uint8_t>&) {
  command::Activations activations;
  activations.id = read.id();
  read_text_or_example(read, activations);
  activations.layer = read.small("layer", 0, Limits::layers - 1, 0);
  activations.which = read.names("which", CommandLimits::activation_arrays);
  return activations;
}

Command parse_cell(Reader& read, std::vector<uint8_t>&) {
  command::Cell cell;
  cell.id = read.id();
  read_text_or_example(read, cell);
  cell.layer = read.small("layer", 0, Limits::layers - 1, 0);
  cell.position = read.small("position", 0, CommandLimits::text_characters - 1);
  cell.count = read.small("count", 1, CommandLimits::cell_characters, cell.count);
  return cell;
}

Command parse_intervene(Reader& read, std::vector<uint8_t>&) {
  constexpr const char* kinds[] = {"clamp", "set", "ablate", "freeze"};  // as in Intervention::Kind
  command::Intervene intervene;
  intervene.id = read.id();
  read.objects("set", CommandLimits::interventions, [&](Reader& part) {
    Intervention& one = intervene.set.emplace_back();
    const std::string kind = part.word("kind", kinds);
    one.kind = static_cast<Intervention::Kind>(std::ranges::find(kinds, kind) - kinds);
    one.layer = part.small("layer", 0, Limits::layers - 1, 0);
    one.unit = part.small("unit", -1, Limits::hidden - 1, -1);
    one.value = part.real("value", {-Intervention::largest, Intervention::largest}, 0);
    one.first = part.integer("first", 0, CommandLimits::number, 0);
    one.last = part.integer("last", 0, CommandLimits::number, Intervention::forever);
    if (part.has("what") || one.kind == Intervention::Kind::clamp || one.kind == Intervention::Kind::set)
      one.what = part.name("what");
  });
  return intervene;
}

Command parse_flow(Reader& read, std::vector<uint8_t>&) {
  command::Flow flow;
  flow.id = read.id();
  read_text_or_example(read, flow);
  flow.position = read.small("position", flow.example ? 0 : 1, CommandLimits::text_characters - 1);
  flow.lags = read.small("lags", 0, CommandLimits::text_characters, flow.lags);
  return flow;
}

Command parse_horizon(Reader& read, std::vector<uint8_t>&) {
  command::Horizon horizon;
  horizon.id = read.id();
  if (read.has("text")) horizon.text = read.text("text");
  horizon.lags = read.small("lags", 1, CommandLimits::horizon_lags, horizon.lags);
  horizon.positions = read.small("positions", 1, CommandLimits::horizon_positions, horizon.positions);
  return horizon;
}

Command parse_spectrum(Reader& read, std::vector<uint8_t>&) {
  command::Spectrum spectrum;
  spectrum.id = read.id();
  spectrum.layer = read.small("layer", 0, Limits::layers - 1, 0);
  return spectrum;
}

Command parse_units(Reader& read, std::vector<uint8_t>&) {
  command::Units units;
  units.id = read.id();
  if (read.has("text")) units.text = read.text("text");
  units.layer = read.small("layer", 0, Limits::layers - 1, 0);
  units.which = read.name("which");
  if (read.has("pattern")) units.pattern = read.text("pattern");
  return units;
}

Command parse_weights(Reader& read, std::vector<uint8_t>&) {
  command::Weights weights;
  weights.id = read.id();
  weights.block = encode_utf8(read.text("block", 40));
  weights.change = read.boolean("change", weights.change);
  return weights;
}

Command parse_gradient_check(Reader& read, std::vector<uint8_t>&) {
  command::GradientCheck check;
  check.id = read.id();
  read_text_or_example(read, check, CommandLimits::checked_characters);
  check.samples = read.small("samples", 1, CommandLimits::checked_samples, check.samples);
  check.seed = static_cast<uint64_t>(read.integer("seed", 0, CommandLimits::number, 1));
  return check;
}

Command parse_forecast(Reader& read, std::vector<uint8_t>&) {
  command::Forecast forecast;
  forecast.id = read.id();
  forecast.origin = read.integer("origin", 0, CommandLimits::number);
  forecast.steps = read.small("steps", 0, CommandLimits::forecast_steps, forecast.steps);
  forecast.paths = read.small("paths", 0, CommandLimits::forecast_paths, forecast.paths);
  return forecast;
}

Command parse_strokes(Reader& read, std::vector<uint8_t>&) {
  command::Strokes strokes;
  strokes.id = read.id();
  strokes.text = read.text("text", CommandLimits::strokes_characters);
  strokes.bias = read.real("bias", Limits::neatness, strokes.bias);
  strokes.seed = static_cast<uint64_t>(read.integer("seed", 0, CommandLimits::number, 1));
  return strokes;
}

Command parse_load(Reader& read, std::vector<uint8_t>& file) {
  command::Load load{std::move(file), {}};
  if (read.has("text")) load.text = encode_utf8(read.text("text", Limits::text_bytes));
  return load;
}

using Bytes = std::vector<uint8_t>;
constexpr Entry table[] = {
    {"configure", false, parse_configure},
    {"run", false, parse_run},
    {"pause", false, [](Reader&, Bytes&) -> Command { return command::Pause{}; }},
    {"step", false,
     [](Reader& read, Bytes&) -> Command {
       return command::Step{read.integer("count", 1, CommandLimits::number, 1)};
     }},
    {"tune", false,
     [](Reader& read, Bytes&) -> Command {
       return command::Tune{read.setting("rate"), read.setting("clip")};
     }},
    {"write", false, parse_write},
    {"heard", false, [](Reader&, Bytes&) -> Command { return command::Heard{}; }},
    {"rewind", false, [](Reader&, Bytes&) -> Command { return command::Rewind{}; }},
    {"sample", false, parse_sample},
    {"predict", false,
     [](Reader& read, Bytes&) -> Command {
       const int64_t id = read.id();
       return command::Predict{id, read.text("prefix")};
     }},
    {"probe", false, parse_probe},
    {"activations", false, parse_activations},
    {"cell", false, parse_cell},
    {"intervene", false, parse_intervene},
    {"flow", false, parse_flow},
    {"horizon", false, parse_horizon},
    {"spectrum", false, parse_spectrum},
    {"units", false, parse_units},
    {"weights", false, parse_weights},
    {"walk", false, [](Reader& read, Bytes&) -> Command { return command::Walk{read.id()}; }},
    {"blocks", false, [](Reader& read, Bytes&) -> Command { return command::Blocks{read.id()}; }},
    {"block_history", false,
     [](Reader& read, Bytes&) -> Command { return command::BlockHistory{read.id()}; }},
    {"gradient_check", false, parse_gradient_check},
    {"baselines", false, [](Reader& read, Bytes&) -> Command { return command::Baselines{read.id()}; }},
    {"example", false,
     [](Reader& read, Bytes&) -> Command {
       command::Example example{read.id(), 0, {}};
       if (read.has("text"))
         example.text = read.text("text", CommandLimits::example_characters);
       else
         example.index = read.integer("index", 0, CommandLimits::number);
       return example;
     }},
    {"series", false, [](Reader& read, Bytes&) -> Command { return command::Series{read.id()}; }},
    {"forecast", false, parse_forecast},
    {"strokes", false, parse_strokes},
    {"save", false, [](Reader& read, Bytes&) -> Command { return command::Save{read.id()}; }},
    {"onnx", false, [](Reader& read, Bytes&) -> Command { return command::Onnx{read.id()}; }},
    {"load", true, parse_load},
};

}  // namespace

Result<Command> parse_command(Message message) {
  const std::string type = message.type();
  std::string allowed;
  for (const Entry& entry : table) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(entry.type);
    if (type != entry.type) continue;
    if (!entry.has_payload && !message.payload.empty()) return Error{type, "takes no payload", ""};
    Reader read(message.header);
    Command command = entry.parse(read, message.payload);
    if (std::optional<Error> error = read.finish()) return *error;
    return command;
  }
  return Error{"type", found(message.header["type"]) + ", which is no command", "allowed: " + allowed};
}

}  // namespace unroll
