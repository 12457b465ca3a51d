#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aggregators/bristle.hpp"

namespace hearsay {

/// What Bristle's integrator gives one received head (bristle.hpp).
struct BristleWeights {
  std::vector<double> familiar;  ///< a_jc, one per familiar class.
  double foreign = 0.0;          ///< b_j.
};

/// F1 scores of the classes with samples, in their order.
std::vector<double> familiar_scores(std::span<const ClassScore> scores);

/// certainty_j of F1 scores; `least` is its lower bound. REQUIRES: f1 is not empty.
double bristle_certainty(std::span<const double> f1, int phi, double least);

/// Weights of a head with F1 scores `other` for a peer whose own has `own`, of equal length,
/// not empty; `kept` is the number of models that the prioritizer kept.
BristleWeights bristle_weights(std::span<const double> own, std::span<const double> other,
                               std::size_t kept, const BristleOptions& options);

/// Positions of the models that the prioritizer keeps, ascending, given their distances.
std::vector<std::size_t> bristle_prioritize(std::span<const double> distances,
                                            const BristleOptions& options, Rng rng);

}  // namespace hearsay
