#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "node/base/model_buffer.hpp"
#include "node/base/time.hpp"
#include "node/protocols/neighborhood.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

/// What two peers had when they met, as both know it: with m = own - other the one does
/// x <- x - b m and the other x <- x + b m, for any b, so that the sum of both x stays.
struct Meeting {
  PeerId other_id = 0;
  ModelBuffer own;
  ModelBuffer other;
};

/// One peer's part in exchanges of vectors with single neighbors, each of which takes effect
/// once at either end. An exchange is begun by sending the own vector; the neighbor answers
/// with its own one at once and takes the meeting as happened; so does the initiator when
/// the answer comes, whatever has become of its vector since. Nobody waits or is locked, so
/// that there is no deadlock on any graph, and m is the same at both ends.
///
/// Exchanges are numbered by the time at which they begin. A vector that is not answered
/// within `timeout` is sent again with its number, `attempts` times in all; a neighbor that
/// has answered that number before sends the same answer again. Then the exchange is set
/// aside, and its vector is sent once more whenever the neighbor is heard from: only if that
/// never happens again it takes effect at one end alone. There is at most one open exchange
/// per initiator and neighbor. An exchange with a neighbor that says goodbye, or declines
/// since it has closed, is given up. Numbers outlive a crash with the state; after the loss
/// of the state later numbers are later times.
///
/// Holds per neighbor the vector sent and the last answer: up to two models each.
class PairExchange {
 public:
  struct Options {
    MessageKind kind = MessageKind::kModel;  ///< Of the messages that carry the vectors.
    SimTime timeout;                         ///< > 0.
    int attempts = 1;                        ///< >= 1.
  };

  /// Timers of its own have this id or a greater one.
  static constexpr std::uint64_t kFirstTimer = 16;

  PairExchange(const Options& options, const PeerView& view);

  const Neighborhood& neighborhood() const { return neighborhood_; }

  /// At the peer's start: says hello unless all start together, and sends again what was
  /// open before a crash.
  void start(StartKind how, Effects& effects);

  /// Begins an exchange with a neighbor drawn from those that are there, take part and have
  /// none open; nothing happens if there is none.
  void begin_with_any(const ModelBuffer& vector, Rng& rng, Effects& effects);

  /// The same with the neighbor at this position of the neighborhood.
  void begin_with(std::size_t position, const ModelBuffer& vector, Effects& effects);

  /// Takes any message of the peer's. `own` is what to answer with; `meeting` is set if one
  /// has happened, which the caller applies.
  Reception on_message(Message message, const ModelBuffer& own, std::optional<Meeting>& meeting,
                       Effects& effects);

  void on_timer(std::uint64_t id, Effects& effects);

  /// From now on begins nothing and declines what others begin.
  void close() { is_closed_ = true; }

  /// Neighbors whose answer is awaited, exchanges set aside not counted; ascending.
  std::vector<PeerId> awaited() const;
  bool is_awaiting() const { return awaiting_ > 0; }

  void persist(Archive& archive);

 private:
  struct Link {
    std::int64_t number = 0;  ///< Of the open exchange begun here; 0: none.
    ModelBuffer vector;       ///< What was sent in it.
    std::int32_t tries = 0;   ///< How often since it is awaited; 0: it is set aside.
    bool declines = false;
    std::int64_t answered = 0;  ///< Number of the last exchange begun there.
    ModelBuffer answer;         ///< To that one.

    void persist(Archive& archive) { archive(number, vector, tries, declines, answered, answer); }
  };

  bool can_begin(std::size_t position) const;
  void send_offer(std::size_t position, Effects& effects);
  void set_aside(Link& link);
  void give_up(Link& link);
  Reception on_offer(Message message, std::int64_t number, std::size_t position,
                     const ModelBuffer& own, std::optional<Meeting>& meeting, Effects& effects);

  Options options_;
  Neighborhood neighborhood_;
  std::vector<Link> links_;  ///< By position.
  std::int64_t last_number_ = 0;
  std::int32_t awaiting_ = 0;
  bool is_closed_ = false;
};

}  // namespace hearsay
