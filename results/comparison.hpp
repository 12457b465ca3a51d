#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/finished_run.hpp"
#include "results/inference.hpp"

/// Methods compared by their results. A method is a set of runs with the same settings but
/// for seeds, and maybe for keys that the methods are averaged over; methods are compared
/// seed by seed.

namespace hearsay {

/// Dotted key -> value, as in a resolved scenario.
using Settings = std::map<std::string, std::string>;

struct ComparedRun {
  FinishedRun run;
  Settings settings;  ///< What may tell methods apart.
  Settings seeds;
};

/// What all runs may have spent when they are compared.
struct CostLimit {
  std::string column;  ///< round, time_s or bytes_sent.
  double most = 0.0;
};

struct ComparisonOptions {
  /// A column of metrics.csv, or time_to_accuracy@A, rounds_to_accuracy@A or
  /// bytes_to_accuracy@A (means over the peers) for a target accuracy A. Empty:
  /// accuracy_mean, or loss_mean where accuracy was not measured.
  std::string metric;

  /// The value is that of the last evaluation not beyond it. Nothing: of the last one.
  std::optional<CostLimit> limit;

  /// Keys, or what is below them, that tell methods apart. For each seed a method's value is
  /// the mean over the values of the other keys that differ, the same for every method: runs
  /// with one seed are not independent, so that only seeds count as repetitions. `X.kind`
  /// takes with it the parameters that not all kinds of X have. Empty: all keys.
  std::vector<std::string> by;

  std::string baseline;  ///< A label, or the KEY=VALUE of one method. Empty: the first run's.
};

/// A key that the runs differ in, and its values in the order of the runs.
struct DifferingKey {
  std::string key;
  std::vector<std::string> values;  ///< Each once; "-": the scenario has no such key.
  bool is_method = true;            ///< False: methods are averaged over it.
};

/// A row of a method's runs: means of what they had spent, and of what they had reached.
struct CurvePoint {
  double round = 0.0;
  double time_s = 0.0;
  double bytes_sent = 0.0;
  double mean = 0.0;
  double least = 0.0;
  double most = 0.0;

  friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

struct ComparedMethod {
  std::string label;           ///< The keys that tell it apart, KEY=VALUE.
  std::vector<double> values;  ///< By seed.
  MeanInterval value;
  DifferenceTest difference;  ///< Against the baseline; of the baseline itself: missing.
  double p_holm = kMissing;

  /// Why the seeds do not support a difference: n < 5, the interval contains 0, or p after
  /// the correction is 0.05 or more. Empty: they do.
  std::string doubt;

  std::vector<CurvePoint> curve;  ///< Of Comparison::curve_column (overlay.hpp).
};

struct Comparison {
  std::string metric;
  std::string curve_column;  ///< The metric if it is a column of metrics.csv, else the default.
  std::vector<DifferingKey> keys;
  std::vector<std::string> seeds;  ///< "seed=3": those in which every method has all runs.
  std::vector<ComparedMethod> methods;
  std::size_t baseline = 0;
  std::vector<std::string> notes;  ///< What was left out, or limits what can be concluded.
};

/// With fewer seeds no difference counts as supported.
inline constexpr std::size_t kFewestSeeds = 5;

/// Compares runs. Those that are not done are left out, as are seeds for which a method lacks
/// a run or a value; notes name them. p values are corrected by Holm's method for the number
/// of methods compared with the baseline.
/// @throws UserError if nothing is left to compare, a method has two runs with the same
///         seeds, or the options name what is not there.
Comparison compare_runs(std::vector<ComparedRun> runs, const ComparisonOptions& options);

}  // namespace hearsay
