# The files that the front end reads while it runs, gathered in UNROLL_ASSETS (the site's or the desktop program's
# `assets`): fonts, shaders and the built-in texts. Target: unroll_assets; `asset_names`: paths below the folder, and
# `late_names`: those of large ones that few need, which a page fetches when they are asked for.

file(GLOB asset_names CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
     ${CMAKE_SOURCE_DIR}/shaders/*.vert ${CMAKE_SOURCE_DIR}/shaders/*.frag ${CMAKE_SOURCE_DIR}/shaders/*.glsl
     ${CMAKE_SOURCE_DIR}/examples/*.txt ${CMAKE_SOURCE_DIR}/examples/*.json ${CMAKE_SOURCE_DIR}/examples/lessons/*.json)
set(asset_files)
foreach(name IN LISTS asset_names)
  add_custom_command(OUTPUT ${UNROLL_ASSETS}/${name} DEPENDS ${CMAKE_SOURCE_DIR}/${name}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/${name} ${UNROLL_ASSETS}/${name} VERBATIM)
  list(APPEND asset_files ${UNROLL_ASSETS}/${name})
endforeach()

file(GLOB late_names CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/examples/lessons/*.md
     ${CMAKE_SOURCE_DIR}/examples/*.sounds ${CMAKE_SOURCE_DIR}/examples/*.notice)
foreach(name IN LISTS late_names)
  add_custom_command(OUTPUT ${UNROLL_ASSETS}/${name} DEPENDS ${CMAKE_SOURCE_DIR}/${name}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/${name} ${UNROLL_ASSETS}/${name} VERBATIM)
  list(APPEND asset_files ${UNROLL_ASSETS}/${name})
endforeach()
foreach(file IN LISTS UNROLL_SENTENCES)
  get_filename_component(name ${file} NAME)
  add_custom_command(OUTPUT ${UNROLL_ASSETS}/examples/${name} DEPENDS ${file}
    COMMAND ${CMAKE_COMMAND} -E copy ${file} ${UNROLL_ASSETS}/examples/${name} VERBATIM)
  list(APPEND asset_files ${UNROLL_ASSETS}/examples/${name})
  list(APPEND late_names examples/${name})
endforeach()

# The fonts are the system's, cut down to the characters that the front end draws, so that a first visit is small.
find_program(UNROLL_HB_SUBSET hb-subset DOC "HarfBuzz' subsetter; without it fonts are copied whole")
function(unroll_font name ranges)
  find_file(UNROLL_FONT_${name} NAMES ${ARGN} NO_CMAKE_FIND_ROOT_PATH PATHS
    /usr/share/fonts /usr/local/share/fonts ENV HOME
    PATH_SUFFIXES opentype/inter truetype/inter truetype/jetbrains-mono Library/Fonts .local/share/fonts
    DOC "Font file for ${name}")
  if(NOT UNROLL_FONT_${name})
    message(STATUS "Font ${name}: not found, the front end falls back to its built-in font")
    return()
  endif()
  set(output ${UNROLL_ASSETS}/${name}.ttf)
  if(UNROLL_HB_SUBSET)
    add_custom_command(OUTPUT ${output} DEPENDS ${UNROLL_FONT_${name}}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${UNROLL_ASSETS}
      COMMAND ${UNROLL_HB_SUBSET} ${UNROLL_FONT_${name}} --output-file=${output} --unicodes=${ranges}
              --layout-features= --no-hinting --drop-tables+=GSUB,GPOS,GDEF,STAT VERBATIM)
  else()
    add_custom_command(OUTPUT ${output} DEPENDS ${UNROLL_FONT_${name}}
      COMMAND ${CMAKE_COMMAND} -E copy ${UNROLL_FONT_${name}} ${output} VERBATIM)
  endif()
  set(asset_files ${asset_files} ${output} PARENT_SCOPE)
  set(asset_names ${asset_names} ${name}.ttf PARENT_SCOPE)
endfunction()

# What the interface says: Latin, punctuation, arrows, mathematical signs.
set(interface_ranges
    "U+0020-007E,U+00A0-017F,U+0391-03C9,U+2010-2044,U+20AC,U+2122,U+2190-21FF,U+2200-22FF,U+2713,U+2717,U+FFFD")
# What people's texts say: also more of Latin, Greek, Cyrillic, control pictures, box and block shapes.
set(text_ranges
    "U+0020-007E,U+00A0-024F,U+0370-04FF,U+2000-206F,U+20A0-20BF,U+2100-23FF,U+2400-2426,U+2500-25FF,U+2713,U+2717,U+FFFD")
unroll_font(inter ${interface_ranges} Inter-Regular.otf Inter-Regular.ttf)
unroll_font(inter-semibold ${interface_ranges} Inter-SemiBold.otf Inter-SemiBold.ttf)
unroll_font(jetbrains-mono ${text_ranges} JetBrainsMono-Regular.ttf JetBrainsMono-Regular.otf)

add_custom_target(unroll_assets DEPENDS ${asset_files})
