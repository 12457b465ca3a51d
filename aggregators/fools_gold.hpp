#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct FoolsGoldOptions {
  static constexpr std::string_view kKind = "fools_gold";
  static constexpr std::string_view kSummary =
      "FoolsGold: peers whose updates are alike over time lose weight.";
  static constexpr std::string_view kReference = "Fung, Yoon, Beschastnikh, RAID 2020";
  static constexpr Space kSpace = Space::kUpdate;

  bool normalize = true;

  friend bool operator==(const FoolsGoldOptions&, const FoolsGoldOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FoolsGoldOptions& options) {
  visit("normalize", options.normalize, "divide the weights by their sum (the paper does not)");
}

/// FoolsGold's learning rates alpha_i of n peers, given the cosines cs_ik of their histories,
/// n x n, row by row (the diagonal is not used). With v_i = max_{k != i} cs_ik:
///   cs_ik <- cs_ik v_i / v_k where v_i < v_k,
///   alpha_i = 1 - max_{k != i} cs_ik, limited to [0, 1], divided by the largest of all,
///   alpha_i <- ln(alpha_i / (1 - alpha_i)) + 0.5, limited to [0, 1]; 0.99 stands for 1.
/// All 0 if the largest is. As in the authors' code, a peer's own cosine of 0 takes part in
/// both maxima. REQUIRES: cosines.size() == n * n.
std::vector<double> fools_gold_rates(std::span<const double> cosines, std::size_t n);

/// FoolsGold: a peer remembers of itself and of everybody it hears the sum of all updates, keyed
/// by peer id (as much memory as their models), and takes the cosines of these sums as
/// likeness: sybils that push one way are alike, honest peers with data of their own are not.
/// With the rates alpha_i above, over the peer itself and all it heard,
///   result = sum_i alpha_i u_i,   with `normalize` divided by sum_i alpha_i.
/// If all rates are 0 the result is 0, no update: so it is where all agree. Space: update; u_i
/// is the difference to the peer's own former model. The mixing matrix is not used.
///
/// Fung, Yoon, Beschastnikh. The Limitations of Federated Learning in Sybil Settings. RAID
/// 2020; the formulas as in github.com/DistributedML/FoolsGold, deep-fg/fg/foolsgold.py.
std::unique_ptr<Aggregator> make_aggregator(const FoolsGoldOptions& options);

}  // namespace hearsay
