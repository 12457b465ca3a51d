#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearsay::fuzz {

/// A valid input, made by the project's own writer of its format.
struct Seed {
  std::string name;
  std::string text;
};

/// The seeds of one target (readers.hpp); the same at every call.
std::vector<Seed> seeds_of(std::string_view target);

}  // namespace hearsay::fuzz
