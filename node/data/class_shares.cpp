#include "node/data/class_shares.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {
namespace {

constexpr int kMostDraws = 1000;

// Sample indices of each class, up to the largest label.
std::vector<std::vector<std::uint32_t>> samples_by_class(std::span<const std::uint8_t> labels) {
  std::vector<std::vector<std::uint32_t>> by_class(
      labels.empty() ? 0U : std::size_t{*std::ranges::max_element(labels)} + 1);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    by_class[labels[i]].push_back(static_cast<std::uint32_t>(i));
  }
  return by_class;
}

// Where the samples of one class are cut, so that peer p gets [cuts[p], cuts[p + 1]).
// Rounding the running sum, and not each share, makes the counts add up to `samples`.
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

// Nothing if some peer would own fewer than the least.
std::optional<ClassCuts> draw_cuts(const ShareDraws& draws,
                                   const std::vector<std::vector<std::uint32_t>>& by_class,
                                   const Rng& rng) {
  const std::optional<ClassShares> shares = draws.draw(rng);
  if (!shares) return std::nullopt;
  HEARSAY_CHECK(shares->size() == by_class.size());
  ClassCuts cuts;
  std::vector<std::uint32_t> owned(static_cast<std::size_t>(draws.num_peers), 0);
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    cuts.push_back(cut_points((*shares)[c], by_class[c].size()));
    for (std::size_t p = 0; p < owned.size(); ++p) {
      owned[p] += cuts.back()[p + 1] - cuts.back()[p];
    }
  }
  const auto least = static_cast<std::uint32_t>(draws.min_samples);
  if (*std::ranges::min_element(owned) < least) return std::nullopt;
  return cuts;
}

Partition deal(const ClassCuts& cuts, std::vector<std::vector<std::uint32_t>> by_class,
               const ShareDraws& draws, const Rng& rng) {
  Partition partition(static_cast<std::size_t>(draws.num_peers));
  const std::string purpose = std::string(draws.name) + " deal";
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    auto& samples = by_class[c];
    rng.split(purpose, c).shuffle(std::span(samples));
    for (std::size_t p = 0; p < partition.size(); ++p) {
      partition[p].insert(partition[p].end(), samples.begin() + cuts[c][p],
                          samples.begin() + cuts[c][p + 1]);
    }
  }
  for (auto& owned : partition) std::ranges::sort(owned);
  return partition;
}

}  // namespace

std::vector<std::size_t> class_sizes(std::span<const std::uint8_t> labels) {
  std::vector<std::size_t> sizes;
  for (const auto& samples : samples_by_class(labels)) sizes.push_back(samples.size());
  return sizes;
}

void draw_dirichlet(std::span<const double> alpha, Rng& rng, std::span<double> draw) {
  HEARSAY_CHECK(alpha.size() == draw.size());
  for (std::size_t i = 0; i < draw.size(); ++i) draw[i] = rng.gamma(alpha[i]);
  if (std::ranges::all_of(draw, [](double value) { return value == 0.0; })) {
    draw[rng.below(draw.size())] = 1.0;
  }
}

Partition deal_by_class(std::span<const std::uint8_t> labels, const ShareDraws& draws,
                        const Rng& rng) {
  HEARSAY_CHECK(draws.num_peers >= 1);
  const std::size_t most = labels.size() / static_cast<std::size_t>(draws.num_peers);
  if (static_cast<std::size_t>(draws.min_samples) > most) {
    throw UserError("data.partition.min_samples: " + std::to_string(draws.min_samples) +
                    " for each of " + std::to_string(draws.num_peers) + " peers exceeds the " +
                    std::to_string(labels.size()) + " samples: at most " + std::to_string(most));
  }
  auto by_class = samples_by_class(labels);
  for (int attempt = 0; attempt < kMostDraws; ++attempt) {
    const Rng stream = rng.split(draws.name, static_cast<std::uint64_t>(attempt));
    const auto cuts = draw_cuts(draws, by_class, stream);
    if (cuts) return deal(*cuts, std::move(by_class), draws, rng);
  }
  throw UserError("data.partition: none of " + std::to_string(kMostDraws) + " draws of " +
                  std::string(draws.name) + " gave each of " + std::to_string(draws.num_peers) +
                  " peers min_samples = " + std::to_string(draws.min_samples) +
                  " and each class an owner; ask for less skew or fewer samples");
}

}  // namespace hearsay
