#pragma once

#include <cstdint>

#include "scenarios/scenario.hpp"

namespace hearsay {

/// A short scenario that can be run: 3 to 12 peers and 2 to 8 rounds, in a world where
/// much goes wrong, or nothing. Everything is drawn from `seed`. Left out are SimGrid,
/// whose engine starts slowly, and steps as long as on this machine.
Scenario random_world(std::uint64_t seed);

/// Whether every model must stay between the least and the greatest initial one, parameter
/// by parameter: training does not change models, and aggregation averages them. If all
/// start from one model it must stay as it is.
bool keeps_span(const Scenario& scenario);

/// Whether each round must keep the mean of all models: training does not change them,
/// weights are doubly stochastic, and every peer combines the models of its own round (in
/// shared networks a model that is sent again may be overtaken by that of the next round).
bool keeps_mean(const Scenario& scenario);

/// Whether some peers are down at some time.
bool takes_peers_away(const Scenario& scenario);

/// Whether messages between peers that are up can be lost or altered.
bool loses_messages(const Scenario& scenario);

}  // namespace hearsay
