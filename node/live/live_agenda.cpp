// What is due at some time, and what the world does to peers and messages: a part of LiveHost.
#include <algorithm>
#include <cmath>
#include <utility>

#include "node/base/check.hpp"
#include "node/live/live_host.hpp"
#include "node/runtime/peer_work.hpp"

namespace hearsay {
namespace {

bool is_finite(const ModelBuffer& model) {
  return std::ranges::all_of(model.values(), [](float value) { return std::isfinite(value); });
}

bool brings_up(PeerChangeKind kind) {
  return kind == PeerChangeKind::kRestart || kind == PeerChangeKind::kJoin;
}

}  // namespace

void LiveHost::follow_agenda() {
  while (!ended_ && !agenda_.empty() && agenda_.begin()->first <= now_) {
    Due due = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    std::visit([this](auto& item) { handle(item); }, due);
  }
}

// What happens to a frozen peer happens when it thaws, if ever.
bool LiveHost::is_put_off(PeerId peer, Due& due) {
  const SimTime thaw = world_.faults.thaw_time(peer, now_);
  if (thaw == now_) return false;
  if (thaw != SimTime::max()) agenda_.emplace(thaw, std::move(due));
  return true;
}

void LiveHost::handle(Timer& timer) {
  PeerState& peer = state_of(timer.peer);
  if (peer.has_finished || timer.life != peer.life) return;
  if (Due due = timer; is_put_off(timer.peer, due)) return;
  ++events_;
  last_progress_ = now_;
  effects_.now = world_.faults.local_time(timer.peer, now_);
  peer.protocol->on_timer(timer.id, effects_);
  apply_effects(timer.peer, peer);
}

void LiveHost::handle(Departure& departure) { transmit(std::move(departure.message)); }

void LiveHost::arrive_all() {
  while (!inbox_.empty()) {
    WireMessage message = std::move(inbox_.front());
    inbox_.pop_front();
    SimTime received = now_;
    if (plan_.emulate_network) {
      received =
          world_.network.receive(message.envelope.to, wire_bytes(message.payload.size()), now_);
    }
    Delivery delivery{std::move(message)};
    if (received > now_) {
      agenda_.emplace(received, std::move(delivery));
    } else {
      handle(delivery);
    }
  }
}

void LiveHost::handle(Delivery& delivery) {
  const Envelope envelope = delivery.message.envelope;
  PeerState& peer = state_of(envelope.to);
  if (!peer.is_up) {
    ++peer.counters.messages_lost;
    return;
  }
  if (Due due = delivery; is_put_off(envelope.to, due)) return;
  deliver(std::move(delivery.message), peer);
}

void LiveHost::deliver(WireMessage message, PeerState& peer) {
  const Envelope envelope = message.envelope;
  ++events_;
  peer.counters.bytes_received += wire_bytes(message.payload.size());
  std::optional<Refusal> refusal;
  std::optional<Message> read = decode_message(world_, std::move(message));
  if (world_.faults.corrupts(envelope.from, envelope.sequence, now_)) {
    refusal = Refusal::kAltered;
  } else if (!read) {
    refusal = Refusal::kWrongShape;
  } else if (!is_finite(read->model)) {
    refusal = Refusal::kNonFinite;
  } else {
    effects_.now = world_.faults.local_time(envelope.to, now_);
    if (attackers_ != nullptr) {
      attackers_->was_delivered(*read, now_);
      // What has come to its process an omniscient attacker knows.
      attackers_->was_sent(*read);
    }
    const Reception reception = peer.protocol->on_message(std::move(*read), effects_);
    apply_effects(envelope.to, peer);
    if (reception == Reception::kLate) ++peer.counters.messages_late;
    if (reception == Reception::kAccepted) last_progress_ = now_;
    if (reception == Reception::kRefused) refusal = Refusal::kProtocol;
  }
  if (!refusal) return;
  ++peer.counters.messages_refused;
  refuse(*refusal, envelope);
}

// A slow peer's work is done later than it is. By the compute model work is done when that says,
// or as soon as it is done; what a fault adds to its time is in there.
SimTime LiveHost::due_time(Completion& done) {
  if (done.due == SimTime{}) {
    return world_.faults.finish(done.peer, std::max(now_ - done.took, SimTime{}), done.took);
  }
  if (now_ > done.due) {
    ++overruns_.count;
    overruns_.longest = std::max(overruns_.longest, now_ - done.due);
  }
  done.took = std::max(now_, done.due) - done.begun;
  return done.due;
}

void LiveHost::take_completions() {
  collect_completions();
  for (Completion& done : std::exchange(completed_, {})) {
    last_progress_ = now_;
    const SimTime due = due_time(done);
    if (due > now_) {
      if (due != SimTime::max()) agenda_.emplace(due, std::move(done));
    } else {
      handle(done);
    }
  }
}

void LiveHost::handle(Completion& done) {
  PeerState& peer = state_of(done.peer);
  ++events_;
  last_progress_ = now_;
  effects_.now = world_.faults.local_time(done.peer, now_);
  if (auto* const result = std::get_if<TrainResult>(&done.result)) {
    if (!peer.is_training || done.ticket != peer.trainings) return;
    on_trained(done, peer, std::move(*result));
  } else {
    if (!peer.is_aggregating || done.ticket != peer.aggregations) return;
    on_aggregated(done, peer, std::move(std::get<AggregationResult>(done.result)));
  }
  apply_effects(done.peer, peer);
}

// A peer that has finished meets no more changes.
void LiveHost::handle(Change& change) {
  PeerState& peer = state_of(change.peer);
  if (peer.has_finished) return;
  ++events_;
  last_progress_ = now_;
  switch (change.change.kind) {
    case PeerChangeKind::kCrash:
    case PeerChangeKind::kCrashWithStateLoss:
      go_down(peer, change.change.kind == PeerChangeKind::kCrashWithStateLoss);
      break;
    case PeerChangeKind::kLeave:
      if (peer.protocol) {
        peer.protocol->on_leave(effects_);
        apply_effects(change.peer, peer);
      }
      go_down(peer, true);
      break;
    case PeerChangeKind::kRestart:
    case PeerChangeKind::kJoin:
      peer.is_up = true;
      peer.up_since = now_;
      begin(change.peer, peer, peer.protocol ? StartKind::kRestarted : StartKind::kJoined);
      break;
    case PeerChangeKind::kFreeze:
    case PeerChangeKind::kThaw:
      break;
  }
  tell(ChangeNews{change.peer, change.change});
}

void LiveHost::go_down(PeerState& peer, bool forgets) {
  if (!peer.is_up) return;
  peer.is_up = false;
  ++peer.life;
  peer.counters.up = peer.counters.up + (now_ - peer.up_since);
  if (std::exchange(peer.is_training, false)) peer.counters.wasted_steps += peer.steps_under_way;
  peer.is_aggregating = false;
  peer.before_mixing = {};
  peer.withheld.clear();
  if (!forgets) return;
  await_remembering();
  peer.aggregator_state.reset();
  peer.protocol.reset();
  peer.training = {};
}

bool LiveHost::comes_back(PeerId peer) const {
  return std::ranges::any_of(world_.faults.changes(peer), [this](const PeerChange& change) {
    return change.time > now_ && brings_up(change.kind);
  });
}

}  // namespace hearsay
