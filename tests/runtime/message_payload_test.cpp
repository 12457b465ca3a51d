#include "node/runtime/message_payload.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hearsay {
namespace {

Buffer bytes_of(const std::string& text) { return Buffer::copy_of(std::as_bytes(std::span(text))); }

std::string text_of(const Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.bytes().data()), buffer.size()};
}

TEST(MessagePayload, BringsModelAndDataBack) {
  for (const std::string model : {"", "m", "a longer one"}) {
    for (const std::string data : {"", "d", "some more data"}) {
      const auto parts = split_payload(join_payload({bytes_of(model), bytes_of(data)}));
      ASSERT_TRUE(parts);
      EXPECT_EQ(text_of(parts->model), model);
      EXPECT_EQ(text_of(parts->data), data);
      EXPECT_EQ(parts->model.is_null(), model.empty());
    }
  }
}

TEST(MessagePayload, CostsFourBytesMore) {
  EXPECT_EQ(join_payload({bytes_of("model"), bytes_of("data")}).size(), 5U + 4U + 4U);
}

TEST(MessagePayload, SizesThatCannotBeAreRefused) {
  EXPECT_FALSE(split_payload(Buffer()));
  EXPECT_FALSE(split_payload(bytes_of("abc")));
  EXPECT_FALSE(split_payload(bytes_of(std::string("x\x02\0\0\0", 5)))) << "2 of 1 bytes";
  EXPECT_FALSE(split_payload(bytes_of("\xff\xff\xff\xff")));
}

}  // namespace
}  // namespace hearsay
