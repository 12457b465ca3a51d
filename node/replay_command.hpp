#pragma once

#include <atomic>
#include <string>

#include "scenarios/runner.hpp"

namespace hearsay {

/// The arguments of `hearsay replay`.
struct ReplayArguments {
  std::string run;
  std::string other;   ///< A run to compare with; empty: `run` is run again.
  RunOptions options;  ///< Of the new run; its `out` is where that stays, else it is removed.
};

/// Runs a run again, or takes another one, and says whether both came to the same digests, or
/// which event of which peer is the first to differ; returns the exit code: kExitDone or
/// kExitDiffers. Setting `stop` ends it soon.
/// @throws UserError for a mistake of the user.
int replay(const ReplayArguments& arguments, const std::atomic<bool>& stop);

}  // namespace hearsay
