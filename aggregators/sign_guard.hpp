#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct SignGuardOptions {
  static constexpr std::string_view kKind = "sign_guard";
  static constexpr std::string_view kSummary = "Mean of clipped inputs with usual norms and signs.";
  static constexpr std::string_view kReference = "Xu, Huang, Song, Lan, ICDCS 2022";
  static constexpr Space kSpace = Space::kUpdate;

  double low = 0.1;   ///< L: smallest norm accepted, over the median norm.
  double high = 3.0;  ///< R: largest norm accepted, over the median norm.

  friend bool operator==(const SignGuardOptions&, const SignGuardOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, SignGuardOptions& options) {
  visit("low", options.low, at_least(0), "smallest norm accepted, over the median norm");
  visit("high", options.high, at_least(1), "largest norm accepted, over the median norm");
}

/// SignGuard with two clusters. With M the median norm: S_1 = {i: L M <= ||x_i|| <= R M}. Every
/// input has three features, the shares of its coordinates that are positive, negative and zero;
/// 2-means (from the two inputs farthest apart, the first such pair; Lloyd's iteration until
/// nothing changes, 100 times at most) splits the inputs, S_2 is the larger cluster, of equals
/// that of the own input. The result is the mean over S_1 and S_2 of x_i min(1, M / ||x_i||); the
/// own vector if nobody is in both. Norms are tested before clipping, features taken from all
/// coordinates; where all features are equal all are in S_2. Mixing weights are not used.
/// Space: update.
/// Xu, Huang, Song, Lan. Byzantine-robust federated learning through collaborative malicious
/// gradient filtering. ICDCS 2022; two clusters as its variant SignGuard with k-means.
std::unique_ptr<Aggregator> make_aggregator(const SignGuardOptions& options);

}  // namespace hearsay
