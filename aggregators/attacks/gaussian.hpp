#pragma once

#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct GaussianOptions {
  static constexpr std::string_view kKind = "gaussian";
  static constexpr std::string_view kSummary = "Normal noise in place of an update.";
  static constexpr std::string_view kReference =
      "Blanchard, El Mhamdi, Guerraoui, Stainer, NeurIPS 2017";
  static constexpr Space kSpace = Space::kUpdate;

  double mean = 0.0;
  double deviation = 1.0;

  friend bool operator==(const GaussianOptions&, const GaussianOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, GaussianOptions& options) {
  visit("mean", options.mean, "of every entry");
  visit.required("deviation", options.deviation, at_least(0), "standard deviation of every entry");
}

/// result_k ~ N(mean, deviation^2), independent for every entry k. Knows nothing.
/// Blanchard, El Mhamdi, Guerraoui, Stainer. Machine Learning with Adversaries: Byzantine
/// Tolerant Gradient Descent. NeurIPS 2017 (there with deviation 200 around the origin).
std::unique_ptr<Attack> make_attack(const GaussianOptions& options);

}  // namespace hearsay
