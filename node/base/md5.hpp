#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hearsay {

/// The 16 bytes of an MD5 digest, in the order in which they are printed; compares as such.
using Md5Digest = std::array<std::uint8_t, 16>;

/// MD5 of the bytes of `text`. For orders and names that others compute by MD5 as well; to
/// tell our own bytes apart use digest.hpp. Nothing here withstands an adversary.
///
/// Our own since it is short and nothing else here needs a cryptographic library, which
/// takes several times as long per digest of a short text.
/// R. Rivest. The MD5 Message-Digest Algorithm. RFC 1321, 1992.
Md5Digest md5(std::string_view text);

}  // namespace hearsay
