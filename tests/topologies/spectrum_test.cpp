#include "topologies/spectrum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <utility>
#include <vector>

#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

// A graph and its Metropolis-Hastings weights, which refer to it.
struct Mixed {
  Mixed(const TopologyOptions& options, int num_peers)
      : graph(make_chosen(options, num_peers, Rng(1))) {}
  explicit Mixed(Graph given) : graph(std::move(given)) {}
  Mixed(const Mixed&) = delete;
  Mixed& operator=(const Mixed&) = delete;

  Graph graph;
  MixingMatrix matrix = MixingMatrix::metropolis_hastings(graph);
};

void expect_eigenvalues(const MixingMatrix& matrix, std::vector<double> expected) {
  std::ranges::sort(expected);
  const Eigen::VectorXd found = eigenvalues(matrix);
  ASSERT_EQ(found.size(), std::ssize(expected));
  for (Eigen::Index k = 0; k < found.size(); ++k) {
    EXPECT_NEAR(found[k], expected[static_cast<std::size_t>(k)], 1e-13);
  }
}

double angle(int k, int n) { return 2.0 * std::numbers::pi * k / n; }

// Three peers on either side, everybody joined to the other side.
Graph bipartite() {
  std::vector<Edge> edges;
  for (PeerId left = 0; left < 3; ++left) {
    for (PeerId right = 3; right < 6; ++right) edges.emplace_back(left, right);
  }
  return {6, edges};
}

TEST(Spectrum, OfARingHasItsClosedForm) {
  // The weights are 1/3 for a peer and either neighbor: a circulant matrix, whose
  // eigenvalues are (1 + 2 cos(2 pi k / n)) / 3, k = 0 .. n - 1. The largest modulus
  // but the first is k = 1's: 2 cos(2 pi / n) >= 0 from n = 4 on, and never below -1/3.
  for (const int n : {3, 4, 5, 8, 31, 100}) {
    const Mixed ring(RingOptions{}, n);
    std::vector<double> expected;
    for (int k = 0; k < n; ++k) expected.push_back((1.0 + 2.0 * std::cos(angle(k, n))) / 3.0);
    expect_eigenvalues(ring.matrix, expected);
    EXPECT_NEAR(spectral_gap(ring.matrix), 1.0 - (1.0 + 2.0 * std::cos(angle(1, n))) / 3.0, 1e-13);
  }
}

TEST(Spectrum, OfATorusHasItsClosedForm) {
  // Weights 1/5; the eigenvalues are (1 + 2 cos(2 pi a / R) + 2 cos(2 pi b / C)) / 5.
  const Mixed torus(TorusOptions{.rows = 3, .columns = 5}, 15);
  std::vector<double> expected;
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 5; ++b) {
      expected.push_back((1.0 + 2.0 * std::cos(angle(a, 3)) + 2.0 * std::cos(angle(b, 5))) / 5.0);
    }
  }
  expect_eigenvalues(torus.matrix, expected);
}

TEST(Spectrum, OfACompleteGraphGivesConsensusInOneStep) {
  const Mixed complete(CompleteOptions{}, 9);
  EXPECT_NEAR(spectral_gap(complete.matrix), 1.0, 1e-14);
}

TEST(Spectrum, OfAStarHasItsClosedForm) {
  // Hub weights 1/n, leaves keep 1 - 1/n: n - 2 differences of leaves have eigenvalue
  // 1 - 1/n; the trace 1/n + (n - 1)(1 - 1/n) leaves 0 for the last one.
  constexpr int kPeers = 8;
  const Mixed star(StarOptions{}, kPeers);
  std::vector<double> expected(kPeers - 2, 1.0 - 1.0 / kPeers);
  expected.insert(expected.end(), {0.0, 1.0});
  expect_eigenvalues(star.matrix, expected);
  EXPECT_NEAR(spectral_gap(star.matrix), 1.0 / kPeers, 1e-14);
}

TEST(Spectrum, CountsTheModulusOfNegativeEigenvalues) {
  // Weights 1/4: 1 for the mean, (1 - 3) / 4 = -1/2 for the difference of the two sides,
  // 1/4 for the four differences within a side.
  const Mixed graph(bipartite());
  expect_eigenvalues(graph.matrix, {-0.5, 0.25, 0.25, 0.25, 0.25, 1.0});
  EXPECT_NEAR(second_largest_modulus(graph.matrix), 0.5, 1e-14);
  EXPECT_NEAR(slowest_mode(graph.matrix).eigenvalue, -0.5, 1e-14);
}

TEST(Spectrum, HasNoGapWithoutConnectionAndNothingToAverageWithoutOthers) {
  const Mixed parted(Graph(4, std::vector<Edge>{{0, 1}, {2, 3}}));
  EXPECT_NEAR(spectral_gap(parted.matrix), 0.0, 1e-14);
  const Mixed alone(RingOptions{}, 1);
  EXPECT_EQ(spectral_gap(alone.matrix), 1.0);
}

TEST(Spectrum, ShrinksTheSlowestModeByItsEigenvalueEachStep) {
  for (const auto& mixed :
       {std::make_unique<Mixed>(RingOptions{}, 10), std::make_unique<Mixed>(StarOptions{}, 7),
        std::make_unique<Mixed>(RandomRegularOptions{.degree = 3}, 40),
        std::make_unique<Mixed>(bipartite())}) {
    const MixingMatrix& matrix = mixed->matrix;
    const SlowestMode mode = slowest_mode(matrix);
    EXPECT_NEAR(std::abs(mode.eigenvalue), second_largest_modulus(matrix), 1e-13);
    EXPECT_NEAR(mode.vector.norm(), 1.0, 1e-13);
    EXPECT_NEAR(mode.vector.sum(), 0.0, 1e-12);
    Eigen::VectorXd models = (5.0 + 2.0 * mode.vector.array()).matrix();
    for (int step = 1; step <= 10; ++step) {
      models = matrix.dense() * models;
      const Eigen::VectorXd off = (models.array() - 5.0).matrix();
      EXPECT_NEAR((off - 2.0 * std::pow(mode.eigenvalue, step) * mode.vector).norm(), 0.0, 1e-12);
    }
  }
}

TEST(Spectrum, BoundsTheContractionOfAnyStart) {
  const Mixed mixed(RandomRegularOptions{.degree = 4}, 30);
  const double rho = second_largest_modulus(mixed.matrix);
  Rng rng(4);
  Eigen::VectorXd models(30);
  for (double& model : models) model = rng.normal();
  const double mean = models.mean();
  for (int step = 0; step < 20; ++step) {
    const double before = (models.array() - mean).matrix().norm();
    models = mixed.matrix.dense() * models;
    EXPECT_LE((models.array() - mean).matrix().norm(), rho * before + 1e-14);
    EXPECT_NEAR(models.mean(), mean, 1e-14);
  }
}

TEST(Spectrum, ChecksThatTheMatrixIsSymmetric) {
  const Mixed star(StarOptions{}, 4);
  EXPECT_DEATH(spectral_gap(MixingMatrix::uniform(star.graph)), "check failed: .*is_symmetric");
}

}  // namespace
}  // namespace hearsay
