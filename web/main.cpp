// Unroll's front end, in the browser and on the desktop: everything else is in the Playground and its views.
#include <memory>

#include "web/platform/platform.h"
#include "web/playground.h"

int main(int argc, char** argv) {
  auto playground = std::make_unique<unroll::Playground>();
  return unroll::platform::run(argc, argv, "Unroll",
                               {.init = [&] { playground->init(); },
                                .prepare = [&] { playground->prepare(); },
                                .frame = [&] { return playground->frame(); },
                                .shutdown = [&] { playground.reset(); },
                                .keeps = [&] { return playground->keeps(); }});
}
