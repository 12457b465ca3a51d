#include "node/protocols/live_sampling.hpp"

#include <algorithm>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {

void LiveSampling::start(std::vector<PeerId> order, int want) {
  HEARSAY_CHECK(want >= 1);
  stop();
  order_ = std::move(order);
  std::ranges::reverse(order_);
  want_ = want;
  for (int k = 0; k < want; ++k) ask_next();
}

void LiveSampling::stop() {
  want_ = 0;
  order_.clear();
  awaited_.clear();
  to_send_.clear();
  alive_.clear();
}

std::vector<PingRequest> LiveSampling::take_pings() { return std::exchange(to_send_, {}); }

bool LiveSampling::on_pong(PeerId peer, std::uint64_t id) {
  const auto ping = std::ranges::find(awaited_, id, &PingRequest::id);
  if (ping == awaited_.end() || ping->peer != peer) return false;
  awaited_.erase(ping);
  alive_.push_back(peer);
  return true;
}

void LiveSampling::on_timeout(std::uint64_t id) {
  const auto ping = std::ranges::find(awaited_, id, &PingRequest::id);
  if (ping == awaited_.end()) return;
  awaited_.erase(ping);
  ask_next();
}

std::optional<PeerId> LiveSampling::awaited_by(std::uint64_t id) const {
  const auto ping = std::ranges::find(awaited_, id, &PingRequest::id);
  if (ping == awaited_.end()) return std::nullopt;
  return ping->peer;
}

std::vector<PeerId> LiveSampling::awaited() const {
  std::vector<PeerId> peers;
  for (const PingRequest& ping : awaited_) peers.push_back(ping.peer);
  std::ranges::sort(peers);
  return peers;
}

std::optional<std::vector<PeerId>> LiveSampling::take_result() {
  const bool is_enough = std::ssize(alive_) >= want_;
  if (!is_running() || (!is_enough && !awaited_.empty())) return std::nullopt;
  std::vector<PeerId> found = std::move(alive_);
  stop();
  return found;
}

void LiveSampling::ask_next() {
  if (order_.empty()) return;
  const PeerId next = order_.back();
  order_.pop_back();
  if (next == self_) {
    alive_.push_back(self_);
    return;
  }
  awaited_.push_back({.peer = next, .id = ++last_id_});
  to_send_.push_back(awaited_.back());
}

void LiveSampling::persist(Archive& archive) { archive(want_, order_, awaited_, alive_, last_id_); }

}  // namespace hearsay
