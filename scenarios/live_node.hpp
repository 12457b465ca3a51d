#pragma once

#include <atomic>

#include "node/live/live_host.hpp"
#include "scenarios/node_identity.hpp"

namespace hearsay {

/// Runs the peers of one process until they are done. Setting `stop` ends it soon.
/// REQUIRES: the process has peers. @throws UserError for a scenario that is wrong.
LiveEnd run_node(const NodeOptions& options, NodeIdentity identity, const std::atomic<bool>& stop,
                 const NodeLog& log);

}  // namespace hearsay
