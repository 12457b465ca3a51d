#pragma once

#include <cstdint>
#include <vector>

#include "topologies/graph.hpp"

namespace hearsay {

/// A place on paper.
struct Point {
  double x = 0.0;
  double y = 0.0;
};

/// Most peers whose neighbors are drawn close together; a picture of more shows no edges.
inline constexpr int kMostPeersDrawnByForce = 500;

/// Places the peers of a graph in a square, both coordinates 0 to 1, the same for equal graphs.
///
/// Up to kMostPeersDrawnByForce neighbors lie close together and others apart, beginning with a
/// circle in the order of the peers, so that a ring stays one: forces f_a(d) = d^2 / k along
/// edges and f_r(d) = k^2 / d between all peers, k = sqrt(1 / n), steps bounded by a temperature
/// that falls to 0, after
/// T. M. J. Fruchterman, E. M. Reingold. Graph Drawing by Force-Directed Placement. Software:
/// Practice and Experience 21(11):1129-1164, 1991.
///
/// More peers lie evenly in a disc, the nearer to its middle the fewer links lie between them
/// and the peer with most neighbors (unconnected ones outside): peer m of that order at
/// distance sqrt(m + 1/2), turned by m golden angles, as the florets of
/// H. Vogel. A better way to construct the sunflower head. Mathematical Biosciences
/// 44(3-4):179-189, 1979.
std::vector<Point> draw_graph(const Graph& graph);

/// Of a graph's edges {a, b}, a < b, in their order, those that a picture shows: all if they
/// are at most `most`, else every k-th.
std::vector<Edge> drawn_edges(const Graph& graph, std::int64_t most);

}  // namespace hearsay
