#include "results/tensorboard.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/reference/reference_event_file.hpp"
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

TEST(Tensorboard, HoldsTheNumbersOfMetricsCsv) {
  const TemporaryDirectory temporary;
  const std::filesystem::path path = temporary.path() / "run";
  write_small_run(path);
  const FinishedRun run = read_finished_run(path);
  const std::vector<std::string> records = reference::records_of(contents(write_tensorboard(run)));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(reference::event_of(records[0]).file_version, "brain.Event:2");
  const reference::ScalarEvent last = reference::event_of(records[2]);
  EXPECT_EQ(last.step, 2);
  EXPECT_EQ(last.wall_time, 2.0);
  EXPECT_EQ(last.values.at("bytes_sent"), 2000.0F);
  EXPECT_EQ(last.values.at("accuracy_min"), 0.123456F);
  EXPECT_FALSE(last.values.contains("accuracy_local"));
  EXPECT_FALSE(last.values.contains("round"));
}

// The reader of the tests sees what a reader would complain of.
TEST(Tensorboard, IsChecked) {
  const std::string record = tf_record("some bytes");
  EXPECT_EQ(reference::records_of(record), std::vector<std::string>{"some bytes"});
  for (std::size_t at = 0; at < record.size(); ++at) {
    std::string changed = record;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_THROW(reference::records_of(changed), std::runtime_error) << at;
  }
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
