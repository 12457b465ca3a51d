#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct MeamedOptions {
  static constexpr std::string_view kKind = "meamed";
  static constexpr std::string_view kSummary =
      "Mean of the n - f values of each coordinate that are nearest to its median.";
  static constexpr std::string_view kReference = "Xie, Koyejo, Gupta, arXiv:1802.10116, 2018";

  /// Which of equally near values count: those of the lowest peer ids, or as in ByzFL those
  /// that NumPy's selection puts first (numpy_partition.hpp).
  enum class Ties { kLowestPeer, kByzfl };

  int f = 1;  ///< Values left out per coordinate.
  Ties ties = Ties::kLowestPeer;

  friend bool operator==(const MeamedOptions&, const MeamedOptions&) = default;
};

constexpr auto enum_names(MeamedOptions::Ties) {
  using Ties = MeamedOptions::Ties;
  return std::array{EnumName<Ties>{Ties::kLowestPeer, "lowest_peer"},
                    EnumName<Ties>{Ties::kByzfl, "byzfl"}};
}

template <class Visitor>
void describe(Visitor& visit, MeamedOptions& options) {
  visit("f", options.f, at_least(0), "values left out per coordinate; needs n >= 2f + 1 inputs");
  visit("ties", options.ties, "of equally near values: lowest_peer, or byzfl = as NumPy selects");
}

/// Mean around the median: per coordinate the mean of the n - f values nearest to the median
/// (the mean of both middle ones for even n); of equally near ones as `ties` says.
/// Infeasible unless n >= 2f + 1. Mixing weights are not used. Space: model
/// (translation-equivariant).
/// Xie, Koyejo, Gupta. Generalized Byzantine-tolerant SGD. arXiv:1802.10116, 2018.
std::unique_ptr<Aggregator> make_aggregator(const MeamedOptions& options);

}  // namespace hearsay
