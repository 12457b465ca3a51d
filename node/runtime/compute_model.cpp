#include "node/runtime/compute_model.hpp"

#include <cmath>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

SimTime scaled(SimTime time, double factor) {
  return {std::llround(static_cast<double>(time.nanoseconds) * factor)};
}

}  // namespace

ComputeModel::ComputeModel(const ComputeOptions& options, int num_peers, const Rng& rng) {
  std::visit(
      [this](const auto& chosen) {
        step_time_ = chosen.step_time;
        aggregation_time_ = chosen.aggregation_time;
      },
      options);
  if (const auto* const lognormal = std::get_if<LognormalComputeOptions>(&options)) {
    factors_.reserve(static_cast<std::size_t>(num_peers));
    for (int peer = 0; peer < num_peers; ++peer) {
      Rng draw = rng.split("speed", static_cast<std::uint64_t>(peer));
      factors_.push_back(std::exp(lognormal->sigma * draw.normal()));
    }
  }
}

SimTime ComputeModel::training_time(PeerId peer, int steps) const {
  HEARSAY_CHECK(steps >= 0);
  const SimTime time = step_time_ * steps;
  return factors_.empty() ? time : scaled(time, factors_[static_cast<std::size_t>(peer)]);
}

SimTime ComputeModel::aggregation_time(PeerId peer) const {
  return factors_.empty() ? aggregation_time_
                          : scaled(aggregation_time_, factors_[static_cast<std::size_t>(peer)]);
}

}  // namespace hearsay
