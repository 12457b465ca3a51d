#include "topologies/barabasi_albert.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "node/base/error.hpp"
#include "topologies/erdos_renyi.hpp"
#include "topologies/star.hpp"

namespace hearsay {
namespace {

using Edges = std::vector<Edge>;  // Smaller end first, ascending.
using Chances = std::map<Edges, double>;

Edges edges_of(const Graph& graph) {
  Edges edges;
  for (PeerId i = 0; i < graph.num_peers(); ++i) {
    for (const PeerId j : graph.neighbors(i)) {
      if (i < j) edges.emplace_back(i, j);
    }
  }
  return edges;
}

// Every way to draw `left` more peers one after another out of `degrees`, in proportion to
// the degrees of those not yet drawn, and its chance, added to `chances`.
void draw_targets(const Edges& edges, const std::map<PeerId, double>& degrees, PeerId arriving,
                  int left, double chance, Chances& chances) {
  if (left == 0) {
    Edges sorted = edges;
    std::ranges::sort(sorted);
    chances[sorted] += chance;
    return;
  }
  double sum = 0.0;
  for (const auto& [peer, degree] : degrees) sum += degree;
  for (const auto& [peer, degree] : degrees) {
    Edges more = edges;
    more.emplace_back(peer, arriving);
    std::map<PeerId, double> others = degrees;
    others.erase(peer);
    draw_targets(more, others, arriving, left - 1, chance * degree / sum, chances);
  }
}

// The exact chance of every graph, by the definition in the header.
Chances exact_chances(int m, int num_peers) {
  Edges star;
  for (PeerId leaf = 1; leaf <= m; ++leaf) star.emplace_back(0, leaf);
  Chances now = {{star, 1.0}};
  for (PeerId arriving = m + 1; arriving < num_peers; ++arriving) {
    Chances next;
    for (const auto& [edges, chance] : now) {
      std::map<PeerId, double> degrees;
      for (const auto& [a, b] : edges) {
        degrees[a] += 1.0;
        degrees[b] += 1.0;
      }
      draw_targets(edges, degrees, arriving, m, chance, next);
    }
    now = std::move(next);
  }
  return now;
}

TEST(BarabasiAlbert, DrawsEveryGraphWithItsExactChance) {
  constexpr int kDraws = 20'000;
  for (const auto& [m, n] : {std::pair{1, 5}, {2, 5}, {3, 6}}) {
    const Chances exact = exact_chances(m, n);
    Chances drawn;
    const Rng root(7);
    for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
      const Graph graph =
          make_graph(BarabasiAlbertOptions{.edges = m}, n, root.split("draw", draw));
      drawn[edges_of(graph)] += 1.0;
    }
    for (const auto& [edges, times] : drawn) EXPECT_TRUE(exact.contains(edges));
    for (const auto& [edges, chance] : exact) {
      const double deviation = std::sqrt(kDraws * chance * (1.0 - chance));
      EXPECT_NEAR(drawn[edges], kDraws * chance, 4.5 * deviation) << "m " << m << ", n " << n;
    }
  }
}

TEST(BarabasiAlbert, ExactChancesAreThoseWorkedOutByHand) {
  // m = 1: 0 - 1, peer 2 joins either with 1/2. With 2 at 0, peer 3 joins 0 (degree 2 of 4)
  // with 1/2. Uniform joining would give 1/3.
  const Chances exact = exact_chances(1, 4);
  EXPECT_DOUBLE_EQ(exact.at({{0, 1}, {0, 2}, {0, 3}}), 0.25);
  EXPECT_DOUBLE_EQ(exact.at({{0, 1}, {0, 2}, {1, 3}}), 0.125);
  // m = 2: peers 1 and 2 but not the hub (degrees 2, 1, 1): 2 * 1/4 * 1/3 = 1/6.
  EXPECT_DOUBLE_EQ(exact_chances(2, 4).at({{0, 1}, {0, 2}, {1, 3}, {2, 3}}), 1.0 / 6.0);
}

TEST(BarabasiAlbert, IsConnectedWithExactlyItsEdges) {
  for (const auto& [m, n] : {std::pair{1, 2}, {1, 100}, {2, 50}, {3, 4}, {3, 50}, {49, 50}}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Graph graph = make_graph(BarabasiAlbertOptions{.edges = m}, n, Rng(seed));
      EXPECT_EQ(graph.num_edges(), m * (n - m));
      EXPECT_TRUE(graph.is_connected());
      for (PeerId peer = m + 1; peer < n; ++peer) EXPECT_GE(graph.degree(peer), m);
    }
  }
}

TEST(BarabasiAlbert, OfOnePeerMoreThanEdgesIsTheStar) {
  EXPECT_EQ(make_graph(BarabasiAlbertOptions{.edges = 1}, 2, Rng(1)),
            make_graph(StarOptions{}, 2, Rng(1)));
  EXPECT_EQ(make_graph(BarabasiAlbertOptions{.edges = 6}, 7, Rng(1)),
            make_graph(StarOptions{}, 7, Rng(1)));
}

TEST(BarabasiAlbert, DegreesFollowTheKnownLaw) {
  // 2 m (m + 1) / (k (k + 1) (k + 2)) with m = 3: 0.4, 0.2, 0.114 for k = 3, 4, 5. Counts of
  // 20,000 peers deviate by about sqrt(20,000 * 0.4 * 0.6) = 69, a share of 0.0035.
  constexpr int kPeers = 20'000;
  const Graph graph = make_graph(BarabasiAlbertOptions{}, kPeers, Rng(3));
  std::map<int, int> count;
  for (PeerId peer = 0; peer < kPeers; ++peer) ++count[graph.degree(peer)];
  for (int k = 3; k <= 10; ++k) {
    EXPECT_NEAR(count[k] / double{kPeers}, 24.0 / (k * (k + 1.0) * (k + 2.0)), 0.014) << k;
  }
}

TEST(BarabasiAlbert, HasHubsThatARandomGraphOfAsManyEdgesLacks) {
  // The largest degree is of the order of m sqrt(n) = 300; a Poisson degree of mean 6 exceeds
  // 30 with a chance below 1e-11.
  constexpr int kPeers = 10'000;
  const auto largest = [](const Graph& graph) {
    int degree = 0;
    for (PeerId peer = 0; peer < kPeers; ++peer) degree = std::max(degree, graph.degree(peer));
    return degree;
  };
  EXPECT_GT(largest(make_graph(BarabasiAlbertOptions{}, kPeers, Rng(5))), 100);
  EXPECT_LT(largest(make_graph(ErdosRenyiOptions{.probability{6e-4}, .connected = false}, kPeers,
                               Rng(5))),
            31);
}

TEST(BarabasiAlbert, OldPeersAreTheHubs) {
  // A peer that arrives as number t ends up with about m sqrt(n / t) neighbors: about
  // 3 * sqrt(1,000 / 5) = 42 for t = 5, 3 for the last ones.
  const Graph graph = make_graph(BarabasiAlbertOptions{}, 1'000, Rng(9));
  int oldest = 0;
  int youngest = 0;
  for (PeerId peer = 0; peer < 10; ++peer) {
    oldest += graph.degree(peer);
    youngest += graph.degree(999 - peer);
  }
  EXPECT_GT(oldest, 200);
  EXPECT_LT(youngest, 40);
}

TEST(BarabasiAlbert, NamesTheNearestNumberOfEdgesThatFits) {
  const auto problem = [](int edges, int num_peers) {
    return infeasible(BarabasiAlbertOptions{.edges = edges}, num_peers);
  };
  EXPECT_EQ(problem(3, 4), std::nullopt);
  EXPECT_EQ(problem(0, 4), "edges 0 is below 1");
  EXPECT_EQ(problem(4, 4), "edges 4 needs more than 4 peers, there are 4; at most 3 is valid");
  EXPECT_EQ(problem(1, 1), "edges 1 needs more than 1 peers, there are 1");
  EXPECT_THROW(make_graph(BarabasiAlbertOptions{.edges = 4}, 4, Rng(1)), UserError);
}

TEST(BarabasiAlbert, StopsBeforeTheMemoryIsExhausted) {
  // 268 * 999,732 = 267,928,176 < 2^28 = 268,435,456 < 269 * 999,731 = 268,927,639.
  EXPECT_EQ(infeasible(BarabasiAlbertOptions{.edges = 268}, 1'000'000), std::nullopt);
  EXPECT_EQ(infeasible(BarabasiAlbertOptions{.edges = 269}, 1'000'000),
            "edges 269 makes 268927639 edges of 1000000 peers, at most 268435456 are possible; "
            "use 268 or less");
}

}  // namespace
}  // namespace hearsay
