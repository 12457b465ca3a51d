#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "aggregators/pre/pre_aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct BucketingOptions {
  static constexpr std::string_view kKind = "bucketing";
  static constexpr std::string_view kSummary = "Replace random groups of inputs by their means.";

  int size = 2;         ///< s: inputs per bucket.
  bool mix_own = true;  ///< False: the own vector stays alone.

  friend bool operator==(const BucketingOptions&, const BucketingOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, BucketingOptions& options) {
  visit("size", options.size, at_least(1), "inputs per bucket");
  visit("mix_own", options.mix_own,
        "also put the own vector into a bucket; self-centered rules need false");
}

/// Bucketing: the inputs in random order, cut into groups of s (the last may be smaller), each
/// replaced by its mean. The bucket that holds the own vector is the own one for what follows;
/// every other takes the lowest of its members' peer ids, the sum of their weights and samples,
/// and the least of their rounds. With s members in a bucket a rule must stand up to as many bad
/// buckets as there were bad inputs, among fewer vectors. A rule that trusts the own vector
/// (clipped gossip, NNA, ...) would trust a stranger in its bucket: use `mix_own: false` with
/// these. Orders are drawn per peer and round. Space: model (translation-equivariant).
/// Karimireddy, He, Jaggi. Byzantine-robust learning on heterogeneous datasets via bucketing.
/// ICLR 2022.
std::unique_ptr<PreAggregator> make_pre_aggregator(const BucketingOptions& options);

/// The mixtures of such groups: `order` holds inputs, cut into groups of `size`; the others, if
/// any, stay alone. REQUIRES: size >= 1; every entry of `order` is below `inputs` and occurs once.
std::vector<Mixture> buckets(std::size_t inputs, std::span<const std::size_t> order,
                             std::size_t size);

}  // namespace hearsay
