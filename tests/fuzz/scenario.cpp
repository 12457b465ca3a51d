#include <string_view>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "scenarios/deployment.hpp"
#include "scenarios/loader.hpp"
#include "tests/fuzz/readers.hpp"

namespace hearsay::fuzz {
namespace {

// A scenario that is taken is the one that its resolved copy describes.
bool takes_one(std::string_view text) {
  try {
    const Scenario scenario = parse_scenario(text, "input.yaml");
    HEARSAY_CHECK(parse_scenario(resolved_yaml(scenario), "resolved.yaml") == scenario);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

bool takes_deployment(std::string_view text) {
  try {
    const Deployment deployment = parse_deployment(text, "input.yaml");
    HEARSAY_CHECK(deployment_yaml(deployment) ==
                  deployment_yaml(parse_deployment(deployment_yaml(deployment), "again.yaml")));
    return true;
  } catch (const UserError&) {
    return false;
  }
}

}  // namespace

bool takes_scenario(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const bool is_deployment = takes_deployment(text);
  return takes_one(text) || is_deployment;
}

}  // namespace hearsay::fuzz
