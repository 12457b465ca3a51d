#include "topologies/betweenness.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

using Path = std::vector<PeerId>;

// All simple paths from the end of `path` to `target`.
void extend(const Graph& graph, PeerId target, Path& path, std::vector<Path>& found) {
  if (path.back() == target) {
    found.push_back(path);
    return;
  }
  for (const PeerId next : graph.neighbors(path.back())) {
    if (std::ranges::find(path, next) != path.end()) continue;
    path.push_back(next);
    extend(graph, target, path, found);
    path.pop_back();
  }
}

// The definition: of every pair, all paths, those of the least length, and who lies on them.
std::vector<double> by_listing_all_paths(const Graph& graph) {
  std::vector<double> centrality(static_cast<std::size_t>(graph.num_peers()), 0.0);
  for (PeerId s = 0; s < graph.num_peers(); ++s) {
    for (PeerId t = s + 1; t < graph.num_peers(); ++t) {
      Path start = {s};
      std::vector<Path> paths;
      extend(graph, t, start, paths);
      if (paths.empty()) continue;
      const std::size_t least = std::ranges::min(paths, {}, &Path::size).size();
      std::erase_if(paths, [least](const Path& path) { return path.size() > least; });
      for (const Path& path : paths) {
        for (std::size_t i = 1; i + 1 < path.size(); ++i) {
          centrality[static_cast<std::size_t>(path[i])] += 1.0 / static_cast<double>(paths.size());
        }
      }
    }
  }
  return centrality;
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12) << "peer " << i;
}

TEST(Betweenness, IsWhatListingAllPathsGives) {
  const Rng root(2);
  for (std::uint64_t draw = 0; draw < 60; ++draw) {
    // Sparse and dense, connected and not.
    const double probability = 0.1 + 0.15 * static_cast<double>(draw % 6);
    const Graph graph = make_graph(ErdosRenyiOptions{.probability{probability}, .connected = false},
                                   8, root.split("draw", draw));
    expect_near(betweenness(graph), by_listing_all_paths(graph));
  }
  const Graph hubs = make_graph(BarabasiAlbertOptions{.edges = 2}, 10, Rng(1));
  expect_near(betweenness(hubs), by_listing_all_paths(hubs));
}

TEST(Betweenness, SharesAPairAmongItsShortestPaths) {
  // A square 0 - 1 - 3 - 2 - 0 with a tail 3 - 4. Two paths each: {0, 3} and {0, 4} by 1 or 2,
  // {1, 2} by 0 or 3. So 0 has 1/2; 1 and 2 have 1/2 + 1/2; 3 has the 1/2 and all of {0, 4},
  // {1, 4}, {2, 4}.
  const Graph graph(5, std::vector<Edge>{{0, 1}, {0, 2}, {1, 3}, {2, 3}, {3, 4}});
  expect_near(betweenness(graph), {0.5, 1.0, 1.0, 3.5, 0.0});
}

TEST(Betweenness, HasTheKnownValuesOfSimpleGraphs) {
  // The hub of a star: all (n - 1)(n - 2) / 2 pairs of leaves. A path: i (n - 1 - i). A ring:
  // (n - 2)^2 / 8 for even n, (n - 1)(n - 3) / 8 for odd n.
  expect_near(betweenness(make_graph(StarOptions{}, 6, Rng(1))), {10, 0, 0, 0, 0, 0});
  const Graph path(5, std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {3, 4}});
  expect_near(betweenness(path), {0, 3, 4, 3, 0});
  expect_near(betweenness(make_graph(RingOptions{}, 6, Rng(1))), std::vector(6, 2.0));
  expect_near(betweenness(make_graph(RingOptions{}, 9, Rng(1))), std::vector(9, 6.0));
  expect_near(betweenness(make_graph(CompleteOptions{}, 7, Rng(1))), std::vector(7, 0.0));
}

TEST(Betweenness, OfOnePeerOrOfPeersAloneIsZero) {
  EXPECT_EQ(betweenness(Graph(1, {})), std::vector{0.0});
  EXPECT_EQ(betweenness(Graph(3, {})), std::vector(3, 0.0));
}

TEST(Betweenness, SumsToTheDistancesLessOne) {
  // A shortest path of length d has d - 1 peers inside, so that sum_v C(v) is the sum of
  // d(s, t) - 1 over all pairs. On an 8 x 8 torus, distances from a peer sum to
  // 8 * 16 + 8 * 16 = 256 (around a ring of 8: 1 + 2 + 3 + 4 + 3 + 2 + 1 = 16), so that
  // every peer has (256 - 63) / 2 = 96.5.
  expect_near(betweenness(make_graph(TorusOptions{}, 64, Rng(1))), std::vector(64, 96.5));
}

}  // namespace
}  // namespace hearsay
