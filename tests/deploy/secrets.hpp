#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "node/net/curve_keys.hpp"
#include "scenarios/deployment.hpp"
#include "tests/support/file_contents.hpp"

namespace hearsay {

/// Whether the text has, anywhere, a secret key to one of the public ones.
inline bool has_secret(const std::string& text, const std::set<std::string>& public_keys) {
  constexpr std::size_t kLength = 40;
  for (std::size_t at = 0; at + kLength <= text.size(); ++at) {
    const std::string key = text.substr(at, kLength);
    // Most text is none: it has spaces or quotes.
    if (key.find_first_of(" \n\"',|~`_\\;") != std::string::npos || !is_key(key)) continue;
    if (public_keys.contains(public_key_of(key))) return true;
  }
  return false;
}

/// The public keys of a run directory's deployment.
inline std::set<std::string> public_keys_of(const std::filesystem::path& run) {
  std::set<std::string> public_keys;
  for (const DeployedProcess& process : load_deployment(run / "deployment.yaml").processes) {
    public_keys.insert(process.key);
  }
  return public_keys;
}

/// The files below a run directory, checkpoints and pages left out, that hold a secret key of
/// its deployment.
inline std::vector<std::filesystem::path> secrets_in(const std::filesystem::path& run) {
  const std::set<std::string> public_keys = public_keys_of(run);
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run)) {
    const auto extension = entry.path().extension();
    if (!entry.is_regular_file() || extension == ".ckpt" || extension == ".html") continue;
    if (has_secret(contents(entry.path()), public_keys)) found.push_back(entry.path());
  }
  return found;
}

}  // namespace hearsay
