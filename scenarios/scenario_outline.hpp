#pragma once

#include "scenarios/outline.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// The template's outline of a whole scenario. No other place visits all options there are,
/// which takes a compiler longer than anything else.
Outline outline_of(const Scenario& scenario);

}  // namespace hearsay
