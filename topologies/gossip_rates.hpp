#pragma once

#include "topologies/edge_rates.hpp"

namespace hearsay {

/// Edge rates with chi1 chi2 = 1/2 (resistance.hpp) of a small total, at best the least: the
/// solution of
///   min sum_ij lambda_ij  subject to  chi1[Lambda] chi2[Lambda] <= 1/2,  lambda >= 0.
/// F(lambda) = sum lambda_ij sqrt(2 chi1 chi2) does not depend on the scale of lambda, so
/// F's logarithm is minimised over lambda_ij summing to 1 by `steps` exponentiated
/// subgradient steps of size 1/2 / sqrt(t),
///   d lambda_2 / d lambda_ij = (v_i - v_j)^2,  v an eigenvector of lambda_2,
///   d r_e / d lambda_ij = -((e_a - e_b)^T Lambda^+ (e_i - e_j))^2,  r_e of the edge {a, b},
/// with smoothed maxima; the best rates met are scaled to the condition. Never worse than
/// uniform rates, which are the start. NOT guaranteed to be optimal: 200 steps come within
/// 0.1 % on graphs of some ten peers. Cost per step O(n^3 + edges^2 n).
/// Kivinen, Warmuth. Exponentiated gradient versus gradient descent for linear predictors.
/// Information and Computation 132(1), 1997 (the method); the problem, in another form:
/// Nabli, Oyallon, as in resistance.hpp.
/// REQUIRES: the graph is connected, has an edge and at most 4096 peers; steps >= 1.
EdgeRates optimal_rates(const Graph& graph, int steps = 200);

}  // namespace hearsay
