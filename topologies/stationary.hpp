#pragma once

#include <vector>

#include "topologies/mixing_matrix.hpp"

namespace hearsay {

/// The stationary vector pi of gossip averaging: pi^T W = pi^T, pi >= 0, sum_i pi_i = 1. Without
/// training, all models become sum_i pi_i x_i. Where W leaves peers apart, it is that of all
/// starting with the same weight. By power iteration, O(edges) a step, until no entry changes by
/// more than 1e-12, after 100,000 steps at the latest; one step if W is doubly stochastic.
std::vector<double> stationary_vector(const MixingMatrix& mixing);

/// By how much initial weights must be scaled so that mixing independent models ends with the
/// variance that one model should have: 1 / ||pi||_2, the square root of n where W is doubly
/// stochastic.
/// Badie-Modiri, Boldrini, Valerio, Kertesz, Karsai. Initialisation and Network Effects in
/// Decentralised Federated Learning. Applied Network Science, 2025; arXiv:2403.15855. There W
/// is (A + I) with rows normalized, here it is the one that is mixed with.
double initial_gain(const MixingMatrix& mixing);

}  // namespace hearsay
