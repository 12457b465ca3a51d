#include "node/world/passage.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

SimTime exponential(Rng& rng, SimTime mean) {
  return SimTime::from_seconds(-mean.seconds() * std::log(1.0 - rng.uniform()));
}

std::vector<Rng> streams(bool used, std::string_view name, int num_peers, const Rng& rng) {
  std::vector<Rng> result;
  for (int peer = 0; used && peer < num_peers; ++peer) {
    result.push_back(rng.split(name, static_cast<std::uint64_t>(peer)));
  }
  return result;
}

}  // namespace

std::optional<std::string> infeasible(const PassageOptions& options) {
  if (options.retransmit && options.loss.value > kMostResentLoss) {
    std::ostringstream message;
    message << "retransmit needs a loss of at most " << 100.0 * kMostResentLoss << "%, got "
            << 100.0 * options.loss.value << "%";
    return message.str();
  }
  if (options.latency_matrix.empty()) return std::nullopt;
  if (options.geometric) return "give either latency_matrix or geometric, not both";
  if (options.latency != PassageOptions{}.latency) {
    return "give either latency or latency_matrix, not both";
  }
  return std::nullopt;
}

void Chance::persist(Archive& archive) {
  archive(losses, is_lost, is_held_back, is_duplicated, jitter, copy_jitter);
}

Passage::Passage(const PassageOptions& options, int num_peers, const Rng& rng)
    : options_(options), latencies_(options, num_peers, rng) {
  const bool loses = options.loss.value > 0.0;
  const bool jitters = options.jitter > SimTime{};
  const bool duplicates = options.duplicate.value > 0.0;
  const bool reorders = options.reorder.value > 0.0;
  is_random_ = loses || jitters || duplicates || reorders;
  loss_ = streams(loses, "loss", num_peers, rng);
  jitter_ = streams(jitters, "jitter", num_peers, rng);
  duplicate_ = streams(duplicates, "duplicate", num_peers, rng);
  duplicate_jitter_ = streams(duplicates && jitters, "duplicate_jitter", num_peers, rng);
  reorder_ = streams(reorders, "reorder", num_peers, rng);
  const auto n = static_cast<std::size_t>(num_peers);
  if (options.tcp) tcp_.emplace(*options.tcp, num_peers);
  if (jitters || (loses && options.retransmit) || tcp_) last_arrival_.resize(n);
  if (loses && options.retransmit) retransmissions_.resize(n);
  if (duplicates) duplicates_.resize(n);
}

TcpPath Passage::tcp_path(const Transfer& transfer, double bytes_per_second) const {
  const auto segment = static_cast<double>(tcp_->wire_window(1));
  return {.round_trip = latencies_.between(transfer.from, transfer.to) +
                        latencies_.between(transfer.to, transfer.from),
          .segment_time = SimTime::from_nanoseconds(segment / bytes_per_second * 1e9 + 0.5)};
}

Chance Passage::draw(PeerId from) {
  const auto sender = static_cast<std::size_t>(from);
  Chance chance;
  if (!loss_.empty()) {
    const auto is_lost = [&] { return loss_[sender].uniform() < options_.loss.value; };
    if (options_.retransmit) {
      while (is_lost()) ++chance.losses;
      retransmissions_[sender] += chance.losses;
    } else {
      chance.is_lost = is_lost();
    }
  }
  if (!jitter_.empty()) chance.jitter = exponential(jitter_[sender], options_.jitter);
  if (!duplicate_.empty()) {
    chance.is_duplicated = duplicate_[sender].uniform() < options_.duplicate.value;
  }
  if (chance.is_duplicated && !duplicate_jitter_.empty()) {
    chance.copy_jitter = exponential(duplicate_jitter_[sender], options_.jitter);
  }
  if (!reorder_.empty()) {
    chance.is_held_back = reorder_[sender].uniform() < options_.reorder.value;
  }
  return chance;
}

SimTime Passage::timeout(std::int32_t attempt) const {
  const SimTime longest = std::max(options_.retransmit_timeout, kLongestTimeout);
  SimTime timeout = options_.retransmit_timeout;
  for (; attempt > 0 && timeout < longest; --attempt) timeout = std::min(longest, timeout * 2);
  return timeout;
}

void Passage::deliver(const Transfer& transfer, const Chance& chance, SimTime left, SimTime due,
                      std::vector<Arrival>& arrivals) {
  HEARSAY_CHECK(!chance.is_lost);
  SimTime time = in_order(transfer, add_saturating(due, chance.jitter), chance.is_held_back);
  if (chance.is_held_back) time = add_saturating(time, options_.reorder_delay);
  if (time == SimTime::max()) return;
  arrivals.push_back({transfer, left, time});
  if (!chance.is_duplicated) return;
  time = in_order(transfer, add_saturating(time, chance.copy_jitter), chance.is_held_back);
  if (time == SimTime::max()) return;
  arrivals.push_back({transfer, left, time});
  ++duplicates_[static_cast<std::size_t>(transfer.from)];
}

SimTime Passage::in_order(const Transfer& transfer, SimTime time, bool is_held_back) {
  if (last_arrival_.empty()) return time;
  SimTime& last = last_arrival_[static_cast<std::size_t>(transfer.from)][transfer.to];
  time = std::max(last, time);
  if (!is_held_back) last = time;
  return time;
}

void Passage::add_use(NetworkUse& use) const {
  use.retransmissions +=
      std::accumulate(retransmissions_.begin(), retransmissions_.end(), std::int64_t{0});
  use.duplicates += std::accumulate(duplicates_.begin(), duplicates_.end(), std::int64_t{0});
}

void Passage::persist(Archive& archive) {
  archive.mark("passage");
  for (auto* list : {&loss_, &jitter_, &duplicate_, &duplicate_jitter_, &reorder_}) {
    for (Rng& rng : *list) archive(rng);
  }
  for (auto& last : last_arrival_) archive(last);
  for (std::int64_t& number : retransmissions_) archive(number);
  for (std::int64_t& number : duplicates_) archive(number);
  if (tcp_) archive(*tcp_);
}

std::vector<double> bandwidth_factors(double sigma, int num_peers, const Rng& rng) {
  std::vector<double> factors(static_cast<std::size_t>(num_peers), 1.0);
  if (sigma == 0.0) return factors;
  for (std::size_t peer = 0; peer < factors.size(); ++peer) {
    factors[peer] = std::exp(sigma * rng.split("bandwidth", peer).normal());
  }
  return factors;
}

}  // namespace hearsay
