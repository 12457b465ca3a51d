#pragma once

#include <vector>

#include "aggregators/coordinate_kernels.hpp"

namespace hearsay {

/// Euclidean norms of all rows.
std::vector<double> norms_of(Rows rows);

/// The middle value, or the mean of both middle ones. REQUIRES: not empty.
double median_of(std::vector<double> values);

}  // namespace hearsay
