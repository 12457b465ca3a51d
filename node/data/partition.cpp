#include "node/data/partition.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {
namespace {

constexpr int kMostDraws = 1000;

void sort_each(Partition& partition) {
  for (auto& owned : partition) std::ranges::sort(owned);
}

// Sample indices of each class, up to the largest label.
std::vector<std::vector<std::uint32_t>> samples_by_class(std::span<const std::uint8_t> labels) {
  std::vector<std::vector<std::uint32_t>> by_class(
      labels.empty() ? 0U : std::size_t{*std::ranges::max_element(labels)} + 1);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    by_class[labels[i]].push_back(static_cast<std::uint32_t>(i));
  }
  return by_class;
}

// One draw from Dirichlet(alpha * 1) as gamma variates, not yet divided by their sum.
// Below alpha of some 0.001 all of them may underflow to 0; the limit of the
// distribution for alpha -> 0 is then meant: everything to one peer.
void draw_shares(double alpha, Rng& rng, std::vector<double>& shares) {
  for (double& share : shares) share = rng.gamma(alpha);
  if (std::ranges::all_of(shares, [](double share) { return share == 0.0; })) {
    shares[rng.below(shares.size())] = 1.0;
  }
}

// Adds to cuts[1..n] where the samples of one class are cut, so that peer p gets
// [cuts[p], cuts[p + 1]). Rounding the running sum, and not each share, makes the
// counts add up to `samples`.
std::vector<std::uint32_t> cut_points(const std::vector<double>& shares, std::size_t samples) {
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<std::uint32_t> cuts = {0};
  double sum = 0.0;
  for (const double share : shares) {
    sum += share;
    const double cut = std::round(sum / total * static_cast<double>(samples));
    cuts.push_back(static_cast<std::uint32_t>(cut));
  }
  return cuts;
}

using ClassCuts = std::vector<std::vector<std::uint32_t>>;  // Cut points of each class.

// Nothing if some peer would own fewer than min_samples.
std::optional<ClassCuts> draw_cuts(const DirichletPartitionOptions& options,
                                   const std::vector<std::vector<std::uint32_t>>& by_class,
                                   std::size_t num_peers, Rng rng) {
  ClassCuts cuts;
  std::vector<std::uint32_t> owned(num_peers, 0);
  std::vector<double> shares(num_peers);
  for (const auto& samples : by_class) {
    draw_shares(options.alpha, rng, shares);
    cuts.push_back(cut_points(shares, samples.size()));
    for (std::size_t p = 0; p < num_peers; ++p) owned[p] += cuts.back()[p + 1] - cuts.back()[p];
  }
  const auto least = static_cast<std::uint32_t>(options.min_samples);
  if (*std::ranges::min_element(owned) < least) return std::nullopt;
  return cuts;
}

Partition deal(const ClassCuts& cuts, std::vector<std::vector<std::uint32_t>> by_class,
               std::size_t num_peers, const Rng& rng) {
  Partition partition(num_peers);
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    auto& samples = by_class[c];
    rng.split("dirichlet deal", c).shuffle(std::span(samples));
    for (std::size_t p = 0; p < num_peers; ++p) {
      partition[p].insert(partition[p].end(), samples.begin() + cuts[c][p],
                          samples.begin() + cuts[c][p + 1]);
    }
  }
  sort_each(partition);
  return partition;
}

}  // namespace

Partition make_partition(const IidPartitionOptions&, std::span<const std::uint8_t> labels,
                         int num_peers, Rng rng) {
  HEARSAY_CHECK(num_peers >= 1);
  const auto peers = static_cast<std::size_t>(num_peers);
  if (peers > labels.size()) {
    throw UserError("data.partition: " + std::to_string(num_peers) + " peers cannot share " +
                    std::to_string(labels.size()) + " samples: at most " +
                    std::to_string(labels.size()) + " peers can hold data");
  }
  std::vector<std::uint32_t> samples(labels.size());
  std::iota(samples.begin(), samples.end(), 0U);
  rng.split("iid").shuffle(std::span(samples));
  Partition partition(peers);
  for (std::size_t i = 0; i < samples.size(); ++i) partition[i % peers].push_back(samples[i]);
  sort_each(partition);
  return partition;
}

Partition make_partition(const DirichletPartitionOptions& options,
                         std::span<const std::uint8_t> labels, int num_peers, Rng rng) {
  HEARSAY_CHECK(num_peers >= 1);
  HEARSAY_CHECK(options.alpha > 0.0);
  HEARSAY_CHECK(options.min_samples >= 1);
  const auto peers = static_cast<std::size_t>(num_peers);
  const std::size_t most = labels.size() / peers;
  if (static_cast<std::size_t>(options.min_samples) > most) {
    throw UserError("data.partition.min_samples: " + std::to_string(options.min_samples) +
                    " for each of " + std::to_string(num_peers) + " peers exceeds the " +
                    std::to_string(labels.size()) + " samples: at most " + std::to_string(most));
  }
  auto by_class = samples_by_class(labels);
  for (int attempt = 0; attempt < kMostDraws; ++attempt) {
    const Rng stream = rng.split("dirichlet", static_cast<std::uint64_t>(attempt));
    const auto cuts = draw_cuts(options, by_class, peers, stream);
    if (cuts.has_value()) return deal(*cuts, std::move(by_class), peers, rng);
  }
  throw UserError("data.partition: none of " + std::to_string(kMostDraws) + " draws with alpha " +
                  std::to_string(options.alpha) + " gave each of " + std::to_string(num_peers) +
                  " peers min_samples = " + std::to_string(options.min_samples) +
                  "; raise alpha or lower min_samples");
}

Partition make_partition(const PartitionOptions& options, std::span<const std::uint8_t> labels,
                         int num_peers, std::span<const PeerId> holders, Rng rng) {
  HEARSAY_CHECK(!holders.empty());
  HEARSAY_CHECK(std::ranges::adjacent_find(holders, std::ranges::greater_equal{}) == holders.end());
  HEARSAY_CHECK(holders.front() >= 0);
  HEARSAY_CHECK(holders.back() < num_peers);
  const auto count = static_cast<int>(holders.size());
  Partition shares = std::visit(
      [&](const auto& chosen) { return make_partition(chosen, labels, count, rng); }, options);
  Partition partition(static_cast<std::size_t>(num_peers));
  for (std::size_t k = 0; k < holders.size(); ++k) {
    partition[static_cast<std::size_t>(holders[k])] = std::move(shares[k]);
  }
  return partition;
}

HeldOut hold_out(Partition partition, Fraction share, Rng rng) {
  HEARSAY_CHECK(share.value >= 0.0);
  HEARSAY_CHECK(share.value <= 1.0);
  // 0.29 * 100 is 28.999999999999996 in binary; 29 is meant.
  constexpr double kRounding = 1e-9;
  HeldOut result{.train = std::move(partition), .validation = {}};
  result.validation.resize(result.train.size());
  for (std::size_t p = 0; p < result.train.size(); ++p) {
    auto& owned = result.train[p];
    const double exact = share.value * static_cast<double>(owned.size());
    const auto count = static_cast<std::ptrdiff_t>(std::floor(exact + kRounding));
    rng.split("hold_out", p).shuffle(std::span(owned));
    result.validation[p].assign(owned.begin(), owned.begin() + count);
    owned.erase(owned.begin(), owned.begin() + count);
  }
  sort_each(result.train);
  sort_each(result.validation);
  return result;
}

}  // namespace hearsay
