#include "topologies/erdos_renyi.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "node/base/error.hpp"
#include "topologies/complete.hpp"

namespace hearsay {
namespace {

ErdosRenyiOptions any(double probability) {
  return {.probability{probability}, .connected = false};
}

TEST(ErdosRenyi, JoinsNobodyAtZeroAndEverybodyAtOne) {
  for (const int n : {1, 2, 3, 10}) {
    EXPECT_EQ(make_graph(any(0.0), n, Rng(1)).num_edges(), 0);
    EXPECT_EQ(make_graph(any(1.0), n, Rng(1)), make_graph(CompleteOptions{}, n, Rng(1)));
  }
  EXPECT_EQ(make_graph(any(1e-300), 1000, Rng(1)).num_edges(), 0);
}

TEST(ErdosRenyi, JoinsEachPairWithItsProbabilityIndependently) {
  // Over 10,000 draws a pair is joined 3,000 times, standard deviation
  // sqrt(10,000 * 0.3 * 0.7) = 45.8; two pairs at once 900 times, sqrt(819) = 28.6.
  constexpr int kDraws = 10'000;
  std::map<Edge, int> single;
  std::map<std::pair<Edge, Edge>, int> both;
  const Rng root(11);
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    const Graph graph = make_graph(any(0.3), 5, root.split("draw", draw));
    std::vector<Edge> edges;
    for (PeerId i = 0; i < 5; ++i) {
      for (const PeerId j : graph.neighbors(i)) {
        if (i < j) edges.emplace_back(i, j);
      }
    }
    for (const Edge& a : edges) {
      ++single[a];
      for (const Edge& b : edges) {
        if (a < b) ++both[{a, b}];
      }
    }
  }
  ASSERT_EQ(single.size(), 10U);
  ASSERT_EQ(both.size(), 45U);
  for (const auto& [pair, times] : single) EXPECT_NEAR(times, 3000, 4.5 * 45.8);
  for (const auto& [pairs, times] : both) EXPECT_NEAR(times, 900, 4.5 * 28.6);
}

TEST(ErdosRenyi, HasAsManyEdgesAsExpectedInLargeGraphs) {
  // Mean p n (n - 1) / 2, standard deviation sqrt(mean (1 - p)); a million peers with
  // about 1 edge each can only be drawn in time if the work follows the edges.
  for (const auto& [n, p] : {std::pair{2'000, 0.01}, {300, 0.5}, {1'000'000, 2e-6}}) {
    const double mean = p * n * (n - 1.0) / 2.0;
    const Graph graph = make_graph(any(p), n, Rng(13));
    EXPECT_NEAR(static_cast<double>(graph.num_edges()), mean, 4.0 * std::sqrt(mean * (1.0 - p)));
  }
}

TEST(ErdosRenyi, IsTheConditionalGraphIfItMustBeConnected) {
  // n = 3, p = 1/2: a triangle has chance 1/8, a path 3/8, else it is disconnected; so a
  // quarter of the connected graphs are triangles. Standard deviation of the number in
  // 4,000 draws: sqrt(4,000 * 3 / 16) = 27.4.
  const Rng root(17);
  int triangles = 0;
  for (std::uint64_t draw = 0; draw < 4'000; ++draw) {
    const Graph graph =
        make_graph(ErdosRenyiOptions{.probability{0.5}}, 3, root.split("draw", draw));
    ASSERT_TRUE(graph.is_connected());
    triangles += graph.num_edges() == 3 ? 1 : 0;
  }
  EXPECT_NEAR(triangles, 1000, 4.0 * 27.4);
}

TEST(ErdosRenyi, NamesTheThresholdIfConnectednessIsOutOfReach) {
  // 1,000 * 0.999^999 = 368.1 isolated peers; ln(1,000) / 1,000 = 0.00690776.
  const ErdosRenyiOptions sparse{.probability{0.001}};
  EXPECT_EQ(infeasible(sparse, 1000),
            "probability 0.001 leaves about 368 of 1000 peers without neighbors; graphs of 1000 "
            "peers are connected above about ln(n)/n = 0.00690776; raise probability or set "
            "connected: false");
  EXPECT_THROW(make_graph(sparse, 1000, Rng(1)), UserError);
  EXPECT_EQ(infeasible(any(0.001), 1000), std::nullopt);
  EXPECT_EQ(infeasible(ErdosRenyiOptions{.probability{0.007}}, 1000), std::nullopt);
  EXPECT_TRUE(infeasible(ErdosRenyiOptions{.probability{0.0}}, 2).has_value());
  EXPECT_EQ(infeasible(ErdosRenyiOptions{.probability{0.0}}, 1), std::nullopt);
}

TEST(ErdosRenyi, GivesUpAfterTheLastDraw) {
  // Ten peers need nine edges: with p = 0.01, a chance below 10^8 * 0.01^9 = 1e-10.
  const ErdosRenyiOptions options{.probability{0.01}};
  ASSERT_EQ(infeasible(options, 10), std::nullopt);
  try {
    make_graph(options, 10, Rng(1));
    FAIL() << "connected by a chance of 1e-8";
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()),
              "topology erdos_renyi: probability 0.01: none of 100 draws was connected; graphs "
              "of 10 peers are connected above about ln(n)/n = 0.230259; raise probability or "
              "set connected: false");
  }
}

TEST(ErdosRenyi, RefusesWhatIsNoProbabilityAndWhatDoesNotFit) {
  EXPECT_EQ(infeasible(any(1.5), 10), "probability 1.5 is not between 0 and 1");
  EXPECT_EQ(infeasible(any(-0.1), 10), "probability -0.1 is not between 0 and 1");
  EXPECT_TRUE(infeasible(any(std::nan("")), 10).has_value());
  // 2^28 / (1e6 * (1e6 - 1) / 2) = 0.000536871.
  EXPECT_EQ(infeasible(any(0.5), 1'000'000),
            "probability 0.5 makes about 2.5e+11 edges of 1000000 peers, at most 268435456 are "
            "possible; use 0.000536871 or less");
}

}  // namespace
}  // namespace hearsay
