#pragma once

#include "scenarios/document.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// Checks what one key alone does not show: required keys, and keys that do not go
/// together. Completes the one value that depends on others: local_steps is 1 if neither
/// it nor local_epochs is given. `scenario` was read from `document`.
/// @throws UserError at the key that is wrong.
void check_and_complete(const Document& document, Scenario& scenario);

}  // namespace hearsay
