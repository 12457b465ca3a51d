// The self-centered rules against slow, obvious versions on random neighborhoods.

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <string>

#include "aggregators/age_weighted.hpp"
#include "aggregators/balance.hpp"
#include "aggregators/cfa.hpp"
#include "aggregators/clipped_gossip.hpp"
#include "aggregators/cs_plus_rg.hpp"
#include "aggregators/decavg.hpp"
#include "aggregators/decdiff.hpp"
#include "aggregators/ios.hpp"
#include "aggregators/mean.hpp"
#include "aggregators/mixing_average.hpp"
#include "aggregators/monna.hpp"
#include "aggregators/neighborhood.hpp"
#include "aggregators/reputation.hpp"
#include "aggregators/rsa.hpp"
#include "aggregators/ubar.hpp"
#include "aggregators/vector_kernels.hpp"
#include "tests/reference/reference_local_rules.hpp"
#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kMostModels = 40;
constexpr std::size_t kMostEntries = 300;

/// Calls `check` with 200 random neighborhoods and a stream for more draws.
template <class Check>
void for_random_cases(const Check& check) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const NeighborhoodCase input = random_case(rng, kMostModels, kMostEntries);
    check(input, rng);
    if (testing::Test::HasFatalFailure()) return;
  }
}

void expect_near(const Vector& result, const reference::Numbers& expected) {
  ASSERT_EQ(result.size(), expected.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    ASSERT_NEAR(result[i], expected[i], 2e-5) << "entry " << i;
  }
}

/// A number of attackers that a rule needing factor * f + extra models can tolerate, if any.
int feasible_f(const NeighborhoodCase& input, Rng& rng, int factor, int extra) {
  const int inputs = static_cast<int>(input.heard.size()) + 1;
  if (inputs < extra) return -1;
  return static_cast<int>(rng.below(static_cast<std::uint64_t>((inputs - extra) / factor) + 1));
}

TEST(MixingAverage, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng&) {
    reference::Numbers weights{1.0};
    for (const Heard& heard : input.heard) {
      weights.push_back(heard.weight);
      weights[0] -= heard.weight;
    }
    expect_near(run_rule(*make_aggregator(MixingAverageOptions{}), input).result,
                reference::weighted_sum(input, weights));
  });
}

TEST(Mean, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng&) {
    const auto n = static_cast<double>(input.heard.size() + 1);
    const reference::Numbers weights(input.heard.size() + 1, 1.0 / n);
    expect_near(run_rule(*make_aggregator(MeanOptions{}), input).result,
                reference::weighted_sum(input, weights));
  });
}

TEST(Decavg, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng&) {
    double total = static_cast<double>(input.own_samples);
    for (const Heard& heard : input.heard) total += static_cast<double>(heard.samples);
    reference::Numbers weights{static_cast<double>(input.own_samples) / total};
    for (const Heard& heard : input.heard) {
      weights.push_back(static_cast<double>(heard.samples) / total);
    }
    expect_near(run_rule(*make_aggregator(DecavgOptions{}), input).result,
                reference::weighted_sum(input, weights));
  });
}

TEST(Monna, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng& rng) {
    const int f = feasible_f(input, rng, 2, 1);
    const RuleOutcome outcome = run_rule(*make_aggregator(MonnaOptions{.f = f}), input);
    expect_near(outcome.result, reference::monna(input, static_cast<std::size_t>(f)));
  });
}

TEST(Ios, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng& rng) {
    const int f = feasible_f(input, rng, 3, 1);
    const RuleOutcome outcome = run_rule(*make_aggregator(IosOptions{.f = f}), input);
    expect_near(outcome.result, reference::ios(input, static_cast<std::size_t>(f)));
  });
}

TEST(CsPlusRg, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng& rng) {
    const int f = feasible_f(input, rng, 2, 2);
    const double tau = reference::cs_plus_threshold(input, static_cast<std::size_t>(f));
    const RuleOutcome outcome = run_rule(*make_aggregator(CsPlusRgOptions{.f = f}), input);
    expect_near(outcome.result, reference::clipped(input, tau));
  });
}

TEST(ClippedGossip, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng& rng) {
    const double tau = 5.0 * rng.uniform() + 0.1;
    const auto fixed = make_aggregator(ClippedGossipOptions{.radius = FixedRadius{.tau = tau}});
    expect_near(run_rule(*fixed, input).result, reference::clipped(input, tau));
    const int f = feasible_f(input, rng, 2, 1);
    const double radius = reference::adaptive_radius(input, static_cast<std::size_t>(f));
    const auto adaptive = make_aggregator(ClippedGossipOptions{.radius = AdaptiveRadius{.f = f}});
    expect_near(run_rule(*adaptive, input).result, reference::clipped(input, radius));
    const auto second = make_aggregator(ClippedGossipOptions{});
    const std::vector<std::size_t> order = reference::by_distance(input);
    const std::size_t at = order.size() == 1 ? 0 : order.size() - 2;
    expect_near(run_rule(*second, input).result,
                reference::clipped(input, reference::own_distance(input, order[at])));
  });
}

TEST(Rsa, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng&) {
    const Vector result = run_rule(*make_aggregator(RsaOptions{.step = 0.01}), input).result;
    reference::Numbers expected = reference::numbers(input.own);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      for (const Heard& heard : input.heard) {
        if (input.own[i] > heard.model[i]) expected[i] -= 0.01;
        if (input.own[i] < heard.model[i]) expected[i] += 0.01;
      }
    }
    expect_near(result, expected);
  });
}

TEST(Balance, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng& rng) {
    const BalanceOptions options{
        .alpha = rng.uniform(), .gamma = 0.5 + 2.0 * rng.uniform(), .kappa = 1.5, .rounds = 40};
    const double norm =
        reference::distance(reference::numbers(input.own), reference::Numbers(input.own.size()));
    // Rounds go up to 49: those beyond 40 count as 40.
    const double time = std::min(input.round, 40) / 40.0;
    const double bound = options.gamma * std::exp(-1.5 * time) * norm;
    reference::Numbers weights(input.heard.size() + 1);
    double accepted = 0.0;
    for (std::size_t j = 0; j < input.heard.size(); ++j) {
      if (reference::own_distance(input, j) > bound) continue;
      weights[j + 1] = 1.0;
      accepted += 1.0;
    }
    for (double& weight : weights) weight *= (1.0 - options.alpha) / std::max(1.0, accepted);
    weights[0] = accepted == 0.0 ? 1.0 : options.alpha;
    expect_near(run_rule(*make_aggregator(options), input).result,
                reference::weighted_sum(input, weights));
  });
}

TEST(Cfa, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng& rng) {
    const double epsilon = 0.1 + 0.9 * rng.uniform();
    const auto rule = make_aggregator(CfaOptions{.epsilon = epsilon});
    expect_near(run_rule(*rule, input).result, reference::towards_average(input, epsilon));
  });
}

TEST(Decdiff, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng& rng) {
    const double s = 0.1 + 3.0 * rng.uniform();
    const double length =
        reference::distance(reference::neighbors_average(input), reference::numbers(input.own));
    const auto rule = make_aggregator(DecdiffOptions{.s = s});
    expect_near(run_rule(*rule, input).result,
                reference::towards_average(input, 1.0 / (length + s)));
  });
}

TEST(AgeWeighted, AgreesWithTheSlowVersion) {
  for_random_cases([](const NeighborhoodCase& input, Rng&) {
    expect_near(run_rule(*make_aggregator(AgeWeightedOptions{}), input).result,
                reference::age_weighted(input));
  });
}

/// The loss is the sum of all entries, a whole number where they are.
class SumOracle final : public ModelOracle {
 public:
  static double sum(std::span<const float> model) {
    return std::accumulate(model.begin(), model.end(), 0.0);
  }
  double loss(std::span<const float> model) override { return sum(model); }
  std::vector<ClassScore> class_scores(std::span<const float>) override { return {}; }
};

TEST(Ubar, AgreesWithTheSlowVersion) {
  for_random_cases([](NeighborhoodCase input, Rng& rng) {
    SumOracle oracle;
    input.oracle = &oracle;
    const UbarOptions options{.rho = 1.0 - rng.uniform(), .alpha = rng.uniform()};
    expect_near(run_rule(*make_aggregator(options), input).result,
                reference::ubar(input, options.rho, options.alpha, SumOracle::sum));
  });
}

TEST(Reputation, AgreesWithTheSlowVersionOverSeveralRounds) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const auto rule = make_aggregator(ReputationOptions{.memory = 0.7, .own_weight = 0.0});
    const std::unique_ptr<AggregatorState> state = rule->make_state();
    NeighborhoodCase input = random_case(rng, kMostModels, kMostEntries);
    input.state = state.get();
    reference::Numbers scores(input.heard.size(), 0.5);
    for (int round = 0; round < 5; ++round) {
      for (Heard& heard : input.heard) {
        for (float& value : heard.model) value = static_cast<float>(rng.below(4));
      }
      const reference::Numbers expected = reference::reputation(input, 0.7, scores);
      expect_near(run_rule(*rule, input).result, expected);
    }
  }
}

TEST(SquaredDistances, AgreeWithAPlainSumAcrossBlockBorders) {
  for (const std::size_t size : {1UL, 15UL, 17UL, 16384UL, 16385UL, 40000UL}) {
    Rng rng(size);
    std::vector<Vector> models(3, Vector(size));
    for (Vector& model : models) {
      for (float& value : model) value = static_cast<float>(rng.normal());
    }
    const std::vector<WeightedVector> center{{0.25F, models[0]}, {0.75F, models[1]}};
    const std::vector<std::span<const float>> vectors{models[2], models[0]};
    double expected = 0.0;
    double product = 0.0;
    for (std::size_t i = 0; i < size; ++i) {
      const double middle = 0.25 * models[0][i] + 0.75 * models[1][i];
      expected += (models[2][i] - middle) * (models[2][i] - middle);
      product += static_cast<double>(models[0][i]) * models[1][i];
    }
    const double bound = 1e-6 * static_cast<double>(size);
    EXPECT_NEAR(squared_distances(center, vectors)[0], expected, bound);
    EXPECT_NEAR(inner_product(models[0], models[1]), product, 1e-9);
  }
}

}  // namespace
}  // namespace hearsay
