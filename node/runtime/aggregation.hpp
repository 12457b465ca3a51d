#pragma once

#include <memory>

#include "aggregators/aggregator.hpp"
#include "node/base/archive.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

struct SimulationWorld;

/// What came of one aggregation.
struct AggregationResult {
  ModelBuffer model;
  int round = 0;  ///< Of the request.
  AggregationIncidents incidents;

  /// Models of attackers that an honest peer combined, of those of whose part in the result
  /// the rule told; and, summed over these, the share that it let through: min(1, n part) for
  /// a model with this part in the result of n inputs, the own one included. 1 is what it has
  /// in their plain mean.
  int attacks = 0;
  double influence = 0.0;

  void persist(Archive& archive);
};

/// Tries models on the peer's held-out samples with a learner.
class LearnerOracle final : public ModelOracle {
 public:
  /// The learner outlives it.
  LearnerOracle(Learner& learner, PeerId peer) : learner_(learner), peer_(peer) {}

  double loss(std::span<const float> model) override;
  std::vector<ClassScore> class_scores(std::span<const float> model) override;

 private:
  Learner& learner_;
  PeerId peer_;
};

/// Combines what `request` says for the peer at that time. `state` is the peer's, null if the
/// rule has none; `learner` is not looked at unless the rule needs an oracle.
AggregationResult aggregate(const SimulationWorld& world, PeerId peer, SimTime now,
                            const AggregationRequest& request, AggregatorState* state,
                            Learner* learner);

}  // namespace hearsay
