#pragma once

#include <span>
#include <string>
#include <vector>

#include "node/base/time.hpp"
#include "results/records.hpp"

namespace hearsay {

/// Something that went wrong, for the record.
struct FaultMoment {
  SimTime time;
  std::string label;  ///< What happened, to whom: "crash of 5 peers".
};

/// What a fault cost in mean accuracy, and for how long.
struct Recovery {
  std::string fault;  ///< The label.
  double time_s = 0.0;
  double accuracy_before = kMissing;  ///< accuracy_mean of the last row before the fault.

  /// The lowest accuracy_mean from the fault up to and including the row at which it is
  /// recovered from, or up to the end. Not below accuracy_before if nothing was lost.
  double accuracy_lowest = kMissing;

  /// From the fault until the first row whose accuracy_mean is at least accuracy_before
  /// less the tolerance. kMissing: not recovered from, or nothing was measured before it.
  /// Evaluations are points in time: the true moment is up to one interval earlier, and a
  /// fault that lowers no later row counts as recovered from at the next one.
  double recovery_s = kMissing;
};

/// One Recovery per fault, in the order given. A row at the very time of a fault comes
/// after it: what is down from t on is down at t. Rows without an accuracy are passed over.
/// Other faults are not looked at: after a second one the first may count as not recovered
/// from although it alone would have been.
/// REQUIRES: rows ascend by time; tolerance >= 0.
std::vector<Recovery> recoveries(std::span<const MetricsRow> rows,
                                 std::span<const FaultMoment> faults, double tolerance = 0.01);

}  // namespace hearsay
