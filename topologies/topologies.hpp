#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "node/base/rng.hpp"
#include "topologies/barabasi_albert.hpp"
#include "topologies/barbell.hpp"
#include "topologies/complete.hpp"
#include "topologies/erdos_renyi.hpp"
#include "topologies/graph.hpp"
#include "topologies/grid.hpp"
#include "topologies/link_schedule.hpp"
#include "topologies/one_peer_exponential.hpp"
#include "topologies/path.hpp"
#include "topologies/random_geometric.hpp"
#include "topologies/random_out.hpp"
#include "topologies/random_regular.hpp"
#include "topologies/ring.hpp"
#include "topologies/star.hpp"
#include "topologies/torus.hpp"

namespace hearsay {

/// Every topology there is; the first is the default. What each owes is written in
/// generator.hpp. To add one, add its options here; the generators' test, the loader,
/// the schema and `hearsay list` then cover it.
using TopologyOptions =
    std::variant<RingOptions, CompleteOptions, StarOptions, TorusOptions, RandomRegularOptions,
                 ErdosRenyiOptions, BarabasiAlbertOptions, PathOptions, GridOptions, BarbellOptions,
                 RandomGeometricOptions, OnePeerExponentialOptions, RandomOutOptions>;

/// Builds the chosen graph. REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, or as the chosen generator's header says.
inline Graph make_chosen(const TopologyOptions& options, int num_peers, Rng rng) {
  return std::visit([&](const auto& chosen) { return make_graph(chosen, num_peers, rng); },
                    options);
}

/// The links of every round, if the chosen topology varies in time: its options then have a
/// make_schedule of their own. Null for static graphs. `rng` as for the graph.
/// REQUIRES: feasible.
inline std::unique_ptr<LinkSchedule> chosen_schedule(const TopologyOptions& options, int num_peers,
                                                     Rng rng) {
  return std::visit(
      [&](const auto& chosen) -> std::unique_ptr<LinkSchedule> {
        if constexpr (requires { make_schedule(chosen, num_peers, rng); }) {
          return make_schedule(chosen, num_peers, rng);
        } else {
          return nullptr;
        }
      },
      options);
}

/// Why the chosen graph cannot be made over this many peers: a message without a place,
/// such as "degree 5 x 7 peers is odd, ..."; nothing if it can. REQUIRES: num_peers >= 1.
/// Takes exactly a TopologyOptions, nothing that converts to one, so that a generator
/// without its own overload does not compile.
inline std::optional<std::string> infeasible(const std::same_as<TopologyOptions> auto& options,
                                             int num_peers) {
  return std::visit([&](const auto& chosen) { return infeasible(chosen, num_peers); }, options);
}

}  // namespace hearsay
