#include "results/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "results/number_text.hpp"
#include "results/text_columns.hpp"
#include "results/totals.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kMostRows = 20;
constexpr std::size_t kMostFaults = 5;

using Cells = std::vector<std::string>;

std::string accuracy_cell(const MetricsRow& row) {
  if (std::isnan(row.accuracy_mean)) return "-";
  return fixed(row.accuracy_mean, 4) + " ± " + fixed(row.accuracy_sd, 4) + " [" +
         fixed(row.accuracy_min, 4) + ", " + fixed(row.accuracy_max, 4) + "]";
}

// Indices of the rows to show: all, or kMostRows evenly spaced with both ends.
std::vector<std::size_t> shown_rows(std::size_t rows) {
  std::vector<std::size_t> shown;
  const std::size_t count = std::min(rows, kMostRows);
  for (std::size_t k = 0; k < count; ++k) {
    shown.push_back(count == 1 ? 0 : k * (rows - 1) / (count - 1));
  }
  return shown;
}

std::string_view clock_of(const Summary& summary) {
  return summary.is_live ? "wall time" : "virtual time";
}

std::string evaluation_points(std::span<const MetricsRow> rows, std::string_view clock) {
  if (rows.empty()) return "No evaluation took place.\n";
  std::vector<Cells> lines = {{"round", std::string(clock), "accuracy mean ± sd [min, max]", "loss",
                               "consensus distance", "sent"}};
  const auto shown = shown_rows(rows.size());
  for (const std::size_t r : shown) {
    const MetricsRow& row = rows[r];
    lines.push_back({std::to_string(row.round), duration_text(exact_seconds(row.time)),
                     accuracy_cell(row), measure_text(row.loss_mean),
                     measure_text(row.consensus_distance), bytes_text(row.bytes_sent)});
  }
  std::string text = text_columns(lines);
  if (shown.size() < rows.size()) {
    text += '(' + std::to_string(shown.size()) + " of " + std::to_string(rows.size()) +
            " evaluation points; all are in metrics.csv)\n";
  }
  return text;
}

using Cell = std::string (*)(double);

std::string rounds_cell(double rounds) { return fixed(rounds, 1); }

std::string bytes_cell(double bytes) {
  return std::isnan(bytes) ? "-" : bytes_text(std::llround(bytes));
}

// The first of a target's lines says how many peers reached it.
void add_target(std::vector<Cells>& lines, const TimeToAccuracy& time, std::string_view clock) {
  const auto add = [&](Cells begin, std::string_view by, const ClockTimes& times, Cell cell) {
    begin.insert(begin.end(),
                 {std::string(by), cell(times.node_averaged), cell(times.median), cell(times.p95),
                  cell(times.slowest), fixed(times.straggler_ratio, 3)});
    lines.push_back(std::move(begin));
  };
  add({shortest(time.target), fixed(100.0 * time.fraction_reached, 1) + "%",
       grouped(time.censored)},
      "rounds", time.rounds, rounds_cell);
  add({"", "", ""}, clock, time.seconds, duration_text);
  add({"", "", ""}, "received", time.bytes_received, bytes_cell);
}

std::string targets(std::span<const TimeToAccuracy> times, std::string_view clock) {
  if (times.empty()) return "";
  std::vector<Cells> lines = {{"accuracy", "reached", "censored", "clock", "mean", "median", "p95",
                               "slowest", "straggler ratio"}};
  for (const TimeToAccuracy& time : times) add_target(lines, time, clock);
  return text_columns(lines) + "\n";
}

std::string recovery_line(const Recovery& recovery) {
  const std::string fault = recovery.fault + " at " + duration_text(recovery.time_s) + ": ";
  if (std::isnan(recovery.accuracy_before)) return fault + "accuracy was not measured before\n";
  const std::string outcome = std::isnan(recovery.recovery_s)
                                  ? "not recovered"
                                  : "recovered after " + duration_text(recovery.recovery_s);
  return fault + "accuracy " + fixed(recovery.accuracy_before, 4) + ", at the lowest " +
         fixed(recovery.accuracy_lowest, 4) + ", " + outcome + "\n";
}

std::string recovery_lines(std::span<const Recovery> recoveries) {
  if (recoveries.empty()) return "";
  std::string text;
  const std::size_t shown = std::min(recoveries.size(), kMostFaults);
  for (std::size_t k = 0; k < shown; ++k) text += recovery_line(recoveries[k]);
  if (shown < recoveries.size()) {
    text += '(' + std::to_string(shown) + " of " + std::to_string(recoveries.size()) +
            " faults; all are in summary.json)\n";
  }
  return text + "\n";
}

}  // namespace

std::string run_table(std::span<const MetricsRow> rows, const Summary& summary,
                      const std::filesystem::path& directory) {
  return evaluation_points(rows, clock_of(summary)) + "\n" +
         targets(summary.time_to_accuracy, clock_of(summary)) + recovery_lines(summary.recovery) +
         totals_text(summary) + "results       " + directory.string() + "\n";
}

}  // namespace hearsay
