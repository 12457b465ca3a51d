#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aggregators/aggregators.hpp"
#include "scenarios/vector_file.hpp"

namespace hearsay {

/// Reads an aggregation rule as a scenario's `aggregator` says it, in YAML on one line:
///   median
///   {kind: krum, f: 3, convention: byzfl}
///   {kind: trimmed_mean, f: 3, pre: [{kind: nnm, f: 3}]}
/// @throws UserError "SPEC:line:column: key: what is wrong", as for scenarios.
AggregatorOptions parse_aggregator(std::string_view spec);

/// Which of the vectors is the peer's own, and the seed of rules that draw.
struct AggregationSetting {
  std::size_t own = 0;
  std::uint64_t seed = 0;
};

/// Applies the rule to the rows: row j is what peer j sends, and all have the weight 1/n and one
/// sample. The model before training is zero, so that spaces make no difference. Returns JSON,
///   {"result": [...], "weights": [...]}
/// with the rows' parts in the result, if the rule tells them; and, if some rows were left out
/// because they are not finite, "not_finite": their numbers.
/// @throws UserError if the rule cannot work on so many rows, or tries models on data, or there
///         is no row `own`.
std::string aggregate_rows(const AggregatorOptions& options, const VectorRows& rows,
                           const AggregationSetting& setting);

}  // namespace hearsay
