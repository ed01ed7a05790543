#include "web/heatmap.h"

#define GL_GLEXT_PROTOTYPES
#include <GL/gl.h>
#include <GL/glext.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "web/platform.h"
#include "web/theme.h"

namespace unroll {
namespace {

constexpr int texture_width = 1024;
bool unavailable = false;

/// The shader, shared by all heatmaps; program 0 when it cannot be had.
struct Program {
  GLuint program = 0;
  GLint projection = -1, values = -1, ramp = -1, none = -1, top = -1;
};

GLuint compile(GLenum kind, const char* name) {
  const std::vector<uint8_t> source = platform::asset(name);
  const std::string text = platform::shader_prefix() + std::string(source.begin(), source.end());
  const char* pointer = text.c_str();
  const GLuint shader = glCreateShader(kind);
  glShaderSource(shader, 1, &pointer, nullptr);
  glCompileShader(shader);
  GLint fine = 0;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &fine);
  return fine && !source.empty() ? shader : 0;
}

/// Built at the first use, with the attribute places of Dear ImGui's own program, which is in use then.
const Program& heat_program() {
  static const Program built = [] {
    Program p;
    GLint imgui = 0;
    glGetIntegerv(GL_CURRENT_PROGRAM, &imgui);
    const GLuint vertex = compile(GL_VERTEX_SHADER, "shaders/heatmap.vert");
    const GLuint fragment = compile(GL_FRAGMENT_SHADER, "shaders/heatmap.frag");
    if (!vertex || !fragment) return p;
    const GLuint program = glCreateProgram();
    glAttachShader(program, vertex);
    glAttachShader(program, fragment);
    for (const char* attribute : {"Position", "UV", "Color"}) {
      const GLint place = glGetAttribLocation(static_cast<GLuint>(imgui), attribute);
      if (place >= 0) glBindAttribLocation(program, static_cast<GLuint>(place), attribute);
    }
    glLinkProgram(program);
    GLint fine = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &fine);
    if (!fine) return p;
    p = {program,
         glGetUniformLocation(program, "ProjMtx"),
         glGetUniformLocation(program, "values"),
         glGetUniformLocation(program, "ramp"),
         glGetUniformLocation(program, "none"),
         glGetUniformLocation(program, "top")};
    return p;
  }();
  return built;
}

std::array<float, 3> floats(Rgb c) {
  return {static_cast<float>((c >> 16) & 255u) / 255.0f, static_cast<float>((c >> 8) & 255u) / 255.0f,
          static_cast<float>(c & 255u) / 255.0f};
}

}  // namespace

Heatmap::~Heatmap() {
  if (texture_) glDeleteTextures(1, &texture_);
}

void Heatmap::set(std::span<const float> values, int64_t version) {
  if (version == version_) return;
  version_ = version;
  const int height = std::max(1, static_cast<int>((values.size() + texture_width - 1) / texture_width));
  values_.assign(static_cast<size_t>(height) * texture_width, -1.0f);
  std::transform(values.begin(), values.end(), values_.begin(),
                 [](float v) { return std::isfinite(v) ? v : -1.0f; });
  GLint before = 0;
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &before);
  if (!texture_) glGenTextures(1, &texture_);
  glBindTexture(GL_TEXTURE_2D, texture_);
  for (GLenum side : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T})
    glTexParameteri(GL_TEXTURE_2D, side, GL_CLAMP_TO_EDGE);
  for (GLenum filter : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER})
    glTexParameteri(GL_TEXTURE_2D, filter, GL_NEAREST);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, texture_width, height, 0, GL_RED, GL_FLOAT, values_.data());
  glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(before));
}

/// Called by the backend while it renders: the next command is drawn with the heatmap's program.
void Heatmap::use(const ImDrawList*, const ImDrawCmd* command) {
  const auto* self = static_cast<const Heatmap*>(command->UserCallbackData);
  const Program& heat = heat_program();
  if (!heat.program) {
    unavailable = true;  // this frame shows nothing useful; the next one draws rectangles
    return platform::wake();
  }
  const ImDrawData* data = ImGui::GetDrawData();
  const float l = data->DisplayPos.x, r = l + data->DisplaySize.x, t = data->DisplayPos.y,
              b = t + data->DisplaySize.y;
  const float projection[16] = {
      2 / (r - l), 0, 0, 0, 0, 2 / (t - b), 0, 0, 0, 0, -1, 0, (r + l) / (l - r), (t + b) / (b - t), 0, 1};
  glUseProgram(heat.program);
  glUniformMatrix4fv(heat.projection, 1, GL_FALSE, projection);
  glUniform1i(heat.values, 0);
  glUniform1f(heat.top, self->top_);
  std::array<float, 3 * Ramp::stops> ramp{};
  for (size_t i = 0; i < Ramp::stops; ++i) {
    const auto c = floats(self->ramp_->colours()[i]);
    std::copy(c.begin(), c.end(), ramp.begin() + static_cast<std::ptrdiff_t>(3 * i));
  }
  glUniform3fv(heat.ramp, Ramp::stops, ramp.data());
  glUniform3fv(heat.none, 1, floats(self->none_).data());
}

void Heatmap::draw(ImDrawList* draw, ImVec2 min, ImVec2 max, double first, double last, float top,
                   const Ramp& ramp, Rgb none) {
  if (last <= first || max.x <= min.x) return;
  if (unavailable) {
    const float width = (max.x - min.x) / static_cast<float>(last - first);
    const auto end = std::min(values_.size(), static_cast<size_t>(std::ceil(last)));
    for (auto i = static_cast<size_t>(std::max(first, 0.0)); i < end; ++i) {
      const float x = min.x + static_cast<float>(static_cast<double>(i) - first) * width;
      const Rgb shade = values_[i] < 0 ? none : ramp.at(values_[i] / top);
      draw->AddRectFilled({std::max(x, min.x), min.y}, {std::min(x + width, max.x), max.y}, solid(shade));
    }
    return;
  }
  top_ = top;
  ramp_ = &ramp;
  none_ = none;
  draw->PushTextureID(static_cast<ImTextureID>(reinterpret_cast<void*>(static_cast<uintptr_t>(texture_))));
  draw->AddCallback(&Heatmap::use, this);
  draw->PrimReserve(6, 4);
  draw->PrimRectUV(min, max, ImVec2(static_cast<float>(first), 0), ImVec2(static_cast<float>(last), 1),
                   IM_COL32_WHITE);
  draw->AddCallback(ImDrawCallback_ResetRenderState, nullptr);
  draw->PopTextureID();
}

}  // namespace unroll
