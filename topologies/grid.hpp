#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// A rows x columns grid without wrap-around: peer r * columns + c is joined to the peers
/// one row and one column away, so that corners have 2 neighbors and inner peers 4;
/// connected always. 1 x n is the path of n peers, 1 x 1 a single peer without neighbors.
struct GridOptions {
  static constexpr std::string_view kKind = "grid";
  static constexpr std::string_view kSummary = "2-D grid without wrap-around.";

  int rows = 0;     ///< 0: num_peers / columns, or as square as the factors allow.
  int columns = 0;  ///< 0: num_peers / rows. A prime number of peers gives 1 x n.

  friend bool operator==(const GridOptions&, const GridOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, GridOptions& options) {
  visit("rows", options.rows, at_least(0), "0 = as square as the number of peers allows");
  visit("columns", options.columns, at_least(0), "0 = peers / rows");
}

/// Says so if rows * columns is not num_peers, or the only one given does not divide it.
std::optional<std::string> infeasible(const GridOptions& options, int num_peers);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible.
Graph make_graph(const GridOptions& options, int num_peers, Rng rng);

}  // namespace hearsay
