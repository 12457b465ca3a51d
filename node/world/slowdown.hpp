#pragma once

#include <cstdint>
#include <memory>

#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"
#include "node/world/compute_model.hpp"

namespace hearsay {

/// By what a compute model multiplies step_time and aggregation_time. Factors are at
/// least 0 and finite. As pure, and as safe between threads, as ComputeModel.
class Slowdown {
 public:
  virtual ~Slowdown() = default;

  virtual double of_training(PeerId peer, std::uint64_t nth) const = 0;
  virtual double of_aggregation(PeerId peer, std::uint64_t nth) const = 0;
};

/// One for each compute model with a step_time. REQUIRES: feasible options.
std::unique_ptr<Slowdown> make_slowdown(const FixedComputeOptions& options, int num_peers,
                                        const Rng& rng);
std::unique_ptr<Slowdown> make_slowdown(const LognormalComputeOptions& options, int num_peers,
                                        const Rng& rng);
std::unique_ptr<Slowdown> make_slowdown(const HomoComputeOptions& options, int num_peers,
                                        const Rng& rng);
std::unique_ptr<Slowdown> make_slowdown(const NormalComputeOptions& options, int num_peers,
                                        const Rng& rng);
std::unique_ptr<Slowdown> make_slowdown(const ExponentialComputeOptions& options, int num_peers,
                                        const Rng& rng);
std::unique_ptr<Slowdown> make_slowdown(const ClassesComputeOptions& options, int num_peers,
                                        const Rng& rng);
std::unique_ptr<Slowdown> make_slowdown(const ParetoComputeOptions& options, int num_peers,
                                        const Rng& rng);
std::unique_ptr<Slowdown> make_slowdown(const GilbertElliottComputeOptions& options, int num_peers,
                                        const Rng& rng);

/// `count` times `time` times `factor`, to the nearest nanosecond, at most
/// ComputeModel::kLongestTask. REQUIRES: none is negative.
SimTime stretched(SimTime time, std::int64_t count, double factor);

/// @throws UserError if the file is not as TraceComputeOptions says.
std::unique_ptr<ComputeModel> make_trace_compute(const TraceComputeOptions& options, int num_peers);

}  // namespace hearsay
