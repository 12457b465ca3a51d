#include "scenarios/deployment_record.hpp"

#include <algorithm>
#include <utility>

namespace hearsay {
namespace {

// How much later than the processes this one may learn that all are to stop.
constexpr double kStopIsKnownS = 1.0;

}  // namespace

DeploymentRecord::DeploymentRecord(std::vector<std::string> process_names,
                                   std::vector<int> process_of_peer, std::vector<bool> is_up,
                                   RunRecord& record, RunDirectory& directory)
    : names_(std::move(process_names)),
      process_of_peer_(std::move(process_of_peer)),
      hosts_(process_of_peer_.begin(), process_of_peer_.end()),
      record_(record),
      directory_(directory),
      samples_([this](const SampleNotice& notice) { record_.on_sample(notice); }),
      is_up_(std::move(is_up)),
      rounds_(process_of_peer_.size()),
      counters_(process_of_peer_.size()) {}

void DeploymentRecord::apply(LiveRecorder::News news) {
  const int process = news.process;
  if (auto* refused = std::get_if<RefusedNews>(&news.report)) {
    apply_refused(process, *refused);
    return;
  }
  if (!hosts_.contains(process)) return;
  if (const auto* start = std::get_if<StartNews>(&news.report)) {
    apply_start(process, *start);
  } else if (const auto* silence = std::get_if<SilenceNews>(&news.report)) {
    apply_silence(process, *silence);
  }
  // What a process said before it was lost is of no use any more.
  if (down_.contains(process)) return;
  if (auto* round = std::get_if<RoundNews>(&news.report)) {
    apply_round(process, std::move(*round));
  } else if (const auto* diverged = std::get_if<DivergedNews>(&news.report)) {
    record_.on_diverged(diverged->peer, time_of(process, diverged->time));
  } else if (const auto* incident = std::get_if<IncidentNews>(&news.report)) {
    record_.on_incidents(incident->peer, incident->round, incident->incidents,
                         time_of(process, incident->time));
  } else if (auto* changed = std::get_if<ChangeNews>(&news.report)) {
    changed->change.time = time_of(process, changed->change.time);
    change(changed->peer, changed->change);
  } else if (auto* sample = std::get_if<SampleNews>(&news.report)) {
    apply_sample(process, std::move(*sample));
  } else if (auto* end = std::get_if<EndNews>(&news.report)) {
    end->time = time_of(process, end->time);
    for (PeerEnd& peer : end->peers) {
      peer.counters.raise_to(counters_[static_cast<std::size_t>(peer.peer)]);
    }
    if (end->was_stopped) {
      stopped_.emplace(process, Stopped{.end = std::move(*end), .since = Stopwatch()});
    } else {
      ends_[process] = std::move(*end);
    }
  }
  samples_.flush(present());
}

void DeploymentRecord::apply_start(int process, const StartNews& news) {
  if (!since_start_) since_start_.emplace();
  started_.insert(process);
  if (!news.is_restarted && !down_.contains(process)) return;
  // What it had saved tells it when the run began.
  offsets_[process] = news.is_restarted ? SimTime{} : now() - news.time;
  lose(process, "started anew");
  rise(process);
}

void DeploymentRecord::apply_round(int process, RoundNews news) {
  RoundNotice& notice = news.notice;
  const auto peer = static_cast<std::size_t>(notice.peer);
  // A process that was started anew counts from what it had saved; counts never fall.
  notice.counters.raise_to(counters_[peer]);
  counters_[peer] = notice.counters;
  // It repeats rounds that it had not saved.
  if (notice.round <= rounds_[peer]) return;
  rounds_[peer] = notice.round;
  notice.time = time_of(process, notice.time);
  record_.on_round(notice);
}

void DeploymentRecord::apply_sample(int process, SampleNews news) {
  for (PeerSample& sample : news.peers) {
    PeerCounters& counters = counters_[static_cast<std::size_t>(sample.peer)];
    sample.counters.raise_to(counters);
    counters = sample.counters;
  }
  news.totals.raise_to(totals_[process]);
  totals_[process] = news.totals;
  news.time = time_of(process, news.time);
  samples_.add(process, std::move(news));
}

// Hosts tell of others, the recorder of the host itself.
void DeploymentRecord::apply_silence(int process, const SilenceNews& news) {
  const std::string& name = names_[static_cast<std::size_t>(process)];
  if (news.process != name) {
    note(time_of(process, news.time), news.is_lost ? "process_silent" : "process_heard",
         {{"process", news.process}, {"by", name}});
  } else if (news.is_lost) {
    lose(process, "silent");
  } else if (down_.contains(process) && !expected_.contains(process)) {
    rise(process);
  }
}

void DeploymentRecord::apply_refused(int process, const RefusedNews& news) {
  std::vector<std::pair<std::string, EventRecord::Value>> details{
      {"reason", std::string(name_of(news.reason))}, {"sender", news.sender}};
  if (process >= 0) details.emplace_back("told_by", names_[static_cast<std::size_t>(process)]);
  if (news.is_message) {
    details.emplace_back("from", std::int64_t{news.from});
    details.emplace_back("to", std::int64_t{news.to});
    details.emplace_back("round", std::int64_t{news.round});
    details.emplace_back("sequence", static_cast<std::int64_t>(news.sequence));
  }
  note(time_of(process, news.time), "message_refused", std::move(details));
}

void DeploymentRecord::lose(int process, const std::string& why) {
  stopped_.erase(process);
  if (has_ended(process) || !down_.insert(process).second) return;
  note(now(), "process_lost",
       {{"process", names_[static_cast<std::size_t>(process)]}, {"why", why}});
  for (PeerId peer = 0; static_cast<std::size_t>(peer) < is_up_.size(); ++peer) {
    const auto i = static_cast<std::size_t>(peer);
    if (process_of_peer_[i] != process || !is_up_[i]) continue;
    lost_.insert(peer);
    change(peer, {.time = now(), .kind = PeerChangeKind::kCrash});
  }
  samples_.flush(present());
}

void DeploymentRecord::rise(int process) {
  expected_.erase(process);
  if (down_.erase(process) == 0) return;
  note(now(), "process_back", {{"process", names_[static_cast<std::size_t>(process)]}});
  for (PeerId peer = 0; static_cast<std::size_t>(peer) < is_up_.size(); ++peer) {
    if (process_of_peer_[static_cast<std::size_t>(peer)] != process) continue;
    if (lost_.erase(peer) > 0) change(peer, {.time = now(), .kind = PeerChangeKind::kRestart});
  }
}

void DeploymentRecord::change(PeerId peer, const PeerChange& change) {
  const bool was_up = is_up_[static_cast<std::size_t>(peer)];
  switch (change.kind) {
    case PeerChangeKind::kRestart:
    case PeerChangeKind::kJoin:
      is_up_[static_cast<std::size_t>(peer)] = true;
      if (was_up) return;
      break;
    case PeerChangeKind::kCrash:
    case PeerChangeKind::kCrashWithStateLoss:
    case PeerChangeKind::kLeave:
      is_up_[static_cast<std::size_t>(peer)] = false;
      if (!was_up) return;
      break;
    case PeerChangeKind::kFreeze:
    case PeerChangeKind::kThaw:
      break;
  }
  record_.on_change(peer, change);
}

void DeploymentRecord::note(SimTime time, const std::string& kind,
                            std::vector<std::pair<std::string, EventRecord::Value>> details) {
  const EventRecord event{.time = time,
                          .wall_seconds = since_start_ ? since_start_->seconds() : 0.0,
                          .kind = kind,
                          .peer = std::nullopt,
                          .details = std::move(details)};
  directory_.append_events({&event, 1});
}

void DeploymentRecord::settle(bool is_stopping) {
  for (auto stopped = stopped_.begin(); stopped != stopped_.end();) {
    const int process = stopped->first;
    if (is_stopping) {
      ends_[process] = std::move(stopped->second.end);
    } else if (stopped->second.since.seconds() < kStopIsKnownS) {
      ++stopped;
      continue;
    }
    stopped = stopped_.erase(stopped);
    lose(process, "stopped");
  }
}

bool DeploymentRecord::is_complete() const {
  return stopped_.empty() && std::ranges::all_of(hosts_, [this](int process) {
           return has_ended(process) || (down_.contains(process) && !expected_.contains(process));
         });
}

// Those whose samples are still to be waited for.
std::set<int> DeploymentRecord::present() const {
  std::set<int> present;
  for (const int process : hosts_) {
    if (!down_.contains(process) && !has_ended(process)) present.insert(process);
  }
  return present;
}

SimTime DeploymentRecord::now() const {
  return since_start_ ? SimTime::from_seconds(since_start_->seconds()) : SimTime{};
}

SimTime DeploymentRecord::time_of(int process, SimTime time) const {
  const auto offset = offsets_.find(process);
  return offset == offsets_.end() ? time : time + offset->second;
}

SimulationOutcome DeploymentRecord::outcome(bool was_stopped) const {
  using Status = SimulationOutcome::Status;
  SimulationOutcome outcome;
  Digest models = 0;
  bool all_finished = true;
  std::map<PeerId, const PeerEnd*> peers;
  double training_seconds = 0.0;
  double aggregation_seconds = 0.0;
  for (const auto& [process, end] : ends_) {
    outcome.end = std::max(outcome.end, end.time);
    outcome.events += end.events;
    training_seconds += end.training_seconds;
    aggregation_seconds += end.aggregation_seconds;
    for (const PeerEnd& peer : end.peers) peers[peer.peer] = &peer;
  }
  outcome.training_seconds = training_seconds;
  outcome.aggregation_seconds = aggregation_seconds;
  for (std::size_t id = 0; id < process_of_peer_.size(); ++id) {
    const auto found = peers.find(static_cast<PeerId>(id));
    if (found == peers.end()) {
      outcome.totals += counters_[id];
      ++outcome.lost_peers;
      all_finished = false;
      continue;
    }
    const PeerEnd& peer = *found->second;
    outcome.totals += peer.counters;
    outcome.live_peers += peer.is_up ? 1 : 0;
    models = chain(models, peer.model);
    all_finished = all_finished && peer.has_finished;
    if (peer.has_finished) continue;
    if (peer.is_up) {
      outcome.waiting.push_back({peer.peer, peer.waits_for});
    } else {
      ++outcome.lost_peers;
    }
  }
  if (all_finished) {
    outcome.model_digest = models;
  } else if (was_stopped) {
    outcome.status = Status::kInterrupted;
    outcome.waiting.clear();
  } else if (!outcome.waiting.empty()) {
    outcome.status = Status::kStalled;
  }
  return outcome;
}

double DeploymentRecord::cpu_seconds() const {
  double seconds = 0.0;
  for (const auto& [process, end] : ends_) seconds += end.cpu_seconds;
  return seconds;
}

std::int64_t DeploymentRecord::peak_rss_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& [process, end] : ends_) bytes = std::max(bytes, end.peak_rss_bytes);
  return bytes;
}

}  // namespace hearsay
