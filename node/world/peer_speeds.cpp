// The slowdowns of peers that are slow or fast for good, give or take some jitter.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "node/world/slowdown.hpp"

namespace hearsay {
namespace {

/// N(1, deviation^2), redrawn until above 0.
double draw_around_one(double deviation, Rng& rng) {
  while (true) {
    const double value = 1.0 + deviation * rng.normal();
    if (value > 0.0) return value;
  }
}

/// A factor per peer, and one per task.
class PeerSpeeds final : public Slowdown {
 public:
  PeerSpeeds(std::vector<double> factors, double jitter, const Rng& rng)
      : factors_(std::move(factors)), jitter_(jitter), rng_(rng) {}

  double of_training(PeerId peer, std::uint64_t nth) const override {
    return factor(peer, "training_jitter", nth);
  }
  double of_aggregation(PeerId peer, std::uint64_t nth) const override {
    return factor(peer, "aggregation_jitter", nth);
  }

 private:
  double factor(PeerId peer, std::string_view purpose, std::uint64_t nth) const {
    const auto index = static_cast<std::size_t>(peer);
    HEARSAY_CHECK(index < factors_.size());
    if (jitter_ == 0.0) return factors_[index];
    Rng draw = rng_.split(purpose, index).split("task", nth);
    return factors_[index] * draw_around_one(jitter_, draw);
  }

  std::vector<double> factors_;
  double jitter_;
  Rng rng_;
};

/// One factor per peer, each drawn from the peer's own stream.
template <class Draw>
std::vector<double> draw_factors(int num_peers, const Rng& rng, Draw draw) {
  std::vector<double> factors;
  factors.reserve(static_cast<std::size_t>(num_peers));
  for (int peer = 0; peer < num_peers; ++peer) {
    Rng own = rng.split("speed", static_cast<std::uint64_t>(peer));
    factors.push_back(draw(own));
  }
  return factors;
}

std::vector<double> equal_factors(int num_peers) {
  return std::vector<double>(static_cast<std::size_t>(num_peers), 1.0);
}

}  // namespace

std::unique_ptr<Slowdown> make_slowdown(const FixedComputeOptions&, int num_peers, const Rng& rng) {
  return std::make_unique<PeerSpeeds>(equal_factors(num_peers), 0.0, rng);
}

std::unique_ptr<Slowdown> make_slowdown(const LognormalComputeOptions& options, int num_peers,
                                        const Rng& rng) {
  const auto draw = [&](Rng& own) { return std::exp(options.sigma * own.normal()); };
  return std::make_unique<PeerSpeeds>(draw_factors(num_peers, rng, draw), 0.0, rng);
}

std::unique_ptr<Slowdown> make_slowdown(const HomoComputeOptions& options, int num_peers,
                                        const Rng& rng) {
  return std::make_unique<PeerSpeeds>(equal_factors(num_peers), options.jitter, rng);
}

std::unique_ptr<Slowdown> make_slowdown(const NormalComputeOptions& options, int num_peers,
                                        const Rng& rng) {
  const auto draw = [&](Rng& own) { return draw_around_one(options.spread, own); };
  return std::make_unique<PeerSpeeds>(draw_factors(num_peers, rng, draw), options.jitter, rng);
}

std::unique_ptr<Slowdown> make_slowdown(const ExponentialComputeOptions& options, int num_peers,
                                        const Rng& rng) {
  const auto draw = [](Rng& own) { return -std::log1p(-own.uniform()); };
  return std::make_unique<PeerSpeeds>(draw_factors(num_peers, rng, draw), options.jitter, rng);
}

std::unique_ptr<Slowdown> make_slowdown(const ClassesComputeOptions& options, int num_peers,
                                        const Rng& rng) {
  std::vector<std::size_t> order(static_cast<std::size_t>(num_peers));
  std::iota(order.begin(), order.end(), std::size_t{0});
  rng.split("classes").shuffle(std::span(order));
  std::vector<double> factors(order.size(), options.factors.back());
  double share = 0.0;
  std::size_t next = 0;
  for (std::size_t k = 0; k + 1 < options.shares.size(); ++k) {
    share += options.shares[k];
    const auto end = static_cast<std::size_t>(std::llround(share * num_peers));
    for (; next < std::min(end, order.size()); ++next) factors[order[next]] = options.factors[k];
  }
  return std::make_unique<PeerSpeeds>(std::move(factors), 0.0, rng);
}

}  // namespace hearsay
