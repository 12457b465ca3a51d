#pragma once

#include <array>
#include <memory>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

/// What becomes of an aggregation for whose number of models the rule cannot guarantee
/// anything (Aggregator::infeasible), because messages are missing or the topology varies.
enum class OnInfeasible {
  kError,     ///< The run ends with the reason.
  kSkip,      ///< The peer keeps its own model.
  kFallback,  ///< Plain gossip averaging.
};

constexpr auto enum_names(OnInfeasible) {
  return std::array{EnumName<OnInfeasible>{OnInfeasible::kError, "error"},
                    EnumName<OnInfeasible>{OnInfeasible::kSkip, "skip"},
                    EnumName<OnInfeasible>{OnInfeasible::kFallback, "fallback"}};
}

/// What stands between a rule and its inputs, outermost of all that is wrapped around it. In
/// this order:
///   1. A received model with a number that is not finite is left out. If the own model has
///      one, the first received model without takes its place, and its weight is added to the
///      own one. Who was left out is written to context.incidents, and has no influence. For
///      rules that look at updates, numbers of 2^127 and more count as not finite, since
///      differences of two of them can overflow; with such a previous model the own one is kept.
///   2. If nothing is left of the received models, the result is `own`.
///   3. If the rule cannot work on the rest, it is as `on_infeasible` says, and the reason is
///      written to context.incidents.
///   4. The rule. If numbers so large went in that its result overflows, the peer keeps its own
///      model, and that too is written to context.incidents.
/// So a rule never sees a number that is not finite, and such a number never passes from one
/// peer to another.
/// aggregate() @throws UserError "peer P, round R: aggregator: <reason>; ..." with kError.
std::unique_ptr<Aggregator> make_guarded(std::unique_ptr<Aggregator> rule,
                                         OnInfeasible on_infeasible);

}  // namespace hearsay
