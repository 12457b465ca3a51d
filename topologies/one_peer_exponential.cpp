#include "topologies/one_peer_exponential.hpp"

#include <bit>
#include <cstdint>
#include <vector>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

// tau, the least with 2^tau >= n.
int period_of(int num_peers) { return std::bit_width(static_cast<std::uint32_t>(num_peers) - 1U); }

PeerId receiver_of(PeerId peer, int phase, int num_peers) {
  return static_cast<PeerId>((peer + (std::int64_t{1} << phase)) % num_peers);
}

class OnePeerExponential final : public LinkSchedule {
 public:
  explicit OnePeerExponential(int num_peers) {
    std::vector<std::vector<PeerId>> out(static_cast<std::size_t>(num_peers));
    for (int phase = 0; phase < period_of(num_peers); ++phase) {
      for (PeerId peer = 0; peer < num_peers; ++peer) {
        out[static_cast<std::size_t>(peer)] = {receiver_of(peer, phase, num_peers)};
      }
      phases_.push_back(std::make_shared<RoundLinks>(out));
    }
    if (phases_.empty()) phases_.push_back(std::make_shared<RoundLinks>(out));
  }

  std::shared_ptr<const RoundLinks> links(int round) const override {
    HEARSAY_CHECK(round >= 0);
    return phases_[static_cast<std::size_t>(round) % phases_.size()];
  }

 private:
  std::vector<std::shared_ptr<const RoundLinks>> phases_;
};

}  // namespace

std::optional<std::string> infeasible(const OnePeerExponentialOptions&, int) {
  return std::nullopt;
}

Graph make_graph(const OnePeerExponentialOptions&, int num_peers, Rng) {
  HEARSAY_CHECK(num_peers >= 1);
  const int period = period_of(num_peers);
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(num_peers) * static_cast<std::size_t>(period));
  for (PeerId peer = 0; peer < num_peers; ++peer) {
    for (int phase = 0; phase < period; ++phase) {
      edges.emplace_back(peer, receiver_of(peer, phase, num_peers));
    }
  }
  return {num_peers, edges};
}

std::unique_ptr<LinkSchedule> make_schedule(const OnePeerExponentialOptions&, int num_peers, Rng) {
  HEARSAY_CHECK(num_peers >= 1);
  return std::make_unique<OnePeerExponential>(num_peers);
}

}  // namespace hearsay
