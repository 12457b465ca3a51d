#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "results/finished_run.hpp"
#include "results/inference.hpp"

namespace hearsay {

/// A key that a sweep varies.
struct SweptKey {
  std::string key;
  bool is_seed = false;  ///< Its values repeat a run.
};

/// One run of a sweep, run or not.
struct SweptRun {
  std::string point;                ///< Names its directory.
  std::vector<std::string> values;  ///< By key.
  std::string status;               ///< done, stalled, interrupted, failed or pending.
  std::string error;                ///< Why it failed.
  std::string scenario_digest;
  std::optional<FinishedRun> results;  ///< Of a run that is done or stalled.
};

/// What a sweep came to.
struct SweepResults {
  std::string name;
  std::vector<SweptKey> keys;
  bool is_grid = true;         ///< False: the keys change together.
  std::vector<SweptRun> runs;  ///< In the sweep's order.
};

/// The target accuracies of all runs.
std::set<double> targets_of(const SweepResults& results);

/// sweep.csv: a row per run, in order: point, one column per key, status, the last row of its
/// metrics, per target the share of peers that reached it and their mean time, the digests,
/// why it failed, and last (all before it is the same for every repetition) wall_seconds.
/// Missing numbers are empty.
std::string sweep_csv(const SweepResults& results);

/// The means of one metric over a grid of two keys, and over all runs that are done.
struct SweepGrid {
  std::string metric;  ///< accuracy_mean, or loss_mean where none was measured.
  bool lower_is_better = false;
  std::string row_key;
  std::string column_key;
  std::vector<std::string> rows;                 ///< Values of row_key.
  std::vector<std::string> columns;              ///< Values of column_key.
  std::vector<std::vector<MeanInterval>> cells;  ///< [row][column]; n = 0: no run.

  /// Other keys over whose values the cells are averaged, the seeds left out. If there are
  /// any, the cells' intervals say nothing.
  std::vector<std::string> averaged_over;
};

/// One for every pair of keys that are no seeds, the earlier one as rows; none for a sweep
/// that is no grid.
std::vector<SweepGrid> sweep_grids(const SweepResults& results);

/// table.md: over the runs that are done, for every combination of the keys that are no
/// seeds the number n of runs and mean ± half the 95 % t interval of the measured metrics;
/// then sweep_grids() with the best and worst of every row marked and its worst case. Names
/// the runs that are not counted.
std::string sweep_tables(const SweepResults& results);

}  // namespace hearsay
