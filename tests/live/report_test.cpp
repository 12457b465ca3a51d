#include "node/live/report.hpp"

#include <gtest/gtest.h>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

ModelBuffer model_of(float value) {
  const std::vector<float> values(100, value);
  return ModelBuffer::copy_of(values);
}

RoundNews round_news() {
  RoundNews news;
  news.notice = {.peer = 3, .time = {17}, .round = 2, .model = model_of(1), .trained = model_of(2)};
  news.notice.counters.bytes_sent = 99;
  return news;
}

TEST(Report, ComesBackAsItWasSent) {
  const Report back = decode_report(encode_report(round_news()));
  const RoundNotice& notice = std::get<RoundNews>(back).notice;
  EXPECT_EQ(notice.peer, 3);
  EXPECT_EQ(notice.time, SimTime{17});
  EXPECT_EQ(notice.round, 2);
  EXPECT_EQ(notice.model.digest(), model_of(1).digest());
  EXPECT_EQ(notice.trained.digest(), model_of(2).digest());
  EXPECT_EQ(notice.counters.bytes_sent, 99);
}

TEST(Report, KeepsTheEndOfEveryPeer) {
  EndNews news{.time = {5}, .events = 7, .peak_rss_bytes = 11};
  news.peers.push_back({.peer = 4, .is_up = true, .model = 8, .waits_for = {1, 2}});
  const Report back = decode_report(encode_report(news));
  const EndNews& end = std::get<EndNews>(back);
  ASSERT_EQ(end.peers.size(), 1U);
  EXPECT_EQ(end.peers[0].peer, 4);
  EXPECT_TRUE(end.peers[0].is_up);
  EXPECT_FALSE(end.peers[0].has_finished);
  EXPECT_EQ(end.peers[0].model, 8U);
  EXPECT_EQ(end.peers[0].waits_for, (std::vector<PeerId>{1, 2}));
  EXPECT_EQ(end.events, 7);
  EXPECT_EQ(end.peak_rss_bytes, 11);
}

TEST(Report, RefusesWhatIsNone) {
  const Frames whole = encode_report(round_news());
  EXPECT_THROW(decode_report({}), MessageRefused);
  Frames without_models = whole;
  without_models.pop_back();
  EXPECT_THROW(decode_report(without_models), MessageRefused);
  Frames with_more = whole;
  with_more.push_back(Buffer::allocate(4));
  EXPECT_THROW(decode_report(with_more), MessageRefused);
  const std::uint32_t kind = 99;
  const Buffer unknown = Buffer::copy_of(std::as_bytes(std::span(&kind, 1)));
  EXPECT_THROW(decode_report(std::span(&unknown, 1)), MessageRefused);
}

// Whatever the bytes are, they are a report or are refused.
TEST(Report, SurvivesDamage) {
  const Frames whole = encode_report(round_news());
  Rng rng(1);
  for (int i = 0; i < 5'000; ++i) {
    Buffer damaged = Buffer::copy_of(whole[0].bytes());
    for (std::uint64_t k = 0; k <= rng.below(4); ++k) {
      damaged.writable()[rng.below(damaged.size())] = static_cast<std::byte>(rng.below(256));
    }
    Frames frames = whole;
    frames[0] = Buffer::copy_of(damaged.bytes().first(rng.below(damaged.size() + 1)));
    try {
      decode_report(frames);
    } catch (const MessageRefused& error) {
      EXPECT_EQ(error.reason(), Refusal::kTruncated);
    }
  }
}

}  // namespace
}  // namespace hearsay
