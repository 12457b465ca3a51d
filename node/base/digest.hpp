#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hearsay {

/// 64-bit digests (XXH3) for bit-identity checks. Not a defence against an
/// adversary: two inputs with one digest can be constructed.
using Digest = std::uint64_t;

/// Digest of raw bytes; `seed` chains digests: digest_bytes(next, previous).
Digest digest_bytes(std::span<const std::byte> bytes, Digest seed = 0);

/// Digest of text.
Digest digest_text(std::string_view text, Digest seed = 0);

/// Extends a hash chain by one value: order matters.
Digest chain(Digest previous, std::uint64_t value);

/// The digest of bytes that come piece by piece: value() equals digest_bytes() of all
/// pieces joined.
class DigestStream {
 public:
  DigestStream();
  ~DigestStream();
  DigestStream(DigestStream&&) noexcept;
  DigestStream& operator=(DigestStream&&) noexcept;

  void add(std::span<const std::byte> bytes);
  Digest value() const;  ///< Of what was added so far.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 16 lower-case hexadecimal digits.
std::string to_hex(Digest digest);

}  // namespace hearsay
