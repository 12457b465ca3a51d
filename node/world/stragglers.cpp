// The slowdowns of peers that are slow now and then.
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "node/base/check.hpp"
#include "node/world/slowdown.hpp"

namespace hearsay {
namespace {

class Pareto final : public Slowdown {
 public:
  Pareto(double shape, const Rng& rng) : shape_(shape), rng_(rng) {}

  double of_training(PeerId peer, std::uint64_t nth) const override {
    return draw(peer, "training_slowdown", nth);
  }
  double of_aggregation(PeerId peer, std::uint64_t nth) const override {
    return draw(peer, "aggregation_slowdown", nth);
  }

 private:
  double draw(PeerId peer, std::string_view purpose, std::uint64_t nth) const {
    Rng rng = rng_.split(purpose, static_cast<std::uint64_t>(peer)).split("task", nth);
    return std::pow(1.0 - rng.uniform(), -1.0 / shape_);
  }

  double shape_;
  Rng rng_;
};

/// One uniform number u per peer and training decides how the chain moves from either
/// state: from good to bad if u < p, from bad to bad if u < 1 - q. Where both lead to one
/// state, the past no longer matters. So the state of any training is found by going back
/// to the last such number, about 1 / (p + q) trainings, or to the training asked for
/// last: one step if trainings are asked for in order.
class GilbertElliott final : public Slowdown {
 public:
  GilbertElliott(const GilbertElliottComputeOptions& options, int num_peers, const Rng& rng)
      : options_(options), rng_(rng), known_(static_cast<std::size_t>(num_peers)) {}

  double of_training(PeerId peer, std::uint64_t nth) const override {
    const double own = is_bad(peer, nth) ? options_.factor : 1.0;
    return is_bad_round(nth) ? own * options_.bad_round_factor : own;
  }
  double of_aggregation(PeerId, std::uint64_t) const override { return 1.0; }

 private:
  /// A training whose state is known: saves work, changes no result.
  struct Known {
    std::uint64_t nth = std::numeric_limits<std::uint64_t>::max();
    bool bad = false;
  };

  bool is_bad_round(std::uint64_t nth) const {
    return rng_.split("bad_round", nth).uniform() < options_.bad_round.value;
  }

  bool is_bad(PeerId peer, std::uint64_t nth) const {
    const auto index = static_cast<std::size_t>(peer);
    HEARSAY_CHECK(index < known_.size());
    Known& known = known_[index];
    known = {.nth = nth, .bad = find_state(rng_.split("state", index), nth, known)};
    return known.bad;
  }

  bool find_state(const Rng& numbers, std::uint64_t nth, const Known& known) const {
    const double p = options_.p.value;
    const double q = options_.q.value;
    bool swapped = false;  // Whether the state was the other one at training `nth`.
    for (; nth != known.nth; --nth) {
      const double u = numbers.split("training", nth).uniform();
      if (nth == 0) return swapped != (u * (p + q) < p);
      const bool bad_after_good = u < p;
      const bool bad_after_bad = u < 1.0 - q;
      if (bad_after_good == bad_after_bad) return swapped != bad_after_good;
      swapped = swapped != bad_after_good;
    }
    return swapped != known.bad;
  }

  GilbertElliottComputeOptions options_;
  Rng rng_;
  mutable std::vector<Known> known_;  ///< Per peer.
};

}  // namespace

std::unique_ptr<Slowdown> make_slowdown(const ParetoComputeOptions& options, int, const Rng& rng) {
  return std::make_unique<Pareto>(options.shape, rng);
}

std::unique_ptr<Slowdown> make_slowdown(const GilbertElliottComputeOptions& options, int num_peers,
                                        const Rng& rng) {
  return std::make_unique<GilbertElliott>(options, num_peers, rng);
}

}  // namespace hearsay
