#include "node/protocols/staleness.hpp"

#include <cmath>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

double weight(const PolynomialStalenessOptions& options, int tau) {
  return std::pow(tau + 1.0, -options.a);
}

double weight(const ConstantStalenessOptions&, int) { return 1.0; }

double weight(const HingeStalenessOptions& options, int tau) {
  return tau <= options.b ? 1.0 : 1.0 / (options.a * (tau - options.b) + 1.0);
}

}  // namespace

double staleness_weight(const StalenessOptions& options, int tau) {
  HEARSAY_CHECK(tau >= 0);
  return std::visit([tau](const auto& chosen) { return weight(chosen, tau); }, options);
}

}  // namespace hearsay
