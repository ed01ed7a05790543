// What the platforms share to answer take_picture.
#pragma once

#include "web/platform/platform.h"

namespace unroll::platform {

/// The frame that was just drawn, before it is shown; its size in device pixels.
Picture read_picture(int width, int height);

}  // namespace unroll::platform
