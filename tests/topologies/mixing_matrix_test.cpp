#include "topologies/mixing_matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "topologies/mixing_rules.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

// 0 - 1 - 2 - 3 and 1 - 3: degrees 1, 3, 2, 2.
Graph kite() { return {4, std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {1, 3}}}; }

Graph made(const TopologyOptions& options, int num_peers) {
  return make_chosen(options, num_peers, Rng(1));
}

TEST(MixingMatrix, WeighsAnEdgeByTheLargerDegreeAfterMetropolisHastings) {
  // Edges of peer 1: 1 / (1 + 3) = 1/4; edge {2, 3}: 1 / (1 + 2) = 1/3.
  // Self: 0: 3/4; 1: 1 - 3/4 = 1/4; 2 and 3: 1 - 1/4 - 1/3 = 5/12.
  const Graph graph = kite();
  Eigen::MatrixXd expected(4, 4);
  expected << 3. / 4, 1. / 4, 0, 0,    //
      1. / 4, 1. / 4, 1. / 4, 1. / 4,  //
      0, 1. / 4, 5. / 12, 1. / 3,      //
      0, 1. / 4, 1. / 3, 5. / 12;
  EXPECT_TRUE(MixingMatrix::metropolis_hastings(graph).dense().isApprox(expected, 1e-15));
}

TEST(MixingMatrix, WeighsByTheOwnDegreeIfUniform) {
  const Graph graph = kite();
  Eigen::MatrixXd expected(4, 4);
  expected << 1. / 2, 1. / 2, 0, 0,    //
      1. / 4, 1. / 4, 1. / 4, 1. / 4,  //
      0, 1. / 3, 1. / 3, 1. / 3,       //
      0, 1. / 3, 1. / 3, 1. / 3;
  const MixingMatrix matrix = MixingMatrix::uniform(graph);
  EXPECT_TRUE(matrix.dense().isApprox(expected, 1e-15));
  EXPECT_FALSE(matrix.is_symmetric(0.1));
  EXPECT_TRUE(matrix.is_symmetric(0.26));
}

TEST(MixingMatrix, SharesWhatTheOwnModelLeavesIfLazy) {
  const Graph graph = kite();
  Eigen::MatrixXd expected(4, 4);
  expected << 2. / 5, 3. / 5, 0, 0,    //
      1. / 5, 2. / 5, 1. / 5, 1. / 5,  //
      0, 3. / 10, 2. / 5, 3. / 10,     //
      0, 3. / 10, 3. / 10, 2. / 5;
  EXPECT_TRUE(MixingMatrix::lazy(graph, 0.4).dense().isApprox(expected, 1e-15));
  EXPECT_FALSE(MixingMatrix::lazy(graph, 0.4).is_doubly_stochastic());
  const Graph regular = made(RandomRegularOptions{.degree = 8}, 50);
  EXPECT_TRUE(MixingMatrix::lazy(regular, 0.5).is_doubly_stochastic());
}

TEST(MixingMatrix, TellsWeightsOneByOneAsInTheDenseCopy) {
  const Graph graph = made(RandomRegularOptions{.degree = 5}, 30);
  for (const MixingMatrix& matrix :
       {MixingMatrix::metropolis_hastings(graph), MixingMatrix::uniform(graph),
        MixingMatrix::lazy(graph, 0.5)}) {
    const Eigen::MatrixXd dense = matrix.dense();
    for (PeerId i = 0; i < 30; ++i) {
      ASSERT_EQ(std::ssize(matrix.neighbor_weights(i)), graph.degree(i));
      for (PeerId j = 0; j < 30; ++j) {
        EXPECT_EQ(matrix.weight(i, j), dense(i, j));
        const bool may_weigh = i == j || std::ranges::count(graph.neighbors(i), j) > 0;
        EXPECT_EQ(dense(i, j) > 0.0, may_weigh);
      }
    }
  }
}

TEST(MixingMatrix, IsDoublyStochasticIfUniformExactlyOnRegularGraphs) {
  const auto uniform_is = [](const TopologyOptions& options, int n) {
    const Graph graph = made(options, n);
    return MixingMatrix::uniform(graph).is_doubly_stochastic();
  };
  EXPECT_TRUE(uniform_is(RingOptions{}, 9));
  EXPECT_TRUE(uniform_is(TorusOptions{}, 12));
  EXPECT_TRUE(uniform_is(RandomRegularOptions{.degree = 3}, 20));
  EXPECT_FALSE(uniform_is(StarOptions{}, 9));
  EXPECT_FALSE(uniform_is(ErdosRenyiOptions{}, 20));
}

TEST(MixingMatrix, GivesALonelyPeerItsOwnModel) {
  const Graph graph(3, std::vector<Edge>{{0, 1}});
  EXPECT_EQ(MixingMatrix::metropolis_hastings(graph).self_weight(2), 1.0);
  EXPECT_EQ(MixingMatrix::uniform(graph).self_weight(2), 1.0);
  EXPECT_EQ(MixingMatrix::lazy(graph, 0.5).self_weight(2), 1.0);
}

TEST(MixingMatrix, KeepsRowSumsAtAHubOfAMillion) {
  // A plain sum of a million equal weights misses 1 by more than the invariant allows.
  constexpr int kPeers = 1'000'000;
  const Graph star = made(StarOptions{}, kPeers);
  const MixingMatrix matrix = MixingMatrix::metropolis_hastings(star);
  EXPECT_NEAR(matrix.self_weight(0), 1.0 / kPeers, 1e-14);
  EXPECT_TRUE(matrix.is_doubly_stochastic());
  EXPECT_EQ(MixingMatrix::uniform(star).self_weight(0), 1.0 / kPeers);
}

TEST(MixingMatrix, ChecksPeerIdsAndSelfWeights) {
  const Graph graph = kite();
  const MixingMatrix matrix = MixingMatrix::uniform(graph);
  EXPECT_DEATH(matrix.weight(0, 4), "check failed");
  EXPECT_DEATH(matrix.weight(4, 4), "check failed");
  EXPECT_DEATH(matrix.weight(-1, 0), "check failed");
  EXPECT_DEATH(MixingMatrix::lazy(graph, 1.1), "check failed");
}

TEST(MixingRules, BuildTheMatrixTheyName) {
  const Graph graph = kite();
  EXPECT_EQ(make_chosen(MixingOptions{}, graph).dense(),
            MixingMatrix::metropolis_hastings(graph).dense());
  EXPECT_EQ(make_chosen(MixingOptions{UniformMixingOptions{}}, graph).dense(),
            MixingMatrix::uniform(graph).dense());
  EXPECT_EQ(make_chosen(MixingOptions{LazyMixingOptions{.self_weight = {0.3}}}, graph).dense(),
            MixingMatrix::lazy(graph, 0.3).dense());
}

}  // namespace
}  // namespace hearsay
