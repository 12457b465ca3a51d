#include "node/base/digest.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdio>

namespace hearsay {

Digest digest_bytes(std::span<const std::byte> bytes, Digest seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Digest digest_text(std::string_view text, Digest seed) {
  return digest_bytes(std::as_bytes(std::span(text)), seed);
}

Digest chain(Digest previous, std::uint64_t value) {
  return XXH3_64bits_withSeed(&value, sizeof value, previous);
}

struct DigestStream::State {
  XXH3_state_t hash;
};

DigestStream::DigestStream() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(&state_->hash);
}
DigestStream::~DigestStream() = default;
DigestStream::DigestStream(DigestStream&&) noexcept = default;
DigestStream& DigestStream::operator=(DigestStream&&) noexcept = default;

void DigestStream::add(std::span<const std::byte> bytes) {
  if (!bytes.empty()) XXH3_64bits_update(&state_->hash, bytes.data(), bytes.size());
}

Digest DigestStream::value() const { return XXH3_64bits_digest(&state_->hash); }

std::string to_hex(Digest digest) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest));
  return text;
}

}  // namespace hearsay
