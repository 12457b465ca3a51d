#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"

namespace hearsay {

/// Which training samples each peer owns: partition[peer] lists sample indices, in
/// increasing order. Every index of the data set appears exactly once overall.
/// The functions below are deterministic in their arguments.
using Partition = std::vector<std::vector<std::uint32_t>>;

struct IidPartitionOptions {
  static constexpr std::string_view kKind = "iid";
  static constexpr std::string_view kSummary = "Shuffled samples dealt round-robin.";

  friend bool operator==(const IidPartitionOptions&, const IidPartitionOptions&) = default;
};

struct DirichletPartitionOptions {
  static constexpr std::string_view kKind = "dirichlet";
  static constexpr std::string_view kSummary =
      "Label skew: per class, peers' shares ~ Dirichlet(alpha).";

  double alpha = 0.5;
  int min_samples = 10;

  friend bool operator==(const DirichletPartitionOptions&,
                         const DirichletPartitionOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, IidPartitionOptions&) {}

template <class Visitor>
void describe(Visitor& visit, DirichletPartitionOptions& options) {
  visit("alpha", options.alpha, Range{.low = 0, .high = 1e6, .low_open = true},
        "concentration; small = few classes per peer");
  visit("min_samples", options.min_samples, at_least(1), "least samples of any peer");
}

using PartitionOptions = std::variant<IidPartitionOptions, DirichletPartitionOptions>;

/// Deals shuffled samples round-robin; sizes differ by at most one.
/// @throws UserError if there are more peers than samples.
Partition make_partition(const IidPartitionOptions& options, std::span<const std::uint8_t> labels,
                         int num_peers, Rng rng);

/// Label-skewed split: for each class, the shares of the peers are drawn from
/// Dirichlet(alpha * 1); the whole draw is repeated (at most 1,000 times) until every
/// peer owns at least min_samples samples. A class of m samples is cut at the running
/// sums of the shares, times m, rounded: the counts add up to m.
/// @throws UserError if min_samples * num_peers exceeds the samples, or no draw did.
/// Hsu, Qi, Brown. Measuring the Effects of Non-Identical Data Distribution for
/// Federated Visual Classification. arXiv:1909.06335, 2019.
Partition make_partition(const DirichletPartitionOptions& options,
                         std::span<const std::uint8_t> labels, int num_peers, Rng rng);

/// Deals all samples as the chosen kind does, but to `holders` only: holder number k owns
/// what peer k of as many peers would own, the other peers own nothing. With all peers as
/// holders, the same as above. Lower bounds such as min_samples hold for holders.
/// REQUIRES: holders not empty, ascending, each once, all in [0, num_peers).
/// @throws UserError as above.
Partition make_partition(const PartitionOptions& options, std::span<const std::uint8_t> labels,
                         int num_peers, std::span<const PeerId> holders, Rng rng);

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
