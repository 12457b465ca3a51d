#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

/// What can be listed: `topologies`, `mixings`, `data`, ... in the order of a scenario.
std::vector<std::string_view> listing_sections();

/// Every kind of a section, with summary, parameters, values, defaults; for people, at
/// most 100 columns wide. An empty section: all of them.
/// @throws UserError for a section that is none, with the nearest that is.
std::string listing_text(std::string_view section = "");

/// The same as JSON: a list of {section, key, kinds: [{kind, summary, default?,
/// parameters}], parameters: those of every kind}; a parameter is {name, type,
/// documentation, default or required: true, minimum?, maximum?, exclusive_minimum?,
/// exclusive_maximum?, choices?}. Bounds of times are in seconds, of bandwidths in bytes
/// per second. In `faults` a kind is a key of an item.
std::string listing_json(std::string_view section = "");

}  // namespace hearsay
