#pragma once

#include <string>
#include <vector>

#include "results/comparison.hpp"

namespace hearsay {

/// The arguments of `hearsay compare`.
struct CompareArguments {
  std::vector<std::string> runs;  ///< Run directories, or directories of sweeps.
  std::string at;                 ///< round=N, time=T, bytes=B, or empty.
  ComparisonOptions options;      ///< Its limit is set from `at`.
  std::string csv;                ///< File to write, or empty.
  std::string figures;            ///< Folder of pictures, or empty.
  bool json = false;
};

/// Carries the command out; returns the exit code.
/// @throws UserError for a mistake of the user.
int compare(const CompareArguments& arguments);

/// What `--at` says: round=50, time=10s, bytes=5MB.
/// @throws UserError.
CostLimit parse_cost_limit(const std::string& text);

}  // namespace hearsay
