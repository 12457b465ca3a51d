#pragma once

#include <filesystem>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/world/time_intervals.hpp"

namespace hearsay {

/// When one peer is up.
struct Availability {
  PeerId peer = 0;
  std::vector<TimeInterval> up;  ///< As merged() returns them, at least one.
};

/// Reads a CSV file with the header `peer,from,to`, times in seconds: a row says that the
/// peer is up from `from` on until `to`. A peer's rows ascend and do not overlap; other
/// peers' may stand between them. Peers without a row do not appear in the result, which
/// ascends by peer.
/// @throws UserError with file and line: what read_csv (csv.hpp) refuses, a peer that is
///         not 0 .. num_peers - 1, to <= from, rows of a peer out of order or overlapping.
std::vector<Availability> read_availability(const std::filesystem::path& path, int num_peers);

}  // namespace hearsay
