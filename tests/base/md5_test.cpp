#include "node/base/md5.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hearsay {
namespace {

std::string hex_of(const Md5Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// RFC 1321, appendix A.5.
TEST(Md5, GivesTheTestSuiteOfItsRfc) {
  EXPECT_EQ(hex_of(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex_of(md5("a")), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(hex_of(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_of(md5("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(hex_of(md5("abcdefghijklmnopqrstuvwxyz")), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(hex_of(md5("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")),
            "d174ab98d277d9f5a5611c2c9f419d9f");
  EXPECT_EQ(hex_of(md5("1234567890123456789012345678901234567890"
                       "1234567890123456789012345678901234567890")),
            "57edf4a22be3c955ac49da2e2107b67a");
}

// From md5sum. 55 bytes are the most that one block takes with their length, 64 fill one.
TEST(Md5, PadsTextsThatFillABlock) {
  EXPECT_EQ(hex_of(md5(std::string(55, 'a'))), "ef1772b6dff9a122358552954ad0df65");
  EXPECT_EQ(hex_of(md5(std::string(56, 'a'))), "3b0c8ac703f828b04c6c197006d17218");
  EXPECT_EQ(hex_of(md5(std::string(63, 'a'))), "b06521f39153d618550606be297466d5");
  EXPECT_EQ(hex_of(md5(std::string(64, 'a'))), "014842d480b571495a4a0363793f7367");
  EXPECT_EQ(hex_of(md5(std::string(128, 'a'))), "e510683b3f5ffe4093d021808bc6ff70");
}

}  // namespace
}  // namespace hearsay
