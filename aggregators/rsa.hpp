#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct RsaOptions {
  static constexpr std::string_view kKind = "rsa";
  static constexpr std::string_view kSummary =
      "RSA, total-variation penalty: a fixed step per entry and neighbor, by the sign alone.";
  static constexpr std::string_view kReference =
      "Li et al., AAAI 2019; Peng, Li, Ling, Signal Processing 183, 2021";
  static constexpr Space kSpace = Space::kModel;

  double step = 0.001;

  friend bool operator==(const RsaOptions&, const RsaOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, RsaOptions& options) {
  visit("step", options.step, above(0), "learning rate times penalty, alpha lambda");
}

/// RSA among peers, the subgradient step of the l1 (total variation) penalty: entry by entry,
///   result = x_i - alpha lambda sum_j sign(x_i - x_j),   sign(0) = 0,
/// j over all that the peer i heard. alpha lambda, the `step`, does not shrink with a learning
/// rate. The gradient's step is the training before; the paper takes both steps from the same
/// point. However far an attacker's values are, it moves an entry by `step` at most. The mixing
/// matrix is not used. Space: model (translation-equivariant); scaling all models does not
/// scale the result. Influence is not known: no weights describe the step.
///
/// Li, Xu, Chen, Giannakis, Ling. RSA: Byzantine-Robust Stochastic Aggregation Methods for
/// Distributed Learning from Heterogeneous Datasets. AAAI 2019 (with a server); among peers:
/// Peng, Li, Ling. Byzantine-robust decentralized stochastic optimization over static and
/// time-varying networks. Signal Processing 183:108020, 2021.
std::unique_ptr<Aggregator> make_aggregator(const RsaOptions& options);

}  // namespace hearsay
