#pragma once

#include <functional>
#include <vector>

#include "node/base/time.hpp"

namespace hearsay {

/// What `measure` returns, run in a child process: SimGrid can be used once per process.
/// @throws UserError with the message of the one that `measure` throws.
/// @throws std::runtime_error if the child ends otherwise.
std::vector<SimTime> in_own_process(const std::function<std::vector<SimTime>()>& measure);

}  // namespace hearsay
