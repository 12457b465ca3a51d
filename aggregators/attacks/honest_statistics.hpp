#pragma once

#include <span>

#include "aggregators/attacks/attack.hpp"

namespace hearsay {

/// Entry-wise mean of what the attacker knows of honest peers, summed in their order in
/// float32. REQUIRES: mean has their size.
void honest_mean(const AttackInput& input, std::span<float> mean);

/// Entry-wise sample standard deviation (divided by n - 1) around `mean`; 0 if only one honest
/// peer is known. REQUIRES: mean and deviation have their size.
void honest_deviation(const AttackInput& input, std::span<const float> mean,
                      std::span<float> deviation);

}  // namespace hearsay
