#include "node/learning/batch_sampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace hearsay {
namespace {

const std::vector<std::uint32_t> kOwned = {3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46};
constexpr int kBatch = 4;  // 11 samples: batches of 4, 4 and 3.

std::vector<std::uint32_t> batch_at(BatchSampler& sampler, std::int64_t step,
                                    const Rng& stream = Rng(7)) {
  const auto batch = sampler.batch(step, kOwned, kBatch, stream);
  return {batch.begin(), batch.end()};
}

TEST(BatchSampler, CoversEachSampleOncePerEpoch) {
  BatchSampler sampler;
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::vector<std::uint32_t> seen;
    for (int step = 0; step < 3; ++step) {
      const auto batch = batch_at(sampler, 3 * epoch + step);
      EXPECT_EQ(batch.size(), step < 2 ? 4U : 3U);
      seen.insert(seen.end(), batch.begin(), batch.end());
    }
    EXPECT_TRUE(std::ranges::is_permutation(seen, kOwned)) << "epoch " << epoch;
  }
}

TEST(BatchSampler, IsAPureFunctionOfTheStep) {
  BatchSampler ordered;
  std::vector<std::vector<std::uint32_t>> batches;
  for (int step = 0; step < 12; ++step) batches.push_back(batch_at(ordered, step));
  BatchSampler jumping;
  for (const int step : {11, 0, 5, 4, 4, 9, 1, 10, 2}) {
    EXPECT_EQ(batch_at(jumping, step), batches[static_cast<std::size_t>(step)]) << step;
  }
}

TEST(BatchSampler, ShufflesEveryEpochAndEveryPeerDifferently) {
  BatchSampler sampler;
  const auto first = batch_at(sampler, 0);
  EXPECT_NE(batch_at(sampler, 3), first);
  BatchSampler other;
  EXPECT_NE(batch_at(other, 0, Rng(8)), first);
}

TEST(BatchSampler, GivesAllSamplesWhenTheBatchIsLarger) {
  BatchSampler sampler;
  const auto batch = sampler.batch(5, kOwned, 100, Rng(7));
  EXPECT_TRUE(std::ranges::is_permutation(batch, kOwned));
}

TEST(BatchSampler, CountsStepsOfAnEpoch) {
  EXPECT_EQ(BatchSampler::steps_per_epoch(11, 4), 3);
  EXPECT_EQ(BatchSampler::steps_per_epoch(12, 4), 3);
  EXPECT_EQ(BatchSampler::steps_per_epoch(1, 4), 1);
}

}  // namespace
}  // namespace hearsay
