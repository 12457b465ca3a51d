#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "node/net/batch.hpp"
#include "node/net/transport.hpp"

namespace hearsay {

/// Names a message under way; valid until it is taken.
using Ticket = std::uint32_t;

/// Carries the messages of a simulation across a socket: each is posted when it is sent
/// in virtual time and taken when it is due. In between it has crossed the transport, in
/// a batch with others. Messages are matched by (from, sequence), never by the order in
/// which they arrive. Used by the loop thread alone.
class Exchange {
 public:
  Exchange(std::unique_ptr<Transport> transport, const RunIdentity& identity);

  /// Hands the message over. Sends the batch when it is full.
  Ticket post(const Envelope& envelope, Buffer payload);

  /// The message, as it came off the wire; blocks until it has arrived. Once per ticket.
  /// @throws std::runtime_error if the transport fails or the message is not the one
  ///         that was posted.
  WireMessage take(Ticket ticket);

  /// Payload bytes of a message under way.
  std::size_t payload_bytes(Ticket ticket) const { return slots_[ticket].payload_bytes; }

  /// Hints that this ticket will be taken soon: fetches it into the cache, and when
  /// called again a little later also its payload. Changes nothing.
  void prefetch(Ticket ticket) const { __builtin_prefetch(&slots_[ticket]); }
  void prefetch_payload(Ticket ticket) const {
    if (slots_[ticket].arrived) slots_[ticket].message.payload.prefetch();
  }

  std::int64_t batches_sent() const { return batches_sent_; }

 private:
  struct Slot {
    WireMessage message;
    std::size_t payload_bytes = 0;
    bool arrived = false;
  };

  /// A message that has been sent and not yet received.
  struct Expected {
    PeerId from = 0;
    std::uint64_t sequence = 0;
    Ticket ticket = 0;
  };

  void flush();
  void receive_batch();
  void arrive(WireMessage message);

  std::unique_ptr<Transport> transport_;
  BatchCodec codec_;
  std::vector<Slot> slots_;
  std::vector<Ticket> free_;
  std::vector<WireMessage> outbox_;
  std::size_t outbox_bytes_ = 0;
  std::vector<Expected> expected_;  ///< In the order of posting.
  std::size_t first_expected_ = 0;
  std::int64_t batches_sent_ = 0;
};

}  // namespace hearsay
