// The desktop: a GLFW window with OpenGL, lanes in threads, Dear ImGui's own text fields, files by argument and drop.
#include "web/platform/platform.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <signal.h>
#define GL_GLEXT_PROTOTYPES
#include <GL/gl.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>
#include <imgui_internal.h>

#include <array>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/lane/lane.h"
#include "web/platform/pace.h"
#include "web/platform/platform_desktop_field.h"
#include "web/platform/platform_desktop_kept.h"
#include "web/platform/platform_picture.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/fonts.h"
#include "web/toolkit/theme.h"

namespace unroll::platform {
namespace {

struct Options {
  int width = 1280, height = 800;
  float scale = 0;  // 0: as the screen says
  bool touch = false;
};

/// The number that is being typed, or was until the last frame.
struct Typing {
  ImGuiID id = 0, left = 0;
  char text[40] = "", begun[40] = "";
  bool fresh = false;
};

struct Desktop {
  Options options;
  GLFWwindow* window = nullptr;
  std::string title;
  Pace pace;
  std::atomic<bool> woken = false;
  float scale = 1;
  bool field_focused = false;
  Typing typing;
  Colours colours{};
  std::deque<File> files;
  std::deque<std::string> experiments;
  std::filesystem::path assets;
  std::function<void(Picture)> take;  // wants the next frame
  std::optional<KeptFiles> kept;
  bool hides = false;                      // take_hiding has not told it yet
  std::atomic<bool> asked_to_end = false;  // by a signal
};
Desktop desktop;

// --- Lanes in threads -------------------------------------------------------------------------------------------

class ThreadPort final : public LanePort {
 public:
  ThreadPort() : thread_([this] { work(); }) {}
  ~ThreadPort() override {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  void send(std::vector<uint8_t> command) override {
    {
      const std::lock_guard lock(mutex_);
      commands_.push_back(std::move(command));
    }
    changed_.notify_one();
  }
  bool poll(std::vector<uint8_t>& event) override {
    const std::lock_guard lock(mutex_);
    if (events_.empty()) return false;
    event = std::move(events_.front());
    events_.pop_front();
    return true;
  }

 private:
  void work() {
    Lane lane([this](std::vector<uint8_t> event) {
      {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
      }
      wake();
    });
    bool busy = true;
    for (;;) {
      std::deque<std::vector<uint8_t>> commands;
      {
        std::unique_lock lock(mutex_);
        if (!busy) changed_.wait(lock, [this] { return ends_ || !commands_.empty(); });
        if (ends_) return;
        commands.swap(commands_);
      }
      for (const auto& command : commands) lane.receive(command);
      busy = lane.work();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<uint8_t>> commands_, events_;
  bool ends_ = false;
  std::thread thread_;  // last: it uses the members above
};

// --- Window -----------------------------------------------------------------------------------------------------

void on_input() {
  desktop.pace.input();
  desktop.pace.at(seconds() + 0.55);  // for tool tips, which wait for the pointer to rest
}

/// Nothing, and `wrong` says why, where there is no file to read.
std::optional<File> read_file(const std::filesystem::path& path, std::string& wrong) {
  std::error_code fault;
  const std::filesystem::file_status status = std::filesystem::status(path, fault);
  std::ifstream stream;
  if (std::filesystem::is_directory(status)) {
    wrong = "is a directory; name a file in it";
  } else if (!std::filesystem::exists(status)) {
    wrong = "does not exist";
  } else if (!std::filesystem::is_regular_file(status) && !std::filesystem::is_fifo(status)) {
    wrong = "is no file";
  } else if (stream.open(path, std::ios::binary); !stream) {
    wrong = "cannot be read; may you read it?";
  } else {
    File file{path.filename().string(), {}};
    std::array<char, 1 << 16> part;
    while (stream.read(part.data(), part.size()), stream.gcount() > 0)
      file.bytes.insert(file.bytes.end(), part.begin(), part.begin() + stream.gcount());
    if (!stream.bad()) return file;
    wrong = "could not be read to its end";
  }
  return std::nullopt;
}

void set_callbacks(GLFWwindow* window) {
  glfwSetWindowFocusCallback(window, [](GLFWwindow* w, int focused) {
    on_input();
    if (focused && desktop.kept) desktop.kept->look();  // another window may have kept something
    ImGui_ImplGlfw_WindowFocusCallback(w, focused);
  });
  glfwSetCursorEnterCallback(window, [](GLFWwindow* w, int entered) {
    on_input();
    ImGui_ImplGlfw_CursorEnterCallback(w, entered);
  });
  glfwSetCursorPosCallback(window, [](GLFWwindow* w, double x, double y) {
    on_input();
    const double scale = static_cast<double>(desktop.scale);
    ImGui_ImplGlfw_CursorPosCallback(w, x / scale, y / scale);
  });
  glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int button, int action, int mods) {
    on_input();
    ImGui_ImplGlfw_MouseButtonCallback(w, button, action, mods);
  });
  glfwSetScrollCallback(window, [](GLFWwindow* w, double x, double y) {
    on_input();
    ImGui_ImplGlfw_ScrollCallback(w, x, y);
  });
  glfwSetKeyCallback(window, [](GLFWwindow* w, int key, int code, int action, int mods) {
    on_input();
    if (key == GLFW_KEY_TAB && !(mods & (GLFW_MOD_CONTROL | GLFW_MOD_ALT | GLFW_MOD_SUPER))) {
      const int direction = mods & GLFW_MOD_SHIFT ? -1 : 1;
      if (action != GLFW_RELEASE && !ui::walk(direction)) ui::walk_in(direction);
      return;
    }
    ImGui_ImplGlfw_KeyCallback(w, key, code, action, mods);
  });
  glfwSetCharCallback(window, [](GLFWwindow* w, unsigned symbol) {
    on_input();
    ImGui_ImplGlfw_CharCallback(w, symbol);
  });
  glfwSetWindowRefreshCallback(window, [](GLFWwindow*) { on_input(); });
  glfwSetFramebufferSizeCallback(window, [](GLFWwindow*, int, int) { on_input(); });
  glfwSetDropCallback(window, [](GLFWwindow*, int count, const char** paths) {
    on_input();
    for (int i = 0; i < count; ++i) {
      std::string wrong;
      if (auto file = read_file(paths[i], wrong))
        desktop.files.push_back(std::move(*file));
      else
        announce(std::string(paths[i]) + " " + wrong);
    }
  });
}

/// Layout units are pixels divided by the scale where the window system counts pixels (X11), else its own units.
void measure() {
  int width = 0, height = 0, pixels = 0, rows = 0;
  glfwGetWindowSize(desktop.window, &width, &height);
  glfwGetFramebufferSize(desktop.window, &pixels, &rows);
  float x = 1, y = 1;
  glfwGetWindowContentScale(desktop.window, &x, &y);
  const bool counts_pixels = width == pixels;
  desktop.scale = desktop.options.scale > 0 ? desktop.options.scale : counts_pixels ? x : 1.0f;
}

/// True: another one at once.
bool draw_frame(const Program& program) {
  measure();
  ImGuiIO& io = ImGui::GetIO();
  const auto take = std::exchange(desktop.take, nullptr);
  const ImVec2 pointer = io.MousePos;
  if (take) io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
  program.prepare();
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  int pixels = 0, rows = 0;
  glfwGetFramebufferSize(desktop.window, &pixels, &rows);
  io.DisplaySize = {io.DisplaySize.x / desktop.scale, io.DisplaySize.y / desktop.scale};
  io.DisplayFramebufferScale = {static_cast<float>(pixels) / io.DisplaySize.x,
                                static_cast<float>(rows) / io.DisplaySize.y};
  io.DeltaTime = std::min(io.DeltaTime, 1.0f);
  ImGui::NewFrame();
  desktop.field_focused = false;
  const bool again = program.frame();
  ImGui::Render();
  const ImVec4 page = ImGui::ColorConvertU32ToFloat4(solid(desktop.colours.page));
  glViewport(0, 0, pixels, rows);
  glClearColor(page.x, page.y, page.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  if (take) {
    take(read_picture(pixels, rows));
    io.AddMousePosEvent(pointer.x, pointer.y);
  }
  return again || !ImGui::GetCurrentContext()->InputEventsQueue.empty();  // it takes them one by one
}

/// Signals that ask the program to end. Called before there are other threads, which then leave them to close_on().
sigset_t hold_back_ends() {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int one : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before{};
    if (sigaction(one, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaddset(&ends, one);
  }
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

/// Ctrl-C, the end of the session and the like close the window, so that what was learned is kept; a second one ends at once.
void close_on(const sigset_t& ends) {
  std::thread([ends] {
    int came = 0;
    if (sigwait(&ends, &came) != 0) return;
    desktop.asked_to_end = true;
    wake();
    if (sigwait(&ends, &came) == 0) std::_Exit(128 + came);
  }).detach();
}

/// The window was closed: whether frames are still needed to keep what was learned.
bool still_keeps(const Program& program, double& since) {
  constexpr double patience = 5;  // seconds
  if (since < 0) {
    since = seconds();
    desktop.hides = true;
  }
  return seconds() - since < patience &&
         (desktop.hides || program.keeps() || (desktop.kept && desktop.kept->writes()));
}

int complain(const std::string& what) {
  std::fprintf(stderr, "unroll-desktop: %s\n", what.c_str());
  return 1;
}

/// For what is wrong with the arguments.
int misused(const std::string& what) {
  complain(what);
  return 2;
}

constexpr const char* usage =
    "Usage: unroll-desktop [FILE] [--size WIDTHxHEIGHT] [--scale FACTOR] [--touch]\n"
    "  FILE      a whole experiment (.unroll), one without its networks (.json), a checkpoint (.safetensors) "
    "or a "
    "text to learn\n"
    "  --scale   device pixels per layout unit, instead of what the screen says\n"
    "  --touch   larger buttons and scrolling by finger\n";

bool set_option(std::string_view name, std::string_view value) {
  Options& options = desktop.options;
  if (name == "--scale") {
    const auto scale = read_number(value);
    if (!scale || !Range{0.5, 8}.holds(*scale)) return false;
    options.scale = scale->get<float>();
    return true;
  }
  const size_t cross = value.find('x');
  if (cross == std::string_view::npos) return false;
  const auto width = read_number(value.substr(0, cross)), height = read_number(value.substr(cross + 1));
  const Range pixels{1, 32767, true};
  if (!width || !height || !pixels.holds(*width) || !pixels.holds(*height)) return false;
  options.width = width->get<int>();
  options.height = height->get<int>();
  return true;
}

/// Exit code when the program ends here.
std::optional<int> read_arguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--help" || word == "-h") {
      std::fputs(usage, stdout);
      return 0;
    }
    if (word == "--touch") {
      desktop.options.touch = true;
    } else if (word == "--size" || word == "--scale") {
      const char* value = i + 1 < argc ? argv[++i] : "";
      if (!set_option(word, value))
        return misused(std::string(word) + ": " + quotation(value) + " is not understood\n" + usage);
    } else if (word.starts_with("--")) {
      return misused("unknown option " + quotation(word) + "\n" + usage);
    } else {
      std::string wrong;
      auto file = read_file(argv[i], wrong);
      if (!file) return misused(short_name(word, 200) + " " + wrong);
      if (word.ends_with(".json"))
        desktop.experiments.emplace_back(file->bytes.begin(), file->bytes.end());
      else
        desktop.files.push_back(std::move(*file));
    }
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<LanePort> open_lane() { return std::make_unique<ThreadPort>(); }
Held hold(int64_t, std::vector<uint8_t> payload) {
  return std::make_shared<HeldInMemory>(std::move(payload));
}

int run(int argc, char** argv, const char* title, const Program& program) {
  if (const auto code = read_arguments(argc, argv)) return *code;
  desktop.title = title;
  std::error_code ignored;
  const auto beside = std::filesystem::absolute(argv[0], ignored).parent_path() / "assets";
  desktop.assets =
      std::filesystem::is_directory(beside, ignored) ? beside : std::filesystem::path(UNROLL_ASSETS);

  const sigset_t ends = hold_back_ends();
  glfwSetErrorCallback([](int, const char* what) { complain(what); });
  if (!glfwInit()) return complain("no display was found; it needs X11 or Wayland");
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  desktop.window = glfwCreateWindow(desktop.options.width, desktop.options.height, title, nullptr, nullptr);
  if (!desktop.window) return complain("OpenGL 3.3 is needed, and there is none");
  glfwMakeContextCurrent(desktop.window);
  glfwSwapInterval(1);
  ImGui::CreateContext();
  ImGui_ImplGlfw_InitForOpenGL(desktop.window, false);
  set_callbacks(desktop.window);
  ImGui::GetIO().SetClipboardTextFn = [](void*, const char* text) { set_clipboard(copied(text)); };
  ImGui_ImplOpenGL3_Init("#version 330 core");
  close_on(ends);
  desktop.kept.emplace(KeptFiles::usual_folder(), wake);
  program.init();

  for (double closed = -1;;) {
    if (glfwWindowShouldClose(desktop.window) || desktop.asked_to_end) {
      if (!still_keeps(program, closed)) break;
      desktop.pace.at(seconds() + 0.02);
    }
    if (desktop.woken.exchange(false)) desktop.pace.woken();
    const double wait = desktop.pace.wait(seconds());
    if (wait != 0) {
      if (wait < 0)
        glfwWaitEvents();
      else
        glfwWaitEventsTimeout(wait);
      continue;
    }
    glfwPollEvents();
    const double begin = seconds();
    const bool again = draw_frame(program);
    glfwSwapBuffers(desktop.window);
    desktop.pace.drew(begin, seconds() - begin, again);
  }
  program.shutdown();
  desktop.kept.reset();
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(desktop.window);
  glfwTerminate();
  return 0;
}

void wake() {
  if (!desktop.woken.exchange(true)) glfwPostEmptyEvent();
}
void wake_in(double delay) { desktop.pace.at(seconds() + delay); }
double seconds() { return glfwGetTime(); }
void take_picture(std::function<void(Picture)> take) {
  desktop.take = std::move(take);
  desktop.pace.input();
}

int64_t graphics_generation() { return 0; }

float pixel_ratio() {
  return ImGui::GetIO().DisplayFramebufferScale.x > 0 ? ImGui::GetIO().DisplayFramebufferScale.x
                                                      : desktop.scale;
}
bool prefers_dark() { return false; }
bool prefers_reduced_motion() { return false; }
bool touch_first() { return desktop.options.touch; }
void set_colours(const Colours& colours) { desktop.colours = colours; }

bool text_field(const TextField& field, std::string& text) {
  const WithFont face(field.monospace ? Face::mono : Face::text);
  const std::string id = std::string("##") + field.id;
  const float height = field.height > 0 ? field.height : row_height();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  if (text.size() > field.max_bytes) text.resize(field.max_bytes);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {8, 6});
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 1);
  if (ui::walked_to(ImGui::GetID(id.c_str()))) ImGui::SetKeyboardFocusHere();
  const bool edited = edit_wrapped(id.c_str(), {field.width, height}, text);
  ImGui::PopStyleVar(2);
  if (ImGui::IsItemActive()) desktop.field_focused = true;
  if (text.empty() && !ImGui::IsItemActive())
    ImGui::GetWindowDrawList()->AddText(ImGui::GetFont(), ImGui::GetFontSize(), {at.x + 9, at.y + 7},
                                        solid(desktop.colours.dim), field.placeholder, nullptr,
                                        field.width - 18);
  return edited;
}

NumberEdit number_field(const NumberField& field) {
  Typing& typing = desktop.typing;
  const ImGuiID item = ImGui::GetID(field.id);
  if (typing.id != item) {
    const bool chosen = ImGui::InvisibleButton(field.id, {field.width, field.height});
    ImGui::RenderNavHighlight({ImGui::GetItemRectMin(), ImGui::GetItemRectMax()}, item);
    if (std::exchange(typing.left, typing.left == item ? 0 : typing.left) == item) ui::focus_item();
    const bool dragged = ImGui::GetIO().MouseDragMaxDistanceSqr[0] > 16;
    const bool by_key = ImGui::GetIO().NavVisible && ImGui::IsItemFocused();
    if (!chosen || (dragged && !by_key) || (by_key && ImGui::IsKeyDown(ImGuiKey_Space))) return {};
    typing = {.id = item, .fresh = true};
    std::snprintf(typing.text, sizeof typing.text, "%s", field.typed);
    std::snprintf(typing.begun, sizeof typing.begun, "%s", field.typed);
    // The press that begins must not end it when it lasts.
    ImGui::SetKeyOwner(ImGuiKey_Enter, item, ImGuiInputFlags_LockUntilRelease);
    return {};
  }
  ImGui::SetNextItemWidth(field.width);
  if (typing.fresh) ImGui::SetKeyboardFocusHere();
  const WithFont mono(Face::mono);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                      ImVec2(space::xs, (field.height - ImGui::GetFontSize()) / 2));
  NumberEdit edit;
  edit.typing = true;
  const bool entered =
      ImGui::InputText("##typed", typing.text, sizeof typing.text,
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  ImGui::PopStyleVar();
  const bool left = ImGui::IsItemDeactivated() || (!typing.fresh && !ImGui::IsItemActive());
  typing.fresh = false;
  if (!entered && !left) return edit;
  if (std::strcmp(typing.text, typing.begun) != 0) edit.typed = typing.text;
  typing = {.left = entered || ImGui::IsKeyPressed(ImGuiKey_Escape) ? item : 0};
  return edit;
}

void focus_field(const char*) {}
bool field_focused() { return desktop.field_focused || ImGui::GetIO().WantTextInput; }

void set_clipboard(const std::string& text) { glfwSetClipboardString(desktop.window, text.c_str()); }

void save_file(const std::string& name, std::span<const uint8_t> bytes, const char* mime) {
  save_file(name, std::vector<Part>{{{bytes.begin(), bytes.end()}}}, mime);
}
void save_file(const std::string& name, std::span<const Part> parts, const char*) {
  std::filesystem::path path = name;
  for (int number = 2; std::filesystem::exists(path); ++number) {  // nothing is overwritten
    const std::filesystem::path plain = name;
    path = plain.stem().string() + "-" + std::to_string(number) + plain.extension().string();
  }
  std::ofstream stream(path, std::ios::binary);
  const auto write = [&stream](const std::vector<uint8_t>& bytes) {
    stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  };
  for (const Part& part : parts) {
    write(part.bytes);
    if (part.held) write(static_cast<const HeldInMemory&>(*part.held).bytes);
  }
  stream.flush();
  announce(stream ? "saved " + std::filesystem::absolute(path).string()
                  : path.string() + " could not be written");
}
bool can_open_files() { return false; }
void open_file() {}
void open_microphone() {}
void close_microphone() {}
Microphone microphone() {
  return {.trouble =
              "The program hears no microphone; the page in a browser does. Drop WAV files on the window "
              "instead."};
}
std::optional<File> take_file() {
  if (desktop.files.empty()) return std::nullopt;
  File file = std::move(desktop.files.front());
  desktop.files.pop_front();
  return file;
}

std::optional<std::string> take_experiment() {
  if (desktop.experiments.empty()) return std::nullopt;
  std::string json = std::move(desktop.experiments.front());
  desktop.experiments.pop_front();
  return json;
}
void remember_experiment(const std::string&) {}
bool share(const std::string& json) {
  set_clipboard(json);
  return true;
}

const KeepingWords& keeping_words() {
  static constexpr KeepingWords words = {"on this computer", "", "the end of the program"};
  return words;
}
std::optional<std::string> take_kept() { return desktop.kept->take_news(); }
std::string keep(const std::string& record, const std::string& about, std::span<const Part> file) {
  return desktop.kept->keep(record, about, file);
}
void open_kept(const std::string& record, bool older) {
  std::string wrong;
  if (auto file = desktop.kept->open(record, older, wrong))
    desktop.files.push_back(std::move(*file));
  else
    announce(wrong);
  desktop.kept->look();
}
void export_kept(const std::string& record, const std::string& name) {
  if (const auto bytes = desktop.kept->newest(record)) save_file(name, *bytes, "application/zip");
}
void forget_kept(const std::string& record) { desktop.kept->forget(record); }
void switch_keeping(bool on) { desktop.kept->turn(on); }
bool take_hiding() { return std::exchange(desktop.hides, false); }
std::string kept_note(const char*) { return ""; }
void keep_note(const char*, const std::string&) {}
bool shows_lessons() { return false; }

void announce(const std::string& status) {
  glfwSetWindowTitle(desktop.window, (desktop.title + " – " + status).c_str());
}
void say(const std::string&) {}
void publish_state(const std::string&) {}
void publish_widgets(const std::string&) {}
std::optional<std::string> take_action() { return std::nullopt; }

bool asset_is_coming(const char*) { return false; }

std::vector<uint8_t> asset(const char* name) {
  std::string wrong;
  auto file = read_file(desktop.assets / name, wrong);
  return file ? std::move(file->bytes) : std::vector<uint8_t>();
}
const char* shader_prefix() { return "#version 330 core\n"; }

}  // namespace unroll::platform
