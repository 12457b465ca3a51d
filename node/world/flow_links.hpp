#pragma once

#include <cstdint>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/time.hpp"
#include "node/world/fair_shares.hpp"

namespace hearsay {

/// Flows that cross links at max-min fair rates (fair_shares.hpp) until they have
/// transmitted their bytes. A flow's end is rounded up to a whole nanosecond (what is
/// less than 1e-3 ns above one is taken for a rounding error); until then it keeps its
/// share.
///
/// Each link has a clock that runs at its level, in bytes per weight: the flows it is the
/// bottleneck of end when that clock shows what they have left per weight. A change of a
/// level so costs the same for any number of flows.
class FlowLinks {
 public:
  using Path = FairShares::Path;

  /// REQUIRES: capacities in bytes per second, finite, above 0.
  explicit FlowLinks(const std::vector<double>& capacities);

  std::int32_t none() const { return shares_.none(); }

  // Times below never decrease from call to call, and do not pass an end that finish()
  // has not taken.

  /// REQUIRES: as FairShares::add; bytes above 0.
  void start(std::int32_t flow, double bytes, double weight, const Path& path, SimTime now);

  /// When the first flow ends; SimTime::max() if that is never. Settles the shares.
  SimTime next_end();

  /// Removes the flows that end at `now`, the last result of next_end(), and appends
  /// them, in no particular order.
  void finish(SimTime now, std::vector<std::int32_t>& flows);

  /// The longest time that any link had flows, up to the last start or end.
  SimTime busiest() const;

  void persist(Archive& archive);

 private:
  struct Flow {
    std::int32_t bottleneck = -1;  ///< -1: not known yet.
    double weight = 0.0;
    double end = 0.0;  ///< What the bottleneck's clock shows then; with none, what is left.
    Path path{};

    void persist(Archive& archive) { archive(bottleneck, weight, end, path); }
  };

  struct Link {
    double level = 0.0;
    double clock = 0.0;
    SimTime at{};  ///< When the clock showed `clock`.
    std::int32_t flows = 0;
    SimTime busy{};   ///< Up to `since`.
    SimTime since{};  ///< Since when it has flows.

    void persist(Archive& archive) { archive(level, clock, at, flows, busy, since); }
  };

  Flow& flow(std::int32_t number) { return flows_[static_cast<std::size_t>(number)]; }
  Link& link(std::int32_t number) { return links_[static_cast<std::size_t>(number)]; }

  void settle();
  void wind(Link& link);
  void assign(std::int32_t number);
  void reschedule(std::int32_t number);
  void schedule(std::int32_t number, SimTime time);
  std::int32_t first_link() const;
  SimTime end_time(const Link& link, double end) const;

  FairShares shares_;
  std::vector<Flow> flows_;  ///< By number.
  std::vector<Link> links_;
  std::vector<SimTime> schedule_;  ///< When links next end a flow: a tournament. The times of
                                   ///< the links lie behind; in front of each two the earlier.
  SimTime now_{};                  ///< Of the last start or end.
  bool is_settled_ = true;
  std::vector<std::int32_t> unscheduled_;  ///< Scratch of settle().
};

}  // namespace hearsay
