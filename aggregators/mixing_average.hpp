#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"

namespace hearsay {

struct MixingAverageOptions {
  static constexpr std::string_view kKind = "mixing";
  static constexpr std::string_view kSummary = "Average with the mixing matrix's weights.";
  static constexpr std::string_view kReference = "Xiao, Boyd, Systems & Control Letters 53, 2004";

  friend bool operator==(const MixingAverageOptions&, const MixingAverageOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, MixingAverageOptions&) {}

/// Gossip averaging: result = W(i,i) own + sum_j W(i,j) x_j, summed in sender order
/// (own first), one multiplication and one addition per entry and model. If a
/// neighbor's model is missing, its weight goes to own (the weights then still sum
/// to 1). Space: model (translation-equivariant).
/// Xiao, Boyd. Fast linear iterations for distributed averaging. Systems & Control
/// Letters 53:65-78, 2004.
std::unique_ptr<Aggregator> make_aggregator(const MixingAverageOptions& options);

}  // namespace hearsay
