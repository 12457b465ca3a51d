#pragma once

#include <vector>

#include "node/world/fault_timeline.hpp"
#include "scenarios/faults.hpp"
#include "scenarios/peer_selector.hpp"

namespace hearsay {

/// Most off times that the sessions of one item may come to, all peers together.
inline constexpr std::size_t kMaxOffTimes = 10'000'000;

/// Makes the timeline of a scenario's faults for the peers of `context.graph`. Each item
/// draws, whom it chooses and all else, from a stream of its own, split off `context.rng`
/// by its action and its ordinal among the items of that action: items of one action do
/// not change what those of another draw, nor later ones what earlier ones do.
/// Notes: partition, heal, link_down, link_up, outage, outage_end.
/// @throws UserError `faults[2].crash: ...` for what check_faults (fault_checks.hpp)
///         refuses, for a script (fault_script.hpp) that the chosen peers cannot follow,
///         for an item that chooses nobody, a clock skewed twice, more than kMaxOffTimes;
///         `FILE:LINE: ...` for what is wrong with a trace.
FaultTimeline make_timeline(const std::vector<Fault>& faults, const SelectionContext& context);

}  // namespace hearsay
