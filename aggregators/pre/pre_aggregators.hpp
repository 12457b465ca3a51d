#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "aggregators/pre/arc.hpp"
#include "aggregators/pre/bucketing.hpp"
#include "aggregators/pre/clipping.hpp"
#include "aggregators/pre/nnm.hpp"
#include "aggregators/space.hpp"

namespace hearsay {

/// Every pre-aggregator there is. To add one, add its options here; the contract test, the
/// loader and the schema then cover it.
using PreAggregation = std::variant<NnmOptions, BucketingOptions, ClippingOptions, ArcOptions>;

/// An item of the list `pre` of an aggregator.
struct PreAggregationOptions {
  PreAggregation step;

  friend bool operator==(const PreAggregationOptions&, const PreAggregationOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, PreAggregationOptions& options) {
  visit.kind(options.step);
}

/// `update` if any of the steps works on updates: then the rule behind them must, too.
Space space_of(const std::vector<PreAggregationOptions>& steps);

/// A rule behind these steps, the first of which sees the inputs as they came. It keeps the
/// rule's state and needs; it is infeasible where a step or, for what the steps leave, the
/// rule is; it reports what came through of the original inputs (the own one's share being
/// what is missing from 1 behind the steps). Returns the rule itself if there are no steps.
std::unique_ptr<Aggregator> make_pre_aggregated(std::unique_ptr<Aggregator> rule,
                                                const std::vector<PreAggregationOptions>& steps);

}  // namespace hearsay
