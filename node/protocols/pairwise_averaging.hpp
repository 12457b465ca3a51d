#pragma once

#include <memory>
#include <optional>

#include "node/base/time.hpp"
#include "node/protocols/pair_exchange.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

/// The constants of A2CiD2's momentum (a2cid2.hpp).
struct ContinuousMomentum {
  double eta = 0.0;    ///< Of the mixing of x and x~, per unit of time. > 0.
  double alpha = 0.5;  ///< alpha~, the weight of a meeting in x~.
};

/// What AD-PSGD and A2CiD2 have in common and where they differ.
struct PairwiseOptions {
  int rounds = 0;  ///< Trainings; 0: without end.
  SimTime idle;    ///< Pause after a training that took no time. > 0.
  PairExchange::Options exchange;

  /// Averagings that the peer begins per unit of time, a Poisson process; the unit is the
  /// peer's time from one training to the next. None: one is begun with each training.
  std::optional<double> rate;
  std::optional<ContinuousMomentum> momentum;
};

/// A peer that trains without a pause and averages with single neighbors meanwhile: the
/// state machine behind ad_psgd.hpp and a2cid2.hpp, which say what it does.
std::unique_ptr<Protocol> make_pairwise_averaging(const PairwiseOptions& options,
                                                  const PeerView& view);

}  // namespace hearsay
