#include "node/protocols/neighbor_letters.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {

NeighborLetters::NeighborLetters(const RoundOptions& options, const PeerView& view)
    : missing_policy_(options.missing),
      missing_weight_(options.missing_weight),
      self_(view.self),
      schedule_(view.schedule),
      self_weight_(view.self_weight),
      neighbors_(view.neighbors.size()) {
  HEARSAY_CHECK(view.neighbors.size() == view.weights.size());
  for (std::size_t k = 0; k < neighbors_.size(); ++k) {
    neighbors_[k].id = view.neighbors[k];
    neighbors_[k].weight = view.weights[k];
    neighbors_[k].absent = std::ranges::binary_search(view.absent, view.neighbors[k]);
    neighbors_[k].due = schedule_ == nullptr;
  }
}

NeighborLetters::Neighbor* NeighborLetters::find(PeerId id) {
  const auto found = std::ranges::lower_bound(neighbors_, id, {}, &Neighbor::id);
  return found != neighbors_.end() && found->id == id ? &*found : nullptr;
}

template <class Self, class Visit>
void NeighborLetters::for_each_due(Self& self, Visit visit) {
  if (self.links_ == nullptr) {
    for (auto& neighbor : self.neighbors_) visit(neighbor);
    return;
  }
  for (const WeightedLink& link : self.links_->senders(self.self_)) {
    visit(*std::ranges::lower_bound(self.neighbors_, link.from, {}, &Neighbor::id));
  }
}

void NeighborLetters::forget() {
  for (Neighbor& neighbor : neighbors_) neighbor.next = neighbor.ahead = {};
  early_.clear();
  newest_heard_ = 0;
}

void NeighborLetters::owe_all() {
  if (schedule_ == nullptr) return;
  for (Neighbor& neighbor : neighbors_) set_asked(neighbor, true);
}

void NeighborLetters::begin(int round) {
  round_ = round;
  is_open_ = true;
  follow_links();
  missing_ = 0;
  for_each_due(*this, [this](Neighbor& neighbor) {
    advance(neighbor, round_);
    if (neighbor.is_awaited() && !neighbor.has(round_)) ++missing_;
  });
}

void NeighborLetters::follow_links() {
  if (schedule_ == nullptr) return;
  if (links_ != nullptr) {
    for_each_due(*this, [](Neighbor& neighbor) { neighbor.due = false; });
  }
  links_ = schedule_->links(round_);
  self_weight_ = links_->self_weight(self_);
  for (const WeightedLink& link : links_->senders(self_)) {
    Neighbor* const neighbor = find(link.from);
    HEARSAY_CHECK(neighbor != nullptr);
    neighbor->due = true;
    neighbor->weight = link.weight;
  }
}

// Makes a letter that is there already the next, once the one before is of no more use.
void NeighborLetters::advance(Neighbor& neighbor, int round) {
  if (schedule_ == nullptr) {
    if (!neighbor.ahead.model.empty() && neighbor.next.round < round) {
      neighbor.next = std::exchange(neighbor.ahead, {});
    }
    return;
  }
  while (neighbor.next.round < round) {
    const auto first = early_.lower_bound({neighbor.id, 0});
    if (first == early_.end() || first->first.first != neighbor.id) return;
    neighbor.next = std::move(first->second);
    early_.erase(first);
  }
}

Reception NeighborLetters::take(Neighbor& neighbor, Letter letter) {
  newest_heard_ = std::max(newest_heard_, letter.round);
  if (letter.round >= open_round()) {
    return store(neighbor, std::move(letter)) ? Reception::kAccepted : Reception::kRefused;
  }
  set_awaited(neighbor);
  if (missing_policy_ == MissingPolicy::kLastModel && letter.round > neighbor.next.round) {
    neighbor.next = std::move(letter);
  }
  return Reception::kLate;
}

// False if it is there already.
bool NeighborLetters::store(Neighbor& neighbor, Letter letter) {
  set_awaited(neighbor);
  if (schedule_ != nullptr) advance(neighbor, open_round());
  if (!neighbor.has(open_round())) {
    if (is_open_ && neighbor.due) --missing_;
    neighbor.next = std::move(letter);
    return true;
  }
  if (schedule_ != nullptr) return store_early(neighbor, std::move(letter));
  if (letter.round == neighbor.next.round || letter.round == neighbor.ahead.round) return false;
  if (letter.round < neighbor.next.round) std::swap(neighbor.next, letter);
  if (letter.round > neighbor.ahead.round) neighbor.ahead = std::move(letter);
  return true;
}

// Where links vary, peers may be several rounds apart though nothing is wrong.
bool NeighborLetters::store_early(Neighbor& neighbor, Letter letter) {
  if (letter.round == neighbor.next.round) return false;
  if (letter.round < neighbor.next.round) std::swap(neighbor.next, letter);
  const std::pair key(neighbor.id, letter.round);
  return early_.try_emplace(key, std::move(letter)).second;
}

void NeighborLetters::set_awaited(Neighbor& neighbor) {
  if (neighbor.is_awaited()) return;
  neighbor.absent = neighbor.suspected = false;
  if (is_open_ && neighbor.due && !neighbor.has(round_)) ++missing_;
}

void NeighborLetters::set_absent(Neighbor& neighbor) {
  stop_waiting_for(neighbor);
  neighbor.absent = true;
}

void NeighborLetters::suspect_missing() {
  for_each_due(*this, [this](Neighbor& neighbor) {
    if (!neighbor.is_awaited() || neighbor.has(round_)) return;
    stop_waiting_for(neighbor);
    neighbor.suspected = true;
  });
}

void NeighborLetters::stop_waiting_for(const Neighbor& neighbor) {
  if (is_open_ && neighbor.due && neighbor.is_awaited() && !neighbor.has(round_)) --missing_;
}

std::vector<PeerId> NeighborLetters::missing() const {
  std::vector<PeerId> ids;
  for_each_due(*this, [&](const Neighbor& neighbor) {
    if (neighbor.is_awaited() && !neighbor.has(round_)) ids.push_back(neighbor.id);
  });
  return ids;
}

void NeighborLetters::close(AggregationRequest& request, HeardLetters* heard) {
  const bool keeps_last = missing_policy_ == MissingPolicy::kLastModel;
  std::size_t num_due = 0;
  stood_in_ = is_open_ = false;
  request.own_weight = self_weight_;
  request.received.reserve(links_ == nullptr ? neighbors_.size() : 0);
  for_each_due(*this, [&](Neighbor& neighbor) {
    ++num_due;
    Letter& letter = neighbor.next;
    const bool stands_in = keeps_last && !neighbor.absent && !letter.model.empty();
    if (heard != nullptr && !neighbor.absent && (letter.model.empty() || letter.round != round_)) {
      heard->is_whole = false;
    }
    if (!neighbor.has(round_) && !stands_in) return;
    if (letter.round > round_) stood_in_ = true;
    request.received.push_back({.sender = neighbor.id,
                                .weight = neighbor.weight,
                                .round = letter.round,
                                .model = letter.model});
    if (heard != nullptr) heard->letters.push_back(letter);
    if (!keeps_last && letter.round == round_) letter.model = letter.tracker = {};
  });
  if (request.received.size() < num_due) give_missing_weight(request);
}

void NeighborLetters::give_missing_weight(AggregationRequest& request) const {
  double present = request.own_weight;
  for (const HeardModel& heard : request.received) present += heard.weight;
  double total = self_weight_;
  for_each_due(*this, [&](const Neighbor& neighbor) { total += neighbor.weight; });
  if (missing_weight_ == MissingWeight::kSelf || present <= 0.0) {
    request.own_weight += total - present;
    return;
  }
  request.own_weight *= total / present;
  for (HeardModel& heard : request.received) heard.weight *= total / present;
}

int NeighborLetters::next_round() {
  const int next = round_ + 1;
  // Where links vary, having heard of a later round does not mean to have fallen behind.
  if (newest_heard_ <= next || (schedule_ != nullptr && !stood_in_)) return next;
  for (int skipped = next; schedule_ != nullptr && skipped < newest_heard_; ++skipped) {
    for (const PeerId to : schedule_->links(skipped)->receivers(self_)) {
      set_asked(*find(to), true);
    }
  }
  return newest_heard_;
}

void NeighborLetters::persist(Archive& archive) {
  archive(round_, is_open_, stood_in_, newest_heard_, missing_, num_asked_, early_);
  for (Neighbor& neighbor : neighbors_) {
    archive(neighbor.absent, neighbor.suspected, neighbor.has_asked, neighbor.next, neighbor.ahead);
    if (archive.is_loading() && schedule_ != nullptr) neighbor.due = false;
  }
  if (archive.is_loading()) follow_links();
}

}  // namespace hearsay
