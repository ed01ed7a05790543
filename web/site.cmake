# The site in <build>/site: everything that a web server has to hand out, nothing else.
set(UNROLL_SITE ${CMAKE_BINARY_DIR}/site)
set(UNROLL_ASSETS ${UNROLL_SITE}/assets)
file(MAKE_DIRECTORY ${UNROLL_SITE})

# Options of every module: no eval (the page has a strict content security policy), no file system, no exceptions.
# The page compiles the .wasm itself (instantiateWasm), once for all workers.
set(module_options ${UNROLL_OPTIMISE} -sMODULARIZE -sEXPORT_ES6 -sENVIRONMENT=web,worker -sFILESYSTEM=0 -sALLOW_MEMORY_GROWTH
    -sSTACK_SIZE=1MB -sDYNAMIC_EXECUTION=0 -sINCOMING_MODULE_JS_API=canvas,instantiateWasm,onAbort
    -fno-exceptions -Wno-limited-postlink-optimizations)

# The engine in a worker, once per instruction set; web/page chooses by validating a tiny module.
file(GLOB worker_sources CONFIGURE_DEPENDS platform/worker*.cpp)
function(unroll_engine_module name suffix)
  add_executable(${name} ${worker_sources})
  target_compile_options(${name} PRIVATE -fno-rtti)
  target_link_libraries(${name} PRIVATE unroll_engine${suffix} unroll_warnings)
  # The small allocator: training allocates nothing, and the rest does not wait for it.
  # Memory: training takes at most Trainer::memory_limit, and saving has up to three copies of the file beside it.
  target_link_options(${name} PRIVATE ${module_options} --no-entry -sMALLOC=emmalloc -sMAXIMUM_MEMORY=4GB
    -sEXPORTED_RUNTIME_METHODS=HEAPU8)
  set_target_properties(${name} PROPERTIES SUFFIX .mjs RUNTIME_OUTPUT_DIRECTORY ${UNROLL_SITE})
endfunction()
unroll_engine_module(engine-simd "")
unroll_engine_module(engine-relaxed _relaxed)

# The front end.
file(GLOB web_sources CONFIGURE_DEPENDS platform/platform_web*.cpp)
if(UNROLL_FRONT_END)
  add_executable(playground ${front_end_sources} ${web_sources})
  target_link_libraries(playground PRIVATE unroll_engine unroll_imgui unroll_warnings)
  target_link_options(playground PRIVATE ${module_options} -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2
    -sEXPORTED_FUNCTIONS=_main,_malloc -sEXIT_RUNTIME=0)
  # Nothing here is hot but Dear ImGui, which has options of its own: the page loads sooner.
  if(NOT UNROLL_QUICK)
    target_compile_options(playground PRIVATE -Oz -fno-rtti)
    target_link_options(playground PRIVATE -O2)
  endif()
  unroll_units(playground 4 ${front_end_units})
  unroll_precompile(playground <imgui.h> <imgui_internal.h> web/app.h web/toolkit/ui.h)
  set_target_properties(playground PROPERTIES SUFFIX .mjs RUNTIME_OUTPUT_DIRECTORY ${UNROLL_SITE})
endif()

include(assets.cmake)

# assets.mjs tells the page what there is to load.
foreach(kind IN ITEMS asset late)
  list(TRANSFORM ${kind}_names REPLACE "(.+)" "  '\\1',\n" OUTPUT_VARIABLE ${kind}_lines)
  list(JOIN ${kind}_lines "" ${kind}_lines)
endforeach()
file(CONFIGURE OUTPUT ${UNROLL_SITE}/assets.mjs CONTENT
  "// Made by the build: the files below assets/.\nexport const assets = [\n@asset_lines@];\n// Fetched when they are asked for.\nexport const late = [\n@late_lines@];\n" @ONLY)

# The page around the canvas: copied as it is.
file(GLOB page_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/page page/*)
set(site_files)
foreach(name IN LISTS page_files)
  add_custom_command(OUTPUT ${UNROLL_SITE}/${name} DEPENDS page/${name}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_SOURCE_DIR}/page/${name} ${UNROLL_SITE}/${name} VERBATIM)
  list(APPEND site_files ${UNROLL_SITE}/${name})
endforeach()
add_custom_target(unroll_site ALL DEPENDS ${site_files})
add_dependencies(unroll_site unroll_assets engine-simd engine-relaxed)
if(UNROLL_FRONT_END)
  add_dependencies(unroll_site playground)
endif()
