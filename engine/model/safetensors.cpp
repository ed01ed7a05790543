#include "engine/model/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/document/experiment.h"

namespace unroll {

namespace {

static_assert(std::endian::native == std::endian::little, "tensor bytes are copied as they are");

/// An experiment with the largest text, escaped twice (as JSON inside JSON), and room for the rest.
constexpr uint64_t max_header = 8 * uint64_t{Limits::text_bytes};
constexpr size_t max_dimensions = 8;
/// Of max_tensors tensors with the most dimensions, their names and metadata.
constexpr JsonLimits header_limits{.depth = 4, .values = max_tensors * (max_dimensions + 6) + 64};

struct Entry {
  TensorFile::Tensor tensor;
  uint64_t begin = 0, end = 0;  // in the data
};

Error bad_tensor(std::string_view name, std::string what, std::string hint = "") {
  return {"tensor " + short_name(name, 80), std::move(what), std::move(hint)};
}

/// A JSON number that is an unsigned integer at most `limit`.
bool is_size(const Json& value, uint64_t limit) {
  return value.is_number_unsigned() && value.get<uint64_t>() <= limit;
}

Result<Entry> read_entry(const std::string& name, const Json& fields, uint64_t data_size) {
  const bool complete = fields.is_object() && fields.size() == 3 && fields.contains("dtype") &&
                        fields.contains("shape") && fields.contains("data_offsets");
  if (!complete) return bad_tensor(name, "its entry does not have just dtype, shape and data_offsets");
  const Json& dtype = fields["dtype"];
  if (dtype != "F32") {
    const std::string found = dtype.is_string() ? dtype.get<std::string>() : "no name";
    return bad_tensor(name, "its dtype is " + short_name(found),
                      "only F32 is read; in PyTorch, model.float() converts");
  }
  const Json &shape = fields["shape"], &offsets = fields["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !is_size(offsets[0], data_size) ||
      !is_size(offsets[1], data_size)) {
    return bad_tensor(name, "its data_offsets do not lie in the file",
                      "the file may be cut off: fetch it again");
  }
  Entry entry{{name, {}, {}}, offsets[0].get<uint64_t>(), offsets[1].get<uint64_t>()};
  if (!shape.is_array() || shape.size() > max_dimensions)
    return bad_tensor(name, "its shape is no list of up to 8 sizes");
  uint64_t count = 1;
  for (const Json& size : shape) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > INT64_MAX)
      return bad_tensor(name, "a size in its shape is no whole number from 0 on");
    if (count > 0 && size.get<uint64_t>() > data_size / count)
      return bad_tensor(name, "its shape is larger than the file");
    count *= size.get<uint64_t>();
    entry.tensor.shape.push_back(size.get<int64_t>());
  }
  if (entry.end < entry.begin || entry.end - entry.begin != count * sizeof(float)) {
    return bad_tensor(name, "its shape and its data_offsets do not agree");
  }
  return entry;
}

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<std::pair<std::string, Json>> tensors;  // names and their fields, unchecked
  size_t size = 0;                                    // bytes before the data
};

Result<Header> read_header(std::span<const uint8_t> bytes) {
  uint64_t length = 0;
  if (bytes.size() < sizeof length) return Error{"", "the file is too short for a .safetensors file", ""};
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > bytes.size() - sizeof length) {
    return Error{"header", "its length does not fit the file",
                 "this is no .safetensors file, or it was cut off"};
  }
  if (length > max_header) {
    return Error{"header", "has " + std::to_string(length) + " bytes",
                 "allowed: up to " + std::to_string(max_header)};
  }
  const auto text = bytes.subspan(sizeof length, static_cast<size_t>(length));
  auto header = parse_json({reinterpret_cast<const char*>(text.data()), text.size()}, header_limits);
  if (!header) {
    return Error{"header", header.error().what,
                 "this is no .safetensors file, or it was damaged, or it has more than " +
                     std::to_string(max_tensors) + " tensors"};
  }
  if (!header->is_object()) return Error{"header", "is no JSON object", "this is no .safetensors file"};
  if (header->size() - header->count("__metadata__") > max_tensors) {
    return Error{"header",
                 "has " + std::to_string(header->size() - header->count("__metadata__")) + " tensors",
                 "allowed: up to " + std::to_string(max_tensors)};
  }

  Header found{{}, {}, sizeof length + static_cast<size_t>(length)};
  for (const auto& [name, fields] : header->items()) {
    if (name != "__metadata__") {
      found.tensors.emplace_back(name, fields);
      continue;
    }
    if (!fields.is_object()) return Error{"__metadata__", "is no object of strings", ""};
    for (const auto& [key, value] : fields.items()) {
      if (!value.is_string()) return Error{"__metadata__." + short_name(key), "is no string", ""};
      found.metadata[key] = value.get<std::string>();
    }
  }
  return found;
}

}  // namespace

const TensorFile::Tensor* TensorFile::find(std::string_view name) const {
  const auto at =
      std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
  return at == tensors.end() ? nullptr : &*at;
}

bool write_safetensors(const std::map<std::string, std::string>& metadata,
                       std::span<const TensorView> tensors, const ByteSink& sink) {
  OrderedObject header;
  if (!metadata.empty()) header.add_json("__metadata__", json_text(Json(metadata)));
  uint64_t offset = 0;
  for (const TensorView& tensor : tensors) {
    const uint64_t end = offset + tensor.values.size_bytes();
    OrderedObject fields;
    fields.add("dtype", "F32");
    fields.add_json("shape", json_text(Json(tensor.shape)));
    fields.add_json("data_offsets", "[" + std::to_string(offset) + "," + std::to_string(end) + "]");
    header.add_json(tensor.name, fields.text());
    offset = end;
  }
  std::string text = header.text();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  const uint64_t length = text.size();
  const auto put = [&sink](const void* from, size_t size) {
    return size == 0 || sink({static_cast<const uint8_t*>(from), size});
  };
  bool good = put(&length, sizeof length) && put(text.data(), text.size());
  for (const TensorView& tensor : tensors)
    good = good && put(tensor.values.data(), tensor.values.size_bytes());
  return good;
}

std::vector<uint8_t> write_safetensors(const TensorFile& file) {
  std::vector<TensorView> views;
  for (const TensorFile::Tensor& tensor : file.tensors)
    views.push_back({tensor.name, tensor.shape, tensor.values});
  std::vector<uint8_t> bytes;
  write_safetensors(file.metadata, views, [&bytes](std::span<const uint8_t> part) {
    bytes.insert(bytes.end(), part.begin(), part.end());
    return true;
  });
  return bytes;
}

Result<std::map<std::string, std::string>> read_metadata(std::span<const uint8_t> bytes) {
  auto header = read_header(bytes);
  if (!header) return header.error();
  return std::move(header->metadata);
}

Result<TensorFile> read_safetensors(std::span<const uint8_t> bytes) {
  auto header = read_header(bytes);
  if (!header) return header.error();
  const auto data = bytes.subspan(header->size);
  TensorFile file;
  file.metadata = std::move(header->metadata);
  std::vector<Entry> entries;
  for (const auto& [name, fields] : header->tensors) {
    auto entry = read_entry(name, fields, data.size());
    if (!entry) return entry.error();
    entries.push_back(std::move(*entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.begin != b.begin ? a.begin < b.begin
                              : a.end < b.end;  // one that holds nothing goes before the next
  });

  uint64_t end = 0;
  for (Entry& entry : entries) {
    TensorFile::Tensor& tensor = entry.tensor;
    if (entry.begin != end)
      return bad_tensor(tensor.name, "its data does not follow that of the tensor before it");
    end = entry.end;
    tensor.values.resize(static_cast<size_t>(entry.end - entry.begin) / sizeof(float));
    const std::span bytes =
        data.subspan(static_cast<size_t>(entry.begin), tensor.values.size() * sizeof(float));
    if (!bytes.empty()) std::memcpy(tensor.values.data(), bytes.data(), bytes.size());
    const bool finite =
        std::all_of(tensor.values.begin(), tensor.values.end(), [](float x) { return std::isfinite(x); });
    if (!finite) return bad_tensor(tensor.name, "it holds a value that is not finite");
    file.tensors.push_back(std::move(tensor));
  }
  if (end != data.size()) {
    return Error{"", std::to_string(data.size() - end) + " bytes after the last tensor",
                 "the file was damaged"};
  }
  return file;
}

}  // namespace unroll
