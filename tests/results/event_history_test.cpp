#include "results/event_history.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "node/base/error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

class EventHistoryTest : public testing::Test {
 protected:
  EventHistory read(const std::string& lines, double end_s) const {
    std::ofstream(temporary_.path() / "events.jsonl") << lines;
    return read_event_history(temporary_.path(), end_s);
  }

  std::string error(const std::string& lines) const {
    try {
      read(lines, 1.0);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }

  const TemporaryDirectory temporary_;
};

// A run of 150 s: a mark stands for what is within one second.
TEST_F(EventHistoryTest, PutsEventsOfAKindThatLieCloseTogetherIntoOneMark) {
  const EventHistory history = read(
      R"({"time_s":3.25,"wall_s":0,"kind":"crash","peer":7}
{"time_s":3.5,"wall_s":0,"kind":"leave","peer":8}
{"time_s":3.75,"wall_s":0,"kind":"crash","peer":9}
{"time_s":4.25,"wall_s":0,"kind":"crash","peer":1,"details":{"round":5}}
{"time_s":9,"wall_s":0,"kind":"partition","details":{"what":"[0-7] [8-15]"}}
)",
      150.0);
  ASSERT_EQ(history.marks.size(), 4U);
  EXPECT_EQ(history.marks[0].kind, "crash");
  EXPECT_EQ(history.marks[0].count, 2);
  EXPECT_EQ(history.marks[0].from_s, 3.25);
  EXPECT_EQ(history.marks[0].until_s, 3.75);
  EXPECT_EQ(history.marks[0].what, "peer 7");
  EXPECT_EQ(history.marks[1].count, 1);
  EXPECT_EQ(history.marks[1].what, "peer 1, round 5");
  EXPECT_EQ(history.marks[2].kind, "leave");
  EXPECT_EQ(history.marks[3].what, "[0-7] [8-15]");
}

TEST_F(EventHistoryTest, ReachesToTheLastEventIfTheRunEndedBefore) {
  // Up to 300 s: marks of two seconds.
  const EventHistory history = read(
      "{\"time_s\":0,\"kind\":\"crash\"}\n{\"time_s\":1.5,\"kind\":\"crash\"}\n"
      "{\"time_s\":300,\"kind\":\"crash\"}\n",
      1.0);
  ASSERT_EQ(history.marks.size(), 2U);
  EXPECT_EQ(history.marks[0].count, 2);
}

TEST_F(EventHistoryTest, KnowsWhoJoinedThatWasNotThereAtTheStart) {
  const EventHistory history = read(
      R"({"time_s":1,"kind":"leave","peer":3}
{"time_s":2,"kind":"join","peer":3}
{"time_s":2.5,"kind":"join","peer":4}
{"time_s":3,"kind":"join","peer":4}
)",
      5.0);
  ASSERT_EQ(history.joins.size(), 1U);
  EXPECT_EQ(history.joins[0].peer, 4);
  EXPECT_EQ(history.joins[0].time, SimTime::from_seconds(2.5));
}

TEST_F(EventHistoryTest, HasNothingToSayOfAnEmptyFile) {
  EXPECT_TRUE(read("", 1.0).marks.empty());
  EXPECT_TRUE(read("{\"time_s\":0,\"kind\":\"crash\"}\n", 0.0).joins.empty());
}

TEST_F(EventHistoryTest, SaysWhichLineIsWrong) {
  const std::string file = (temporary_.path() / "events.jsonl").string();
  EXPECT_EQ(error("{\"time_s\":1,\"kind\":\"crash\"}\nfoo\n"), file + ": line 2: no JSON object");
  EXPECT_EQ(error("{\"time_s\":-1,\"kind\":\"crash\"}\n"),
            file + ": line 1: time_s is out of range");
  EXPECT_EQ(error("{\"kind\":\"crash\"}\n").find(file + ": line 1: not as a run writes it"), 0U);
}

}  // namespace
}  // namespace hearsay
