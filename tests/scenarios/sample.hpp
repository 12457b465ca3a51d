#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "node/base/error.hpp"
#include "scenarios/loader.hpp"

namespace hearsay {

/// The least scenario there is, in three lines.
inline constexpr std::string_view kLeast =
    "name: q\n"
    "peers: 4\n"
    "model: {kind: quadratic}\n";

/// The message of the UserError that parse_scenario throws; empty if it throws none.
inline std::string error_of(std::string_view text, const std::vector<std::string>& overrides = {}) {
  try {
    parse_scenario(text, "x.yaml", overrides);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

/// kLeast and more lines, with overrides.
inline Scenario least_with(std::string_view more, const std::vector<std::string>& overrides = {}) {
  return parse_scenario(std::string(kLeast).append(more), "x.yaml", overrides);
}

}  // namespace hearsay
