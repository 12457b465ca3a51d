#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// The random geometric graph G(n, r): peers are placed uniformly at random in the unit
/// square (x, then y, in the order of ids); two are joined if they are at most `radius`
/// apart. Peers near each other share neighbors, as radios do.
///
/// With `connected`, disconnected draws are repeated, at most kMaxDraws times: the result is
/// G(n, r) given that it is connected. Without, NOT guaranteed connected. G(n, r) becomes
/// connected around r = sqrt(ln(n) / (pi n)). One peer has no neighbor.
///
/// Gilbert. Random plane networks. Journal of the SIAM 9(4), 1961, pages 533-543.
/// Penrose. Random Geometric Graphs. Oxford University Press, 2003.
struct RandomGeometricOptions {
  static constexpr std::string_view kKind = "random_geometric";
  static constexpr std::string_view kSummary =
      "Random places in the unit square, joined within `radius`.";
  static constexpr int kMaxDraws = 100;

  double radius = 0.4;    ///< r, 0 < r <= 1.5 (the diagonal is 1.414).
  bool connected = true;  ///< Repeat disconnected draws.

  friend bool operator==(const RandomGeometricOptions&, const RandomGeometricOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, RandomGeometricOptions& options) {
  visit("radius", options.radius, Range{.low = 0, .high = 1.5, .low_open = true},
        "distance within which two peers are joined; the square's side is 1");
  visit("connected", options.connected, "repeat the draw until the graph is connected");
}

/// Says so if r is not in (0, 1.5], if more than kMaxEdges edges are expected, or if the
/// graph is to be connected and more than 15 isolated peers are expected even away from the
/// square's sides, n (1 - pi r^2)^(n - 1) > 15. r above that can still be out of luck: see
/// make_graph.
std::optional<std::string> infeasible(const RandomGeometricOptions& options, int num_peers);

/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, or if kMaxDraws draws were all disconnected.
Graph make_graph(const RandomGeometricOptions& options, int num_peers, Rng rng);

}  // namespace hearsay
