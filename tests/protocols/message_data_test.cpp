#include "node/protocols/message_data.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace hearsay {
namespace {

TEST(MessageData, BringsFieldsBack) {
  const Buffer data = pack(std::int32_t{7}, 0.5, std::vector<std::int32_t>{3, 1});
  std::int32_t count = 0;
  double weight = 0.0;
  std::vector<std::int32_t> list;
  ASSERT_TRUE(unpack(data, count, weight, list));
  EXPECT_EQ(count, 7);
  EXPECT_EQ(weight, 0.5);
  EXPECT_EQ(list, (std::vector<std::int32_t>{3, 1}));
}

TEST(MessageData, ANumberTakesItsOwnSize) { EXPECT_EQ(pack(1.0).size(), sizeof(double)); }

TEST(MessageData, NothingElseIsTaken) {
  const Buffer data = pack(std::int32_t{7}, std::vector<std::int32_t>{3, 1});
  std::int32_t count = 0;
  std::vector<std::int32_t> list;
  for (std::size_t size = 0; size < data.size(); ++size) {
    EXPECT_FALSE(unpack(Buffer::copy_of(data.bytes().first(size)), count, list)) << size;
  }
  EXPECT_FALSE(unpack(data, count)) << "there is more than was asked for";
  EXPECT_FALSE(unpack(Buffer(), count)) << "there is nothing";
}

TEST(MessageData, ACountThatLiesAllocatesNothing) {
  const Buffer data = pack(std::uint64_t{1} << 60, std::int32_t{1});
  std::vector<std::int32_t> list;
  EXPECT_FALSE(unpack(data, list));
  EXPECT_LT(list.capacity(), 100U);
}

}  // namespace
}  // namespace hearsay
