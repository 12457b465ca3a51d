#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/error.hpp"

namespace hearsay {

/// What every topology generator owes. A generator is an options struct with kKind and
/// kSummary, a `describe` overload and two functions:
///   Graph make_graph(const XOptions& options, int num_peers, Rng rng);
///   std::optional<std::string> infeasible(const XOptions& options, int num_peers);
/// For num_peers >= 1:
///  1. make_graph MUST return a graph over exactly num_peers peers.
///  2. Equal options, sizes and streams MUST give equal graphs; `rng` is the only
///     source of chance, and a generator without chance ignores it.
///  3. infeasible MUST return a message that names the value, the bound and, where
///     there is one, the nearest valid choice if no such graph can be made; it MUST
///     return nothing if one can. It MUST take time that does not grow with num_peers
///     beyond its square root.
///  4. make_graph MUST throw UserError where infeasible returns a message.
///  5. make_graph MUST take memory linear in peers plus edges, and never look at all pairs
///     of peers where only few are joined.
///  6. The header MUST say whether the graph is connected, and what sizes below the
///     usual ones (one peer, two peers) give.

/// Most edges that a generator makes: 2 GiB of adjacency. A guard against a slip of the
/// pen, such as a complete graph of a million peers, before it exhausts the memory.
inline constexpr std::int64_t kMaxEdges = std::int64_t{1} << 28;

/// @throws UserError "topology KIND: MESSAGE" if infeasible(options, num_peers) says so.
template <class Options>
void require_feasible(const Options& options, int num_peers) {
  if (const std::optional<std::string> problem = infeasible(options, num_peers)) {
    throw UserError("topology " + std::string(Options::kKind) + ": " + *problem);
  }
}

}  // namespace hearsay
