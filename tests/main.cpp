// The test program's main, natively and in wasm. The tests are in *_test.cpp; options: unroll_tests --help.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
