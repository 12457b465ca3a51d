#pragma once

#include <string>

#include "node/learning/kernel_set.hpp"
#include "results/records.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// What a run is made with: machine, versions, kernels; its end is left open. Call when
/// the learning problem has been built: only then is it known whether the run computes
/// with LibTorch; if so, that is asked for its version and its BLAS library.
Manifest make_manifest(const Scenario& scenario, const RunOptions& options,
                       const KernelSet& kernels);

/// "hearsay VERSION (COMMIT)".
std::string version_text();

/// Now, as ISO 8601 in UTC.
std::string utc_now();

}  // namespace hearsay
