#pragma once

#include <string>

#include "scenarios/outline.hpp"

namespace hearsay {

/// The values of an outline as YAML, one key a line, in the order of describe() with
/// `kind` first; optional keys that were left out do not appear. The text depends on
/// the values alone, so that a digest can be taken over it.
std::string write_yaml(const Outline& outline);

}  // namespace hearsay
