#include "node/learning/test_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace hearsay {
namespace {

TEST(TestSample, HasDistinctAscendingIndices) {
  const auto sample = draw_test_sample(1000, Count{100}, Rng(4));
  EXPECT_EQ(sample.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(sample));
  EXPECT_EQ(std::ranges::adjacent_find(sample), sample.end());
  EXPECT_LT(sample.back(), 1000U);
  EXPECT_NE(sample, draw_test_sample(1000, Count{100}, Rng(5)));
}

TEST(TestSample, IsEverythingWhenAskedForAsMuch) {
  std::vector<std::uint32_t> all(10);
  std::iota(all.begin(), all.end(), 0U);
  EXPECT_EQ(draw_test_sample(10, Count{}, Rng(4)), all);
  EXPECT_EQ(draw_test_sample(10, Count{10}, Rng(4)), all);
  EXPECT_EQ(draw_test_sample(10, Count{11}, Rng(4)), all);
}

class LocalTest : public testing::Test {
 protected:
  // Test samples: 10 of class 0 (indices 0-9), 6 of class 1 (10-15), 3 of class 2 (16-18).
  LocalTest() : labels_(19, 0) {
    std::fill(labels_.begin() + 10, labels_.begin() + 16, std::uint8_t{1});
    std::fill(labels_.begin() + 16, labels_.end(), std::uint8_t{2});
    samples_.resize(19);
    std::iota(samples_.begin(), samples_.end(), 0U);
  }

  std::vector<std::int64_t> drawn_per_class(const std::vector<std::int64_t>& own) const {
    const auto drawn = LocalTestDraw(samples_, labels_, 3).draw(own, Rng(6));
    EXPECT_TRUE(std::ranges::is_sorted(drawn));
    EXPECT_EQ(std::ranges::adjacent_find(drawn), drawn.end());
    std::vector<std::int64_t> counts(3, 0);
    for (const std::uint32_t sample : drawn) ++counts[labels_[sample]];
    return counts;
  }

  std::vector<std::uint8_t> labels_;
  std::vector<std::uint32_t> samples_;
};

using Counts = std::vector<std::int64_t>;

// Own {20, 4, 0}: s = min(10/20, 6/4) = 1/2, hence 10 and 2.
TEST_F(LocalTest, KeepsThePeersProportions) {
  EXPECT_EQ(drawn_per_class({20, 4, 0}), (Counts{10, 2, 0}));
}

// Own {5, 5, 5}: s = 3/5, hence 3 of each. Own {7, 2, 2}: s = min(10/7, 3, 3/2) = 10/7:
// 10, floor(20/7) = 2, 2.
TEST_F(LocalTest, IsBoundByTheScarcestClass) {
  EXPECT_EQ(drawn_per_class({5, 5, 5}), (Counts{3, 3, 3}));
  EXPECT_EQ(drawn_per_class({7, 2, 2}), (Counts{10, 2, 2}));
}

TEST_F(LocalTest, IsEmptyWhereAClassCannotBeTested) {
  samples_.resize(16);  // No class 2.
  EXPECT_EQ(drawn_per_class({5, 5, 1}), (Counts{0, 0, 0}));
  EXPECT_EQ(drawn_per_class({0, 0, 0}), (Counts{0, 0, 0}));
}

TEST_F(LocalTest, ChoosesAmongTheSamplesOfAClass) {
  const LocalTestDraw draws(samples_, labels_, 3);
  const Counts own = {20, 4, 0};
  EXPECT_NE(draws.draw(own, Rng(1)), draws.draw(own, Rng(2)));
  EXPECT_EQ(draws.draw(own, Rng(1)), draws.draw(own, Rng(1)));
}

}  // namespace
}  // namespace hearsay
