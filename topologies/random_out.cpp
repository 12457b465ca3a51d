#include "topologies/random_out.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "node/base/check.hpp"
#include "topologies/complete.hpp"
#include "topologies/generator.hpp"

namespace hearsay {
namespace {

using Receivers = std::vector<std::vector<PeerId>>;

// `degree` others than `self`, uniformly, by Floyd's algorithm: Bentley, Floyd. Programming
// pearls: a sample of brilliance. Communications of the ACM 30(9), 1987.
std::vector<PeerId> draw_others(PeerId self, int degree, int num_peers, Rng rng) {
  std::vector<PeerId> chosen;
  for (int last = num_peers - 1 - degree; last < num_peers - 1; ++last) {
    auto pick = static_cast<PeerId>(rng.below(static_cast<std::uint64_t>(last) + 1));
    if (std::ranges::count(chosen, pick) > 0) pick = last;
    chosen.push_back(pick);
  }
  for (PeerId& pick : chosen) pick += pick >= self ? 1 : 0;
  return chosen;
}

// A digraph in which everybody has `degree` receivers and senders, degree <= (n - 1) / 2.
class Deal {
 public:
  Deal(int num_peers, int degree, Rng& rng)
      : degree_(static_cast<std::size_t>(degree)),
        slots_(static_cast<std::size_t>(num_peers) * degree_),
        rng_(rng) {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      slots_[slot] = static_cast<PeerId>(slot / degree_);
    }
  }

  Receivers run() {
    do rng_.shuffle(std::span(slots_));
    while (!repair());
    for (std::size_t moves = kMovesPerSlot * slots_.size(); moves > 0; --moves) {
      try_swap(draw_slot(), draw_slot());
    }
    Receivers out;
    for (auto row = slots_.begin(); row != slots_.end();
         row += static_cast<std::ptrdiff_t>(degree_)) {
      out.emplace_back(row, row + static_cast<std::ptrdiff_t>(degree_));
    }
    return out;
  }

 private:
  // Swaps at random forget how the repair preferred some digraphs.
  static constexpr std::size_t kMovesPerSlot = 4;

  // Swaps every receiver that does not fit for one of another peer. False if none was found.
  bool repair() {
    constexpr int kMostTries = 1000;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      for (int tries = 0; !fits(slots_[slot], slot); ++tries) {
        if (tries == kMostTries) return false;
        try_swap(slot, draw_slot());
      }
    }
    return true;
  }

  std::size_t draw_slot() { return static_cast<std::size_t>(rng_.below(slots_.size())); }

  void try_swap(std::size_t one, std::size_t other) {
    if (!fits(slots_[other], one) || !fits(slots_[one], other)) return;
    std::swap(slots_[one], slots_[other]);
  }

  // Whether the owner of `slot` could send to `receiver` from there.
  bool fits(PeerId receiver, std::size_t slot) const {
    const std::size_t owner = slot / degree_;
    if (static_cast<std::size_t>(receiver) == owner) return false;
    for (std::size_t k = owner * degree_; k < (owner + 1) * degree_; ++k) {
      if (k != slot && slots_[k] == receiver) return false;
    }
    return true;
  }

  std::size_t degree_;
  std::vector<PeerId> slots_;  // The receivers of each peer in turn.
  Rng& rng_;
};

Receivers complement(const Receivers& absent) {
  Receivers out(absent.size());
  for (std::size_t i = 0; i < absent.size(); ++i) {
    std::vector<bool> taken(absent.size());
    taken[i] = true;
    for (const PeerId j : absent[i]) taken[static_cast<std::size_t>(j)] = true;
    for (std::size_t j = 0; j < absent.size(); ++j) {
      if (!taken[j]) out[i].push_back(static_cast<PeerId>(j));
    }
  }
  return out;
}

Receivers draw_regular(int num_peers, int degree, Rng rng) {
  if (degree == num_peers - 1) return complement(Receivers(static_cast<std::size_t>(num_peers)));
  if (degree <= (num_peers - 1) / 2) return Deal(num_peers, degree, rng).run();
  return complement(Deal(num_peers, num_peers - 1 - degree, rng).run());
}

class RandomOut final : public CachedSchedule {
 public:
  RandomOut(const RandomOutOptions& options, int num_peers, const Rng& rng)
      : options_(options), num_peers_(num_peers), rng_(rng) {}

 private:
  std::shared_ptr<const RoundLinks> draw(int round) const override {
    const Rng rng = rng_.split("round", static_cast<std::uint64_t>(round));
    if (options_.draw == OutDraw::kRegular) {
      return std::make_shared<RoundLinks>(draw_regular(num_peers_, options_.degree, rng));
    }
    Receivers out;
    for (PeerId peer = 0; peer < num_peers_; ++peer) {
      out.push_back(draw_others(peer, options_.degree, num_peers_,
                                rng.split("peer", static_cast<std::uint64_t>(peer))));
    }
    return std::make_shared<RoundLinks>(out);
  }

  RandomOutOptions options_;
  int num_peers_;
  Rng rng_;
};

}  // namespace

std::optional<std::string> infeasible(const RandomOutOptions& options, int num_peers) {
  const std::string given = "degree " + std::to_string(options.degree);
  if (options.degree < 1) return given + " is below 1";
  if (options.degree >= num_peers) {
    std::string message = given + " needs more than " + std::to_string(options.degree) +
                          " peers, there are " + std::to_string(num_peers);
    if (num_peers > 1) message += "; nearest valid degree: " + std::to_string(num_peers - 1);
    return message;
  }
  return infeasible(CompleteOptions{}, num_peers);
}

Graph make_graph(const RandomOutOptions& options, int num_peers, Rng rng) {
  HEARSAY_CHECK(num_peers >= 1);
  require_feasible(options, num_peers);
  return make_graph(CompleteOptions{}, num_peers, rng);
}

std::unique_ptr<LinkSchedule> make_schedule(const RandomOutOptions& options, int num_peers,
                                            Rng rng) {
  HEARSAY_CHECK(!infeasible(options, num_peers));
  return std::make_unique<RandomOut>(options, num_peers, rng);
}

}  // namespace hearsay
