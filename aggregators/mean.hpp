#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"

namespace hearsay {

struct MeanOptions {
  static constexpr std::string_view kKind = "mean";
  static constexpr std::string_view kSummary = "Plain mean, the own model included.";

  friend bool operator==(const MeanOptions&, const MeanOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, MeanOptions&) {}

/// result = (1/n) sum_j x_j over the peer itself and everybody it heard; neither the mixing
/// matrix nor numbers of samples are used. Summed own first, then in sender order, in float32
/// with the weight rounded from double. Keeps no mean over the peers unless all have equally
/// many neighbors. Space: model (translation-equivariant).
std::unique_ptr<Aggregator> make_aggregator(const MeanOptions& options);

}  // namespace hearsay
