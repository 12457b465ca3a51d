// Saving and restoring an event loop.
#include <utility>

#include "node/base/check.hpp"
#include "node/runtime/peer_loop.hpp"

namespace hearsay {

void PendingEvent::persist(Archive& archive) {
  archive(event.time, event.sequence, event.receiver, event.sender, event.ticket, event.kind);
  if (!is_message(event.kind)) return;
  archive(envelope.from, envelope.to, envelope.round, envelope.sequence, envelope.kind,
          envelope.codec, payload, journey.sent, journey.left, journey.payload_bytes);
}

void PeerLoop::flush() {
  for (LinkSender& link : links_.senders) link.flush();
}

void PeerLoop::restore(std::int64_t events, SimTime last_event) {
  state_.events = events;
  state_.last_event = last_event;
}

void PeerLoop::persist(Archive& archive, PeerId id) {
  PeerState& peer = state_of(id);
  peer.settle(world_.pool);
  peer.persist(archive);
  bool has_protocol = peer.protocol != nullptr;
  archive(has_protocol);
  if (!has_protocol) return;
  if (archive.is_loading()) {
    peer.protocol = world_.make_protocol(id, SimTime{});
    peer.aggregator_state = world_.aggregator.make_state();
  }
  peer.protocol->persist(archive);
  if (peer.aggregator_state) peer.aggregator_state->persist(archive);
}

void PeerLoop::persist_attackers(Archive& archive) {
  if (attackers_ != nullptr) attackers_->persist(archive);
}

void PeerLoop::list_pending(std::vector<PendingEvent>& pending) {
  flush();
  std::vector<Event> events;
  if (held_) events.push_back(*std::exchange(held_, std::nullopt));
  while (const std::optional<Event> event = queue_->pop()) events.push_back(*event);
  for (const Event& event : events) {
    queue_->push(event);
    pending.push_back({.event = event, .envelope = {}, .payload = {}, .journey = {}});
    if (is_message(event.kind)) add_contents(pending.back());
  }
  for (const auto& [key, ticket] : underway_) {
    const Event event{.time = SimTime::max(),
                      .sequence = key.second,
                      .sender = key.first,
                      .ticket = ticket,
                      .kind = EventKind::kArrived};
    pending.push_back({.event = event, .envelope = {}, .payload = {}, .journey = {}});
    add_contents(pending.back());
    pending.back().event.receiver = pending.back().envelope.to;
  }
}

void PeerLoop::add_contents(PendingEvent& pending) {
  LinkReceiver& link = link_from(pending.event.sender);
  const WireMessage& message = link.peek(pending.event.ticket);
  pending.envelope = message.envelope;
  pending.payload = message.payload;
  pending.journey = link.journey(pending.event.ticket);
  pending.event.ticket = 0;
}

void PeerLoop::resend(const PendingEvent& pending) {
  links_.senders[static_cast<std::size_t>(map_.loop_of(pending.event.receiver))].post(
      pending.envelope, pending.payload);
}

void PeerLoop::reschedule(const PendingEvent& pending) {
  Event event = pending.event;
  if (is_message(event.kind)) {
    event.ticket = link_from(event.sender).expect(event.sender, event.sequence, pending.journey);
    if (event.time == SimTime::max()) {
      underway_.emplace(std::pair(event.sender, event.sequence), event.ticket);
      return;
    }
  }
  queue_->push(event);
}

}  // namespace hearsay
