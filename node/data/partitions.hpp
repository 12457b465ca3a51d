#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"
#include "node/data/class_partition.hpp"
#include "node/data/dirichlet_partition.hpp"
#include "node/data/dual_dirichlet_partition.hpp"
#include "node/data/iid_partition.hpp"

namespace hearsay {

/// Every way to split data there is; to add one, add its options here. All are
/// deterministic in their arguments.
using PartitionOptions = std::variant<IidPartitionOptions, DirichletPartitionOptions,
                                      DualDirichletPartitionOptions, ClassPartitionOptions>;

/// Deals all samples as the chosen kind does, but to `holders` only: holder number k owns
/// what peer k of as many peers would own, the other peers own nothing. With all peers as
/// holders, the same as the kind's make_partition(). Lower bounds such as min_samples hold
/// for holders.
/// REQUIRES: holders not empty, ascending, each once, all in [0, num_peers).
/// @throws UserError as the kind's make_partition().
Partition make_chosen(const PartitionOptions& options, std::span<const std::uint8_t> labels,
                      int num_peers, std::span<const PeerId> holders, const Rng& rng);

}  // namespace hearsay
