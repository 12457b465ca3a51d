#include "scenarios/scenario_outline.hpp"

namespace hearsay {

Outline outline_of(const Scenario& scenario) { return outline_of<Scenario>(scenario); }

}  // namespace hearsay
