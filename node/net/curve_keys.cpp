#include "node/net/curve_keys.hpp"

#include <zmq.h>

#include <array>
#include <cstdint>
#include <stdexcept>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kTextSize = 40;
constexpr std::size_t kKeySize = 32;
using KeyText = std::array<char, kTextSize + 1>;

}  // namespace

KeyPair make_key_pair() {
  KeyText public_key{};
  KeyText secret_key{};
  if (zmq_curve_keypair(public_key.data(), secret_key.data()) != 0) {
    throw std::runtime_error("this ZeroMQ cannot encrypt: it was built without CURVE");
  }
  return {.public_key = public_key.data(), .secret_key = secret_key.data()};
}

std::string public_key_of(std::string_view secret_key) {
  HEARSAY_CHECK(is_key(secret_key));
  KeyText public_key{};
  if (zmq_curve_public(public_key.data(), std::string(secret_key).c_str()) != 0) {
    throw std::runtime_error("this ZeroMQ cannot encrypt: it was built without CURVE");
  }
  return public_key.data();
}

bool is_key(std::string_view text) {
  if (text.size() != kTextSize) return false;
  std::array<std::uint8_t, kKeySize> bytes{};
  return zmq_z85_decode(bytes.data(), std::string(text).c_str()) != nullptr;
}

}  // namespace hearsay
