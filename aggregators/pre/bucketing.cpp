#include "aggregators/pre/bucketing.hpp"

#include <algorithm>
#include <numeric>

#include "aggregators/weighting_rule.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

class Bucketing final : public PreAggregator {
 public:
  explicit Bucketing(const BucketingOptions& options) : options_(options) {}

  std::vector<Mixture> mix(const InputVectors& x,
                           const AggregationContext& context) const override {
    std::vector<std::size_t> order(x.rows().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (!options_.mix_own) order.erase(order.begin() + static_cast<std::ptrdiff_t>(x.own()));
    Rng rng = context.rng().split("bucketing");
    rng.shuffle(std::span(order));
    return buckets(x.rows().size(), order, static_cast<std::size_t>(options_.size));
  }

  int outputs(int inputs) const override {
    const int mixed = options_.mix_own ? inputs : inputs - 1;
    return inputs - mixed + (mixed + options_.size - 1) / options_.size;
  }

 private:
  BucketingOptions options_;
};

}  // namespace

std::unique_ptr<PreAggregator> make_pre_aggregator(const BucketingOptions& options) {
  return std::make_unique<Bucketing>(options);
}

std::vector<Mixture> buckets(std::size_t inputs, std::span<const std::size_t> order,
                             std::size_t size) {
  HEARSAY_CHECK(size >= 1);
  std::vector<bool> alone(inputs, true);
  std::vector<Mixture> mixtures;
  const auto add = [&](std::vector<std::size_t> members) {
    std::ranges::sort(members);
    std::vector<double> weights = mean_weights(inputs, members);
    mixtures.push_back({.members = std::move(members), .weights = std::move(weights)});
  };
  for (std::size_t first = 0; first < order.size(); first += size) {
    const auto group = order.subspan(first, std::min(size, order.size() - first));
    for (const std::size_t i : group) alone[i] = false;
    add({group.begin(), group.end()});
  }
  for (std::size_t i = 0; i < inputs; ++i) {
    if (alone[i]) add({i});
  }
  std::ranges::sort(mixtures, {}, [](const Mixture& mixture) { return mixture.members.front(); });
  return mixtures;
}

}  // namespace hearsay
