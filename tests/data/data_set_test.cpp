#include "node/data/data_set.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

// A data set with random features, more than one vector register wide and no multiple
// of one.
template <class Feature>
DataSet random_set(std::vector<std::int64_t> shape, std::int64_t samples) {
  DataSet data;
  data.sample_shape = std::move(shape);
  data.num_classes = 10;
  data.labels.assign(static_cast<std::size_t>(samples), 0);
  data.scale = 0.0110F;
  data.shift = -0.8102F;
  Rng rng(5);
  std::vector<Feature> features(static_cast<std::size_t>(samples * data.sample_size()));
  for (Feature& feature : features) feature = static_cast<Feature>(rng.below(256));
  data.features = std::move(features);
  return data;
}

// Product and sum rounded one after the other: `volatile` keeps the compiler from
// joining them.
float obvious(const DataSet& data, std::size_t index) {
  const float feature = std::visit(
      [&](const auto& values) { return static_cast<float>(values[index]); }, data.features);
  const volatile float product = feature * data.scale;
  return product + data.shift;
}

std::vector<float> obvious_gather(const DataSet& data, const std::vector<std::uint32_t>& samples) {
  const auto width = static_cast<std::size_t>(data.sample_size());
  std::vector<float> out;
  for (const std::uint32_t sample : samples) {
    for (std::size_t k = 0; k < width; ++k) out.push_back(obvious(data, sample * width + k));
  }
  return out;
}

void expect_gathers_like_the_obvious_version(const DataSet& data) {
  const std::vector<std::uint32_t> samples = {8, 0, 3, 3, 9, 1, 7};
  std::vector<float> out(samples.size() * static_cast<std::size_t>(data.sample_size()));
  data.gather(samples, out);
  EXPECT_EQ(out, obvious_gather(data, samples));

  std::vector<float> range(4 * static_cast<std::size_t>(data.sample_size()));
  data.gather_range(3, 4, range);
  EXPECT_EQ(range, obvious_gather(data, {3, 4, 5, 6}));
}

TEST(DataSet, SampleSizeIsTheProductOfTheShape) {
  DataSet data;
  data.sample_shape = {3, 28, 5};
  EXPECT_EQ(data.sample_size(), 420);
}

TEST(DataSet, GathersBytesBitForBitLikeTheObviousVersion) {
  expect_gathers_like_the_obvious_version(random_set<std::uint8_t>({1, 28, 28}, 10));
  expect_gathers_like_the_obvious_version(random_set<std::uint8_t>({1, 7, 11}, 10));
  expect_gathers_like_the_obvious_version(random_set<std::uint8_t>({1}, 10));
}

TEST(DataSet, GathersFloatsBitForBitLikeTheObviousVersion) {
  expect_gathers_like_the_obvious_version(random_set<float>({53}, 10));
  expect_gathers_like_the_obvious_version(random_set<float>({2}, 10));
}

TEST(DataSet, RoundsTheProductBeforeTheSum) {
  // With e = 2^-12: (1 + e)^2 = 1 + 2e + e^2 rounds to 1 + 2e in 24 bits, so that the
  // sum with -(1 + 2e) is 0. A fused multiply-add would give e^2 = 2^-24.
  const float value = 1.0F + 0x1p-12F;
  DataSet data;
  data.sample_shape = {40};
  data.labels = {0};
  data.features = std::vector<float>(40, value);
  data.scale = value;
  data.shift = -(1.0F + 0x1p-11F);
  ASSERT_EQ(std::fma(value, value, data.shift), 0x1p-24F);
  std::vector<float> out(40, -1.0F);
  data.gather_range(0, 1, out);
  EXPECT_EQ(out, std::vector<float>(40, 0.0F));
}

TEST(DataSet, GathersNothingFromNoSamples) {
  const DataSet data = random_set<std::uint8_t>({1, 28, 28}, 10);
  data.gather({}, {});
  data.gather_range(10, 0, {});
}

TEST(DataSetDeathTest, RefusesSamplesOutOfRangeAndOutputsOfAnotherSize) {
  const DataSet data = random_set<std::uint8_t>({4}, 10);
  std::vector<float> out(8);
  EXPECT_DEATH(data.gather(std::vector<std::uint32_t>{9, 10}, out), "labels.size");
  EXPECT_DEATH(data.gather(std::vector<std::uint32_t>{9}, out), "out.size");
  EXPECT_DEATH(data.gather_range(9, 2, out), "first <= size");
  EXPECT_DEATH(data.gather_range(-1, 2, out), "first >= 0");
}

}  // namespace
}  // namespace hearsay
