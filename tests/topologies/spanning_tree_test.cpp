#include "topologies/spanning_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

// Hops from `root`, by relaxing every edge until nothing changes.
std::vector<int> hops_from(PeerId root, const Graph& graph) {
  constexpr int kFar = std::numeric_limits<int>::max() / 2;
  std::vector<int> hops(static_cast<std::size_t>(graph.num_peers()), kFar);
  hops[static_cast<std::size_t>(root)] = 0;
  for (bool changed = true; changed;) {
    changed = false;
    for (PeerId i = 0; i < graph.num_peers(); ++i) {
      for (const PeerId j : graph.neighbors(i)) {
        int& mine = hops[static_cast<std::size_t>(i)];
        const int by_way_of_j = hops[static_cast<std::size_t>(j)] + 1;
        changed |= by_way_of_j < mine;
        mine = std::min(mine, by_way_of_j);
      }
    }
  }
  return hops;
}

TEST(SpanningTree, IsATreeOfShortestPathsWithinTheGraph) {
  for (const TopologyOptions& options :
       {TopologyOptions(RingOptions{}), TopologyOptions(CompleteOptions{}),
        TopologyOptions(TorusOptions{}), TopologyOptions(ErdosRenyiOptions{.probability = {0.3}}),
        TopologyOptions(BarbellOptions{})}) {
    const Graph graph = make_chosen(options, 20, Rng(3));
    const Graph tree = spanning_tree(graph);
    EXPECT_EQ(tree.num_edges(), 19);
    EXPECT_TRUE(tree.is_connected());
    EXPECT_EQ(hops_from(0, tree), hops_from(0, graph));
    for (PeerId peer = 0; peer < 20; ++peer) {
      EXPECT_TRUE(std::ranges::includes(graph.neighbors(peer), tree.neighbors(peer)));
    }
  }
}

TEST(SpanningTree, OfATreeIsTheTree) {
  for (const TopologyOptions& options :
       {TopologyOptions(PathOptions{}), TopologyOptions(StarOptions{}),
        TopologyOptions(BarabasiAlbertOptions{.edges = 1})}) {
    const Graph graph = make_chosen(options, 15, Rng(3));
    EXPECT_EQ(spanning_tree(graph), graph);
  }
}

TEST(SpanningTree, CoversEveryComponent) {
  // Triangles 0 1 2 and 3 4 5, and 6 alone.
  const Graph graph(7, std::vector<Edge>{{0, 1}, {1, 2}, {0, 2}, {3, 4}, {4, 5}, {3, 5}});
  EXPECT_EQ(spanning_tree(graph), Graph(7, std::vector<Edge>{{0, 1}, {0, 2}, {3, 4}, {3, 5}}));
}

TEST(FixedLinks, AreTheGraphsEdgesBothWaysInEveryRound) {
  const Graph graph = make_graph(PathOptions{}, 4, Rng(1));
  const std::unique_ptr<LinkSchedule> links = fixed_links(graph);
  for (const int round : {0, 7}) {
    for (PeerId peer = 0; peer < 4; ++peer) {
      EXPECT_TRUE(std::ranges::equal(links->links(round)->receivers(peer), graph.neighbors(peer)));
      EXPECT_EQ(links->links(round)->senders(peer).size(), graph.neighbors(peer).size());
    }
  }
}

}  // namespace
}  // namespace hearsay
