#pragma once

#include <cstdint>
#include <vector>

#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"

namespace hearsay {

/// Which training samples each peer owns: partition[peer] lists sample indices, in
/// increasing order. Every index of the data set appears exactly once overall.
using Partition = std::vector<std::vector<std::uint32_t>>;

/// A partition cut in two: what each peer trains on and what it only evaluates on.
struct HeldOut {
  Partition train;
  Partition validation;  ///< floor(share * owned) samples of each peer, none of no sample.
};

/// Moves a share of every peer's samples, drawn at random, out of its training set.
/// The product is taken to within 1e-9, so that 29% of 100 samples are 29.
/// REQUIRES: 0 <= share <= 1.
HeldOut hold_out(Partition partition, Fraction share, Rng rng);

}  // namespace hearsay
