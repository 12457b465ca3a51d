#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct VarianceCorrectionOptions {
  /// Whose variance the corrected tensor gets. others: the received models.
  enum class Target { kOthers };

  Target target = Target::kOthers;

  friend bool operator==(const VarianceCorrectionOptions&,
                         const VarianceCorrectionOptions&) = default;
};

constexpr auto enum_names(VarianceCorrectionOptions::Target) {
  using Target = VarianceCorrectionOptions::Target;
  return std::array{EnumName<Target>{Target::kOthers, "others"}};
}

template <class Visitor>
void describe(Visitor& visit, VarianceCorrectionOptions& options) {
  visit("target", options.target, "whose variance: others = the received models");
}

/// Variance-corrected model averaging as a wrapper around any rule. With avg_l the
/// wrapped rule's result for weight tensor l, m_l its mean and sigma^2_avg its
/// variance over all entries (population variance, summed in double), and
/// sigma^2_l = mean_i Var(x_i[l]) over the received models i:
///   out_l = (avg_l - m_l) * sqrt(sigma^2_l / sigma^2_avg) + m_l.
/// The factor is 1 if sigma^2_l = 0 or sigma^2_avg <= 1e-12 * max(1, sigma^2_l)
/// (guard of algorithm 1.2: no absolute epsilon on the ratio). Tensors of one
/// dimension (biases, norms) and statistics pass unchanged. Nothing received: the
/// wrapped rule's result is returned.
/// "Algorithm 3" of the variance-corrected gossip averaging work behind DFL2 (see
/// ARCHITECTURE.md, sources).
std::unique_ptr<Aggregator> make_variance_corrected(std::unique_ptr<Aggregator> rule,
                                                    const VarianceCorrectionOptions& options);

}  // namespace hearsay
