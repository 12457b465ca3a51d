#include "node/net/silence_detector.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hearsay {
namespace {

/// The lower one of two. REQUIRES: values.
SimTime median(std::vector<SimTime> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

void SilenceDetector::hear(SimTime now) {
  if (has_begun_) gaps_[count_++ % kGaps] = now - last_;
  has_begun_ = true;
  last_ = now;
}

SimTime SilenceDetector::deadline() const {
  if (count_ < kLeastGaps) return options_.longest;
  const auto known = static_cast<std::ptrdiff_t>(std::min(count_, kGaps));
  std::vector<SimTime> gaps(gaps_.begin(), gaps_.begin() + known);
  const SimTime middle = median(gaps);
  for (SimTime& gap : gaps) gap = gap > middle ? gap - middle : middle - gap;
  const double deviations = options_.k * static_cast<double>(median(gaps).nanoseconds);
  const SimTime deadline = add_saturating(middle, SimTime::from_nanoseconds(deviations));
  return std::clamp(deadline, options_.shortest, options_.longest);
}

}  // namespace hearsay
