#pragma once

#include <string_view>
#include <variant>

#include "node/base/describe.hpp"

/// How much less an update counts that was made from an old model.

namespace hearsay {

struct PolynomialStalenessOptions {
  static constexpr std::string_view kKind = "polynomial";
  static constexpr std::string_view kSummary = "(tau + 1)^-a.";

  double a = 0.5;

  friend bool operator==(const PolynomialStalenessOptions&,
                         const PolynomialStalenessOptions&) = default;
};

struct ConstantStalenessOptions {
  static constexpr std::string_view kKind = "constant";
  static constexpr std::string_view kSummary = "1, however old.";

  friend bool operator==(const ConstantStalenessOptions&,
                         const ConstantStalenessOptions&) = default;
};

struct HingeStalenessOptions {
  static constexpr std::string_view kKind = "hinge";
  static constexpr std::string_view kSummary = "1 up to tau = b, then 1 / (a (tau - b) + 1).";

  double a = 10.0;
  int b = 4;

  friend bool operator==(const HingeStalenessOptions&, const HingeStalenessOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, PolynomialStalenessOptions& options) {
  visit("a", options.a, at_least(0), "exponent");
}

template <class Visitor>
void describe(Visitor&, ConstantStalenessOptions&) {}

template <class Visitor>
void describe(Visitor& visit, HingeStalenessOptions& options) {
  visit("a", options.a, at_least(0), "how fast the weight falls");
  visit("b", options.b, at_least(0), "greatest staleness of full weight");
}

/// The staleness functions of FedAsync; the first is the default.
using StalenessOptions =
    std::variant<PolynomialStalenessOptions, ConstantStalenessOptions, HingeStalenessOptions>;

/// s(tau) in (0, 1], s(0) = 1, never increasing, where tau is the number of models that the
/// server has made since the one that the update started from:
///   constant    s(tau) = 1
///   polynomial  s(tau) = (tau + 1)^-a
///   hinge       s(tau) = 1 if tau <= b, else 1 / (a (tau - b) + 1)
/// REQUIRES: tau >= 0.
/// Xie, Koyejo, Gupta. Asynchronous Federated Optimization. arXiv:1903.03934, 2019.
double staleness_weight(const StalenessOptions& options, int tau);

}  // namespace hearsay
