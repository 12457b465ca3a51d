#pragma once

#include "node/runtime/simulation.hpp"
#include "results/records.hpp"
#include "results/summary.hpp"
#include "scenarios/runner.hpp"

namespace hearsay {

/// The part of a summary that a run's outcome determines. `before`: what had been done when
/// this process began; `seconds`: wall time that it has worked since.
Summary summarize(const SimulationOutcome& outcome, const SimulationProgress& before,
                  const Adversaries& adversaries, double seconds);

/// Warns if LibTorch computes with a library that makes it many times slower.
void warn_about_blas(const Manifest& manifest, RunListener& listener);

}  // namespace hearsay
