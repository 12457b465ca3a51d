#include "node/protocols/dadao_state.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "node/base/rng.hpp"
#include "topologies/resistance.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

using Rows = DadaoState::Rows;

// f_i = 1/2 a_i (x - b_i)^2 with a_i in {1, 2, 3, 4}, b_i = i, on a ring of 8: mu = 1, L = 4
// and x* = sum a_i b_i / sum a_i = 80 / 20.
constexpr int kPeers = 8;
constexpr double kOptimum = 4.0;
double curvature(int peer) { return 1.0 + peer % 4; }
double slope(int peer, double x) { return curvature(peer) * (x - peer); }

class Ring {
 public:
  explicit Ring(std::uint64_t seed) : rng_(seed), last_(kPeers, 0.0) {
    const EdgeRates unit = EdgeRates::uniform(graph_, 1.0);
    const GossipConstants constants = gossip_constants(unit);
    rate_ = sufficient_rate(constants);
    const DadaoConstants chosen = dadao_constants(4.0, 1.0, constants.chi1 / rate_);
    nu_ = chosen.nu;
    states_.assign(kPeers, DadaoState(chosen));
    for (DadaoState& state : states_) state.start(std::vector<float>{0.0F});
  }

  double nu() const { return nu_; }
  double rate() const { return rate_; }
  DadaoState& operator[](std::size_t i) { return states_[i]; }

  void run_until(double end) {
    while (true) {
      const double total = kPeers + rate_;
      const double next = now_ - std::log1p(-rng_.uniform()) / total;
      if (next > end) break;
      now_ = next;
      if (rng_.uniform() * total < kPeers) {
        ++gradients;
        compute_gradient(rng_.below(kPeers));
      } else {
        ++communications;
        communicate(rng_.below(kPeers));
      }
    }
    now_ = end;
    for (std::size_t i = 0; i < kPeers; ++i) advance(i);
  }

  double error() const {
    double sum = 0.0;
    for (const DadaoState& state : states_) {
      sum += std::pow(state.rows()(DadaoState::kX, 0) - kOptimum, 2);
    }
    return sum / kPeers;
  }

  double sum_of(DadaoState::Row row) const {
    double sum = 0.0;
    for (const DadaoState& state : states_) sum += state.rows()(row, 0);
    return sum;
  }

  int gradients = 0;
  int communications = 0;

 private:
  void advance(std::size_t i) {
    states_[i].advance(now_ - last_[i]);
    last_[i] = now_;
  }

  void compute_gradient(std::size_t i) {
    advance(i);
    const double x = states_[i].rows()(DadaoState::kX, 0);
    states_[i].apply_gradient(Eigen::RowVectorXd::Constant(1, slope(static_cast<int>(i), x)));
  }

  void communicate(std::size_t i) {
    const std::size_t j = (i + 1) % kPeers;
    advance(i);
    advance(j);
    const Eigen::RowVectorXd m = states_[i].dual() - states_[j].dual();
    states_[i].meet(m);
    states_[j].meet(-m);
  }

  Graph graph_ = make_chosen(RingOptions{}, kPeers, Rng(1));
  Rng rng_;
  std::vector<DadaoState> states_;
  std::vector<double> last_;
  double now_ = 0.0;
  double rate_ = 0.0;
  double nu_ = 0.0;
};

TEST(DadaoConstants, HaveTheirGoldenValues) {
  const DadaoConstants found = dadao_constants(10.0, 1.0, 0.3);
  EXPECT_NEAR(found.eta, .027951, 1e-6);
  EXPECT_NEAR(found.alpha, .055902, 1e-6);
  EXPECT_NEAR(found.theta, 2.236068, 1e-6);
  EXPECT_NEAR(found.delta, .055902, 1e-6);
  EXPECT_NEAR(found.gamma, .025, 1e-6);
  EXPECT_NEAR(found.other_gamma, .111803, 1e-6);
  EXPECT_NEAR(found.other_beta, 2 * 0.3 * std::sqrt(20.0), 1e-12);
  EXPECT_EQ(found.nu, 0.5);
}

DadaoState random_state(std::uint64_t seed) {
  DadaoState state(dadao_constants(10.0, 1.0, 0.3));
  Rng rng(seed);
  Rows rows(6, 3);
  for (double& value : rows.reshaped()) value = rng.normal();
  state.set_rows(rows);
  return state;
}

TEST(DadaoState, FollowsItsDifferentialEquation) {
  // Classical Runge-Kutta with 2000 small steps.
  DadaoState state = random_state(1);
  const DadaoConstants c = dadao_constants(10.0, 1.0, 0.3);
  const auto slope_of = [&c](const Rows& s) {
    Rows d(6, 3);
    d.row(0) = c.eta * (s.row(1) - s.row(0));
    d.row(1) = c.eta * (s.row(0) - s.row(1));
    d.row(2) = c.alpha * (s.row(3) - s.row(2));
    d.row(3) = -c.theta * (s.row(2) + s.row(4) + c.nu * s.row(1));
    d.row(4) = c.alpha * (s.row(5) - s.row(4));
    d.row(5) = c.eta * (s.row(4) - s.row(5));
    return d;
  };
  Rows expected = state.rows();
  constexpr double kStep = 1e-3;
  for (int k = 0; k < 2'000; ++k) {
    const Rows k1 = slope_of(expected);
    const Rows k2 = slope_of(expected + kStep / 2 * k1);
    const Rows k3 = slope_of(expected + kStep / 2 * k2);
    const Rows k4 = slope_of(expected + kStep * k3);
    expected += kStep / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  state.advance(2.0);
  EXPECT_LT((state.rows() - expected).norm(), 1e-10);
}

TEST(DadaoState, AdvancesInPartsAsInOne) {
  DadaoState parts = random_state(2);
  DadaoState whole = parts;
  parts.advance(0.3);
  parts.advance(1.9);
  whole.advance(2.2);
  EXPECT_LT((parts.rows() - whole.rows()).norm(), 1e-12);
  DadaoState still = whole;
  still.advance(0.0);
  EXPECT_EQ(still.rows(), whole.rows());
}

TEST(DadaoState, EventsChangeWhatTheySay) {
  const DadaoConstants c = dadao_constants(10.0, 1.0, 0.3);
  DadaoState state(c);
  state.start(std::vector<float>{2.0F});
  state.apply_gradient(Eigen::RowVectorXd::Constant(1, 5.0));
  const double g = 5.0 - 0.5 * 2.0;
  EXPECT_DOUBLE_EQ(state.rows()(DadaoState::kX, 0), 2.0 - c.gamma * g);
  EXPECT_DOUBLE_EQ(state.rows()(DadaoState::kOtherX, 0), -c.other_gamma * g);
  EXPECT_DOUBLE_EQ(state.rows()(DadaoState::kOtherY, 0), (c.delta + 1.0) * g);
  state.meet(Eigen::RowVectorXd::Constant(1, 3.0));
  EXPECT_DOUBLE_EQ(state.rows()(DadaoState::kZ, 0), -1.5);
  EXPECT_DOUBLE_EQ(state.rows()(DadaoState::kOtherZ, 0), -3.0 * c.other_beta);
}

TEST(DadaoState, TheOptimumIsAFixedPointOfFlowAndEvents) {
  Ring ring(3);
  for (int i = 0; i < kPeers; ++i) {
    const double gradient = slope(i, kOptimum);
    Rows rows(6, 1);
    rows << kOptimum, kOptimum, gradient - ring.nu() * kOptimum, gradient - ring.nu() * kOptimum,
        -gradient, -gradient;
    ring[static_cast<std::size_t>(i)].set_rows(rows);
  }
  ring.run_until(50);
  EXPECT_LT(ring.error(), 1e-24);
}

TEST(DadaoState, TheSumsOfTheDualVariablesStayZero) {
  Ring ring(4);
  ring.run_until(100);
  EXPECT_NEAR(ring.sum_of(DadaoState::kZ), 0.0, 1e-11);
  EXPECT_NEAR(ring.sum_of(DadaoState::kOtherZ), 0.0, 1e-11);
}

// An own run of the reference gave 3.6e-4 (t = 100), 1.9e-7 (200), 8.9e-14 (400) with 3172
// gradients and 3961 communications; the median of three seeds is compared.
TEST(DadaoState, ConvergesAtTheRateOfTheReference) {
  std::vector<double> at_200;
  std::vector<double> at_400;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    Ring ring(seed);
    ring.run_until(200);
    at_200.push_back(ring.error());
    ring.run_until(400);
    at_400.push_back(ring.error());
    // Poisson of means 3200 and 400 x 9.7774 = 3911; five standard deviations.
    EXPECT_NEAR(ring.rate(), 9.7774, 1e-4);
    EXPECT_NEAR(ring.gradients, 3200, 5 * 57);
    EXPECT_NEAR(ring.communications, 3911, 5 * 63);
  }
  std::ranges::sort(at_200);
  std::ranges::sort(at_400);
  EXPECT_LT(at_200[1], 1e-5);
  EXPECT_LT(at_400[1], 1e-11);
}

TEST(DadaoState, RestoredIsEqual) {
  DadaoState state = random_state(5);
  SavingArchive saving;
  state.persist(saving);
  const Snapshot saved = saving.take();
  DadaoState other(dadao_constants(10.0, 1.0, 0.3));
  LoadingArchive loading(saved);
  other.persist(loading);
  loading.finish();
  EXPECT_EQ(other.rows(), state.rows());
}

}  // namespace
}  // namespace hearsay
