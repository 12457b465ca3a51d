#pragma once

#include <vector>

#include "node/base/peer_id.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "scenarios/faults.hpp"

namespace hearsay {

/// Whether it is one of crash, restart, leave, join and freeze.
bool is_scripted(const Fault& fault);

struct ScriptedDown {
  PeerId peer = 0;
  TimeInterval when;
  Departure departure = Departure::kCrash;
};

struct ScriptedFreeze {
  PeerId peer = 0;
  TimeInterval when;
};

/// What the scripted faults come to.
struct FaultScript {
  std::vector<ScriptedDown> downs;
  std::vector<ScriptedFreeze> freezes;
};

/// Plays the scripted faults peer by peer, in the order of time; at equal times restarts
/// and joins come first, then freezes, then crashes and leaves, each in the order of the
/// list. `chosen[i]`: whom item i chooses. A peer whose first change is a join is absent
/// before it; all others are up at the start.
/// @throws FaultMistake for a crash or leave of a peer that is down; a restart of one that
///         has not crashed, or that restarts before its crash's `until`; a join of one that
///         has not left; a freeze of one that is down or frozen.
FaultScript play_script(const std::vector<Fault>& faults,
                        const std::vector<std::vector<PeerId>>& chosen);

}  // namespace hearsay
