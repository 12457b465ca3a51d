#include "aggregators/bristle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "aggregators/bristle_weights.hpp"
#include "node/base/error.hpp"
#include "tests/reference/reference_bristle.hpp"
#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

using Integrator = BristleOptions::Integrator;
using Prioritizer = BristleOptions::Prioritizer;

/// The authors' example: a peer that is better than the own model in classes 0 and 2.
const std::vector<double> kOwn{0.7, 1.0, 0.0};
const std::vector<double> kOther{1.0, 0.7, 0.6};

TEST(BristleWeights, AreThoseOfTheAuthorsExample) {
  // Mean 0.766667, deviation 0.169967: certainty 0.5967. delta 3, 3, 6; scores 3^3.7 = 58.257,
  // -3^5 = -243, 6^3 = 216; sig 2.4166, 0, 4.9661; of the sum 31.257: 1.7751.
  const BristleWeights weights = bristle_weights(kOwn, kOther, 5, {});
  EXPECT_NEAR(weights.familiar[0], 1.4420, 1e-4);
  EXPECT_EQ(weights.familiar[1], 0.0);
  EXPECT_NEAR(weights.familiar[2], 2.9632, 1e-4);
  EXPECT_NEAR(weights.foreign, 1.0592, 1e-4);
}

TEST(BristleWeights, CanBoundForeignScoresToo) {
  // The sum with -100 for -243 is 174.257: sig 4.5100.
  EXPECT_NEAR(bristle_weights(kOwn, kOther, 5, {.bound_foreign = true}).foreign, 2.691, 1e-3);
}

TEST(BristleWeights, CountTheBestClassesOnly) {
  // phi = 2: classes 0 and 1 of F1 1 and 0.7, certainty 0.85 - 0.15; class 2 has no weight.
  const BristleWeights weights = bristle_weights(kOwn, kOther, 5, {.phi = 2});
  EXPECT_NEAR(weights.familiar[0], 0.7 * 2.4165, 1e-3);
  EXPECT_EQ(weights.familiar[2], 0.0);
}

TEST(BristleWeights, OfAPeerLikeOneselfAreItsCertainty) {
  // Mean 0.566667, deviation 0.4189935.
  const BristleWeights weights = bristle_weights(kOwn, kOwn, 5, {});
  for (const double weight : weights.familiar) EXPECT_NEAR(weight, 0.1476732, 1e-6);
  EXPECT_NEAR(weights.foreign, 0.1476732, 1e-6);
}

TEST(BristleWeights, OfAConstantPredictorAreZero) {
  const BristleWeights weights = bristle_weights(kOwn, std::vector<double>{0.0, 0.0, 0.0}, 5, {});
  EXPECT_EQ(weights.familiar, (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(weights.foreign, 0.0);
}

TEST(BristleWeights, VanishWhereThePeerIsClearlyWorse) {
  // With F_i = 1 the score is -delta^5, and sig is 0 from 40.547 on: delta 2.097.
  const auto at = [](double f1) {
    return bristle_weights(std::vector<double>{1.0}, std::vector<double>{f1}, 5, {}).familiar[0];
  };
  EXPECT_GT(at(1.0 - 0.2096), 0.0);
  EXPECT_EQ(at(1.0 - 0.2098), 0.0);
}

TEST(BristleWeights, OfFelmDaUseCubesAndFloors) {
  // Scores 27, -infinity, 216: 10 / (1 + exp(-0.27)) - 4 = 1.6709, floor 0.001, 4.9661; the sum
  // is -infinity.
  const BristleWeights weights =
      bristle_weights(kOwn, kOther, 5, {.integrator = Integrator::kFelmDa});
  EXPECT_NEAR(weights.familiar[0], 0.5967 * 1.6709, 1e-4);
  EXPECT_NEAR(weights.familiar[1], 0.5967 * 0.001, 1e-7);
  EXPECT_NEAR(weights.familiar[2], 0.5967 * 4.9661, 2e-4);
  EXPECT_NEAR(weights.foreign, 0.5967 * 0.001, 1e-7);
  // Certainty is no less than 1 / kept: that of (0.7, 1, 0) is 0.147673.
  EXPECT_EQ(bristle_certainty(kOwn, 3, 1.0 / 5.0), 0.2);
}

TEST(BristlePrioritizer, TakesFixedNumbersOfEachThird) {
  // (1 - 0.4)^2 10 = 3.6, 2 * 0.4 * 0.6 * 10 = 4.8, 0.16 * 10 = 1.6: 4, 5 and 2 of 10 each.
  std::vector<double> distances(30);
  for (std::size_t j = 0; j < 30; ++j) distances[j] = static_cast<double>((j * 7) % 30);
  for (const Prioritizer kind : {Prioritizer::kRandom, Prioritizer::kNearest}) {
    const auto kept = bristle_prioritize(distances, {.prioritizer = kind}, Rng(5));
    int thirds[] = {0, 0, 0};
    for (const std::size_t j : kept) ++thirds[static_cast<std::size_t>(distances[j]) / 10];
    EXPECT_EQ(thirds[0], 4);
    EXPECT_EQ(thirds[1], 5);
    EXPECT_EQ(thirds[2], 2);
    EXPECT_TRUE(std::ranges::is_sorted(kept));
  }
  const auto nearest = bristle_prioritize(
      distances, {.prioritizer = Prioritizer::kNearest, .alpha = 0.0, .beta = 3}, Rng(5));
  for (const std::size_t j : nearest) EXPECT_LT(distances[j], 3.0);
}

TEST(BristlePrioritizer, NeverTakesMoreThanThereIs) {
  for (std::size_t n = 1; n < 8; ++n) {
    const std::vector<double> distances(n, 1.0);
    EXPECT_LE(bristle_prioritize(distances, {.beta = 1000}, Rng(1)).size(), n);
    EXPECT_EQ(bristle_prioritize(distances, {.prioritizer = Prioritizer::kAll}, Rng(1)).size(), n);
  }
}

/// Knows the scores of heads by their first bias; the body must be the peer's own.
class ScoreTable final : public ModelOracle {
 public:
  ScoreTable(std::size_t first_bias, float body) : first_bias_(first_bias), body_(body) {}

  double loss(std::span<const float>) override { return 0.0; }
  std::vector<ClassScore> class_scores(std::span<const float> model) override {
    EXPECT_EQ(model[0], body_) << "heads are tried on the own, frozen layers";
    return scores[static_cast<std::size_t>(model[first_bias_])];
  }

  std::vector<std::vector<ClassScore>> scores;

 private:
  std::size_t first_bias_;
  float body_;
};

ClassScore f1_of_ten(int correct) { return {.samples = 10, .correct = correct, .predicted = 10}; }

/// One frozen number, four classes with two weights and a bias each; class 3 is foreign. The
/// own head is 0, the neighbor's rows are (1, 3), its biases 1; the example's F1 scores.
class BristleRule : public testing::Test {
 protected:
  BristleRule() {
    layout_.add("body", {1}, TensorKind::kWeight);
    layout_.add("out", {4, 2}, TensorKind::kWeight);
    layout_.add("out.bias", {4}, TensorKind::kBias);
    oracle_.scores = {{f1_of_ten(7), f1_of_ten(10), f1_of_ten(0), {.predicted = 4}},
                      {f1_of_ten(10), f1_of_ten(7), f1_of_ten(6), {.predicted = 4}}};
    input_ =
        evenly({5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {{9, 1, 3, 1, 3, 1, 3, 1, 3, 1, 1, 1, 1}});
    input_.oracle = &oracle_;
    input_.layout = &layout_;
  }

  RuleOutcome run(const BristleOptions& options) const {
    return run_rule(*make_aggregator(options), input_);
  }

  ParameterLayout layout_;
  ScoreTable oracle_{9, 5.0F};
  NeighborhoodCase input_;
};

TEST_F(BristleRule, MixesHeadsByClassAndKeepsTheRest) {
  const RuleOutcome outcome = run({.center = false});
  // w / (1 + w) of the weights 1.4420, 0, 2.9632 and, foreign, 1.0592.
  const double parts[] = {0.590500, 0.0, 0.747679, 0.514375};
  EXPECT_EQ(outcome.result[0], 5.0F);
  for (std::size_t c = 0; c < 4; ++c) {
    EXPECT_NEAR(outcome.result[1 + 2 * c], parts[c], 1e-4) << c;
    EXPECT_NEAR(outcome.result[2 + 2 * c], 3.0 * parts[c], 3e-4) << c;
    EXPECT_NEAR(outcome.result[9 + c], parts[c], 1e-4) << c;
  }
  // Three of thirteen parameters for each class.
  EXPECT_NEAR(outcome.influence[0], 3.0 / 13.0 * (0.590500 + 0.747679 + 0.514375), 1e-4);
}

TEST_F(BristleRule, CanCenterTheWeightsOfEveryClass) {
  const Vector result = run({}).result;
  for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(result[1 + 2 * c] + result[2 + 2 * c], 0.0, 1e-6);
  EXPECT_NEAR(result[2], 0.590500, 1e-4);
  EXPECT_NEAR(result[9], 0.590500, 1e-4) << "biases are not centered";
}

TEST_F(BristleRule, KeepsTheOwnModelWhereNoClassIsFamiliar) {
  for (auto& scores : oracle_.scores) {
    for (ClassScore& score : scores) score.samples = 0;
  }
  EXPECT_EQ(run({}).result, input_.own);
}

TEST_F(BristleRule, NeedsAnOutputLayerThatFitsTheClasses) {
  oracle_.scores[0].pop_back();
  EXPECT_THROW(run({}), UserError);
  ParameterLayout flat;
  flat.add("x", {13}, TensorKind::kWeight);
  input_.layout = &flat;
  EXPECT_THROW(run({}), UserError);
}

TEST(Bristle, AgreesWithTheSlowVersion) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const std::size_t classes = 2 + rng.below(9);
    const std::size_t features = 1 + rng.below(25);
    const std::size_t heard = 1 + rng.below(39);
    reference::BristleCase given{.classes = classes, .features = features, .phi = 1 + rng.below(5)};
    ParameterLayout layout;
    layout.add("out", {static_cast<std::int64_t>(classes), static_cast<std::int64_t>(features)},
               TensorKind::kWeight);
    layout.add("out.bias", {static_cast<std::int64_t>(classes)}, TensorKind::kBias);
    const std::size_t bias = classes * features;
    for (std::size_t c = 0; c < classes; ++c) given.familiar.push_back(c == 0 || rng.below(2) == 0);
    std::vector<Vector> models(heard + 1, Vector(layout.size()));
    std::vector<std::vector<ClassScore>> scores;
    for (std::size_t j = 0; j <= heard; ++j) {
      for (float& value : models[j]) value = static_cast<float>(rng.normal());
      models[j][bias] = static_cast<float>(j);
      reference::Numbers f1;
      scores.emplace_back();
      for (std::size_t c = 0; c < classes; ++c) {
        const int correct = static_cast<int>(rng.below(11));
        scores.back().push_back(f1_of_ten(correct));
        if (!given.familiar[c]) scores.back().back().samples = 0;
        f1.push_back(correct / 10.0);
      }
      if (j == 0) given.own_f1 = f1;
      if (j > 0) given.f1.push_back(f1);
    }
    ScoreTable oracle(bias, models[0][0]);
    oracle.scores = scores;
    // Every head has the same first weight, which ScoreTable checks like a body.
    for (Vector& model : models) model[0] = models[0][0];
    NeighborhoodCase input = evenly(models[0], {models.begin() + 1, models.end()});
    input.oracle = &oracle;
    input.layout = &layout;
    const BristleOptions options{
        .prioritizer = Prioritizer::kAll, .phi = static_cast<int>(given.phi), .center = false};
    const Vector result = run_rule(*make_aggregator(options), input).result;
    const reference::Numbers expected = reference::bristle(given, input);
    for (std::size_t i = 0; i < result.size(); ++i) ASSERT_NEAR(result[i], expected[i], 5e-5) << i;
  }
}

}  // namespace
}  // namespace hearsay
