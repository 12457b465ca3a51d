#include "node/world/pace.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

__extension__ using Int128 = __int128;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::int64_t clamped(Int128 value) {
  return static_cast<std::int64_t>(std::min(value, static_cast<Int128>(kNever)));
}

/// Where anything changes, and time 0.
std::vector<std::int64_t> boundaries(std::span<const SlowSpan> slow_spans,
                                     std::span<const TimeInterval> frozen) {
  std::vector<std::int64_t> times = {0};
  const auto add = [&times](const TimeInterval& interval) {
    times.push_back(std::max<std::int64_t>(interval.begin.nanoseconds, 0));
    if (interval.end != SimTime::max()) times.push_back(interval.end.nanoseconds);
  };
  for (const SlowSpan& span : slow_spans) add(span.when);
  for (const TimeInterval& interval : frozen) add(interval);
  std::ranges::sort(times);
  const auto repeated = std::ranges::unique(times);
  times.erase(repeated.begin(), repeated.end());
  return times;
}

}  // namespace

Pace::Pace(std::span<const SlowSpan> slow_spans, std::span<const TimeInterval> frozen) {
  if (slow_spans.empty() && frozen.empty()) return;
  for (const std::int64_t begin : boundaries(slow_spans, frozen)) {
    double factor = 1.0;
    for (const auto& [when, slow] : slow_spans) {
      HEARSAY_CHECK(slow > 0.0);
      if (when.begin <= SimTime{begin} && SimTime{begin} < when.end) factor *= slow;
    }
    // Beyond 2^40 nothing gets on within the range of time.
    const double cost = std::clamp(factor * static_cast<double>(kFullSpeed), 1.0, 0x1.0p60);
    const bool is_frozen = any_within(frozen, {begin}, {begin});
    std::int64_t work_before = 0;
    if (!stretches_.empty()) {
      const Stretch& last = stretches_.back();
      work_before =
          clamped(static_cast<Int128>(last.work_before) + work_in(begin - last.begin, last.cost));
    }
    stretches_.push_back(
        {.begin = begin, .cost = is_frozen ? 0 : std::llround(cost), .work_before = work_before});
  }
}

std::int64_t Pace::work_in(std::int64_t length, std::int64_t cost) {
  return cost == 0 ? 0 : clamped(static_cast<Int128>(length) * kFullSpeed / cost);
}

SimTime Pace::after(std::int64_t begin, std::int64_t work, std::int64_t cost) {
  if (cost == 0) return SimTime::max();
  const Int128 length = (static_cast<Int128>(work) * cost + kFullSpeed - 1) / kFullSpeed;
  return {clamped(begin + length)};
}

SimTime Pace::finish(SimTime start, SimTime work) const {
  HEARSAY_CHECK(start >= SimTime{});
  HEARSAY_CHECK(work >= SimTime{});
  if (stretches_.empty()) return add_saturating(start, work);
  if (work == SimTime{}) return start;
  const auto next = std::ranges::upper_bound(stretches_, start.nanoseconds, {}, &Stretch::begin);
  const Stretch& current = *(next - 1);
  if (next == stretches_.end()) return after(start.nanoseconds, work.nanoseconds, current.cost);
  const std::int64_t part = work_in(next->begin - start.nanoseconds, current.cost);
  if (part >= work.nanoseconds) return after(start.nanoseconds, work.nanoseconds, current.cost);
  const std::int64_t target =
      clamped(static_cast<Int128>(work.nanoseconds) - part + next->work_before);
  // The last stretch before which less than the target was done is the one that does it.
  const auto reached =
      std::ranges::lower_bound(next, stretches_.end(), target, {}, &Stretch::work_before);
  const Stretch& last = *(reached - 1);
  return after(last.begin, target - last.work_before, last.cost);
}

}  // namespace hearsay
