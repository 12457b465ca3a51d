# Writes OUT, a header with the commit that is being built; touches it only when it changes.
execute_process(COMMAND git describe --always --dirty --abbrev=12
  WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE COMMIT
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE FAILED)
if(FAILED)
  set(COMMIT "unknown")
endif()
configure_file(${SOURCE_DIR}/cmake/commit.hpp.in ${OUT} @ONLY)
