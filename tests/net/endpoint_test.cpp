#include "node/net/endpoint.hpp"

#include <gtest/gtest.h>

#include "node/base/error.hpp"
#include "tests/net/endpoint_fixture.hpp"

namespace hearsay {
namespace {

/// Two parties that know each other's address, and the rules between them.
class TwoParties {
 public:
  explicit TwoParties(void (*change)(EndpointOptions&) = [](EndpointOptions&) {})
      : a(changed(company.options(0), change)), b_options_(company.options(1)) {
    change(b_options_);
    b_options_.processes[0].address = a.endpoint->address();
    start_b();
  }

  void start_b() { b = std::make_unique<Party>(b_options_); }
  bool meet() {
    return until({&a, b.get()},
                 [&] { return a.endpoint->is_heard(1) && b->endpoint->is_heard(0); });
  }

  Company company;
  Party a;
  std::unique_ptr<Party> b;

 private:
  static EndpointOptions changed(EndpointOptions options, void (*change)(EndpointOptions&)) {
    change(options);
    return options;
  }

  EndpointOptions b_options_;
};

TEST(Endpoint, DeliversWholeParcelsInOrderUnderTheSendersKey) {
  TwoParties two;
  for (std::uint64_t i = 1; i <= 50; ++i) {
    two.b->endpoint->send(0, ParcelKind::kMessages, batch_of(message_of(1, 0, i, i * 500)));
  }
  ASSERT_TRUE(until({&two.a, two.b.get()}, [&] { return two.a.messages.size() == 50; }));
  for (std::uint64_t i = 1; i <= 50; ++i) {
    EXPECT_EQ(two.a.messages[i - 1].envelope.sequence, i);
    EXPECT_EQ(two.a.messages[i - 1].payload.digest(),
              message_of(1, 0, i, i * 500).payload.digest());
  }
  EXPECT_EQ(two.a.endpoint->counters().refused.total(), 0);
  EXPECT_EQ(two.a.endpoint->counters().parcels_received, 50);
}

TEST(Endpoint, WorksInPlaintextWhereThatIsAskedFor) {
  TwoParties two([](EndpointOptions& options) {
    options.secret_key.clear();
    for (RemoteProcess& process : options.processes) process.public_key.clear();
  });
  two.a.endpoint->send(1, ParcelKind::kMessages, batch_of(message_of(0, 1, 1)));
  EXPECT_TRUE(until({&two.a, two.b.get()}, [&] { return two.b->messages.size() == 1; }));
}

TEST(Endpoint, FindsAllThroughOneSeed) {
  Company company;
  Party seed(company.options(0));
  EndpointOptions options = company.options(1);
  options.processes[0].address = seed.endpoint->address();
  Party b(options);
  options = company.options(2);
  options.processes[0].address = seed.endpoint->address();
  Party c(options);
  b.endpoint->send(2, ParcelKind::kMessages, batch_of(message_of(1, 2, 1)));
  c.endpoint->send(1, ParcelKind::kMessages, batch_of(message_of(2, 1, 1)));
  EXPECT_TRUE(until({&seed, &b, &c}, [&] { return !b.messages.empty() && !c.messages.empty(); }));
}

TEST(Endpoint, BoundsWhatASilentReceiverCostsTheSender) {
  TwoParties two([](EndpointOptions& options) {
    options.window_bytes = 50'000;
    options.queue_bytes = 100'000;
  });
  ASSERT_TRUE(two.meet());
  for (std::uint64_t i = 1; i <= 100; ++i) {
    two.a.endpoint->send(1, ParcelKind::kMessages, batch_of(message_of(0, 1, i, 10'000)));
    EXPECT_LE(two.a.endpoint->backlog(1), 150'000U);
  }
  EXPECT_GE(two.a.endpoint->counters().parcels_dropped, 85);
  // What was dropped are the oldest that had to wait; all others come once it listens.
  ASSERT_TRUE(until({&two.a, two.b.get()}, [&] {
    return !two.b->messages.empty() && two.b->messages.back().envelope.sequence == 100;
  }));
  EXPECT_EQ(static_cast<std::int64_t>(two.b->messages.size()) +
                two.a.endpoint->counters().parcels_dropped,
            100);
  EXPECT_TRUE(until({&two.a, two.b.get()}, [&] { return two.a.endpoint->backlog(1) == 0; }));
}

TEST(Endpoint, FindsAProcessAgainThatComesBackElsewhereWithoutItsCredits) {
  TwoParties two([](EndpointOptions& options) { options.window_bytes = 20'000; });
  ASSERT_TRUE(two.meet());
  two.b.reset();  // With all that was on the way to it.
  for (std::uint64_t i = 1; i <= 4; ++i) {
    two.a.endpoint->send(1, ParcelKind::kMessages, batch_of(message_of(0, 1, i, 9'000)));
  }
  two.start_b();
  ASSERT_TRUE(until({&two.a, two.b.get()}, [&] {
    return !two.b->messages.empty() && two.b->messages.back().envelope.sequence == 4;
  }));
}

TEST(Endpoint, NoticesSilenceAndReturn) {
  TwoParties two([](EndpointOptions& options) {
    options.silence = {.k = 5.0, .shortest = {60'000'000}, .longest = {5'000'000'000}};
  });
  ASSERT_TRUE(two.meet());
  // Enough heartbeats for the deadline to be known, then b does nothing.
  const SimTime enough{300'000'000};
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(until({&two.a, two.b.get()}, [&] {
    return std::chrono::steady_clock::now() - begin > std::chrono::nanoseconds(enough.nanoseconds);
  }));
  ASSERT_TRUE(until({&two.a}, [&] { return two.a.endpoint->is_lost(1); }));
  EXPECT_EQ(two.a.lost.back(), 1);
  ASSERT_TRUE(until({&two.a, two.b.get()}, [&] { return two.a.endpoint->is_heard(1); }));
  EXPECT_EQ(two.a.heard.back(), 1);
  EXPECT_GE(two.a.heard.size(), 2U);
}

TEST(Endpoint, TellsWhenItIsDone) {
  TwoParties two;
  ASSERT_TRUE(two.meet());
  EXPECT_FALSE(two.a.endpoint->is_done(1));
  two.b->endpoint->set_done();
  EXPECT_TRUE(until({&two.a, two.b.get()}, [&] { return two.a.endpoint->is_done(1); }));
}

TEST(Endpoint, NamesAnAddressThatItCannotListenOn) {
  Company company;
  Party a(company.options(0));
  EndpointOptions options = company.options(1);
  options.bind = a.endpoint->address();
  try {
    Party b(options);
    FAIL() << "the address is in use";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find(options.bind), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace hearsay
