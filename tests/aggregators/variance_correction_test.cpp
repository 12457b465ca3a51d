#include "aggregators/variance_correction.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "aggregators/mixing_average.hpp"
#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

const Rng kStream(1);

using Vector = std::vector<float>;

// The corrected average of `received`, each with weight `weight`; own gets the rest.
Vector corrected(const ParameterLayout& layout, const Vector& own,
                 const std::vector<Vector>& received, double weight,
                 VarianceCorrectionOptions options = {}) {
  std::vector<ReceivedModel> models;
  for (std::size_t i = 0; i < received.size(); ++i) {
    models.push_back(
        {.sender = static_cast<PeerId>(i + 1), .weight = weight, .values = received[i]});
  }
  Vector result(own.size());
  make_variance_corrected(make_aggregator(MixingAverageOptions{}), options)
      ->aggregate({.own = own, .received = models}, {.layout = layout, .stream = kStream}, result);
  return result;
}

ParameterLayout one_weight(std::int64_t rows, std::int64_t columns) {
  ParameterLayout layout;
  layout.add("weight", {rows, columns}, TensorKind::kWeight);
  return layout;
}

Vector random_vector(std::size_t size, std::uint64_t seed, double shift = 0.0) {
  Rng rng(seed);
  Vector values(size);
  for (float& value : values) value = static_cast<float>(shift + rng.normal());
  return values;
}

// The golden values combine two received models with weight 1/2 each, own with 0.
TEST(VarianceCorrection, GoldenSymmetricPair) {
  // avg = [1, 1, -1, -1], variance 1; target = mean(3, 3) = 3: scale sqrt(3).
  const Vector result =
      corrected(one_weight(2, 2), {9, 9, 9, 9}, {{3, -1, -1, -1}, {-1, 3, -1, -1}}, 0.5);
  const float root = std::sqrt(3.0F);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(result[i], i < 2 ? root : -root, 1e-6);
}

TEST(VarianceCorrection, GoldenWithMean) {
  // avg = [1.5, 1, 3.5, 4], variance 1.625; target = mean(3.5, 2) = 2.75.
  const Vector result =
      corrected(one_weight(2, 2), {9, 9, 9, 9}, {{1, 2, 3, 6}, {2, 0, 4, 2}}, 0.5);
  const Vector expected{1.199113F, 0.548669F, 3.800887F, 4.451331F};
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(result[i], expected[i], 1e-6);
}

TEST(VarianceCorrection, GivesTheMeanVarianceOfTheReceivedAndKeepsTheMean) {
  const ParameterLayout layout = one_weight(40, 50);
  const Vector own = random_vector(2000, 1, 0.3);
  std::vector<Vector> received;
  for (std::uint64_t seed = 2; seed < 10; ++seed) received.push_back(random_vector(2000, seed));
  for (float& value : received[0]) value *= 3.0F;
  double target = 0.0;
  for (const Vector& model : received) target += moments(model).variance / 8.0;
  const Vector result = corrected(layout, own, received, 0.0625);
  Vector plain(own);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    plain[i] *= 0.5F;
    for (const Vector& model : received) plain[i] += 0.0625F * model[i];
  }
  EXPECT_NEAR(moments(result).variance / target, 1.0, 1e-6);
  EXPECT_NEAR(moments(result).mean, moments(plain).mean, 1e-6);
  // Uncorrected, the variance would be far below: the test can tell.
  EXPECT_LT(moments(plain).variance, 0.5 * target);
}

TEST(VarianceCorrection, TakesTheVarianceOfTheTargetAskedFor) {
  using Target = VarianceCorrectionOptions::Target;
  // Own weight 1/2; variances 4 of the own model, 1 and 9 of the others.
  const Vector own{2, 2, -2, -2};
  const std::vector<Vector> received{{1, -1, 1, -1}, {3, -3, -3, 3}};
  const auto variance = [&](Target target) {
    return moments(corrected(one_weight(2, 2), own, received, 0.25, {.target = target})).variance;
  };
  EXPECT_NEAR(variance(Target::kOthers), 5.0, 1e-5);  // (1 + 9) / 2
  EXPECT_NEAR(variance(Target::kSelf), 4.0, 1e-5);
  EXPECT_NEAR(variance(Target::kBlend), 4.5, 1e-5);  // 1/2 * 4 + 1/2 * 5
}

TEST(VarianceCorrection, ScalesAndShiftsWithItsInputs) {
  const ParameterLayout layout = one_weight(10, 10);
  const Vector own = random_vector(100, 1);
  const std::vector<Vector> received{random_vector(100, 2), random_vector(100, 3)};
  const Vector base = corrected(layout, own, received, 0.25);
  const auto map = [](Vector values, float scale, float shift) {
    for (float& value : values) value = scale * value + shift;
    return values;
  };
  for (const auto& [scale, shift] : {std::pair{2.0F, 0.0F}, {1.0F, 5.0F}, {0.5F, -1.0F}}) {
    const Vector mapped =
        corrected(layout, map(own, scale, shift),
                  {map(received[0], scale, shift), map(received[1], scale, shift)}, 0.25);
    for (std::size_t i = 0; i < base.size(); ++i) {
      EXPECT_NEAR(mapped[i], scale * base[i] + shift, 2e-5) << scale << " " << shift;
    }
  }
}

TEST(VarianceCorrection, LeavesBiasesNormsStatisticsAndVectorsAlone) {
  ParameterLayout layout;
  layout.add("weight", {5, 4}, TensorKind::kWeight);
  layout.add("bias", {20}, TensorKind::kBias);
  layout.add("norm", {4, 5}, TensorKind::kNorm);
  layout.add("running", {4, 5}, TensorKind::kStatistic);
  layout.add("flat", {20}, TensorKind::kWeight);
  const Vector own = random_vector(100, 1);
  const std::vector<Vector> received{random_vector(100, 2), random_vector(100, 3)};
  const Vector result = corrected(layout, own, received, 0.25);
  int changed = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    float plain = 0.5F * own[i];
    plain += 0.25F * received[0][i];
    plain += 0.25F * received[1][i];
    if (i < 20) {
      changed += result[i] != plain ? 1 : 0;
    } else {
      EXPECT_EQ(result[i], plain) << "entry " << i;
    }
  }
  EXPECT_GT(changed, 10);
}

TEST(VarianceCorrection, GuardsTensorsWithoutVariance) {
  const ParameterLayout layout = one_weight(2, 2);
  // Constant inputs: target 0. Opposite inputs: the average has variance 0.
  EXPECT_EQ(corrected(layout, {2, 2, 2, 2}, {{4, 4, 4, 4}, {4, 4, 4, 4}}, 0.25),
            (Vector{3, 3, 3, 3}));
  EXPECT_EQ(corrected(layout, {9, 9, 9, 9}, {{1, -1, 2, -2}, {-1, 1, -2, 2}}, 0.5),
            (Vector{0, 0, 0, 0}));
}

TEST(VarianceCorrection, HasNoAbsoluteEpsilon) {
  // Weights of variance 1e-6, smaller than the 1e-4 that spoils other implementations.
  const ParameterLayout layout = one_weight(50, 50);
  std::vector<Vector> received;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    received.push_back(random_vector(2500, seed));
    for (float& value : received.back()) value *= 1e-3F;
  }
  double target = 0.0;
  for (const Vector& model : received) target += moments(model).variance / 8.0;
  const Vector result = corrected(layout, received[0], received, 0.125);
  EXPECT_NEAR(moments(result).variance / target, 1.0, 1e-5);
}

// Invariant 7 of the variance correction: synchronous rounds on a regular graph without
// self weight conserve the sum of the tensor variances; plain averaging loses it.
TEST(VarianceCorrection, ConservesTotalVarianceOnARing) {
  const ParameterLayout layout = one_weight(30, 30);
  std::vector<Vector> models;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) models.push_back(random_vector(900, seed));
  double before = 0.0;
  for (const Vector& model : models) before += moments(model).variance;
  for (int round = 0; round < 10; ++round) {
    std::vector<Vector> next;
    for (std::size_t i = 0; i < 6; ++i) {
      next.push_back(corrected(layout, models[i], {models[(i + 5) % 6], models[(i + 1) % 6]}, 0.5));
    }
    models = next;
  }
  double after = 0.0;
  for (const Vector& model : models) after += moments(model).variance;
  EXPECT_NEAR(after / before, 1.0, 1e-5);
}

}  // namespace
}  // namespace hearsay
