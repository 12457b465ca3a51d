#pragma once

/// Checks for programmer mistakes: always on, in release builds too. A mistake of
/// the user is not a programmer's mistake; throw UserError (error.hpp) for it.

namespace hearsay::internal {

/// Prints `file:line: check failed: condition` to stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace hearsay::internal

/// Aborts the process unless `condition` holds. One condition per check.
#define HEARSAY_CHECK(condition)      \
  ((condition) ? static_cast<void>(0) \
               : ::hearsay::internal::check_failed(#condition, __FILE__, __LINE__))
