#include "topologies/link_schedule.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

struct Case {
  TopologyOptions options;
  int num_peers = 0;
  bool doubly_stochastic = true;  // The header promises it.
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const int n : {1, 2, 3, 5, 8, 16, 21}) {
    all.push_back({.options = OnePeerExponentialOptions{}, .num_peers = n});
  }
  for (const auto& [degree, n] : {std::pair{1, 2},
                                  {1, 3},
                                  {2, 3},
                                  {2, 5},
                                  {3, 5},
                                  {4, 5},
                                  {1, 12},
                                  {6, 13},
                                  {7, 13},
                                  {12, 13},
                                  {3, 100}}) {
    all.push_back({.options = RandomOutOptions{.degree = degree}, .num_peers = n});
    all.push_back({.options = RandomOutOptions{.degree = degree, .draw = OutDraw::kLocal},
                   .num_peers = n,
                   .doubly_stochastic = degree == n - 1});
  }
  return all;
}

// W of one round.
Eigen::MatrixXd weights(const RoundLinks& links, int n) {
  Eigen::MatrixXd w = Eigen::MatrixXd::Zero(n, n);
  for (PeerId to = 0; to < n; ++to) {
    w(to, to) = links.self_weight(to);
    for (const WeightedLink& link : links.senders(to)) w(to, link.from) = link.weight;
  }
  return w;
}

class Schedules : public testing::TestWithParam<Case> {
 protected:
  static constexpr int kRounds = 20;
  const int n_ = GetParam().num_peers;

  std::unique_ptr<LinkSchedule> make(std::uint64_t seed = 1) const {
    return chosen_schedule(GetParam().options, n_, Rng(seed));
  }
};

INSTANTIATE_TEST_SUITE_P(All, Schedules, testing::ValuesIn(cases()), [](const auto& tested) {
  return std::to_string(tested.index) + "_over_" + std::to_string(tested.param.num_peers);
});

TEST_P(Schedules, SendersAndReceiversAreTheSameLinks) {
  const std::unique_ptr<LinkSchedule> schedule = make();
  for (int round = 0; round < kRounds; ++round) {
    const std::shared_ptr<const RoundLinks> links = schedule->links(round);
    std::set<std::pair<PeerId, PeerId>> sent;
    std::set<std::pair<PeerId, PeerId>> heard;
    for (PeerId peer = 0; peer < n_; ++peer) {
      EXPECT_TRUE(std::ranges::is_sorted(links->receivers(peer)));
      EXPECT_TRUE(std::ranges::is_sorted(links->senders(peer), {}, &WeightedLink::from));
      for (const PeerId to : links->receivers(peer)) sent.emplace(peer, to);
      for (const WeightedLink& link : links->senders(peer)) heard.emplace(link.from, peer);
    }
    EXPECT_EQ(sent, heard);
  }
}

TEST_P(Schedules, KeepToTheGraph) {
  const Graph graph = make_chosen(GetParam().options, n_, Rng(1));
  const std::unique_ptr<LinkSchedule> schedule = make();
  for (int round = 0; round < kRounds; ++round) {
    const std::shared_ptr<const RoundLinks> links = schedule->links(round);
    for (PeerId peer = 0; peer < n_; ++peer) {
      for (const PeerId to : links->receivers(peer)) {
        EXPECT_TRUE(std::ranges::binary_search(graph.neighbors(peer), to));
      }
    }
  }
}

TEST_P(Schedules, WeighByStochasticMatrices) {
  const std::unique_ptr<LinkSchedule> schedule = make();
  bool doubly = true;
  for (int round = 0; round < kRounds; ++round) {
    const Eigen::MatrixXd w = weights(*schedule->links(round), n_);
    EXPECT_GE(w.minCoeff(), 0.0);
    EXPECT_TRUE(w.rowwise().sum().isOnes(1e-12));
    doubly &= w.colwise().sum().isOnes(1e-12);
  }
  EXPECT_EQ(doubly, GetParam().doubly_stochastic);
}

TEST_P(Schedules, AreAFunctionOfTheRoundWhoeverAsks) {
  const std::unique_ptr<LinkSchedule> schedule = make();
  std::vector<Eigen::MatrixXd> forward;
  for (int round = 0; round < kRounds; ++round) {
    forward.push_back(weights(*schedule->links(round), n_));
  }
  for (int round = kRounds - 1; round >= 0; --round) {
    const auto& expected = forward[static_cast<std::size_t>(round)];
    EXPECT_EQ(weights(*schedule->links(round), n_), expected);
    EXPECT_EQ(weights(*make()->links(round), n_), expected);
  }
}

TEST(CachedSchedule, MayBeAskedByManyThreadsAtOnce) {
  const TopologyOptions options = RandomOutOptions{.degree = 3};
  const std::unique_ptr<LinkSchedule> schedule = chosen_schedule(options, 50, Rng(1));
  std::vector<std::vector<Eigen::MatrixXd>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : seen) {
      threads.emplace_back([&] {
        for (int round = 0; round < 60; ++round) {
          mine.push_back(weights(*schedule->links(round), 50));
        }
      });
    }
  }
  for (const auto& mine : seen) EXPECT_TRUE(mine == seen[0]);
}

TEST(StaticTopologies, HaveNoSchedule) {
  EXPECT_EQ(chosen_schedule(RingOptions{}, 8, Rng(1)), nullptr);
  EXPECT_EQ(chosen_schedule(CompleteOptions{}, 8, Rng(1)), nullptr);
}

TEST(OnePeerExponential, SendsToPowersOfTwoInTurn) {
  const auto schedule = make_schedule(OnePeerExponentialOptions{}, 6, Rng(1));
  // tau = ceil(log2 6) = 3: peer 4 sends to 5, 6 mod 6 = 0, 8 mod 6 = 2, 5, ...
  const std::vector<PeerId> expected{5, 0, 2, 5};
  for (int round = 0; round < 4; ++round) {
    const auto receivers = schedule->links(round)->receivers(4);
    EXPECT_EQ(std::vector<PeerId>(receivers.begin(), receivers.end()),
              std::vector<PeerId>{expected[static_cast<std::size_t>(round)]});
  }
}

TEST(OnePeerExponential, AveragesExactlyInLogarithmicallyManyRounds) {
  const auto schedule = make_schedule(OnePeerExponentialOptions{}, 16, Rng(1));
  for (int first = 0; first < 5; ++first) {
    Eigen::MatrixXd product = Eigen::MatrixXd::Identity(16, 16);
    for (int round = first; round < first + 4; ++round) {
      EXPECT_FALSE(product.isConstant(1.0 / 16.0));
      product = weights(*schedule->links(round), 16) * product;
    }
    EXPECT_TRUE(product.isConstant(1.0 / 16.0, 1e-15));
  }
}

// All links of a round, to tell digraphs apart.
std::vector<PeerId> list(const RoundLinks& links, int n) {
  std::vector<PeerId> all;
  for (PeerId peer = 0; peer < n; ++peer) {
    all.push_back(-1);
    all.insert(all.end(), links.receivers(peer).begin(), links.receivers(peer).end());
  }
  return all;
}

TEST(RandomOut, GivesEverybodyItsDegreeAndNewPeersEveryRound) {
  for (const OutDraw draw : {OutDraw::kRegular, OutDraw::kLocal}) {
    const auto schedule = make_schedule(RandomOutOptions{.degree = 3, .draw = draw}, 40, Rng(1));
    std::set<std::vector<PeerId>> seen;
    bool regular = true;
    for (int round = 0; round < 30; ++round) {
      const auto links = schedule->links(round);
      for (PeerId peer = 0; peer < 40; ++peer) {
        EXPECT_EQ(links->receivers(peer).size(), 3U);
        regular &= links->senders(peer).size() == 3;
      }
      seen.insert(list(*links, 40));
    }
    EXPECT_EQ(seen.size(), 30U);
    EXPECT_EQ(regular, draw == OutDraw::kRegular);
  }
}

// Over 4 peers there are 9 digraphs of degree 1 without fixed points, and as many of degree 2
// (their complements). In 9,000 rounds each is expected 1,000 times, give or take 30.
TEST(RandomOut, DrawsAllRegularDigraphsOfFourPeersAboutEquallyOften) {
  for (const int degree : {1, 2}) {
    const auto schedule = make_schedule(RandomOutOptions{.degree = degree}, 4, Rng(1));
    std::map<std::vector<PeerId>, int> times;
    for (int round = 0; round < 9'000; ++round) ++times[list(*schedule->links(round), 4)];
    EXPECT_EQ(times.size(), 9U);
    for (const auto& [digraph, count] : times) EXPECT_NEAR(count, 1'000, 200);
  }
}

// Each of the 6 pairs of others is expected 1,000 times in 6,000 rounds.
TEST(RandomOut, LocalDrawsEveryPairOfOthersEquallyOften) {
  const auto schedule =
      make_schedule(RandomOutOptions{.degree = 2, .draw = OutDraw::kLocal}, 5, Rng(1));
  std::map<std::vector<PeerId>, int> times;
  for (int round = 0; round < 6'000; ++round) {
    const auto receivers = schedule->links(round)->receivers(2);
    ++times[{receivers.begin(), receivers.end()}];
  }
  EXPECT_EQ(times.size(), 6U);
  for (const auto& [pair, count] : times) EXPECT_NEAR(count, 1'000, 150);
}

TEST(RandomOut, NamesTheBounds) {
  EXPECT_EQ(infeasible(RandomOutOptions{.degree = 5}, 5),
            "degree 5 needs more than 5 peers, there are 5; nearest valid degree: 4");
  EXPECT_EQ(infeasible(RandomOutOptions{.degree = 0}, 5), "degree 0 is below 1");
  EXPECT_TRUE(infeasible(RandomOutOptions{.degree = 1}, 1).has_value());
  EXPECT_TRUE(infeasible(RandomOutOptions{.degree = 4}, 30'000).has_value());
}

}  // namespace
}  // namespace hearsay
