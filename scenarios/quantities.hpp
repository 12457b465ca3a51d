#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/time.hpp"
#include "scenarios/peer_groups.hpp"
#include "scenarios/peer_selector.hpp"

/// The text forms of the values in a scenario. Everything here is independent of the
/// locale, and strict: no surrounding space, no trailing characters, no overflow.

namespace hearsay {

/// Parses all of `text`. Returns what is wrong, as a clause that quotes the text and
/// names the valid forms or units; nothing if it is sound. `value` is written only then.
///   bool          true, false
///   integers      decimal digits with an optional minus
///   double        decimal or scientific; finite
///   SimTime       20ms, 1.5s; units ns, us, ms, s, min, h; a bare 0 needs none
///   Fraction      5%, 0.05; the bounds 0 and 1 are NOT checked here
///   Count         500, all
///   Bandwidth     10MB/s, 8Mbit/s, unlimited; B/s, bit/s with prefix none, k, M or G
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, bool& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, int& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, std::int64_t& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, std::uint64_t& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, double& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, SimTime& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, Fraction& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, Count& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text, Bandwidth& value);

/// Parts of a PeerSelector: `3` or `8-15`; `20%` or `3` (a bare 0.2 is a share too).
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text,
                                                     PeerSelector::IdRange& value);
[[nodiscard]] std::optional<std::string> parse_value(std::string_view text,
                                                     std::variant<Fraction, std::int64_t>& value);

/// The shortest text that parse_value (for lists and selectors: the YAML reader) turns
/// into the same value. Zero time is written 0s, so that it names a unit.
std::string print_value(bool value);
std::string print_value(int value);
std::string print_value(std::int64_t value);
std::string print_value(std::uint64_t value);
std::string print_value(double value);
std::string print_value(SimTime value);
std::string print_value(Fraction value);
std::string print_value(Count value);
std::string print_value(Bandwidth value);
std::string print_value(const PeerSelector& value);         ///< Flow YAML: `[0, 8-15]`.
std::string print_value(const PeerGroups& value);           ///< Flow YAML: `[[0-7], [8-15]]`.
std::string print_value(const std::vector<int>& value);     ///< Flow YAML: `[64, 32]`.
std::string print_value(const std::vector<double>& value);  ///< Flow YAML.
std::string print_value(const char*) = delete;              ///< It would convert to bool.

/// Text as a YAML scalar: plain where that is safe, else in double quotes.
std::string print_text(std::string_view text);

/// Text as it appears in a message: in quotes, on one line, cut after 60 characters.
std::string shown(std::string_view text);

/// What a Range bounds: seconds, bytes per second, or the number itself.
constexpr double measure(int value) { return value; }
constexpr double measure(std::int64_t value) { return static_cast<double>(value); }
constexpr double measure(std::uint64_t value) { return static_cast<double>(value); }
constexpr double measure(double value) { return value; }
constexpr double measure(SimTime value) { return value.seconds(); }
constexpr double measure(Fraction value) { return value.value; }
constexpr double measure(Count value) { return static_cast<double>(value.value); }
constexpr double measure(Bandwidth value) { return value.bytes_per_second; }

/// `at least 1`, `above 0`, `between 0 and 1`, `at least 0 and below 1`; empty if unbounded.
std::string range_in_words(const Range& range);

}  // namespace hearsay
