#include "web/toolkit/heatmap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "web/platform/platform.h"
#include "web/toolkit/opengl.h"
#include "web/toolkit/theme.h"

namespace unroll {
namespace {

constexpr size_t texture_width = 1024;
constexpr float no_value = -3e38f;
int64_t unavailable_in = -1;  // the generation of the graphics whose compiler refused the shader

/// The shader, shared by all heatmaps; program 0 when it cannot be had.
struct Program {
  int64_t generation = -1;  ///< of the graphics that it is made in
  GLuint program = 0;
  GLint projection = -1, values = -1, size = -1, range = -1, ramp = -1, none = -1;
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

/// Built at the first use, with the attribute places of Dear ImGui's own program, which is in use then; and again when
/// the graphics were lost.
const Program& heat_program() {
  static Program built;
  if (built.generation == platform::graphics_generation()) return built;
  built = [] {
    Program p{.generation = platform::graphics_generation()};
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
    p = {p.generation,
         program,
         glGetUniformLocation(program, "ProjMtx"),
         glGetUniformLocation(program, "values"),
         glGetUniformLocation(program, "size"),
         glGetUniformLocation(program, "range"),
         glGetUniformLocation(program, "ramp"),
         glGetUniformLocation(program, "none")};
    return p;
  }();
  return built;
}

std::array<float, 3> floats(Rgb c) {
  return {static_cast<float>((c >> 16) & 255u) / 255.0f, static_cast<float>((c >> 8) & 255u) / 255.0f,
          static_cast<float>(c & 255u) / 255.0f};
}

/// Of at most some thousand values, evenly spread.
float extent_of(std::span<const float> values) {
  std::vector<float> magnitudes;
  const size_t stride = values.size() / 4096 + 1;
  for (size_t i = 0; i < values.size(); i += stride)
    if (std::isfinite(values[i])) magnitudes.push_back(std::abs(values[i]));
  if (magnitudes.empty()) return 0;
  const auto at = magnitudes.begin() + static_cast<std::ptrdiff_t>((magnitudes.size() - 1) * 98 / 100);
  std::nth_element(magnitudes.begin(), at, magnitudes.end());
  return *at;
}

}  // namespace

Heatmap::~Heatmap() {
  if (texture_ && generation_ == platform::graphics_generation()) glDeleteTextures(1, &texture_);
}

void Heatmap::set(std::span<const float> values, size_t rows, size_t columns, int64_t version) {
  if (version == version_) return;
  version_ = version;
  rows_ = rows;
  columns_ = columns;
  const size_t height = std::max<size_t>(1, (values.size() + texture_width - 1) / texture_width);
  values_.assign(height * texture_width, no_value);
  std::transform(values.begin(), values.end(), values_.begin(),
                 [](float v) { return std::isfinite(v) ? v : no_value; });
  extent_ = extent_of(values);
  upload();
}

void Heatmap::upload() {
  GLint before = 0;
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &before);
  if (generation_ != platform::graphics_generation()) texture_ = 0;
  generation_ = platform::graphics_generation();
  if (!texture_) glGenTextures(1, &texture_);
  glBindTexture(GL_TEXTURE_2D, texture_);
  for (GLenum side : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T})
    glTexParameteri(GL_TEXTURE_2D, side, GL_CLAMP_TO_EDGE);
  for (GLenum filter : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER})
    glTexParameteri(GL_TEXTURE_2D, filter, GL_NEAREST);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, static_cast<GLsizei>(texture_width),
               static_cast<GLsizei>(values_.size() / texture_width), 0, GL_RED, GL_FLOAT, values_.data());
  glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(before));
}

float Heatmap::at(size_t row, size_t column) const {
  const bool there = row < rows_ && column < columns_ && values_[row * columns_ + column] != no_value;
  return there ? values_[row * columns_ + column] : std::numeric_limits<float>::quiet_NaN();
}

/// Called by the backend while it renders: the next command is drawn with the heatmap's program.
void Heatmap::use(const ImDrawList*, const ImDrawCmd* command) {
  const auto* self = static_cast<const Heatmap*>(command->UserCallbackData);
  const Program& heat = heat_program();
  if (!heat.program) {
    unavailable_in =
        platform::graphics_generation();  // this frame shows nothing useful; the next one draws rectangles
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
  glUniform2i(heat.size, static_cast<GLint>(self->columns_), static_cast<GLint>(self->rows_));
  glUniform2f(heat.range, self->scale_.low, self->scale_.high);
  std::array<float, 3 * Ramp::stops> ramp{};
  for (size_t i = 0; i < Ramp::stops; ++i) {
    const auto c = floats(self->scale_.ramp->colours()[i]);
    std::copy(c.begin(), c.end(), ramp.begin() + static_cast<std::ptrdiff_t>(3 * i));
  }
  glUniform3fv(heat.ramp, Ramp::stops, ramp.data());
  glUniform3fv(heat.none, 1, floats(self->scale_.none).data());
}

void Heatmap::draw_rectangles(ImDrawList* draw, ImVec2 min, ImVec2 max, const CellRange& range) const {
  const double width = static_cast<double>(max.x - min.x) / (range.last_column - range.first_column);
  const double height = static_cast<double>(max.y - min.y) / (range.last_row - range.first_row);
  const auto x_of = [&](double column) {
    return std::clamp(min.x + static_cast<float>((column - range.first_column) * width), min.x, max.x);
  };
  const auto y_of = [&](double row) {
    return std::clamp(min.y + static_cast<float>((row - range.first_row) * height), min.y, max.y);
  };
  for (double row = std::floor(range.first_row); row < range.last_row; ++row)
    for (double column = std::floor(range.first_column); column < range.last_column; ++column) {
      const float value = at(static_cast<size_t>(row), static_cast<size_t>(column));
      const Rgb shade = std::isfinite(value)
                            ? scale_.ramp->at((value - scale_.low) / (scale_.high - scale_.low))
                            : scale_.none;
      draw->AddRectFilled({x_of(column), y_of(row)}, {x_of(column + 1), y_of(row + 1)}, solid(shade));
    }
}

void Heatmap::draw(ImDrawList* draw, ImVec2 min, ImVec2 max, const CellRange& range,
                   const ColourScale& scale) {
  if (range.last_column <= range.first_column || range.last_row <= range.first_row || max.x <= min.x) return;
  scale_ = scale;
  if (unavailable_in == platform::graphics_generation()) return draw_rectangles(draw, min, max, range);
  if (generation_ != platform::graphics_generation()) upload();
  draw->PushTextureID(static_cast<ImTextureID>(reinterpret_cast<void*>(static_cast<uintptr_t>(texture_))));
  draw->AddCallback(&Heatmap::use, this);
  draw->PrimReserve(6, 4);
  draw->PrimRectUV(
      min, max, ImVec2(static_cast<float>(range.first_column), static_cast<float>(range.first_row)),
      ImVec2(static_cast<float>(range.last_column), static_cast<float>(range.last_row)), IM_COL32_WHITE);
  draw->AddCallback(ImDrawCallback_ResetRenderState, nullptr);
  draw->PopTextureID();
}

}  // namespace unroll
