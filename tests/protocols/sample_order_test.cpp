#include "node/protocols/sample_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

std::vector<PeerId> peers_below(int n) {
  std::vector<PeerId> peers(static_cast<std::size_t>(n));
  std::iota(peers.begin(), peers.end(), 0);
  return peers;
}

std::set<PeerId> sample_of(const std::vector<PeerId>& candidates, int round, std::ptrdiff_t size) {
  const std::vector<PeerId> order = sample_order(candidates, round);
  return {order.begin(), order.begin() + size};
}

// From the digests of b"node-00-1" and so on, computed with another MD5.
TEST(SampleOrder, GivesThePublishedOrders) {
  EXPECT_EQ(sample_order(peers_below(8), 1), (std::vector<PeerId>{2, 7, 1, 4, 3, 6, 0, 5}));
  EXPECT_EQ(sample_order(peers_below(8), 2), (std::vector<PeerId>{5, 7, 4, 6, 0, 1, 2, 3}));
  EXPECT_EQ(sample_order(peers_below(8), 3), (std::vector<PeerId>{0, 7, 3, 2, 5, 1, 6, 4}));
}

TEST(SampleOrder, NamesPeersWithoutAmbiguity) {
  EXPECT_EQ(sampling_name(7), "node-07");
  EXPECT_EQ(sampling_name(10), "node-10");
  EXPECT_EQ(sampling_name(123), "node-123");
}

TEST(SampleOrder, IsAPermutationThatDoesNotDependOnTheCandidatesOrder) {
  Rng rng(1);
  std::vector<PeerId> candidates = peers_below(30);
  for (int round = 1; round < 50; ++round) {
    const std::vector<PeerId> order = sample_order(candidates, round);
    rng.shuffle(std::span(candidates));
    ASSERT_EQ(sample_order(candidates, round), order);
    ASSERT_EQ(std::set<PeerId>(order.begin(), order.end()).size(), 30U);
  }
}

// Of views that differ in d entries, at most d peers of the samples differ.
TEST(SampleOrder, SimilarCandidatesGiveSimilarSamples) {
  Rng rng(2);
  for (int round = 1; round < 500; ++round) {
    std::vector<PeerId> mine = peers_below(40);
    rng.shuffle(std::span(mine));
    std::vector<PeerId> theirs = mine;
    const std::size_t only_mine = rng.below(4);
    const std::size_t only_theirs = rng.below(4);
    theirs.erase(theirs.begin(), theirs.begin() + static_cast<std::ptrdiff_t>(only_mine));
    mine.resize(mine.size() - only_theirs);
    const std::set<PeerId> a = sample_of(mine, round, 10);
    const std::set<PeerId> b = sample_of(theirs, round, 10);
    std::vector<PeerId> different;
    std::ranges::set_difference(a, b, std::back_inserter(different));
    ASSERT_LE(different.size(), only_mine + only_theirs);
    if (only_mine + only_theirs == 0) {
      ASSERT_EQ(a, b);
    }
  }
}

// A peer is in a share p = s / n of R samples. With deviations D, sum D^2 / (R p (1 - p)) *
// (n - 1) / n is about chi-square with n - 1 = 39 degrees of freedom: 15 to 75 in all but one
// of a thousand cases.
TEST(SampleOrder, AsksAllPeersEquallyOften) {
  constexpr int kPeers = 40;
  constexpr int kSample = 10;
  constexpr int kRounds = 2000;
  std::vector<double> times(kPeers);
  for (int round = 1; round <= kRounds; ++round) {
    for (const PeerId peer : sample_of(peers_below(kPeers), round, kSample)) {
      ++times[static_cast<std::size_t>(peer)];
    }
  }
  constexpr double kShare = double{kSample} / kPeers;
  double statistic = 0.0;
  for (const double count : times) {
    const double deviation = count - kRounds * kShare;
    statistic += deviation * deviation / (kRounds * kShare * (1 - kShare));
  }
  statistic *= (kPeers - 1.0) / kPeers;
  EXPECT_GT(statistic, 15.0);
  EXPECT_LT(statistic, 75.0);
}

}  // namespace
}  // namespace hearsay
