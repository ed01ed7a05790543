# The files that the front end reads while it runs, gathered in UNROLL_ASSETS (the site's or the desktop program's
# `assets`): fonts, shaders/* and examples/*. Target: unroll_assets.

file(GLOB asset_texts CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
     ${CMAKE_SOURCE_DIR}/shaders/* ${CMAKE_SOURCE_DIR}/examples/*)
set(asset_files)
foreach(name IN LISTS asset_texts)
  add_custom_command(OUTPUT ${UNROLL_ASSETS}/${name} DEPENDS ${CMAKE_SOURCE_DIR}/${name}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/${name} ${UNROLL_ASSETS}/${name} VERBATIM)
  list(APPEND asset_files ${UNROLL_ASSETS}/${name})
endforeach()

# The fonts are the system's, cut down to the characters that the front end draws, so that a first visit is small.
find_program(UNROLL_PYFTSUBSET pyftsubset DOC "fonttools' subsetter; without it fonts are copied whole")
function(unroll_font name)
  find_file(UNROLL_FONT_${name} NAMES ${ARGN} NO_CMAKE_FIND_ROOT_PATH PATHS
    /usr/share/fonts /usr/local/share/fonts ENV HOME
    PATH_SUFFIXES opentype/inter truetype/inter truetype/jetbrains-mono Library/Fonts .local/share/fonts
    DOC "Font file for ${name}")
  if(NOT UNROLL_FONT_${name})
    message(STATUS "Font ${name}: not found, the front end falls back to its built-in font")
    return()
  endif()
  set(output ${UNROLL_ASSETS}/${name}.ttf)
  if(UNROLL_PYFTSUBSET)
    add_custom_command(OUTPUT ${output} DEPENDS ${UNROLL_FONT_${name}}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${UNROLL_ASSETS}
      COMMAND ${UNROLL_PYFTSUBSET} ${UNROLL_FONT_${name}} --output-file=${output} --unicodes=${UNROLL_FONT_RANGES}
              --layout-features= --no-hinting --desubroutinize --drop-tables+=GSUB,GPOS,GDEF,STAT VERBATIM)
  else()
    add_custom_command(OUTPUT ${output} DEPENDS ${UNROLL_FONT_${name}}
      COMMAND ${CMAKE_COMMAND} -E copy ${UNROLL_FONT_${name}} ${output} VERBATIM)
  endif()
  set(asset_files ${asset_files} ${output} PARENT_SCOPE)
endfunction()

# Latin with its extensions, Greek, Cyrillic, punctuation, arrows, mathematical signs, box and block shapes.
set(UNROLL_FONT_RANGES
    U+0020-007E,U+00A0-024F,U+0370-03FF,U+0400-04FF,U+2000-206F,U+20AC,U+2100-214F,U+2190-21FF,U+2200-22FF,U+2300-23FF,U+2400-2426,U+2500-25FF,U+2713,U+2717,U+FFFD)
unroll_font(inter Inter-Regular.otf Inter-Regular.ttf Inter.ttf)
unroll_font(inter-semibold Inter-SemiBold.otf Inter-SemiBold.ttf)
unroll_font(jetbrains-mono JetBrainsMono-Regular.ttf JetBrainsMono-Regular.otf)

add_custom_target(unroll_assets DEPENDS ${asset_files})
