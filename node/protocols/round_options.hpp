#pragma once

#include <array>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// What a peer does about a neighbor that it awaits and does not hear.
enum class MissingPolicy {
  kWait,       ///< Wait for ever.
  kDrop,       ///< After `timeout` combine without it.
  kLastModel,  ///< After `timeout` use the last model heard from it, if any.
};

constexpr auto enum_names(MissingPolicy) {
  return std::array{EnumName{MissingPolicy::kWait, "wait"}, EnumName{MissingPolicy::kDrop, "drop"},
                    EnumName{MissingPolicy::kLastModel, "last_model"}};
}

/// Where the mixing weight of a neighbor goes that is combined without.
enum class MissingWeight {
  kRenormalize,  ///< To all others and the own model, in proportion.
  kSelf,         ///< To the own model.
};

constexpr auto enum_names(MissingWeight) {
  return std::array{EnumName{MissingWeight::kRenormalize, "renormalize"},
                    EnumName{MissingWeight::kSelf, "self"}};
}

/// What all protocols of synchronous rounds let one choose.
struct RoundOptions {
  int rounds = 50;
  MissingPolicy missing = MissingPolicy::kWait;
  SimTime timeout{1'000'000'000};
  MissingWeight missing_weight = MissingWeight::kRenormalize;

  friend bool operator==(const RoundOptions&, const RoundOptions&) = default;
};

/// Describes `missing` and `timeout` of RoundOptions, or of options with the same fields.
template <class Visitor, class Options>
void describe_missing(Visitor& visit, Options& options) {
  visit("missing", options.missing, "what to do about a neighbor that is not heard");
  visit("timeout", options.timeout, above(0), "how long to wait for it, once trained");
}

/// Describes `missing_weight`.
template <class Visitor, class Options>
void describe_missing_weight(Visitor& visit, Options& options) {
  visit("missing_weight", options.missing_weight, "where the weight of a missing neighbor goes");
}

}  // namespace hearsay
