#include "scenarios/peer_selector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "topologies/betweenness.hpp"
#include "topologies/torus.hpp"

namespace hearsay {
namespace {

using Kind = PeerSelector::Kind;
using Peers = std::vector<PeerId>;

// Degrees 1, 3, 2, 2, 0: 0 - 1 - 2 - 3 and 1 - 3; peer 4 is alone.
Graph kite() { return {5, std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {1, 3}}}; }

Peers chosen(const PeerSelector& selector, const Graph& graph = kite()) {
  return select(selector, {.graph = graph, .rng = Rng(1)});
}

TEST(PeerSelector, ChoosesAllByDefault) {
  EXPECT_EQ(chosen({}), (Peers{0, 1, 2, 3, 4}));
  EXPECT_EQ(infeasible(PeerSelector{}, 1), std::nullopt);
}

TEST(PeerSelector, ChoosesListedPeersAscendingAndOnce) {
  const PeerSelector selector{.kind = Kind::kList, .ids = {{3, 4}, {0, 0}, {4, 4}, {3, 3}}};
  EXPECT_EQ(chosen(selector), (Peers{0, 3, 4}));
}

TEST(PeerSelector, ChoosesByDegreeAndThenByLowerId) {
  const auto highest = [](std::int64_t count) {
    return chosen({.kind = Kind::kHighestDegree, .amount = count});
  };
  const auto lowest = [](std::int64_t count) {
    return chosen({.kind = Kind::kLowestDegree, .amount = count});
  };
  EXPECT_EQ(highest(1), (Peers{1}));
  EXPECT_EQ(highest(2), (Peers{1, 2}));
  EXPECT_EQ(highest(3), (Peers{1, 2, 3}));
  EXPECT_EQ(highest(4), (Peers{0, 1, 2, 3}));
  EXPECT_EQ(lowest(1), (Peers{4}));
  EXPECT_EQ(lowest(2), (Peers{0, 4}));
  EXPECT_EQ(lowest(3), (Peers{0, 2, 4}));
  EXPECT_EQ(lowest(5), (Peers{0, 1, 2, 3, 4}));
}

TEST(PeerSelector, ChoosesByBetweennessAndThenByLowerId) {
  // Triangles 0, 1, 2 and 4, 5, 6 joined by 2 - 3 - 4; 7 is alone. Pairs through the bridge
  // 3: 3 * 3 = 9. Through 2: {0, 1} with {3, 4, 5, 6}: 8, as through 4. By degree 2 and 4 are
  // first, 7 last, and 0 comes before 3.
  const Graph graph(
      8, std::vector<Edge>{{0, 1}, {0, 2}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {4, 6}, {5, 6}});
  const auto highest = [&](std::int64_t count) {
    return chosen({.kind = Kind::kHighestBetweenness, .amount = count}, graph);
  };
  const auto lowest = [&](std::int64_t count) {
    return chosen({.kind = Kind::kLowestBetweenness, .amount = count}, graph);
  };
  EXPECT_EQ(highest(1), (Peers{3}));
  EXPECT_EQ(highest(2), (Peers{2, 3}));
  EXPECT_EQ(highest(3), (Peers{2, 3, 4}));
  EXPECT_EQ(highest(4), (Peers{0, 2, 3, 4}));
  EXPECT_EQ(lowest(1), (Peers{0}));
  EXPECT_EQ(lowest(5), (Peers{0, 1, 5, 6, 7}));
  EXPECT_EQ(lowest(6), (Peers{0, 1, 2, 5, 6, 7}));
}

TEST(PeerSelector, TakesBetweennessThatDiffersByRoundingAsEqual) {
  // All peers of a torus are alike, but their sums are taken in different orders.
  const Graph graph = make_graph(TorusOptions{}, 64, Rng(1));
  const std::vector<double> exact = betweenness(graph);
  ASSERT_NE(std::ranges::min(exact), std::ranges::max(exact));
  EXPECT_EQ(chosen({.kind = Kind::kHighestBetweenness, .amount = std::int64_t{3}}, graph),
            (Peers{0, 1, 2}));
  EXPECT_EQ(chosen({.kind = Kind::kLowestBetweenness, .amount = std::int64_t{3}}, graph),
            (Peers{0, 1, 2}));
}

TEST(PeerSelector, ChoosesByWhoHoldsData) {
  const std::vector<std::int64_t> samples = {0, 5, 0, 1, 0};
  const Graph graph = kite();
  const auto with_role = [&](PeerSelector::Role role, const std::vector<std::int64_t>& owned) {
    return select({.kind = Kind::kRole, .role = role},
                  {.graph = graph, .rng = Rng(1), .train_samples = [&](PeerId peer) {
                     return owned[static_cast<std::size_t>(peer)];
                   }});
  };
  EXPECT_EQ(with_role(PeerSelector::Role::kDataHolders, samples), (Peers{1, 3}));
  EXPECT_EQ(with_role(PeerSelector::Role::kRelays, samples), (Peers{0, 2, 4}));
  EXPECT_EQ(with_role(PeerSelector::Role::kRelays, std::vector<std::int64_t>(5, 1)), Peers{});
  EXPECT_DEATH(chosen({.kind = Kind::kRole}), "check failed");
}

TEST(PeerSelector, RoundsAShareButChoosesAtLeastOne) {
  const Graph graph(16, {});
  const auto count = [&](double share) {
    return chosen({.kind = Kind::kRandom, .amount = Fraction{share}}, graph).size();
  };
  EXPECT_EQ(count(0.001), 1U);
  EXPECT_EQ(count(0.2), 3U);   // 3.2
  EXPECT_EQ(count(0.22), 4U);  // 3.52
  EXPECT_EQ(count(1.0), 16U);
}

TEST(PeerSelector, DrawsFromTheStreamAscendingWithoutRepetition) {
  const Graph graph(20, {});
  const PeerSelector selector{.kind = Kind::kRandom, .amount = std::int64_t{7}};
  std::set<Peers> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const SelectionContext context{.graph = graph, .rng = Rng(seed)};
    const Peers peers = select(selector, context);
    EXPECT_EQ(peers, select(selector, context));
    EXPECT_EQ(peers.size(), 7U);
    EXPECT_EQ(std::ranges::adjacent_find(peers, std::ranges::greater_equal{}), peers.end());
    EXPECT_GE(peers.front(), 0);
    EXPECT_LT(peers.back(), 20);
    seen.insert(peers);
  }
  EXPECT_GT(seen.size(), 15U);
}

TEST(PeerSelector, DrawsEveryPeerEquallyOften) {
  // 3 of 5, 5,000 times: 3,000 each, standard deviation sqrt(5,000 * 0.6 * 0.4) = 34.6.
  const Graph graph(5, {});
  std::vector<int> count(5, 0);
  const Rng root(6);
  for (std::uint64_t draw = 0; draw < 5'000; ++draw) {
    const PeerSelector selector{.kind = Kind::kRandom, .amount = std::int64_t{3}};
    for (const PeerId peer : select(selector, {graph, root.split("draw", draw)})) {
      ++count[static_cast<std::size_t>(peer)];
    }
  }
  for (const int times : count) EXPECT_NEAR(times, 3000, 4.0 * 34.6);
}

TEST(PeerSelector, NamesListsThatCannotBeMet) {
  const auto problem = [](std::vector<PeerSelector::IdRange> ids) {
    return infeasible(PeerSelector{.kind = Kind::kList, .ids = std::move(ids)}, 16);
  };
  EXPECT_EQ(problem({{0, 0}, {8, 15}}), std::nullopt);
  EXPECT_EQ(problem({{0, 0}, {8, 16}}), "there is no peer 16; ids are 0 to 15");
  EXPECT_EQ(problem({{-2, 3}}), "there is no peer -2; ids are 0 to 15");
  EXPECT_EQ(problem({{9, 4}}), "range 9-4 runs backwards; write 4-9");
  EXPECT_EQ(problem({}), "an empty list chooses no peer; the least is one");
}

TEST(PeerSelector, NamesAmountsThatCannotBeMet) {
  for (const Kind kind : {Kind::kRandom, Kind::kHighestDegree, Kind::kLowestDegree,
                          Kind::kHighestBetweenness, Kind::kLowestBetweenness}) {
    const auto problem = [kind](std::variant<Fraction, std::int64_t> amount) {
      return infeasible(PeerSelector{.kind = kind, .amount = amount}, 16);
    };
    EXPECT_EQ(problem(std::int64_t{16}), std::nullopt);
    EXPECT_EQ(problem(std::int64_t{17}), "17 peers of 16; the most is 16");
    EXPECT_EQ(problem(std::int64_t{0}), "0 peers; the least is 1");
    EXPECT_EQ(problem(Fraction{1.0}), std::nullopt);
    EXPECT_EQ(problem(Fraction{1.2}),
              "a share of 120% of the peers; it must be above 0% and at most 100%");
    EXPECT_EQ(problem(Fraction{0.0}),
              "a share of 0% of the peers; it must be above 0% and at most 100%");
  }
}

TEST(PeerSelector, ChecksThatItIsFeasible) {
  const PeerSelector selector{.kind = Kind::kRandom, .amount = std::int64_t{6}};
  EXPECT_DEATH(chosen(selector), "check failed");
}

}  // namespace
}  // namespace hearsay
