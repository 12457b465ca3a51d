#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// A peer joined that was not there at the start.
struct Join {
  PeerId peer = 0;
  SimTime time;
};

/// Events of one kind that lie close together.
struct EventMark {
  std::string kind;  ///< As in events.jsonl.
  double from_s = 0.0;
  double until_s = 0.0;
  std::int64_t count = 0;
  std::string what;  ///< The first one's peer and details, in words.
};

/// What events.jsonl says.
struct EventHistory {
  std::vector<EventMark> marks;  ///< In the order of their kinds, then of time.
  std::vector<Join> joins;       ///< Each such peer's first.
};

/// Reads events.jsonl of a run directory. Events of one kind within a 150th of the time from
/// the start to `end_s` (or to the last event, if that is later) make one mark.
/// @throws UserError, beginning with the file's path, if it cannot be read or is not as a run
///         writes it.
EventHistory read_event_history(const std::filesystem::path& directory, double end_s);

}  // namespace hearsay
