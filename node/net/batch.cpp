#include "node/net/batch.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "envelope.pb.h"
#include "node/base/check.hpp"
#include "node/net/refusal.hpp"

namespace hearsay {
namespace {

constexpr std::uint32_t kProtocolVersion = 1;
constexpr std::size_t kSmallPayload = 4096;
constexpr std::size_t kPadding = 64;

std::size_t padded(std::size_t size) { return (size + kPadding - 1) / kPadding * kPadding; }
bool is_small(std::size_t size) { return size <= kSmallPayload; }

void append(wire::Batch& batch, const Envelope& envelope, std::uint32_t index,
            const Buffer& payload) {
  batch.add_from(envelope.from);
  batch.add_to(envelope.to);
  batch.add_round(envelope.round);
  batch.add_sequence(envelope.sequence);
  batch.add_kind(envelope.kind);
  batch.add_codec(envelope.codec);
  batch.add_payload_index(index);
  batch.add_payload_bytes(static_cast<std::uint32_t>(payload.size()));
  batch.add_payload_digest(payload.digest());
}

Envelope envelope_at(const wire::Batch& batch, int k) {
  return {.from = batch.from(k),
          .to = batch.to(k),
          .round = batch.round(k),
          .sequence = batch.sequence(k),
          .kind = batch.kind(k),
          .codec = batch.codec(k)};
}

bool columns_agree(const wire::Batch& batch) {
  const int size = batch.from_size();
  return batch.to_size() == size && batch.round_size() == size && batch.sequence_size() == size &&
         batch.kind_size() == size && batch.codec_size() == size &&
         batch.payload_index_size() == size && batch.payload_bytes_size() == size &&
         batch.payload_digest_size() == size;
}

[[noreturn]] void refuse(const std::string& what, Refusal reason = Refusal::kTruncated) {
  throw MessageRefused(reason, what);
}

Buffer serialize(const wire::Batch& batch) {
  Buffer frame = Buffer::allocate(batch.ByteSizeLong());
  const std::span<std::byte> bytes = frame.writable();
  batch.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(bytes.data()));
  return frame;
}

/// Hands out the payload frames of a batch in order of their index.
class PayloadReader {
 public:
  explicit PayloadReader(std::span<const Buffer> frames) : frames_(frames.subspan(1)) {
    if (frames_.empty()) refuse("no payload frame");
  }

  Buffer next(std::size_t size) {
    if (!is_small(size)) {
      if (frame_ + 1 >= frames_.size()) refuse("payload frame missing");
      const Buffer& frame = frames_[++frame_];
      if (frame.size() != size) refuse("payload size differs from its envelope");
      return frame;
    }
    const std::span<const std::byte> small = frames_[0].bytes();
    if (small.size() < offset_ || small.size() - offset_ < size) refuse("payload cut short");
    const Buffer payload = Buffer::copy_of(small.subspan(offset_, size));
    offset_ += padded(size);
    return payload;
  }

 private:
  std::span<const Buffer> frames_;
  std::size_t frame_ = 0;   ///< The last large frame handed out.
  std::size_t offset_ = 0;  ///< Of the next small payload.
};

}  // namespace

struct BatchCodec::Scratch {
  wire::Batch outgoing;
  wire::Batch incoming;
};

BatchCodec::BatchCodec(const RunIdentity& identity)
    : identity_(identity), scratch_(std::make_unique<Scratch>()) {}

BatchCodec::BatchCodec(BatchCodec&&) noexcept = default;
BatchCodec::~BatchCodec() = default;

Frames BatchCodec::encode(std::span<const WireMessage> messages) {
  wire::Batch& batch = scratch_->outgoing;
  batch.Clear();
  batch.set_protocol_version(kProtocolVersion);
  batch.set_run(identity_.run);
  batch.set_scenario_digest(identity_.scenario_digest);
  std::vector<const Buffer*> distinct;
  std::size_t small_bytes = 0;
  for (const WireMessage& message : messages) {
    const Buffer& payload = message.payload;
    if (distinct.empty() || !distinct.back()->shares_with(payload)) {
      distinct.push_back(&payload);
      if (is_small(payload.size())) small_bytes += padded(payload.size());
    }
    append(batch, message.envelope, static_cast<std::uint32_t>(distinct.size() - 1), payload);
  }
  Frames frames{serialize(batch), Buffer::allocate(small_bytes)};
  std::byte* small = frames[1].writable().data();
  for (const Buffer* const payload : distinct) {
    if (!is_small(payload->size())) {
      frames.push_back(*payload);
      continue;
    }
    if (payload->size() > 0) std::memcpy(small, payload->bytes().data(), payload->size());
    std::memset(small + payload->size(), 0, padded(payload->size()) - payload->size());
    small += padded(payload->size());
  }
  return frames;
}

std::vector<WireMessage> BatchCodec::decode(std::span<const Buffer> frames) {
  if (frames.empty()) refuse("no header frame");
  wire::Batch& batch = scratch_->incoming;
  const std::span<const std::byte> header = frames[0].bytes();
  if (header.size() > (std::size_t{1} << 30)) refuse("header too large", Refusal::kOversize);
  if (!batch.ParseFromArray(header.data(), static_cast<int>(header.size()))) {
    refuse("header is not a batch");
  }
  if (batch.protocol_version() != kProtocolVersion)
    refuse("another protocol version", Refusal::kWrongRun);
  if (batch.run() != identity_.run) refuse("another run", Refusal::kWrongRun);
  if (batch.scenario_digest() != identity_.scenario_digest)
    refuse("another scenario", Refusal::kWrongScenario);
  if (!columns_agree(batch)) refuse("columns of different length");
  PayloadReader payloads(frames);
  std::vector<WireMessage> messages;
  messages.reserve(static_cast<std::size_t>(batch.from_size()));
  std::uint32_t expected = 0;
  for (int k = 0; k < batch.from_size(); ++k) {
    const bool repeats = expected > 0 && batch.payload_index(k) + 1 == expected;
    if (!repeats && batch.payload_index(k) != expected) refuse("payload index out of order");
    Buffer payload = repeats ? messages.back().payload : payloads.next(batch.payload_bytes(k));
    if (!repeats) ++expected;
    if (payload.size() != batch.payload_bytes(k)) refuse("payload size differs");
    if (payload.digest() != batch.payload_digest(k)) {
      refuse("payload digest differs", Refusal::kAltered);
    }
    messages.push_back({envelope_at(batch, k), std::move(payload)});
  }
  return messages;
}

std::int64_t wire_bytes(std::size_t payload_bytes) {
  static const std::size_t header = [] {
    BatchCodec codec(RunIdentity{});
    const WireMessage message;
    return codec.encode({&message, 1})[0].size();
  }();
  return static_cast<std::int64_t>(header + payload_bytes);
}

}  // namespace hearsay
