#include "node/data/iid_partition.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {

Partition make_partition(const IidPartitionOptions&, std::span<const std::uint8_t> labels,
                         int num_peers, const Rng& rng) {
  HEARSAY_CHECK(num_peers >= 1);
  const auto peers = static_cast<std::size_t>(num_peers);
  if (peers > labels.size()) {
    throw UserError("data.partition: " + std::to_string(num_peers) + " peers cannot share " +
                    std::to_string(labels.size()) + " samples: at most " +
                    std::to_string(labels.size()) + " peers can hold data");
  }
  std::vector<std::uint32_t> samples(labels.size());
  std::iota(samples.begin(), samples.end(), 0U);
  rng.split("iid").shuffle(std::span(samples));
  Partition partition(peers);
  for (std::size_t i = 0; i < samples.size(); ++i) partition[i % peers].push_back(samples[i]);
  for (auto& owned : partition) std::ranges::sort(owned);
  return partition;
}

}  // namespace hearsay
