#include "node/runtime/network_model.hpp"

#include <algorithm>

namespace hearsay {
namespace {

SimTime transmission(std::int64_t bytes, Bandwidth bandwidth) {
  if (bandwidth.is_unlimited()) return {};
  const double nanoseconds = static_cast<double>(bytes) / bandwidth.bytes_per_second * 1e9;
  return {static_cast<std::int64_t>(nanoseconds + 0.5)};
}

}  // namespace

NetworkModel::NetworkModel(const NetworkOptions& options, int num_peers, const Rng& rng)
    : options_(std::get<LinksOptions>(options)) {
  const auto n = static_cast<std::size_t>(num_peers);
  if (!options_.up.is_unlimited()) up_free_.resize(n);
  if (!options_.down.is_unlimited()) down_free_.resize(n);
  if (options_.loss.value > 0.0) {
    loss_.reserve(n);
    for (std::size_t peer = 0; peer < n; ++peer) loss_.push_back(rng.split("loss", peer));
  }
}

std::optional<SimTime> NetworkModel::send(PeerId from, std::int64_t bytes, SimTime now) {
  const auto sender = static_cast<std::size_t>(from);
  SimTime sent = now;
  if (!up_free_.empty()) {
    sent = std::max(now, up_free_[sender]) + transmission(bytes, options_.up);
    up_free_[sender] = sent;
  }
  if (!loss_.empty() && loss_[sender].uniform() < options_.loss.value) return std::nullopt;
  return sent + options_.latency;
}

SimTime NetworkModel::receive(PeerId to, std::int64_t bytes, SimTime last) {
  if (down_free_.empty()) return last;
  const SimTime first = last - transmission(bytes, options_.up);
  SimTime& free = down_free_[static_cast<std::size_t>(to)];
  free = std::max(last, std::max(free, first) + transmission(bytes, options_.down));
  return free;
}

}  // namespace hearsay
