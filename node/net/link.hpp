#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "node/base/time.hpp"
#include "node/net/batch.hpp"
#include "node/net/transport.hpp"

namespace hearsay {

/// The sending half of a link between two event loops: gathers messages into batches and
/// puts them on the wire. Used by one thread at a time.
class LinkSender {
 public:
  LinkSender(std::unique_ptr<FrameSender> wire, const RunIdentity& identity);

  /// Hands the message over. Sends the batch when it is full.
  void post(const Envelope& envelope, Buffer payload);

  /// Sends what is gathered, if anything.
  void flush();

 private:
  std::unique_ptr<FrameSender> wire_;
  BatchCodec codec_;
  std::vector<WireMessage> outbox_;
  std::size_t outbox_bytes_ = 0;
};

/// Names a message that a LinkReceiver expects; valid until it is taken.
using Ticket = std::uint32_t;

/// What is known of a message on its way, beside its contents.
struct Journey {
  SimTime sent;
  SimTime left;  ///< When its last byte left the sender.
  std::uint32_t payload_bytes = 0;
};

/// The receiving half. Every message is announced before it is taken, by whoever learnt
/// in virtual time that it was sent; messages are matched by (from, sequence), never by
/// the order in which they arrive. Used by one thread at a time.
class LinkReceiver {
 public:
  LinkReceiver(std::unique_ptr<FrameReceiver> wire, const RunIdentity& identity);

  /// Announces a message.
  Ticket expect(PeerId from, std::uint64_t sequence, const Journey& journey);

  Journey journey(Ticket ticket) const {
    const Slot& slot = slots_[ticket];
    return {.sent = slot.sent, .left = slot.left, .payload_bytes = slot.payload_bytes};
  }
  void set_left(Ticket ticket, SimTime left) { slots_[ticket].left = left; }
  bool has_arrived(Ticket ticket) const { return slots_[ticket].arrived; }

  /// The message, as it came off the wire; blocks until it has arrived. Once per ticket.
  /// @throws std::runtime_error if the wire fails, or carries what nobody announced.
  WireMessage take(Ticket ticket);

  /// The same, but the message stays. Valid until any other call.
  const WireMessage& peek(Ticket ticket);

  /// Hints that this ticket will be taken soon: fetches it into the cache, and when
  /// called again a little later also its payload. Changes nothing.
  void prefetch(Ticket ticket) const { __builtin_prefetch(&slots_[ticket]); }
  void prefetch_payload(Ticket ticket) const {
    if (slots_[ticket].arrived) slots_[ticket].message.payload.prefetch();
  }

 private:
  struct alignas(64) Slot {
    WireMessage message;
    SimTime sent;
    SimTime left;
    std::uint32_t payload_bytes = 0;
    bool arrived = false;
  };

  /// A message that was announced and has not arrived.
  struct Expected {
    PeerId from = 0;
    std::uint64_t sequence = 0;
    Ticket ticket = 0;
  };

  void arrive(WireMessage message);

  std::unique_ptr<FrameReceiver> wire_;
  BatchCodec codec_;
  std::vector<Slot> slots_;
  std::vector<Ticket> free_;
  std::vector<Expected> expected_;  ///< In the order of announcement.
  std::size_t first_expected_ = 0;
};

}  // namespace hearsay
