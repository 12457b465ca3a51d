#include "results/tensorboard.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tensorboard.pb.h"
#include "tests/results/run_files.hpp"
#include "tests/support/file_contents.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

std::uint32_t unmasked(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8U;
  return (rotated << 15) | (rotated >> 17);
}

// RFC 3720, B.4: CRC-32C of 32 bytes of zeros, of ones, and ascending; the check value of the
// catalogue of parametrised CRC algorithms for "123456789".
TEST(MaskedCrc32c, IsTheMaskedCrcOfKnownBytes) {
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  EXPECT_EQ(unmasked(masked_crc32c(std::string(32, '\0'))), 0x8a9136aaU);
  EXPECT_EQ(unmasked(masked_crc32c(std::string(32, '\xff'))), 0x62a8ab43U);
  EXPECT_EQ(unmasked(masked_crc32c(ascending)), 0x46dd794eU);
  EXPECT_EQ(unmasked(masked_crc32c("123456789")), 0xe3069283U);
}

template <class Number>
Number number_at(const std::string& text, std::size_t at) {
  Number number{};
  std::memcpy(&number, text.data() + at, sizeof number);
  return number;
}

/// Reads a file of records as TensorBoard does, checking all sums.
std::vector<tensorboard::EventLine> read_records(const std::string& text) {
  std::vector<tensorboard::EventLine> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = number_at<std::uint64_t>(text, at);
    EXPECT_EQ(number_at<std::uint32_t>(text, at + 8), masked_crc32c(text.substr(at, 8)));
    const std::string bytes = text.substr(at + 12, length);
    EXPECT_EQ(number_at<std::uint32_t>(text, at + 12 + length), masked_crc32c(bytes));
    EXPECT_TRUE(lines.emplace_back().ParseFromString(bytes));
    at += 16 + length;
  }
  return lines;
}

TEST(Tensorboard, HoldsTheNumbersOfMetricsCsv) {
  const TemporaryDirectory temporary;
  const std::filesystem::path path = temporary.path() / "run";
  write_small_run(path);
  const FinishedRun run = read_finished_run(path);
  const std::string text = contents(write_tensorboard(run));
  const std::vector<tensorboard::EventLine> lines = read_records(text);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].file_version(), "brain.Event:2");
  EXPECT_EQ(lines[2].step(), 2);
  EXPECT_EQ(lines[2].wall_time(), 2.0);
  std::map<std::string, float> values;
  for (const tensorboard::Value& value : lines[2].summary().value()) {
    values[value.tag()] = value.simple_value();
  }
  EXPECT_EQ(values.at("bytes_sent"), 2000.0F);
  EXPECT_EQ(values.at("accuracy_min"), 0.123456F);
  EXPECT_FALSE(values.contains("accuracy_local"));
  EXPECT_FALSE(values.contains("round"));
}

// Its bytes: field 3 as text (0x1a), its length, the text; a wall time of 0 is left out.
TEST(Tensorboard, BeginsWithItsVersion) {
  const std::string text = tensorboard_events({.columns = {"round", "time_s"}});
  EXPECT_EQ(text.size(), 8U + 4U + 15U + 4U);
  EXPECT_EQ(text.substr(12, 15),
            "\x1a\x0d"
            "brain.Event:2");
}

}  // namespace
}  // namespace hearsay
