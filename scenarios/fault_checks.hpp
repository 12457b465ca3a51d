#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "node/base/error.hpp"
#include "node/world/time_intervals.hpp"
#include "scenarios/faults.hpp"

namespace hearsay {

/// A mistake in one item of a scenario's faults, for example
///   faults[2].crash: there is no peer 9; ids are 0 to 3
class FaultMistake : public UserError {
 public:
  FaultMistake(std::size_t item, std::string_view key, std::string_view message);

  std::size_t item() const { return item_; }
  const std::string& key() const { return key_; }  ///< Of the item.
  const std::string& message() const { return message_; }

  std::string path() const { return path_of(item_, key_); }

  /// `faults[2].crash`
  static std::string path_of(std::size_t item, std::string_view key);

 private:
  std::size_t item_;
  std::string key_;
  std::string message_;
};

/// Checks what depends on neither graph nor draws: peers that do not exist, until <= at,
/// sides and links (peer_groups.hpp), partitions and heals in order; the script
/// (fault_script.hpp) if all peers in it are chosen by id.
/// @throws FaultMistake
void check_faults(const std::vector<Fault>& faults, int num_peers);

/// When the partition of one item lasts.
struct PartitionSpan {
  std::size_t item = 0;
  TimeInterval when;
};

/// When the partitions last, ascending: to their `until`, or to the next heal.
/// @throws FaultMistake for partitions that overlap, a heal before or without one, a heal
///         of one that has an `until`.
std::vector<PartitionSpan> partition_spans(const std::vector<Fault>& faults);

}  // namespace hearsay
