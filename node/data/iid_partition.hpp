#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "node/data/partition.hpp"

namespace hearsay {

struct IidPartitionOptions {
  static constexpr std::string_view kKind = "iid";
  static constexpr std::string_view kSummary = "Shuffled samples dealt round-robin.";

  friend bool operator==(const IidPartitionOptions&, const IidPartitionOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, IidPartitionOptions&) {}

/// Deals shuffled samples round-robin; sizes differ by at most one.
/// @throws UserError if there are more peers than samples.
Partition make_partition(const IidPartitionOptions& options, std::span<const std::uint8_t> labels,
                         int num_peers, const Rng& rng);

}  // namespace hearsay
