#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "node/base/buffer.hpp"
#include "node/base/peer_id.hpp"

namespace hearsay {

/// The address label of one message. `kind` and `codec` are numbers here: their
/// meaning belongs to protocols and codecs.
struct Envelope {
  PeerId from = 0;
  PeerId to = 0;
  std::int32_t round = 0;
  std::uint64_t sequence = 0;  ///< Counts the sender's messages, from 1.
  std::uint32_t kind = 0;
  std::uint32_t codec = 0;

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

/// Identifies what belongs to this run; anything else is refused.
struct RunIdentity {
  std::uint64_t run = 0;
  std::uint64_t scenario_digest = 0;
};

/// A message as it is put on and taken off the wire.
struct WireMessage {
  Envelope envelope;
  Buffer payload;
};

/// Bytes that one message of `payload_bytes` takes on the wire when it travels alone:
/// header frame and payload. The same for every message of that payload size.
std::int64_t wire_bytes(std::size_t payload_bytes);

/// The frames of a batch: [header][small payloads][large payload]...
using Frames = std::vector<Buffer>;

/// Turns messages into frames and back: the wire format of envelope.proto. Keeps its
/// Protobuf objects, so that no memory is allocated per message. Not for concurrent use.
class BatchCodec {
 public:
  explicit BatchCodec(const RunIdentity& identity);
  ~BatchCodec();
  BatchCodec(BatchCodec&&) noexcept;

  /// Frames for `messages`, in order. Neighboring messages that share one payload carry
  /// it once; large payloads are shared with the frames, small ones copied.
  Frames encode(std::span<const WireMessage> messages);

  /// The messages in `frames`. Sizes are checked before anything is allocated or read
  /// and every payload against its digest; messages with one payload share its buffer.
  /// @throws MessageRefused (refusal.hpp) naming what is wrong: not a batch, another
  ///         protocol version, run or scenario, a payload missing, cut short or altered.
  std::vector<WireMessage> decode(std::span<const Buffer> frames);

 private:
  struct Scratch;
  RunIdentity identity_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace hearsay
