#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "node/base/digest.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

class Document;

/// Most peers of one run.
inline constexpr int kMaxPeers = 10'000'000;

/// Reads a scenario from YAML and checks it. Strict: an unknown key, a key of a kind that
/// was not chosen, a wrong type or unit and an infeasible bound are all errors. `overrides`
/// are `key.path=value`, the value in YAML, applied in order before anything is read.
/// Required: name, peers, model.kind, and data.kind unless the model has an objective of its own.
/// Without local_steps and local_epochs, local_steps is 1. Seeds default to `seed`.
/// A `sweep` describes several scenarios (sweep.hpp) and is an error here, unless empty.
/// @throws UserError with one line, `file:line:column: key.path: what is wrong (nearest
///         valid name, or the bound)`, or `-c key.path=value: key.path: ...`; the first
///         mistake found.
Scenario parse_scenario(std::string_view text, std::string_view file_name,
                        std::span<const std::string> overrides = {});

/// The same for a file. @throws UserError also if it cannot be read or exceeds 16 MiB.
Scenario load_scenario(const std::filesystem::path& path,
                       std::span<const std::string> overrides = {});

/// The same for a document without `sweep`.
Scenario read_scenario(const Document& document);

/// The text of a scenario file.
/// @throws UserError if it cannot be read or exceeds 16 MiB.
std::string read_scenario_text(const std::filesystem::path& path);

/// The scenario as YAML with all defaults written out: the same text for equal scenarios,
/// whatever file they came from; parse_scenario turns it into the same scenario again.
std::string resolved_yaml(const Scenario& scenario);

/// Digest of resolved_yaml.
Digest scenario_digest(const Scenario& scenario);

}  // namespace hearsay
