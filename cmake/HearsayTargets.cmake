# How a folder's library, a test program and a benchmark are declared.

# Warnings and code generation that every target of ours uses. Without contraction the
# compiler never fuses a multiply and an add on its own, so that results do not depend
# on which instruction set a function was compiled for.
add_library(hearsay_options INTERFACE)
target_compile_options(hearsay_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  -ffp-contract=off -fno-math-errno
  $<$<CONFIG:Release>:-O3>)
target_include_directories(hearsay_options INTERFACE ${CMAKE_SOURCE_DIR})
if(HEARSAY_SANITIZE)
  target_compile_options(hearsay_options INTERFACE
    -fsanitize=${HEARSAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(hearsay_options INTERFACE -fsanitize=${HEARSAY_SANITIZE})
endif()

# hearsay_library(NAME SOURCES a.cpp ... LIBRARIES x y ...)
function(hearsay_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC hearsay_options ${ARG_LIBRARIES})
endfunction()

# hearsay_test(NAME SOURCES a_test.cpp ... LIBRARIES x y ... [TIMEOUT seconds])
# One program and one CTest entry per folder of tests.
function(hearsay_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE hearsay_options ${ARG_LIBRARIES} GTest::gtest_main)
  # Tests are compiled far more often than they run.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_compile_definitions(${name} PRIVATE
    HEARSAY_SOURCE_DIR="${CMAKE_SOURCE_DIR}" HEARSAY_BINARY="$<TARGET_FILE:hearsay>")
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()
