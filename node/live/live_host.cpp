#include "node/live/live_host.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/process_usage.hpp"
#include "node/runtime/peer_work.hpp"

namespace hearsay {
namespace {

// How long the host sleeps at most before it looks at `stop` and at files.
constexpr SimTime kLongestSleep{100'000'000};

// How long a host that has ended goes on answering others that have not.
constexpr SimTime kPatience{10'000'000'000};

// One that was stopped makes room for another in its place.
constexpr SimTime kFarewell{2'000'000'000};

// What a bad sender does over and over is counted, not reported.
constexpr std::int64_t kMostReported = 100;

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t real_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Sequence numbers of a process that was started anew must exceed those it has used before,
// which it may not know: they begin with the time of day.
std::uint64_t first_sequence() { return static_cast<std::uint64_t>(real_ns() / 1'000'000) << 20; }

}  // namespace

LiveHost::LiveHost(SimulationWorld& world, const EndpointOptions& endpoint, LivePlan plan)
    : world_(world),
      plan_(std::move(plan)),
      self_(endpoint.self),
      gate_(endpoint.identity, plan_.process_of_peer, endpoint.self),
      codec_(endpoint.identity),
      encoder_(world),
      endpoint_(endpoint, *this) {
  if (world.adversaries != nullptr && world.adversaries->act_on_messages()) {
    attackers_ = std::make_unique<AdversaryMemory>(*world.adversaries, world.problem.layout());
  }
  const std::uint64_t sequence = first_sequence();
  for (PeerId id = 0; id < world.num_peers; ++id) {
    if (!is_own(id)) continue;
    PeerState& peer = peers_[id];
    peer.aggregator_state = world.aggregator.make_state();
    peer.sequence = sequence;
    peer.stored = std::make_unique<DurableState>();
  }
}

LiveHost::~LiveHost() { world_.pool.cancel(); }

bool LiveHost::is_own(PeerId peer) const {
  return plan_.process_of_peer[static_cast<std::size_t>(peer)] == self_;
}

SimTime LiveHost::clock() const { return {steady_ns() - started_ns_}; }

void LiveHost::persist(Archive& archive) {
  archive.mark("host");
  archive(started_real_ns_);
  for (auto& [id, peer] : peers_) {
    peer.persist(archive);
    bool has_protocol = peer.protocol != nullptr;
    archive(has_protocol);
    if (!has_protocol) continue;
    if (archive.is_loading()) peer.protocol = world_.make_protocol(id, SimTime{});
    peer.protocol->persist(archive);
  }
}

void LiveHost::restore(const Snapshot& saved) {
  LoadingArchive archive(saved);
  std::map<PeerId, std::uint64_t> sequences;
  for (const auto& [id, peer] : peers_) sequences[id] = peer.sequence;
  persist(archive);
  archive.finish();
  for (auto& [id, peer] : peers_) {
    peer.sequence = std::max(peer.sequence, sequences[id]);
    peer.is_training = peer.is_aggregating = false;
  }
  is_restored_ = true;
}

LiveEnd LiveHost::run(const std::function<void()>& poll_often) {
  meet_others(poll_often);
  start();
  while (!is_over()) {
    poll_often();
    step();
  }
  return *ended_;
}

// All start together, if they can; one that was away starts where the others are.
void LiveHost::meet_others(const std::function<void()>& poll_often) {
  const std::int64_t begin = steady_ns();
  const auto all_are_heard = [this] {
    for (int other = 0; other < endpoint_.processes(); ++other) {
      if (other != self_ && !endpoint_.is_heard(other)) return false;
    }
    return true;
  };
  while (!world_.stop.load() && !all_are_heard() &&
         steady_ns() - begin < plan_.rendezvous.nanoseconds) {
    poll_often();
    endpoint_.poll(kLongestSleep);
  }
}

void LiveHost::start() {
  if (!is_restored_) started_real_ns_ = real_ns();
  started_ns_ = steady_ns() - (real_ns() - started_real_ns_);
  now_ = last_progress_ = clock();
  if (!is_restored_) now_ = last_progress_ = SimTime{};
  next_sample_ = plan_.sampling.every;
  while (next_sample_ < now_) next_sample_ = add_saturating(next_sample_, plan_.sampling.every);
  next_save_ = add_saturating(now_, plan_.save_every);
  has_started_ = true;
  tell(StartNews{.time = now_, .is_restarted = is_restored_});
  for (auto& [id, peer] : peers_) {
    for (const PeerChange& change : world_.faults.changes(id)) {
      if (change.time >= now_) agenda_.emplace(change.time, Change{id, change});
    }
    peer.is_up = world_.faults.is_up(id, now_);
    peer.up_since = now_;
    if (!peer.is_up || peer.has_finished) continue;
    begin(id, peer, peer.protocol ? StartKind::kRestarted : StartKind::kTogether);
  }
}

void LiveHost::begin(PeerId id, PeerState& peer, StartKind how) {
  ModelBuffer model;
  if (how == StartKind::kRestarted) {
    model = peer.stored->model;
    peer.training = peer.stored->training;
  } else {
    peer.protocol = world_.make_protocol(id, now_);
    peer.aggregator_state = world_.aggregator.make_state();
    model = world_.problem.initial_model(id);
    *peer.stored = {.model = model, .training = {}};
    peer.round = 0;
  }
  if (world_.keep_latest) peer.latest = model;
  if (attackers_ != nullptr) attackers_->trains_from(id, model);
  effects_.now = world_.faults.local_time(id, now_);
  peer.protocol->on_start(std::move(model), how, effects_);
  apply_effects(id, peer);
}

void LiveHost::step() {
  SimTime wait = inbox_.empty() ? kLongestSleep : SimTime{};
  if (!agenda_.empty()) wait = std::min(wait, agenda_.begin()->first - clock());
  endpoint_.poll(std::max(wait, SimTime{}), completions_.descriptor());
  now_ = clock();
  if (ended_) return;
  take_completions();
  arrive_all();
  follow_agenda();
  send_withheld();
  take_samples();
  save_if_due();
}

bool LiveHost::is_over() {
  if (!ended_) {
    if (all_are_done() || now_ >= plan_.sampling.until) {
      end(LiveEnd::kDone);
    } else if (world_.stop.load()) {
      end(LiveEnd::kStopped);
    } else if (is_stalled()) {
      end(LiveEnd::kStalled);
    }
    return false;
  }
  if (others_are_gone()) return true;
  const SimTime waited = clock() - last_progress_;
  switch (*ended_) {
    case LiveEnd::kDone:
      return waited > plan_.stall;
    case LiveEnd::kStopped:
      return waited > kFarewell;
    case LiveEnd::kStalled:
      return waited > kPatience;
  }
  return true;
}

bool LiveHost::all_are_done() const {
  return std::ranges::all_of(peers_, [this](const auto& entry) {
    return entry.second.has_finished || (!entry.second.is_up && !comes_back(entry.first));
  });
}

bool LiveHost::is_stalled() const {
  return jobs_ == 0 && agenda_.empty() && now_ - last_progress_ > plan_.stall;
}

bool LiveHost::others_are_gone() const {
  for (int other = 0; other < endpoint_.processes(); ++other) {
    if (other != self_ && endpoint_.is_heard(other) && !endpoint_.is_done(other)) return false;
  }
  return true;
}

// A host that has ended answers others until they have too.
void LiveHost::end(LiveEnd how) {
  if (how == LiveEnd::kDone && plan_.sampling.every != SimTime::max()) {
    sample(std::min(now_, plan_.sampling.until), true);
  }
  ended_ = how;
  last_progress_ = now_;
  EndNews news{.time = now_,
               .was_stopped = how == LiveEnd::kStopped,
               .events = events_,
               .training_seconds = static_cast<double>(training_ns_.load()) * 1e-9,
               .aggregation_seconds = static_cast<double>(aggregation_ns_.load()) * 1e-9,
               .cpu_seconds = process_cpu_seconds(),
               .peak_rss_bytes = process_peak_rss_bytes(),
               .parcels_dropped = network().parcels_dropped};
  for (const auto& [id, peer] : peers_) {
    const ModelBuffer& model = peer.final_model.empty() ? peer.latest : peer.final_model;
    const bool is_done = how == LiveEnd::kDone;
    news.peers.push_back({.peer = id,
                          .is_up = peer.is_up,
                          .has_finished = peer.has_finished || (is_done && peer.is_up),
                          .model = model.empty() ? 0 : model.digest(),
                          .counters = counters_of(peer),
                          .waits_for = is_done || !peer.is_up ? std::vector<PeerId>()
                                                              : peer.protocol->waiting_for()});
  }
  tell(std::move(news));
  endpoint_.set_done();
}

void LiveHost::on_parcel(int process, ParcelKind kind, std::span<const Buffer> frames) {
  if (kind != ParcelKind::kMessages) {
    throw MessageRefused(Refusal::kProtocol, "a report for a process that keeps no record");
  }
  for (WireMessage& message :
       gate_.open(process, frames,
                  [this](Refusal reason, const Envelope&envelope) { refuse(reason, envelope); })) {
    inbox_.push_back(std::move(message));
  }
}

void LiveHost::take_samples() {
  for (; next_sample_ <= now_ && next_sample_ < plan_.sampling.until;
       next_sample_ = next_sample_ + plan_.sampling.every) {
    sample(next_sample_, false);
  }
}

void LiveHost::sample(SimTime time, bool is_last) {
  SampleNews news{.time = time, .is_last = is_last};
  for (const auto& [id, peer] : peers_) {
    const PeerCounters counters = counters_of(peer);
    news.totals += counters;
    if (!peer.is_up || peer.latest.empty()) continue;
    news.peers.push_back(
        {.peer = id, .round = peer.round, .model = peer.latest, .counters = counters});
  }
  tell(std::move(news));
}

// On a worker; what is saved shares its memory with the peers.
void LiveHost::save_if_due() {
  if (now_ < next_save_ || !round_was_finished_ || is_saving_.exchange(true)) return;
  next_save_ = now_ + plan_.save_every;
  round_was_finished_ = false;
  await_remembering();
  SavingArchive archive;
  persist(archive);
  auto snapshot = std::make_shared<Snapshot>(archive.take());
  world_.pool.submit(now_, [this, snapshot](Learner&) {
    plan_.save(std::move(*snapshot));
    is_saving_ = false;
    return true;
  });
}

void LiveHost::on_refused(const RefusedParcel& parcel) {
  refused_.add(parcel.reason);
  if (refused_.of(parcel.reason) > kMostReported) return;
  tell(RefusedNews{.time = now_, .reason = parcel.reason, .sender = parcel.sender});
}

void LiveHost::refuse(Refusal reason, const Envelope& envelope) {
  refused_.add(reason);
  if (refused_.of(reason) > kMostReported) return;
  tell(RefusedNews{.time = now_,
                   .reason = reason,
                   .sender = "peer " + std::to_string(envelope.from),
                   .is_message = true,
                   .from = envelope.from,
                   .to = envelope.to,
                   .round = envelope.round,
                   .sequence = envelope.sequence});
}

void LiveHost::on_heard(int process) {
  if (has_started_) tell(SilenceNews{endpoint_.name_of(process), now_, false});
}

void LiveHost::on_lost(int process) { tell(SilenceNews{endpoint_.name_of(process), now_, true}); }

void LiveHost::tell(Report report) {
  if (plan_.recorder < 0) return;
  endpoint_.send(plan_.recorder, ParcelKind::kReport, encode_report(std::move(report)));
}

PeerCounters LiveHost::counters_of(const PeerState& peer) const {
  PeerCounters counters = peer.counters;
  if (peer.is_up) counters.up = counters.up + (now_ - peer.up_since);
  return counters;
}

}  // namespace hearsay
