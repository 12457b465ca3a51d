#include "node/net/sequence_window.hpp"

#include <gtest/gtest.h>

#include <set>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

using Verdict = SequenceWindow::Verdict;

// A window that remembers everything.
class SlowWindow {
 public:
  Verdict take(std::uint64_t sequence) {
    const std::uint64_t newest = taken_.empty() ? 0 : *taken_.rbegin();
    if (sequence == 0 || sequence + SequenceWindow::kWidth <= newest) return Verdict::kTooOld;
    return taken_.insert(sequence).second ? Verdict::kNew : Verdict::kReplayed;
  }

 private:
  std::set<std::uint64_t> taken_;
};

TEST(SequenceWindow, AgreesWithOneThatRemembersEverything) {
  SequenceWindow window;
  SlowWindow slow;
  Rng rng(1);
  std::uint64_t middle = 1;
  for (int i = 0; i < 50'000; ++i) {
    middle += rng.below(100) == 0 ? rng.below(3000) : rng.below(3);
    const std::uint64_t back = rng.below(1500);
    const std::uint64_t sequence = middle > back ? middle - back : rng.below(3);
    ASSERT_EQ(window.take(sequence), slow.take(sequence)) << "message " << i << ": " << sequence;
  }
}

TEST(SequenceWindow, JudgesItsEdges) {
  SequenceWindow window;
  EXPECT_EQ(window.take(0), Verdict::kTooOld);
  EXPECT_EQ(window.take(2000), Verdict::kNew);
  EXPECT_EQ(window.take(2000), Verdict::kReplayed);
  EXPECT_EQ(window.take(2000 - 1023), Verdict::kNew);
  EXPECT_EQ(window.take(2000 - 1023), Verdict::kReplayed);
  EXPECT_EQ(window.take(2000 - 1024), Verdict::kTooOld);
  EXPECT_EQ(window.take(~std::uint64_t{0}), Verdict::kNew);
  EXPECT_EQ(window.take(2001), Verdict::kTooOld);
}

}  // namespace
}  // namespace hearsay
