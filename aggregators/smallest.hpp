#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hearsay {

/// The indices of the `count` smallest keys, the smallest first; of equal keys the lower index.
/// REQUIRES: count <= keys.size().
std::vector<std::size_t> smallest(std::span<const double> keys, std::size_t count);

}  // namespace hearsay
