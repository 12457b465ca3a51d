#pragma once

#include <simgrid/forward.h>

#include <memory>
#include <vector>

#include "node/world/simgrid_network.hpp"

namespace hearsay {

/// SimGrid's engine with the options' model, silent, with the process's signal handlers
/// left alone. To be run by the calling thread. REQUIRES: the first one in this process.
std::unique_ptr<simgrid::s4u::Engine> make_simgrid_engine(const SimgridOptions& options);

/// Builds the star or loads the platform file. Returns the peers' hosts, by peer.
/// @throws UserError if the file cannot be read, has fewer hosts than there are peers, or
///         gives a host or a link a state file, which would turn it off.
std::vector<simgrid::s4u::Host*> make_simgrid_hosts(const simgrid::s4u::Engine& engine,
                                                    const SimgridOptions& options, int num_peers);

}  // namespace hearsay
