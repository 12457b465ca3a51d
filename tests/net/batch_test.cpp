#include "node/net/batch.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

constexpr RunIdentity kIdentity{.run = 7, .scenario_digest = 11};

Buffer payload_of(std::size_t size, std::uint64_t seed) {
  Buffer buffer = Buffer::allocate(size);
  Rng rng(seed);
  for (std::byte& byte : buffer.writable()) byte = static_cast<std::byte>(rng.below(256));
  return buffer;
}

WireMessage message_of(PeerId from, PeerId to, std::uint64_t sequence, Buffer payload) {
  return {.envelope = {.from = from, .to = to, .round = 3, .sequence = sequence, .kind = 1},
          .payload = std::move(payload)};
}

std::vector<std::byte> bytes_of(const Buffer& buffer) {
  return {buffer.bytes().begin(), buffer.bytes().end()};
}

// Decodes `frames` and gives the refusal's text, or "" if they were accepted.
std::string refusal(const Frames& frames, const RunIdentity& identity = kIdentity) {
  try {
    BatchCodec(identity).decode(frames);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

Frames sample_frames() {
  const Buffer small = payload_of(40, 1);
  const Buffer large = payload_of(10'000, 2);
  return BatchCodec(kIdentity).encode(std::vector{
      message_of(1, 2, 1, small), message_of(1, 3, 2, small), message_of(4, 2, 9, large)});
}

TEST(BatchCodec, RoundTripsMessagesOfEverySize) {
  std::vector<WireMessage> messages;
  std::uint64_t sequence = 0;
  for (const std::size_t size : {0UL, 1UL, 63UL, 64UL, 65UL, 4096UL, 4097UL, 150'000UL, 8UL}) {
    messages.push_back(message_of(-1, 1 << 30, ++sequence, payload_of(size, size)));
  }
  BatchCodec codec(kIdentity);
  const std::vector<WireMessage> decoded = codec.decode(codec.encode(messages));
  ASSERT_EQ(decoded.size(), messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(decoded[i].envelope, messages[i].envelope);
    EXPECT_EQ(bytes_of(decoded[i].payload), bytes_of(messages[i].payload)) << "message " << i;
  }
}

TEST(BatchCodec, CarriesASharedPayloadOnceAndSharesItAgain) {
  const Frames frames = sample_frames();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[1].size(), 64U) << "40 bytes, once, padded";
  const std::vector<WireMessage> decoded = BatchCodec(kIdentity).decode(frames);
  EXPECT_TRUE(decoded[0].payload.shares_with(decoded[1].payload));
}

TEST(BatchCodec, DoesNotCopyLargePayloads) {
  const Buffer large = payload_of(10'000, 2);
  const Frames frames = BatchCodec(kIdentity).encode(std::vector{message_of(1, 2, 1, large)});
  EXPECT_TRUE(frames[2].shares_with(large));
}

TEST(BatchCodec, AlternatingPayloadsStayWithTheirMessages) {
  // A peer that sends a, b, a: the second a is a payload of its own, not b again.
  const Buffer a = payload_of(100, 1);
  const Buffer b = payload_of(100, 2);
  BatchCodec codec(kIdentity);
  const std::vector<WireMessage> decoded = codec.decode(codec.encode(
      std::vector{message_of(1, 2, 1, a), message_of(1, 3, 2, b), message_of(1, 4, 3, a)}));
  EXPECT_EQ(bytes_of(decoded[0].payload), bytes_of(a));
  EXPECT_EQ(bytes_of(decoded[1].payload), bytes_of(b));
  EXPECT_EQ(bytes_of(decoded[2].payload), bytes_of(a));
}

TEST(BatchCodec, RefusesAnotherRunOrScenario) {
  EXPECT_EQ(refusal(sample_frames()), "");
  EXPECT_EQ(refusal(sample_frames(), {.run = 8, .scenario_digest = 11}),
            "message refused: another run");
  EXPECT_EQ(refusal(sample_frames(), {.run = 7, .scenario_digest = 12}),
            "message refused: another scenario");
}

TEST(BatchCodec, RefusesMissingFrames) {
  const Frames frames = sample_frames();
  EXPECT_EQ(refusal({}), "message refused: no header frame");
  EXPECT_EQ(refusal({frames[0]}), "message refused: no payload frame");
  EXPECT_EQ(refusal({frames[0], frames[1]}), "message refused: payload frame missing");
}

TEST(BatchCodec, RefusesShortAndAlteredPayloads) {
  const Frames frames = sample_frames();
  Frames cut = frames;
  cut[1] = Buffer::copy_of(frames[1].bytes().first(39));
  EXPECT_EQ(refusal(cut), "message refused: payload cut short");
  cut = frames;
  cut[2] = Buffer::copy_of(frames[2].bytes().first(9'999));
  EXPECT_EQ(refusal(cut), "message refused: payload size differs from its envelope");
  for (const std::size_t frame : {1UL, 2UL}) {
    Frames altered = frames;
    altered[frame] = Buffer::copy_of(frames[frame].bytes());
    altered[frame].writable()[17] ^= std::byte{1};
    EXPECT_EQ(refusal(altered), "message refused: payload digest differs");
  }
}

// Whatever happens to the header's bytes, decoding refuses or gives payloads that fit
// their digests; it never reads out of bounds (the sanitizer preset watches).
TEST(BatchCodec, SurvivesEveryFlippedBitAndEveryCutOfTheHeader) {
  const Frames frames = sample_frames();
  int refused = 0;
  for (std::size_t byte = 0; byte < frames[0].size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      Frames altered = frames;
      altered[0] = Buffer::copy_of(frames[0].bytes());
      altered[0].writable()[byte] ^= static_cast<std::byte>(1 << bit);
      refused += refusal(altered).empty() ? 0 : 1;
    }
    Frames cut = frames;
    cut[0] = Buffer::copy_of(frames[0].bytes().first(byte));
    EXPECT_TRUE(byte == 0 || refusal(cut) != "" || byte > 20) << byte;
  }
  EXPECT_GT(refused, 100);
}

TEST(WireBytes, AreTheSameForEveryMessageOfAPayloadSize) {
  const auto alone = [](const WireMessage& message) {
    std::size_t bytes = 0;
    const Frames frames = BatchCodec(kIdentity).encode({&message, 1});
    bytes += frames[0].size() + message.payload.size();
    return static_cast<std::int64_t>(bytes);
  };
  const Buffer payload = payload_of(1000, 1);
  EXPECT_EQ(alone(message_of(0, 0, 0, payload)), wire_bytes(1000));
  EXPECT_EQ(alone(message_of(99'999, 123, 1'000'000'000'000, payload)), wire_bytes(1000));
  EXPECT_EQ(wire_bytes(1000) - wire_bytes(0), 1000);
}

}  // namespace
}  // namespace hearsay
