#include "node/runtime/peer_loop.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "node/base/check.hpp"
#include "node/runtime/peer_work.hpp"

namespace hearsay {
namespace {

// How many events ahead memory is fetched: first what an event names, then what that names.
constexpr std::size_t kFarAhead = 32;
constexpr std::size_t kNearAhead = 16;
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kProtocolLines = 6;

bool is_crash(PeerChangeKind kind) {
  return kind == PeerChangeKind::kCrash || kind == PeerChangeKind::kCrashWithStateLoss;
}

bool restarts(std::span<const PeerChange> changes) {
  return std::ranges::any_of(
      changes, [](const PeerChange& change) { return change.kind == PeerChangeKind::kRestart; });
}

// Whether a peer crashes after it has begun to send and before the last byte has left.
bool crashes_within(std::span<const PeerChange> changes, SimTime sent, SimTime left) {
  auto change = std::ranges::upper_bound(changes, sent, {}, &PeerChange::time);
  for (; change != changes.end() && change->time < left; ++change) {
    if (is_crash(change->kind)) return true;
  }
  return false;
}

}  // namespace

PeerLoop::PeerLoop(SimulationWorld& world, const LoopMap& map, int index, int num_peers,
                   LoopLinks links, SimulationObserver& observer)
    : world_(world),
      scripted_(!world.faults.is_empty()),
      map_(map),
      index_(index),
      links_(std::move(links)),
      observer_(observer),
      encoder_(world),
      queue_(make_ladder_queue()),
      peers_(static_cast<std::size_t>(num_peers)),
      announcements_(static_cast<std::size_t>(map.loops)) {
  HEARSAY_CHECK(links_.senders.size() == announcements_.size());
  HEARSAY_CHECK(links_.receivers.size() == announcements_.size());
  if (world.adversaries != nullptr && world.adversaries->act_on_messages()) {
    HEARSAY_CHECK(map.loops == 1);
    attackers_ = std::make_unique<AdversaryMemory>(*world.adversaries, world.problem.layout());
  }
  for (std::size_t i = 0; scripted_ && i < peers_.size(); ++i) {
    const PeerId id = first_peer() + static_cast<PeerId>(i);
    if (restarts(world.faults.changes(id))) peers_[i].stored = std::make_unique<DurableState>();
  }
}

PeerLoop::PeerLoop(PeerLoop&&) noexcept = default;
PeerLoop::~PeerLoop() = default;

void PeerLoop::start() {
  for (PeerId id = first_peer(); id < first_peer() + num_peers(); ++id) {
    if (!scripted_ || world_.faults.is_present_at_start(id)) {
      state_of(id).is_up = true;
      push_own(id, EventKind::kStart, SimTime{});
    }
    if (scripted_) push_next_change(id, 0);
  }
}

void PeerLoop::advance(SimTime until) {
  if (world_.problem.traits().is_cheap && !learner_) learner_ = world_.problem.make_learner();
  for (std::vector<Announcement>& list : announcements_) list.clear();
  pause_ = false;
  // Several loops stop together, between two windows.
  const auto is_to_stop = [this] {
    return map_.loops == 1 && world_.stop.load(std::memory_order_relaxed);
  };
  while (!pause_ && !is_to_stop() && next_time() < until) {
    const Event event = *std::exchange(held_, std::nullopt);
    HEARSAY_CHECK(event.time >= now_);
    now_ = event.time;
    prefetch();
    PeerState& peer = state_of(event.receiver);
    const bool no_longer_matters =
        event.kind == EventKind::kTimer || event.kind == EventKind::kChange;
    if (peer.has_finished && no_longer_matters) continue;
    if (event.kind == EventKind::kTrained && was_stopped(event, peer)) continue;
    if (scripted_ && is_put_off(event, peer)) continue;
    ++state_.events;
    state_.last_event = now_;
    handle(event, peer);
  }
  flush();
}

SimTime PeerLoop::next_time() {
  while (true) {
    if (!held_) held_ = queue_->pop();
    const SimTime next = held_ ? held_->time : SimTime::max();
    arrivals_.clear();
    if (world_.network.advance(next, arrivals_) == SimTime::max()) return next;
    if (held_) queue_->push(*std::exchange(held_, std::nullopt));
    schedule_arrivals();
  }
}

// Of messages that have passed the network's shared links.
void PeerLoop::schedule_arrivals() {
  LinkReceiver& link = links_.receivers[static_cast<std::size_t>(index_)];
  Ticket last = 0;
  for (const Arrival& arrival : arrivals_) {
    const PeerId from = arrival.transfer.from;
    const std::uint64_t sequence = arrival.transfer.sequence;
    const auto found = underway_.find({from, sequence});
    Ticket ticket = 0;
    if (found != underway_.end()) {
      last = ticket = found->second;
      underway_.erase(found);
    } else {  // The network has made a second copy of the one before.
      LinkSender& sender = links_.senders[static_cast<std::size_t>(index_)];
      sender.flush();
      const WireMessage copy = link.peek(last);
      HEARSAY_CHECK(copy.envelope.from == from && copy.envelope.sequence == sequence);
      sender.post(copy.envelope, copy.payload);
      ticket = link.expect(from, sequence, link.journey(last));
    }
    link.set_left(ticket, arrival.left);
    queue_->push({.time = arrival.time,
                  .sequence = sequence,
                  .receiver = arrival.transfer.to,
                  .sender = from,
                  .ticket = ticket,
                  .kind = EventKind::kArrived});
  }
}

void PeerLoop::accept(const PeerLoop& other) {
  // What is held came from the queue when it was the least; it may no longer be.
  if (held_) queue_->push(*std::exchange(held_, std::nullopt));
  LinkReceiver& link = links_.receivers[static_cast<std::size_t>(other.index_)];
  for (const Announcement& item : other.announcements_[static_cast<std::size_t>(index_)]) {
    Event event = item.event;
    event.ticket = link.expect(event.sender, event.sequence, item.journey);
    queue_->push(event);
  }
}

// With many peers nearly every event touches memory that has left the cache. What the
// next events need is fetched ahead, so that the waits overlap.
void PeerLoop::prefetch() {
  if (const Event* const far = queue_->upcoming(kFarAhead)) {
    __builtin_prefetch(&state_of(far->receiver));
    if (is_message(far->kind)) link_from(far->sender).prefetch(far->ticket);
  }
  if (const Event* const near = queue_->upcoming(kNearAhead)) {
    const auto* const protocol =
        reinterpret_cast<const std::byte*>(state_of(near->receiver).protocol.get());
    for (std::size_t line = 0; line < kProtocolLines; ++line) {
      __builtin_prefetch(protocol + kCacheLine * line);
    }
    if (is_message(near->kind)) link_from(near->sender).prefetch_payload(near->ticket);
  }
}

// Another training may have begun since, which ends later.
bool PeerLoop::was_stopped(const Event& event, const PeerState& peer) {
  return event.ticket == peer.life && (!peer.is_training || event.time < peer.training_due);
}

// Events of a former life lapse; what happens to a frozen peer happens when it thaws. Its
// network hardware is not frozen, and its start is where it is frozen at.
bool PeerLoop::is_put_off(const Event& event, const PeerState& peer) {
  if (event.kind == EventKind::kChange || event.kind == EventKind::kArrived) return false;
  if (event.kind != EventKind::kDelivered && event.ticket != peer.life) return true;
  if (event.kind == EventKind::kStart) return false;
  const SimTime thaw = world_.faults.thaw_time(event.receiver, now_);
  if (thaw == now_) return false;
  if (thaw == SimTime::max()) {
    if (event.kind == EventKind::kDelivered) lose(event);
    return true;
  }
  Event later = event;
  later.time = thaw;
  queue_->push(later);
  return true;
}

void PeerLoop::handle(const Event& event, PeerState& peer) {
  effects_.now = scripted_ ? world_.faults.local_time(event.receiver, now_) : now_;
  switch (event.kind) {
    case EventKind::kChange:
      on_change(event, peer);
      break;
    case EventKind::kStart:
      begin(event.receiver, peer, StartKind::kTogether);
      break;
    case EventKind::kTrained:
      on_trained(event, peer);
      break;
    case EventKind::kAggregated:
      on_aggregated(event, peer);
      break;
    case EventKind::kArrived:
      on_arrived(event, peer);
      break;
    case EventKind::kDelivered:
      on_delivered(event, peer);
      break;
    case EventKind::kTimer:
      record_event(event, peer, 0);
      peer.protocol->on_timer(event.sequence, effects_);
      break;
    case EventKind::kAttack:
      record_event(event, peer, peer.withheld.size());
      send_withheld(peer);
      break;
  }
  apply_effects(event.receiver, peer);
}

void PeerLoop::on_change(const Event& event, PeerState& peer) {
  const PeerId id = event.receiver;
  const PeerChange change = world_.faults.changes(id)[event.sequence];
  push_next_change(id, event.sequence + 1);
  record_event(event, peer, static_cast<std::uint64_t>(change.kind));
  switch (change.kind) {
    case PeerChangeKind::kCrash:
    case PeerChangeKind::kCrashWithStateLoss:
      go_down(peer, change.kind == PeerChangeKind::kCrashWithStateLoss);
      break;
    case PeerChangeKind::kLeave:
      if (peer.protocol) peer.protocol->on_leave(effects_);
      apply_effects(id, peer);
      send_withheld(peer);
      go_down(peer, true);
      break;
    case PeerChangeKind::kRestart:
    case PeerChangeKind::kJoin:
      HEARSAY_CHECK(!peer.is_up);
      peer.is_up = true;
      peer.up_since = now_;
      begin(id, peer, peer.protocol ? StartKind::kRestarted : StartKind::kJoined);
      break;
    case PeerChangeKind::kFreeze:
    case PeerChangeKind::kThaw:
      break;
  }
  observer_.on_change(id, change);
}

void PeerLoop::push_next_change(PeerId id, std::uint64_t index) {
  const std::span<const PeerChange> changes = world_.faults.changes(id);
  if (index < changes.size()) push_own(id, EventKind::kChange, changes[index].time, index);
}

void PeerLoop::begin(PeerId id, PeerState& peer, StartKind how) {
  ModelBuffer model;
  if (how == StartKind::kRestarted) {
    model = peer.stored->model;
    peer.training = peer.stored->training;
  } else {
    peer.protocol = world_.make_protocol(id, now_);
    peer.aggregator_state = world_.aggregator.make_state();
    model = world_.problem.initial_model(id);
    if (peer.stored) *peer.stored = {.model = model, .training = {}};
    peer.round = 0;
  }
  if (world_.keep_latest) peer.latest = model;
  if (attackers_ != nullptr) attackers_->trains_from(id, model);
  peer.protocol->on_start(std::move(model), how, effects_);
}

void PeerLoop::go_down(PeerState& peer, bool forgets) {
  HEARSAY_CHECK(peer.is_up);
  peer.is_up = false;
  ++peer.life;
  peer.counters.up = peer.counters.up + (now_ - peer.up_since);
  stop_training(peer);
  if (std::exchange(peer.is_aggregating, false)) abandon(peer.counters, peer.aggregation_due, now_);
  keep_aggregator_state(peer, world_.pool);
  peer.aggregation_job.reset();
  peer.aggregated = {};
  peer.before_mixing = {};
  peer.withheld.clear();
  if (!forgets) return;
  peer.protocol.reset();
  peer.aggregator_state.reset();
  peer.training = {};
}

// What a rule remembers must not depend on whether a worker had got to an aggregation whose
// result is lost: it has happened.
void PeerLoop::keep_aggregator_state(PeerState& peer, JobPool& pool) {
  if (peer.aggregator_state && peer.aggregation_job) pool.take(peer.aggregation_job);
}

bool PeerLoop::is_lost(const Event& event, const PeerState& peer) {
  const FaultTimeline& faults = world_.faults;
  if (!peer.is_up || !faults.is_up(event.receiver, now_)) return true;
  if (event.kind == EventKind::kDelivered) return false;
  const Journey journey = link_from(event.sender).journey(event.ticket);
  return crashes_within(faults.changes(event.sender), journey.sent, journey.left) ||
         !faults.is_connected_throughout(event.sender, event.receiver, journey.sent, now_);
}

void PeerLoop::lose(const Event& event) {
  take(event);
  ++state_of(event.receiver).counters.messages_lost;
}

WireMessage PeerLoop::take(const Event& event) {
  LinkReceiver& link = link_from(event.sender);
  if (!link.has_arrived(event.ticket)) links_.senders[static_cast<std::size_t>(index_)].flush();
  return link.take(event.ticket);
}

void PeerLoop::on_arrived(const Event& event, PeerState& peer) {
  if (scripted_ && is_lost(event, peer)) {
    lose(event);
    return;
  }
  const Journey journey = link_from(event.sender).journey(event.ticket);
  Event delivered = event;
  delivered.time =
      world_.network.receive(event.receiver, wire_bytes(journey.payload_bytes), event.time);
  delivered.kind = EventKind::kDelivered;
  if (delivered.time == SimTime::max()) {
    lose(event);
  } else if (delivered.time > event.time) {
    queue_->push(delivered);
  } else if (!scripted_ || !is_put_off(delivered, peer)) {
    on_delivered(delivered, peer);
  }
}

// Extends the peer's chain by one event and what it brought.
void PeerLoop::record_event(const Event& event, PeerState& peer, std::uint64_t content) {
  const std::uint64_t record[] = {
      static_cast<std::uint64_t>(event.time.nanoseconds), static_cast<std::uint64_t>(event.kind),
      static_cast<std::uint64_t>(event.sender), event.sequence, content};
  peer.events = digest_bytes(std::as_bytes(std::span(record)), peer.events);
  observer_.on_event(event, peer.events);
}

void PeerLoop::on_delivered(const Event& event, PeerState& peer) {
  if (scripted_ && is_lost(event, peer)) {
    lose(event);
    return;
  }
  const SimTime sent = link_from(event.sender).journey(event.ticket).sent;
  WireMessage message = take(event);
  const Envelope envelope = message.envelope;
  HEARSAY_CHECK(envelope.to == event.receiver);
  record_event(event, peer, message.payload.digest());
  peer.counters.bytes_received += wire_bytes(message.payload.size());
  const bool altered = scripted_ && world_.faults.corrupts(event.sender, event.sequence, sent);
  const Reception reception = altered ? Reception::kRefused : receive(std::move(message), peer);
  if (reception == Reception::kLate) ++peer.counters.messages_late;
  if (reception != Reception::kRefused) return;
  ++peer.counters.messages_refused;
  observer_.on_refused(event.receiver, envelope,
                       altered ? RefusalReason::kAltered : RefusalReason::kProtocol, now_);
}

Reception PeerLoop::receive(WireMessage message, PeerState& peer) {
  std::optional<Message> read = decode_message(world_, std::move(message));
  if (!read) return Reception::kRefused;
  if (attackers_ != nullptr) attackers_->was_delivered(*read, now_);
  return peer.protocol->on_message(std::move(*read), effects_);
}

void PeerLoop::on_trained(const Event& event, PeerState& peer) {
  TrainResult result =
      peer.training_job ? world_.pool.take(peer.training_job) : std::exchange(peer.trained, {});
  peer.training_job.reset();
  peer.is_training = false;
  peer.training = std::move(result.state);
  peer.counters.steps += peer.steps_under_way;
  peer.counters.samples += result.samples;
  record_event(event, peer, std::bit_cast<std::uint64_t>(result.loss));
  if (!result.finite) observer_.on_diverged(event.receiver, now_);
  if (world_.keep_trained) peer.before_mixing = result.model;
  peer.protocol->on_trained(std::move(result.model), result.loss, effects_);
}

void PeerLoop::on_aggregated(const Event& event, PeerState& peer) {
  AggregationResult result = peer.aggregation_job ? world_.pool.take(peer.aggregation_job)
                                                  : std::exchange(peer.aggregated, {});
  peer.aggregation_job.reset();
  peer.is_aggregating = false;
  record_event(event, peer, 0);
  PeerCounters& counters = peer.counters;
  counters.attacks_combined += result.attacks;
  counters.attack_influence += result.influence;
  const AggregationIncidents& incidents = result.incidents;
  counters.models_not_finite += std::ssize(incidents.not_finite);
  if (incidents.infeasible) ++counters.infeasible_aggregations;
  if (incidents.infeasible || !incidents.not_finite.empty()) {
    observer_.on_incidents(event.receiver, result.round, incidents, now_);
  }
  peer.protocol->on_aggregated(std::move(result.model), effects_);
}

// What is due never does not happen.
void PeerLoop::push_own(PeerId id, EventKind kind, SimTime time, std::uint64_t sequence) {
  if (time == SimTime::max()) return;
  queue_->push({.time = time,
                .sequence = sequence,
                .receiver = id,
                .sender = id,
                .ticket = state_of(id).life,
                .kind = kind});
}

PeerLoop::State PeerLoop::state() const {
  State state = state_;
  state.training_seconds = static_cast<double>(cpu_->training_ns.load()) * 1e-9;
  state.aggregation_seconds = static_cast<double>(cpu_->aggregation_ns.load()) * 1e-9;
  return state;
}

std::vector<PeerId> PeerLoop::waiting_for(PeerId id) const {
  const std::unique_ptr<Protocol>& protocol = peer(id).protocol;
  return protocol ? protocol->waiting_for() : std::vector<PeerId>();
}

PeerCounters PeerLoop::counters(PeerId id, SimTime now) const {
  PeerCounters counters = peer(id).counters;
  const PeerState& state = peer(id);
  if (!state.is_up) return counters;
  counters.up = counters.up + (now - state.up_since);
  // Work under way was counted to its end.
  if (state.is_training) abandon(counters, state.training_due, now);
  if (state.is_aggregating) abandon(counters, state.aggregation_due, now);
  return counters;
}

}  // namespace hearsay
