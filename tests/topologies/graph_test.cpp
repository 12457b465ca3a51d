#include "topologies/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

std::vector<PeerId> neighbors_of(const Graph& graph, PeerId peer) {
  const auto neighbors = graph.neighbors(peer);
  return {neighbors.begin(), neighbors.end()};
}

std::string error_of(int num_peers, const std::vector<Edge>& edges) {
  try {
    const Graph graph(num_peers, edges);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

// Random edges with repetitions, in both orientations.
std::vector<Edge> random_edges(int num_peers, int num_edges, Rng& rng) {
  std::vector<Edge> edges;
  while (std::ssize(edges) < num_edges) {
    const auto a = static_cast<PeerId>(rng.below(static_cast<std::uint64_t>(num_peers)));
    const auto b = static_cast<PeerId>(rng.below(static_cast<std::uint64_t>(num_peers)));
    if (a != b) edges.emplace_back(a, b);
  }
  return edges;
}

// Number of components by repeated relabelling.
int count_components(int num_peers, const std::vector<Edge>& edges) {
  std::vector<int> label(static_cast<std::size_t>(num_peers));
  std::iota(label.begin(), label.end(), 0);
  for (const auto& [a, b] : edges) {
    const int from = label[static_cast<std::size_t>(a)];
    const int to = label[static_cast<std::size_t>(b)];
    std::ranges::replace(label, from, to);
  }
  return static_cast<int>(std::set(label.begin(), label.end()).size());
}

TEST(Graph, ListsNeighborsAscendingWhateverTheOrderOfEdges) {
  const std::vector<Edge> edges{{3, 1}, {0, 3}, {2, 3}, {1, 0}};
  const Graph graph(5, edges);
  EXPECT_EQ(graph.num_peers(), 5);
  EXPECT_EQ(graph.num_edges(), 4);
  EXPECT_EQ(neighbors_of(graph, 0), (std::vector<PeerId>{1, 3}));
  EXPECT_EQ(neighbors_of(graph, 1), (std::vector<PeerId>{0, 3}));
  EXPECT_EQ(neighbors_of(graph, 2), (std::vector<PeerId>{3}));
  EXPECT_EQ(neighbors_of(graph, 3), (std::vector<PeerId>{0, 1, 2}));
  EXPECT_EQ(neighbors_of(graph, 4), (std::vector<PeerId>{}));
}

TEST(Graph, CountsAnEdgeGivenTwiceOrReversedOnce) {
  const std::vector<Edge> once{{0, 1}, {1, 2}};
  const std::vector<Edge> often{{1, 2}, {1, 0}, {0, 1}, {2, 1}, {0, 1}};
  const Graph graph(3, often);
  EXPECT_EQ(graph, Graph(3, once));
  EXPECT_EQ(graph.num_edges(), 2);
  EXPECT_NE(graph, Graph(4, once));
}

TEST(Graph, AgreesWithSetsOfNeighbors) {
  Rng rng(1);
  for (const int num_edges : {0, 1, 5, 20, 200}) {
    const std::vector<Edge> edges = random_edges(15, num_edges, rng);
    std::array<std::set<PeerId>, 15> expected;
    for (const auto& [a, b] : edges) {
      expected[static_cast<std::size_t>(a)].insert(b);
      expected[static_cast<std::size_t>(b)].insert(a);
    }
    const Graph graph(15, edges);
    std::int64_t slot = 0;
    for (PeerId peer = 0; peer < 15; ++peer) {
      const auto& set = expected[static_cast<std::size_t>(peer)];
      EXPECT_EQ(neighbors_of(graph, peer), std::vector<PeerId>(set.begin(), set.end()));
      EXPECT_EQ(graph.degree(peer), std::ssize(set));
      EXPECT_EQ(graph.first_slot(peer), slot);
      slot += std::ssize(set);
    }
    EXPECT_EQ(2 * graph.num_edges(), slot);
  }
}

TEST(Graph, RefusesWhatIsNoSimpleGraph) {
  EXPECT_EQ(error_of(0, {}), "a graph of 0 peers; the least is 1");
  EXPECT_EQ(error_of(3, {{0, 1}, {2, 3}}), "edge {2, 3} is out of range; ids are 0 to 2");
  EXPECT_EQ(error_of(3, {{-1, 1}}), "edge {-1, 1} is out of range; ids are 0 to 2");
  EXPECT_EQ(error_of(3, {{0, 1}, {2, 2}}), "edge {2, 2} joins a peer to itself");
  EXPECT_EQ(error_of(1, {}), "no error");
}

TEST(Graph, IsConnectedExactlyIfThereIsOneComponent) {
  Rng rng(2);
  int num_connected = 0;
  for (int repetition = 0; repetition < 300; ++repetition) {
    const std::vector<Edge> edges = random_edges(8, 10, rng);
    const bool connected = count_components(8, edges) == 1;
    EXPECT_EQ(Graph(8, edges).is_connected(), connected);
    num_connected += connected ? 1 : 0;
  }
  EXPECT_GT(num_connected, 50);
  EXPECT_LT(num_connected, 250);
  EXPECT_TRUE(Graph(1, {}).is_connected());
  EXPECT_FALSE(Graph(2, {}).is_connected());
}

TEST(Graph, HoldsAMillionPeers) {
  constexpr int kPeers = 1'000'000;
  std::vector<Edge> edges;
  for (PeerId peer = 0; peer < kPeers; ++peer) edges.emplace_back(peer, (peer + 1) % kPeers);
  const Graph ring(kPeers, edges);
  EXPECT_EQ(ring.num_edges(), kPeers);
  EXPECT_TRUE(ring.is_connected());
  EXPECT_EQ(neighbors_of(ring, 0), (std::vector<PeerId>{1, kPeers - 1}));
  EXPECT_EQ(neighbors_of(ring, 500'000), (std::vector<PeerId>{499'999, 500'001}));
  edges.erase(edges.begin() + 10);
  edges.erase(edges.begin() + 700'000);
  EXPECT_FALSE(Graph(kPeers, edges).is_connected());
}

TEST(Graph, ChecksPeerIds) {
  const Graph graph(2, {});
  EXPECT_DEATH(graph.neighbors(2), "check failed: peer < num_peers");
  EXPECT_DEATH(graph.neighbors(-1), "check failed: peer >= 0");
}

}  // namespace
}  // namespace hearsay
