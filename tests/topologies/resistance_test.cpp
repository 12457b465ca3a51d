#include "topologies/resistance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "topologies/gossip_rates.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

Graph path_of(int n) {
  std::vector<Edge> edges;
  for (PeerId i = 0; i + 1 < n; ++i) edges.emplace_back(i, i + 1);
  return {n, edges};
}

Graph grid_of(int side) {
  std::vector<Edge> edges;
  for (PeerId i = 0; i < side * side; ++i) {
    if ((i + 1) % side != 0) edges.emplace_back(i, i + 1);
    if (i + side < side * side) edges.emplace_back(i, i + side);
  }
  return {side * side, edges};
}

// Two cliques of `half` peers, joined by one edge.
Graph barbell_of(int half) {
  std::vector<Edge> edges{{half - 1, half}};
  for (PeerId i = 0; i < half; ++i) {
    for (PeerId j = i + 1; j < half; ++j) {
      edges.emplace_back(i, j);
      edges.emplace_back(half + i, half + j);
    }
  }
  return {2 * half, edges};
}

Graph ring_of(int n) { return make_chosen(RingOptions{}, n, Rng(1)); }
Graph star_of(int n) { return make_chosen(StarOptions{}, n, Rng(1)); }
Graph complete_of(int n) { return make_chosen(CompleteOptions{}, n, Rng(1)); }

struct Golden {
  Graph graph;
  double chi1;
  double chi2;
  double rate;
};

// Total rate 1. Closed forms: ring, lambda_2 = (2 - 2 cos(2 pi / n)) / n, r = n (n - 1) / n;
// star, lambda_2 = 1 / (n - 1); complete, lambda_2 = 2 / (n - 1); path, 2 - 2 cos(pi / n) over
// n - 1. In a tree r = (n - 1) on every edge.
TEST(Resistance, GivesTheConstantsOfKnownGraphs) {
  const std::vector<Golden> cases{
      {ring_of(16), 105.0966, 7.5, 39.7045},  {star_of(16), 15, 7.5, 15},
      {complete_of(16), 7.5, 7.5, 10.6066},   {path_of(16), 390.3258, 7.5, 76.5172},
      {grid_of(4), 40.9706, 8.4107, 26.2523}, {ring_of(10), 26.1803, 4.5, 15.3500},
      {star_of(300), 299, 149.5, 299}};
  for (const Golden& golden : cases) {
    const GossipConstants found = gossip_constants(EdgeRates::uniform(golden.graph, 1.0));
    EXPECT_NEAR(found.chi1, golden.chi1, 1e-4);
    EXPECT_NEAR(found.chi2, golden.chi2, 1e-4);
    EXPECT_NEAR(sufficient_rate(found), golden.rate, 1e-4);
    EXPECT_LE(found.chi2, found.chi1 * (1 + 1e-12));
  }
  const double lambda2 = (2.0 - 2.0 * std::cos(2.0 * std::numbers::pi / 31)) / 31;
  EXPECT_NEAR(gossip_constants(EdgeRates::uniform(ring_of(31), 1.0)).chi1, 1.0 / lambda2, 1e-9);
}

TEST(Resistance, ScalesAsTheInverseOfTheRate) {
  const Graph graph = grid_of(3);
  const EdgeRates rates = EdgeRates::by_degree(graph, 1.0);
  const GossipConstants once = gossip_constants(rates);
  const GossipConstants thrice = gossip_constants(rates.scaled(3.0));
  EXPECT_NEAR(thrice.chi1, once.chi1 / 3.0, 1e-12);
  EXPECT_NEAR(thrice.chi2, once.chi2 / 3.0, 1e-12);
}

TEST(Resistance, WeighedWithTheRatesSumsToPeersLessOne) {
  const Graph graph = make_chosen(RandomRegularOptions{.degree = 4}, 30, Rng(3));
  Rng rng(4);
  std::vector<double> rates;
  for (std::int64_t e = 0; e < graph.num_edges(); ++e) rates.push_back(0.1 + rng.uniform());
  const std::vector<double> resistances = effective_resistances(EdgeRates(graph, rates));
  double sum = 0.0;
  for (std::size_t e = 0; e < rates.size(); ++e) sum += rates[e] * resistances[e];
  EXPECT_NEAR(sum, 29.0, 1e-10);
}

TEST(Resistance, AddsInSeriesAndItsInverseInParallel) {
  // A triangle of conductances 1, 1, 2: the edge of 2 lies beside 1/2 (two of 1 in series),
  // so r = 1 / 2.5; an edge of 1 beside 1 / (1 + 1/2) = 2/3, so r = 1 / (5/3).
  const Graph graph = ring_of(3);
  const std::vector<double> found =
      effective_resistances(EdgeRates(graph, std::vector{1., 1., 2.}));
  EXPECT_NEAR(found[2], 1.0 / 2.5, 1e-14);
  EXPECT_NEAR(found[0], 0.6, 1e-14);
}

TEST(Resistance, IsInfiniteWithoutConnectionAndNothingAlone) {
  const Graph graph = path_of(3);
  EXPECT_TRUE(std::isinf(gossip_constants(EdgeRates(graph, std::vector{1.0, 0.0})).chi1));
  EXPECT_TRUE(std::isinf(gossip_constants(EdgeRates(graph, std::vector{1.0, 0.0})).chi2));
  const Graph alone(1, {});
  EXPECT_EQ(gossip_constants(EdgeRates(alone, {})).chi1, 0.0);
}

TEST(EdgeRates, ByDegreeLetEachPeerTakePartOncePerUnitOfTimeOnRegularGraphs) {
  const Graph graph = ring_of(6);
  const EdgeRates rates = EdgeRates::by_degree(graph, 1.0);
  EXPECT_EQ(rates.of(2)[0], 0.5);
  EXPECT_DOUBLE_EQ(rates.total(), 3.0);
  const Graph star = star_of(5);
  EXPECT_DOUBLE_EQ(EdgeRates::by_degree(star, 1.0).of(3)[0], 0.5 * (1.0 / 4 + 1.0));
}

TEST(GossipRates, ReachTheLeastTotal) {
  struct Case {
    Graph graph;
    double uniform;
    double optimal;
  };
  const std::vector<Case> cases{{barbell_of(4), 21.84, 13.21},
                                {grid_of(3), 10.0995, 9.849},
                                {ring_of(8), 9.7774, 9.7774},
                                {star_of(8), 7.0, 7.0},
                                {path_of(8), 17.9404, 17.9404}};
  for (const Case& tested : cases) {
    const EdgeRates uniform = EdgeRates::uniform(tested.graph, 1.0);
    EXPECT_NEAR(sufficient_rate(gossip_constants(uniform)), tested.uniform, 5e-3);
    const EdgeRates rates = optimal_rates(tested.graph);
    EXPECT_NEAR(rates.total(), tested.optimal, 1e-3 * tested.optimal);
    const GossipConstants constants = gossip_constants(rates);
    EXPECT_NEAR(constants.chi1 * constants.chi2, 0.5, 1e-9);
  }
}

TEST(GossipRates, UseTheBridgeMost) {
  const Graph graph = barbell_of(4);
  const EdgeRates rates = optimal_rates(graph);
  EXPECT_NEAR(rates.of(3).back(), 2.70, 0.15) << "the total hardly depends on it";
  EXPECT_GT(rates.of(0)[0], 0.7);
  EXPECT_LT(rates.of(0)[0], 1.05);
}

}  // namespace
}  // namespace hearsay
