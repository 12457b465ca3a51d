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

std::string to_hex(Digest digest) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest));
  return text;
}

}  // namespace hearsay
