#include "results/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "results/number_text.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kMostRows = 20;

// Characters, not bytes, of UTF-8 text: bytes 10xxxxxx continue one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

using Cells = std::vector<std::string>;

// Columns flush right, two blanks apart.
std::string aligned(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const Cells& cells : lines) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      widths[c] = std::max(widths[c], width_of(cells[c]));
    }
  }
  std::string text;
  for (const Cells& cells : lines) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::size_t blanks = widths[c] - width_of(cells[c]) + (c == 0 ? 0 : 2);
      text += std::string(blanks, ' ') + cells[c];
    }
    text += '\n';
  }
  return text;
}

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

std::string evaluation_points(std::span<const MetricsRow> rows) {
  if (rows.empty()) return "No evaluation took place.\n";
  std::vector<Cells> lines = {{"round", "virtual time", "accuracy mean ± sd [min, max]", "loss",
                               "consensus distance", "sent"}};
  const auto shown = shown_rows(rows.size());
  for (const std::size_t r : shown) {
    const MetricsRow& row = rows[r];
    lines.push_back({std::to_string(row.round), duration_text(exact_seconds(row.time)),
                     accuracy_cell(row), measure_text(row.loss_mean),
                     measure_text(row.consensus_distance), bytes_text(row.bytes_sent)});
  }
  std::string text = aligned(lines);
  if (shown.size() < rows.size()) {
    text += '(' + std::to_string(shown.size()) + " of " + std::to_string(rows.size()) +
            " evaluation points; all are in metrics.csv)\n";
  }
  return text;
}

std::string target_line(const TimeToAccuracy& time) {
  std::string text = "accuracy " + shortest(time.target) + " reached by " +
                     fixed(100.0 * time.fraction_reached, 1) + "% of peers";
  if (std::isnan(time.node_averaged_s)) return text + "\n";
  return text + ": mean " + duration_text(time.node_averaged_s) + ", median " +
         duration_text(time.median_s) + ", p95 " + duration_text(time.p95_s) + ", slowest " +
         duration_text(time.slowest_s) + "\n";
}

std::string rate(double per_second) {
  if (!std::isfinite(per_second)) return "-";
  return grouped(std::llround(per_second));
}

std::string totals(const Summary& s) {
  std::vector<std::pair<std::string, std::string>> lines = {
      {"messages", grouped(s.messages) + " sent, " + grouped(s.messages_dropped) + " dropped, " +
                       grouped(s.messages_refused) + " refused"},
      {"bytes", bytes_text(s.bytes_sent) + " sent"},
      {"training",
       grouped(s.train_samples) + " samples, " + rate(s.train_samples_per_second) + " samples/s"},
      {"events", grouped(s.events) + ", " + rate(s.events_per_second) + " events/s"},
      {"wall time", duration_text(s.wall_seconds)},
      {"CPU time", duration_text(s.cpu_seconds) + " (training " +
                       duration_text(s.training_seconds) + ", aggregation " +
                       duration_text(s.aggregation_seconds) + ", evaluation " +
                       duration_text(s.evaluation_seconds) + ")"},
      {"peak RSS", bytes_text(s.peak_rss_bytes)},
      {"model digest", s.model_digest.has_value() ? to_hex(*s.model_digest) : "-"},
      {"event digest", to_hex(s.event_digest)}};
  if (s.validation_accuracy_mean.has_value()) {
    lines.insert(lines.begin(), {"validation", fixed(*s.validation_accuracy_mean, 4) +
                                                   " mean accuracy on held-out samples"});
  }
  std::string text;
  for (const auto& [name, value] : lines) {
    text += name + std::string(14 - name.size(), ' ') + value + "\n";
  }
  return text;
}

std::string notes(const Summary& summary) {
  std::string text;
  if (summary.status == RunStatus::kInterrupted) {
    text += "note: interrupted before its end; the numbers cover what was run\n";
  }
  if (summary.status == RunStatus::kStalled) {
    text += "note: stalled, no peer could go on; events.jsonl says who waits for whom\n";
  }
  if (summary.diverged_peers.empty()) return text;
  constexpr std::size_t kMostNamed = 5;
  const std::size_t count = summary.diverged_peers.size();
  text += "note: " + std::to_string(count) + (count == 1 ? " peer" : " peers") +
          " diverged (model no longer finite):";
  for (std::size_t k = 0; k < std::min(count, kMostNamed); ++k) {
    const DivergedPeer& diverged = summary.diverged_peers[k];
    text += std::string(k == 0 ? "" : ",") + " peer " + std::to_string(diverged.peer) +
            " in round " + std::to_string(diverged.round);
  }
  return text + (count > kMostNamed ? ", ...\n" : "\n");
}

}  // namespace

std::string run_table(std::span<const MetricsRow> rows, const Summary& summary,
                      const std::filesystem::path& directory) {
  std::string text = evaluation_points(rows) + "\n";
  for (const TimeToAccuracy& time : summary.time_to_accuracy) text += target_line(time);
  if (!summary.time_to_accuracy.empty()) text += "\n";
  return text + totals(summary) + notes(summary) + "results       " + directory.string() + "\n";
}

}  // namespace hearsay
