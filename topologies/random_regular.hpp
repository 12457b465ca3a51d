#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// A random d-regular graph on n peers, by Steger and Wormald's pairing: every peer
/// has d stubs; two stubs drawn uniformly at random are joined if they belong to
/// different peers that are not yet joined, until none is left; if the stubs left over
/// cannot be joined, all starts again. Degrees above (n - 1) / 2 are drawn as the
/// complement of a random (n - 1 - d)-regular graph.
///
/// All d-regular graphs are possible and relabelling peers does not change their
/// chance. They are exactly equally likely for d = 1 and nearly so when d is small
/// against n^(1/3); NOT guaranteed uniform otherwise.
///
/// Connected for d >= 3: disconnected draws (a vanishing share as n grows) are
/// repeated. NOT guaranteed connected for d = 1 (pairs) and d = 2 (a union of rings).
///
/// Steger, Wormald. Generating random regular graphs quickly. Combinatorics,
/// Probability and Computing 8(4), 1999, pages 377-396.
/// Kim, Vu. Generating random regular graphs. STOC 2003, pages 213-222.
struct RandomRegularOptions {
  static constexpr std::string_view kKind = "random_regular";
  static constexpr std::string_view kSummary =
      "Random graph with `degree` neighbors each; connected from degree 3 on.";

  int degree = 4;  ///< 1 <= degree < num_peers, degree * num_peers even.

  friend bool operator==(const RandomRegularOptions&, const RandomRegularOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, RandomRegularOptions& options) {
  visit("degree", options.degree, at_least(1), "neighbors of every peer; degree x peers is even");
}

/// Says so if degree < 1, degree >= num_peers, degree * num_peers is odd, or there
/// were more than kMaxEdges edges. One peer alone admits no degree.
std::optional<std::string> infeasible(const RandomRegularOptions& options, int num_peers);

/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible.
Graph make_graph(const RandomRegularOptions& options, int num_peers, Rng rng);

}  // namespace hearsay
