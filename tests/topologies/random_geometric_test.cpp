#include "topologies/random_geometric.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "node/base/error.hpp"
#include "topologies/complete.hpp"

namespace hearsay {
namespace {

// Every pair, from the places as the header says that they are drawn.
Graph by_all_pairs(double radius, int num_peers, Rng rng) {
  std::vector<std::pair<double, double>> places;
  for (int peer = 0; peer < num_peers; ++peer) {
    const double x = rng.uniform();
    places.emplace_back(x, rng.uniform());
  }
  std::vector<Edge> edges;
  for (PeerId i = 0; i < num_peers; ++i) {
    for (PeerId j = i + 1; j < num_peers; ++j) {
      const auto& [xi, yi] = places[static_cast<std::size_t>(i)];
      const auto& [xj, yj] = places[static_cast<std::size_t>(j)];
      if (std::hypot(xi - xj, yi - yj) <= radius) edges.emplace_back(i, j);
    }
  }
  return {num_peers, edges};
}

TEST(RandomGeometric, JoinsExactlyThePairsWithinTheRadius) {
  for (const double radius : {0.02, 0.1, 0.3, 0.49, 0.51, 0.9, 1.2}) {
    for (const int n : {1, 2, 10, 100}) {
      EXPECT_EQ(make_graph(RandomGeometricOptions{.radius = radius, .connected = false}, n, Rng(3)),
                by_all_pairs(radius, n, Rng(3)))
          << "radius " << radius << ", " << n << " peers";
    }
  }
}

TEST(RandomGeometric, JoinsAsManyAsTheAreaSays) {
  // P(joined) = pi r^2 - 8 r^3 / 3 + r^4 / 2. For r = 0.1 it is 0.02880; 2,000 peers have
  // 1,999,000 pairs, so 57,571 edges are expected. The number of edges varies by some
  // n^(3/2) p = 2,600 at most.
  const Graph graph =
      make_graph(RandomGeometricOptions{.radius = 0.1, .connected = false}, 2000, Rng(1));
  EXPECT_NEAR(static_cast<double>(graph.num_edges()), 57'571.0, 3'000.0);
}

TEST(RandomGeometric, IsCompleteFromTheDiagonalOn) {
  EXPECT_EQ(make_graph(RandomGeometricOptions{.radius = 1.42}, 30, Rng(1)),
            make_graph(CompleteOptions{}, 30, Rng(1)));
}

TEST(RandomGeometric, NamesTheBounds) {
  EXPECT_EQ(infeasible(RandomGeometricOptions{.radius = 0.0}, 10),
            "radius 0 is not above 0 and at most 1.5");
  EXPECT_TRUE(infeasible(RandomGeometricOptions{.radius = std::nan("")}, 10).has_value());
  // 1000 (1 - pi 0.02^2)^999 = 1000 exp(-1.2562) = 284.7.
  EXPECT_EQ(infeasible(RandomGeometricOptions{.radius = 0.02}, 1000),
            "radius 0.02 leaves about 285 of 1000 peers without neighbors; graphs of 1000 peers "
            "are connected above about sqrt(ln(n) / (pi n)) = 0.0468914; raise radius or set "
            "connected: false");
  EXPECT_EQ(infeasible(RandomGeometricOptions{.radius = 0.02, .connected = false}, 1000),
            std::nullopt);
  EXPECT_TRUE(infeasible(RandomGeometricOptions{.radius = 1.0}, 100'000).has_value());
}

TEST(RandomGeometric, GivesUpAfterManyDisconnectedDraws) {
  EXPECT_THROW(make_graph(RandomGeometricOptions{.radius = 0.06}, 200, Rng(1)), UserError);
}

}  // namespace
}  // namespace hearsay
