#include "node/net/exchange.hpp"

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

Exchange::Exchange(std::unique_ptr<Transport> transport, const RunIdentity& identity)
    : transport_(std::move(transport)), codec_(identity) {}

Ticket Exchange::post(const Envelope& envelope, Buffer payload) {
  if (free_.empty()) {
    free_.push_back(static_cast<Ticket>(slots_.size()));
    slots_.emplace_back();
  }
  const Ticket ticket = free_.back();
  free_.pop_back();
  slots_[ticket].payload_bytes = payload.size();
  slots_[ticket].arrived = false;
  expected_.push_back({envelope.from, envelope.sequence, ticket});
  outbox_bytes_ += payload.size();
  outbox_.push_back({envelope, std::move(payload)});
  if (outbox_.size() >= kBatchMessages || outbox_bytes_ >= kBatchBytes) flush();
  return ticket;
}

WireMessage Exchange::take(Ticket ticket) {
  HEARSAY_CHECK(ticket < slots_.size());
  if (!slots_[ticket].arrived && !outbox_.empty()) flush();
  while (!slots_[ticket].arrived) receive_batch();
  free_.push_back(ticket);
  slots_[ticket].arrived = false;
  return std::move(slots_[ticket].message);
}

void Exchange::flush() {
  transport_->send(codec_.encode(outbox_));
  outbox_.clear();
  outbox_bytes_ = 0;
  ++batches_sent_;
}

void Exchange::receive_batch() {
  const Frames frames = transport_->receive();
  for (WireMessage& message : codec_.decode(frames)) arrive(std::move(message));
}

void Exchange::arrive(WireMessage message) {
  const auto is_it = [&message](const Expected& expected) {
    return expected.from == message.envelope.from &&
           expected.sequence == message.envelope.sequence;
  };
  // Almost always the first: one socket pair keeps the order of sending.
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
