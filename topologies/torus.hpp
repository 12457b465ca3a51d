#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// A rows x columns grid with wrap-around: peer r * columns + c is joined to the peers
/// one row and one column away. 4-regular if rows and columns are at least 3; connected
/// always. An extent of 2 gives one edge where there would be two alike, an extent of 1
/// none: 1 x n is the ring of n peers, 1 x 1 a single peer without neighbors.
struct TorusOptions {
  static constexpr std::string_view kKind = "torus";
  static constexpr std::string_view kSummary = "2-D grid with wrap-around; 4 neighbors each.";

  int rows = 0;     ///< 0: num_peers / columns, or as square as the factors allow.
  int columns = 0;  ///< 0: num_peers / rows. A prime number of peers gives 1 x n.

  friend bool operator==(const TorusOptions&, const TorusOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, TorusOptions& options) {
  visit("rows", options.rows, at_least(0), "0 = as square as the number of peers allows");
  visit("columns", options.columns, at_least(0), "0 = peers / rows");
}

/// Says so if rows * columns is not num_peers, or the only one given does not divide it.
std::optional<std::string> infeasible(const TorusOptions& options, int num_peers);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible.
Graph make_graph(const TorusOptions& options, int num_peers, Rng rng);

}  // namespace hearsay
