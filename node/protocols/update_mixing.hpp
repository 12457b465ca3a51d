#pragma once

#include <span>
#include <vector>

#include "node/protocols/protocol.hpp"
#include "node/protocols/staleness.hpp"

namespace hearsay {

/// What one local training changed.
struct Update {
  PeerId sender = 0;
  std::int32_t version = 0;  ///< Of the model that was trained.
  ModelBuffer change;        ///< Delta: the model after training minus that before.

  void persist(Archive& archive) { archive(sender, version, change); }
};

/// What updates are added to, and how much they count.
struct UpdateMix {
  ModelBuffer model;  ///< w.
  int version = 0;    ///< v.
  double factor = 1.0;
  bool keep_previous = false;
};

/// The step  w <- w + sum_{i in U} a_i Delta_i,  a_i = factor * s(v - version of i),  as an
/// average of models, so that any rule can do it: every sender's updates are offered as the
/// one model that they would make of w, with its weight,
///   w + sum_{i of j} a_i Delta_i / a_j,   a_j = sum_{i of j} a_i,
/// and w itself with weight 1 - sum_j a_j (which is negative if the a_j exceed 1 in all).
/// Aggregator mixing gives the step exactly; rules that do not look at weights treat all
/// updates alike. REQUIRES: an update; factor > 0; no version above mix.version.
AggregationRequest request_for(std::span<const Update> updates, const UpdateMix& mix,
                               const StalenessOptions& staleness);

}  // namespace hearsay
