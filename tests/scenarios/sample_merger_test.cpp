#include "scenarios/sample_merger.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearsay {
namespace {

SampleNews news(std::int64_t time, std::vector<PeerId> peers, bool is_last = false) {
  SampleNews made{.time = {time}, .is_last = is_last};
  for (const PeerId peer : peers) {
    made.peers.push_back({.peer = peer, .model = ModelBuffer::zeros(1)});
    ++made.totals.steps;
  }
  return made;
}

/// What was told, in words: "time: peers (steps)".
class Told {
 public:
  SampleMerger::Sink sink() {
    return [this](const SampleNotice& notice) {
      std::string text = std::to_string(notice.time.nanoseconds) + ":";
      for (const PeerSample& peer : notice.peers) text += " " + std::to_string(peer.peer);
      text += " (" + std::to_string(notice.totals.steps) + ")";
      lines.push_back(notice.is_last ? text + " last" : text);
    };
  }

  std::vector<std::string> lines;
};

TEST(SampleMerger, JoinsWhatProcessesToldOfOneTimeInPeerOrder) {
  Told told;
  SampleMerger merger(told.sink());
  merger.add(1, news(10, {3, 4}));
  merger.flush({0, 1});
  EXPECT_TRUE(told.lines.empty());
  merger.add(1, news(20, {3, 4}));
  merger.add(0, news(10, {0, 1}));
  merger.flush({0, 1});
  EXPECT_EQ(told.lines, std::vector<std::string>{"10: 0 1 3 4 (4)"});
}

TEST(SampleMerger, DoesNotWaitForThoseThatAreGone) {
  Told told;
  SampleMerger merger(told.sink());
  merger.add(1, news(10, {3}));
  merger.flush({0, 1});
  merger.flush({1});
  merger.add(0, news(10, {0}));  // Too late.
  merger.flush({0, 1});
  EXPECT_EQ(told.lines, std::vector<std::string>{"10: 3 (1)"});
}

TEST(SampleMerger, JoinsLastSamplesAtTheLatestOfTheirTimes) {
  Told told;
  SampleMerger merger(told.sink());
  merger.add(0, news(35, {0}, true));
  merger.add(1, news(30, {1}));
  merger.add(1, news(32, {1}, true));
  merger.flush({});
  EXPECT_EQ(told.lines, (std::vector<std::string>{"30: 1 (1)", "35: 0 1 (2) last"}));
}

}  // namespace
}  // namespace hearsay
