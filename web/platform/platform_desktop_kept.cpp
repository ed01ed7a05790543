#include "web/platform/platform_desktop_kept.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string_view>
#include <utility>

#include "engine/base/json.h"
#include "web/cli/output_file.h"
#include "web/session/json_read.h"

namespace unroll::platform {

namespace fs = std::filesystem;

namespace {

constexpr size_t digits = 24;  // of a record's name

std::string new_id() {
  std::random_device source;
  char id[digits + 1];
  std::snprintf(id, sizeof id, "%08x%08x%08x", static_cast<unsigned>(source()),
                static_cast<unsigned>(source()), static_cast<unsigned>(source()));
  return id;
}

/// Whatever comes as the name of a record names nothing but one.
bool is_id(std::string_view text) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

double now() {
  using namespace std::chrono;
  return duration<double>(system_clock::now().time_since_epoch()).count();
}

std::optional<std::vector<uint8_t>> content(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return std::nullopt;
  return bytes;
}

Status write_file(const fs::path& path, uint64_t bytes, const cli::Producer& producer) {
  auto file = cli::OutputFile::open(path.string(), bytes);
  if (!file) return file.error();
  return file->write(producer);
}

}  // namespace

fs::path KeptFiles::usual_folder() {
  // Relative paths are to be ignored, says the specification.
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && data[0] == '/')
    return fs::path(data) / "unroll" / "kept";
  if (const char* home = std::getenv("HOME"); home && home[0] == '/')
    return fs::path(home) / ".local" / "share" / "unroll" / "kept";
  return {};
}

KeptFiles::KeptFiles(fs::path folder, std::function<void()> changed)
    : folder_(std::move(folder)), changed_(std::move(changed)) {
  std::error_code none;
  on_ = !fs::exists(folder_ / "off", none);
  if (folder_.empty()) return;
  sweep();
  look();
  thread_ = std::thread([this] { work(); });
}

KeptFiles::~KeptFiles() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    wanted_.notify_one();
    thread_.join();
  }
  for (const auto& [record, lock] : mine_) close(lock);
}

// --- Files -----------------------------------------------------------------------------------------------------

fs::path KeptFiles::path(const std::string& record, int64_t number, const char* extension) const {
  return folder_ / (record + "-" + std::to_string(number) + extension);
}

std::map<std::string, std::vector<KeptFiles::Generation>> KeptFiles::generations() const {
  std::map<std::string, std::vector<Generation>> all;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    if (name.size() < digits + 7 || name[digits] != '-' || !name.ends_with(".json")) continue;
    const std::string record = name.substr(0, digits);
    Generation one;
    const char *first = name.data() + digits + 1, *last = name.data() + name.size() - 5;
    if (!is_id(record) || std::from_chars(first, last, one.number).ptr != last) continue;
    std::error_code missing;
    one.bytes = fs::file_size(path(record, one.number, ".unroll"), missing);
    const auto text = content(at->path());
    if (missing || !text) continue;
    const auto json = parse_json({reinterpret_cast<const char*>(text->data()), text->size()});
    if (!json) continue;
    one.saved_at = read::number(*json, "saved_at");
    one.about = read::text(*json, "about");
    all[record].push_back(std::move(one));
  }
  for (auto& [record, list] : all) std::ranges::sort(list, std::greater(), &Generation::number);
  return all;
}

/// Removes what programs that were killed left half done or did not come to remove, of records that no program has.
void KeptFiles::sweep() const {
  const auto whole = generations();
  std::vector<fs::path> left;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename(), record = name.substr(0, digits);
    if (name.size() < digits + 2 || name[digits] != '-' || !is_id(record) || taken_elsewhere(record))
      continue;
    const auto found = whole.find(record);
    const bool is_whole =
        found != whole.end() &&
        std::ranges::any_of(std::span(found->second).first(std::min<size_t>(found->second.size(), 2)),
                            [&](const Generation& one) {
                              return at->path() == path(record, one.number, ".json") ||
                                     at->path() == path(record, one.number, ".unroll");
                            });
    if (!is_whole) left.push_back(at->path());
  }
  for (const fs::path& file : left) fs::remove(file, error);
}

void KeptFiles::remove(const std::string& record, int64_t number) const {
  std::error_code none;
  fs::remove(path(record, number, ".json"), none);  // first: what it is of is there as long as it is
  fs::remove(path(record, number, ".unroll"), none);
}

/// Makes a record this program's. False: another one has it.
bool KeptFiles::claim(const std::string& record) {
  if (mine_.contains(record)) return true;
  const int lock = ::open((folder_ / (record + ".lock")).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return false;
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return false;
  }
  mine_[record] = lock;
  return true;
}

bool KeptFiles::taken_elsewhere(const std::string& record) const {
  if (mine_.contains(record)) return false;
  const int lock = ::open((folder_ / (record + ".lock")).c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return false;
  const bool taken = flock(lock, LOCK_SH | LOCK_NB) != 0;
  close(lock);
  return taken;
}

// --- Writing ---------------------------------------------------------------------------------------------------

std::string KeptFiles::keep(const std::string& record, const std::string& about, std::span<const Part> file) {
  const std::string id = is_id(record) ? record : new_id();
  if (folder_.empty()) return id;
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({id, about, {file.begin(), file.end()}});
  }
  wanted_.notify_one();
  return id;
}

void KeptFiles::work() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return ends_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
      busy_ = true;
    }
    write(job);
    {
      const std::lock_guard lock(mutex_);
      busy_ = false;
    }
    changed_();
  }
}

void KeptFiles::write(const Job& job) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (!error) fs::permissions(folder_, fs::perms::owner_all, error);
  std::unique_lock lock(mutex_);
  const bool is_new = !mine_.contains(job.record);
  if (error || !claim(job.record)) {
    trouble_ = "What the networks learn cannot be kept in " + folder_.string() +
               (error ? ": " + error.message() : "") + ". Save the experiment as a file.";
    return tell();
  }
  const std::vector<Generation> before = generations()[job.record];
  const int64_t number = before.empty() ? 1 : before.front().number + 1;
  lock.unlock();
  uint64_t size = 0;
  for (const Part& part : job.file) size += part.bytes.size() + (part.held ? part.held->size() : 0);
  Status status = write_file(path(job.record, number, ".unroll"), size, [&](const cli::Sink& sink) {
    return std::ranges::all_of(job.file, [&](const Part& part) {
      return sink(part.bytes) && (!part.held || sink(static_cast<const HeldInMemory&>(*part.held).bytes));
    });
  });
  if (status) {
    const std::string text = json_text({{"saved_at", now()}, {"about", job.about}});
    status = write_file(path(job.record, number, ".json"), text.size(), [&](const cli::Sink& sink) {
      return sink({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    });
  }
  lock.lock();
  if (!status) {
    remove(job.record, number);
    trouble_ = "The last steps are not kept: " + status.error().text() +
               ". Make room, or save the experiment as a file.";
    return tell();
  }
  trouble_.clear();
  for (size_t i = 1; i < before.size(); ++i) remove(job.record, before[i].number);
  if (is_new) forget_oldest();
  tell();
}

void KeptFiles::forget_oldest() {
  std::vector<std::pair<double, std::string>> free;
  const auto all = generations();
  for (const auto& [record, list] : all)
    if (!mine_.contains(record) && !taken_elsewhere(record)) free.emplace_back(list.front().saved_at, record);
  std::ranges::sort(free);
  for (size_t i = 0; i < free.size() && all.size() - i > most; ++i) {
    for (const Generation& one : all.at(free[i].second)) remove(free[i].second, one.number);
    std::error_code none;
    fs::remove(folder_ / (free[i].second + ".lock"), none);
  }
}

bool KeptFiles::writes() const {
  const std::lock_guard lock(mutex_);
  return busy_ || !jobs_.empty();
}

// --- What is there ---------------------------------------------------------------------------------------------

/// With the lock held.
void KeptFiles::tell() {
  Json records = Json::array();
  std::vector<std::pair<double, Json>> sorted;
  for (const auto& [record, list] : generations()) {
    uint64_t bytes = 0;
    for (const Generation& one : list) bytes += one.bytes;
    sorted.emplace_back(list.front().saved_at, Json{{"id", record},
                                                    {"saved_at", list.front().saved_at},
                                                    {"bytes", bytes},
                                                    {"mine", mine_.contains(record)},
                                                    {"taken", taken_elsewhere(record)},
                                                    {"about", list.front().about}});
  }
  std::ranges::sort(sorted, [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [saved_at, record] : sorted) records.push_back(std::move(record));
  news_ = json_text({{"possible", true},
                     {"framed", false},
                     {"on", on_},
                     {"trouble", trouble_},
                     {"records", std::move(records)}});
}

void KeptFiles::look() {
  if (folder_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    tell();
  }
  changed_();
}

std::optional<std::string> KeptFiles::take_news() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, std::nullopt);
}

std::optional<File> KeptFiles::open(const std::string& record, bool older, std::string& wrong) {
  const std::lock_guard lock(mutex_);
  if (!is_id(record) || !claim(record)) {
    wrong = "Another window has this experiment now. Go on there, or close that window first.";
    return std::nullopt;
  }
  const std::vector<Generation> list = generations()[record];
  for (size_t i = older ? 1 : 0; i < list.size(); ++i)
    if (auto bytes = content(path(record, list[i].number, ".unroll")))
      return File{"What was kept", std::move(*bytes), record, i > 0};
  wrong = "What was kept could not be read.";
  return std::nullopt;
}

std::optional<std::vector<uint8_t>> KeptFiles::newest(const std::string& record) {
  const std::lock_guard lock(mutex_);
  if (!is_id(record)) return std::nullopt;
  const auto all = generations();
  const auto found = all.find(record);
  return found == all.end() ? std::nullopt : content(path(record, found->second.front().number, ".unroll"));
}

void KeptFiles::forget(const std::string& record) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, list] : generations()) {
      if (!record.empty() && id != record) continue;
      for (const Generation& one : list) remove(id, one.number);
      std::error_code none;
      if (!mine_.contains(id) && !taken_elsewhere(id)) fs::remove(folder_ / (id + ".lock"), none);
    }
  }
  look();
}

void KeptFiles::turn(bool on) {
  std::error_code error;
  {
    const std::lock_guard lock(mutex_);
    on_ = on;
    fs::create_directories(folder_, error);
    if (on)
      fs::remove(folder_ / "off", error);
    else
      std::ofstream(folder_ / "off").flush();
  }
  look();
}

}  // namespace unroll::platform
