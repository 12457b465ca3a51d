#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "node/data/partition.hpp"

namespace hearsay {

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
void describe(Visitor& visit, DirichletPartitionOptions& options) {
  visit("alpha", options.alpha, Range{.low = 0, .high = 1e6, .low_open = true},
        "concentration; small = few classes per peer");
  visit("min_samples", options.min_samples, at_least(1), "least samples of any peer");
}

/// Label-skewed split: for each class, the shares of the peers are drawn from
/// Dirichlet(alpha * 1); the whole draw is repeated until every peer owns at least
/// min_samples samples (class_shares.hpp).
/// @throws UserError as deal_by_class().
/// Hsu, Qi, Brown. Measuring the Effects of Non-Identical Data Distribution for
/// Federated Visual Classification. arXiv:1909.06335, 2019.
Partition make_partition(const DirichletPartitionOptions& options,
                         std::span<const std::uint8_t> labels, int num_peers, const Rng& rng);

}  // namespace hearsay
