#include "node/runtime/simulation_observer.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace hearsay {

void DelayedObserver::on_round(const RoundNotice& notice) {
  news_.push_back({notice.time, EventKind::kAggregated, notice.peer,
                   [this, notice] { target_.on_round(notice); }});
}

void DelayedObserver::on_diverged(PeerId peer, SimTime now) {
  news_.push_back(
      {now, EventKind::kTrained, peer, [this, peer, now] { target_.on_diverged(peer, now); }});
}

void DelayedObserver::on_refused(PeerId peer, const Envelope& envelope, RefusalReason reason,
                                 SimTime now) {
  news_.push_back({now, EventKind::kDelivered, peer, [this, peer, envelope, reason, now] {
                     target_.on_refused(peer, envelope, reason, now);
                   }});
}

void DelayedObserver::on_incidents(PeerId peer, int round, const AggregationIncidents& incidents,
                                   SimTime now) {
  news_.push_back({now, EventKind::kAggregated, peer, [this, peer, round, incidents, now] {
                     target_.on_incidents(peer, round, incidents, now);
                   }});
}

void DelayedObserver::on_change(PeerId peer, const PeerChange& change) {
  news_.push_back({change.time, EventKind::kChange, peer,
                   [this, peer, change] { target_.on_change(peer, change); }});
}

void DelayedObserver::on_event(const Event& event, Digest events) {
  if (events_told_ == kMostEvents) return;
  ++events_told_;
  news_.push_back({event.time, event.kind, event.receiver,
                   [this, event, events] { target_.on_event(event, events); }});
}

void DelayedObserver::replay(std::span<DelayedObserver> observers) {
  std::vector<News> all;
  for (DelayedObserver& observer : observers) {
    std::ranges::move(observer.news_, std::back_inserter(all));
    observer.news_.clear();
  }
  std::ranges::stable_sort(
      all, {}, [](const News& news) { return std::tie(news.time, news.kind, news.peer); });
  for (const News& news : all) news.tell();
}

}  // namespace hearsay
