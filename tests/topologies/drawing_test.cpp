#include "topologies/drawing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

double shortest_distance(const std::vector<Point>& places) {
  double shortest = 2.0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = i + 1; j < places.size(); ++j) {
      shortest = std::min(shortest, distance(places[i], places[j]));
    }
  }
  return shortest;
}

TEST(DrawGraph, FillsTheSquareAndPutsNoTwoPeersOnOneSpot) {
  const std::vector<TopologyOptions> all{RingOptions{}, CompleteOptions{}, StarOptions{},
                                         PathOptions{}, RandomRegularOptions{}};
  for (const TopologyOptions& options : all) {
    for (const int peers : {8, 100, kMostPeersDrawnByForce + 1}) {
      const std::vector<Point> places = draw_graph(make_chosen(options, peers, Rng(1)));
      ASSERT_EQ(places.size(), static_cast<std::size_t>(peers));
      double largest = 0.0;
      for (const Point& place : places) {
        largest = std::max({largest, place.x, place.y});
        EXPECT_TRUE(place.x >= 0.0 && place.x <= 1.0 && place.y >= 0.0 && place.y <= 1.0);
      }
      EXPECT_DOUBLE_EQ(largest, 1.0);
      EXPECT_GT(shortest_distance(places), 0.1 / peers) << options.index() << " " << peers;
    }
  }
}

TEST(DrawGraph, LeavesARingACircle) {
  const std::vector<Point> places = draw_graph(make_chosen(RingOptions{}, 12, Rng(1)));
  for (const Point& place : places) EXPECT_NEAR(distance(place, {0.5, 0.5}), 0.5, 0.02);
}

TEST(DrawGraph, PutsNeighborsCloserTogetherThanOthers) {
  const Graph graph = make_chosen(TorusOptions{}, 64, Rng(1));
  const std::vector<Point> places = draw_graph(graph);
  double joined = 0.0;
  double all = 0.0;
  for (PeerId a = 0; a < 64; ++a) {
    for (const PeerId b : graph.neighbors(a)) {
      joined += distance(places[static_cast<std::size_t>(a)], places[static_cast<std::size_t>(b)]);
    }
    for (std::size_t b = 0; b < 64; ++b) {
      all += distance(places[static_cast<std::size_t>(a)], places[b]);
    }
  }
  // Four neighbors each, sixty-three others.
  EXPECT_LT(joined / (64 * 4), 0.6 * all / (64 * 63));
}

TEST(DrawGraph, PutsTheBestConnectedOfManyPeersInTheMiddle) {
  // A star over all but the last two peers, with its hub at 7; those two are joined to no one.
  constexpr int kPeers = kMostPeersDrawnByForce + 100;
  std::vector<Edge> edges;
  for (PeerId peer = 0; peer < kPeers - 2; ++peer) {
    if (peer != 7) edges.emplace_back(7, peer);
  }
  const std::vector<Point> places = draw_graph(Graph(kPeers, edges));
  const auto far_out = [&](PeerId peer) {
    return distance(places[static_cast<std::size_t>(peer)], {0.5, 0.5});
  };
  for (PeerId peer = 0; peer < kPeers - 2; ++peer) {
    if (peer == 7) continue;
    EXPECT_LT(far_out(7), far_out(peer));
  }
  EXPECT_GT(far_out(kPeers - 1), 0.48);
}

TEST(DrawnEdges, AreAllOrEveryKth) {
  const Graph graph = make_chosen(RingOptions{}, 6, Rng(1));
  EXPECT_EQ(drawn_edges(graph, 6).size(), 6U);
  EXPECT_THAT(drawn_edges(graph, 3), testing::ElementsAre(Edge{0, 1}, Edge{1, 2}, Edge{3, 4}));
}

TEST(DrawGraph, TakesASinglePeer) {
  const std::vector<Point> places = draw_graph(Graph(1, {}));
  EXPECT_EQ(places[0].x, 0.5);
  EXPECT_EQ(places[0].y, 0.5);
}

}  // namespace
}  // namespace hearsay
