#include "node/net/link.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hearsay {
namespace {

constexpr RunIdentity kIdentity{.run = 7, .scenario_digest = 11};

Buffer payload_of(std::uint64_t value, std::size_t size) {
  Buffer buffer = Buffer::allocate(size);
  for (std::byte& byte : buffer.writable()) byte = static_cast<std::byte>(value % 251);
  return buffer;
}

// An in-memory twin of a pipe that hands batches out in reverse order of sending.
using Stack = std::shared_ptr<std::vector<Frames>>;

class StackSender final : public FrameSender {
 public:
  explicit StackSender(Stack stack) : stack_(std::move(stack)) {}
  void send(Frames frames) override { stack_->push_back(std::move(frames)); }

 private:
  Stack stack_;
};

class StackReceiver final : public FrameReceiver {
 public:
  explicit StackReceiver(Stack stack) : stack_(std::move(stack)) {}
  Frames receive() override {
    if (stack_->empty()) throw std::runtime_error("nothing was sent");
    Frames frames = std::move(stack_->back());
    stack_->pop_back();
    return frames;
  }

 private:
  Stack stack_;
};

// Both halves of a link; posts and announces in one call.
struct Link {
  explicit Link(FramePipe pipe)
      : sender(std::move(pipe.sender), kIdentity), receiver(std::move(pipe.receiver), kIdentity) {}
  explicit Link(TransportKind kind) : Link(std::move(make_zmq_pipes(kind, 1)[0])) {}

  Ticket post(const Envelope& envelope, const Buffer& payload) {
    sender.post(envelope, payload);
    return receiver.expect(envelope.from, envelope.sequence,
                           {.payload_bytes = static_cast<std::uint32_t>(payload.size())});
  }
  WireMessage take(Ticket ticket) {
    sender.flush();
    return receiver.take(ticket);
  }

  LinkSender sender;
  LinkReceiver receiver;
};

Envelope envelope_of(std::uint64_t i) {
  return {.from = static_cast<PeerId>(i % 7), .to = 1, .round = 0, .sequence = i, .kind = 1};
}

class EveryTransport : public testing::TestWithParam<TransportKind> {};

TEST_P(EveryTransport, DeliversEachMessageToItsTicketInAnyOrder) {
  Link link(GetParam());
  std::vector<Ticket> tickets;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    tickets.push_back(link.post(envelope_of(i), payload_of(i, i % 3 == 0 ? 9000 : 20)));
  }
  for (std::uint64_t k = 0; k < 1000; ++k) {
    const std::uint64_t i = k * 389 % 1000;  // 389 is prime to 1000: every message once.
    EXPECT_EQ(link.receiver.journey(tickets[i]).payload_bytes, i % 3 == 0 ? 9000U : 20U);
    const WireMessage message = link.take(tickets[i]);
    EXPECT_EQ(message.envelope, envelope_of(i));
    EXPECT_EQ(message.payload.digest(), payload_of(i, i % 3 == 0 ? 9000 : 20).digest());
  }
}

TEST_P(EveryTransport, ReusesTicketsOfTakenMessages) {
  Link link(GetParam());
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Ticket ticket = link.post(envelope_of(i), payload_of(i, 8));
    EXPECT_EQ(ticket, 0U);
    EXPECT_EQ(link.take(ticket).envelope.sequence, i);
  }
}

TEST_P(EveryTransport, PayloadOutlivesTheLink) {
  Buffer kept;
  {
    Link link(GetParam());
    kept = link.take(link.post(envelope_of(1), payload_of(9, 100'000))).payload;
  }
  EXPECT_EQ(kept.digest(), payload_of(9, 100'000).digest());
}

INSTANTIATE_TEST_SUITE_P(Transports, EveryTransport,
                         testing::Values(TransportKind::kInproc, TransportKind::kIpc,
                                         TransportKind::kTcp),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

TEST(Link, MatchesBySenderAndSequenceNotByArrival) {
  const auto stack = std::make_shared<std::vector<Frames>>();
  Link link(FramePipe{.sender = std::make_unique<StackSender>(stack),
                      .receiver = std::make_unique<StackReceiver>(stack)});
  std::vector<Ticket> tickets;
  for (std::uint64_t i = 0; i < 600; ++i) {  // More than two batches.
    tickets.push_back(link.post(envelope_of(i), payload_of(i, 8)));
  }
  for (std::uint64_t i = 0; i < 600; ++i) {
    EXPECT_EQ(link.take(tickets[i]).envelope.sequence, i);
  }
}

TEST(Link, RefusesAMessageThatNobodyAnnounced) {
  Link link(TransportKind::kInproc);
  link.sender.post(envelope_of(1), payload_of(1, 8));
  link.sender.flush();
  const Ticket other = link.receiver.expect(5, 99, {.payload_bytes = 8});
  EXPECT_THROW(link.receiver.take(other), std::runtime_error);
}

TEST(Link, ConnectsTwoThreads) {
  std::vector<FramePipe> pipes = make_zmq_pipes(TransportKind::kInproc, 3);
  LinkReceiver receiver(std::move(pipes[2].receiver), kIdentity);
  std::vector<Ticket> tickets;
  for (std::uint64_t i = 0; i < 500; ++i) {
    tickets.push_back(receiver.expect(envelope_of(i).from, i, {.payload_bytes = 8}));
  }
  std::thread other([wire = std::move(pipes[2].sender)]() mutable {
    LinkSender sender(std::move(wire), kIdentity);
    for (std::uint64_t i = 0; i < 500; ++i) sender.post(envelope_of(i), payload_of(i, 8));
    sender.flush();
  });
  for (std::uint64_t i = 0; i < 500; ++i) {
    EXPECT_EQ(receiver.take(tickets[i]).envelope.sequence, i);
  }
  other.join();
}

TEST(Link, LargePayloadsCrossInprocWithoutACopy) {
  Link link(TransportKind::kInproc);
  const Buffer payload = payload_of(3, 1'000'000);
  const WireMessage message = link.take(link.post(envelope_of(1), payload));
  EXPECT_EQ(message.payload.bytes().data(), payload.bytes().data());
}

}  // namespace
}  // namespace hearsay
