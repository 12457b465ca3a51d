#include "scenarios/run_record.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "results/number_text.hpp"
#include "results/statistics.hpp"

namespace hearsay {

static void persist(Archive& archive, DivergedPeer& diverged) {
  archive(diverged.peer, diverged.round);
}

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

/// `tested`: the honest peers of the evaluation that were tested.
MetricsRow metrics_row(const RoundEvaluation& evaluation, const std::vector<PeerEvaluation>& tested,
                       const PeerCounters& previous) {
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
  row.messages_late = totals.messages_late;
  row.messages_refused = totals.messages_refused;
  row.live_peers = evaluation.live_peers;
  row.components = static_cast<std::int64_t>(evaluation.components.size());
  row.consensus_distance_within = evaluation.consensus_distance_within;
  row.models_not_finite = totals.models_not_finite;
  row.infeasible_aggregations = totals.infeasible_aggregations;
  const std::int64_t attacks = totals.attacks_combined - previous.attacks_combined;
  if (attacks > 0) {
    row.influence =
        (totals.attack_influence - previous.attack_influence) / static_cast<double>(attacks);
  }
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
          .bytes_received = peer.counters.bytes_received,
          .component = peer.component};
}

std::string_view name_of(PeerChangeKind kind) {
  switch (kind) {
    case PeerChangeKind::kCrash:
      return "crash";
    case PeerChangeKind::kCrashWithStateLoss:
      return "crash_with_state_loss";
    case PeerChangeKind::kRestart:
      return "restart";
    case PeerChangeKind::kLeave:
      return "leave";
    case PeerChangeKind::kJoin:
      return "join";
    case PeerChangeKind::kFreeze:
      return "freeze";
    case PeerChangeKind::kThaw:
      return "thaw";
  }
  return "";
}

std::string_view name_of(EventKind kind) {
  switch (kind) {
    case EventKind::kChange:
      return "change";
    case EventKind::kStart:
      return "start";
    case EventKind::kTrained:
      return "trained";
    case EventKind::kAggregated:
      return "aggregated";
    case EventKind::kArrived:
    case EventKind::kDelivered:
      return "message";
    case EventKind::kTimer:
      return "timer";
    case EventKind::kAttack:
      return "attack";
  }
  return "";
}

bool takes_down(PeerChangeKind kind) {
  return kind == PeerChangeKind::kCrash || kind == PeerChangeKind::kCrashWithStateLoss ||
         kind == PeerChangeKind::kLeave;
}

// More faults than this are generated ones, each too small to recover from.
constexpr std::size_t kMostMoments = 1000;

}  // namespace

RunRecord::RunRecord(RecordPlan plan, const LearningProblem& problem, const FaultTimeline& faults,
                     const LiveGraph& live, JobPool& pool, RunDirectory& directory,
                     RunListener& listener)
    : problem_(problem),
      faults_(faults),
      live_(live),
      directory_(directory),
      listener_(listener),
      total_rounds_(plan.total_rounds),
      pause_every_rounds_(plan.pause_every_rounds),
      attackers_(plan.evaluation.attackers),
      rounds_done_(static_cast<std::size_t>(plan.evaluation.num_peers)),
      samples_done_(static_cast<std::size_t>(plan.evaluation.num_peers)),
      target_times_(std::move(plan.targets), plan.hold),
      evaluator_(plan.evaluation, pool,
                 [this](const RoundEvaluation& evaluation) { record(evaluation); }) {
  progress_.num_peers = plan.evaluation.num_peers;
  progress_.peer_rounds_total = std::int64_t{total_rounds_} * progress_.num_peers;
  progress_.until = plan.until;
  for (const PeerId peer : plan.evaluation.peers) {
    const bool is_absent = std::ranges::binary_search(plan.evaluation.absent, peer);
    if (!is_absent && !is_attacker(peer)) target_times_.start(peer);
  }
  plan_pause();
}

bool RunRecord::is_attacker(PeerId peer) const {
  return std::ranges::binary_search(attackers_, peer);
}

void RunRecord::on_round(const RoundNotice& notice) {
  int& done = rounds_done_[static_cast<std::size_t>(notice.peer)];
  progress_.peer_rounds_done += notice.round - done;
  if (done < next_pause_ && notice.round >= next_pause_) --before_pause_;
  done = notice.round;
  std::int64_t& samples = samples_done_[static_cast<std::size_t>(notice.peer)];
  progress_.train_samples += notice.counters.samples - samples;
  samples = notice.counters.samples;
  newest_round_ = std::max(newest_round_, notice.round);
  progress_.now = std::max(progress_.now, notice.time);
  evaluator_.add(notice);
  trace_round(notice);
  listener_.on_progress(progress_);
}

bool RunRecord::wants_pause() const { return next_pause_ > 0 && before_pause_ == 0; }

// The next round of those to pause at that some live peer has before it.
void RunRecord::plan_pause() {
  if (pause_every_rounds_ == 0) return;
  int slowest = total_rounds_;  // If that is not known, rounds are not paused at.
  for (PeerId peer = 0; peer < progress_.num_peers; ++peer) {
    if (evaluator_.is_up(peer)) {
      slowest = std::min(slowest, rounds_done_[static_cast<std::size_t>(peer)]);
    }
  }
  const int next = (slowest / pause_every_rounds_ + 1) * pause_every_rounds_;
  next_pause_ = next < total_rounds_ ? next : 0;
  count_before_pause();
}

void RunRecord::count_before_pause() {
  before_pause_ = 0;
  for (PeerId peer = 0; next_pause_ > 0 && peer < progress_.num_peers; ++peer) {
    const bool is_before = rounds_done_[static_cast<std::size_t>(peer)] < next_pause_;
    if (is_before && evaluator_.is_up(peer)) ++before_pause_;
  }
}

void RunRecord::on_change(PeerId peer, const PeerChange& change) {
  append_event({.time = change.time, .kind = std::string(name_of(change.kind)), .peer = peer});
  ++changes_[{change.time, change.kind}];
  int& done = rounds_done_[static_cast<std::size_t>(peer)];
  if (takes_down(change.kind)) {
    evaluator_.remove(peer);
    if (change.kind != PeerChangeKind::kCrash) {
      progress_.peer_rounds_done -= std::exchange(done, 0);
    }
  } else if (change.kind == PeerChangeKind::kRestart || change.kind == PeerChangeKind::kJoin) {
    evaluator_.readmit(peer, done);
    if (evaluator_.tests(peer) && !is_attacker(peer)) {
      target_times_.start(peer, {.round = newest_round_, .time = change.time});
    }
  }
  count_before_pause();
}

void RunRecord::on_event(const Event& event, Digest events) {
  if (traced_events_ == DelayedObserver::kMostEvents) return;
  ++traced_events_;
  directory_.append_trace({.time = event.time,
                           .peer = event.receiver,
                           .event = std::string(name_of(event.kind)),
                           .from = event.sender,
                           .number = static_cast<std::int64_t>(event.sequence),
                           .digest = events});
}

// Of many peers and rounds every kth, so that rows are not many more than the events'.
void RunRecord::trace_round(const RoundNotice& notice) {
  if (traced_events_ < DelayedObserver::kMostEvents) return;
  constexpr std::int64_t kMost = DelayedObserver::kMostEvents;
  constexpr std::int64_t kUnknownRounds = 1000;
  const std::int64_t peers = std::min<std::int64_t>(progress_.num_peers, kMost);
  const std::int64_t rounds = total_rounds_ > 0 ? total_rounds_ : kUnknownRounds;
  const bool is_traced = notice.peer % ((progress_.num_peers + kMost - 1) / kMost) == 0 &&
                         notice.round % ((peers * rounds + kMost - 1) / kMost) == 0;
  if (!is_traced) return;
  directory_.append_trace({.time = notice.time,
                           .peer = notice.peer,
                           .event = "round",
                           .from = notice.peer,
                           .number = notice.round,
                           .digest = notice.events});
}

void RunRecord::on_sample(const SampleNotice& notice) { evaluator_.add(notice); }

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

void RunRecord::on_refused(PeerId peer, const Envelope& envelope, RefusalReason reason,
                           SimTime now) {
  append_event({.time = now,
                .kind = reason == RefusalReason::kAltered ? "message_altered" : "message_refused",
                .peer = peer,
                .details = {{"from", std::int64_t{envelope.from}},
                            {"round", std::int64_t{envelope.round}},
                            {"sequence", static_cast<std::int64_t>(envelope.sequence)}}});
}

void RunRecord::on_incidents(PeerId peer, int round, const AggregationIncidents& incidents,
                             SimTime now) {
  const std::pair<std::string, EventRecord::Value> in_round{"round", std::int64_t{round}};
  for (const PeerId sender : incidents.not_finite) {
    append_event({.time = now,
                  .kind = "model_not_finite",
                  .peer = peer,
                  .details = {{"from", std::int64_t{sender}}, in_round}});
  }
  if (incidents.infeasible) {
    append_event({.time = now,
                  .kind = "aggregation_infeasible",
                  .peer = peer,
                  .details = {in_round, {"why", *incidents.infeasible}}});
  }
}

void RunRecord::persist(Archive& archive) {
  archive.mark("record");
  archive(progress_.peer_rounds_done, progress_.now, progress_.train_samples, newest_round_,
          rounds_done_, samples_done_, diverged_, rows_, validation_accuracy_, previous_totals_,
          changes_, most_components_, traced_events_);
  target_times_.persist(archive);
  evaluator_.persist(archive);
  plan_pause();
}

std::string RunRecord::silence_of(PeerId peer, SimTime time) const {
  const auto since = [](std::string_view what, SimTime when) {
    return std::string(what) + " at " + duration_text(when.seconds());
  };
  const std::span<const PeerChange> changes = faults_.changes(peer);
  const auto next = std::ranges::upper_bound(changes, time, {}, &PeerChange::time);
  if (!faults_.is_up(peer, time)) {
    if (next == changes.begin()) return "is not there yet";
    const PeerChange& last = *std::prev(next);
    return since(last.kind == PeerChangeKind::kLeave ? "left" : "crashed", last.time);
  }
  if (rounds_done_[static_cast<std::size_t>(peer)] == total_rounds_) return "has finished";
  if (faults_.thaw_time(peer, time) != time) return since("frozen", std::prev(next)->time);
  return "";
}

std::vector<WaitForEdge> RunRecord::waits(const SimulationOutcome& outcome) const {
  std::vector<WaitForEdge> edges;
  for (const WaitingPeer& waiting : outcome.waiting) {
    for (const PeerId other : waiting.waits_for) {
      edges.push_back(
          {.peer = waiting.peer, .waits_for = other, .why = silence_of(other, outcome.end)});
    }
  }
  return edges;
}

void RunRecord::finish(const SimulationOutcome& outcome) {
  const int dropped = evaluator_.finish();
  if (dropped > 0) {
    append_event({.time = progress_.now,
                  .kind = "evaluations_incomplete",
                  .details = {{"rounds", std::int64_t{dropped}}}});
  }
  for (const WorldNote& note : faults_.notes()) {
    if (note.time > outcome.end) break;
    append_event({.time = note.time, .kind = note.kind, .details = {{"what", note.details}}});
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
  if (!outcome.waiting.empty()) directory_.write_wait_graph(wait_graph_dot(waits(outcome)));
}

void RunRecord::record(const RoundEvaluation& evaluation) {
  std::vector<PeerEvaluation> honest = evaluation.tested;
  std::erase_if(honest, [this](const PeerEvaluation& peer) { return is_attacker(peer.peer); });
  std::vector<PeerRow> peers;
  peers.reserve(evaluation.tested.size());
  for (const PeerEvaluation& peer : evaluation.tested) {
    peers.push_back(peer_row(peer, evaluation.round, problem_.train_samples(peer.peer)));
    peers.back().live_neighbors = live_.live_neighbors(peer.peer, evaluation.time);
    if (is_attacker(peer.peer)) {
      peers.back().role = kAttackerRole;
    } else {
      target_times_.record(peers.back());
    }
  }
  directory_.append_peers(peers);
  if (evaluation.components.size() > 1) append_sides(evaluation, honest);
  rows_.push_back(metrics_row(evaluation, honest, previous_totals_));
  most_components_ = std::max(most_components_, rows_.back().components);
  previous_totals_ = evaluation.totals;
  directory_.append_metrics(rows_.back());
  const double validation =
      mean_over(honest, [](const auto& peer) { return accuracy_of(peer.validation); });
  if (!std::isnan(validation)) validation_accuracy_ = validation;
  listener_.on_evaluated(rows_.back());
}

void RunRecord::append_sides(const RoundEvaluation& evaluation,
                             const std::vector<PeerEvaluation>& honest) {
  std::map<PeerId, std::vector<double>> accuracies;
  for (const PeerEvaluation& peer : honest) {
    accuracies[peer.component].push_back(peer.test.accuracy);
  }
  std::vector<SideRow> sides;
  for (const ComponentEvaluation& component : evaluation.components) {
    const std::vector<double>& tested = accuracies[component.component];
    sides.push_back({.round = evaluation.round,
                     .time = evaluation.time,
                     .component = component.component,
                     .peers = component.peers,
                     .accuracy_mean = mean_of(tested),
                     .accuracy_min = min_of(tested),
                     .consensus_distance = component.consensus_distance});
  }
  directory_.append_sides(sides);
}

void RunRecord::append_event(EventRecord event) {
  event.wall_seconds = wall_.seconds();
  directory_.append_events({&event, 1});
}

std::vector<FaultMoment> RunRecord::fault_moments() const {
  std::vector<FaultMoment> moments;
  for (const auto& [key, count] : changes_) {
    if (!takes_down(key.second)) continue;
    moments.push_back({.time = key.first,
                       .label = std::string(name_of(key.second)) + " of " + std::to_string(count) +
                                (count == 1 ? " peer" : " peers")});
  }
  for (const WorldNote& note : faults_.notes()) {
    if (note.time <= progress_.now) moments.push_back({note.time, note.kind + " " + note.details});
  }
  std::ranges::stable_sort(moments, {}, &FaultMoment::time);
  if (moments.size() > kMostMoments) moments.resize(kMostMoments);
  return moments;
}

void RunRecord::fill(Summary& summary) const {
  if (!rows_.empty()) summary.final_row = rows_.back();
  summary.time_to_accuracy = target_times_.results();
  // A round that most peers skipped may have ended before the round before it.
  std::vector<MetricsRow> by_time = rows_;
  std::ranges::stable_sort(by_time, {}, &MetricsRow::time);
  summary.recovery = recoveries(by_time, fault_moments());
  summary.validation_accuracy_mean = validation_accuracy_;
  for (const auto& [peer, diverged] : diverged_) summary.diverged_peers.push_back(diverged);
  summary.evaluation_seconds = evaluator_.seconds();
  summary.churn.most_components = most_components_;
}

}  // namespace hearsay
