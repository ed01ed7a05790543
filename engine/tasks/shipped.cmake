# The series that ship (shipped/*.series) as one source, `shipped_series_texts`, made when CMake runs.
file(GLOB series_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/shipped/*.series)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${series_files})
set(series_texts "namespace unroll::shipped_series_text {\n")
foreach(file IN LISTS series_files)
  get_filename_component(series ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND series_texts "extern const char* const ${series};\nconst char* const ${series} = R\"SERIES(${text})SERIES\";\n")
endforeach()
string(APPEND series_texts "}  // namespace unroll::shipped_series_text\n")
set(shipped_series_texts ${CMAKE_CURRENT_BINARY_DIR}/shipped_series_texts.cpp)
file(CONFIGURE OUTPUT ${shipped_series_texts} CONTENT "@series_texts@" @ONLY)  # written only where it changed
