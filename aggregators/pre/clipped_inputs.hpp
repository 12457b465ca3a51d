#pragma once

#include <span>
#include <vector>

#include "aggregators/pre/pre_aggregator.hpp"

namespace hearsay {

/// Each input in its own place, clipped to this norm: x_i min(1, largest / norms_i).
std::vector<Mixture> clipped_inputs(std::span<const double> norms, double largest);

}  // namespace hearsay
