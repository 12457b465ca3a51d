#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/error.hpp"
#include "topologies/mixing_matrix.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

struct Case {
  TopologyOptions options;
  int num_peers = 0;
  bool connected = true;   // The header promises it.
  bool by_chance = false;  // More than one graph is possible.
};

std::string kind_of(const TopologyOptions& options) {
  return std::visit([](const auto& chosen) { return std::string(chosen.kKind); }, options);
}

void PrintTo(const Case& value, std::ostream* out) {
  *out << kind_of(value.options) << " over " << value.num_peers;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const int n : {1, 2, 3, 4, 7, 12, 64}) {
    all.push_back({.options = RingOptions{}, .num_peers = n});
    all.push_back({.options = CompleteOptions{}, .num_peers = n});
    all.push_back({.options = StarOptions{}, .num_peers = n});
    all.push_back({.options = TorusOptions{}, .num_peers = n});
    all.push_back({.options = PathOptions{}, .num_peers = n});
    all.push_back({.options = GridOptions{}, .num_peers = n});
    all.push_back({.options = OnePeerExponentialOptions{}, .num_peers = n});
    if (n > 1) all.push_back({.options = RandomOutOptions{.degree = 1}, .num_peers = n});
    if (n > 1) all.push_back({.options = BarbellOptions{.bridge = n % 2}, .num_peers = n});
    all.push_back(
        {.options = RandomGeometricOptions{.radius = 0.5}, .num_peers = n, .by_chance = n >= 3});
    all.push_back(
        {.options = RandomGeometricOptions{.radius = 0.6 / std::sqrt(n), .connected = false},
         .num_peers = n,
         .connected = n == 1,
         .by_chance = n >= 2});
    all.push_back(
        {.options = ErdosRenyiOptions{.probability{0.5}}, .num_peers = n, .by_chance = n >= 3});
    all.push_back(
        {.options = ErdosRenyiOptions{.probability{std::min(0.3, 2.0 / n)}, .connected = false},
         .num_peers = n,
         .connected = n == 1,
         .by_chance = n >= 2});
  }
  all.push_back({.options = TorusOptions{.rows = 3, .columns = 5}, .num_peers = 15});
  all.push_back({.options = TorusOptions{.rows = 12}, .num_peers = 24});
  all.push_back({.options = TorusOptions{.columns = 12}, .num_peers = 24});
  for (const auto& [degree, n] : {std::pair{1, 2},
                                  {1, 10},
                                  {2, 9},
                                  {3, 4},
                                  {3, 8},
                                  {4, 7},
                                  {5, 8},
                                  {6, 8},
                                  {20, 41},
                                  {21, 42},
                                  {39, 42}}) {
    all.push_back({.options = RandomRegularOptions{.degree = degree},
                   .num_peers = n,
                   .connected = degree >= 3 || n == 2,
                   .by_chance = degree < n - 1});
  }
  for (const auto& [edges, n] :
       {std::pair{1, 2}, {1, 3}, {1, 12}, {3, 4}, {3, 7}, {3, 64}, {63, 64}}) {
    all.push_back({.options = BarabasiAlbertOptions{.edges = edges},
                   .num_peers = n,
                   .by_chance = edges < n - 1});
  }
  return all;
}

class Generators : public testing::TestWithParam<Case> {
 protected:
  Graph graph(std::uint64_t seed = 1) const {
    return make_chosen(GetParam().options, GetParam().num_peers, Rng(seed));
  }
};

INSTANTIATE_TEST_SUITE_P(All, Generators, testing::ValuesIn(cases()), [](const auto& tested) {
  return std::to_string(tested.index) + "_" + kind_of(tested.param.options) + "_" +
         std::to_string(tested.param.num_peers);
});

TEST_P(Generators, MakeASimpleSymmetricGraphOverAllPeers) {
  const Graph made = graph();
  ASSERT_EQ(made.num_peers(), GetParam().num_peers);
  for (PeerId peer = 0; peer < made.num_peers(); ++peer) {
    const auto neighbors = made.neighbors(peer);
    EXPECT_EQ(std::ranges::adjacent_find(neighbors, std::ranges::greater_equal{}), neighbors.end());
    for (const PeerId neighbor : neighbors) {
      EXPECT_NE(neighbor, peer);
      EXPECT_TRUE(std::ranges::binary_search(made.neighbors(neighbor), peer));
    }
  }
}

TEST_P(Generators, DependOnTheStreamAndNothingElse) {
  std::set<std::vector<PeerId>> seen;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Graph made = graph(seed);
    EXPECT_EQ(made, graph(seed));
    std::vector<PeerId> adjacency;
    for (PeerId peer = 0; peer < made.num_peers(); ++peer) {
      adjacency.push_back(-1);
      adjacency.insert(adjacency.end(), made.neighbors(peer).begin(), made.neighbors(peer).end());
    }
    seen.insert(adjacency);
  }
  EXPECT_EQ(seen.size() > 1, GetParam().by_chance);
}

TEST_P(Generators, AreConnectedIfPromised) {
  const auto seeds = std::views::iota(std::uint64_t{1}, std::uint64_t{51});
  const auto is_connected = [this](std::uint64_t seed) { return graph(seed).is_connected(); };
  EXPECT_EQ(std::ranges::all_of(seeds, is_connected), GetParam().connected);
}

TEST_P(Generators, AreFeasible) {
  EXPECT_EQ(infeasible(GetParam().options, GetParam().num_peers), std::nullopt);
}

TEST_P(Generators, GiveDoublyStochasticMetropolisHastingsWeights) {
  const Graph made = graph();
  const MixingMatrix matrix = MixingMatrix::metropolis_hastings(made);
  EXPECT_TRUE(matrix.is_symmetric());
  EXPECT_TRUE(matrix.is_doubly_stochastic(1e-14));
  const Eigen::MatrixXd dense = matrix.dense();
  for (PeerId peer = 0; peer < made.num_peers(); ++peer) {
    EXPECT_NEAR(dense.row(peer).sum(), 1.0, 1e-14);
    EXPECT_NEAR(dense.col(peer).sum(), 1.0, 1e-14);
    EXPECT_GT(matrix.self_weight(peer), 0.0);
  }
}

TEST_P(Generators, GiveDoublyStochasticUniformWeightsExactlyOnRegularComponents) {
  const Graph made = graph();
  bool regular_components = true;
  for (PeerId peer = 0; peer < made.num_peers(); ++peer) {
    for (const PeerId neighbor : made.neighbors(peer)) {
      regular_components &= made.degree(neighbor) == made.degree(peer);
    }
  }
  EXPECT_EQ(MixingMatrix::uniform(made).is_doubly_stochastic(), regular_components);
}

TEST(Topologies, AreAllCoveredByTheCasesOfTheSuite) {
  std::set<std::size_t> covered;
  for (const Case& value : cases()) covered.insert(value.options.index());
  EXPECT_EQ(covered.size(), std::variant_size_v<TopologyOptions>);
}

TEST(Topologies, HaveTheKindsOfTheScenarioFileAndARingByDefault) {
  EXPECT_EQ(kind_of(TopologyOptions{}), "ring");
  std::vector<std::string> kinds;
  for (const Case& value : cases()) {
    const std::string kind = kind_of(value.options);
    if (!std::ranges::count(kinds, kind)) kinds.push_back(kind);
  }
  std::ranges::sort(kinds);
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"barabasi_albert", "barbell", "complete", "erdos_renyi",
                                      "grid", "one_peer_exponential", "path", "random_geometric",
                                      "random_out", "random_regular", "ring", "star", "torus"}));
}

// Collects the keys that a `describe` overload names.
struct KeyCollector {
  std::vector<std::string> keys;
  template <class... Rest>
  void operator()(std::string_view key, Rest&&...) {
    keys.emplace_back(key);
  }
};

template <class Options>
std::vector<std::string> keys_of() {
  KeyCollector collector;
  Options options;
  describe(collector, options);
  return collector.keys;
}

TEST(Topologies, DescribeTheirParameters) {
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys_of<RingOptions>(), Keys{});
  EXPECT_EQ(keys_of<CompleteOptions>(), Keys{});
  EXPECT_EQ(keys_of<StarOptions>(), Keys{});
  EXPECT_EQ(keys_of<TorusOptions>(), (Keys{"rows", "columns"}));
  EXPECT_EQ(keys_of<RandomRegularOptions>(), (Keys{"degree"}));
  EXPECT_EQ(keys_of<ErdosRenyiOptions>(), (Keys{"probability", "connected"}));
  EXPECT_EQ(keys_of<BarabasiAlbertOptions>(), (Keys{"edges"}));
  EXPECT_EQ(keys_of<PathOptions>(), Keys{});
  EXPECT_EQ(keys_of<GridOptions>(), (Keys{"rows", "columns"}));
  EXPECT_EQ(keys_of<BarbellOptions>(), (Keys{"bridge"}));
  EXPECT_EQ(keys_of<RandomGeometricOptions>(), (Keys{"radius", "connected"}));
  EXPECT_EQ(keys_of<OnePeerExponentialOptions>(), Keys{});
  EXPECT_EQ(keys_of<RandomOutOptions>(), (Keys{"degree", "draw"}));
}

TEST(Topologies, ThrowWhatInfeasibleSays) {
  const TopologyOptions options = RandomRegularOptions{.degree = 3};
  const auto problem = infeasible(options, 7);
  ASSERT_TRUE(problem.has_value());
  try {
    make_chosen(options, 7, Rng(1));
    FAIL() << "3-regular graph over 7 peers";
  } catch (const UserError& error) {
    EXPECT_EQ(error.what(), "topology random_regular: " + *problem);
  }
}

// The set of edges that `joined(i, j)`, i < j, selects.
template <class Joined>
Graph by_definition(int num_peers, Joined joined) {
  std::vector<Edge> edges;
  for (PeerId i = 0; i < num_peers; ++i) {
    for (PeerId j = i + 1; j < num_peers; ++j) {
      if (joined(i, j)) edges.emplace_back(i, j);
    }
  }
  return {num_peers, edges};
}

// Are a and b one step apart on a circle of `extent` places?
bool beside(int a, int b, int extent) {
  return a != b && ((a + 1) % extent == b || (b + 1) % extent == a);
}

TEST(Ring, JoinsWhoeverIsOneStepApart) {
  for (const int n : {1, 2, 3, 4, 9}) {
    EXPECT_EQ(make_graph(RingOptions{}, n, Rng(1)),
              by_definition(n, [n](PeerId i, PeerId j) { return beside(i, j, n); }));
  }
}

TEST(Complete, JoinsEveryPair) {
  for (const int n : {1, 2, 3, 9}) {
    EXPECT_EQ(make_graph(CompleteOptions{}, n, Rng(1)),
              by_definition(n, [](PeerId, PeerId) { return true; }));
  }
}

TEST(Complete, StopsBeforeTheMemoryIsExhausted) {
  // 23,171 * 23,170 / 2 = 268,436,035 > 2^28 = 268,435,456 > 23,170 * 23,169 / 2.
  EXPECT_EQ(infeasible(CompleteOptions{}, 23170), std::nullopt);
  EXPECT_EQ(infeasible(CompleteOptions{}, 23171),
            "23171 peers make 268436035 edges, at most 268435456 are possible: use at most "
            "23170 peers, or random_regular");
}

TEST(Star, JoinsPeerZeroToAllOthers) {
  for (const int n : {1, 2, 3, 9}) {
    EXPECT_EQ(make_graph(StarOptions{}, n, Rng(1)),
              by_definition(n, [](PeerId i, PeerId) { return i == 0; }));
  }
}

TEST(Torus, JoinsPlacesOneRowOrOneColumnApart) {
  for (const auto& [rows, columns] :
       {std::pair{3, 5}, {5, 3}, {4, 4}, {2, 5}, {5, 2}, {2, 2}, {1, 6}, {6, 1}, {1, 1}}) {
    const Graph made =
        make_graph(TorusOptions{.rows = rows, .columns = columns}, rows * columns, Rng(1));
    const auto joined = [rows = rows, columns = columns](PeerId i, PeerId j) {
      const bool same_row = i / columns == j / columns;
      const bool same_column = i % columns == j % columns;
      return (same_row && beside(i % columns, j % columns, columns)) ||
             (same_column && beside(i / columns, j / columns, rows));
    };
    EXPECT_EQ(made, by_definition(rows * columns, joined)) << rows << " x " << columns;
  }
}

TEST(Path, JoinsWhoeverIsOneApart) {
  for (const int n : {1, 2, 3, 9}) {
    EXPECT_EQ(make_graph(PathOptions{}, n, Rng(1)),
              by_definition(n, [](PeerId i, PeerId j) { return j - i == 1; }));
  }
}

TEST(Grid, JoinsPlacesOneRowOrOneColumnApartWithoutWrapping) {
  for (const auto& [rows, columns] : {std::pair{3, 5}, {5, 3}, {2, 2}, {1, 6}, {6, 1}, {1, 1}}) {
    const Graph made =
        make_graph(GridOptions{.rows = rows, .columns = columns}, rows * columns, Rng(1));
    const auto joined = [columns = columns](PeerId i, PeerId j) {
      return std::abs(i / columns - j / columns) + std::abs(i % columns - j % columns) == 1;
    };
    EXPECT_EQ(made, by_definition(rows * columns, joined)) << rows << " x " << columns;
  }
  EXPECT_EQ(make_graph(GridOptions{}, 12, Rng(1)),
            make_graph(GridOptions{.rows = 3, .columns = 4}, 12, Rng(1)));
  EXPECT_EQ(infeasible(GridOptions{.columns = 5}, 12),
            "columns 5 does not divide 12 peers; nearest valid: 4");
}

TEST(Barbell, JoinsTwoCliquesByAPath) {
  for (const auto& [n, bridge] : {std::pair{2, 0}, {3, 1}, {4, 0}, {10, 0}, {10, 4}, {11, 3}}) {
    const int clique = (n - bridge) / 2;
    const auto joined = [=, n = n](PeerId i, PeerId j) {
      return j < clique || i >= n - clique || j - i == 1;
    };
    EXPECT_EQ(make_graph(BarbellOptions{.bridge = bridge}, n, Rng(1)), by_definition(n, joined))
        << n << " with a bridge of " << bridge;
  }
}

TEST(Barbell, NamesTheNearestBridgeThatFits) {
  EXPECT_EQ(infeasible(BarbellOptions{}, 1), "a barbell needs at least 2 peers, there is 1");
  EXPECT_EQ(infeasible(BarbellOptions{.bridge = 2}, 7),
            "bridge 2 leaves 5 of 7 peers, which do not make two equal cliques; nearest valid "
            "bridge: 3");
  EXPECT_EQ(infeasible(BarbellOptions{.bridge = 6}, 7),
            "bridge 6 leaves no peer for either clique of 7 peers; at most 5");
  EXPECT_EQ(infeasible(BarbellOptions{.bridge = -1}, 7), "bridge -1 is below 0");
  // Two cliques of m peers and one edge: m (m - 1) + 1; for m = 16,384 that is 268,419,073
  // <= 2^28 = 268,435,456, for m = 16,385 it is 268,451,841.
  EXPECT_EQ(infeasible(BarbellOptions{}, 2 * 16'384), std::nullopt);
  EXPECT_EQ(infeasible(BarbellOptions{}, 2 * 16'385),
            "32770 peers make 268451841 edges, at most 268435456 are possible: cliques have at "
            "most 16384 peers");
}

TEST(Torus, FillsInWhatIsNotGiven) {
  const auto graph = [](TorusOptions options, int n) { return make_graph(options, n, Rng(1)); };
  const Graph wide = graph({.rows = 3, .columns = 4}, 12);
  EXPECT_EQ(graph({}, 12), wide);
  EXPECT_EQ(graph({.rows = 3}, 12), wide);
  EXPECT_EQ(graph({.columns = 4}, 12), wide);
  EXPECT_NE(graph({.rows = 4}, 12), wide);
  EXPECT_EQ(graph({}, 7), make_graph(RingOptions{}, 7, Rng(1)));
}

TEST(Torus, NamesTheNearestExtentsThatFit) {
  EXPECT_EQ(infeasible(TorusOptions{.rows = 3, .columns = 4}, 10),
            "rows 3 x columns 4 = 12, but there are 10 peers; nearest valid: rows 2, columns 5");
  EXPECT_EQ(infeasible(TorusOptions{.rows = 8}, 12),
            "rows 8 does not divide 12 peers; nearest valid: 6");
  EXPECT_EQ(infeasible(TorusOptions{.columns = 5}, 12),
            "columns 5 does not divide 12 peers; nearest valid: 4");
  EXPECT_EQ(infeasible(TorusOptions{.rows = 20}, 12),
            "rows 20 does not divide 12 peers; nearest valid: 12");
  EXPECT_TRUE(infeasible(TorusOptions{.rows = -3, .columns = -4}, 12).has_value());
  EXPECT_TRUE(infeasible(TorusOptions{.rows = 65536, .columns = 65536}, 12).has_value());
}

}  // namespace
}  // namespace hearsay
