#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <variant>

#include "node/base/rng.hpp"
#include "topologies/barabasi_albert.hpp"
#include "topologies/complete.hpp"
#include "topologies/erdos_renyi.hpp"
#include "topologies/graph.hpp"
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
                 ErdosRenyiOptions, BarabasiAlbertOptions>;

/// Builds the chosen graph. REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, or as the chosen generator's header says.
inline Graph make_chosen(const TopologyOptions& options, int num_peers, Rng rng) {
  return std::visit([&](const auto& chosen) { return make_graph(chosen, num_peers, rng); },
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
