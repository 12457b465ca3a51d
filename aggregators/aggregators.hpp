#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "aggregators/aksel.hpp"
#include "aggregators/bulyan.hpp"
#include "aggregators/caf.hpp"
#include "aggregators/centered_clipping.hpp"
#include "aggregators/cge.hpp"
#include "aggregators/clipped_clustering.hpp"
#include "aggregators/decavg.hpp"
#include "aggregators/dnc.hpp"
#include "aggregators/faba.hpp"
#include "aggregators/flag.hpp"
#include "aggregators/fltrust.hpp"
#include "aggregators/geometric_median.hpp"
#include "aggregators/krum.hpp"
#include "aggregators/mda.hpp"
#include "aggregators/meamed.hpp"
#include "aggregators/median.hpp"
#include "aggregators/mixing_average.hpp"
#include "aggregators/multi_krum.hpp"
#include "aggregators/phocas.hpp"
#include "aggregators/pre/pre_aggregators.hpp"
#include "aggregators/sign_guard.hpp"
#include "aggregators/smea.hpp"
#include "aggregators/trimmed_mean.hpp"
#include "aggregators/variance_correction.hpp"

namespace hearsay {

/// Every aggregation rule there is. To add one, add its options here; the contract
/// test, the loader, the schema and `hearsay list` then cover it.
using AggregationRule =
    std::variant<MixingAverageOptions, DecavgOptions, AkselOptions, BulyanOptions, CafOptions,
                 CenteredClippingOptions, CgeOptions, ClippedClusteringOptions, DncOptions,
                 FabaOptions, FlagOptions, FltrustOptions, GeometricMedianOptions, KrumOptions,
                 MdaOptions, MeamedOptions, MedianOptions, MultiKrumOptions, PhocasOptions,
                 SignGuardOptions, SmeaOptions, TrimmedMeanOptions>;

/// The `aggregator` part of a scenario: a rule and what is wrapped around it.
struct AggregatorOptions {
  AggregationRule rule;
  std::vector<PreAggregationOptions> pre;
  std::optional<VarianceCorrectionOptions> variance_correction;

  friend bool operator==(const AggregatorOptions&, const AggregatorOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, AggregatorOptions& options) {
  visit.kind(options.rule);
  visit("pre", options.pre, "what is done to the inputs before the rule, in this order");
  visit("variance_correction", options.variance_correction,
        "give averaged weights the variance of their inputs");
}

/// Builds the chosen rule with its wrappers. Does not compile if a rule in the list
/// lacks its make_aggregator overload.
std::unique_ptr<Aggregator> make_chosen(const AggregatorOptions& options);

}  // namespace hearsay
