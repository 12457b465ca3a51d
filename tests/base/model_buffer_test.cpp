#include "node/base/model_buffer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hearsay {
namespace {

std::vector<float> contents(const ModelBuffer& model) {
  return {model.values().begin(), model.values().end()};
}

TEST(ModelBuffer, StartsEmpty) {
  const ModelBuffer model;
  EXPECT_TRUE(model.empty());
  EXPECT_EQ(model.size(), 0U);
  EXPECT_TRUE(model.values().empty());
}

TEST(ModelBuffer, SizeCountsFloatsNotBytes) {
  EXPECT_EQ(ModelBuffer::uninitialized(7).size(), 7U);
  EXPECT_EQ(ModelBuffer::uninitialized(7).buffer().size(), 28U);
}

TEST(ModelBuffer, ZerosAreZero) {
  EXPECT_EQ(contents(ModelBuffer::zeros(5)), std::vector<float>(5, 0.0F));
}

TEST(ModelBuffer, WrapsTheBytesOfABuffer) {
  const std::vector<float> values = {1.5F, -2.0F};
  const ModelBuffer model(Buffer::copy_of(std::as_bytes(std::span(values))));
  EXPECT_EQ(contents(model), values);
}

TEST(ModelBufferDeathTest, RefusesBytesThatAreNotWholeFloats) {
  EXPECT_DEATH(ModelBuffer(Buffer::allocate(7)), "sizeof");
}

TEST(ModelBuffer, MakeWritableCopiesOnlyWhatIsShared) {
  ModelBuffer first = ModelBuffer::copy_of(std::vector<float>{1.0F, 2.0F});
  const float* const memory = first.values().data();
  first.make_writable();
  EXPECT_EQ(first.values().data(), memory);

  const ModelBuffer second = first;
  EXPECT_FALSE(first.is_writable());
  first.make_writable();
  ASSERT_TRUE(first.is_writable());
  first.writable()[0] = 9.0F;
  EXPECT_EQ(contents(first), (std::vector<float>{9.0F, 2.0F}));
  EXPECT_EQ(contents(second), (std::vector<float>{1.0F, 2.0F}));
}

TEST(ModelBuffer, DigestTellsValuesApartAndFollowsWrites) {
  ModelBuffer model = ModelBuffer::copy_of(std::vector<float>{1.0F, 2.0F});
  EXPECT_EQ(model.digest(), ModelBuffer::copy_of(std::vector<float>{1.0F, 2.0F}).digest());
  const Digest before = model.digest();
  model.writable()[1] = 2.0F + 0x1p-22F;
  EXPECT_NE(model.digest(), before);
}

}  // namespace
}  // namespace hearsay
