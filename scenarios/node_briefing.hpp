#pragma once

#include <string>

namespace hearsay {

/// All that a process of a deployment must be told, on one line of its standard input. So the
/// secret key is on no command line and in no file, and nothing needs to be copied to the
/// machine where the process runs.
struct NodeBriefing {
  std::string secret_key;  ///< Empty where nothing is encrypted.
  std::string deployment;  ///< Text of the deployment file.
  std::string scenario;    ///< Text of the scenario file.

  friend bool operator==(const NodeBriefing&, const NodeBriefing&) = default;
};

/// As a line of JSON, its end included.
std::string briefing_line(const NodeBriefing& briefing);

/// Reads a line from a descriptor, and not more.
/// @throws UserError if there is none, it is longer than 32 MiB or no briefing.
NodeBriefing read_briefing(int descriptor);

/// Whether whoever holds the other end of a descriptor has closed it. What came is dropped;
/// waits for nothing.
bool has_hung_up(int descriptor);

}  // namespace hearsay
