#include "node/base/process_usage.hpp"

#include <sys/resource.h>

namespace hearsay {
namespace {

rusage process_usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

double process_cpu_seconds() {
  const rusage usage = process_usage();
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

std::int64_t process_peak_rss_bytes() { return process_usage().ru_maxrss * std::int64_t{1024}; }

}  // namespace hearsay
