#include "node/world/passage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "node/base/error.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/world/network_driver.hpp"

namespace hearsay {
namespace {

class LatencyMatrix : public testing::Test {
 protected:
  PassageOptions file(const std::string& text) {
    std::ofstream(path_) << text;
    return {.latency_matrix = path_};
  }

  std::string error(const std::string& text, int num_peers = 2) {
    try {
      const Latencies latencies(file(text), num_peers, Rng(1));
    } catch (const UserError& wrong) {
      const std::string message = wrong.what();
      EXPECT_TRUE(message.starts_with(path_)) << message;
      return message.substr(std::min(message.size(), path_.size()));
    }
    return "";
  }

  TemporaryDirectory directory_;
  std::string path_ = (directory_.path() / "latency.csv").string();
};

TEST_F(LatencyMatrix, HasALinePerSender) {
  const Latencies latencies(file("# ms\n0, 12.5,30\n\n7,0, 1e-3\r\n1,2,0\n"), 3, Rng(1));
  EXPECT_EQ(latencies.between(0, 1), ms(12.5));
  EXPECT_EQ(latencies.between(0, 2), ms(30));
  EXPECT_EQ(latencies.between(1, 0), ms(7));
  EXPECT_EQ(latencies.between(1, 2), SimTime{1000});
  EXPECT_EQ(latencies.least(), SimTime{1000}) << "the diagonal does not count";
}

TEST_F(LatencyMatrix, IsRefusedWithFileAndLine) {
  const std::string expected = "expected milliseconds between 0 and 1e9, got ";
  EXPECT_EQ(error("0,1\n-2,0\n"), ":2: latency 1: " + expected + "\"-2\"");
  EXPECT_EQ(error("0,nan\n2,0\n"), ":1: latency 2: " + expected + "\"nan\"");
  EXPECT_EQ(error("0,inf\n2,0\n"), ":1: latency 2: " + expected + "\"inf\"");
  EXPECT_EQ(error("0,1\n2,0x\n"), ":2: latency 2: " + expected + "\"0x\"");
  EXPECT_EQ(error("0,\n2,0\n"), ":1: latency 2: " + expected + "\"\"");
  EXPECT_EQ(error("0,1e300\n2,0\n"), ":1: latency 2: " + expected + "\"1e300\"");
  EXPECT_EQ(error("0,1,2\n2,0\n"), ":1: expected 2 latencies, one per peer, got 3");
  EXPECT_EQ(error("0,1\n"), ":1: expected 2 lines, one per peer, got 1");
  EXPECT_EQ(error("0,1\n1,0\n\n1,0\n"), ":4: expected 2 lines, one per peer, got more");
  EXPECT_EQ(error("0,1\n1,0\n"), "");
}

TEST_F(LatencyMatrix, IsRefusedIfItCannotBeRead) {
  const PassageOptions missing{.latency_matrix = "/no/such/file.csv"};
  EXPECT_THROW(Latencies(missing, 2, Rng(1)), UserError);
  const PassageOptions directory{.latency_matrix = directory_.path().string()};
  EXPECT_THROW(Latencies(directory, 2, Rng(1)), UserError);
}

TEST(Latencies, GrowWithTheDistanceOfRandomPoints) {
  const PassageOptions options{.latency = ms(5),
                               .geometric = GeometricOptions{.per_unit = ms(100)}};
  const int peers = 300;
  const Latencies latencies(options, peers, Rng(3));
  double sum = 0.0;
  for (PeerId a = 0; a < peers; ++a) {
    for (PeerId b = 0; b < peers; ++b) {
      if (a == b) continue;
      const SimTime latency = latencies.between(a, b);
      EXPECT_EQ(latency, latencies.between(b, a));
      EXPECT_LE(latency.seconds(), 0.005 + 0.1 * std::sqrt(2.0));
      sum += latency.seconds();
      const PeerId c = (a + 7) % peers;
      EXPECT_LE((latency - ms(5)).nanoseconds,
                (latencies.between(a, c) + latencies.between(c, b) - ms(10)).nanoseconds + 2);
    }
  }
  // The mean distance of two points of the unit square is
  // (2 + sqrt(2) + 5 ln(1 + sqrt(2))) / 15 = 0.5214.
  EXPECT_NEAR((sum / (peers * (peers - 1.0)) - 0.005) / 0.1, 0.5214, 0.03);
}

TEST(Latencies, LeastIsThatOfTheClosestPair) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const int peers = 2 + static_cast<int>(seed) * 10;
    const Latencies latencies({.latency = ms(5), .geometric = GeometricOptions{}}, peers,
                              Rng(seed));
    SimTime least = SimTime::max();
    for (PeerId a = 0; a < peers; ++a) {
      for (PeerId b = 0; b < a; ++b) least = std::min(least, latencies.between(a, b));
    }
    EXPECT_EQ(latencies.least(), least) << "seed " << seed;
  }
}

TEST(Latencies, AreOneConstantOtherwise) {
  const Latencies latencies({.latency = ms(3)}, 4, Rng(1));
  EXPECT_EQ(latencies.between(0, 3), ms(3));
  EXPECT_EQ(latencies.least(), ms(3));
}

/// All that can happen, often.
PassageOptions eventful() {
  return {.jitter = ms(8),
          .loss = {0.3},
          .retransmit = true,
          .retransmit_timeout = ms(40),
          .duplicate = {0.2},
          .reorder = {0.1},
          .reorder_delay = ms(500)};
}

std::vector<Chance> draws(const PassageOptions& options, PeerId from = 0, int count = 2000) {
  Passage passage(options, 2, Rng(9));
  std::vector<Chance> chances;
  for (int i = 0; i < count; ++i) chances.push_back(passage.draw(from));
  return chances;
}

template <class Field>
int count_different(const PassageOptions& a, const PassageOptions& b, Field Chance::*field) {
  const auto one = draws(a);
  const auto other = draws(b);
  int different = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    different += one[i].*field == other[i].*field ? 0 : 1;
  }
  return different;
}

TEST(Passage, WhatOneFeatureDrawsDoesNotDependOnOthers) {
  const PassageOptions all = eventful();
  const PassageOptions jitter{.jitter = all.jitter};
  const PassageOptions loss{.loss = all.loss, .retransmit = true};
  const PassageOptions duplicate{.duplicate = all.duplicate};
  const PassageOptions reorder{.reorder = all.reorder};
  EXPECT_EQ(count_different(all, jitter, &Chance::jitter), 0);
  EXPECT_EQ(count_different(all, loss, &Chance::losses), 0);
  EXPECT_EQ(count_different(all, duplicate, &Chance::is_duplicated), 0);
  EXPECT_EQ(count_different(all, reorder, &Chance::is_held_back), 0);
  EXPECT_GT(count_different(all, {}, &Chance::is_held_back), 100) << "the comparison can fail";
}

TEST(Passage, LossAloneFollowsTheStreamOfItsName) {
  Rng stream = Rng(9).split("loss", 1);
  for (const Chance& chance : draws({.loss = {0.3}}, 1)) {
    ASSERT_EQ(chance.is_lost, stream.uniform() < 0.3);
    ASSERT_EQ(chance.losses, 0);
  }
}

TEST(Passage, DrawsTheConfiguredSharesAndMeans) {
  double jitter = 0.0;
  double jitter_squared = 0.0;
  int losses = 0;
  int duplicates = 0;
  int held_back = 0;
  const int count = 40'000;
  for (const Chance& chance : draws(eventful(), 0, count)) {
    jitter += chance.jitter.seconds();
    jitter_squared += chance.jitter.seconds() * chance.jitter.seconds();
    losses += chance.losses;
    duplicates += chance.is_duplicated ? 1 : 0;
    held_back += chance.is_held_back ? 1 : 0;
    EXPECT_FALSE(chance.is_lost);
  }
  // An exponential variable has E X = m and E X^2 = 2 m^2; standard errors 0.5 % and 1.1 %.
  EXPECT_NEAR(jitter / count, 0.008, 0.0002);
  EXPECT_NEAR(jitter_squared / count, 2 * 0.008 * 0.008, 0.0000064);
  // A share p of all transmissions is lost: p / (1 - p) = 0.4286 losses per message.
  EXPECT_NEAR(losses / double{count}, 0.4286, 0.02);
  EXPECT_NEAR(duplicates / double{count}, 0.2, 0.01);
  EXPECT_NEAR(held_back / double{count}, 0.1, 0.01);
}

TEST(Passage, TimeoutsDoubleUpToTheirBound) {
  const auto timeout = [](SimTime first, std::int32_t attempt) {
    return Passage({.loss = {0.1}, .retransmit = true, .retransmit_timeout = first}, 1, Rng(1))
        .timeout(attempt);
  };
  EXPECT_EQ(timeout(ms(200), 0), ms(200));
  EXPECT_EQ(timeout(ms(200), 3), ms(1600));
  EXPECT_EQ(timeout(ms(200), 8), ms(51'200));
  EXPECT_EQ(timeout(ms(200), 9), ms(60'000));
  EXPECT_EQ(timeout(ms(200), 1'000'000), ms(60'000));
  EXPECT_EQ(timeout(ms(90'000), 5), ms(90'000));
}

/// Delivers messages 1, 2, ... to two receivers in turn, 1 ms apart.
std::vector<Arrival> deliver(const PassageOptions& options, int count) {
  Passage passage(options, 3, Rng(4));
  std::vector<Arrival> arrivals;
  for (int i = 0; i < count; ++i) {
    const Transfer transfer{
        .from = 0, .to = 1 + i % 2, .sequence = static_cast<std::uint64_t>(i) + 1, .bytes = 10};
    const Chance chance = passage.draw(0);
    if (!chance.is_lost) passage.deliver(transfer, chance, ms(i), ms(i + 20), arrivals);
  }
  return arrivals;
}

TEST(Passage, MessagesOfAPairKeepTheirOrderUnlessHeldBack) {
  PassageOptions options = eventful();
  options.reorder = {};
  SimTime last[3] = {};
  int overtaken_by_other_pair = 0;
  SimTime previous{};
  for (const Arrival& arrival : deliver(options, 3000)) {
    EXPECT_GE(arrival.time, last[arrival.transfer.to]) << arrival.transfer.sequence;
    EXPECT_GE(arrival.time, ms(static_cast<double>(arrival.transfer.sequence) + 19));
    last[arrival.transfer.to] = arrival.time;
    overtaken_by_other_pair += arrival.time < previous ? 1 : 0;
    previous = arrival.time;
  }
  EXPECT_GT(overtaken_by_other_pair, 100) << "pairs do not wait for each other";
}

TEST(Passage, OnlyWhatIsHeldBackIsOvertaken) {
  const PassageOptions options{.jitter = ms(2), .reorder = {0.1}, .reorder_delay = ms(50)};
  const std::vector<Arrival> arrivals = deliver(options, 2000);
  Passage passage(options, 3, Rng(4));
  int held_back = 0;
  SimTime last[3] = {};
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    // Message i is due 20 + i ms; it waits for its predecessor, then is held back itself.
    const Chance chance = passage.draw(0);
    SimTime& latest = last[arrivals[i].transfer.to];
    SimTime expected = std::max(latest, ms(static_cast<double>(i) + 20) + chance.jitter);
    if (chance.is_held_back) {
      expected = expected + ms(50);
      ++held_back;
    } else {
      latest = expected;
    }
    ASSERT_EQ(arrivals[i].time, expected);
  }
  EXPECT_GT(held_back, 100);
}

TEST(Passage, WhatWouldArriveBeyondTheEndOfTimeNeverArrives) {
  Passage passage({.duplicate = {1.0}, .reorder = {1.0}, .reorder_delay = ms(50)}, 2, Rng(4));
  const auto arrivals_at = [&](SimTime due) {
    std::vector<Arrival> arrivals;
    passage.deliver({.from = 0, .to = 1}, passage.draw(0), ms(1), due, arrivals);
    return arrivals.size();
  };
  EXPECT_EQ(arrivals_at(SimTime::max() - ms(51)), 2U);
  EXPECT_EQ(arrivals_at(SimTime::max() - ms(50)), 0U);
  EXPECT_EQ(arrivals_at(SimTime::max()), 0U);
}

TEST(Passage, ADuplicateFollowsItsMessage) {
  const std::vector<Arrival> arrivals = deliver({.duplicate = {1.0}}, 10);
  ASSERT_EQ(arrivals.size(), 20U);
  for (std::size_t i = 0; i < arrivals.size(); i += 2) {
    EXPECT_EQ(arrivals[i].transfer.sequence, arrivals[i + 1].transfer.sequence);
    EXPECT_EQ(arrivals[i].time, arrivals[i + 1].time) << "no jitter, no other delay";
  }
}

TEST(PassageOptions, ContradictionsAreRefused) {
  const GeometricOptions square;
  EXPECT_FALSE(infeasible(PassageOptions{}));
  EXPECT_FALSE(infeasible(PassageOptions{.latency = ms(1), .geometric = square}));
  EXPECT_FALSE(infeasible(PassageOptions{.latency_matrix = "m.csv"}));
  EXPECT_EQ(infeasible(PassageOptions{.latency_matrix = "m.csv", .geometric = square}),
            "give either latency_matrix or geometric, not both");
  EXPECT_EQ(infeasible(PassageOptions{.latency = ms(1), .latency_matrix = "m.csv"}),
            "give either latency or latency_matrix, not both");
  EXPECT_FALSE(infeasible(PassageOptions{.loss = {0.99}, .retransmit = true}));
  EXPECT_FALSE(infeasible(PassageOptions{.loss = {0.9999}}));
  EXPECT_EQ(infeasible(PassageOptions{.loss = {0.995}, .retransmit = true}),
            "retransmit needs a loss of at most 99%, got 99.5%");
}

}  // namespace
}  // namespace hearsay
