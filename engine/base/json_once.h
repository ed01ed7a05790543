// JSON's class is compiled in json.cpp, not again in each of the hundred files that use it (a fifth of a sanitized
// build's time). Read through the precompiled header; a file without that one compiles what it needs itself.
#pragma once

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;
