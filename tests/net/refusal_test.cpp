// Every class of message that is refused, sent by a hostile client over a real socket.
#include "node/net/refusal.hpp"

#include <gtest/gtest.h>

#include "tests/net/endpoint_fixture.hpp"
#include "tests/net/raw_client.hpp"

namespace hearsay {
namespace {

/// The victim is process 0, the hostile client owns the key of process 1, process 2 is honest.
class HostileClientTest : public testing::Test {
 protected:
  HostileClientTest() : victim(company.options(0)) {
    EndpointOptions options = company.options(2);
    options.processes[0].address = victim.endpoint->address();
    honest = std::make_unique<Party>(options);
  }

  HostileClient client_with(const std::optional<KeyPair>& keys) {
    return HostileClient(victim.endpoint->address(), keys, company.keys[0].public_key);
  }

  std::int64_t count(Refusal reason) { return victim.endpoint->counters().refused.of(reason); }

  /// The attack is refused for `reason`, laid at `process`'s door, and changes nothing else.
  void expect_refused(HostileClient& client, Frames attack, Refusal reason, int process = 1) {
    client.send(std::move(attack));
    ASSERT_TRUE(until({&victim, honest.get()}, [&] { return count(reason) > 0; }))
        << name_of(reason);
    EXPECT_EQ(victim.refused.back().reason, reason);
    EXPECT_EQ(victim.refused.back().process, process);
    EXPECT_FALSE(victim.refused.back().sender.empty());
    EXPECT_EQ(victim.endpoint->counters().refused.total(), count(reason));
    expect_untouched();
  }

  /// The honest process's messages still pass, nothing else has.
  void expect_untouched() {
    const std::size_t before = victim.messages.size();
    honest->endpoint->send(0, ParcelKind::kMessages, batch_of(message_of(2, 0, ++sequence_)));
    ASSERT_TRUE(until({&victim, honest.get()}, [&] { return victim.messages.size() > before; }));
    EXPECT_EQ(victim.messages.size(), before + 1);
    EXPECT_EQ(victim.messages.back().envelope.from, 2);
  }

  /// Waits until the victim has refused single messages, and tells why.
  std::vector<Refusal> refused_messages(std::size_t number) {
    EXPECT_TRUE(until({&victim}, [&] { return victim.refused_messages.size() >= number; }));
    std::vector<Refusal> reasons;
    for (const auto& [reason, envelope] : victim.refused_messages) reasons.push_back(reason);
    return reasons;
  }

  Company company;
  Party victim;
  std::unique_ptr<Party> honest;

 private:
  std::uint64_t sequence_ = 0;
};

TEST_F(HostileClientTest, GetsNothingWithAnUnknownKey) {
  HostileClient client = client_with(make_key_pair());
  expect_refused(client, parcel_of(1, batch_of(message_of(1, 0, 1))), Refusal::kUnknownKey, -1);
  EXPECT_FALSE(client.was_answered());
}

TEST_F(HostileClientTest, GetsNothingWithoutAKey) {
  HostileClient client = client_with(std::nullopt);
  expect_refused(client, parcel_of(1, batch_of(message_of(1, 0, 1))), Refusal::kNoKey, -1);
  EXPECT_FALSE(client.was_answered());
}

// As a client without a key does that sees the victim's greeting before its own is complete.
TEST_F(HostileClientTest, IsCountedIfItHangsUpDuringTheGreeting) {
  RawClient client(victim.endpoint->address());
  client.send(kGreeting.substr(0, RawClient::kVersionEnd));
  ASSERT_TRUE(
      until({&victim, honest.get()}, [&] { return client.received().size() == kGreeting.size(); }));
  EXPECT_EQ(count(Refusal::kNoKey), 0);
  client.hang_up();
  ASSERT_TRUE(until({&victim, honest.get()}, [&] { return count(Refusal::kNoKey) == 1; }));
  EXPECT_EQ(victim.refused.back().process, -1);
  expect_untouched();
}

TEST_F(HostileClientTest, GetsNoConnectionWithARevokedKey) {
  victim.endpoint->revoke({company.keys[1].public_key});
  HostileClient client = client_with(company.keys[1]);
  expect_refused(client, parcel_of(1, batch_of(message_of(1, 0, 1))), Refusal::kRevokedKey, -1);
  EXPECT_FALSE(client.was_answered());
}

TEST_F(HostileClientTest, IsNotHeardOnAnOldConnectionOnceItsKeyIsRevoked) {
  HostileClient client = client_with(company.keys[1]);
  client.send(parcel_of(1, batch_of(message_of(1, 0, 1))));
  ASSERT_TRUE(until({&victim}, [&] { return victim.messages.size() == 1; }));
  victim.endpoint->revoke({company.keys[1].public_key});
  expect_refused(client, parcel_of(1, batch_of(message_of(1, 0, 2))), Refusal::kRevokedKey);
}

TEST_F(HostileClientTest, SendsALinkFrameThatIsCutShort) {
  HostileClient client = client_with(company.keys[1]);
  Frames attack = parcel_of(1, batch_of(message_of(1, 0, 1)));
  attack[0] = Buffer::copy_of(attack[0].bytes().first(39));
  expect_refused(client, attack, Refusal::kTruncated);
}

TEST_F(HostileClientTest, SendsAParcelOfAnUnknownKind) {
  HostileClient client = client_with(company.keys[1]);
  expect_refused(client, parcel_of(1, {}, kRun, static_cast<ParcelKind>(9)), Refusal::kTruncated);
}

TEST_F(HostileClientTest, SendsABatchThatIsCutShort) {
  HostileClient client = client_with(company.keys[1]);
  Frames attack = parcel_of(1, batch_of(message_of(1, 0, 1)));
  attack[1] = Buffer::copy_of(attack[1].bytes().first(attack[1].size() / 2));
  expect_refused(client, attack, Refusal::kTruncated);
}

TEST_F(HostileClientTest, SendsABatchWithoutItsPayload) {
  HostileClient client = client_with(company.keys[1]);
  Frames attack = parcel_of(1, batch_of(message_of(1, 0, 1, 9'000)));
  attack.pop_back();
  expect_refused(client, attack, Refusal::kTruncated);
}

TEST_F(HostileClientTest, SendsMoreThanAnyParcelHolds) {
  HostileClient client = client_with(company.keys[1]);
  // Each frame is within the bound, together they are not.
  Frames attack = parcel_of(1, batch_of(message_of(1, 0, 1, 700'000)));
  attack.push_back(Buffer::copy_of(attack.back().bytes()));
  expect_refused(client, attack, Refusal::kOversize);
}

TEST_F(HostileClientTest, IsCutOffBeforeAFrameBeyondTheBoundTakesMemory) {
  HostileClient client = client_with(company.keys[1]);
  client.send(parcel_of(1, {}, kRun));  // A connection that stands.
  ASSERT_TRUE(until({&victim}, [&] { return count(Refusal::kTruncated) == 1; }));
  ASSERT_EQ(victim.endpoint->counters().connections_cut, 0);
  client.send(parcel_of(1, batch_of(message_of(1, 0, 1, std::size_t{2} << 20))));
  ASSERT_TRUE(until({&victim}, [&] { return victim.endpoint->counters().connections_cut > 0; }));
  expect_untouched();
}

TEST_F(HostileClientTest, SendsParcelsOfAnotherRun) {
  HostileClient client = client_with(company.keys[1]);
  constexpr RunIdentity kOther{.run = 8, .scenario_digest = 11};
  expect_refused(client, parcel_of(1, batch_of(message_of(1, 0, 1)), kOther), Refusal::kWrongRun);
}

TEST_F(HostileClientTest, SendsABatchOfAnotherRunInAParcelOfThisOne) {
  HostileClient client = client_with(company.keys[1]);
  constexpr RunIdentity kOther{.run = 8, .scenario_digest = 11};
  expect_refused(client, parcel_of(1, batch_of(message_of(1, 0, 1), kOther)), Refusal::kWrongRun);
}

TEST_F(HostileClientTest, SendsParcelsOfAnotherScenario) {
  HostileClient client = client_with(company.keys[1]);
  constexpr RunIdentity kOther{.run = 7, .scenario_digest = 12};
  expect_refused(client, parcel_of(1, batch_of(message_of(1, 0, 1)), kOther),
                 Refusal::kWrongScenario);
}

TEST_F(HostileClientTest, ClaimsToBeAnotherProcess) {
  HostileClient client = client_with(company.keys[1]);
  expect_refused(client, parcel_of(2, batch_of(message_of(2, 0, 1))), Refusal::kForeignSender);
}

TEST_F(HostileClientTest, AltersAPayload) {
  HostileClient client = client_with(company.keys[1]);
  Frames attack = parcel_of(1, batch_of(message_of(1, 0, 1)));
  attack[2] = Buffer::copy_of(attack[2].bytes());
  attack[2].writable()[0] = std::byte{2};
  expect_refused(client, attack, Refusal::kAltered);
}

TEST_F(HostileClientTest, SendsNonsenseForAddresses) {
  HostileClient client = client_with(company.keys[1]);
  const Buffer text = Buffer::copy_of(std::as_bytes(std::span("9 tcp://x:1\n", 12)));
  expect_refused(client, parcel_of(1, {text}, kRun, ParcelKind::kHeartbeat), Refusal::kTruncated);
}

TEST_F(HostileClientTest, CannotTurnOthersAwayByFalseAddresses) {
  ASSERT_TRUE(until({&victim, honest.get()}, [&] { return victim.endpoint->is_heard(2); }));
  HostileClient client = client_with(company.keys[1]);
  const std::string lie = "0 tcp://127.0.0.1:1\n2 tcp://127.0.0.1:1\n";
  const Buffer text = Buffer::copy_of(std::as_bytes(std::span(lie)));
  client.send(parcel_of(1, {text}, kRun, ParcelKind::kHeartbeat));
  ASSERT_TRUE(until({&victim, honest.get()}, [&] { return victim.endpoint->is_heard(1); }));
  victim.endpoint->send(2, ParcelKind::kMessages, batch_of(message_of(0, 2, 1)));
  EXPECT_TRUE(until({&victim, honest.get()}, [&] { return honest->messages.size() == 1; }));
}

TEST_F(HostileClientTest, SendsInTheNameOfAPeerThatLivesElsewhere) {
  HostileClient client = client_with(company.keys[1]);
  client.send(parcel_of(1, batch_of(message_of(2, 0, 1'000'000))));
  EXPECT_EQ(refused_messages(1), std::vector<Refusal>{Refusal::kForeignSender});
  expect_untouched();  // In particular the sequence of the peer it named.
}

TEST_F(HostileClientTest, SendsInTheNameOfAPeerThatThereIsNot) {
  HostileClient client = client_with(company.keys[1]);
  client.send(parcel_of(1, batch_of(message_of(-1, 0, 1))));
  client.send(parcel_of(1, batch_of(message_of(3, 0, 1))));
  EXPECT_EQ(refused_messages(2),
            (std::vector<Refusal>{Refusal::kForeignSender, Refusal::kForeignSender}));
  expect_untouched();
}

TEST_F(HostileClientTest, SendsWhatIsMeantForAnotherReceiver) {
  HostileClient client = client_with(company.keys[1]);
  client.send(parcel_of(1, batch_of(message_of(1, 2, 1))));
  EXPECT_EQ(refused_messages(1), std::vector<Refusal>{Refusal::kWrongReceiver});
  expect_untouched();
}

TEST_F(HostileClientTest, SendsAMessageTwice) {
  HostileClient client = client_with(company.keys[1]);
  const Frames attack = parcel_of(1, batch_of(message_of(1, 0, 5)));
  client.send(attack);
  client.send(attack);
  EXPECT_EQ(refused_messages(1), std::vector<Refusal>{Refusal::kReplayed});
  EXPECT_EQ(victim.messages.size(), 1U);
  expect_untouched();
}

TEST_F(HostileClientTest, SendsAMessageFromBeyondTheWindow) {
  HostileClient client = client_with(company.keys[1]);
  client.send(parcel_of(1, batch_of(message_of(1, 0, 5000))));
  client.send(parcel_of(1, batch_of(message_of(1, 0, 5000 - SequenceWindow::kWidth))));
  EXPECT_EQ(refused_messages(1), std::vector<Refusal>{Refusal::kReordered});
  EXPECT_EQ(victim.messages.size(), 1U);
  expect_untouched();
}

TEST(Refusal, EveryReasonHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kRefusals; ++i) names.insert(name_of(static_cast<Refusal>(i)));
  EXPECT_EQ(names.size(), kRefusals);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace hearsay
