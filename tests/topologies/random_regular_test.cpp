#include "topologies/random_regular.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 6;
constexpr std::uint32_t kPairs = 15;

// A graph over six peers as a set of bits, one per pair {i, j}, i < j.
std::uint32_t bit_of(PeerId i, PeerId j) {
  std::uint32_t bit = 1;
  for (PeerId a = 0; a < kPeers; ++a) {
    for (PeerId b = a + 1; b < kPeers; ++b, bit <<= 1) {
      if (a == i && b == j) return bit;
    }
  }
  return 0;
}

std::uint32_t bits_of(const Graph& graph) {
  std::uint32_t bits = 0;
  for (PeerId i = 0; i < kPeers; ++i) {
    for (const PeerId j : graph.neighbors(i)) {
      if (i < j) bits |= bit_of(i, j);
    }
  }
  return bits;
}

// What the header says, step by step: from every set of edges reached so far, the next
// edge {i, j} is chosen with a chance proportional to (stubs of i) (stubs of j). The
// chance of every final graph, given that the stubs work out.
std::map<std::uint32_t, double> chances(int degree) {
  std::vector<double> reached(1U << kPairs, 0.0);
  std::map<std::uint32_t, double> final;
  reached[0] = 1.0;
  double success = 0.0;
  for (std::uint32_t edges = 0; edges < reached.size(); ++edges) {
    if (reached[edges] == 0.0) continue;
    std::array<int, kPeers> stubs;
    stubs.fill(degree);
    for (PeerId i = 0; i < kPeers; ++i) {
      for (PeerId j = i + 1; j < kPeers; ++j) {
        if ((edges & bit_of(i, j)) == 0) continue;
        --stubs[static_cast<std::size_t>(i)];
        --stubs[static_cast<std::size_t>(j)];
      }
    }
    std::vector<std::pair<std::uint32_t, double>> next;
    double total = 0.0;
    for (PeerId i = 0; i < kPeers; ++i) {
      for (PeerId j = i + 1; j < kPeers; ++j) {
        const int weight = stubs[static_cast<std::size_t>(i)] * stubs[static_cast<std::size_t>(j)];
        if ((edges & bit_of(i, j)) != 0 || weight == 0) continue;
        next.emplace_back(edges | bit_of(i, j), weight);
        total += weight;
      }
    }
    for (const auto& [bits, weight] : next) reached[bits] += reached[edges] * weight / total;
    if (std::popcount(edges) == kPeers * degree / 2) {
      final[edges] = reached[edges];
      success += reached[edges];
    }
  }
  for (auto& [bits, chance] : final) chance /= success;
  return final;
}

// Pearson's statistic of `num_draws` draws against the chances.
double chi_squared(const std::map<std::uint32_t, double>& chance, int degree, std::uint32_t flipped,
                   int num_draws) {
  std::map<std::uint32_t, int> count;
  const Rng root(7);
  for (int draw = 0; draw < num_draws; ++draw) {
    const auto stream = root.split("draw", static_cast<std::uint64_t>(draw));
    ++count[bits_of(make_graph({.degree = degree}, kPeers, stream)) ^ flipped];
  }
  double statistic = 0.0;
  for (const auto& [bits, probability] : chance) {
    const double expected = num_draws * probability;
    statistic += (count[bits] - expected) * (count[bits] - expected) / expected;
  }
  return statistic;
}

TEST(RandomRegular, DrawsEveryGraphWithTheChanceOfItsConstruction) {
  // There are 70 2-regular graphs over six labelled peers: 6! / 12 = 60 hexagons and
  // 10 pairs of triangles. Nearly uniform: no chance is far from 1 / 70.
  const std::map<std::uint32_t, double> chance = chances(2);
  ASSERT_EQ(chance.size(), 70U);
  for (const auto& [bits, probability] : chance) EXPECT_NEAR(70.0 * probability, 1.0, 0.2);
  // 69 degrees of freedom: mean 69, standard deviation sqrt(2 * 69) = 11.7.
  EXPECT_LT(chi_squared(chance, 2, 0, 20'000), 69.0 + 4.0 * 11.7);
  // Degree 3 is above (6 - 1) / 2: the complement of degree 2, connected always.
  EXPECT_LT(chi_squared(chance, 3, (1U << kPairs) - 1, 20'000), 69.0 + 4.0 * 11.7);
}

TEST(RandomRegular, JoinsEveryPairEquallyOften) {
  // By symmetry each of the 50 * 49 / 2 pairs is joined with chance 4 / 49 = 0.0816;
  // over 4,000 draws 326.5 times, standard deviation at most sqrt(326.5) = 18.1.
  constexpr int kDraws = 4'000;
  std::map<Edge, int> count;
  const Rng root(3);
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    const Graph graph = make_graph({.degree = 4}, 50, root.split("draw", draw));
    for (PeerId i = 0; i < 50; ++i) {
      for (const PeerId j : graph.neighbors(i)) ++count[{i, j}];
    }
  }
  ASSERT_EQ(count.size(), 50U * 49U);
  for (const auto& [pair, times] : count) EXPECT_NEAR(times, 326.5, 5.0 * 18.1);
}

TEST(RandomRegular, IsConnectedFromDegreeThreeOn) {
  // Of the 19,355 3-regular graphs over eight labelled peers, 8! / (4! 4! 2) = 35 are two
  // complete graphs of four: about 9 of 5,000 draws, if they were not repeated.
  const Rng root(9);
  for (std::uint64_t draw = 0; draw < 5'000; ++draw) {
    ASSERT_TRUE(make_graph({.degree = 3}, 8, root.split("draw", draw)).is_connected());
  }
}

TEST(RandomRegular, ExistsExactlyWhereItsBoundsSay) {
  for (int n = 1; n <= 13; ++n) {
    for (int degree = 0; degree <= 13; ++degree) {
      const RandomRegularOptions options{.degree = degree};
      const bool possible = degree >= 1 && degree < n && n * degree % 2 == 0;
      ASSERT_EQ(!infeasible(options, n).has_value(), possible) << degree << " of " << n;
      if (!possible) {
        EXPECT_THROW(make_graph(options, n, Rng(1)), UserError);
        continue;
      }
      const Graph graph = make_graph(options, n, Rng(1));
      for (PeerId peer = 0; peer < n; ++peer) ASSERT_EQ(graph.degree(peer), degree);
    }
  }
}

TEST(RandomRegular, NamesTheNearestDegreeThatFits) {
  const auto message = [](int degree, int n) {
    return infeasible(RandomRegularOptions{.degree = degree}, n);
  };
  EXPECT_EQ(message(3, 7),
            "degree 3 x 7 peers is odd, but every edge has two ends; nearest valid degree: 2 or 4");
  EXPECT_EQ(message(1, 7),
            "degree 1 x 7 peers is odd, but every edge has two ends; nearest valid degree: 2");
  EXPECT_EQ(message(8, 8),
            "degree 8 needs more than 8 peers, there are 8; nearest valid degree: 7");
  EXPECT_EQ(message(9, 7),
            "degree 9 needs more than 9 peers, there are 7; nearest valid degree: 6");
  EXPECT_EQ(message(4, 1), "degree 4 needs more than 4 peers, there are 1");
  EXPECT_EQ(message(0, 8), "degree 0 is below 1");
  // 2 * 2^28 / 1,000,000 = 536.9.
  EXPECT_EQ(message(600, 1'000'000),
            "degree 600 makes 300000000 edges of 1000000 peers, at most 268435456 are possible; "
            "use degree 536 or less");
}

TEST(RandomRegular, ReachesLargeSizesAndMiddleDegrees) {
  for (const auto& [n, degree] :
       {std::pair{100'000, 8}, {1'000, 20}, {1'000'000, 2}, {300, 149}, {301, 150}, {300, 290}}) {
    const Graph graph = make_graph({.degree = degree}, n, Rng(5));
    EXPECT_EQ(graph.num_edges(), std::int64_t{n} * degree / 2);
    for (PeerId peer = 0; peer < n; ++peer) ASSERT_EQ(graph.degree(peer), degree);
    EXPECT_TRUE(degree < 3 || graph.is_connected());
  }
}

}  // namespace
}  // namespace hearsay
