#include "node/protocols/membership_view.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "node/base/rng.hpp"
#include "node/protocols/message_data.hpp"

namespace hearsay {
namespace {

constexpr MembershipChange kJoin = MembershipChange::kJoin;
constexpr MembershipChange kLeave = MembershipChange::kLeave;

MembershipView view_of(const std::vector<MembershipRecord>& records) {
  MembershipView view;
  for (const MembershipRecord& record : records) view.add(record);
  return view;
}

MembershipView merged(MembershipView a, const MembershipView& b) {
  a.merge(b);
  return a;
}

MembershipRecord random_record(Rng& rng) {
  return {.peer = static_cast<PeerId>(rng.below(12)),
          .last_active = static_cast<int>(rng.below(9)),
          .counter = static_cast<std::int64_t>(rng.below(4)),
          .change = rng.below(2) == 0 ? kJoin : kLeave};
}

MembershipView random_view(Rng& rng) {
  MembershipView view;
  for (std::uint64_t left = rng.below(10); left > 0; --left) view.add(random_record(rng));
  return view;
}

TEST(MembershipView, MergingIsALeastUpperBound) {
  Rng rng(1);
  for (int trial = 0; trial < 2000; ++trial) {
    const MembershipView a = random_view(rng);
    const MembershipView b = random_view(rng);
    const MembershipView c = random_view(rng);
    ASSERT_EQ(merged(a, b), merged(b, a)) << "commutative";
    ASSERT_EQ(merged(merged(a, b), c), merged(a, merged(b, c))) << "associative";
    ASSERT_EQ(merged(a, a), a) << "idempotent";
    ASSERT_EQ(merged(merged(a, b), a), merged(a, b)) << "monotone: a is below";
    ASSERT_EQ(merged(merged(a, c), merged(merged(a, b), c)), merged(merged(a, b), c))
        << "monotone: keeps the order of a and a + b";
  }
}

// Replicas that hear the same news, each in an order of its own, some of it twice and by way
// of others, end alike.
TEST(MembershipView, RandomInterleavingsConverge) {
  Rng rng(2);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<MembershipRecord> news;
    for (int i = 0; i < 30; ++i) news.push_back(random_record(rng));
    const MembershipView expected = view_of(news);
    std::vector<MembershipView> replicas(4);
    for (MembershipView& replica : replicas) {
      rng.shuffle(std::span(news));
      for (const MembershipRecord& record : news) {
        replica.add(record);
        if (rng.below(4) == 0) replica.merge(replicas[rng.below(replicas.size())]);
      }
    }
    for (const MembershipView& replica : replicas) ASSERT_EQ(replica, expected);
  }
}

// The published code sets the round to the counter, here 3, when a newer record comes.
TEST(MembershipView, ANewerMembershipRecordDoesNotLowerTheRound) {
  const MembershipView old = view_of({{.peer = 4, .last_active = 50, .counter = 1}});
  const MembershipView news = view_of({{.peer = 4, .last_active = 20, .counter = 3}});
  EXPECT_EQ(merged(old, news), view_of({{.peer = 4, .last_active = 50, .counter = 3}}));
  EXPECT_EQ(merged(old, news).newest_round(), 50);
}

TEST(MembershipView, TheLargerCounterDecidesAndOfEqualOnesLeave) {
  MembershipView view = view_of({{.peer = 4, .counter = 2, .change = kLeave}});
  EXPECT_TRUE(view.members().empty());
  view.add({.peer = 4, .counter = 2, .change = kJoin});
  EXPECT_TRUE(view.members().empty());
  view.add({.peer = 4, .counter = 3, .change = kJoin});
  EXPECT_EQ(view.members(), std::vector<PeerId>{4});
  view.add({.peer = 4, .counter = 2, .change = kLeave});
  EXPECT_EQ(view.members(), std::vector<PeerId>{4});
}

TEST(MembershipView, CandidatesAreMembersActiveInTheWindowAndThePeerItself) {
  const MembershipView view = view_of({{.peer = 1, .last_active = 10},
                                       {.peer = 2, .last_active = 9},
                                       {.peer = 3, .last_active = 30, .change = kLeave},
                                       {.peer = 5, .last_active = 12}});
  EXPECT_EQ(view.candidates(30, 20, 2), (std::vector<PeerId>{1, 2, 5}));
  EXPECT_EQ(view.candidates(30, 20, 5), (std::vector<PeerId>{1, 5}));
  EXPECT_EQ(view.candidates(30, 20, 4), (std::vector<PeerId>{1, 4, 5})) << "not in its view";
  EXPECT_EQ(view.candidates(500, 20, 4), (std::vector<PeerId>{4}));
  EXPECT_EQ(view.candidates(30, 20, 3), (std::vector<PeerId>{1, 3, 5})) << "on its way out";
}

TEST(MembershipView, TouchingRaisesTheRoundOfKnownPeersOnly) {
  MembershipView view = view_of({{.peer = 4, .last_active = 5, .counter = 1}});
  view.touch(4, 3);
  EXPECT_EQ(view.newest_round(), 5);
  view.touch(4, 8);
  view.touch(6, 9);
  EXPECT_EQ(view, view_of({{.peer = 4, .last_active = 8, .counter = 1}}));
}

TEST(MembershipView, TravelsInSixteenBytesAnEntry) {
  MembershipView view = view_of({{.peer = 4, .last_active = 5, .counter = 1},
                                 {.peer = 2, .last_active = 7, .counter = 9, .change = kLeave}});
  const Buffer data = pack(view);
  EXPECT_EQ(data.size(), 2 * 16 + 3 * sizeof(std::uint64_t)) << "three arrays with their sizes";
  MembershipView read;
  ASSERT_TRUE(unpack(data, read));
  EXPECT_EQ(read, view);
}

TEST(MembershipView, RefusesDataThatNoViewCanHave) {
  using Peers = std::vector<PeerId>;
  using Rounds = std::vector<std::int32_t>;
  using Registers = std::vector<std::int64_t>;
  const auto reads = [](const Peers& peers, const Rounds& rounds, const Registers& registers) {
    MembershipView view;
    return unpack(pack(peers, rounds, registers), view);
  };
  EXPECT_TRUE(reads({1, 2}, {3, 4}, {5, 6}));
  EXPECT_FALSE(reads({1, 2}, {3, 4}, {5})) << "sizes differ";
  EXPECT_FALSE(reads({1, 2}, {3}, {5, 6})) << "sizes differ";
  EXPECT_FALSE(reads({2, 1}, {3, 4}, {5, 6})) << "out of order";
  EXPECT_FALSE(reads({1, 1}, {3, 4}, {5, 6})) << "twice";
  EXPECT_FALSE(reads({-1, 2}, {3, 4}, {5, 6})) << "no such peer";
  EXPECT_FALSE(reads({1, 2}, {-3, 4}, {5, 6})) << "no such round";
  EXPECT_FALSE(reads({1, 2}, {3, MembershipView::kMaxRound + 1}, {5, 6})) << "no such round";
  EXPECT_FALSE(reads({1, 2}, {3, 4}, {-1, 6})) << "no such counter";
  EXPECT_FALSE(reads({1, 2}, {3, 4}, {5, std::numeric_limits<std::int64_t>::max()}));
  MembershipView view;
  EXPECT_FALSE(unpack(pack(Peers{1}), view)) << "cut short";
}

}  // namespace
}  // namespace hearsay
