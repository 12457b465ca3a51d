// The recursions of the decentralised optimizers, worked out with matrices, and the invariants
// that their papers prove.

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <Eigen/LU>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "node/protocols/dpsgd.hpp"
#include "node/protocols/exact_diffusion.hpp"
#include "node/protocols/extra.hpp"
#include "node/protocols/gradient_tracking.hpp"
#include "node/protocols/qg_dsgdm.hpp"
#include "tests/protocols/round_driver.hpp"
#include "topologies/grid.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 6;
constexpr int kRounds = 12;

// Peer i minimises a_i (x - b_i)^2 / 2; a step takes lr a_i (x - b_i) away. The optimum of the
// sum is sum a_i b_i / sum a_i = (0 + 2 + 6 + 12 + 5 + 12) / 21 = 37 / 21.
class Optimizers : public testing::Test {
 protected:
  template <class Options>
  RoundDriver drive(const Options& options) const {
    return RoundDriver(
        graph_, [&](const PeerView& view) { return make_protocol(options, view); },
        [this](PeerId peer, float x) {
          return static_cast<float>(x - step(peer, static_cast<double>(x)));
        });
  }

  template <class Options>
  static Options with_rounds(int rounds) {
    Options options;
    options.rounds = rounds;
    return options;
  }

  double step(PeerId peer, double x) const { return lr_ * a_[peer] * (x - b_[peer]); }

  Eigen::VectorXd steps(const Eigen::VectorXd& x) const {
    return lr_ * (a_.array() * (x - b_).array());
  }

  std::vector<float> start() const { return {5, -1, 2, 8, 0, 3}; }

  Eigen::VectorXd x0() const {
    const std::vector<float> values = start();
    return Eigen::Map<const Eigen::VectorXf>(values.data(), kPeers).cast<double>();
  }

  void expect_round(const RoundDriver& driver, int round, const Eigen::VectorXd& expected) const {
    for (int peer = 0; peer < kPeers; ++peer) {
      const auto& mine = driver.reports[static_cast<std::size_t>(peer)];
      ASSERT_NEAR(mine.at(static_cast<std::size_t>(round)), expected[peer], 1e-4)
          << "round " << round << ", peer " << peer;
    }
  }

  static double sum_of(const std::map<std::pair<int, PeerId>, Message>& letters, int round) {
    double sum = 0;
    for (PeerId peer = 0; peer < kPeers; ++peer) sum += value_of(letters.at({round, peer}).model);
    return sum;
  }

  // Of all peers, from their models at the beginning of the round. REQUIRES: round > 0.
  double steps_in(const RoundDriver& driver, int round) const {
    Eigen::VectorXd x(kPeers);
    for (int peer = 0; peer < kPeers; ++peer) {
      x[peer] = driver.reports[static_cast<std::size_t>(peer)][static_cast<std::size_t>(round - 1)];
    }
    return steps(x).sum();
  }

  double lr_ = 0.1;
  Eigen::VectorXd a_{{1, 2, 3, 4, 5, 6}};
  Eigen::VectorXd b_{{0, 1, 2, 3, 1, 2}};
  Graph graph_ = make_graph(GridOptions{.rows = 2, .columns = 3}, kPeers, Rng(1));
  Eigen::MatrixXd w_ = MixingMatrix::metropolis_hastings(graph_).dense();
};

TEST_F(Optimizers, GradientTrackingFollowsItsRecursion) {
  RoundDriver driver = drive(with_rounds<GradientTrackingOptions>(kRounds));
  driver.run(start());
  Eigen::VectorXd x = x0();
  Eigen::VectorXd u = steps(x);
  Eigen::VectorXd y = u;
  for (int k = 0; k < kRounds; ++k) {
    x = w_ * (x - y);
    expect_round(driver, k, x);
    const Eigen::VectorXd before = std::exchange(u, steps(x));
    y = w_ * y + u - before;
  }
}

TEST_F(Optimizers, GradientTrackersSumToTheStepsOfAll) {
  RoundDriver driver = drive(with_rounds<GradientTrackingOptions>(kRounds));
  driver.run(start());
  EXPECT_NEAR(sum_of(driver.trackers, 0), steps(x0()).sum(), 1e-4);
  for (int k = 1; k < kRounds; ++k) {
    EXPECT_NEAR(sum_of(driver.trackers, k), steps_in(driver, k), 1e-4) << k;
  }
}

// In round 3 peer 0 misses half of the letter of its neighbor 1. That one goes on, and its letter
// of round 4 stands in, so that the sum is off by W(0,1) (y_1^4 - y_1^3) from then on.
TEST_F(Optimizers, GradientTrackingLosesTheSumByTheDifferenceOfTrackersOnly) {
  for (const MessageKind half : {MessageKind::kModel, MessageKind::kTracker}) {
    RoundDriver driver = drive(with_rounds<GradientTrackingOptions>(kRounds));
    driver.is_lost = [half](const Message& message) {
      return message.round == 3 && message.from == 1 && message.to == 0 && message.kind == half;
    };
    driver.run(start());
    const auto tracker_of_1 = [&](int k) { return value_of(driver.trackers.at({k, 1}).model); };
    const double error = w_(0, 1) * (tracker_of_1(4) - tracker_of_1(3));
    ASSERT_GT(std::abs(error), 1e-3) << "or the test says nothing";
    for (const int k : {3, 4, 7, kRounds - 1}) {
      EXPECT_NEAR(sum_of(driver.trackers, k), steps_in(driver, k) + (k > 3 ? error : 0.0), 1e-4)
          << k;
    }
  }
}

// Where both sides of a link miss each other and keep the weight, W stays symmetric.
TEST_F(Optimizers, GradientTrackingKeepsTheSumIfALinkFailsBothWays) {
  auto options = with_rounds<GradientTrackingOptions>(kRounds);
  options.missing = MissingPolicy::kDrop;
  for (const MissingWeight policy : {MissingWeight::kSelf, MissingWeight::kRenormalize}) {
    options.missing_weight = policy;
    RoundDriver driver = drive(options);
    driver.is_lost = [](const Message& message) {
      return message.round == 3 && message.from + message.to == 1;
    };
    driver.run(start());
    const double error = std::abs(sum_of(driver.trackers, 4) - steps_in(driver, 4));
    if (policy == MissingWeight::kSelf) {
      EXPECT_LT(error, 1e-4);
    } else {
      EXPECT_GT(error, 1e-3);
    }
  }
}

TEST_F(Optimizers, ExactDiffusionFollowsItsRecursion) {
  for (const bool lazy : {true, false}) {
    auto options = with_rounds<ExactDiffusionOptions>(kRounds);
    options.lazy = lazy;
    RoundDriver driver = drive(options);
    driver.run(start());
    const Eigen::MatrixXd mixing =
        lazy ? Eigen::MatrixXd(0.5 * (Eigen::MatrixXd::Identity(kPeers, kPeers) + w_)) : w_;
    Eigen::VectorXd x = x0();
    Eigen::VectorXd psi = x;
    for (int k = 0; k < kRounds; ++k) {
      const Eigen::VectorXd next_psi = x - steps(x);
      const Eigen::VectorXd phi = next_psi + x - psi;
      x = mixing * phi;
      psi = next_psi;
      expect_round(driver, k, x);
      EXPECT_NEAR(x.mean(), psi.mean(), 1e-9) << "the mean obeys gradient descent";
    }
  }
}

// D2 as its authors write it: x^{k+1} = W (2 x^k - x^{k-1} - (u^k - u^{k-1})).
TEST_F(Optimizers, ExactDiffusionIsD2) {
  auto options = with_rounds<ExactDiffusionOptions>(kRounds);
  options.lazy = false;
  RoundDriver driver = drive(options);
  driver.run(start());
  Eigen::VectorXd before = x0();
  Eigen::VectorXd x = w_ * (before - steps(before));
  for (int k = 1; k < kRounds; ++k) {
    const Eigen::VectorXd next = w_ * (2 * x - before - (steps(x) - steps(before)));
    before = std::exchange(x, next);
    expect_round(driver, k, x);
  }
}

TEST_F(Optimizers, ExtraFollowsItsRecursion) {
  RoundDriver driver = drive(with_rounds<ExtraOptions>(kRounds));
  driver.run(start());
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(kPeers, kPeers);
  Eigen::VectorXd before = x0();
  Eigen::VectorXd x = w_ * before - steps(before);
  expect_round(driver, 0, x);
  for (int k = 1; k < kRounds; ++k) {
    const Eigen::VectorXd next =
        (identity + w_) * x - 0.5 * (identity + w_) * before - (steps(x) - steps(before));
    before = std::exchange(x, next);
    expect_round(driver, k, x);
  }
}

// Peer 0 misses its neighbor 1's letter of round 3, and so begins its correction anew.
TEST_F(Optimizers, BeginTheirCorrectionAnewWhenALetterWasMissing) {
  const auto lose = [](const Message& message) {
    return message.round == 3 && message.from == 1 && message.to == 0;
  };
  const auto model = [](const RoundDriver& driver, int round, PeerId peer) -> double {
    return driver.reports[static_cast<std::size_t>(peer)][static_cast<std::size_t>(round - 1)];
  };
  RoundDriver diffusion = drive(with_rounds<ExactDiffusionOptions>(kRounds));
  diffusion.is_lost = lose;
  diffusion.run(start());
  for (const PeerId peer : {0, 1}) {
    const double trained = model(diffusion, 4, peer) - step(peer, model(diffusion, 4, peer));
    const double sent = value_of(diffusion.models.at({4, peer}).model);
    EXPECT_EQ(std::abs(sent - trained) < 1e-5, peer == 0) << peer;
  }
  RoundDriver extra = drive(with_rounds<ExtraOptions>(kRounds));
  extra.is_lost = lose;
  extra.run(start());
  for (const PeerId peer : {0, 1}) {
    double first_formula = -step(peer, model(extra, 4, peer));
    for (PeerId j = 0; j < kPeers; ++j) first_formula += w_(peer, j) * model(extra, 4, j);
    EXPECT_EQ(std::abs(model(extra, 5, peer) - first_formula) < 1e-5, peer == 0) << peer;
  }
}

TEST_F(Optimizers, QuasiGlobalMomentumFollowsItsRecursion) {
  auto options = with_rounds<QgDsgdmOptions>(kRounds);
  options.beta = 0.5;
  options.mu = 0.8;
  RoundDriver driver = drive(options);
  driver.run(start());
  Eigen::VectorXd x = x0();
  Eigen::VectorXd m = Eigen::VectorXd::Zero(kPeers);  // m^, without the learning rate.
  for (int k = 0; k < kRounds; ++k) {
    const Eigen::VectorXd gradient = steps(x) / lr_;
    const Eigen::VectorXd next = w_ * (x - lr_ * (options.beta * m + gradient));
    m = options.mu * m + (1 - options.mu) * (x - next) / lr_;
    x = next;
    expect_round(driver, k, x);
  }
}

TEST_F(Optimizers, QuasiGlobalMomentumOfZeroIsDpsgdBitForBit) {
  auto options = with_rounds<QgDsgdmOptions>(kRounds);
  options.beta = 0.0;
  RoundDriver driver = drive(options);
  RoundDriver dpsgd = drive(DpsgdOptions{.rounds = kRounds});
  driver.run(start());
  dpsgd.run(start());
  EXPECT_EQ(driver.reports, dpsgd.reports);
}

// At a constant step D-PSGD settles where W (x - u(x)) = x, away from the optimum.
TEST_F(Optimizers, ReachTheOptimumWhereDpsgdStalls) {
  constexpr int kMany = 800;
  const double optimum = 37.0 / 21.0;
  const auto expect_at_optimum = [&](RoundDriver driver) {
    driver.run(start());
    for (const auto& mine : driver.reports) EXPECT_NEAR(mine.back(), optimum, 1e-4);
  };
  expect_at_optimum(drive(with_rounds<GradientTrackingOptions>(kMany)));
  expect_at_optimum(drive(with_rounds<ExactDiffusionOptions>(kMany)));
  expect_at_optimum(drive(with_rounds<ExtraOptions>(kMany)));
  RoundDriver dpsgd = drive(DpsgdOptions{.rounds = kMany});
  dpsgd.run(start());
  const Eigen::MatrixXd scaled = lr_ * a_.asDiagonal();
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(kPeers, kPeers);
  const Eigen::VectorXd settled =
      (identity - w_ * (identity - scaled)).lu().solve(w_ * scaled * b_);
  ASSERT_GT((settled.array() - optimum).abs().maxCoeff(), 0.1);
  expect_round(dpsgd, kMany - 1, settled);
}

TEST_F(Optimizers, KeepTheMeanWithoutTraining) {
  lr_ = 0.0;
  const auto expect_mean = [&](RoundDriver driver) {
    driver.run(start());
    for (std::size_t k = 0; k < kRounds; ++k) {
      double sum = 0;
      for (const auto& mine : driver.reports) sum += mine[k];
      EXPECT_NEAR(sum, x0().sum(), 1e-4);
    }
  };
  expect_mean(drive(with_rounds<GradientTrackingOptions>(kRounds)));
  expect_mean(drive(with_rounds<ExactDiffusionOptions>(kRounds)));
  expect_mean(drive(with_rounds<ExtraOptions>(kRounds)));
  expect_mean(drive(with_rounds<QgDsgdmOptions>(kRounds)));
}

}  // namespace
}  // namespace hearsay
