#include "node/protocols/pair_exchange.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <utility>

#include "node/protocols/message_data.hpp"

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
float value_of(const ModelBuffer& model) { return model.values()[0]; }

// Peers 0 and 1, joined to each other. Each adds half the difference when they have met.
class Pair : public testing::Test {
 protected:
  struct Peer {
    PeerId id;
    std::array<PeerId, 1> neighbor;
    std::array<double, 1> weight{0.5};
    PairExchange::Options options{.timeout = {100}, .attempts = 3};
    PairExchange exchange{
        options, {.self = id, .neighbors = neighbor, .weights = weight, .self_weight = 0.5}};
    float x = 0;
    Effects effects{};

    void begin(SimTime now = {}) {
      effects.now = now;
      exchange.begin_with(0, model_of(x), effects);
    }
    Reception receive(const Message& message) {
      std::optional<Meeting> meeting;
      const Reception reception = exchange.on_message(message, model_of(x), meeting, effects);
      if (meeting) x -= (value_of(meeting->own) - value_of(meeting->other)) / 2;
      return reception;
    }
    // The only message sent since the last call.
    Message sent() {
      EXPECT_EQ(effects.sends.size(), 1U);
      Message message = std::move(effects.sends.at(0));
      effects.sends.clear();
      message.from = id;
      return message;
    }
    Effects time_out(std::uint64_t number) {
      effects = {};
      exchange.on_timer(number, effects);
      return effects;
    }
  };

  void lose_everything() {
    const std::uint64_t timer = first_.effects.timers.at(0).id;
    for (int attempt = 1; attempt < 3; ++attempt) {
      EXPECT_EQ(first_.time_out(timer).sends.size(), 1U);
      EXPECT_TRUE(first_.exchange.is_awaiting());
    }
    EXPECT_TRUE(first_.time_out(timer).sends.empty());
    EXPECT_FALSE(first_.exchange.is_awaiting());
    first_.effects = {};
  }

  Peer first_{.id = 0, .neighbor = {1}, .x = 8};
  Peer second_{.id = 1, .neighbor = {0}, .x = 4};
};

TEST_F(Pair, BothMeetHalfway) {
  first_.begin();
  EXPECT_EQ(first_.exchange.awaited(), std::vector<PeerId>{1});
  EXPECT_EQ(second_.receive(first_.sent()), Reception::kAccepted);
  EXPECT_EQ(second_.x, 6);
  EXPECT_EQ(first_.receive(second_.sent()), Reception::kAccepted);
  EXPECT_EQ(first_.x, 6);
  EXPECT_FALSE(first_.exchange.is_awaiting());
}

TEST_F(Pair, KeepsTheSumWhenTheInitiatorHasMovedMeanwhile) {
  first_.begin();
  second_.receive(first_.sent());
  first_.x += 10;
  first_.receive(second_.sent());
  EXPECT_EQ(first_.x, 16) << "18 less half of 8 - 4";
  EXPECT_EQ(second_.x, 6);
}

TEST_F(Pair, KeepsTheSumWhenBothBeginAtOnce) {
  first_.begin();
  second_.begin();
  const Message from_first = first_.sent();
  const Message from_second = second_.sent();
  second_.receive(from_first);
  first_.receive(from_second);
  first_.receive(second_.sent());
  second_.receive(first_.sent());
  // Both met twice with 8 and 4, so they have changed places.
  EXPECT_EQ(first_.x, 4);
  EXPECT_EQ(second_.x, 8);
}

TEST_F(Pair, ALostOfferOrAnswerIsMadeUpForOnceAtEitherEnd) {
  first_.begin();
  const std::uint64_t timer = first_.effects.timers.at(0).id;
  first_.sent();  // Lost.
  first_.time_out(timer);
  const Message again = first_.sent();
  second_.receive(again);
  second_.sent();  // Lost.
  second_.x = 100;
  first_.time_out(timer);
  EXPECT_EQ(second_.receive(first_.sent()), Reception::kLate) << "met already";
  EXPECT_EQ(second_.x, 100);
  const Message answer = second_.sent();
  EXPECT_EQ(value_of(answer.model), 4) << "as it was when they met";
  first_.receive(answer);
  EXPECT_EQ(first_.x, 6);
  EXPECT_EQ(first_.receive(answer), Reception::kLate) << "a copy";
  EXPECT_EQ(first_.x, 6);
  EXPECT_TRUE(first_.time_out(timer).sends.empty());
}

TEST_F(Pair, SetsAsideAfterAllAttemptsAndCompletesWhenTheOtherIsHeardFrom) {
  first_.begin();
  second_.receive(first_.sent());
  second_.sent();  // Lost, as are all others.
  lose_everything();
  first_.begin({50});
  EXPECT_TRUE(first_.effects.sends.empty()) << "one open exchange per neighbor";
  second_.begin({60});
  first_.receive(second_.sent());
  ASSERT_EQ(first_.effects.sends.size(), 2U);
  Message offer = first_.effects.sends[0];
  Message answer = first_.effects.sends[1];
  offer.from = answer.from = 0;
  first_.effects = {};
  second_.receive(offer);
  first_.receive(second_.sent());
  second_.receive(answer);
  EXPECT_EQ(first_.x + second_.x, 12);
}

TEST_F(Pair, RepeatsWhatWasOpenAfterACrashAndTheOtherDoesNotMeetItTwice) {
  first_.begin();
  second_.receive(first_.sent());
  second_.sent();  // Lost in the crash.
  first_.effects = {};
  first_.exchange.start(StartKind::kRestarted, first_.effects);
  ASSERT_EQ(first_.effects.sends.size(), 2U);
  EXPECT_EQ(first_.effects.sends[0].kind, MessageKind::kHello);
  Message offer = first_.effects.sends[1];
  offer.from = 0;
  second_.receive(offer);
  first_.receive(second_.sent());
  EXPECT_EQ(first_.x, 6);
  EXPECT_EQ(second_.x, 6);
}

TEST_F(Pair, NumbersOfALaterLifeAreLater) {
  first_.begin({70});
  second_.receive(first_.sent());
  second_.sent();
  Peer reborn{.id = 0, .neighbor = {1}, .x = 2};
  reborn.begin({5'000});
  EXPECT_EQ(second_.receive(reborn.sent()), Reception::kAccepted);
  EXPECT_EQ(second_.x, 4) << "6 and 2";
}

TEST_F(Pair, GivesUpOnGoodbye) {
  first_.begin();
  first_.sent();
  first_.receive({.from = 1, .to = 0, .kind = MessageKind::kGoodbye, .model = {}});
  EXPECT_FALSE(first_.exchange.is_awaiting());
  first_.begin({9});
  EXPECT_TRUE(first_.effects.sends.empty());
  first_.receive({.from = 1, .to = 0, .kind = MessageKind::kHello, .model = {}});
  first_.begin({10});
  EXPECT_EQ(first_.effects.sends.size(), 1U);
}

TEST_F(Pair, TheClosedDeclineAndAreNotAskedAgain) {
  second_.exchange.close();
  first_.begin();
  EXPECT_EQ(second_.receive(first_.sent()), Reception::kLate);
  const Message declined = second_.sent();
  EXPECT_EQ(declined.kind, MessageKind::kPong);
  first_.receive(declined);
  EXPECT_FALSE(first_.exchange.is_awaiting());
  EXPECT_EQ(first_.x, 8);
  first_.begin({9});
  EXPECT_TRUE(first_.effects.sends.empty());
  second_.begin();
  EXPECT_TRUE(second_.effects.sends.empty());
}

TEST_F(Pair, TheClosedStillAnswerWhatTheyHaveMet) {
  first_.begin();
  const Message offer = first_.sent();
  second_.receive(offer);
  second_.sent();  // Lost.
  second_.exchange.close();
  second_.receive(offer);
  first_.receive(second_.sent());
  EXPECT_EQ(first_.x, 6);
}

TEST_F(Pair, RefusesStrangersAndWhatMakesNoSense) {
  first_.begin();
  const Message good = first_.sent();
  const auto refused = [&](auto&& change) {
    Message bad = good;
    change(bad);
    return second_.receive(bad) == Reception::kRefused && second_.effects.sends.empty();
  };
  EXPECT_TRUE(refused([](Message& bad) { bad.from = 7; }));
  EXPECT_TRUE(refused([](Message& bad) { bad.data = {}; }));
  EXPECT_TRUE(refused([](Message& bad) { bad.data = pack(std::uint8_t{9}, std::int64_t{20}); }));
  EXPECT_TRUE(refused([](Message& bad) { bad.data = pack(std::uint8_t{0}, std::int64_t{-1}); }));
  EXPECT_TRUE(refused([](Message& bad) { bad.kind = MessageKind::kTracker; }));
  EXPECT_TRUE(refused([](Message& bad) { bad.model = ModelBuffer::zeros(2); }));
  EXPECT_EQ(second_.x, 4);
}

// Any order of losses, copies and delays: what has happened at one end happens at the other.
TEST_F(Pair, KeepsTheSumUnderLossCopiesAndReordering) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    std::array<Peer, 2> peers{Peer{.id = 0, .neighbor = {1}, .x = 1024},
                              Peer{.id = 1, .neighbor = {0}, .x = -256}};
    std::deque<Message> under_way;
    std::array<std::vector<std::uint64_t>, 2> timers;
    const auto carry_out = [&](Peer& peer) {
      for (Message message : std::exchange(peer.effects.sends, {})) {
        message.from = peer.id;
        if (rng.uniform() < 0.3) continue;
        under_way.push_back(message);
        if (rng.uniform() < 0.2) under_way.push_back(message);
      }
      for (const TimerRequest& timer : std::exchange(peer.effects.timers, {})) {
        timers[static_cast<std::size_t>(peer.id)].push_back(timer.id);
      }
    };
    int begun = 0;
    for (int step = 0; step < 400; ++step) {
      Peer& peer = peers[rng.below(2)];
      auto& due = timers[static_cast<std::size_t>(peer.id)];
      const double what = rng.uniform();
      if (what < 0.1 && begun < 5) {  // Five halvings of 1280: exact in floats.
        const bool was_awaiting = peer.exchange.is_awaiting();
        peer.begin({step});
        begun += peer.exchange.is_awaiting() && !was_awaiting ? 1 : 0;
      } else if (what < 0.2 && !due.empty()) {
        const std::uint64_t id = due.back();
        due.pop_back();
        peer.exchange.on_timer(id, peer.effects);
      } else if (!under_way.empty()) {
        const std::size_t k = rng.below(under_way.size());
        const Message message = under_way[k];
        under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(k));
        Peer& receiver = peers[static_cast<std::size_t>(message.to)];
        static_cast<void>(receiver.receive(message));
        carry_out(receiver);
      }
      carry_out(peer);
    }
    // In the end everything gets through.
    under_way.clear();
    for (int round = 0; round < 4; ++round) {
      for (Peer& peer : peers) {
        Peer& other = peers[static_cast<std::size_t>(1 - peer.id)];
        std::deque<Message> messages;
        peer.effects = {};
        peer.exchange.start(StartKind::kRestarted, peer.effects);
        for (Message message : std::exchange(peer.effects.sends, {})) {
          message.from = peer.id;
          static_cast<void>(other.receive(message));
        }
        for (Message message : std::exchange(other.effects.sends, {})) {
          message.from = other.id;
          static_cast<void>(peer.receive(message));
        }
      }
    }
    EXPECT_EQ(peers[0].x + peers[1].x, 1024 - 256) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hearsay
