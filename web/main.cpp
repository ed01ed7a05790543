// Unroll's front end, in the browser and on the desktop: everything else is in the App and its panels.
#include <memory>

#include "web/app.h"
#include "web/platform/platform.h"

int main(int argc, char** argv) {
  auto app = std::make_unique<unroll::App>();
  return unroll::platform::run(argc, argv, "Unroll",
                               {.init = [&] { app->init(); },
                                .prepare = [&] { app->prepare(); },
                                .frame = [&] { return app->frame(); },
                                .shutdown = [&] { app.reset(); }});
}
