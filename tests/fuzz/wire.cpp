#include <algorithm>
#include <string_view>

#include "node/base/check.hpp"
#include "node/net/address_book.hpp"
#include "node/net/link_frame.hpp"
#include "node/net/message_gate.hpp"
#include "tests/fuzz/identity.hpp"
#include "tests/fuzz/readers.hpp"

namespace hearsay::fuzz {
namespace {

bool takes_addresses(std::span<const Buffer> frames) {
  if (frames.size() != 1) return false;
  const auto bytes = frames[0].bytes();
  const auto entries = read_addresses(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), kProcesses);
  if (!entries) return false;
  AddressBook book(kProcesses, kSelf);
  for (const auto& [process, address] : *entries) book.learn(kSender, process, address);
  HEARSAY_CHECK(read_addresses(book.text(), kProcesses).has_value());
  return true;
}

// What is let in is what the header says, and the same again once it has been sent on.
bool takes_messages(std::span<const Buffer> frames) {
  MessageGate gate(kIdentity, {kSelf, kSender, kSender, 2}, kSelf);
  std::size_t refused = 0;
  const std::vector<WireMessage> messages =
      gate.open(kSender, frames, [&](Refusal, const Envelope&) { ++refused; });
  BatchCodec codec(kIdentity);
  const std::vector<WireMessage> again = codec.decode(codec.encode(messages));
  HEARSAY_CHECK(again.size() == messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Envelope& envelope = messages[i].envelope;
    HEARSAY_CHECK(envelope.from == 1 || envelope.from == 2);
    HEARSAY_CHECK(envelope.to == 0);
    HEARSAY_CHECK(again[i].envelope == envelope);
    HEARSAY_CHECK(std::ranges::equal(again[i].payload.bytes(), messages[i].payload.bytes()));
  }
  return refused == 0 && !messages.empty();
}

}  // namespace

bool takes_wire(std::span<const std::byte> bytes) {
  const std::vector<Buffer> frames = frames_of(bytes);
  if (frames.empty()) return false;
  try {
    const LinkFrame link = decode_link_frame(frames[0].bytes(), kIdentity);
    const std::span<const Buffer> rest = std::span(frames).subspan(1);
    return link.kind == ParcelKind::kHeartbeat ? takes_addresses(rest) : takes_messages(rest);
  } catch (const MessageRefused&) {
    return false;
  }
}

}  // namespace hearsay::fuzz
