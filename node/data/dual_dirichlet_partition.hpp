#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "node/data/partition.hpp"

namespace hearsay {

struct DualDirichletPartitionOptions {
  static constexpr std::string_view kKind = "dual_dirichlet";
  static constexpr std::string_view kSummary =
      "Skew in size and labels: peers' sizes and label mixes both ~ Dirichlet.";

  double alpha_sizes = 1.0;
  double alpha_labels = 0.5;
  int min_samples = 10;

  friend bool operator==(const DualDirichletPartitionOptions&,
                         const DualDirichletPartitionOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, DualDirichletPartitionOptions& options) {
  visit("alpha_sizes", options.alpha_sizes, Range{.low = 0, .high = 1e6, .low_open = true},
        "concentration of the peers' sizes, per peer; small = few large peers");
  visit("alpha_labels", options.alpha_labels, Range{.low = 0, .high = 1e6, .low_open = true},
        "concentration of a peer's labels, over all classes; small = few classes per peer");
  visit("min_samples", options.min_samples, at_least(1), "least samples of any peer");
}

/// Peers that differ in size and in labels. For m peers and classes with N_j samples and
/// prior p2_j = N_j / sum_k N_k:
///   u ~ Dirichlet(alpha_sizes * 1)         (alpha1 * p1 with alpha1 = m, p1 = 1 / m at 1)
///   c_i ~ Dirichlet(alpha_labels * p2)     for each peer i
///   count_ij = N_j u_i c_ij / sum_k u_k c_kj, rounded so that class totals are kept.
/// The whole draw is repeated until every peer owns at least min_samples samples.
/// @throws UserError as deal_by_class().
/// Li, He, Chaturvedi, Kordi, Ravikumar, Madduri, Kim. FedCompass: Efficient cross-silo
/// federated learning on heterogeneous client devices using a computing power-aware
/// scheduler. ICLR 2024 (arXiv:2309.14675), appendix D.
Partition make_partition(const DualDirichletPartitionOptions& options,
                         std::span<const std::uint8_t> labels, int num_peers, const Rng& rng);

}  // namespace hearsay
