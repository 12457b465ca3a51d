#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "node/base/rng.hpp"
#include "node/world/links_network.hpp"
#include "node/world/network_model.hpp"
#include "node/world/shared_network.hpp"
#include "node/world/simgrid_network.hpp"

namespace hearsay {

/// Every network there is; the first is the default. What each owes is written in
/// network_model.hpp. To add one, add its options here; the networks' contract test, the
/// loader, the schema and `hearsay list` then cover it.
using NetworkOptions = std::variant<LinksOptions, SharedOptions, SimgridOptions>;

/// Builds the chosen network. Takes exactly a NetworkOptions, nothing that converts to
/// one, so that a kind without its own overload does not compile.
/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, or as the chosen kind's header says.
inline std::unique_ptr<NetworkModel> make_network(const std::same_as<NetworkOptions> auto& options,
                                                  int num_peers, const Rng& rng) {
  return std::visit([&](const auto& chosen) { return make_network(chosen, num_peers, rng); },
                    options);
}

/// Why the chosen network makes no sense: a message without a place; nothing if it does.
/// REQUIRES: num_peers >= 1.
inline std::optional<std::string> infeasible(const std::same_as<NetworkOptions> auto& options,
                                             int num_peers) {
  return std::visit([&](const auto& chosen) { return infeasible(chosen, num_peers); }, options);
}

/// Whether the state of the chosen network can be saved and restored.
inline bool can_be_saved(const std::same_as<NetworkOptions> auto& options) {
  return !std::holds_alternative<SimgridOptions>(options);
}

}  // namespace hearsay
