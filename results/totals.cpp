#include "results/totals.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "results/number_text.hpp"

namespace hearsay {
namespace {

std::string rate(double per_second) {
  if (!std::isfinite(per_second)) return "-";
  return grouped(std::llround(per_second));
}

std::string percent(double share) { return fixed(100.0 * share, 1) + "%"; }

std::string validation(const Summary& s) {
  if (!s.validation_accuracy_mean.has_value()) return "";
  return fixed(*s.validation_accuracy_mean, 4) + " mean accuracy on held-out samples";
}

std::string messages(const Summary& s) {
  return grouped(s.messages) + " sent, " + grouped(s.messages_dropped) + " dropped, " +
         grouped(s.messages_late) + " late, " + grouped(s.messages_refused) + " refused";
}

std::string staleness(const Summary& s) {
  const bool all_fresh = std::all_of(s.staleness.begin() + 1, s.staleness.end(),
                                     [](std::int64_t models) { return models == 0; });
  if (all_fresh) return "";
  std::string text = "models combined by rounds behind:";
  for (std::size_t lag = 0; lag < s.staleness.size(); ++lag) {
    if (s.staleness[lag] == 0) continue;
    text += "  " + std::to_string(lag) + (lag + 1 == s.staleness.size() ? "+: " : ": ") +
            grouped(s.staleness[lag]);
  }
  return text;
}

std::string network(const NetworkSummary& network) {
  if (std::isnan(network.busiest_share)) return "";
  return "busiest link in use " + percent(network.busiest_share) + " of the time, longest wait " +
         duration_text(network.longest_wait_s) + ", " + grouped(network.retransmissions) +
         " resent, " + grouped(network.duplicates) + " doubled";
}

std::string peers(const ChurnSummary& churn) {
  if (churn.lost_peers == 0 && churn.most_components <= 1) return "";
  return grouped(churn.live_peers) + " live at the end, " + grouped(churn.lost_peers) +
         " lost, components at most: " + grouped(churn.most_components);
}

std::string attacks(const AttackSummary& attacks) {
  if (attacks.attackers == 0) return "";
  std::string text = grouped(attacks.attackers) + " attackers, at most " +
                     grouped(attacks.most_attacking_neighbors) + " beside an honest peer";
  if (!std::isnan(attacks.influence)) text += ", influence " + percent(attacks.influence);
  return text;
}

std::string left_out(const Summary& s) {
  if (s.models_not_finite == 0 && s.infeasible_aggregations == 0) return "";
  return grouped(s.models_not_finite) + " models not finite, rule infeasible " +
         grouped(s.infeasible_aggregations) + " times";
}

std::string training(const Summary& s) {
  return grouped(s.train_samples) + " samples, " + rate(s.train_samples_per_second) + " samples/s";
}

std::string wasted(const Summary& s) {
  if (s.wasted_steps == 0) return "";
  return grouped(s.wasted_steps) + " local steps lost in crashes, " + percent(s.wasted_share()) +
         " of all";
}

std::string idle(const Summary& s) {
  return std::isnan(s.idle_share) ? "" : percent(s.idle_share) + " of the peers' time";
}

std::string cpu_time(const Summary& s) {
  return duration_text(s.cpu_seconds) + " (training " + duration_text(s.training_seconds) +
         ", aggregation " + duration_text(s.aggregation_seconds) + ", evaluation " +
         duration_text(s.evaluation_seconds) + ")";
}

std::string totals(const Summary& s) {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"validation", validation(s)},
      {"peers", peers(s.churn)},
      {"attacks", attacks(s.attacks)},
      {"left out", left_out(s)},
      {"messages", messages(s)},
      {"bytes", bytes_text(s.bytes_sent) + " sent"},
      {"staleness", staleness(s)},
      {"network", network(s.network)},
      {"training", training(s)},
      {"wasted", wasted(s)},
      {"idle", idle(s)},
      {"events", grouped(s.events) + ", " + rate(s.events_per_second) + " events/s"},
      {"wall time", duration_text(s.wall_seconds)},
      {"CPU time", cpu_time(s)},
      {"peak RSS", bytes_text(s.peak_rss_bytes)},
      {"model digest", s.model_digest.has_value() ? to_hex(*s.model_digest) : "-"},
      {"event digest", to_hex(s.event_digest)}};
  std::string text;
  for (const auto& [name, value] : lines) {
    if (!value.empty()) text += name + std::string(14 - name.size(), ' ') + value + "\n";
  }
  return text;
}

std::string notes(const Summary& summary) {
  std::string text;
  if (summary.status == RunStatus::kInterrupted) {
    text += "note: interrupted before its end; the numbers cover what was run\n";
  }
  if (summary.status == RunStatus::kStalled) {
    text += "note: stalled, no peer could go on; wait_for.dot shows who waits for whom\n";
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

std::string totals_text(const Summary& summary) { return totals(summary) + notes(summary); }

}  // namespace hearsay
