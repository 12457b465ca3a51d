#pragma once

#include <string>

namespace hearsay {

/// A JSON Schema (draft 2020-12) of scenario files, for editors that complete and check
/// YAML by one: every key with its documentation, type, bounds and default, and one
/// alternative per kind. Weaker than the loader: rules between keys are not in it.
std::string scenario_json_schema();

}  // namespace hearsay
