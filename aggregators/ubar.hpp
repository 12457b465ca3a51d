#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct UbarOptions {
  static constexpr std::string_view kKind = "ubar";
  static constexpr std::string_view kSummary =
      "UBAR (Mozi): near neighbors whose loss on own samples is not above the own model's.";
  static constexpr std::string_view kReference = "Guo et al., arXiv:2002.08569, 2020";
  static constexpr Space kSpace = Space::kModel;

  double rho = 0.5;
  double alpha = 0.5;

  friend bool operator==(const UbarOptions&, const UbarOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, UbarOptions& options) {
  visit("rho", options.rho, Range{.low = 0, .high = 1, .low_open = true},
        "share of honest neighbors: as many of the nearest are candidates");
  visit("alpha", options.alpha, between(0, 1), "weight of the own model");
}

/// UBAR, first called Mozi: with l the mean loss on samples of the peer's own,
///   N^s = the floor(rho |N_i|) received models that are nearest to x_i,
///   N^r = {j in N^s : l(x_j) <= l(x_i)}; if that is empty, the nearest received model,
///   result = alpha x_i + (1 - alpha) / |N^r| sum_{j in N^r} x_j.
/// The paper's step by the local gradient is the training before. Of equally near models the
/// lowest sender's counts; a loss that is not a number is above all others. Asks for the loss
/// of the own model and of each in N^s. The mixing matrix is not used. Space: model: losses
/// are those of models.
///
/// Guo, Zhang, Xu, Yu, Xie, Liu. Byzantine-Resilient Decentralized Stochastic Gradient Descent.
/// arXiv:2002.08569, 2020; IEEE Transactions on Circuits and Systems for Video Technology
/// 32(6), 2022. The empty N^r is resolved as in the code of He, Karimireddy, Jaggi, 2022.
std::unique_ptr<Aggregator> make_aggregator(const UbarOptions& options);

}  // namespace hearsay
