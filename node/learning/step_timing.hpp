#pragma once

#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"
#include "node/learning/learning_problem.hpp"

namespace hearsay {

/// How long one local step of `peer` takes this machine: the median wall time of 15
/// trainings of one step each, after two that warm up; at least 1 ns. For compute model
/// `measured`, before a run. Different each time it is called, more so while the machine
/// has other work. Trains on a copy: changes nothing of the problem.
/// REQUIRES: 0 <= peer < number of peers.
SimTime measure_step_time(const LearningProblem& problem, PeerId peer = 0);

}  // namespace hearsay
