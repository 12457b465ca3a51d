#include "scenarios/run_summary.hpp"

#include "results/number_text.hpp"

namespace hearsay {
namespace {

RunStatus status_of(SimulationOutcome::Status status) {
  switch (status) {
    case SimulationOutcome::Status::kDone:
      return RunStatus::kDone;
    case SimulationOutcome::Status::kInterrupted:
      return RunStatus::kInterrupted;
    case SimulationOutcome::Status::kStalled:
      return RunStatus::kStalled;
  }
  return RunStatus::kDone;
}

double ratio(double part, double whole) { return whole > 0.0 ? part / whole : kMissing; }

NetworkSummary summarize(const NetworkUse& use, SimTime end) {
  NetworkSummary summary{.retransmissions = use.retransmissions, .duplicates = use.duplicates};
  if (use.busiest > SimTime{}) {
    summary.busiest_share = ratio(use.busiest.seconds(), end.seconds());
    summary.longest_wait_s = exact_seconds(use.longest_wait);
  }
  return summary;
}

AttackSummary summarize(const Adversaries& adversaries, const PeerCounters& totals) {
  return {
      .attackers = std::ssize(adversaries.peers()),
      .most_attacking_neighbors = adversaries.most_attacking_neighbors(),
      .models_combined = totals.attacks_combined,
      .influence = ratio(totals.attack_influence, static_cast<double>(totals.attacks_combined))};
}

}  // namespace

Summary summarize(const SimulationOutcome& outcome, const SimulationProgress& before,
                  const Adversaries& adversaries, double simulation_seconds) {
  const PeerCounters& totals = outcome.totals;
  static_assert(Summary::kStalenessBins == PeerCounters::kStalenessBins);
  return {
      .status = status_of(outcome.status),
      .training_seconds = outcome.training_seconds.value_or(kMissing),
      .aggregation_seconds = outcome.aggregation_seconds.value_or(kMissing),
      .train_samples = totals.samples,
      .train_samples_per_second =
          static_cast<double>(totals.samples - before.samples) / simulation_seconds,
      .steps = totals.steps,
      .wasted_steps = totals.wasted_steps,
      .idle_share = 1.0 - ratio(totals.busy.seconds(), totals.up.seconds()),
      .events = outcome.events,
      .events_per_second = static_cast<double>(outcome.events - before.events) / simulation_seconds,
      .messages = totals.messages_sent,
      .messages_dropped = totals.messages_lost,
      .messages_late = totals.messages_late,
      .messages_refused = totals.messages_refused,
      .bytes_sent = totals.bytes_sent,
      .staleness = totals.staleness,
      .network = summarize(outcome.network, outcome.end),
      .churn = {.live_peers = outcome.live_peers, .lost_peers = outcome.lost_peers},
      .attacks = summarize(adversaries, totals),
      .models_not_finite = totals.models_not_finite,
      .infeasible_aggregations = totals.infeasible_aggregations,
      .model_digest = outcome.model_digest,
      .event_digest = outcome.event_digest};
}

void warn_about_blas(const Manifest& manifest, RunListener& listener) {
  if (manifest.versions.at("blas") != "reference BLAS") return;
  listener.on_warning(
      "LibTorch uses the reference BLAS, many times slower than OpenBLAS; "
      "install libopenblas0-openmp");
}

}  // namespace hearsay
