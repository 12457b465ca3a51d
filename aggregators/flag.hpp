#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct FlagOptions {
  static constexpr std::string_view kKind = "flag";
  static constexpr std::string_view kSummary =
      "Mean of the updates projected on the subspace that most of them share.";
  static constexpr std::string_view kReference = "Almasi, Mishra, Vamanan, Ravi, ICLR 2024";
  static constexpr Space kSpace = Space::kUpdate;

  /// What the sum of projected vectors is divided by: their number p, or m.
  enum class Divisor { kInputs, kDimension };

  int m = 0;                 ///< Dimension of the subspace; 0: (p + 1) / 2, rounded up.
  int iterations = 5;        ///< Of the reweighting, at most.
  double tolerance = 1e-10;  ///< Ends it when the objective improves by less, relatively.
  double lambda = 0.0;       ///< Weight of the differences of pairs.
  bool normalize = false;    ///< Aggregate unit vectors.
  Divisor divisor = Divisor::kInputs;

  friend bool operator==(const FlagOptions&, const FlagOptions&) = default;
};

constexpr auto enum_names(FlagOptions::Divisor) {
  using Divisor = FlagOptions::Divisor;
  return std::array{EnumName<Divisor>{Divisor::kInputs, "inputs"},
                    EnumName<Divisor>{Divisor::kDimension, "dimension"}};
}

template <class Visitor>
void describe(Visitor& visit, FlagOptions& options) {
  visit("m", options.m, at_least(0), "dimension of the subspace; 0 = half the inputs, rounded up");
  visit("iterations", options.iterations, at_least(1), "reweightings at most");
  visit("tolerance", options.tolerance, at_least(0), "relative improvement that ends them");
  visit("lambda", options.lambda, at_least(0), "weight of the differences of pairs");
  visit("normalize", options.normalize, "aggregate unit vectors");
  visit("divisor", options.divisor, "of the sum: inputs = their number, dimension = m");
}

/// Flag aggregator: with g_1..g_p the inputs (divided by their norms if `normalize`), finds the
/// subspace Y, Y^T Y = I of dimension m, that minimises
///   sum_i sqrt(1 - v_i) + lambda / (p - 1) sum_{i != j} sqrt(1 - v_ij),
///   v_i = ||Y^T g_i||^2 / ||g_i||^2,  v_ij = ||Y^T (g_i - g_j)||^2 / ||g_i - g_j||^2,
/// by iteratively reweighted least squares: from equal weights, Y is the span of the top m left
/// singular vectors of the unit columns g_i / ||g_i||, scaled by w_i, and (g_i - g_j) / ||g_i -
/// g_j||, scaled by sqrt(lambda / (p - 1)) w_ij, with w = (1 - v + 1e-7)^(-1/4). The result is
///   Y Y^T sum_i g_i / divisor.
/// All iterations work on one Gram matrix; directions with less than 1e-10 of the largest
/// squared singular value are dropped; zero vectors and zero differences have no column. m is
/// clamped to p. Influence: the weights of the g_i in the result, which need not be positive nor
/// sum to 1. With m = (p + 1) / 2 and without `normalize`, up to m - 1 outlying directions are
/// kept: compare m = 1 and `normalize`. Mixing weights are not used. Space: update.
/// Almasi, Mishra, Vamanan, Ravi. Flag aggregator: scalable distributed training under failures
/// and augmented losses using convex optimization. ICLR 2024. The authors' program computes
/// normalize true, divisor dimension, iterations 1, lambda 0.
std::unique_ptr<Aggregator> make_aggregator(const FlagOptions& options);

}  // namespace hearsay
