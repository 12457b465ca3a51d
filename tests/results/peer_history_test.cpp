#include "results/peer_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>

#include "node/base/error.hpp"
#include "tests/results/run_files.hpp"
#include "tests/support/file_contents.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TargetHold kNoHold{.evaluations = 0, .tolerance = 0.0};

class PeerHistoryTest : public testing::Test {
 protected:
  PeerHistory read(PictureLimits limits = {}) const {
    return read_peer_history(read_finished_run(path_), {0.2, 0.45}, kNoHold, {}, limits);
  }

  // Of a run of `evaluations` evaluations of `peers` peers, whose accuracy is the round's number.
  void write_run(int peers, int evaluations) const {
    RunDirectory directory = RunDirectory::at(path_);
    directory.write_manifest({});
    for (int round = 1; round <= evaluations; ++round) {
      std::vector<PeerRow> rows;
      for (PeerId peer = 0; peer < peers; ++peer) {
        rows.push_back({.round = round, .peer = peer, .accuracy = 1.0 * round, .loss = 0.0});
      }
      append_evaluation(directory, round, rows);
    }
  }

  std::string error_after(const std::string& from, const std::string& to) const {
    write_small_run(path_);
    std::string text = contents(path_ / "peers.csv");
    text.replace(text.find(from), from.size(), to);
    std::ofstream(path_ / "peers.csv") << text;
    try {
      read();
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }

  const TemporaryDirectory temporary_;
  const std::filesystem::path path_ = temporary_.path() / "run";
};

TEST_F(PeerHistoryTest, HoldsWhatPeersCsvSays) {
  write_small_run(path_);
  const PeerHistory history = read();
  ASSERT_EQ(history.peers.size(), 3U);
  EXPECT_EQ(history.peers[2].peer, 2);
  EXPECT_EQ(history.peers[2].role, "honest");
  EXPECT_EQ(history.peers[2].samples, 102);
  EXPECT_THAT(history.moments, ElementsAre(0, 1));
  EXPECT_THAT(history.accuracy[0], ElementsAre(0.1, 0.2, 0.3));
  EXPECT_THAT(history.accuracy[1], ElementsAre(0.4, 0.5, 0.123456));
  EXPECT_THAT(history.loss[1], ElementsAre(0.5, 1.0, 6.0));
}

// Sorted losses 1, 2, 3 and 0.5, 1, 6; h = 2 p / 100 = 0.2 and 1.8.
TEST_F(PeerHistoryTest, SpreadsTheLossOfEveryEvaluation) {
  write_small_run(path_);
  const PeerHistory history = read();
  ASSERT_EQ(history.loss_spread.size(), 2U);
  EXPECT_DOUBLE_EQ(history.loss_spread[0].p10, 1.2);
  EXPECT_DOUBLE_EQ(history.loss_spread[0].p90, 2.8);
  EXPECT_DOUBLE_EQ(history.loss_spread[1].p10, 0.6);
  EXPECT_DOUBLE_EQ(history.loss_spread[1].p90, 5.0);
  EXPECT_EQ(history.loss_spread[1].max, 6.0);
}

// 0.2 is reached by peers 1 and 2 after 1 s, by peer 0 after 2 s; 0.45 by peer 1 after 2 s.
TEST_F(PeerHistoryTest, TellsWhenPeersReachedTheTargets) {
  write_small_run(path_);
  const PeerHistory history = read();
  ASSERT_EQ(history.reached.size(), 2U);
  EXPECT_EQ(history.reached[0].peers, 3);
  EXPECT_THAT(history.reached[0].seconds, ElementsAre(1.0, 1.0, 2.0));
  EXPECT_THAT(history.reached[1].seconds, ElementsAre(2.0));
}

TEST_F(PeerHistoryTest, CountsFromWhenAPeerJoined) {
  write_small_run(path_);
  const PeerHistory history = read_peer_history(read_finished_run(path_), {0.45}, kNoHold,
                                                {{.peer = 1, .time = {500'000'000}}});
  EXPECT_THAT(history.reached[0].seconds, ElementsAre(1.5));
}

TEST_F(PeerHistoryTest, LeavesPeersOutThatWereNotTested) {
  RunDirectory directory = RunDirectory::at(path_);
  directory.write_manifest({});
  append_evaluation(directory, 1, {{.round = 1, .peer = 5, .accuracy = 0.5}});
  append_evaluation(directory, 2, {});
  append_evaluation(directory, 3,
                    {{.round = 3, .peer = 5, .accuracy = 0.75},
                     {.round = 3, .peer = 8, .role = "attacker", .accuracy = 0.25}});
  const PeerHistory history = read();
  ASSERT_EQ(history.peers.size(), 2U);
  EXPECT_EQ(history.peers[1].role, "attacker");
  EXPECT_THAT(history.moments, ElementsAre(0, 2));
  EXPECT_EQ(history.accuracy[0][0], 0.5);
  EXPECT_TRUE(std::isnan(history.accuracy[0][1]));
  EXPECT_THAT(history.accuracy[1], ElementsAre(0.75, 0.25));
  EXPECT_TRUE(std::isnan(history.loss_spread[1].max));
}

TEST_F(PeerHistoryTest, ShowsNoMoreMomentsAndPeersThanAskedFor) {
  write_run(/*peers=*/10, /*evaluations=*/9);
  EXPECT_THAT(read({.moments = 5}).moments, ElementsAre(0, 2, 4, 6, 8));
  // 30 values are 3 moments of 10 peers; 10 values are the first and the last all the same.
  EXPECT_THAT(read({.values = 30}).moments, ElementsAre(0, 4, 8));
  EXPECT_THAT(read({.values = 10}).moments, ElementsAre(0, 8));
  // Of 10 peers every third is no more than four.
  const PeerHistory history = read({.peers = 4});
  ASSERT_EQ(history.peers.size(), 4U);
  EXPECT_EQ(history.peers[1].peer, 3);
  EXPECT_EQ(history.loss_spread.size(), 9U);
}

TEST_F(PeerHistoryTest, SaysWhatIsWrongWithPeersCsv) {
  const std::string file = (path_ / "peers.csv").string();
  EXPECT_EQ(error_after("peer,", "who,"), file + ": has no column peer");
  EXPECT_EQ(error_after("\n1,1,1,", "\n1,1,x,"), file + ": line 3: \"x\" is no number");
  EXPECT_EQ(error_after("\n1,1,1,", "\n1,1,"),
            file + ": line 3: 12 fields, but there are 13 columns");
  EXPECT_EQ(error_after("\n1,1,1,", "\n1,-1,1,"),
            file + ": line 3: time_s is not between 0 and 1000000000.000000");
  EXPECT_EQ(error_after("\n1,1,1,", "\n7,1,1,"),
            file + ": line 3: 1 peers of round 1, but metrics.csv counts 3");
  EXPECT_EQ(error_after("\n1,1,0,", "\n1,1,0,honest,1,0,0,0,0,0,0,0,0\n1,1,1,"),
            file + ": line 4: 2 peers of round 1, but metrics.csv counts 3");
}

TEST(EvenlySpaced, KeepsBothEndsAndAtMostTheNumberAskedFor) {
  EXPECT_THAT(evenly_spaced(0, 5), IsEmpty());
  EXPECT_THAT(evenly_spaced(1, 5), ElementsAre(0));
  EXPECT_THAT(evenly_spaced(3, 5), ElementsAre(0, 1, 2));
  EXPECT_THAT(evenly_spaced(101, 3), ElementsAre(0, 50, 100));
  EXPECT_THAT(evenly_spaced(10, 4), ElementsAre(0, 3, 6, 9));
}

}  // namespace
}  // namespace hearsay
