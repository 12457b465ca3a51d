#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct DecdiffOptions {
  static constexpr std::string_view kKind = "decdiff";
  static constexpr std::string_view kSummary =
      "Step of length below 1 towards the neighbors' average.";
  static constexpr std::string_view kReference = "Valerio et al., arXiv:2312.04504, 2023";
  static constexpr Space kSpace = Space::kModel;

  /// Over what the difference's length is taken.
  enum class Norm { kModel, kTensor };

  Norm norm = Norm::kModel;
  double s = 1.0;

  friend bool operator==(const DecdiffOptions&, const DecdiffOptions&) = default;
};

constexpr auto enum_names(DecdiffOptions::Norm) {
  using Norm = DecdiffOptions::Norm;
  return std::array{EnumName<Norm>{Norm::kModel, "model"}, EnumName<Norm>{Norm::kTensor, "tensor"}};
}

template <class Visitor>
void describe(Visitor& visit, DecdiffOptions& options) {
  visit("norm", options.norm, "length of the difference: of the model, or of each tensor");
  visit("s", options.s, above(0), "the length at which the step is half of the difference");
}

/// DecDiff: with |D_j| the training samples of neighbor j and
///   w' = sum_j |D_j| / (sum_k |D_k|) w_j,   j and k over the neighbors, not the peer itself,
///   result = w_i + (w' - w_i) / (||w' - w_i||_2 + s).
/// The step is shorter than 1, however far the neighbors are. With norm `model` the length is
/// that of the whole vector, as in the paper; with `tensor` every tensor has its own length,
/// as in the authors' code (github.com/arashbm/gossip_training). Returns `own` if no neighbor
/// has samples. The mixing matrix is not used. Space: model (translation-equivariant). Scaling
/// all models does not scale the result: s is a length.
/// Influence of j: its share of w' times the step's part of the difference.
///
/// Valerio, Boldrini, Passarella, Kertész, Karsai, Iñiguez. Coordination-free Decentralised
/// Federated Learning on Complex Networks: Overcoming Heterogeneity. arXiv:2312.04504, 2023.
std::unique_ptr<Aggregator> make_aggregator(const DecdiffOptions& options);

}  // namespace hearsay
