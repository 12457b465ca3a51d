#include "node/protocols/membership_view.hpp"

#include <algorithm>
#include <functional>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr std::int64_t register_of(std::int64_t counter, MembershipChange change) {
  return 2 * counter + (change == MembershipChange::kLeave ? 1 : 0);
}

template <class T>
void raise_to(std::vector<T>& values, const std::vector<T>& others) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::max(values[i], others[i]);
}

template <class T>
bool all_between(const std::vector<T>& values, T low, T high) {
  return std::ranges::all_of(values, [=](T value) { return low <= value && value <= high; });
}

}  // namespace

void MembershipView::merge(const MembershipView& other) {
  if (peers_ == other.peers_) {
    raise_to(last_active_, other.last_active_);
    raise_to(registers_, other.registers_);
    return;
  }
  for (std::size_t i = 0; i < other.peers_.size(); ++i) {
    add(other.peers_[i], other.last_active_[i], other.registers_[i]);
  }
}

void MembershipView::add(const MembershipRecord& record) {
  HEARSAY_CHECK(record.peer >= 0);
  HEARSAY_CHECK(record.last_active >= 0);
  HEARSAY_CHECK(record.last_active <= kMaxRound);
  HEARSAY_CHECK(record.counter >= 0);
  HEARSAY_CHECK(record.counter <= kMaxCounter);
  add(record.peer, record.last_active, register_of(record.counter, record.change));
}

void MembershipView::add(PeerId peer, std::int32_t last_active, std::int64_t newest) {
  const auto found = std::ranges::lower_bound(peers_, peer);
  const auto index = found - peers_.begin();
  if (found == peers_.end() || *found != peer) {
    peers_.insert(found, peer);
    last_active_.insert(last_active_.begin() + index, last_active);
    registers_.insert(registers_.begin() + index, newest);
    return;
  }
  const auto at = static_cast<std::size_t>(index);
  last_active_[at] = std::max(last_active_[at], last_active);
  registers_[at] = std::max(registers_[at], newest);
}

void MembershipView::touch(PeerId peer, int round) {
  HEARSAY_CHECK(round >= 0);
  HEARSAY_CHECK(round <= kMaxRound);
  const auto found = std::ranges::lower_bound(peers_, peer);
  if (found == peers_.end() || *found != peer) return;
  std::int32_t& last_active = last_active_[static_cast<std::size_t>(found - peers_.begin())];
  last_active = std::max(last_active, round);
}

int MembershipView::newest_round() const {
  return last_active_.empty() ? 0 : *std::ranges::max_element(last_active_);
}

std::vector<PeerId> MembershipView::members() const {
  std::vector<PeerId> members;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (is_member(i)) members.push_back(peers_[i]);
  }
  return members;
}

std::vector<PeerId> MembershipView::candidates(int round, int window, PeerId self) const {
  const std::int64_t oldest = std::int64_t{round} - window;
  std::vector<PeerId> candidates;
  candidates.reserve(peers_.size() + 1);
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (peers_[i] == self || (is_member(i) && last_active_[i] >= oldest)) {
      candidates.push_back(peers_[i]);
    }
  }
  const auto own_place = std::ranges::lower_bound(candidates, self);
  if (own_place == candidates.end() || *own_place != self) candidates.insert(own_place, self);
  return candidates;
}

void MembershipView::persist(Archive& archive) {
  archive(peers_, last_active_, registers_);
  if (archive.is_loading() && !is_sound()) archive.mismatch("a view that no peer can have");
}

bool MembershipView::is_sound() const {
  if (peers_.size() != last_active_.size() || peers_.size() != registers_.size()) return false;
  const bool ascends =
      std::ranges::adjacent_find(peers_, std::ranges::greater_equal()) == peers_.end();
  return ascends && (peers_.empty() || peers_.front() >= 0) &&
         all_between(last_active_, 0, kMaxRound) &&
         all_between(registers_, std::int64_t{0},
                     register_of(kMaxCounter, MembershipChange::kLeave));
}

}  // namespace hearsay
