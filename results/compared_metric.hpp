#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/comparison.hpp"

namespace hearsay {

/// The number that runs are compared by: a column of metrics.csv, in the last row or the
/// last within a cost limit, or a time to a target accuracy. See ComparisonOptions.
class ComparedMetric {
 public:
  /// @throws UserError if there is no such number, or a limit with a time to a target.
  ComparedMetric(const ComparisonOptions& options, const std::vector<ComparedRun>& runs);

  const std::string& name() const { return name_; }

  /// kMissing if the run has none. `run` is one of the constructor's.
  double of(const FinishedRun& run) const;

  /// What limits the value of a run, as a clause; empty if nothing does.
  std::string caveat(const FinishedRun& run) const;

 private:
  void read_target(std::size_t at);
  void check_column(const std::vector<ComparedRun>& runs) const;
  const ReachedTarget* target_of(const FinishedRun& run) const;

  std::string name_;
  std::optional<CostLimit> limit_;
  double ReachedTarget::*clock_ = nullptr;  ///< Null: a column.
  double target_ = 0.0;
};

}  // namespace hearsay
