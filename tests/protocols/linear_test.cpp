#include "node/protocols/linear.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hearsay {
namespace {

ModelBuffer vector_of(std::vector<float> values) { return ModelBuffer::copy_of(values); }

std::vector<float> values_of(const ModelBuffer& model) {
  return {model.values().begin(), model.values().end()};
}

TEST(LinearCombination, WeighsEveryTerm) {
  const ModelBuffer x = vector_of({1, 2, 3});
  const ModelBuffer y = vector_of({10, 20, 40});
  EXPECT_EQ(values_of(combine({{2.0, &x}, {-0.5, &y}})), (std::vector<float>{-3, -6, -14}));
}

TEST(LinearCombination, KeepsWhatItIsGiven) {
  const ModelBuffer x = vector_of({1, 2});
  EXPECT_FALSE(combine({{1.0, &x}}).buffer().shares_with(x.buffer()));
  EXPECT_EQ(values_of(x), (std::vector<float>{1, 2}));
}

TEST(LinearCombination, SumsInDoublePrecision) {
  // In single precision 2^30 + 1 is 2^30.
  const ModelBuffer large = vector_of({1073741824.0F});
  const ModelBuffer one = vector_of({1.0F});
  EXPECT_EQ(values_of(combine({{1.0, &large}, {1.0, &one}, {-1.0, &large}})),
            (std::vector<float>{1}));
}

TEST(LinearCombination, ReachesTheEndOfLongVectors) {
  std::vector<float> values(2'500);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const ModelBuffer x = vector_of(values);
  for (float& value : values) value *= 3.0F;
  EXPECT_EQ(values_of(combine({{1.0, &x}, {2.0, &x}})), values);
}

}  // namespace
}  // namespace hearsay
