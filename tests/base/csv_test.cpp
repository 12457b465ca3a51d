#include "node/base/csv.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "node/base/error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

class Csv : public testing::Test {
 protected:
  CsvTable read(const std::string& text, std::size_t max_bytes = kMaxCsvBytes) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_csv(path_, {"peer,step", "peer,nth,step"}, max_bytes);
  }

  /// What the error says behind the file's name; empty if there is none.
  template <class Action>
  std::string error_of(Action&& action) {
    try {
      action();
    } catch (const UserError& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(path_.string() + ":")) << message;
      return message.substr(std::min(message.size(), path_.string().size() + 1));
    }
    return "";
  }

  std::string error_in(const std::string& text, std::size_t max_bytes = kMaxCsvBytes) {
    return error_of([&] { read(text, max_bytes); });
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "trace.csv";
};

TEST_F(Csv, GivesTheFieldsOfEveryRow) {
  const CsvTable table = read("peer,step\n0,1.5\n2,7\n");
  ASSERT_EQ(table.num_rows(), 2U);
  ASSERT_EQ(table.num_columns(), 2U);
  EXPECT_EQ(table.header(), 0U);
  EXPECT_EQ(table.field(0, 0), "0");
  EXPECT_EQ(table.field(0, 1), "1.5");
  EXPECT_EQ(table.field(1, 0), "2");
  EXPECT_EQ(table.field(1, 1), "7");
}

TEST_F(Csv, TellsWhichHeaderTheFileHas) {
  const CsvTable table = read("peer,nth,step\n0,4,1.5\n");
  EXPECT_EQ(table.header(), 1U);
  EXPECT_EQ(table.num_columns(), 3U);
  EXPECT_EQ(table.field(0, 1), "4");
}

TEST_F(Csv, SkipsCommentsAndEmptyLinesButCountsThem) {
  const CsvTable table = read("# about\n\npeer,step\n# x,y,z\n\n3,no\n");
  ASSERT_EQ(table.num_rows(), 1U);
  EXPECT_EQ(error_of([&] { table.number(0, 1); }),
            "6: column step: expected a finite number, at least 0, got \"no\"");
}

TEST_F(Csv, ToleratesCarriageReturnsAndAMissingLastNewline) {
  const CsvTable table = read("peer,step\r\n\r\n0,1\r\n1,2");
  ASSERT_EQ(table.num_rows(), 2U);
  EXPECT_EQ(table.field(0, 1), "1");
  EXPECT_EQ(table.field(1, 1), "2");
}

TEST_F(Csv, KeepsEmptyFieldsAndSpaces) {
  const CsvTable table = read("peer,step\n,\n 1,2 \n");
  EXPECT_EQ(table.field(0, 0), "");
  EXPECT_EQ(table.field(0, 1), "");
  EXPECT_EQ(table.field(1, 0), " 1");
  EXPECT_EQ(table.field(1, 1), "2 ");
}

TEST_F(Csv, FieldsStayWhereTheyAreInAMove) {
  CsvTable table = read("peer,step\n0,1\n");
  const CsvTable moved = std::move(table);
  EXPECT_EQ(moved.field(0, 0), "0");
  EXPECT_EQ(moved.field(0, 1), "1");
}

TEST_F(Csv, MayHaveNoRows) { EXPECT_EQ(read("peer,step\n").num_rows(), 0U); }

TEST_F(Csv, ParsesFields) {
  const CsvTable table = read("peer,nth,step\n7,12,0.25\n0,18446744073709551615,1e-9\n2,0,-0\n");
  EXPECT_EQ(table.peer(0, 0, 8), 7);
  EXPECT_EQ(table.count(0, 1), 12U);
  EXPECT_EQ(table.number(0, 2), 0.25);
  EXPECT_EQ(table.time(0, 2), SimTime{250'000'000});
  EXPECT_EQ(table.time(0, 2, SimTime{1'000'000}), SimTime{250'000}) << "milliseconds";
  EXPECT_EQ(table.peer(1, 0, 8), 0);
  EXPECT_EQ(table.count(1, 1), 18446744073709551615U);
  EXPECT_EQ(table.time(1, 2), SimTime{1});
  EXPECT_FALSE(std::signbit(table.number(2, 2)));
}

TEST_F(Csv, RefusesWhatIsNoPeer) {
  const CsvTable table = read("peer,step\n8,1\n-1,1\n1.0,1\n,1\n+1,1\n99999999999,1\n0x1,1\n");
  for (std::size_t row = 0; row < table.num_rows(); ++row) {
    EXPECT_EQ(error_of([&] { table.peer(row, 0, 8); }),
              std::to_string(row + 2) + ": column peer: expected a peer, 0 to 7, got \"" +
                  std::string(table.field(row, 0)) + "\"");
  }
}

TEST_F(Csv, RefusesWhatIsNoWholeNumber) {
  const CsvTable table = read("peer,nth,step\n0,-1,0\n0,1.5,0\n0,18446744073709551616,0\n0,,0\n");
  for (std::size_t row = 0; row < table.num_rows(); ++row) {
    EXPECT_EQ(error_of([&] { table.count(row, 1); }),
              std::to_string(row + 2) +
                  ": column nth: expected a whole number, at least 0, got \"" +
                  std::string(table.field(row, 1)) + "\"");
  }
}

TEST_F(Csv, RefusesWhatIsNoFiniteNonNegativeNumber) {
  const CsvTable table = read("peer,step\n0,-1\n0,nan\n0,inf\n0,1e999\n0,1 \n0,\n0,1s\n");
  for (std::size_t row = 0; row < table.num_rows(); ++row) {
    const std::string expected = std::to_string(row + 2) +
                                 ": column step: expected a finite number, at least 0, got \"" +
                                 std::string(table.field(row, 1)) + "\"";
    EXPECT_EQ(error_of([&] { table.number(row, 1); }), expected);
    EXPECT_EQ(error_of([&] { table.time(row, 1); }), expected);
  }
}

TEST_F(Csv, RefusesTimesOutOfRange) {
  const CsvTable table = read("peer,step\n0,9e9\n0,8.9e9\n");
  EXPECT_EQ(error_of([&] { table.time(0, 1); }),
            "2: column step: must be below 9e9 seconds, got \"9e9\"");
  EXPECT_EQ(table.time(1, 1), SimTime{8'900'000'000'000'000'000});
}

TEST_F(Csv, PlacesWhatTheCallerFinds) {
  const CsvTable table = read("peer,step\n0,3\n\n0,2\n");
  EXPECT_EQ(error_of([&] { table.fail(1, 1, "must ascend"); }), "4: column step: must ascend");
}

TEST_F(Csv, RefusesWrongHeadersAndRows) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", " is empty, expected the header peer,step"},
      {"# only\n", " is empty, expected the header peer,step"},
      {"peer\n", "1: expected the header peer,step or peer,nth,step, got \"peer\""},
      {"\npeer, step\n", "2: expected the header peer,step or peer,nth,step, got \"peer, step\""},
      {"peer,step\n1\n", "2: expected 2 fields, got 1 in \"1\""},
      {"peer,step\n1,2,3\n", "2: expected 2 fields, got 3 in \"1,2,3\""},
      {"peer,step\n\"1\",2\n", "2: quotes are not supported, got \"\"1\",2\""},
      {std::string("peer,step\n1\0\t\n", 14), "2: expected 2 fields, got 1 in \"1??\""},
      {"peer,step\n" + std::string(70, 'x') + "\n",
       "2: expected 2 fields, got 1 in \"" + std::string(60, 'x') + "\" and more"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(error_in(text), expected) << text;
}

TEST_F(Csv, RefusesFilesThatAreTooLarge) {
  EXPECT_EQ(error_in("peer,step\n0,1\n", 14), "");
  EXPECT_EQ(error_in("peer,step\n0,12\n", 14), " has 15 bytes, at most 14 are read");
}

TEST_F(Csv, RefusesWhatCannotBeRead) {
  EXPECT_EQ(error_of([&] { read_csv(path_, {"peer,step"}); }),
            " cannot be read (No such file or directory)");
  std::filesystem::create_directory(path_);
  EXPECT_EQ(error_of([&] { read_csv(path_, {"peer,step"}); }),
            " is not a file, expected a CSV file");
}

}  // namespace
}  // namespace hearsay
