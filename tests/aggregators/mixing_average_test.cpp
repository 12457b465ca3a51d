#include "aggregators/mixing_average.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

const Rng kStream(1);

ParameterLayout scalar_layout() {
  ParameterLayout layout;
  layout.add("x", {1}, TensorKind::kWeight);
  return layout;
}

float mix(float own, const std::vector<std::pair<double, float>>& heard) {
  const ParameterLayout layout = scalar_layout();
  std::vector<ReceivedModel> received;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    received.push_back({.sender = static_cast<PeerId>(i + 1),
                        .weight = heard[i].first,
                        .values = std::span(&heard[i].second, 1)});
  }
  float result = 0.0F;
  make_aggregator(MixingAverageOptions{})
      ->aggregate({.own = std::span(&own, 1), .received = received},
                  {.layout = layout, .stream = kStream}, std::span(&result, 1));
  return result;
}

TEST(MixingAverage, WeighsEachModelByItsMixingWeight) {
  // 0.5 * 4 + 0.25 * 8 + 0.25 * 100 = 29; the plain mean would be 37.33.
  EXPECT_FLOAT_EQ(mix(4.0F, {{0.25, 8.0F}, {0.25, 100.0F}}), 29.0F);
}

TEST(MixingAverage, WeightOfAMissingNeighborGoesToTheOwnModel) {
  // Only one of two neighbors with weight 0.25 answered: 0.75 * 4 + 0.25 * 8 = 5.
  EXPECT_FLOAT_EQ(mix(4.0F, {{0.25, 8.0F}}), 5.0F);
}

TEST(LinearCombination, AgreesWithAPlainLoopAcrossBlockBorders) {
  for (const std::size_t size : {1UL, 4095UL, 4096UL, 4097UL, 10000UL}) {
    Rng rng(size);
    std::vector<std::vector<float>> inputs(3, std::vector<float>(size));
    std::vector<WeightedVector> terms;
    for (std::vector<float>& input : inputs) {
      for (float& value : input) value = static_cast<float>(rng.normal());
      terms.push_back({static_cast<float>(rng.uniform()), input});
    }
    std::vector<float> result(size);
    linear_combination(terms, result);
    for (std::size_t i = 0; i < size; ++i) {
      float expected = terms[0].weight * inputs[0][i];
      expected += terms[1].weight * inputs[1][i];
      expected += terms[2].weight * inputs[2][i];
      ASSERT_EQ(result[i], expected) << "entry " << i << " of " << size;
    }
  }
}

TEST(Moments, AgreeWithATwoPassSum) {
  for (const std::size_t size : {1UL, 15UL, 16UL, 17UL, 1000UL}) {
    Rng rng(size);
    std::vector<float> values(size);
    for (float& value : values) value = static_cast<float>(3.0 + rng.normal());
    double mean = 0.0;
    for (const float value : values) mean += value / static_cast<double>(size);
    double variance = 0.0;
    for (const float value : values) {
      variance += (value - mean) * (value - mean) / static_cast<double>(size);
    }
    const Moments result = moments(values);
    EXPECT_NEAR(result.mean, mean, 1e-12);
    EXPECT_NEAR(result.variance, variance, 1e-11);
  }
}

}  // namespace
}  // namespace hearsay
