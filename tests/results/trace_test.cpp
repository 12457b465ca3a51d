#include "results/trace.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "node/base/error.hpp"
#include "results/run_directory.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

const std::vector<TraceRow> kRows = {
    {.time = {}, .peer = 0, .event = "start", .from = 0, .number = 0, .digest = 1},
    {.time = {20'000'000}, .peer = 0, .event = "message", .from = 1, .number = 4, .digest = 2},
    {.time = {30'000'000}, .peer = 1, .event = "round", .from = 1, .number = 7, .digest = 3}};

class TraceTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::vector<TraceRow>& rows) const {
    RunDirectory directory = RunDirectory::at(temporary_.path() / name);
    directory.write_manifest({});
    for (const TraceRow& row : rows) directory.append_trace(row);
    directory.sizes();
    return directory.path();
  }

  std::optional<TraceDifference> difference(const std::vector<TraceRow>& first,
                                            const std::vector<TraceRow>& second,
                                            bool first_is_whole = true) const {
    return first_difference(write("a", first), write("b", second), first_is_whole);
  }

  const TemporaryDirectory temporary_;
};

TEST_F(TraceTest, FindsNoDifferenceBetweenEqualRuns) {
  EXPECT_FALSE(difference(kRows, kRows).has_value());
  EXPECT_FALSE(difference({}, {}).has_value());
}

TEST_F(TraceTest, NamesTheFirstRowThatDiffers) {
  std::vector<TraceRow> others = kRows;
  others[1].digest = 9;
  others[2].digest = 9;
  const auto found = difference(kRows, others);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->row, 2);
  EXPECT_EQ(found->first, "message 4 from peer 1 to peer 0 at 20.0 ms (0.02 s)");
  EXPECT_EQ(found->second, found->first);
}

TEST_F(TraceTest, SaysWhatEachRunHasThere) {
  std::vector<TraceRow> others = kRows;
  others[0].event = "timer";
  others[2].number = 8;
  EXPECT_EQ(difference(kRows, others)->second, "peer 0 timer at 0 s (0 s)");
  others[0] = kRows[0];
  EXPECT_EQ(difference(kRows, others)->first, "end of round 7 of peer 1 at 30.0 ms (0.03 s)");
  EXPECT_EQ(difference(kRows, others)->second, "end of round 8 of peer 1 at 30.0 ms (0.03 s)");
}

TEST_F(TraceTest, ARunThatEndsBeforeDiffersUnlessItWasBrokenOff) {
  const std::vector<TraceRow> fewer(kRows.begin(), kRows.begin() + 2);
  EXPECT_EQ(difference(fewer, kRows)->first, "");
  EXPECT_EQ(difference(fewer, kRows)->row, 3);
  EXPECT_FALSE(difference(fewer, kRows, /*first_is_whole=*/false).has_value());
  EXPECT_EQ(difference(kRows, fewer, /*first_is_whole=*/false)->second, "");
}

TEST_F(TraceTest, RefusesWhatIsNoTrace) {
  const std::filesystem::path good = write("good", kRows);
  const std::filesystem::path file = good / "trace.csv";
  std::ofstream(file) << "round,peer\n";
  try {
    first_difference(good, good, true);
    FAIL() << "nothing was thrown";
  } catch (const UserError& error) {
    EXPECT_EQ(error.what(), file.string() + ": is no trace that this version writes");
  }
  EXPECT_THROW(first_difference(temporary_.path(), good, true), UserError);
}

}  // namespace
}  // namespace hearsay
