#pragma once

#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct SignFlipOptions {
  static constexpr std::string_view kKind = "sign_flip";
  static constexpr std::string_view kSummary = "The attacker's own update, reversed.";
  static constexpr std::string_view kReference = "Li, Xu, Chen, Giannakis, Ling (RSA), AAAI 2019";
  static constexpr Space kSpace = Space::kUpdate;

  double scale = 1.0;

  friend bool operator==(const SignFlipOptions&, const SignFlipOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, SignFlipOptions& options) {
  visit.required("scale", options.scale, above(0), "how many times its length");
}

/// With g what the attacker would send: result = -scale g. Knows only itself; what it would
/// send comes from training on its own data.
/// Li, Xu, Chen, Giannakis, Ling. RSA: Byzantine-Robust Stochastic Aggregation Methods for
/// Distributed Learning from Heterogeneous Datasets. AAAI 2019 ("sign-flipping attack").
std::unique_ptr<Attack> make_attack(const SignFlipOptions& options);

}  // namespace hearsay
