#pragma once

#include <memory>

#include "aggregators/aggregator.hpp"

namespace hearsay {

/// Lets a rule work on updates instead of models: with r the peer's model before its local
/// training, the rule combines own - r and x_j - r, and r is added to its result. A rule that
/// commutes with translations gives the same as without, up to rounding.
/// Costs a copy of all inputs, and needs_previous().
std::unique_ptr<Aggregator> make_update_space(std::unique_ptr<Aggregator> rule);

}  // namespace hearsay
