#pragma once

#include <cstddef>

#include "node/net/batch.hpp"

namespace hearsay::fuzz {

/// The deployment that the parcels of the corpus belong to: peer 0 lives in process 0, which
/// receives, peers 1 and 2 in process 1, which sends, peer 3 in process 2.
inline constexpr RunIdentity kIdentity{.run = 7, .scenario_digest = 11};
inline constexpr std::size_t kProcesses = 3;
inline constexpr int kSelf = 0;
inline constexpr int kSender = 1;

}  // namespace hearsay::fuzz
