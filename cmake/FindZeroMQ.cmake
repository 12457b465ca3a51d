# Debian ships libzmq with a pkg-config file and no CMake one. Defines the imported
# target libzmq, which cppzmq's own configuration then links.
find_package(PkgConfig REQUIRED)
pkg_check_modules(PC_ZeroMQ QUIET libzmq)
find_path(ZeroMQ_INCLUDE_DIR zmq.h HINTS ${PC_ZeroMQ_INCLUDE_DIRS})
find_library(ZeroMQ_LIBRARY zmq HINTS ${PC_ZeroMQ_LIBRARY_DIRS})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ZeroMQ
  REQUIRED_VARS ZeroMQ_LIBRARY ZeroMQ_INCLUDE_DIR VERSION_VAR PC_ZeroMQ_VERSION)

if(ZeroMQ_FOUND AND NOT TARGET libzmq)
  add_library(libzmq UNKNOWN IMPORTED)
  set_target_properties(libzmq PROPERTIES
    IMPORTED_LOCATION ${ZeroMQ_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ZeroMQ_INCLUDE_DIR})
endif()
