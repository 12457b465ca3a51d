# hearsay_headers_check(FOLDERS a b ...)
# Compiles every header of these folders alone, so that none depends on what another file
# happened to include before it. A header with a .cpp of its name is left out: that file
# includes it first (the tidy test sees to it). So are headers that need torch (13 s each).
function(hearsay_headers_check)
  cmake_parse_arguments(ARG "" "" "FOLDERS" ${ARGN})
  list(TRANSFORM ARG_FOLDERS PREPEND ${CMAKE_SOURCE_DIR}/)
  list(TRANSFORM ARG_FOLDERS APPEND /*.hpp OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE headers RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS ${patterns})
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "hpp$" "cpp" own_source ${header})
    file(STRINGS ${CMAKE_SOURCE_DIR}/${header} torch REGEX "#include <(torch|ATen|c10)/")
    if(EXISTS ${CMAKE_SOURCE_DIR}/${own_source} OR torch)
      continue()
    endif()
    set(source ${CMAKE_CURRENT_BINARY_DIR}/headers_check/${own_source})
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n")
    list(APPEND sources ${source})
  endforeach()
  add_library(hearsay_headers_check OBJECT ${sources})
  target_link_libraries(hearsay_headers_check PRIVATE
    hearsay_options Eigen3::Eigen PkgConfig::xxhash nlohmann_json::nlohmann_json yaml-cpp cppzmq
    GTest::gtest)
  target_compile_definitions(hearsay_headers_check PRIVATE HEARSAY_BINARY="" HEARSAY_SOURCE_DIR="")
  target_compile_options(hearsay_headers_check PRIVATE -O0)
endfunction()
