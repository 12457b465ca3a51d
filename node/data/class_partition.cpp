#include "node/data/class_partition.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/data/class_shares.hpp"

namespace hearsay {
namespace {

void check_options(const ClassPartitionOptions& options, std::size_t classes) {
  if (options.least_classes > options.most_classes) {
    throw UserError("data.partition.least_classes: " + std::to_string(options.least_classes) +
                    " exceeds most_classes: at most " + std::to_string(options.most_classes));
  }
  if (static_cast<std::size_t>(options.most_classes) > classes) {
    throw UserError("data.partition.most_classes: " + std::to_string(options.most_classes) +
                    " of the " + std::to_string(classes) + " classes in the data: at most " +
                    std::to_string(classes));
  }
}

}  // namespace

Partition make_partition(const ClassPartitionOptions& options, std::span<const std::uint8_t> labels,
                         int num_peers, const Rng& rng) {
  HEARSAY_CHECK(num_peers >= 1);
  std::vector<std::size_t> classes;
  const std::vector<std::size_t> sizes = class_sizes(labels);
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    if (sizes[c] > 0) classes.push_back(c);
  }
  check_options(options, classes.size());
  const auto peers = static_cast<std::size_t>(num_peers);
  const auto span = static_cast<std::uint64_t>(options.most_classes - options.least_classes + 1);
  const auto draw = [&](Rng stream) -> std::optional<ClassShares> {
    ClassShares shares(sizes.size(), std::vector<double>(peers, 0.0));
    for (std::size_t p = 0; p < peers; ++p) {
      std::vector<std::size_t> chosen = classes;
      if (options.choice == ClassPartitionOptions::Choice::kSliding) {
        std::ranges::rotate(chosen,
                            chosen.begin() + static_cast<std::ptrdiff_t>(p % chosen.size()));
      } else {
        stream.shuffle(std::span(chosen));
      }
      chosen.resize(static_cast<std::size_t>(options.least_classes) + stream.below(span));
      for (const std::size_t c : chosen) {
        const double part = options.mean + options.deviation * stream.normal();
        shares[c][p] = std::max(part, options.mean / 100.0);
      }
    }
    for (const std::size_t c : classes) {
      if (std::accumulate(shares[c].begin(), shares[c].end(), 0.0) == 0.0) return std::nullopt;
    }
    // A class without samples needs no owner, but some share.
    for (auto& of_class : shares) {
      if (std::accumulate(of_class.begin(), of_class.end(), 0.0) == 0.0) of_class[0] = 1.0;
    }
    return shares;
  };
  return deal_by_class(labels,
                       {.name = ClassPartitionOptions::kKind,
                        .num_peers = num_peers,
                        .min_samples = 1,
                        .draw = draw},
                       rng);
}

}  // namespace hearsay
