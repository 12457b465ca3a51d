#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace hearsay {

/// A key pair in a store, as others may see it.
struct StoredKey {
  std::string name;
  std::string public_key;
  bool is_revoked = false;
};

/// A folder with the key pairs of processes: NAME.key holds the secret key and is readable by
/// its owner alone, NAME.pub the public one; `revoked` lists public keys that are no longer
/// valid, one per line.
class KeyStore {
 public:
  /// The folder is made when the first key is.
  explicit KeyStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// $HEARSAY_KEYS, or ~/.config/hearsay/keys.
  static std::filesystem::path default_folder();

  /// Makes a pair. @returns the public key.
  /// @throws UserError if the name is none or taken, or the folder cannot be written.
  std::string make(const std::string& name) const;

  /// All pairs, by name.
  std::vector<StoredKey> list() const;

  /// Puts a name's key, or a public key, on the list of revoked ones. @returns the key.
  /// @throws UserError if there is no such name.
  std::string revoke(const std::string& name_or_key) const;

  std::filesystem::path secret_file(const std::string& name) const;
  std::filesystem::path revoked_file() const { return folder_ / "revoked"; }

 private:
  std::filesystem::path folder_;
};

/// The secret key in a file. @throws UserError if it cannot be read, holds no key, or others
/// than its owner may read it.
std::string read_secret_key(const std::filesystem::path& path);

/// Writes a secret key into a new file that its owner alone can read.
/// @throws UserError if it is there already or cannot be written.
void write_secret_key(const std::filesystem::path& path, const std::string& secret_key);

/// The keys listed in a file; none if there is no file. Lines that are no keys are ignored.
std::set<std::string> read_revoked_keys(const std::filesystem::path& path);

}  // namespace hearsay
