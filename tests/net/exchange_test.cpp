#include "node/net/exchange.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

namespace hearsay {
namespace {

constexpr RunIdentity kIdentity{.run = 7, .scenario_digest = 11};

Buffer payload_of(std::uint64_t value, std::size_t size) {
  Buffer buffer = Buffer::allocate(size);
  for (std::byte& byte : buffer.writable()) byte = static_cast<std::byte>(value % 251);
  return buffer;
}

// An in-memory twin that hands batches out in reverse order of sending.
class ReversingTransport final : public Transport {
 public:
  void send(Frames frames) override { sent_.push_back(std::move(frames)); }
  Frames receive() override {
    if (sent_.empty()) throw std::runtime_error("nothing was sent");
    Frames frames = std::move(sent_.back());
    sent_.pop_back();
    return frames;
  }

 private:
  std::deque<Frames> sent_;
};

Envelope envelope_of(std::uint64_t i) {
  return {.from = static_cast<PeerId>(i % 7), .to = 1, .round = 0, .sequence = i, .kind = 1};
}

class EveryTransport : public testing::TestWithParam<TransportKind> {};

TEST_P(EveryTransport, DeliversEachMessageToItsTicketInAnyOrder) {
  Exchange exchange(make_zmq_loopback(GetParam()), kIdentity);
  std::vector<Ticket> tickets;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    tickets.push_back(exchange.post(envelope_of(i), payload_of(i, i % 3 == 0 ? 9000 : 20)));
  }
  for (std::uint64_t k = 0; k < 1000; ++k) {
    const std::uint64_t i = k * 389 % 1000;  // 389 is prime to 1000: every message once.
    EXPECT_EQ(exchange.payload_bytes(tickets[i]), i % 3 == 0 ? 9000U : 20U);
    const WireMessage message = exchange.take(tickets[i]);
    EXPECT_EQ(message.envelope, envelope_of(i));
    EXPECT_EQ(message.payload.digest(), payload_of(i, i % 3 == 0 ? 9000 : 20).digest());
  }
}

TEST_P(EveryTransport, ReusesTicketsOfTakenMessages) {
  Exchange exchange(make_zmq_loopback(GetParam()), kIdentity);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Ticket ticket = exchange.post(envelope_of(i), payload_of(i, 8));
    EXPECT_EQ(ticket, 0U);
    EXPECT_EQ(exchange.take(ticket).envelope.sequence, i);
  }
}

TEST_P(EveryTransport, PayloadOutlivesTheExchange) {
  Buffer kept;
  {
    Exchange exchange(make_zmq_loopback(GetParam()), kIdentity);
    kept = exchange.take(exchange.post(envelope_of(1), payload_of(9, 100'000))).payload;
  }
  EXPECT_EQ(kept.digest(), payload_of(9, 100'000).digest());
}

INSTANTIATE_TEST_SUITE_P(Transports, EveryTransport,
                         testing::Values(TransportKind::kInproc, TransportKind::kIpc,
                                         TransportKind::kTcp),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

TEST(Exchange, MatchesBySenderAndSequenceNotByArrival) {
  Exchange exchange(std::make_unique<ReversingTransport>(), kIdentity);
  std::vector<Ticket> tickets;
  for (std::uint64_t i = 0; i < 600; ++i) {  // More than two batches.
    tickets.push_back(exchange.post(envelope_of(i), payload_of(i, 8)));
  }
  for (std::uint64_t i = 0; i < 600; ++i) {
    EXPECT_EQ(exchange.take(tickets[i]).envelope.sequence, i);
  }
}

TEST(Exchange, LargePayloadsCrossInprocWithoutACopy) {
  Exchange exchange(make_zmq_loopback(TransportKind::kInproc), kIdentity);
  const Buffer payload = payload_of(3, 1'000'000);
  const WireMessage message = exchange.take(exchange.post(envelope_of(1), payload));
  EXPECT_EQ(message.payload.bytes().data(), payload.bytes().data());
}

}  // namespace
}  // namespace hearsay
