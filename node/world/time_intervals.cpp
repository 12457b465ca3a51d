#include "node/world/time_intervals.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {

std::vector<TimeInterval> merged(std::vector<TimeInterval> intervals) {
  std::ranges::sort(intervals, {}, &TimeInterval::begin);
  std::vector<TimeInterval> result;
  for (const TimeInterval& interval : intervals) {
    if (interval.begin >= interval.end) continue;
    if (!result.empty() && interval.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, interval.end);
    } else {
      result.push_back(interval);
    }
  }
  return result;
}

std::vector<TimeInterval> without(std::span<const TimeInterval> intervals,
                                  std::span<const TimeInterval> holes) {
  std::vector<TimeInterval> result;
  for (TimeInterval rest : intervals) {
    for (const TimeInterval& hole : holes) {
      if (hole.end <= rest.begin || hole.begin >= rest.end) continue;
      if (hole.begin > rest.begin) result.push_back({rest.begin, hole.begin});
      rest.begin = std::min(hole.end, rest.end);
    }
    if (rest.begin < rest.end) result.push_back(rest);
  }
  return result;
}

const TimeInterval* first_not_over(std::span<const TimeInterval> intervals, SimTime time) {
  const auto found = std::ranges::upper_bound(intervals, time, {}, &TimeInterval::end);
  return found == intervals.end() ? nullptr : &*found;
}

bool any_within(std::span<const TimeInterval> intervals, SimTime first, SimTime last) {
  const TimeInterval* const interval = first_not_over(intervals, first);
  return interval != nullptr && interval->begin <= last;
}

}  // namespace hearsay
