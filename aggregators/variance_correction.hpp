#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct VarianceCorrectionOptions {
  /// Whose variance the corrected tensor gets.
  enum class Target { kOthers, kSelf, kBlend };

  Target target = Target::kOthers;

  friend bool operator==(const VarianceCorrectionOptions&,
                         const VarianceCorrectionOptions&) = default;
};

constexpr auto enum_names(VarianceCorrectionOptions::Target) {
  using Target = VarianceCorrectionOptions::Target;
  return std::array{EnumName<Target>{Target::kOthers, "others"},
                    EnumName<Target>{Target::kSelf, "self"},
                    EnumName<Target>{Target::kBlend, "blend"}};
}

template <class Visitor>
void describe(Visitor& visit, VarianceCorrectionOptions& options) {
  visit("target", options.target,
        "whose variance: the received models', the own model's, or both, blended");
}

/// Variance-corrected model averaging as a wrapper around any rule. With avg_l the wrapped
/// rule's result for weight tensor l, m_l its mean and sigma^2_avg its variance over all
/// entries (population variance, summed in double), x_i the received models, x the own one:
///   out_l = (avg_l - m_l) * sqrt(sigma^2_l / sigma^2_avg) + m_l,
///   others   sigma^2_l = mean_i Var(x_i[l]);
///   self     sigma^2_l = Var(x[l]);
///   blend    sigma^2_l = beta Var(x[l]) + (1 - beta) mean_i Var(x_i[l]), beta the weight that
///            gossip averaging gives the own model: 1 less the weights of those received.
/// The factor is 1 if sigma^2_l = 0 or sigma^2_avg <= 1e-12 * max(1, sigma^2_l): no epsilon
/// is added to the ratio, as it would weaken the correction of wide layers. Tensors of one
/// dimension (biases, norms) and statistics pass unchanged. Nothing received: the wrapped
/// rule's result is returned. It works on models, so it is wrapped around a rule that works on
/// updates after that one's own wrapper.
/// others: "Algorithm 3" of Tian, Al-Ars, Kitsak, Hofstee, Vanishing Variance Problem in Fully
/// Decentralized Neural-Network Systems, arXiv:2404.04616, 2024; the other targets are those
/// of the same authors' simulator (see ARCHITECTURE.md, sources), taken from the models before
/// they are mixed.
std::unique_ptr<Aggregator> make_variance_corrected(std::unique_ptr<Aggregator> rule,
                                                    const VarianceCorrectionOptions& options);

}  // namespace hearsay
