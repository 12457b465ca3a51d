#include "node/net/link.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kBatchMessages = 256;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

}  // namespace

LinkSender::LinkSender(std::unique_ptr<FrameSender> wire, const RunIdentity& identity)
    : wire_(std::move(wire)), codec_(identity) {}

void LinkSender::post(const Envelope& envelope, Buffer payload) {
  outbox_bytes_ += payload.size();
  outbox_.push_back({envelope, std::move(payload)});
  if (outbox_.size() >= kBatchMessages || outbox_bytes_ >= kBatchBytes) flush();
}

void LinkSender::flush() {
  if (outbox_.empty()) return;
  wire_->send(codec_.encode(outbox_));
  outbox_.clear();
  outbox_bytes_ = 0;
}

LinkReceiver::LinkReceiver(std::unique_ptr<FrameReceiver> wire, const RunIdentity& identity)
    : wire_(std::move(wire)), codec_(identity) {}

Ticket LinkReceiver::expect(PeerId from, std::uint64_t sequence, const Journey& journey) {
  if (free_.empty()) {
    free_.push_back(static_cast<Ticket>(slots_.size()));
    slots_.emplace_back();
  }
  const Ticket ticket = free_.back();
  free_.pop_back();
  slots_[ticket].sent = journey.sent;
  slots_[ticket].left = journey.left;
  slots_[ticket].payload_bytes = journey.payload_bytes;
  slots_[ticket].arrived = false;
  expected_.push_back({from, sequence, ticket});
  return ticket;
}

const WireMessage& LinkReceiver::peek(Ticket ticket) {
  HEARSAY_CHECK(ticket < slots_.size());
  while (!slots_[ticket].arrived) {
    const Frames frames = wire_->receive();
    for (WireMessage& message : codec_.decode(frames)) arrive(std::move(message));
  }
  return slots_[ticket].message;
}

WireMessage LinkReceiver::take(Ticket ticket) {
  peek(ticket);
  free_.push_back(ticket);
  slots_[ticket].arrived = false;
  return std::move(slots_[ticket].message);
}

void LinkReceiver::arrive(WireMessage message) {
  const auto is_it = [&message](const Expected& expected) {
    return expected.from == message.envelope.from && expected.sequence == message.envelope.sequence;
  };
  // Almost always the first: a connection keeps the order of sending.
  const auto begin = expected_.begin() + static_cast<std::ptrdiff_t>(first_expected_);
  const auto found = std::find_if(begin, expected_.end(), is_it);
  if (found == expected_.end()) {
    throw std::runtime_error("message refused: nothing expected from peer " +
                             std::to_string(message.envelope.from));
  }
  Slot& slot = slots_[found->ticket];
  slot.message = std::move(message);
  slot.arrived = true;
  if (found == begin) {
    ++first_expected_;
  } else {
    expected_.erase(found);
  }
  if (2 * first_expected_ >= expected_.size()) {
    expected_.erase(expected_.begin(),
                    expected_.begin() + static_cast<std::ptrdiff_t>(first_expected_));
    first_expected_ = 0;
  }
}

}  // namespace hearsay
