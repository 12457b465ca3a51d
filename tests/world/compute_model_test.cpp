// What every compute model owes, and the kinds with a speed per peer. Stragglers, traces:
// straggler_test.cpp, trace_compute_test.cpp.
#include "node/world/compute_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/error.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/world/sample_moments.hpp"

namespace hearsay {
namespace {

SimTime ms(double value) { return SimTime::from_seconds(value * 1e-3); }

/// Step times in units of step_time, 1 ms; long enough for rounding not to matter.
double factor_of(const ComputeModel& model, PeerId peer, std::uint64_t nth) {
  return model.training_time(peer, 1000, nth).seconds();
}

double aggregation_factor_of(const ComputeModel& model, PeerId peer, std::uint64_t nth) {
  return model.aggregation_time(peer, nth).seconds();
}

/// Each kind, with every option that makes tasks differ.
class AnyCompute : public testing::TestWithParam<std::size_t> {
 protected:
  static constexpr int kPeers = 5;

  std::vector<ComputeOptions> all() const {
    return {FixedComputeOptions{},
            LognormalComputeOptions{},
            HomoComputeOptions{},
            NormalComputeOptions{},
            ExponentialComputeOptions{},
            ClassesComputeOptions{},
            ParetoComputeOptions{},
            GilbertElliottComputeOptions{.p = {0.3}, .q = {0.4}, .bad_round = {0.2}},
            TraceComputeOptions{.file = trace({1.5, 2, 0.25, 8, 3})},
            MeasuredComputeOptions{.slowdown = 3.0}};
  }

  /// The same kinds, as slow as they can be.
  std::vector<ComputeOptions> slowest() const {
    const SimTime longest = SimTime::max();
    const std::vector<double> many = {1e6, 1e6};
    return {
        FixedComputeOptions{.step_time = longest, .aggregation_time = longest},
        LognormalComputeOptions{.step_time = longest, .sigma = 5, .aggregation_time = longest},
        HomoComputeOptions{.step_time = longest, .jitter = 1, .aggregation_time = longest},
        NormalComputeOptions{
            .step_time = longest, .spread = 1, .jitter = 1, .aggregation_time = longest},
        ExponentialComputeOptions{.step_time = longest, .jitter = 1, .aggregation_time = longest},
        ClassesComputeOptions{.step_time = longest,
                              .shares = {0.5, 0.5},
                              .factors = many,
                              .aggregation_time = longest},
        ParetoComputeOptions{.step_time = longest, .shape = 1, .aggregation_time = longest},
        GilbertElliottComputeOptions{.step_time = longest,
                                     .p = {0.5},
                                     .q = {0.5},
                                     .factor = 1e6,
                                     .bad_round = {0.5},
                                     .bad_round_factor = 1e6,
                                     .aggregation_time = longest},
        TraceComputeOptions{.file = trace({8e12, 8e12, 8e12, 8e12, 8e12}),
                            .aggregation_time = longest},
        MeasuredComputeOptions{.slowdown = 1e6, .aggregation_time = longest}};
  }

  std::unique_ptr<ComputeModel> make(const ComputeOptions& options, std::uint64_t seed = 1) const {
    return make_compute(options, kPeers, Rng(seed), ms(2));
  }

 private:
  std::string trace(const std::vector<double>& step_ms) const {
    const auto path = directory_.path() / "trace.csv";
    std::ofstream file(path);
    file << "peer,step_ms\n";
    for (std::size_t peer = 0; peer < step_ms.size(); ++peer) {
      file << peer << "," << step_ms[peer] << "\n" << peer << "," << step_ms[peer] << "\n";
    }
    return path.string();
  }

  TemporaryDirectory directory_;
};

TEST_P(AnyCompute, IsAPureFunctionOfPeerStepsAndNth) {
  const ComputeOptions options = all().at(GetParam());
  ASSERT_EQ(options.index(), GetParam());
  const auto ascending = make(options);
  std::map<std::pair<PeerId, std::uint64_t>, std::pair<SimTime, SimTime>> times;
  for (std::uint64_t nth = 0; nth < 40; ++nth) {
    for (PeerId peer = 0; peer < kPeers; ++peer) {
      times[{peer, nth}] = {ascending->training_time(peer, 3, nth),
                            ascending->aggregation_time(peer, nth)};
    }
  }
  // In another order, with repetitions, from a model that was asked nothing before, as
  // after a resume.
  const auto shuffled = make(options);
  Rng order(7);
  for (int call = 0; call < 1000; ++call) {
    const auto peer = static_cast<PeerId>(order.below(kPeers));
    const std::uint64_t nth = order.below(40);
    const auto [training, aggregation] = times.at({peer, nth});
    ASSERT_EQ(shuffled->training_time(peer, 3, nth), training) << peer << " " << nth;
    ASSERT_EQ(shuffled->aggregation_time(peer, nth), aggregation) << peer << " " << nth;
    ASSERT_EQ(make(options)->training_time(peer, 3, nth), training) << peer << " " << nth;
  }
}

TEST_P(AnyCompute, CostsNothingForNoSteps) {
  for (const auto& options : {all().at(GetParam()), slowest().at(GetParam())}) {
    const auto model = make(options);
    for (PeerId peer = 0; peer < kPeers; ++peer) {
      EXPECT_EQ(model->training_time(peer, 0, 3), SimTime{});
    }
  }
}

TEST_P(AnyCompute, GrowsWithTheSteps) {
  const auto model = make(all().at(GetParam()));
  for (PeerId peer = 0; peer < kPeers; ++peer) {
    const double one = model->training_time(peer, 1, 2).seconds();
    EXPECT_GT(one, 0.0);
    // One draw for all steps of a task; each time is rounded to 1 ns.
    EXPECT_NEAR(model->training_time(peer, 1000, 2).seconds(), 1000 * one, 1000 * 1e-9);
  }
}

TEST_P(AnyCompute, SaturatesAtTheLongestTask) {
  const ComputeOptions options = slowest().at(GetParam());
  ASSERT_EQ(options.index(), GetParam());
  bool reached = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto model = make(options, seed);
    for (std::uint64_t nth = 0; nth < 20; ++nth) {
      for (const int steps : {1, 1000, std::numeric_limits<int>::max()}) {
        const SimTime time = model->training_time(0, steps, nth);
        EXPECT_GE(time, SimTime{});
        EXPECT_LE(time, ComputeModel::kLongestTask);
        reached = reached || time == ComputeModel::kLongestTask;
      }
      EXPECT_GE(model->aggregation_time(1, nth), SimTime{});
      EXPECT_LE(model->aggregation_time(1, nth), ComputeModel::kLongestTask);
    }
  }
  EXPECT_TRUE(reached);
}

INSTANTIATE_TEST_SUITE_P(EveryKind, AnyCompute,
                         testing::Range(std::size_t{0}, std::variant_size_v<ComputeOptions>));

TEST(FixedCompute, CostsStepsTimesStepTime) {
  const auto model =
      make_compute(FixedComputeOptions{.step_time = ms(2), .aggregation_time = ms(3)}, 4, Rng(1));
  EXPECT_EQ(model->training_time(0, 10, 0), ms(20));
  EXPECT_EQ(model->training_time(3, 10, 5), ms(20));
  EXPECT_EQ(model->aggregation_time(2, 9), ms(3));
}

TEST(FixedCompute, IsExactBeyondThePrecisionOfDouble) {
  // 2^53 + 1 is the first whole number that a double cannot hold.
  const SimTime odd{(std::int64_t{1} << 53) + 1};
  const auto model = make_compute(FixedComputeOptions{.step_time = odd}, 1, Rng(1));
  EXPECT_EQ(model->training_time(0, 1, 0), odd);
  EXPECT_EQ(model->training_time(0, 3, 0), odd * 3);
}

TEST(MeasuredCompute, ScalesTheMeasuredStepTime) {
  const MeasuredComputeOptions options{.slowdown = 2.5, .aggregation_time = ms(3)};
  const auto model = make_compute(options, 2, Rng(1), ms(4));
  EXPECT_EQ(model->training_time(1, 3, 7), ms(30));
  EXPECT_EQ(model->aggregation_time(0, 7), ms(3));
}

TEST(LognormalCompute, DrawsOneSpeedPerPeer) {
  const int peers = 20'001;
  const auto model = make_compute(
      LognormalComputeOptions{.step_time = ms(1), .sigma = 0.5, .aggregation_time = ms(1000)},
      peers, Rng(1));
  std::vector<double> logs;
  for (PeerId peer = 0; peer < peers; ++peer) {
    const double factor = factor_of(*model, peer, 0);
    EXPECT_EQ(factor_of(*model, peer, 5), factor);
    EXPECT_EQ(aggregation_factor_of(*model, peer, 5), factor);
    logs.push_back(std::log(factor));
  }
  std::ranges::sort(logs);
  // Standard error of the median: 1.25 * 0.5 / sqrt(20001) = 0.0044.
  EXPECT_NEAR(logs[peers / 2], 0.0, 0.02);
  EXPECT_NEAR(logs[peers * 84 / 100], 0.5, 0.03) << "one sigma above";
}

// A recorded run's speeds must stay: exp(sigma z), z the first normal number of the stream
// ("speed", peer).
TEST(LognormalCompute, KeepsItsStreams) {
  const Rng rng(3);
  const auto model =
      make_compute(LognormalComputeOptions{.step_time = ms(2), .sigma = 0.7}, 4, rng);
  for (PeerId peer = 0; peer < 4; ++peer) {
    Rng own = rng.split("speed", static_cast<std::uint64_t>(peer));
    const double nanoseconds = 5 * 2e6 * std::exp(0.7 * own.normal());
    EXPECT_EQ(model->training_time(peer, 5, 0).nanoseconds, std::llround(nanoseconds));
  }
}

// Moments of n draws of N(1, 0.05^2): standard errors 0.05 / sqrt(n) of the mean and
// 0.05 / sqrt(2 n) of the deviation, 0.00022 and 0.00016 for n = 50,000. Bounds: 5 of them.
TEST(HomoCompute, JittersEachTaskByItself) {
  const auto model = make_compute(
      HomoComputeOptions{.step_time = ms(1), .jitter = 0.05, .aggregation_time = ms(1000)}, 50,
      Rng(2));
  SampleMoments trainings;
  SampleMoments aggregations;
  SampleMoments products;
  for (PeerId peer = 0; peer < 50; ++peer) {
    for (std::uint64_t nth = 0; nth < 1000; ++nth) {
      const double training = factor_of(*model, peer, nth);
      const double aggregation = aggregation_factor_of(*model, peer, nth);
      trainings.add(training);
      aggregations.add(aggregation);
      products.add((training - 1.0) * (aggregation - 1.0));
    }
  }
  EXPECT_NEAR(trainings.mean(), 1.0, 0.0011);
  EXPECT_NEAR(trainings.deviation(), 0.05, 0.0008);
  EXPECT_NEAR(aggregations.mean(), 1.0, 0.0011);
  EXPECT_NEAR(aggregations.deviation(), 0.05, 0.0008);
  // Independent: deviation of a product 0.0025, standard error of its mean 1.1e-5.
  EXPECT_NEAR(products.mean(), 0.0, 6e-5);
}

TEST(HomoCompute, WithoutJitterIsFixed) {
  const auto model = make_compute(HomoComputeOptions{.step_time = ms(2), .jitter = 0}, 2, Rng(2));
  EXPECT_EQ(model->training_time(1, 7, 3), ms(14));
}

// Jitter 1: N(1, 1) given that it is positive. With phi(1) = 0.24197 and Phi(1) = 0.84134,
// lambda = phi / Phi = 0.28760: mean 1 + lambda = 1.2876, variance 1 - lambda - lambda^2 =
// 0.62968, deviation 0.7935. Standard error of the mean: 0.7935 / sqrt(40000) = 0.004.
TEST(HomoCompute, RedrawsUntilAboveZero) {
  const auto model = make_compute(HomoComputeOptions{.step_time = ms(1), .jitter = 1}, 1, Rng(4));
  SampleMoments moments;
  for (std::uint64_t nth = 0; nth < 40'000; ++nth) {
    const double factor = factor_of(*model, 0, nth);
    ASSERT_GT(factor, 0.0);
    moments.add(factor);
  }
  EXPECT_NEAR(moments.mean(), 1.2876, 0.02);
  EXPECT_NEAR(moments.deviation(), 0.7935, 0.015);
}

// Over peers, without jitter: mean 1.0005, deviation 0.2992 (the cut at 0 is 3.3 deviations
// away). Standard errors with 40,000 peers: 0.0015 and 0.0011.
TEST(NormalCompute, DrawsOneSpeedPerPeer) {
  const int peers = 40'000;
  const auto model = make_compute(
      NormalComputeOptions{
          .step_time = ms(1), .spread = 0.3, .jitter = 0, .aggregation_time = ms(1000)},
      peers, Rng(5));
  SampleMoments moments;
  for (PeerId peer = 0; peer < peers; ++peer) {
    const double factor = factor_of(*model, peer, 0);
    ASSERT_GT(factor, 0.0);
    EXPECT_EQ(factor_of(*model, peer, 1), factor);
    EXPECT_EQ(aggregation_factor_of(*model, peer, 1), factor);
    moments.add(factor);
  }
  EXPECT_NEAR(moments.mean(), 1.0005, 0.0075);
  EXPECT_NEAR(moments.deviation(), 0.2992, 0.0055);
}

// The jitter is relative to the peer's own t_i: a slow peer's tasks vary by more.
TEST(NormalCompute, JittersInProportionToThePeersOwnTime) {
  const auto steady =
      make_compute(NormalComputeOptions{.step_time = ms(1), .jitter = 0}, 20, Rng(6));
  const auto jittered =
      make_compute(NormalComputeOptions{.step_time = ms(1), .jitter = 0.1}, 20, Rng(6));
  for (PeerId peer = 0; peer < 20; ++peer) {
    SampleMoments moments;
    for (std::uint64_t nth = 0; nth < 2000; ++nth) moments.add(factor_of(*jittered, peer, nth));
    // Standard errors relative to t_i: 0.1 / sqrt(2000) = 0.0022, 0.1 / sqrt(4000) = 0.0016.
    const double own = factor_of(*steady, peer, 0);
    EXPECT_NEAR(moments.mean() / own, 1.0, 0.011);
    EXPECT_NEAR(moments.deviation() / own, 0.1, 0.008);
  }
}

// Exp(1): mean 1, deviation 1, P(> 2) = exp(-2) = 0.1353. Standard errors with 40,000 peers:
// 0.005; sqrt(8 / (4 n)) = 0.007 (the fourth central moment is 9); 0.0017.
TEST(ExponentialCompute, DrawsOneSpeedPerPeer) {
  const int peers = 40'000;
  const auto model =
      make_compute(ExponentialComputeOptions{.step_time = ms(1), .jitter = 0}, peers, Rng(8));
  SampleMoments moments;
  int above_two = 0;
  for (PeerId peer = 0; peer < peers; ++peer) {
    const double factor = factor_of(*model, peer, 3);
    moments.add(factor);
    above_two += factor > 2.0 ? 1 : 0;
  }
  EXPECT_NEAR(moments.mean(), 1.0, 0.025);
  EXPECT_NEAR(moments.deviation(), 1.0, 0.035);
  EXPECT_NEAR(above_two / static_cast<double>(peers), 0.1353, 0.0085);
}

std::map<double, int> class_sizes(const ClassesComputeOptions& options, int peers) {
  const auto model = make_compute(options, peers, Rng(9));
  std::map<double, int> sizes;
  for (PeerId peer = 0; peer < peers; ++peer) {
    const double factor = factor_of(*model, peer, 0);
    EXPECT_EQ(aggregation_factor_of(*model, peer, 4), factor);
    ++sizes[factor];
  }
  return sizes;
}

// 7 peers: round(3.5) = 4, round(5.6) - 4 = 2, the rest 1.
TEST(ClassesCompute, GivesEachClassItsShareOfThePeers) {
  ClassesComputeOptions options{.step_time = ms(1),
                                .shares = {0.5, 0.3, 0.2},
                                .factors = {1, 2, 5},
                                .aggregation_time = ms(1000)};
  EXPECT_EQ(class_sizes(options, 10), (std::map<double, int>{{1, 5}, {2, 3}, {5, 2}}));
  EXPECT_EQ(class_sizes(options, 7), (std::map<double, int>{{1, 4}, {2, 2}, {5, 1}}));
  EXPECT_EQ(class_sizes(options, 1), (std::map<double, int>{{1, 1}}));
  options.shares = {0.333, 0.333, 0.333};
  EXPECT_EQ(class_sizes(options, 9), (std::map<double, int>{{1, 3}, {2, 3}, {5, 3}}));
  options.shares = {0, 1.0005, 0};
  EXPECT_EQ(class_sizes(options, 10'000), (std::map<double, int>{{2, 10'000}}));
}

TEST(ClassesCompute, DrawsWhoIsInWhichClass) {
  const ClassesComputeOptions options{.step_time = ms(1), .shares = {0.5, 0.5}, .factors = {1, 2}};
  const auto one = make_compute(options, 100, Rng(1));
  const auto other = make_compute(options, 100, Rng(2));
  int first_half = 0;
  int different = 0;
  for (PeerId peer = 0; peer < 100; ++peer) {
    first_half += peer < 50 && factor_of(*one, peer, 0) == 1.0 ? 1 : 0;
    different += factor_of(*one, peer, 0) != factor_of(*other, peer, 0) ? 1 : 0;
  }
  // Hypergeometric: mean 25, deviation 2.5; 12 means five deviations.
  EXPECT_NEAR(first_half, 25, 12);
  EXPECT_GT(different, 20);
}

TEST(ComputeModel, SaysWhyOptionsAreInfeasible) {
  using Classes = ClassesComputeOptions;
  const std::string advice = "; give one factor per share, at least one";
  EXPECT_EQ(infeasible(Classes{.shares = {0.5, 0.5, 0}, .factors = {1, 2}}, 4),
            "3 shares and 2 factors" + advice);
  EXPECT_EQ(infeasible(Classes{.shares = {}, .factors = {}}, 4), "0 shares and 0 factors" + advice);
  EXPECT_EQ(infeasible(Classes{.shares = {0.5, 0.25}, .factors = {1, 2}}, 4),
            "shares add up to 0.75, must add up to 1");
  EXPECT_EQ(infeasible(TraceComputeOptions{}, 4), "file is missing; it names the CSV file");
  EXPECT_EQ(infeasible(Classes{}, 1), std::nullopt);
  EXPECT_EQ(infeasible(MeasuredComputeOptions{}, 1), std::nullopt);
  EXPECT_THROW(make_compute(TraceComputeOptions{}, 4, Rng(1)), UserError);
}

}  // namespace
}  // namespace hearsay
