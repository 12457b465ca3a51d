#include "results/sweep_results.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "results/number_text.hpp"

namespace hearsay {
namespace {

bool is_done(const SweptRun& run) { return run.status == "done" && run.results; }

/// A number of every run.
struct Metric {
  std::string name;
  std::string (*text)(double);
};

std::string accuracy_text(double value) { return fixed(value, 4); }

std::string bytes_cell(double value) {
  return std::isfinite(value) ? bytes_text(std::llround(value)) : "-";
}

std::vector<double> values_of(const std::vector<const SweptRun*>& runs, const std::string& column) {
  std::vector<double> values;
  for (const SweptRun* run : runs) values.push_back(run->results->last(column));
  return values;
}

std::string interval_text(const MeanInterval& interval, std::string (*text)(double)) {
  if (std::isnan(interval.half_width)) return text(interval.mean);
  return text(interval.mean) + " ± " + text(interval.half_width);
}

/// Means of times to a target; a lower bound where a peer did not reach it.
std::string target_text(const std::vector<const SweptRun*>& runs, double target) {
  std::vector<double> times;
  bool all_reached = true;
  for (const SweptRun* run : runs) {
    const auto found = std::ranges::find(run->results->targets, target, &ReachedTarget::target);
    if (found == run->results->targets.end()) return "-";
    times.push_back(found->time_s);
    all_reached = all_reached && found->fraction_reached == 1.0;
  }
  return (all_reached ? "" : "≥ ") + interval_text(mean_interval(times), duration_text);
}

using Cells = std::vector<std::string>;

void add_row(std::string& text, const Cells& cells) {
  text += "|";
  for (std::string cell : cells) {
    for (std::size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) {
      cell.insert(at, 1, '\\');
    }
    text += " " + cell + " |";
  }
  text += "\n";
}

void add_head(std::string& text, const Cells& cells) {
  add_row(text, cells);
  add_row(text, Cells(cells.size(), "---"));
}

/// The runs that are done, by their values of the keys that are no seeds, in the order in
/// which these first appear.
class Combinations {
 public:
  explicit Combinations(const SweepResults& results) {
    std::map<Cells, std::size_t> places;
    for (const SweptRun& run : results.runs) {
      Cells values;
      for (std::size_t k = 0; k < results.keys.size(); ++k) {
        if (!results.keys[k].is_seed) values.push_back(run.values[k]);
      }
      const auto [place, is_new] = places.emplace(values, runs_.size());
      if (is_new) {
        values_.push_back(values);
        runs_.emplace_back();
      }
      if (is_done(run)) runs_[place->second].push_back(&run);
    }
  }

  std::size_t size() const { return runs_.size(); }
  const Cells& values(std::size_t i) const { return values_[i]; }
  const std::vector<const SweptRun*>& runs(std::size_t i) const { return runs_[i]; }

 private:
  std::vector<Cells> values_;
  std::vector<std::vector<const SweptRun*>> runs_;
};

std::vector<Metric> measured_metrics(const SweepResults& results) {
  const std::vector<Metric> all = {
      {"accuracy_mean", accuracy_text}, {"accuracy_min", accuracy_text},
      {"loss_mean", measure_text},      {"consensus_distance", measure_text},
      {"time_s", duration_text},        {"bytes_sent", bytes_cell}};
  std::vector<Metric> measured;
  std::ranges::copy_if(all, std::back_inserter(measured), [&](const Metric& metric) {
    return std::ranges::any_of(results.runs, [&](const SweptRun& run) {
      return is_done(run) && !std::isnan(run.results->last(metric.name));
    });
  });
  return measured;
}

std::string combinations_table(const SweepResults& results) {
  const std::vector<Metric> metrics = measured_metrics(results);
  const std::set<double> targets = targets_of(results);
  Cells head;
  for (const SweptKey& key : results.keys) {
    if (!key.is_seed) head.push_back(key.key);
  }
  head.emplace_back("n");
  for (const Metric& metric : metrics) head.push_back(metric.name);
  for (const double target : targets) head.push_back("time_to_accuracy@" + shortest(target));
  std::string text;
  add_head(text, head);
  const Combinations combinations(results);
  for (std::size_t i = 0; i < combinations.size(); ++i) {
    const auto& runs = combinations.runs(i);
    Cells cells = combinations.values(i);
    cells.push_back(std::to_string(runs.size()));
    for (const Metric& metric : metrics) {
      cells.push_back(interval_text(mean_interval(values_of(runs, metric.name)), metric.text));
    }
    for (const double target : targets) {
      cells.push_back(runs.empty() ? "-" : target_text(runs, target));
    }
    add_row(text, cells);
  }
  return text;
}

Cells distinct_values(const SweepResults& results, std::size_t key) {
  Cells values;
  for (const SweptRun& run : results.runs) {
    const std::string& value = run.values[key];
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  return values;
}

SweepGrid grid_of(const SweepResults& results, std::size_t row_key, std::size_t column_key,
                  const std::string& metric) {
  SweepGrid grid{.metric = metric,
                 .lower_is_better = metric == "loss_mean",
                 .row_key = results.keys[row_key].key,
                 .column_key = results.keys[column_key].key,
                 .rows = distinct_values(results, row_key),
                 .columns = distinct_values(results, column_key)};
  std::map<std::pair<std::string, std::string>, std::vector<const SweptRun*>> runs;
  for (const SweptRun& run : results.runs) {
    if (is_done(run)) runs[{run.values[row_key], run.values[column_key]}].push_back(&run);
  }
  for (const std::string& row : grid.rows) {
    auto& cells = grid.cells.emplace_back();
    for (const std::string& column : grid.columns) {
      cells.push_back(mean_interval(values_of(runs[{row, column}], metric)));
    }
  }
  for (std::size_t k = 0; k < results.keys.size(); ++k) {
    if (k == row_key || k == column_key || results.keys[k].is_seed) continue;
    grid.averaged_over.push_back(results.keys[k].key);
  }
  return grid;
}

/// Places of the best and the worst number; the same if there is nothing to tell apart.
struct Extremes {
  std::size_t best = 0;
  std::size_t worst = 0;
};

Extremes extremes_of(const std::vector<MeanInterval>& cells, bool lower_is_better) {
  Extremes found;
  bool any = false;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (std::isnan(cells[c].mean)) continue;
    if (!any) found = {c, c};
    any = true;
    const auto exceeds = [&](std::size_t other) { return cells[c].mean > cells[other].mean; };
    const auto is_below = [&](std::size_t other) { return cells[c].mean < cells[other].mean; };
    if (lower_is_better ? is_below(found.best) : exceeds(found.best)) found.best = c;
    if (lower_is_better ? exceeds(found.worst) : is_below(found.worst)) found.worst = c;
  }
  return found;
}

std::string grid_table(const SweepGrid& grid) {
  const auto number = grid.lower_is_better ? measure_text : accuracy_text;
  std::string text =
      "\n## " + grid.metric + ": " + grid.row_key + " by " + grid.column_key + "\n\n";
  for (const std::string& key : grid.averaged_over) text += "Averaged over " + key + ".\n";
  if (!grid.averaged_over.empty()) text += "\n";
  Cells head = {grid.row_key};
  head.insert(head.end(), grid.columns.begin(), grid.columns.end());
  head.emplace_back("worst case");
  add_head(text, head);
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    const auto [best, worst] = extremes_of(grid.cells[r], grid.lower_is_better);
    Cells cells = {grid.rows[r]};
    for (std::size_t c = 0; c < grid.columns.size(); ++c) {
      MeanInterval cell = grid.cells[r][c];
      if (!grid.averaged_over.empty()) cell.half_width = kMissing;
      const std::string mark = best == worst ? "" : c == best ? "**" : c == worst ? "_" : "";
      cells.push_back(mark + interval_text(cell, number) + mark);
    }
    const double worst_mean = grid.cells[r][worst].mean;
    cells.push_back(std::isnan(worst_mean) ? "-"
                                           : number(worst_mean) + " (" + grid.columns[worst] + ")");
    add_row(text, cells);
  }
  return text;
}

std::string not_counted(const SweepResults& results) {
  std::string text;
  for (const SweptRun& run : results.runs) {
    if (is_done(run)) continue;
    text +=
        "* " + run.point + ": " + run.status + (run.error.empty() ? "" : ", " + run.error) + "\n";
  }
  return text.empty() ? "" : "\nNot counted:\n\n" + text;
}

}  // namespace

std::vector<SweepGrid> sweep_grids(const SweepResults& results) {
  std::vector<SweepGrid> grids;
  if (!results.is_grid) return grids;
  const std::vector<Metric> metrics = measured_metrics(results);
  const bool has_accuracy = !metrics.empty() && metrics.front().name == "accuracy_mean";
  const std::string metric = has_accuracy ? "accuracy_mean" : "loss_mean";
  for (std::size_t row = 0; row < results.keys.size(); ++row) {
    for (std::size_t column = row + 1; column < results.keys.size(); ++column) {
      if (results.keys[row].is_seed || results.keys[column].is_seed) continue;
      grids.push_back(grid_of(results, row, column, metric));
    }
  }
  return grids;
}

std::string sweep_tables(const SweepResults& results) {
  const auto done = std::ranges::count_if(results.runs, is_done);
  std::string text = "# " + results.name + "\n\n" + std::to_string(done) + " of " +
                     std::to_string(results.runs.size()) +
                     " runs are done. Values are those of the last evaluation: mean ± half the "
                     "95 % t interval over n runs that differ in seeds only.\n\n" +
                     combinations_table(results);
  const std::vector<SweepGrid> grids = sweep_grids(results);
  for (const SweepGrid& grid : grids) text += grid_table(grid);
  if (!grids.empty()) {
    text +=
        "\n**Best** and _worst_ of a row go by the mean alone; whether the seeds support a "
        "difference is what `hearsay compare` tells.\n";
  }
  return text + not_counted(results);
}

}  // namespace hearsay
