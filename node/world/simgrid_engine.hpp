#pragma once

#include <memory>
#include <vector>

#include "node/base/time.hpp"
#include "node/world/network_model.hpp"
#include "node/world/simgrid_network.hpp"

namespace hearsay {

/// SimGrid's engine on a thread of its own, steered from outside: Engine::run() keeps
/// control until the simulation ends, so an actor waits in it for our calls. Used by
/// simgrid_entry.cpp, from one thread at a time.
class SimgridEngine {
 public:
  /// @throws UserError as make_network() of simgrid_network.hpp. REQUIRES: num_peers >= 1.
  SimgridEngine(const SimgridOptions& options, int num_peers);

  /// Forgets the transfers under way.
  ~SimgridEngine();

  /// Starts `transfers` at the current time, then runs until the first of all transfers
  /// ends, but no longer than until `limit`. Returns those that end at that moment.
  /// @throws UserError if the platform has no route for one of them, or fails one.
  std::vector<Transfer> advance(const std::vector<Transfer>& transfers, SimTime limit);

  /// The current time, rounded up (what is less than 1e-3 ns above a whole nanosecond is
  /// taken for a rounding error).
  SimTime now() const;

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace hearsay
