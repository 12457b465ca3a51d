#include "scenarios/run_record.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace hearsay {
namespace {

// The mean of one number over the tested peers; missing where some peer lacks it.
template <class Number>
double mean_over(const std::vector<PeerEvaluation>& tested, Number number) {
  std::vector<double> values;
  values.reserve(tested.size());
  for (const PeerEvaluation& peer : tested) values.push_back(number(peer));
  return mean_of(values);
}

double accuracy_of(const std::optional<Evaluation>& evaluation) {
  return evaluation ? evaluation->accuracy : kMissing;
}

void fill_accuracy(MetricsRow& row, const std::vector<PeerEvaluation>& tested) {
  std::vector<double> accuracies;
  accuracies.reserve(tested.size());
  for (const PeerEvaluation& peer : tested) accuracies.push_back(peer.test.accuracy);
  row.accuracy_mean = mean_of(accuracies);
  row.accuracy_sd = sd_of(accuracies);
  row.accuracy_min = min_of(accuracies);
  row.accuracy_p10 = percentile_of(accuracies, 10);
  row.accuracy_p50 = percentile_of(accuracies, 50);
  row.accuracy_p90 = percentile_of(accuracies, 90);
  row.accuracy_max = max_of(accuracies);
}

MetricsRow metrics_row(const RoundEvaluation& evaluation, const PeerCounters& previous) {
  const std::vector<PeerEvaluation>& tested = evaluation.tested;
  const PeerCounters& totals = evaluation.totals;
  MetricsRow row{.round = evaluation.round,
                 .time = evaluation.time,
                 .peers = static_cast<std::int64_t>(tested.size())};
  fill_accuracy(row, tested);
  row.accuracy_before_mixing =
      mean_over(tested, [](const auto& peer) { return accuracy_of(peer.before_mixing); });
  row.accuracy_local = mean_over(tested, [](const auto& peer) { return accuracy_of(peer.local); });
  row.accuracy_mean_model = accuracy_of(evaluation.mean_model);
  row.loss_mean = mean_over(tested, [](const auto& peer) { return peer.test.loss; });
  row.consensus_distance = evaluation.consensus_distance;
  row.bytes_sent = totals.bytes_sent;
  row.messages_sent = totals.messages_sent;
  row.messages_dropped = totals.messages_lost;
  const std::int64_t heard = totals.models_heard - previous.models_heard;
  if (heard > 0) {
    row.staleness_mean = static_cast<double>(totals.staleness_sum - previous.staleness_sum) /
                         static_cast<double>(heard);
  }
  return row;
}

PeerRow peer_row(const PeerEvaluation& peer, int round, std::int64_t samples) {
  return {.round = round,
          .time = peer.time,
          .peer = peer.peer,
          .accuracy = peer.test.accuracy,
          .loss = peer.test.loss,
          .samples = samples,
          .steps = peer.counters.steps,
          .bytes_sent = peer.counters.bytes_sent,
          .bytes_received = peer.counters.bytes_received};
}

}  // namespace

RunRecord::RunRecord(EvaluationPlan plan, int total_rounds, std::vector<double> targets,
                     const LearningProblem& problem, JobPool& pool, RunDirectory& directory,
                     RunListener& listener)
    : problem_(problem),
      directory_(directory),
      listener_(listener),
      rounds_done_(static_cast<std::size_t>(plan.num_peers)),
      target_times_(std::move(targets)),
      evaluator_(plan, pool, [this](const RoundEvaluation& evaluation) { record(evaluation); }) {
  progress_.num_peers = plan.num_peers;
  progress_.peer_rounds_total = std::int64_t{total_rounds} * plan.num_peers;
}

void RunRecord::on_round(const RoundNotice& notice) {
  rounds_done_[static_cast<std::size_t>(notice.peer)] = notice.round;
  ++progress_.peer_rounds_done;
  progress_.now = std::max(progress_.now, notice.time);
  evaluator_.add(notice);
  listener_.on_progress(progress_);
}

void RunRecord::on_diverged(PeerId peer, SimTime now) {
  const int round = rounds_done_[static_cast<std::size_t>(peer)] + 1;
  if (!diverged_.emplace(peer, DivergedPeer{peer, round}).second) return;
  append_event(
      {.time = now, .kind = "diverged", .peer = peer, .details = {{"round", std::int64_t{round}}}});
  if (diverged_.size() == 1) {
    listener_.on_warning("peer " + std::to_string(peer) + " diverged in round " +
                         std::to_string(round) +
                         ": its loss or a parameter is no longer finite (try a smaller lr)");
  }
}

void RunRecord::on_refused(PeerId peer, const Envelope& envelope, SimTime now) {
  append_event({.time = now,
                .kind = "message_refused",
                .peer = peer,
                .details = {{"from", std::int64_t{envelope.from}},
                            {"round", std::int64_t{envelope.round}},
                            {"sequence", static_cast<std::int64_t>(envelope.sequence)}}});
}

void RunRecord::finish(const SimulationOutcome& outcome) {
  const int dropped = evaluator_.finish();
  if (dropped > 0) {
    append_event({.time = progress_.now,
                  .kind = "evaluations_incomplete",
                  .details = {{"rounds", std::int64_t{dropped}}}});
  }
  for (const WaitingPeer& waiting : outcome.waiting) {
    std::string others;
    for (const PeerId other : waiting.waits_for) {
      others.append(others.empty() ? "" : " ").append(std::to_string(other));
    }
    append_event({.time = outcome.end,
                  .kind = "stalled",
                  .peer = waiting.peer,
                  .details = {{"waits_for", others}}});
  }
}

void RunRecord::record(const RoundEvaluation& evaluation) {
  std::vector<PeerRow> peers;
  peers.reserve(evaluation.tested.size());
  for (const PeerEvaluation& peer : evaluation.tested) {
    peers.push_back(peer_row(peer, evaluation.round, problem_.train_samples(peer.peer)));
    target_times_.record(peers.back());
  }
  directory_.append_peers(peers);
  rows_.push_back(metrics_row(evaluation, previous_totals_));
  previous_totals_ = evaluation.totals;
  directory_.append_metrics(rows_.back());
  const double validation =
      mean_over(evaluation.tested, [](const auto& peer) { return accuracy_of(peer.validation); });
  if (!std::isnan(validation)) validation_accuracy_ = validation;
  listener_.on_evaluated(rows_.back());
}

void RunRecord::append_event(EventRecord event) {
  event.wall_seconds = wall_.seconds();
  directory_.append_events({&event, 1});
}

void RunRecord::fill(Summary& summary) const {
  if (!rows_.empty()) summary.final_row = rows_.back();
  summary.time_to_accuracy = target_times_.results();
  summary.validation_accuracy_mean = validation_accuracy_;
  for (const auto& [peer, diverged] : diverged_) summary.diverged_peers.push_back(diverged);
  summary.evaluation_seconds = evaluator_.seconds();
}

}  // namespace hearsay
