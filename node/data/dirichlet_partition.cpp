#include "node/data/dirichlet_partition.hpp"

#include <vector>

#include "node/base/check.hpp"
#include "node/data/class_shares.hpp"

namespace hearsay {

Partition make_partition(const DirichletPartitionOptions& options,
                         std::span<const std::uint8_t> labels, int num_peers, const Rng& rng) {
  HEARSAY_CHECK(num_peers >= 1);
  HEARSAY_CHECK(options.alpha > 0.0);
  HEARSAY_CHECK(options.min_samples >= 1);
  const std::vector<double> alpha(static_cast<std::size_t>(num_peers), options.alpha);
  const std::size_t classes = class_sizes(labels).size();
  const auto draw = [&](Rng stream) -> std::optional<ClassShares> {
    ClassShares shares(classes, std::vector<double>(alpha.size()));
    for (auto& of_class : shares) draw_dirichlet(alpha, stream, of_class);
    return shares;
  };
  return deal_by_class(labels,
                       {.name = DirichletPartitionOptions::kKind,
                        .num_peers = num_peers,
                        .min_samples = options.min_samples,
                        .draw = draw},
                       rng);
}

}  // namespace hearsay
