#pragma once

#include <string>
#include <string_view>

namespace hearsay {

/// A CURVE key pair (Curve25519), in Z85: 40 printable characters each. The public key names
/// a process to others; the secret key never leaves the process and its key file.
struct KeyPair {
  std::string public_key;
  std::string secret_key;
};

/// A new pair, from the operating system's source of randomness.
/// @throws std::runtime_error if ZeroMQ was built without CURVE.
KeyPair make_key_pair();

/// The public key that belongs to a secret one. REQUIRES: is_key(secret_key).
std::string public_key_of(std::string_view secret_key);

/// Whether the text is a key in Z85.
bool is_key(std::string_view text);

}  // namespace hearsay
