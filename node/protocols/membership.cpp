#include "node/protocols/membership.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "node/protocols/message_data.hpp"
#include "node/protocols/sample_order.hpp"

namespace hearsay {

Membership::Membership(const PeerView& view, const MembershipPolicy& policy)
    : policy_(policy),
      self_(view.self),
      peers_(view.neighbors.begin(), view.neighbors.end()),
      rng_(view.rng) {
  for (const PeerId peer : peers_) {
    if (!std::ranges::binary_search(view.absent, peer)) view_.add({.peer = peer});
  }
  view_.add({.peer = self_});
  peers_.insert(std::ranges::lower_bound(peers_, self_), self_);
}

void Membership::start(StartKind how, Effects& effects) {
  is_active_ = is_watching_ = false;
  rejoins_ = 0;
  if (how == StartKind::kJoined) {
    counter_ = 1 + std::max<std::int64_t>(0, effects.now.nanoseconds / 1'000'000);
  }
  if (how != StartKind::kTogether) advertise(MembershipChange::kJoin, effects);
  watch(effects);
}

void Membership::advertise(MembershipChange change, Effects& effects) {
  const MembershipRecord own{
      .peer = self_, .last_active = newest_round(), .counter = counter_++, .change = change};
  std::vector<PeerId> others = view_.members();
  std::erase(others, self_);
  rng_.shuffle(std::span(others));
  others.resize(std::min(others.size(), static_cast<std::size_t>(policy_.fanout)));
  const Buffer data = pack(own.counter, own.change);
  for (const PeerId peer : others) {
    effects.sends.push_back({.to = peer,
                             .kind = MessageKind::kMembership,
                             .round = own.last_active,
                             .model = {},
                             .data = data});
  }
  view_.add(own);
}

void Membership::note_activity(Effects& effects) {
  is_active_ = true;
  watch(effects);
}

void Membership::watch(Effects& effects) {
  if (policy_.rejoin <= SimTime{} || is_watching_) return;
  is_watching_ = true;
  effects.timers.push_back({.delay = policy_.rejoin, .id = policy_.rejoin_timer});
}

void Membership::on_quiet(Effects& effects) {
  is_watching_ = false;
  if (std::exchange(is_active_, false)) {
    rejoins_ = 0;
  } else {
    if (rejoins_ == kMostRejoins) return;
    ++rejoins_;
    advertise(MembershipChange::kJoin, effects);
  }
  watch(effects);
}

bool Membership::accepts(PeerId sender, int round) const {
  return sender != self_ && std::ranges::binary_search(peers_, sender) && round >= 0 &&
         round <= policy_.last_round;
}

void Membership::saw(PeerId peer, int round) { view_.touch(peer, std::max(round, newest_round())); }

std::optional<MembershipChange> Membership::take_advertisement(const Message& message) {
  MembershipRecord record{.peer = message.from,
                          .last_active = std::max(message.round, newest_round())};
  if (!unpack(message.data, record.counter, record.change)) return std::nullopt;
  if (record.counter < 0 || record.counter > MembershipView::kMaxCounter) return std::nullopt;
  if (record.change > MembershipChange::kLeave) return std::nullopt;
  (record.change == MembershipChange::kLeave ? view_ : pending_).add(record);
  return record.change;
}

bool Membership::take_view(const Message& message) {
  MembershipView view;
  if (!unpack(message.data, view)) return false;
  if (!std::ranges::includes(peers_, view.peers())) return false;
  if (view.newest_round() > policy_.last_round) return false;
  view_.merge(view);
  saw(message.from, message.round);
  return true;
}

Buffer Membership::hand_out_view() {
  Buffer data = pack(view_);
  view_.merge(std::exchange(pending_, {}));
  return data;
}

std::vector<PeerId> Membership::order(int round) const {
  return sample_order(view_.candidates(round, policy_.inactive_rounds, self_), round);
}

std::vector<PeerId> Membership::first_of_order(int round, int count) const {
  std::vector<PeerId> first = order(round);
  first.resize(std::min(first.size(), static_cast<std::size_t>(count)));
  return first;
}

void Membership::persist(Archive& archive) {
  archive.mark("membership");
  archive(view_, pending_, counter_, rng_, is_active_, is_watching_, rejoins_);
}

}  // namespace hearsay
