#pragma once

#include <span>
#include <vector>

#include "node/base/time.hpp"

namespace hearsay {

/// The points of time t with begin <= t < end. `end` is SimTime::max() for what never
/// ends.
struct TimeInterval {
  SimTime begin;
  SimTime end = SimTime::max();

  friend bool operator==(const TimeInterval&, const TimeInterval&) = default;
};

/// The union as disjoint intervals that do not touch, ascending. Empty ones vanish.
std::vector<TimeInterval> merged(std::vector<TimeInterval> intervals);

/// What of `intervals` lies in none of `holes`. Both as merged() returns them.
std::vector<TimeInterval> without(std::span<const TimeInterval> intervals,
                                  std::span<const TimeInterval> holes);

/// The first interval that has not ended at `time`: the one that contains it, else the
/// next; null if none. O(log n). REQUIRES: ascending and disjoint.
const TimeInterval* first_not_over(std::span<const TimeInterval> intervals, SimTime time);

/// Whether some point of [first, last], both inclusive, lies in one of them. O(log n).
/// REQUIRES: ascending and disjoint.
bool any_within(std::span<const TimeInterval> intervals, SimTime first, SimTime last);

}  // namespace hearsay
