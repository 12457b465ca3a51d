#include "results/wait_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

using testing::HasSubstr;
using testing::Not;
using Edges = std::vector<WaitForEdge>;

TEST(WaitGraph, NamesWhoWaitsCyclesAndDeadEnds) {
  const Edges edges = {
      {3, 4, "crashed at 12 s"}, {2, 1, ""}, {1, 2, ""}, {2, 4, "crashed at 12 s"}};
  EXPECT_EQ(wait_graph_text(edges),
            "3 peers wait:\n"
            "  peer 1 waits for 2\n"
            "  peer 2 waits for 1, 4 (crashed at 12 s)\n"
            "  peer 3 waits for 4 (crashed at 12 s)\n"
            "cycle: 1 -> 2 -> 1\n"
            "dead end: peer 4 (crashed at 12 s), waited for by 2 peers\n");
}

TEST(WaitGraph, OfOnePeerIsInTheSingular) {
  EXPECT_EQ(wait_graph_text(Edges{{7, 0, "left at 3 s"}}),
            "1 peer waits:\n"
            "  peer 7 waits for 0 (left at 3 s)\n"
            "dead end: peer 0 (left at 3 s), waited for by 1 peer\n");
  EXPECT_EQ(wait_graph_text({}), "");
}

TEST(WaitGraph, AChainIntoADeadEndIsNoCycle) {
  const std::string text = wait_graph_text(Edges{{1, 2, ""}, {2, 3, ""}, {3, 4, "frozen"}});
  EXPECT_THAT(text, Not(HasSubstr("cycle")));
  EXPECT_THAT(text, HasSubstr("dead end: peer 4 (frozen), waited for by 1 peer\n"));
}

TEST(WaitGraph, FindsACycleBehindDeadEndsAndDisjointOnes) {
  // 1 waits for the dead end 0 first, but also for 5, in the cycle 5 6 7; 9 for itself.
  const std::string text = wait_graph_text(
      Edges{{1, 0, "down"}, {1, 5, ""}, {5, 6, ""}, {6, 7, ""}, {7, 5, ""}, {9, 9, ""}});
  EXPECT_THAT(text, HasSubstr("cycle: 5 -> 6 -> 7 -> 5\ncycle: 9 -> 9\n"));
}

TEST(WaitGraph, NamesAtMostTenOfEach) {
  Edges edges;
  for (PeerId peer = 0; peer < 12; ++peer) edges.push_back({0, 100 + peer, "down"});
  for (PeerId peer = 1; peer < 14; ++peer) edges.push_back({peer, peer, ""});
  const std::string text = wait_graph_text(edges);
  EXPECT_THAT(text, HasSubstr("14 peers wait:\n  peer 0 waits for 100 (down), 101 (down), "));
  EXPECT_THAT(text, HasSubstr(", 109 (down) and 2 more\n"));
  EXPECT_THAT(text, HasSubstr("  peer 9 waits for 9\n  and 4 peers more\n"));
  EXPECT_THAT(text, HasSubstr("cycle: 10 -> 10\nand 3 more cycles\n"));
  EXPECT_THAT(text, HasSubstr("dead end: peer 109 (down), waited for by 1 peer\n"
                              "and 2 more dead ends\n"));
  EXPECT_THAT(text, Not(HasSubstr("110")));
}

TEST(WaitGraph, ShortensALongCycle) {
  Edges edges;
  for (PeerId peer = 0; peer < 100'000; ++peer) edges.push_back({peer, (peer + 1) % 100'000, ""});
  EXPECT_THAT(wait_graph_text(edges),
              HasSubstr("cycle: 0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> 8 -> 9 -> "
                        "(99990 peers more) -> 0\n"));
}

// Whether a peer can wait for itself through others: by walking everywhere from each.
bool has_cycle(const Edges& edges, PeerId peers) {
  for (PeerId start = 0; start < peers; ++start) {
    std::vector<bool> reached(static_cast<std::size_t>(peers), false);
    for (PeerId step = 0; step < peers; ++step) {
      for (const WaitForEdge& edge : edges) {
        if (edge.peer == start || reached[static_cast<std::size_t>(edge.peer)]) {
          reached[static_cast<std::size_t>(edge.waits_for)] = true;
        }
      }
    }
    if (reached[static_cast<std::size_t>(start)]) return true;
  }
  return false;
}

TEST(WaitGraph, NamesACycleExactlyIfThereIsOneAndOnlyRealOnes) {
  int with_cycle = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    constexpr PeerId kPeers = 8;
    Edges edges;
    for (std::uint64_t k = rng.below(9) + 1; k > 0; --k) {
      edges.push_back(
          {static_cast<PeerId>(rng.below(kPeers)), static_cast<PeerId>(rng.below(kPeers)), ""});
    }
    std::istringstream lines(wait_graph_text(edges));
    bool named = false;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("cycle: ")) continue;
      named = true;
      // "cycle: 5 -> 6 -> 5": every arrow is an edge.
      for (std::size_t at = 7; at + 1 < line.size(); at += 5) {
        const auto is_arrow = [&](const WaitForEdge& edge) {
          return edge.peer == line[at] - '0' && edge.waits_for == line[at + 5] - '0';
        };
        EXPECT_TRUE(std::ranges::any_of(edges, is_arrow)) << line;
      }
    }
    EXPECT_EQ(named, has_cycle(edges, kPeers)) << "seed " << seed;
    with_cycle += named ? 1 : 0;
  }
  EXPECT_GT(with_cycle, 50);
  EXPECT_LT(with_cycle, 250);
}

TEST(WaitGraph, IsDrawnWithReasonsAndQuotes) {
  const Edges edges = {{3, 4, "said \"no\""}, {1, 3, ""}};
  EXPECT_EQ(wait_graph_dot(edges),
            "digraph wait_for {\n"
            "  4 [shape=box, label=\"4 (said \\\"no\\\")\"];\n"
            "  1 -> 3;\n"
            "  3 -> 4 [label=\"said \\\"no\\\"\"];\n"
            "}\n");
}

TEST(WaitGraph, DoesNotDependOnTheOrderOfTheEdges) {
  Edges edges = {{3, 4, "a"}, {1, 3, ""}, {3, 1, ""}, {2, 5, "b"}, {2, 4, "a"}};
  const std::string text = wait_graph_text(edges);
  const std::string dot = wait_graph_dot(edges);
  std::ranges::reverse(edges);
  EXPECT_EQ(wait_graph_text(edges), text);
  EXPECT_EQ(wait_graph_dot(edges), dot);
}

}  // namespace
}  // namespace hearsay
