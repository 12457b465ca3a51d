#pragma once

#include <cstdint>

namespace hearsay {

/// CPU seconds of this process so far, all threads.
double process_cpu_seconds();

/// Most memory that this process has had resident.
std::int64_t process_peak_rss_bytes();

}  // namespace hearsay
