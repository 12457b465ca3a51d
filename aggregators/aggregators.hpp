#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "aggregators/age_weighted.hpp"
#include "aggregators/aggregator.hpp"
#include "aggregators/aksel.hpp"
#include "aggregators/balance.hpp"
#include "aggregators/bridge.hpp"
#include "aggregators/bristle.hpp"
#include "aggregators/bulyan.hpp"
#include "aggregators/caf.hpp"
#include "aggregators/centered_clipping.hpp"
#include "aggregators/cfa.hpp"
#include "aggregators/cge.hpp"
#include "aggregators/clipped_clustering.hpp"
#include "aggregators/clipped_gossip.hpp"
#include "aggregators/cs_plus_rg.hpp"
#include "aggregators/decavg.hpp"
#include "aggregators/decdiff.hpp"
#include "aggregators/dnc.hpp"
#include "aggregators/faba.hpp"
#include "aggregators/flag.hpp"
#include "aggregators/fltrust.hpp"
#include "aggregators/fools_gold.hpp"
#include "aggregators/geometric_median.hpp"
#include "aggregators/guard.hpp"
#include "aggregators/ios.hpp"
#include "aggregators/krum.hpp"
#include "aggregators/lfighter.hpp"
#include "aggregators/mda.hpp"
#include "aggregators/meamed.hpp"
#include "aggregators/mean.hpp"
#include "aggregators/median.hpp"
#include "aggregators/mixing_average.hpp"
#include "aggregators/monna.hpp"
#include "aggregators/multi_krum.hpp"
#include "aggregators/phocas.hpp"
#include "aggregators/pre/pre_aggregators.hpp"
#include "aggregators/reputation.hpp"
#include "aggregators/residual_reweighting.hpp"
#include "aggregators/rsa.hpp"
#include "aggregators/sign_guard.hpp"
#include "aggregators/smea.hpp"
#include "aggregators/space.hpp"
#include "aggregators/trimmed_mean.hpp"
#include "aggregators/ubar.hpp"
#include "aggregators/variance_correction.hpp"

namespace hearsay {

/// Every aggregation rule there is. To add one, add its options here; the contract
/// test, the loader, the schema and `hearsay list` then cover it.
using AggregationRule =
    std::variant<MixingAverageOptions, DecavgOptions, MeanOptions, DecdiffOptions, CfaOptions,
                 AgeWeightedOptions, ClippedGossipOptions, CsPlusRgOptions, MonnaOptions,
                 IosOptions, UbarOptions, BalanceOptions, RsaOptions, ReputationOptions,
                 BristleOptions, ResidualReweightingOptions, FoolsGoldOptions, LfighterOptions,
                 BridgeOptions, AkselOptions, BulyanOptions, CafOptions, CenteredClippingOptions,
                 CgeOptions, ClippedClusteringOptions, DncOptions, FabaOptions, FlagOptions,
                 FltrustOptions, GeometricMedianOptions, KrumOptions, MdaOptions, MeamedOptions,
                 MedianOptions, MultiKrumOptions, PhocasOptions, SignGuardOptions, SmeaOptions,
                 TrimmedMeanOptions>;

/// The `aggregator` part of a scenario: a rule and what is wrapped around it.
struct AggregatorOptions {
  AggregationRule rule;
  SpaceChoice space = SpaceChoice::kDefault;
  std::vector<PreAggregationOptions> pre;
  std::optional<VarianceCorrectionOptions> variance_correction;
  OnInfeasible on_infeasible = OnInfeasible::kError;

  friend bool operator==(const AggregatorOptions&, const AggregatorOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, AggregatorOptions& options) {
  visit.kind(options.rule);
  visit("space", options.space, "what is combined: models, updates, or what the rule is for");
  visit("pre", options.pre, "what is done to the inputs before the rule, in this order");
  visit("variance_correction", options.variance_correction,
        "give averaged weights the variance of their inputs");
  visit("on_infeasible", options.on_infeasible,
        "where too few models came for the rule: fail, keep the own model, or mix plainly");
}

/// The space in which the chosen rule works, with what stands before it: unless the scenario
/// says, updates if one of them is for these.
Space space_of(const AggregatorOptions& options);

/// Builds the chosen rule with its wrappers. From the inside out: the rule; the
/// pre-aggregators; the space (update_space.hpp); variance correction; the guard (guard.hpp). Does
/// not compile if a rule in the list lacks its make_aggregator overload.
std::unique_ptr<Aggregator> make_chosen(const AggregatorOptions& options);

}  // namespace hearsay
