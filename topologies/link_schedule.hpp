#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "node/base/peer_id.hpp"

namespace hearsay {

/// A peer that is listened to, and the weight of what it says.
struct WeightedLink {
  PeerId from = 0;
  double weight = 0.0;
};

/// Who sends to whom in one round, with the weights W of its gossip step
/// x_i <- W(i,i) x_i + sum_j W(i,j) x_j over the senders j to i. Every row of W sums to 1.
/// Immutable; safe to share between threads.
class RoundLinks {
 public:
  /// `out[i]`: whom i sends to, each once, not itself. A peer weighs its own model and those
  /// of its senders equally: W(i,i) = W(i,j) = 1 / (1 + number of senders).
  explicit RoundLinks(const std::vector<std::vector<PeerId>>& out);

  /// Ascending. The spans stay valid as long as the object.
  std::span<const PeerId> receivers(PeerId from) const;
  std::span<const WeightedLink> senders(PeerId to) const;

  double self_weight(PeerId peer) const {
    return 1.0 / (1.0 + static_cast<double>(senders(peer).size()));
  }

 private:
  std::vector<std::size_t> out_offsets_;
  std::vector<PeerId> receivers_;
  std::vector<std::size_t> in_offsets_;
  std::vector<WeightedLink> senders_;
};

/// A time-varying directed topology: the links of every round 0, 1, ... A pure function of
/// the round, the same for all peers, who can so agree on it without a message. Every link
/// joins two neighbors in the graph that comes with the schedule: the union of all rounds'
/// links, without direction. May be asked from any thread.
class LinkSchedule {
 public:
  virtual ~LinkSchedule() = default;

  /// REQUIRES: round >= 0.
  virtual std::shared_ptr<const RoundLinks> links(int round) const = 0;
};

/// Remembers what a schedule says about the rounds it was asked for lately: peers ask for
/// the same rounds at about the same time.
class CachedSchedule : public LinkSchedule {
 public:
  std::shared_ptr<const RoundLinks> links(int round) const final;

 private:
  /// Called from one thread at a time.
  virtual std::shared_ptr<const RoundLinks> draw(int round) const = 0;

  static constexpr std::size_t kRounds = 16;

  mutable std::mutex mutex_;
  mutable std::vector<std::pair<int, std::shared_ptr<const RoundLinks>>> recent_{
      kRounds, {-1, nullptr}};  ///< By round modulo kRounds.
};

}  // namespace hearsay
