#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"
#include "node/world/compute_options.hpp"
#include "node/world/straggler_options.hpp"

namespace hearsay {

/// What computing costs each peer in virtual time. A pure function of its arguments:
/// every random number comes from a stream of its own for (purpose, peer, nth), so that
/// neither the order of calls nor other peers matter, and there is nothing to checkpoint.
/// May be called from several threads at once, for different peers: calls for one peer
/// come from one thread at a time (models may remember where they were).
///
/// Times are never negative and at most kLongestTask, whatever the options.
class ComputeModel {
 public:
  /// A quarter of SimTime's range, 73 years: added to the time of any run, still a time.
  static constexpr SimTime kLongestTask{SimTime::max().nanoseconds / 4};

  virtual ~ComputeModel() = default;

  /// Of `steps` local steps; 0 for none. `nth` counts the peer's trainings from 0.
  /// REQUIRES: 0 <= peer < num_peers, steps >= 0.
  virtual SimTime training_time(PeerId peer, int steps, std::uint64_t nth) const = 0;

  /// `nth` counts the peer's aggregations from 0. REQUIRES: 0 <= peer < num_peers.
  virtual SimTime aggregation_time(PeerId peer, std::uint64_t nth) const = 0;
};

/// Every compute model there is; the first is the default. To add one, add its options
/// here, and a make_slowdown (slowdown.hpp) if it is step_time times a factor.
using ComputeOptions =
    std::variant<FixedComputeOptions, LognormalComputeOptions, HomoComputeOptions,
                 NormalComputeOptions, ExponentialComputeOptions, ClassesComputeOptions,
                 ParetoComputeOptions, GilbertElliottComputeOptions, TraceComputeOptions,
                 MeasuredComputeOptions>;

/// Why there is no such model for this many peers: a message without a place, such as
/// "3 shares but 2 factors, give one factor per share"; nothing if there is one. Does not
/// open the file of a trace.
std::optional<std::string> infeasible(const ComputeOptions& options, int num_peers);

/// Builds the chosen model. `measured_step_time` is for kind `measured` alone, and must
/// be positive there: see measure_step_time (node/learning/step_timing.hpp).
/// @throws UserError if infeasible, or for a trace file that is wrong.
std::unique_ptr<ComputeModel> make_compute(const ComputeOptions& options, int num_peers,
                                           const Rng& rng, SimTime measured_step_time = {});

}  // namespace hearsay
