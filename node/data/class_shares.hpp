#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "node/base/rng.hpp"
#include "node/data/partition.hpp"

namespace hearsay {

/// How the samples of each class are shared out: shares[c][p] >= 0 is peer p's part of class
/// c, in any unit. Some share of every class is positive.
using ClassShares = std::vector<std::vector<double>>;

/// Samples of each class 0 .. largest label.
std::vector<std::size_t> class_sizes(std::span<const std::uint8_t> labels);

/// One draw from Dirichlet(alpha_1, ..., alpha_n), n = draw.size(), as gamma variates not
/// divided by their sum. Below alphas of some 0.001 all of them may underflow to 0; the limit
/// for alpha -> 0 is then meant: everything to one.
void draw_dirichlet(std::span<const double> alpha, Rng& rng, std::span<double> draw);

/// How shares are drawn until they suit, and what to say if they never do.
struct ShareDraws {
  std::string_view name;  ///< Of the kind; names its random streams.
  int num_peers = 1;
  int min_samples = 0;  ///< Least samples of every peer.

  /// One draw; nothing if it breaks a rule of its own.
  std::function<std::optional<ClassShares>(Rng)> draw;
};

/// Deals the samples of each class by the first of at most 1,000 draws that suits. A class of
/// m samples is cut at the running sums of the shares, times m, rounded: the counts add up
/// to m.
/// @throws UserError if min_samples * num_peers exceeds the samples, or no draw suits.
Partition deal_by_class(std::span<const std::uint8_t> labels, const ShareDraws& draws,
                        const Rng& rng);

}  // namespace hearsay
