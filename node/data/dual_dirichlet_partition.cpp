#include "node/data/dual_dirichlet_partition.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "node/base/check.hpp"
#include "node/data/class_shares.hpp"

namespace hearsay {
namespace {

void normalize(std::vector<double>& values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  for (double& value : values) value /= sum;
}

}  // namespace

Partition make_partition(const DualDirichletPartitionOptions& options,
                         std::span<const std::uint8_t> labels, int num_peers, const Rng& rng) {
  HEARSAY_CHECK(num_peers >= 1);
  HEARSAY_CHECK(options.alpha_sizes > 0.0);
  HEARSAY_CHECK(options.alpha_labels > 0.0);
  const auto peers = static_cast<std::size_t>(num_peers);
  const std::vector<double> size_alpha(peers, options.alpha_sizes);
  std::vector<double> label_alpha;
  for (const std::size_t size : class_sizes(labels)) {
    label_alpha.push_back(options.alpha_labels * static_cast<double>(size) /
                          static_cast<double>(labels.size()));
  }
  const auto draw = [&](Rng stream) -> std::optional<ClassShares> {
    std::vector<double> sizes(peers);
    draw_dirichlet(size_alpha, stream, sizes);
    ClassShares shares(label_alpha.size(), std::vector<double>(peers));
    std::vector<double> mix(label_alpha.size());
    for (std::size_t p = 0; p < peers; ++p) {
      draw_dirichlet(label_alpha, stream, mix);
      normalize(mix);
      for (std::size_t c = 0; c < mix.size(); ++c) shares[c][p] = sizes[p] * mix[c];
    }
    const bool all_owned = std::ranges::all_of(shares, [](const auto& of_class) {
      return std::ranges::any_of(of_class, [](double share) { return share > 0.0; });
    });
    if (!all_owned) return std::nullopt;
    return shares;
  };
  return deal_by_class(labels,
                       {.name = DualDirichletPartitionOptions::kKind,
                        .num_peers = num_peers,
                        .min_samples = options.min_samples,
                        .draw = draw},
                       rng);
}

}  // namespace hearsay
