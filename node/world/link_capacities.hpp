#pragma once

#include <optional>
#include <string>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"

namespace hearsay {

/// What the links of all peers carry: keys that built-in networks share. Peer i has
/// up * f_i and down * f_i, with f_i = exp(bandwidth_sigma * z_i), z_i ~ N(0, 1)
/// (bandwidth_factors in passage.hpp). Without limits by default.
struct LinkCapacities {
  Bandwidth up{};
  Bandwidth down{};

  /// Spread. REQUIRES: 0 if neither is limited.
  double bandwidth_sigma = 0.0;

  friend bool operator==(const LinkCapacities&, const LinkCapacities&) = default;
};

template <class Visitor>
void describe(Visitor& visit, LinkCapacities& options) {
  visit("up", options.up, at_least(1), "uplink of every peer");
  visit("down", options.down, at_least(1), "downlink of every peer");
  visit("bandwidth_sigma", options.bandwidth_sigma, between(0, 5),
        "spread of peers' bandwidths: standard deviation of the log");
}

/// Says so if there is a spread of nothing.
inline std::optional<std::string> infeasible(const LinkCapacities& options) {
  if (options.bandwidth_sigma > 0.0 && options.up.is_unlimited() && options.down.is_unlimited()) {
    return "bandwidth_sigma needs a limited up or down";
  }
  return std::nullopt;
}

}  // namespace hearsay
