#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct ResidualReweightingOptions {
  static constexpr std::string_view kKind = "residual_reweighting";
  static constexpr std::string_view kSummary =
      "Weights from the residuals of a line through the sorted values of every entry.";
  static constexpr std::string_view kReference = "Fu, Xie, Li, Chen, arXiv:1912.11464, 2019";
  static constexpr Space kSpace = Space::kModel;

  double lambda = 2.0;
  double delta = 0.1;

  friend bool operator==(const ResidualReweightingOptions&,
                         const ResidualReweightingOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ResidualReweightingOptions& options) {
  visit("lambda", options.lambda, above(0), "width of the band of residuals that count fully");
  visit("delta", options.delta, between(0, 1), "values of less weight are moved to the line");
}

/// Residual-based reweighting of the n models that a peer has, its own among them. For every
/// entry, with values y_i of ranks x_i = 0 .. n - 1 (equal ones in the order own, senders):
///   B = median_i median_{k != i} (y_i - y_k) / (x_i - x_k),   A = median y - B (n - 1) / 2,
///   r_i = y_i - A - B x_i,   M = median of the |r_i| but the smallest,
///   e_i = r_i / (1.4826 (1 + 5 / (n - 1)) M + 1e-7),   s_i = sqrt(1 - h_ii),
///   h_ii = 1 / n + (x_i - mean x)^2 / sum_k (x_k - mean x)^2,   K = lambda sqrt(2 / n),
///   w_i = s_i / e_i clip(e_i / s_i, -K, K)   (1 if e_i = 0),
///   y'_i = y_i if w_i >= delta, else A + B x_i.
/// Model i's weight is W_i = (sum over entries of w_i deviation(w))^2, deviation(w) being the
/// sample standard deviation of the entry's n weights; result = sum_i W_i y'_i / sum_i W_i, the
/// plain mean of y' if all W_i are 0. Medians of even numbers are midpoints. Feasible from
/// n = 3 on: the deviation of the residuals needs that. The mixing matrix is not used. Space:
/// model (translation-equivariant). Costs n^2 log n per entry, twice.
/// Influence of j: W_j / sum W, whether its values were moved or not.
///
/// Fu, Xie, Li, Chen. Attack-Resistant Federated Learning with Residual-based Reweighting.
/// arXiv:1912.11464, 2019; the formulas as in the authors' code, where lambda = 2, delta = 0.1.
std::unique_ptr<Aggregator> make_aggregator(const ResidualReweightingOptions& options);

}  // namespace hearsay
