#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"

namespace hearsay {

struct AgeWeightedOptions {
  static constexpr std::string_view kKind = "age_weighted";
  static constexpr std::string_view kSummary = "Average weighted by the rounds behind each model.";
  static constexpr std::string_view kReference =
      "Hegedus, Danner, Jelasity, J. Parallel and Distributed Computing 148, 2021";
  static constexpr Space kSpace = Space::kModel;

  friend bool operator==(const AgeWeightedOptions&, const AgeWeightedOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, AgeWeightedOptions&) {}

/// Age-weighted merge: with the age t_j the round in which model j was sent, and t_i the
/// peer's own round,
///   result = sum_j t_j / (sum_k t_k) x_j,   j and k over the peer itself and all it heard.
/// If all ages are 0, the plain mean. For one received model this is the merge of gossip
/// learning, w <- t_i / (t_i + t_r) w + t_r / (t_i + t_r) w_r. There models arrive and are
/// merged one by one, which depends on their order; here several are merged at once. The
/// mixing matrix is not used. Space: model (translation-equivariant).
///
/// Ages are what senders say: a peer that claims a high round gets all the weight.
///
/// Hegedus, Danner, Jelasity. Decentralized learning works: An empirical comparison of gossip
/// learning and federated learning. Journal of Parallel and Distributed Computing
/// 148:109-124, 2021.
std::unique_ptr<Aggregator> make_aggregator(const AgeWeightedOptions& options);

}  // namespace hearsay
