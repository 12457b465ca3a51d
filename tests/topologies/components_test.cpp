#include "topologies/components.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "topologies/erdos_renyi.hpp"

namespace hearsay {
namespace {

using Labels = std::vector<PeerId>;

// Everybody takes over the smallest label around until nothing changes.
Labels by_spreading(const Graph& graph, const std::vector<bool>& inside,
                    const EdgePredicate& holds) {
  Labels labels(inside.size(), -1);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (inside[i]) labels[i] = static_cast<PeerId>(i);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (PeerId i = 0; i < graph.num_peers(); ++i) {
      for (const PeerId j : graph.neighbors(i)) {
        PeerId& own = labels[static_cast<std::size_t>(i)];
        const PeerId other = labels[static_cast<std::size_t>(j)];
        if (own < 0 || other < 0 || other >= own) continue;
        if (!holds(std::min(i, j), std::max(i, j))) continue;
        own = other;
        changed = true;
      }
    }
  }
  return labels;
}

TEST(ComponentLabels, AreWhatSpreadingTheSmallestLabelGives) {
  const Rng root(4);
  for (std::uint64_t draw = 0; draw < 50; ++draw) {
    Rng rng = root.split("draw", draw);
    const Graph graph = make_graph(ErdosRenyiOptions{.probability{0.08}, .connected = false}, 40,
                                   rng.split("graph"));
    std::vector<bool> inside(40);
    for (std::size_t i = 0; i < 40; ++i) inside[i] = rng.uniform() < 0.8;
    const EdgePredicate holds = [](PeerId a, PeerId b) { return (a * 7 + b) % 5 != 0; };
    EXPECT_EQ(component_labels(graph, inside, holds), by_spreading(graph, inside, holds));
  }
}

// 5 - 1 - 3 - 0, 2 - 4.
Graph two_chains() { return {6, std::vector<Edge>{{1, 5}, {1, 3}, {0, 3}, {2, 4}}}; }

TEST(ComponentLabels, AreTheSmallestIds) {
  EXPECT_EQ(component_labels(two_chains(), std::vector(6, true)), (Labels{0, 0, 2, 0, 2, 0}));
}

TEST(ComponentLabels, NothingLeadsThroughPeersOutside) {
  const std::vector<bool> inside = {true, true, true, false, false, true};
  EXPECT_EQ(component_labels(two_chains(), inside), (Labels{0, 1, 2, -1, -1, 1}));
  EXPECT_EQ(component_labels(two_chains(), std::vector(6, false)), Labels(6, -1));
}

TEST(ComponentLabels, NothingLeadsAlongEdgesThatDoNotHold) {
  const auto holds = [](PeerId a, PeerId b) { return a + b != 4; };  // Not 1 - 3.
  EXPECT_EQ(component_labels(two_chains(), std::vector(6, true), holds),
            (Labels{0, 1, 2, 0, 2, 1}));
}

TEST(ComponentLabels, AskAboutAnEdgeWithTheSmallerIdFirst) {
  const auto holds = [](PeerId a, PeerId b) {
    EXPECT_LT(a, b);
    return true;
  };
  component_labels(two_chains(), std::vector(6, true), holds);
}

}  // namespace
}  // namespace hearsay
