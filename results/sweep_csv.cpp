#include "results/sweep_results.hpp"

#include <algorithm>
#include <set>

#include "results/number_text.hpp"
#include "results/record_text.hpp"

namespace hearsay {
namespace {

constexpr const char* kMetrics[] = {
    "round",        "time_s",    "accuracy_mean",      "accuracy_sd",
    "accuracy_min", "loss_mean", "consensus_distance", "bytes_sent"};

void add(std::string& line, const std::string& text) {
  if (!line.empty()) line += ',';
  line += csv_cell(text);
}

std::string header(const SweepResults& results, const std::set<double>& targets) {
  std::string line;
  add(line, "point");
  for (const SweptKey& key : results.keys) add(line, key.key);
  add(line, "status");
  for (const char* const metric : kMetrics) add(line, metric);
  for (const double target : targets) {
    add(line, "fraction_reached@" + shortest(target));
    add(line, "time_to_accuracy@" + shortest(target));
  }
  for (const char* const name :
       {"scenario_digest", "model_digest", "event_digest", "error", "wall_seconds"}) {
    add(line, name);
  }
  return line + "\n";
}

std::string row(const SweptRun& run, const std::set<double>& targets) {
  const FinishedRun empty;
  const FinishedRun& results = run.results ? *run.results : empty;
  std::string line;
  add(line, run.point);
  for (const std::string& value : run.values) add(line, value);
  add(line, run.status);
  for (const char* const metric : kMetrics) add(line, shortest(results.last(metric)));
  for (const double target : targets) {
    const auto found = std::ranges::find(results.targets, target, &ReachedTarget::target);
    const bool is_there = found != results.targets.end();
    add(line, is_there ? shortest(found->fraction_reached) : "");
    add(line, is_there ? shortest(found->time_s) : "");
  }
  for (const std::string& text : {run.scenario_digest, results.model_digest, results.event_digest,
                                  run.error, shortest(results.wall_seconds)}) {
    add(line, text);
  }
  return line + "\n";
}

}  // namespace

std::set<double> targets_of(const SweepResults& results) {
  std::set<double> targets;
  for (const SweptRun& run : results.runs) {
    if (!run.results) continue;
    for (const ReachedTarget& target : run.results->targets) targets.insert(target.target);
  }
  return targets;
}

std::string sweep_csv(const SweepResults& results) {
  const std::set<double> targets = targets_of(results);
  std::string text = header(results, targets);
  for (const SweptRun& run : results.runs) text += row(run, targets);
  return text;
}

}  // namespace hearsay
