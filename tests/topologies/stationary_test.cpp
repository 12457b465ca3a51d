#include "topologies/stationary.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

TEST(StationaryVector, IsUniformForDoublyStochasticMatrices) {
  const Graph graph = make_chosen(StarOptions{}, 9, Rng(1));
  for (const double share : stationary_vector(MixingMatrix::metropolis_hastings(graph))) {
    EXPECT_NEAR(share, 1.0 / 9.0, 1e-12);
  }
  EXPECT_NEAR(initial_gain(MixingMatrix::metropolis_hastings(graph)), 3.0, 1e-9);
}

TEST(StationaryVector, GoesByDegreeForUniformWeights) {
  // W(i,j) = 1 / (1 + deg i) is a walk on the graph with loops: pi_i ~ 1 + deg i. A star of 5:
  // 5 for the hub, 2 for each of 4 others, 13 in all.
  const Graph graph = make_chosen(StarOptions{}, 5, Rng(1));
  const MixingMatrix mixing = MixingMatrix::uniform(graph);
  const std::vector<double> pi = stationary_vector(mixing);
  double sum = 0.0;
  for (PeerId peer = 0; peer < 5; ++peer) {
    const double share = pi[static_cast<std::size_t>(peer)];
    EXPECT_NEAR(share, (1.0 + graph.degree(peer)) / 13.0, 1e-10);
    sum += share;
  }
  EXPECT_NEAR(sum, 1.0, 1e-10);
  EXPECT_NEAR(initial_gain(mixing), 13.0 / std::sqrt(25.0 + 4 * 4.0), 1e-8);
}

}  // namespace
}  // namespace hearsay
