#include "node/data/idx_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "node/base/rng.hpp"
#include "tests/data/error_message.hpp"
#include "tests/data/idx_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// Three images of two rows and five columns: no two extents are alike.
const std::vector<std::uint32_t> kExtents = {3, 2, 5};

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{7});
  return bytes;
}

class IdxFile : public testing::Test {
 protected:
  std::filesystem::path write(const Bytes& bytes) const {
    return write_file(directory_.path() / "file", bytes);
  }

  std::string error_of_images(const Bytes& bytes) const {
    return user_error_of([&] { read_idx_images(write(bytes)); });
  }

  std::string error_of_labels(const Bytes& bytes) const {
    return user_error_of([&] { read_idx_labels(write(bytes)); });
  }

  std::string place() const { return (directory_.path() / "file").string() + ": "; }

  TemporaryDirectory directory_;
};

TEST_F(IdxFile, ReadsImagesAsWritten) {
  const IdxImages images = read_idx_images(write(image_bytes(kExtents, counting(30))));
  EXPECT_EQ(images.count, 3);
  EXPECT_EQ(images.rows, 2);
  EXPECT_EQ(images.columns, 5);
  EXPECT_EQ(images.pixels, counting(30));
}

TEST_F(IdxFile, ReadsLabelsAsWritten) {
  EXPECT_EQ(read_idx_labels(write(label_bytes({4, 0, 255, 4}))), (Bytes{4, 0, 255, 4}));
}

TEST_F(IdxFile, ReadsCompressedFilesWhateverTheirName) {
  const Bytes body = counting(200);
  EXPECT_EQ(read_idx_images(write(gzip(image_bytes({20, 2, 5}, body)))).pixels, body);
  EXPECT_EQ(read_idx_labels(write(gzip(label_bytes(body)))), body);
}

TEST_F(IdxFile, ReadsBodiesLargerThanItsInternalChunks) {
  Bytes body(1'000'000);
  Rng rng(1);
  for (std::uint8_t& byte : body) byte = static_cast<std::uint8_t>(rng.below(200));
  const Bytes file = image_bytes({1000, 10, 100}, body);
  ASSERT_GT(gzip(file).size(), 300'000U);
  EXPECT_EQ(read_idx_images(write(gzip(file))).pixels, body);
  EXPECT_EQ(read_idx_images(write(file)).pixels, body);
}

TEST_F(IdxFile, ReadsSeveralGzipMembersAsOneStream) {
  const Bytes whole = image_bytes(kExtents, counting(30));
  Bytes file = gzip(Bytes(whole.begin(), whole.begin() + 20));
  const Bytes second = gzip(Bytes(whole.begin() + 20, whole.end()));
  file.insert(file.end(), second.begin(), second.end());
  EXPECT_EQ(read_idx_images(write(file)).pixels, counting(30));
}

TEST_F(IdxFile, RefusesAnotherMagicNumber) {
  EXPECT_EQ(
      error_of_images(label_bytes({1, 2, 3})),
      place() +
          "not an IDX file of images: expected the magic number 0x00000803, found 0x00000801");
  EXPECT_EQ(
      error_of_labels(image_bytes(kExtents, counting(30))),
      place() +
          "not an IDX file of labels: expected the magic number 0x00000801, found 0x00000803");
  // Little-endian words are another number too.
  EXPECT_THAT(error_of_images(idx_bytes(0x03080000, kExtents, counting(30))),
              HasSubstr("found 0x03080000"));
}

TEST_F(IdxFile, RefusesAFileThatEndsInItsHeader) {
  EXPECT_EQ(error_of_images({}),
            place() + "truncated: expected 4 bytes for the magic number, found 0");
  EXPECT_EQ(error_of_images({0, 0}),
            place() + "truncated: expected 4 bytes for the magic number, found 2");
  EXPECT_EQ(error_of_images(Bytes{0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0}),
            place() + "truncated: expected 4 bytes for an extent, found 3");
}

TEST_F(IdxFile, RefusesFewerBytesThanAnnounced) {
  EXPECT_EQ(error_of_images(image_bytes(kExtents, counting(29))),
            place() + "truncated: the header announces 3 x 2 x 5 bytes, found 29");
  EXPECT_EQ(error_of_images(gzip(image_bytes(kExtents, counting(29)))),
            place() + "truncated: the header announces 3 x 2 x 5 bytes, found 29");
  EXPECT_EQ(error_of_labels(idx_bytes(0x00000801, {6}, {1, 2})),
            place() + "truncated: the header announces 6 bytes, found 2");
}

TEST_F(IdxFile, RefusesMoreBytesThanAnnounced) {
  const std::string message =
      place() + "more bytes follow the 3 x 2 x 5 bytes that the header announces";
  EXPECT_EQ(error_of_images(image_bytes(kExtents, counting(31))), message);
  EXPECT_EQ(error_of_images(gzip(image_bytes(kExtents, counting(31)))), message);
}

TEST_F(IdxFile, RefusesSizesThatTheFileCannotHoldBeforeTakingMemory) {
  // 46 bytes of file; 4,000,000,000 x 1,000 x 1,000 = 4e15 fits 64 bits, memory does not.
  EXPECT_EQ(error_of_images(image_bytes({4'000'000'000, 1000, 1000}, counting(30))),
            place() +
                "truncated or damaged: the header announces 4000000000 x 1000 x 1000 bytes, the "
                "file can hold at most 46");
  // A compressed file may hold 1032 times its size.
  const Bytes compressed = gzip(image_bytes({4'000'000'000, 1000, 1000}, counting(30)));
  EXPECT_THAT(error_of_images(compressed),
              HasSubstr("can hold at most " + std::to_string(compressed.size() * 1032)));
}

TEST_F(IdxFile, RefusesExtentsWhoseProductOverflows) {
  // 2^31 * 2^31 * 2^2 = 2^64, which is 0 modulo 2^64.
  EXPECT_THAT(error_of_images(image_bytes({1U << 31, 1U << 31, 4}, {})),
              HasSubstr("truncated or damaged: the header announces 2147483648 x 2147483648 x 4"));
}

TEST_F(IdxFile, RefusesAnExtentOfZero) {
  EXPECT_EQ(error_of_images(image_bytes({3, 0, 5}, {})),
            place() + "empty: the header announces 3 x 0 x 5 bytes");
  EXPECT_EQ(error_of_labels(label_bytes({})), place() + "empty: the header announces 0 bytes");
}

TEST_F(IdxFile, RefusesCompressedDataCutAnywhere) {
  const Bytes whole = gzip(image_bytes(kExtents, counting(30)));
  for (std::size_t size = 2; size < whole.size(); ++size) {
    EXPECT_EQ(error_of_images(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))),
              place() + "truncated: the file ends before its gzip stream does")
        << "cut after " << size << " bytes";
  }
}

TEST_F(IdxFile, RefusesADamagedChecksum) {
  Bytes file = gzip(image_bytes(kExtents, counting(30)));
  file[file.size() - 8] ^= 1;  // The trailer is CRC-32, then the length, 4 bytes each.
  EXPECT_EQ(error_of_images(file), place() + "damaged gzip data: incorrect data check");
}

TEST_F(IdxFile, RefusesRubbishBehindTheCompressedData) {
  Bytes file = gzip(image_bytes(kExtents, counting(30)));
  const Bytes rubbish = {'r', 'u', 'b', 'b', 'i', 's', 'h'};
  file.insert(file.end(), rubbish.begin(), rubbish.end());
  EXPECT_EQ(error_of_images(file), place() + "bytes that are not gzip data follow the gzip stream");
}

TEST_F(IdxFile, RefusesWhatIsNoFile) {
  const std::string directory = directory_.path().string();
  EXPECT_THAT(user_error_of([&] { read_idx_images(directory); }),
              StartsWith(directory + ": cannot be read: "));
  EXPECT_THAT(user_error_of([&] { read_idx_labels(directory + "/absent"); }),
              AllOf(StartsWith(directory + "/absent: cannot be read: "),
                    HasSubstr("No such file or directory")));
}

TEST_F(IdxFile, FindsThePlainFileBeforeTheCompressedOne) {
  EXPECT_EQ(find_idx_file(directory_.path(), "labels"), std::nullopt);
  write_file(directory_.path() / "labels.gz", {});
  EXPECT_EQ(find_idx_file(directory_.path(), "labels"), directory_.path() / "labels.gz");
  write_file(directory_.path() / "labels", {});
  EXPECT_EQ(find_idx_file(directory_.path(), "labels"), directory_.path() / "labels");
}

}  // namespace
}  // namespace hearsay
