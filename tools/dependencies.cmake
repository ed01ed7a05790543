# The parts that are not ours, each as a target. Everything is a system include: our warnings do not reach them.
#
# Header-only libraries are found by their headers, because under Emscripten find_package looks only below
# Emscripten's own system folder, and naming /usr/include there would hide its C library. So each is reached through
# a link of its own in <build>/include.

function(unroll_header_library target header)
  find_path(${target}_INCLUDE_DIR ${header} PATH_SUFFIXES eigen3 REQUIRED NO_CMAKE_FIND_ROOT_PATH
            PATHS /usr/include /usr/local/include /opt/homebrew/include
            DOC "The folder from which <${header}> can be included")
  string(REGEX REPLACE "/.*" "" top ${header})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include)
  file(CREATE_LINK ${${target}_INCLUDE_DIR}/${top} ${CMAKE_BINARY_DIR}/include/${top} SYMBOLIC)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/include)
endfunction()

unroll_header_library(unroll_eigen Eigen/Core)
target_compile_definitions(unroll_eigen INTERFACE EIGEN_MPL2_ONLY)
unroll_header_library(unroll_json nlohmann/json.hpp)
if(UNROLL_TESTS)
  unroll_header_library(unroll_doctest doctest/doctest.h)
endif()
if(NOT EMSCRIPTEN)
  find_package(Threads REQUIRED)
  unroll_header_library(unroll_cli11 CLI/CLI.hpp)
endif()

if(UNROLL_FRONT_END)
  # Dear ImGui comes from its tag, or from the folder FETCHCONTENT_SOURCE_DIR_IMGUI; ./run fetches one on Debian.
  include(FetchContent)
  if(NOT FETCHCONTENT_SOURCE_DIR_IMGUI AND EXISTS ${CMAKE_SOURCE_DIR}/build/tools/imgui/imgui.h)
    set(FETCHCONTENT_SOURCE_DIR_IMGUI ${CMAKE_SOURCE_DIR}/build/tools/imgui)
  endif()
  FetchContent_Declare(imgui
    GIT_REPOSITORY https://github.com/ocornut/imgui.git
    GIT_TAG v1.90.1
    GIT_SHALLOW ON)
  FetchContent_MakeAvailable(imgui)
  add_library(unroll_imgui STATIC
    ${imgui_SOURCE_DIR}/imgui.cpp ${imgui_SOURCE_DIR}/imgui_draw.cpp
    ${imgui_SOURCE_DIR}/imgui_tables.cpp ${imgui_SOURCE_DIR}/imgui_widgets.cpp
    ${imgui_SOURCE_DIR}/backends/imgui_impl_opengl3.cpp)
  target_include_directories(unroll_imgui SYSTEM PUBLIC ${imgui_SOURCE_DIR} ${imgui_SOURCE_DIR}/backends)
  target_compile_definitions(unroll_imgui PUBLIC
    IMGUI_DISABLE_OBSOLETE_FUNCTIONS IMGUI_DISABLE_DEMO_WINDOWS IMGUI_DEFINE_MATH_OPERATORS)
  if(EMSCRIPTEN)
    target_compile_definitions(unroll_imgui PUBLIC IMGUI_IMPL_OPENGL_ES3 IMGUI_DISABLE_FILE_FUNCTIONS)
  else()
    find_package(glfw3 3.3 REQUIRED)
    find_package(OpenGL REQUIRED)
    target_sources(unroll_imgui PRIVATE ${imgui_SOURCE_DIR}/backends/imgui_impl_glfw.cpp)
    target_link_libraries(unroll_imgui PUBLIC glfw OpenGL::GL)
  endif()
endif()
