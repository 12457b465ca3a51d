#include "node/world/availability_trace.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "node/base/error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

constexpr TimeInterval from(std::int64_t begin, std::int64_t end) {
  return {{begin * 1'000'000'000}, {end * 1'000'000'000}};
}

class AvailabilityTrace : public testing::Test {
 protected:
  std::vector<Availability> read(const std::string& rows) {
    std::ofstream(path_) << "peer,from,to\n" << rows;
    return read_availability(path_, 4);
  }

  std::string error_of(const std::string& rows) {
    try {
      read(rows);
    } catch (const UserError& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(path_.string() + ":")) << message;
      return message.substr(path_.string().size() + 1);
    }
    return "";
  }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "trace.csv";
};

TEST_F(AvailabilityTrace, CollectsThePeersRows) {
  const auto trace = read("2,5,10\n0,0,3\n2,10,12\n2,20,21\n0,4,5\n");
  ASSERT_EQ(trace.size(), 2U);
  EXPECT_EQ(trace[0].peer, 0);
  EXPECT_EQ(trace[0].up, (std::vector<TimeInterval>{from(0, 3), from(4, 5)}));
  EXPECT_EQ(trace[1].peer, 2);
  EXPECT_EQ(trace[1].up, (std::vector<TimeInterval>{from(5, 12), from(20, 21)}));
  EXPECT_TRUE(read("").empty());
}

TEST_F(AvailabilityTrace, RefusesWhatIsNoTrace) {
  EXPECT_EQ(error_of("0,0,1\n1,5,5\n"), "3: column to: must be after from 5, got 5");
  EXPECT_EQ(error_of("1,5,3\n"), "2: column to: must be after from 5, got 3");
  EXPECT_EQ(error_of("1,5,6\n0,1,2\n1,3,4\n"),
            "4: column from: rows of peer 1 must ascend, got 3 after 5,6");
  EXPECT_EQ(error_of("1,5,8\n1,7,9\n"),
            "3: column from: rows of peer 1 must not overlap, got 7 after 5,8");
  EXPECT_EQ(error_of("4,5,8\n"), "2: column peer: expected a peer, 0 to 3, got \"4\"");
}

}  // namespace
}  // namespace hearsay
