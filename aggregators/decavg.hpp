#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"

namespace hearsay {

struct DecavgOptions {
  static constexpr std::string_view kKind = "decavg";
  static constexpr std::string_view kSummary = "Average weighted by the numbers of samples.";
  static constexpr std::string_view kReference = "Palmieri et al., arXiv:2310.02986, 2023";

  friend bool operator==(const DecavgOptions&, const DecavgOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, DecavgOptions&) {}

/// DecAvg: with |D_j| the training samples of peer j,
///   result = sum_j |D_j| / (sum_k |D_k|) x_j,
/// j and k over the peer itself and everybody it heard; the mixing matrix is not used.
/// Summed own first, then in sender order, in float32 with weights rounded from double.
/// Returns `own` if all these counts are 0.
///
/// A peer without samples weighs nothing: it takes over its neighbors' average, but they
/// ignore its model, so that nothing travels through it. Space: model
/// (translation-equivariant).
///
/// With edge weights of 1, as in Palmieri, Boldrini, Valerio, Passarella, Conti. Exploring
/// the impact of disrupted peer-to-peer communications on fully decentralized learning in
/// disaster scenarios. arXiv:2310.02986, 2023.
std::unique_ptr<Aggregator> make_aggregator(const DecavgOptions& options);

}  // namespace hearsay
