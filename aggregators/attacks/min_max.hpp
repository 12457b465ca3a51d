#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

/// The direction p in which min-max and min-sum leave the honest mean mu; sigma is the honest
/// peers' entry-wise sample standard deviation:
///   unit: -mu / ||mu||_2;   std: -sigma;   sign: -sign(mu).
enum class Perturbation { kUnit, kStd, kSign };

constexpr auto enum_names(Perturbation) {
  return std::array{EnumName<Perturbation>{Perturbation::kUnit, "unit"},
                    EnumName<Perturbation>{Perturbation::kStd, "std"},
                    EnumName<Perturbation>{Perturbation::kSign, "sign"}};
}

struct MinMaxOptions {
  static constexpr std::string_view kKind = "min_max";
  static constexpr std::string_view kSummary =
      "As far off the honest mean as no farther from any honest peer than two of these are.";
  static constexpr std::string_view kReference = "Shejwalkar, Houmansadr, NDSS 2021";
  static constexpr Space kSpace = Space::kUpdate;

  Perturbation perturbation = Perturbation::kStd;

  friend bool operator==(const MinMaxOptions&, const MinMaxOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, MinMaxOptions& options) {
  visit.required("perturbation", options.perturbation,
                 "direction: against the mean (unit, sign) or the standard deviation (std)");
}

struct MinSumOptions {
  static constexpr std::string_view kKind = "min_sum";
  static constexpr std::string_view kSummary =
      "As far off the honest mean as no farther from all honest peers than one of these is.";
  static constexpr std::string_view kReference = "Shejwalkar, Houmansadr, NDSS 2021";
  static constexpr Space kSpace = Space::kUpdate;

  Perturbation perturbation = Perturbation::kStd;

  friend bool operator==(const MinSumOptions&, const MinSumOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, MinSumOptions& options) {
  visit.required("perturbation", options.perturbation,
                 "direction: against the mean (unit, sign) or the standard deviation (std)");
}

/// Min-max and min-sum: with mu the mean of the vectors x_i of the honest peers that the
/// attacker knows and p the direction chosen,
///   result = mu + gamma p,   gamma >= 0 the largest for which
///   min-max:  max_i ||result - x_i||^2 <= max_{i,k} ||x_i - x_k||^2,
///   min-sum:  sum_i ||result - x_i||^2 <= max_i sum_k ||x_i - x_k||^2.
/// The bounds are quadratic in gamma and solved, where the paper searches gamma by halving
/// steps. (Public code of min-sum takes the least sum instead of the largest.) The strength
/// follows from the honest vectors. gamma = 0 if p = 0. Space: update (mu is a direction).
/// Takes all distances between the known vectors.
///
/// Shejwalkar, Houmansadr. Manipulating the Byzantine: Optimizing Model Poisoning Attacks and
/// Defenses for Federated Learning. NDSS 2021 (AGR-agnostic attacks).
std::unique_ptr<Attack> make_attack(const MinMaxOptions& options);
std::unique_ptr<Attack> make_attack(const MinSumOptions& options);

}  // namespace hearsay
