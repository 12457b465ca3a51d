#include "node/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace hearsay::internal {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace hearsay::internal
