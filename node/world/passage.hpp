#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"
#include "node/world/latencies.hpp"
#include "node/world/network_model.hpp"
#include "node/world/passage_options.hpp"
#include "node/world/tcp_windows.hpp"

namespace hearsay {

/// What chance has in store for one message.
struct Chance {
  std::int32_t losses = 0;  ///< How often it is sent in vain before it is sent for good.
  bool is_lost = false;     ///< It never arrives.
  bool is_held_back = false;
  bool is_duplicated = false;
  SimTime jitter{};
  SimTime copy_jitter{};  ///< How long after the message its copy comes.

  void persist(Archive& archive);
};

/// What happens to messages between their sender's uplink and their receiver's downlink:
/// latency, jitter, loss, duplication, reordering. All is drawn from streams split by
/// name and sender ("loss", "jitter", "duplicate", "duplicate_jitter", "reorder"), each
/// of which advances by itself: what one feature draws does not depend on the others.
///
/// Messages of one pair of peers, and their copies, arrive in the order in which they are
/// handed to deliver(), as over one TCP connection: one that would be earlier is put off
/// until the previous one arrives. Only those held back are overtaken. For that the last
/// arrival of each pair in use is kept, if jitter, copies, retransmission or TCP's windows
/// can upset the order.
///
/// draw() and deliver() change only what belongs to the sender.
class Passage {
 public:
  /// REQUIRES: num_peers >= 1, !infeasible(options).
  /// @throws UserError as Latencies does.
  Passage(const PassageOptions& options, int num_peers, const Rng& rng);

  const Latencies& latencies() const { return latencies_; }

  /// False if nothing is left to chance: every Chance is as constructed.
  bool is_random() const { return is_random_; }

  /// The windows of connections; null if messages do not travel over TCP.
  TcpWindows* tcp() { return tcp_ ? &*tcp_ : nullptr; }

  /// What a message of `bytes` takes on the links.
  std::int64_t wire_bytes(std::int64_t bytes) const {
    return tcp_ ? tcp_->wire_bytes(bytes) : bytes;
  }

  /// The path between two peers whose tightest link carries `bytes_per_second`; may be
  /// infinite. REQUIRES: tcp().
  TcpPath tcp_path(const Transfer& transfer, double bytes_per_second) const;

  /// Decides what happens to the sender's next message.
  Chance draw(PeerId from);

  /// How long after its last byte left a sender notices the loss of a message that was
  /// sent before: retransmit_timeout * 2^attempt, bounded as PassageOptions says.
  /// REQUIRES: attempt >= 0 (the first transmission).
  SimTime timeout(std::int32_t attempt) const;

  /// Appends the arrivals of a message that would reach the receiver at `due` but for
  /// jitter and order, save those at SimTime::max(), which are never.
  /// REQUIRES: !chance.is_lost, left <= due.
  void deliver(const Transfer& transfer, const Chance& chance, SimTime left, SimTime due,
               std::vector<Arrival>& arrivals);

  /// Adds retransmissions (when they are drawn) and duplicates.
  void add_use(NetworkUse& use) const;

  void persist(Archive& archive);

 private:
  /// `time`, or the last arrival of the same pair if that is later.
  SimTime in_order(const Transfer& transfer, SimTime time, bool is_held_back);

  PassageOptions options_;
  Latencies latencies_;
  std::optional<TcpWindows> tcp_;
  bool is_random_;
  std::vector<Rng> loss_;  ///< Per sender, here and below; empty if it cannot happen.
  std::vector<Rng> jitter_;
  std::vector<Rng> duplicate_;
  std::vector<Rng> duplicate_jitter_;
  std::vector<Rng> reorder_;
  std::vector<std::map<PeerId, SimTime>> last_arrival_;  ///< By receiver.
  std::vector<std::int64_t> retransmissions_;
  std::vector<std::int64_t> duplicates_;
};

/// The factor of each peer's bandwidths, exp(sigma * z), z ~ N(0, 1) from the stream
/// ("bandwidth", peer); 1 if sigma is 0.
std::vector<double> bandwidth_factors(double sigma, int num_peers, const Rng& rng);

}  // namespace hearsay
