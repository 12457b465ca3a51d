#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Every pair of peers is joined: (n - 1)-regular, connected, n (n - 1) / 2 edges.
/// One peer has no neighbor.
struct CompleteOptions {
  static constexpr std::string_view kKind = "complete";
  static constexpr std::string_view kSummary = "Everybody is everybody's neighbor.";

  friend bool operator==(const CompleteOptions&, const CompleteOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, CompleteOptions&) {}

/// Says so if there were more than kMaxEdges edges.
std::optional<std::string> infeasible(const CompleteOptions& options, int num_peers);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible.
Graph make_graph(const CompleteOptions& options, int num_peers, Rng rng);

}  // namespace hearsay
