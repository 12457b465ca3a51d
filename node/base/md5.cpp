#include "node/base/md5.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace hearsay {
namespace {

static_assert(std::endian::native == std::endian::little, "words are copied as they lie");

constexpr std::size_t kBlockBytes = 64;
constexpr std::size_t kLengthBytes = 8;  // Of the text's length, which ends the last block.

using State = std::array<std::uint32_t, 4>;
using Block = std::array<std::uint32_t, kBlockBytes / sizeof(std::uint32_t)>;

// The integer part of 2^32 |sin(i)|, i = 1 .. 64 in radians.
constexpr std::array<std::uint32_t, 64> kSines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

// The words of a block in the order first, first + stride, ... modulo 16.
struct Order {
  std::size_t first;
  std::size_t stride;
};

// One of the four rounds of 16 steps.
template <std::size_t kRound, class Mix>
void run_round(State& state, const Block& block, Order order, const std::array<int, 4>& shifts,
               Mix mix) {
  auto [a, b, c, d] = state;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::uint32_t word = block[(order.first + order.stride * i) % 16];
    const std::uint32_t sum = a + mix(b, c, d) + word + kSines[16 * kRound + i];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, shifts[i % 4]);
  }
  state = {a, b, c, d};
}

void add_block(State& state, const char* bytes) {
  using Word = std::uint32_t;
  Block block;
  std::memcpy(block.data(), bytes, sizeof(block));
  State next = state;
  run_round<0>(next, block, {0, 1}, {7, 12, 17, 22},
               [](Word x, Word y, Word z) { return (x & y) | (~x & z); });
  run_round<1>(next, block, {1, 5}, {5, 9, 14, 20},
               [](Word x, Word y, Word z) { return (x & z) | (y & ~z); });
  run_round<2>(next, block, {5, 3}, {4, 11, 16, 23},
               [](Word x, Word y, Word z) { return x ^ y ^ z; });
  run_round<3>(next, block, {0, 7}, {6, 10, 15, 21},
               [](Word x, Word y, Word z) { return y ^ (x | ~z); });
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += next[i];
}

}  // namespace

Md5Digest md5(std::string_view text) {
  State state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::string_view rest = text;
  for (; rest.size() >= kBlockBytes; rest.remove_prefix(kBlockBytes)) {
    add_block(state, rest.data());
  }
  std::array<char, 2 * kBlockBytes> tail{};
  std::ranges::copy(rest, tail.begin());
  tail[rest.size()] = static_cast<char>(0x80);
  const std::size_t blocks = rest.size() + 1 + kLengthBytes <= kBlockBytes ? 1 : 2;
  const std::uint64_t bits = std::uint64_t{text.size()} * 8;
  std::memcpy(tail.data() + blocks * kBlockBytes - kLengthBytes, &bits, kLengthBytes);
  for (std::size_t i = 0; i < blocks; ++i) add_block(state, tail.data() + i * kBlockBytes);
  Md5Digest digest;
  std::memcpy(digest.data(), state.data(), digest.size());
  return digest;
}

}  // namespace hearsay
