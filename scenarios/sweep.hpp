#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/digest.hpp"
#include "scenarios/scenario.hpp"

/// A scenario file that describes many runs. Its key `sweep` names axes, each a dotted key
/// path with the list of values that the key takes, one after the other:
///
///   sweep: {seed: [1, 2, 3], aggregator.kind: [mixing, decavg]}
///
/// A value is whatever may follow `-c key=`: a scalar, a mapping, a list. Nested keys mean
/// the same as a dotted path. Where the axes need options they stand under `axes`:
///
///   sweep: {mode: zip, axes: {training.optimizer.lr: [0.1, 0.01], protocol.rounds: [50, 500]}}

namespace hearsay {

enum class SweepMode {
  kGrid,  ///< Every combination of values; the last axis changes fastest.
  kZip,   ///< The first values together, the second ones, ...: lists of one length.
};

constexpr auto enum_names(SweepMode) {
  return std::array{EnumName<SweepMode>{SweepMode::kGrid, "grid"},
                    EnumName<SweepMode>{SweepMode::kZip, "zip"}};
}

struct SweepOptions {
  SweepMode mode = SweepMode::kGrid;

  /// How many combinations of the axes that are no seeds are drawn from the grid; each runs
  /// with every seed. 0: all.
  int sample = 0;
  std::uint64_t sample_seed = 1;
};

template <class Visitor>
void describe(Visitor& visit, SweepOptions& options) {
  visit("mode", options.mode, "every combination, or the lists side by side");
  visit("sample", options.sample, at_least(0), "combinations drawn from the grid; 0: all");
  visit("sample_seed", options.sample_seed, "which are drawn");
}

/// One key that varies.
struct SweepAxis {
  std::string key;                  ///< Dotted path.
  std::vector<std::string> values;  ///< In YAML, on one line.
};

/// One run of a sweep.
struct SweepPoint {
  /// Names its directory: `KEY=VALUE,...`, one per axis, in letters, digits and ._-+%=, only,
  /// cut where too long; no two points of a sweep have one name.
  std::string name;
  std::vector<std::string> values;  ///< By axis.
  Scenario scenario;
};

/// All runs that a file describes.
struct Sweep {
  std::string name;  ///< The scenario's.
  SweepOptions options;
  std::vector<SweepAxis> axes;     ///< In the order of the file.
  std::vector<SweepPoint> points;  ///< In grid order.

  /// What is wrong with the points, one line each, none twice. `points` is complete only if
  /// this is empty.
  std::vector<std::string> errors;
};

/// Most runs of one sweep.
inline constexpr std::size_t kMaxSweepPoints = 100'000;

/// True for `seed`, `seeds` and what is below it: keys whose axes repeat a run.
bool is_seed_key(std::string_view key);

/// True if the text has a `sweep` that is not empty once the overrides are applied.
bool describes_sweep(std::string_view text, std::string_view file_name,
                     std::span<const std::string> overrides = {});

/// Reads a sweep and checks every scenario of it as parse_scenario does. `overrides` change
/// what all points have in common.
/// @throws UserError with one line, worded as by parse_scenario, if there is no sweep, an
///         axis is no list or empty, lies within an earlier one, is overridden, zipped lists
///         differ in length, or there are more than kMaxSweepPoints points. What is wrong
///         with single points, and two that are one scenario, is in Sweep::errors.
Sweep parse_sweep(std::string_view text, std::string_view file_name,
                  std::span<const std::string> overrides = {});

/// The same for a file. @throws UserError also as load_scenario.
Sweep load_sweep(const std::filesystem::path& path, std::span<const std::string> overrides = {});

}  // namespace hearsay
