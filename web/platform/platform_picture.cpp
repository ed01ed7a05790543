#include "web/platform/platform_picture.h"

#define GL_GLEXT_PROTOTYPES
#include <GL/gl.h>

namespace unroll::platform {

Picture read_picture(int width, int height) {
  const auto w = static_cast<size_t>(width), h = static_cast<size_t>(height);
  std::vector<uint8_t> rgba(4 * w * h);
  glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, rgba.data());
  Picture picture{width, height, {}};
  picture.rgb.reserve(3 * w * h);
  for (size_t y = h; y-- > 0;)  // OpenGL begins at the bottom
    for (size_t x = 0; x < w; ++x) {
      const uint8_t* pixel = &rgba[4 * (y * w + x)];
      picture.rgb.insert(picture.rgb.end(), pixel, pixel + 3);
    }
  return picture;
}

}  // namespace unroll::platform
