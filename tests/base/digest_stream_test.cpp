#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "node/base/digest.hpp"
#include "node/base/rng.hpp"

namespace hearsay {
namespace {

// Longer than XXH3's inner buffer (256 bytes) and its block (1,024 bytes).
std::vector<std::byte> random_bytes(std::size_t size) {
  Rng rng(7);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.below(256));
  return bytes;
}

TEST(DigestStream, EqualsTheDigestOfAllPiecesJoined) {
  const std::vector<std::byte> bytes = random_bytes(5000);
  const std::span<const std::byte> all(bytes);
  EXPECT_EQ(DigestStream().value(), digest_bytes({}));
  for (const std::size_t piece : {1U, 7U, 255U, 256U, 257U, 1024U, 4999U, 5000U}) {
    DigestStream stream;
    for (std::size_t start = 0; start < all.size(); start += piece) {
      EXPECT_EQ(stream.value(), digest_bytes(all.first(start)));
      stream.add(all.subspan(start, std::min(piece, all.size() - start)));
      stream.add({});
    }
    EXPECT_EQ(stream.value(), digest_bytes(all)) << piece;
  }
}

TEST(DigestStream, GoesOnAfterAMove) {
  const std::vector<std::byte> bytes = random_bytes(600);
  const std::span<const std::byte> all(bytes);
  DigestStream first;
  first.add(all.first(300));
  DigestStream second = std::move(first);
  second.add(all.subspan(300));
  EXPECT_EQ(second.value(), digest_bytes(all));
}

}  // namespace
}  // namespace hearsay
